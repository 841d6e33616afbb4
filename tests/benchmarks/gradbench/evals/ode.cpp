#include "tests/benchmarks/gradbench/evals/ode.hpp"

#include "autograd/autograd.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/runner.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

namespace gradbench
{

using namespace autograd;

namespace
{

// A step makes y + h / 6 (k1 + 2 k2 + 2 k3 + k4) of y, in four stages. The rate k of an element is its x times what the
// stage before made of the element before it. So a stage reads arrays from one element back on, and no element of it
// needs another one of the same stage: all are done side by side, in blocks that stay in the cache.

enum part
{
    half_stage, ///< those that go by h / 2
    whole_stage,
    last_stage,
    half_stage_back, ///< their derivatives
    whole_stage_back,
    last_stage_back
};

using variables = std::vector<variable<double>>;

/// How many arrays a part changes, and how many it reads beside them.
struct counts
{
    std::size_t changed, read;
};
constexpr std::array<counts, 6> counts_of{{{0, 3}, {0, 3}, {0, 6}, {3, 4}, {3, 4}, {2, 7}}};

/// What a part changes, and what it makes anew.
using results = std::pair<variables, variables>;

/// y + h times the rate, given x, y, and the stage before one element back.
variable<double> after(variable<double> x, variable<double> y, variable<double> back, double h)
{
    return fma(x * back, h, y);
}

/// Of x_bar, y_bar and back_bar, given x, y, back and the cotangents of what that makes.
results after_back(const variables& bars, const variables& in, double h)
{
    const auto [by_x, by_y, by_back] = vjp(after(in[0], in[1], in[2], h), {in[0], in[1], in[2]}, in[3]);
    return {{bars[0] + by_x, bars[1] + by_y, bars[2] + by_back}, {}};
}

/// y after a step, given x, y, and all stages one element back.
variable<double> after_step(const variables& in, double h)
{
    const auto &x = in[0], &y = in[1];
    const auto k1 = x * in[2], k2 = x * in[3], k3 = x * in[4], k4 = x * in[5];
    return fma(fma(k2 + k3, 2.0, k1 + k4), h / 6, y);
}

/// Of x_bar and y_bar, given the same, and last what y was to the elements behind; cotangents of the stages are new.
results after_step_back(const variables& bars, const variables& in, double h)
{
    const variables of(in.begin(), in.end() - 1);
    variables by = vjp(after_step(of, h), of, bars[1] + in.back());
    const variable<double> x_bar = bars[0] + by[0], y_bar = by[1];
    by.erase(by.begin(), by.begin() + 2);
    return {{x_bar, y_bar}, by};
}

results evaluate(part what, const variables& changed, const variables& in, double h)
{
    switch (what)
    {
    case half_stage:
        return {{}, {after(in[0], in[1], in[2], h / 2)}};
    case whole_stage:
        return {{}, {after(in[0], in[1], in[2], h)}};
    case last_stage:
        return {{}, {after_step(in, h)}};
    case half_stage_back:
        return after_back(changed, in, h / 2);
    case whole_stage_back:
        return after_back(changed, in, h);
    default:
        return after_step_back(changed, in, h);
    }
}

constexpr std::size_t block = 1024;

double step_length(const ode::input& in)
{
    return 2 / static_cast<double>(in.s);
}

using numbers = std::vector<double>;
using places = std::initializer_list<double*>;
using sources = std::initializer_list<const double*>;

/// What each stage of each step begins with, of one block, and of each the element before it. It is the last one of the
/// block before, or 1 before the first of all, whose rate is 0.
class history
{
public:
    explicit history(const ode::input& in)
        : m_in(in), m_elements((4 * in.s + 1) * (block + 1)), m_edges((in.x.size() / block + 2) * (4 * in.s + 1), 1.0)
    {
    }

    /// Stage 0 is the step's own y. From the element before the block on.
    double* at(std::size_t step, std::size_t stage) { return m_elements.data() + (4 * step + stage) * (block + 1); }
    const double* x() const { return m_in.x.data() + m_first; }

