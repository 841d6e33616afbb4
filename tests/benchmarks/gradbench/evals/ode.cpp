#include "tests/benchmarks/gradbench/evals/ode.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// How many elements back a step looks: one for each of its four rates. So a part of y stands behind the four elements
/// before it. Before the first of all stand 0, 0, 0, 1 and before that of x zeros, so that it is nothing special: its
/// rate is x_0 times 1, and that of the 1 is 0.
constexpr std::size_t halo = 4;

/// Elements from number `first` on, and those before the last one.
variable<double> from(variable<double> x, std::size_t first)
{
    return slice(x, 0, first, x.size());
}
variable<double> before_last(variable<double> x)
{
    return slice(x, 0, 0, -1);
}

/// A part of y after a step of length h, given both with the elements before it: y + h / 6 (k1 + 2 k2 + 2 k3 + k4). An
/// element's rate is x times the y before it.
variable<double> step(variable<double> x, variable<double> y, double h)
{
    const auto k1 = from(x, 1) * before_last(y);
    const auto k2 = from(x, 2) * before_last(fma(k1, h / 2, from(y, 1)));
    const auto k3 = from(x, 3) * before_last(fma(k2, h / 2, from(y, 2)));
    const auto k4 = from(x, 4) * before_last(fma(k3, h, from(y, 3)));
    return fma(fma(from(k2, 2) + from(k3, 1), 2.0, from(k1, 3) + k4), h / 6, from(y, 4));
}

constexpr std::size_t block = 1024;

double step_length(const ode::input& in)
{
    return 2 / static_cast<double>(in.s);
}

using numbers = std::vector<double>;

/// Blocks of elements one after the other, each of which takes all steps: so it stays in the cache.
class walk
{
public:
    explicit walk(const ode::input& in)
        : m_steps(in.s), m_x(halo + in.x.size()), m_edges((in.x.size() / block + 2) * (in.s + 1) * halo)
    {
        std::copy(in.x.begin(), in.x.end(), m_x.begin() + halo);
        for (std::size_t k = 0; k <= in.s; ++k)
        {
            edge(0, k)[halo - 1] = 1;
        }
    }

    std::size_t size() const { return m_x.size() - halo; }
    /// Elements `first` - 4 to `last` - 1 of x.
    borrowed<double> x(std::size_t first, std::size_t last) const
    {
        return {m_x.data() + first, {last - first + halo}};
    }

    /// Takes all steps of a block, after that for the block before. `y` becomes the states that each step begins with,
    /// and last the one in the end, each with the elements before it.
    template <class Step>
    void take_steps(std::size_t first, std::size_t last, Step step, numbers& y)
    {
        const std::size_t length = last - first + halo, b = first / block;
        y.resize(length * (m_steps + 1));
        std::fill_n(y.begin(), length, 0.0);
        for (std::size_t k = 0; k <= m_steps; ++k)
        {
            double* const now = y.data() + k * length;
            std::copy_n(edge(b, k), halo, now);
            if (k > 0)
            {
                step(x(first, last), borrowed<double>(now - length, {length}), now + halo);
            }
            std::copy_n(now + length - halo, halo, edge(b + 1, k));
        }
    }

private:
    /// The four elements before block b, as step k begins.
    double* edge(std::size_t b, std::size_t k) { return m_edges.data() + (b * (m_steps + 1) + k) * halo; }

    std::size_t m_steps;
    numbers m_x;
    numbers m_edges;
};

/// y in the end. `step(x, y, to)` takes a step of a part.
template <class Step>
void solve(const ode::input& in, Step step, array& out)
{
    walk all(in);
    numbers y;
    out.resize(in.x.shape());
    for_each_block(in.x.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       all.take_steps(first, last, step, y);
                       std::copy_n(y.end() - static_cast<std::ptrdiff_t>(last - first), last - first,
                                   out.data() + first);
                   });
}

