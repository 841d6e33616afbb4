#include "tests/benchmarks/gradbench/evals/saddle.hpp"

#include "tests/benchmarks/gradbench/evals/descent.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

variable<double> f(variable<double> x, variable<double> y)
{
    return norm_sq(x) - norm_sq(y);
}

/// The y with the greatest f(x, y), found from `start` by steps that are recorded.
variable<double> argmax(mode inner, variable<double> x, variable<double> start)
{
    const auto minus_f = [=](variable<double> y)
    {
        const auto value = -f(x, y);
        return std::pair(value.item(), [=] { return slope(inner, value, y); });
    };
    return descend(minus_f, start);
}

array saddle_point(tape<double>& tape, mode outer, mode inner, const array& start)
{
    const auto greatest = [&](const array& at)
    {
        tape.clear();
        const auto x = tape.variable(at);
        const auto value = f(x, argmax(inner, x, tape.variable(start)));
        return std::pair(value.item(), [=] { return array(slope(outer, value, x).value()); });
    };
    const array least = descend(greatest, start);
    tape.clear();
    const auto x = tape.constant(least);
    return concatenate({x, argmax(inner, x, tape.variable(start))}).value();
}

} // namespace

array saddle::rr(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::reverse, mode::reverse, in.start);
}
array saddle::rf(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::reverse, mode::forward, in.start);
}
array saddle::fr(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::forward, mode::reverse, in.start);
}
array saddle::ff(tape<double>& tape, const input& in)
{
    return saddle_point(tape, mode::forward, mode::forward, in.start);
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// A step of the inner descent: from where, and how far along the slope.
struct taken
{
    pair from;
    double eta;
};

/// Where a step leads to. For this f the steps by y depend on y alone, so slopes of it by x are zeros that are asked
/// for.
variable<double> after_step(mode inner, variable<double> x, variable<double> y, variable<double> eta)
{
    return y - eta * slope(inner, -f(x, y), y);
}

/// The slope of the maximum over y by x, from the last step to the first.
class slope_in_reverse
{
public:
    explicit slope_in_reverse(mode inner)
        : m_end(compile([](auto x, auto y) { return gradient(f(x, y), std::tuple(x, y)); }, a_pair, a_pair).program()),
          m_back(compile(
                     {.replaces = {{0, 0}, {1, 1}}},
                     [inner](auto x_bar, auto y_bar, auto x, auto y, auto eta)
                     {
                         const auto [by_x, by_y] = vjp(after_step(inner, x, y, eta), {x, y}, y_bar, unconnected::zero);
                         return std::pair(x_bar + by_x, by_y);
                     },
                     a_pair, a_pair, a_pair, a_pair, a_number)
                     .program())
    {
    }

    pair operator()(const pair& x, const pair& y, const std::vector<taken>& steps)
    {
        m_end({lent(x), lent(y)}, {place(m_x_bar), place(m_y_bar)});
        for (auto step = steps.rbegin(); step != steps.rend(); ++step)
        {
            m_back({lent(m_x_bar), lent(m_y_bar), lent(x), lent(step->from), lent(step->eta)},
                   {place(m_x_bar), place(m_y_bar)});
        }
        return m_x_bar;
    }

private:
    runner m_end, m_back;
    pair m_x_bar, m_y_bar;
};

/// The same along both directions of x, from the first step to the last.
class slope_ahead
{
public:
    explicit slope_ahead(mode inner)
        : m_ahead(compile(
                      {.replaces = {{0, 0}}},
                      [inner](auto y_dot, auto x_dot, auto x, auto y, auto eta) {
                          return jvp(after_step(inner, x, y, eta), {x, y}, {x_dot, y_dot}, unconnected::zero);
                      },
                      a_pair, a_pair, a_pair, a_pair, a_number)
                      .program()),
          m_end(compile(
                    [](auto y_dot, auto x_dot, auto x, auto y) {
                        return jvp(f(x, y), {x, y}, {x_dot, y_dot});
                    },
                    a_pair, a_pair, a_pair, a_pair)
                    .program())
    {
    }

    pair operator()(const pair& x, const pair& y, const std::vector<taken>& steps)
    {
        pair result;
        for (std::size_t direction = 0; direction < 2; ++direction)
        {
            m_x_dot.fill(0);
            m_x_dot(direction) = 1;
            m_y_dot.fill(0);
            for (const taken& step : steps)
            {
                m_ahead({lent(m_y_dot), lent(m_x_dot), lent(x), lent(step.from), lent(step.eta)}, {place(m_y_dot)});
            }
            m_end({lent(m_y_dot), lent(m_x_dot), lent(x), lent(y)}, {place(result(direction))});
        }
        return result;
    }

private:
    runner m_ahead, m_end;
    pair m_x_dot, m_y_dot;
};

/// The y with the greatest f(x, y), and the steps to it.
class search
{
public:
    explicit search(mode inner)
        : m_evaluate(compile(
                         [inner](auto x, auto y)
                         {
                             const auto value = -f(x, y);
                             return std::pair(value, slope(inner, value, y));
                         },
                         a_pair, a_pair)
                         .program())
    {
    }

    pair operator()(const pair& x, const pair& start, std::vector<taken>& steps)
    {
        const auto minus_f = [&](const pair& y)
        {
            m_x = x;
            m_y = y;
            m_evaluate({lent(m_x), lent(m_y)}, {place(m_value), place(m_slope)});
            return std::pair(m_value, [slope = m_slope] { return slope; });
        };
        steps.clear();
        return descend(minus_f, start, [&](const pair& y, double eta) { steps.push_back({y, eta}); });
    }

private:
    runner m_evaluate;
    pair m_x, m_y, m_slope; // in the same places each time, so that the program knows them
    double m_value = 0;
};

template <class Slope>
compiled<saddle::input, array> compile_saddle(mode inner)
{
    return [argmax = search(inner), evaluate = runner(compile(f, a_pair, a_pair).program()), outer = Slope(inner),
            steps = std::vector<taken>()](const saddle::input& in, array& out) mutable
    {
        const pair start = in.start;
        const auto greatest = [&](const pair& x)
        {
            const pair y = argmax(x, start, steps);
            double value = 0;
            evaluate({lent(x), lent(y)}, {place(value)});
            return std::pair(value, [&, x, y] { return outer(x, y, steps); }); // called before the next search, if so
        };
        const pair x = descend(greatest, start), y = argmax(x, start, steps);
        out = {x(0), x(1), y(0), y(1)};
    };
}

} // namespace

compiled<saddle::input, array> saddle::compile_rr(const input&)
{
    return compile_saddle<slope_in_reverse>(mode::reverse);
}
compiled<saddle::input, array> saddle::compile_rf(const input&)
{
    return compile_saddle<slope_in_reverse>(mode::forward);
}
compiled<saddle::input, array> saddle::compile_fr(const input&)
{
    return compile_saddle<slope_ahead>(mode::reverse);
}
compiled<saddle::input, array> saddle::compile_ff(const input&)
{
    return compile_saddle<slope_ahead>(mode::forward);
}

} // namespace gradbench