    /// Takes all steps of a block, after that for the block before. `go(part, changed, read, made, count)` does a part.
    template <class Go>
    void take_steps(std::size_t first, std::size_t last, Go go)
    {
        m_first = first;
        const std::size_t count = last - first, stages = 4 * m_in.s + 1;
        double* const edges = m_edges.data() + first / block * stages;
        for (std::size_t k = 0; k < stages; ++k)
        {
            *at(0, k) = edges[k]; // stages of all steps, one after the other
        }
        std::fill_n(at(0, 0) + 1, count, 0.0);
        for (std::size_t k = 0; k < m_in.s; ++k)
        {
            double* const y = at(k, 0);
            double *const y1 = at(k, 1), *const y2 = at(k, 2), *const y3 = at(k, 3);
            go(half_stage, {}, {x(), y + 1, y}, {y1 + 1}, count);
            go(half_stage, {}, {x(), y + 1, y1}, {y2 + 1}, count);
            go(whole_stage, {}, {x(), y + 1, y2}, {y3 + 1}, count);
            go(last_stage, {}, {x(), y + 1, y, y1, y2, y3}, {at(k + 1, 0) + 1}, count);
        }
        for (std::size_t k = 0; k < stages; ++k)
        {
            edges[stages + k] = at(0, k)[count];
        }
    }

private:
    const ode::input& m_in;
    std::size_t m_first = 0;
    numbers m_elements;
    numbers m_edges; ///< of all blocks
};

/// y in the end.
template <class Go>
void solve(const ode::input& in, Go go, array& out)
{
    history of(in);
    out.resize(in.x.shape());
    for_each_block(in.x.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       of.take_steps(first, last, go);
                       std::copy_n(of.at(in.s, 0) + 1, last - first, out.data() + first);
                   });
}

/// The slopes of the last element of y in the end by x. Blocks are gone through from the last to the first; each takes
/// its steps again. What a stage is to the first element of a block goes to the block before, by `edges`.
template <class Go>
void solve_back(const ode::input& in, Go go, array& x_bar)
{
    history of(in);
    x_bar = xt::zeros_like(in.x);
    std::vector<std::size_t> starts;
    for_each_block(in.x.size(), block,
                   [&](std::size_t first, std::size_t last)
                   {
                       of.take_steps(first, last, go);
                       starts.push_back(first);
                   });
    numbers y_bar(block), edges(4 * in.s);
    std::array<numbers, 5> bars; // of four stages, from the element before the block on; of the first, old and new
    bars.fill(numbers(block + 1));
    auto& [bar0, bar1, bar2, bar3, old_bar0] = bars;
    for (std::size_t last = in.x.size(); !starts.empty(); last = starts.back(), starts.pop_back())
    {
        const std::size_t first = starts.back(), count = last - first;
        if (last < in.x.size())
        {
            of.take_steps(first, last, go);
        }
        std::fill(y_bar.begin(), y_bar.end(), 0.0);
        y_bar[count - 1] = last == in.x.size() ? 1 : 0;
        std::fill(bar0.begin(), bar0.end(), 0.0);
        for (std::size_t k = in.s; k-- > 0;)
        {
            std::swap(bar0, old_bar0);
            const double *const y = of.at(k, 0), *const y1 = of.at(k, 1), *const y2 = of.at(k, 2), *const x = of.x();
            double *const by_x = x_bar.data() + first, *const by_y = y_bar.data();
            const auto exchange = [&, k](numbers& bar, std::size_t stage)
            { bar[count] = std::exchange(edges[4 * k + stage], bar[0]); };
            go(last_stage_back, {by_x, by_y}, {x, y + 1, y, y1, y2, of.at(k, 3), old_bar0.data() + 1},
               {bar0.data(), bar1.data(), bar2.data(), bar3.data()}, count);
            exchange(bar3, 3);
            go(whole_stage_back, {by_x, by_y, bar2.data()}, {x, y + 1, y2, bar3.data() + 1}, {}, count);
            exchange(bar2, 2);
            go(half_stage_back, {by_x, by_y, bar1.data()}, {x, y + 1, y1, bar2.data() + 1}, {}, count);
            exchange(bar1, 1);
            go(half_stage_back, {by_x, by_y, bar0.data()}, {x, y + 1, y, bar1.data() + 1}, {}, count);
            exchange(bar0, 0);
        }
    }
}

auto by_recording(tape<double>& tape, double h)
{
    return [&tape, h](part what, places changed, sources read, places made, std::size_t count)
    {
        tape.clear();
        const auto recorded = [&](auto list)
        {
            variables result;
            for (const double* const from : list)
            {
                result.push_back(tape.variable(borrowed<double>(from, {count})));
            }
            return result;
        };
        const auto write = [&](const variables& from, places to)
        {
            for (std::size_t k = 0; k < from.size(); ++k)
            {
                std::copy_n(from[k].data(), count, to.begin()[k]);
            }
        };
        const auto [changed_then, made_then] = evaluate(what, recorded(changed), recorded(read), h);
        write(changed_then, changed);
        write(made_then, made);
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
    array x_bar;
    solve_back(in, by_recording(tape, step_length(in)), x_bar);
    return x_bar;
}

// --------------------------------------------------------------------------------------------------------- as programs

namespace
{

/// Parts as programs, for each length of a block.
std::vector<runner_of_blocks> compile_parts(const ode::input& like, std::initializer_list<part> parts)
{
    std::vector<runner_of_blocks> result;
    for (const part what : parts)
    {
        const auto f = [what, h = step_length(like)](const variables& changed, const variables& read)
        { return evaluate(what, changed, read, h); };
        const auto compile_for = [&](std::size_t count)
        {
            using placeholders = std::vector<placeholder<double>>;
            const placeholder<double> one{count};
            return compile({.replaces = {{0, 0}}}, f, placeholders(counts_of[what].changed, one),
                           placeholders(counts_of[what].read, one))
                .program();
        };
        result.emplace_back(like.x.size(), block, compile_for);
    }
    return result;
}

/// By those programs, one for each part.
auto by_running(std::vector<runner_of_blocks>& programs)
{
    return [&programs, in = std::vector<input_array<double>>(), out = std::vector<output_array<double>>()](
               part what, places changed, sources read, places made, std::size_t count) mutable
    {
        in.clear();
        out.clear();
        for (double* const each : changed)
        {
            in.push_back(borrowed<double>(each, {count}));
            out.emplace_back(each, shape_vector{count});
        }
        for (const double* const each : read)
        {
            in.push_back(borrowed<double>(each, {count}));
        }
        for (double* const each : made)
        {
            out.emplace_back(each, shape_vector{count});
        }
        programs[what][count](in, out);
    };
}

} // namespace

compiled<ode::input, array> ode::compile_primal(const input& like)
{
    return [programs = compile_parts(like, {half_stage, whole_stage, last_stage})](const input& in, array& out) mutable
    { solve(in, by_running(programs), out); };
}

compiled<ode::input, array> ode::compile_gradient(const input& like)
{
    return [programs = compile_parts(like, {half_stage, whole_stage, last_stage, half_stage_back, whole_stage_back,
                                            last_stage_back})](const input& in, array& out) mutable
    { solve_back(in, by_running(programs), out); };
}

} // namespace gradbench
