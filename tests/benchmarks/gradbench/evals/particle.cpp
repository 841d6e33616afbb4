#include "tests/benchmarks/gradbench/evals/particle.hpp"

#include "tests/benchmarks/gradbench/evals/descent.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <vector>

namespace gradbench
{

using namespace autograd;

namespace
{

constexpr double h = 0.1;
constexpr int most_steps = 10000;

[[noreturn]] void refuse()
{
    throw std::runtime_error(
        fmt::format("particle: after {} steps the particle has not come down; try another w", most_steps));
}

variable<double> charges_at(variable<double> w)
{
    return array{{10.0, 10.0}, {10.0, 0.0}} - array{{0.0, 1.0}, {0.0, 0.0}} * w;
}

/// v after a step from x: what drives the particle is minus the slope of the potential.
variable<double> faster(mode inner, variable<double> x, variable<double> v, variable<double> charges)
{
    return fma(slope(inner, sum(rsqrt(norm_sq(x - charges, 1))), x), -h, v);
}

/// The square of where the particle comes down, which with this step is below the ground.
variable<double> landing(variable<double> x, variable<double> v)
{
    const auto next = fma(v, h, x);
    return square(view(next, 0) - view(next, 1) / view(v, 1) * view(v, 0));
}

/// The square of where the particle comes down. It moves by steps of Euler's method.
variable<double> squared_distance(mode inner, variable<double> w)
{
    tape<double>& tape = w.tape();
    const auto charges = charges_at(w);
    auto x = tape.variable(array{0.0, 8.0}), v = tape.variable(array{0.75, 0.0});
    for (int step = 0; step < most_steps; ++step)
    {
        const auto next = fma(v, h, x);
        if (next.value()(1) <= 0)
        {
            return landing(x, v);
        }
        v = faster(inner, x, v, charges);
        x = next;
    }
    refuse();
}

double best(tape<double>& tape, mode outer, mode inner, double start)
{
    const auto distance = [&](const array& at)
    {
        tape.clear();
        const auto w = tape.variable(at);
        const auto value = squared_distance(inner, w);
        return std::pair(value.item(), [=] { return array(slope(outer, value, w).value()); });
    };
    return descend(distance, array(start))();
}

} // namespace

double particle::rr(tape<double>& tape, const input& in)
{
    return best(tape, mode::reverse, mode::reverse, in.w);
}
double particle::rf(tape<double>& tape, const input& in)
{
    return best(tape, mode::reverse, mode::forward, in.w);
}
double particle::fr(tape<double>& tape, const input& in)
{
    return best(tape, mode::forward, mode::reverse, in.w);
}
double particle::ff(tape<double>& tape, const input& in)
{
    return best(tape, mode::forward, mode::forward, in.w);
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

struct state
{
    pair x, v;
};

/// The slope of the squared distance by w, from the landing to the start.
class slope_in_reverse
{
public:
    explicit slope_in_reverse(mode inner)
        : m_landing(compile([](auto x, auto v) { return gradient(landing(x, v), std::tuple(x, v)); }, a_pair, a_pair)
                        .program()),
          m_back(compile(
                     {.replaces = {{0, 0}, {1, 1}, {2, 2}}},
                     [inner](auto w_bar, auto x_bar, auto v_bar, auto w, auto x, auto v)
                     {
                         const auto after = sum(x_bar * fma(v, h, x)) + sum(v_bar * faster(inner, x, v, charges_at(w)));
                         const auto [by_w, by_x, by_v] = gradient(after, std::tuple(w, x, v));
                         return std::tuple(w_bar + by_w, by_x, by_v);
                     },
                     a_number, a_pair, a_pair, a_number, a_pair, a_pair)
                     .program())
    {
    }

    double operator()(double w, const std::vector<state>& flight)
    {
        m_w = w;
        m_w_bar = 0;
        m_landing({lent(flight.back().x), lent(flight.back().v)}, {place(m_bar.x), place(m_bar.v)});
        for (auto at = flight.rbegin() + 1; at != flight.rend(); ++at)
        {
            m_back({lent(m_w_bar), lent(m_bar.x), lent(m_bar.v), lent(m_w), lent(at->x), lent(at->v)},
                   {place(m_w_bar), place(m_bar.x), place(m_bar.v)});
        }
        return m_w_bar;
    }

private:
    runner m_landing, m_back;
    state m_bar;
    double m_w = 0, m_w_bar = 0;
};

/// The same from the start to the landing.
class slope_ahead
{
public:
    explicit slope_ahead(mode inner)
        : m_ahead(compile(
                      {.replaces = {{0, 0}, {1, 1}}},
                      [inner](auto x_dot, auto v_dot, auto w, auto x, auto v)
                      {
                          const auto one = ones_like(w);
                          const auto next = faster(inner, x, v, charges_at(w));
                          return std::pair(x_dot + h * v_dot, jvp(next, {w, x, v}, {one, x_dot, v_dot}));
                      },
                      a_pair, a_pair, a_number, a_pair, a_pair)
                      .program()),
          m_landing(compile(
                        [](auto x_dot, auto v_dot, auto x, auto v) {
                            return jvp(landing(x, v), {x, v}, {x_dot, v_dot});
                        },
                        a_pair, a_pair, a_pair, a_pair)
                        .program())
    {
    }

    double operator()(double w, const std::vector<state>& flight)
    {
        m_w = w;
        m_dot.x.fill(0);
        m_dot.v.fill(0);
        for (auto at = flight.begin(); at + 1 != flight.end(); ++at)
        {
            m_ahead({lent(m_dot.x), lent(m_dot.v), lent(m_w), lent(at->x), lent(at->v)},
                    {place(m_dot.x), place(m_dot.v)});
        }
        double result = 0;
        m_landing({lent(m_dot.x), lent(m_dot.v), lent(flight.back().x), lent(flight.back().v)}, {place(result)});
        return result;
    }

private:
    runner m_ahead, m_landing;
    state m_dot;
    double m_w = 0;
};

/// A flight: what each step begins with. The last one ends below the ground.
class flying
{
public:
    explicit flying(mode inner)
        : m_step(compile([inner](auto w, auto x, auto v)
                         { return std::pair(fma(v, h, x), faster(inner, x, v, charges_at(w))); },
                         a_number, a_pair, a_pair)
                     .program())
    {
    }

    void operator()(double w, std::vector<state>& flight)
    {
        m_w = w;
        flight.assign(1, {{0.0, 8.0}, {0.75, 0.0}});
        for (int step = 0; step < most_steps; ++step)
        {
            m_now = flight.back();
            m_step({lent(m_w), lent(m_now.x), lent(m_now.v)}, {place(m_next.x), place(m_next.v)});
            if (m_next.x(1) <= 0)
            {
                return;
            }
            flight.push_back(m_next);
        }
        refuse();
    }

private:
    runner m_step;
    double m_w = 0;
    state m_now, m_next; // in the same places each time, so that the program knows them
};

template <class Slope>
compiled<particle::input, double> compile_particle(mode inner)
{
    return [fly = flying(inner), landed = runner(compile(landing, a_pair, a_pair).program()), outer = Slope(inner),
            flight = std::vector<state>()](const particle::input& in, double& out) mutable
    {
        const auto distance = [&](const array& w)
        {
            fly(w(), flight);
            double value = 0;
            landed({lent(flight.back().x), lent(flight.back().v)}, {place(value)});
            return std::pair(value,
                             [&, at = w()] { return array(outer(at, flight)); }); // before the next flight, if so
        };
        out = descend(distance, array(in.w))();
    };
}

} // namespace

compiled<particle::input, double> particle::compile_rr(const input&)
{
    return compile_particle<slope_in_reverse>(mode::reverse);
}
compiled<particle::input, double> particle::compile_rf(const input&)
{
    return compile_particle<slope_in_reverse>(mode::forward);
}
compiled<particle::input, double> particle::compile_fr(const input&)
{
    return compile_particle<slope_ahead>(mode::reverse);
}
compiled<particle::input, double> particle::compile_ff(const input&)
{
    return compile_particle<slope_ahead>(mode::forward);
}

} // namespace gradbench