/// The slopes of the last element of y in the end by x. `step_back(x, y, bar, x_bar, y_bar)` takes a step back: from
/// cotangents of a part of y after it to those before, and adds to those of x. Blocks are gone through from the last to
/// the first; each takes its steps again.
template <class Step, class StepBack>
void solve_back(const ode::input& in, Step step, StepBack step_back, array& out)
{
    walk all(in);
    numbers y, x_bar(halo + all.size()), edges((in.s + 1) * halo), bar(block + halo), before(block + halo);
    std::vector<std::size_t> starts;
    for_each_block(all.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       starts.push_back(first);
                       if (last < all.size())
                       {
                           all.take_steps(first, last, step, y);
                       }
                   });
    for (std::size_t last = all.size(); !starts.empty(); last = starts.back(), starts.pop_back())
    {
        const std::size_t first = starts.back(), length = last - first + halo;
        all.take_steps(first, last, step, y);
        std::fill(bar.begin(), bar.end(), 0.0);
        bar[length - 1] = last == all.size() ? 1.0 : 0.0;
        for (std::size_t k = in.s;; --k)
        {
            // What the block behind makes of the last four elements; what this one makes of the four before it.
            double* const edge = edges.data() + k * halo;
            if (last < all.size())
            {
                double* const bar_of_last = bar.data() + length - halo;
                std::transform(edge, edge + halo, bar_of_last, bar_of_last, std::plus());
            }
            std::copy_n(bar.begin(), halo, edge);
            if (k == 0)
            {
                break;
            }
            step_back(all.x(first, last), borrowed<double>(y.data() + (k - 1) * length, {length}),
                      borrowed<double>(bar.data() + halo, {length - halo}), x_bar.data() + first, before.data());
            std::swap(bar, before);
        }
    }
    out.resize(in.x.shape());
    std::copy(x_bar.begin() + halo, x_bar.end(), out.begin());
}

/// Adds what a part of an array is to get.
void add(variable<double> what, double* to)
{
    std::transform(what.data(), what.data() + what.size(), to, to, std::plus());
}

auto by_recording(tape<double>& tape, double h)
{
    return [&tape, h](const borrowed<double>& x, const borrowed<double>& y, double* to)
    {
        tape.clear();
        const auto next = step(tape.constant(x), tape.constant(y), h);
        std::copy_n(next.data(), next.size(), to);
    };
}

} // namespace

array ode::primal(tape<double>& tape, const input& in)
{
    array y;
    solve(in, by_recording(tape, step_length(in)), y);
    return y;
}

array ode::gradient(tape<double>& tape, const input& in)
{
    const double h = step_length(in);
    const auto step_back = [&](const borrowed<double>& x_given, const borrowed<double>& y_given,
                               const borrowed<double>& bar, double* x_bar, double* y_bar)
    {
        tape.clear();
        const auto x = tape.variable(x_given), y = tape.variable(y_given);
        const auto [by_x, by_y] = vjp(step(x, y, h), {x, y}, tape.constant(bar));
        add(by_x, x_bar);
        std::copy_n(by_y.data(), by_y.size(), y_bar);
    };
    array x_bar;
    solve_back(in, by_recording(tape, h), step_back, x_bar);
    return x_bar;
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// A step as a program, for each length of a block.
runner_of_blocks compile_step(const ode::input& like)
{
    const auto compile_for = [h = step_length(like)](std::size_t count)
    {
        const placeholder<double> part{count + halo};
        return compile([h](auto x, auto y) { return step(x, y, h); }, part, part).program();
    };
    return {like.x.size(), block, compile_for};
}

auto by_running(runner_of_blocks& next)
{
    return [&](const borrowed<double>& x, const borrowed<double>& y, double* to)
    {
        const std::size_t count = y.shape[0] - halo;
        next[count]({x, y}, {{to, {count}}});
    };
}

} // namespace

compiled<ode::input, array> ode::compile_primal(const input& like)
{
    return [next = compile_step(like)](const input& in, array& out) mutable { solve(in, by_running(next), out); };
}

compiled<ode::input, array> ode::compile_gradient(const input& like)
{
    const auto compile_back_for = [h = step_length(like)](std::size_t count)
    {
        const auto back = [h](auto x_bar, auto x, auto y, auto bar)
        {
            const auto [by_x, by_y] = vjp(step(x, y, h), {x, y}, bar);
            return std::pair(x_bar + by_x, by_y);
        };
        const placeholder<double> part{count + halo};
        return compile({.replaces = {{0, 0}}}, back, part, part, part, placeholder<double>{count}).program();
    };
    return [next = compile_step(like),
            back = runner_of_blocks(like.x.size(), block, compile_back_for)](const input& in, array& out) mutable
    {
        const auto step_back = [&](const borrowed<double>& x, const borrowed<double>& y, const borrowed<double>& bar,
                                   double* x_bar, double* y_bar) {
            back[bar.shape[0]]({borrowed<double>(x_bar, x.shape), x, y, bar}, {{x_bar, x.shape}, {y_bar, y.shape}});
        };
        solve_back(in, by_running(next), step_back, out);
    };
}

} // namespace gradbench
