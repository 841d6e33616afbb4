// Tall arrays that are stored transposed: what is, and that it computes what was recorded, of networks and of random
// programs.

#include "compile/choices.hpp"
#include "compile/trial.hpp"
#include "support.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/decode.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/compile/show.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>

namespace
{

using namespace support;
using autograd::handle;
using autograd::program;
using random_programs::choices;
using laid_out = std::vector<autograd::detail::transposed_arrays>;

constexpr double infinite = std::numeric_limits<double>::infinity();

template <class T = double>
autograd::array<T> numbers(std::initializer_list<std::size_t> shape, double seed = 0.1)
{
    auto x = autograd::array<T>::from_shape(std::vector<std::size_t>(shape));
    double last = seed;
    for (T& each : x)
    {
        last = std::fmod(last + 0.6180339887498949, 1.0);
        each = static_cast<T>(2 * last - 1);
    }
    return x;
}

xt::xarray<std::int64_t> some_labels(std::size_t count, std::size_t classes)
{
    auto labels = xt::xarray<std::int64_t>::from_shape({count});
    for (std::size_t i = 0; i < count; ++i)
    {
        labels(i) = static_cast<std::int64_t>((7 * i + i / 3) % classes);
    }
    return labels;
}

struct recording
{
    std::vector<handle<double>> inputs;
    std::vector<handle<double>> outputs;
};

/// A run of the program of a recording, and whether it has the values of that.
struct outcome
{
    laid_out arrays;
    std::size_t transpositions = 0; ///< that a run does, its first one aside
    std::string fault;
};

outcome run(tape& on, const recording& of, const autograd::program_options& how = {}, double bound = 1e-12)
{
    const program<double> f = autograd::compile<double>(of.inputs, of.outputs, how);
    autograd::detail::verify(f.what());
    outcome result{f.what().laid_out, 0, ""};
    const auto& what = f.what();
    for (std::size_t g = what.prologue_groups; g < what.groups.size(); ++g)
    {
        for (std::uint32_t s = what.groups[g].first; s < what.groups[g].end; ++s)
        {
            const auto& y = what.values[what.steps[s].value];
            result.transpositions += y.origin == autograd::detail::value_origin::computed &&
                                     y.op == &autograd::description<autograd::transpose_rule, double>::instance;
        }
    }
    auto memory = f.make_workspace();
    auto whole = trials::excerpt_of<double>(of.inputs, of.outputs);
    for (const autograd::replacement& each : how.replaces)
    {
        whole.replaces.emplace_back(each.output, each.input);
    }
    result.fault = trials::fault_of<double>(f, memory, whole, on, {&on, "", bound});
    return result;
}

/// The bits of all outputs.
std::vector<std::vector<double>> results_of(const program<double>& f, tape& on, const recording& of)
{
    std::vector<autograd::input_array<double>> inputs;
    for (const handle<double>& x : of.inputs)
    {
        const autograd::shape_vector shape(x.shape());
        const void* const data = on.dense(x.index());
        if (on[x.index()].op->element == autograd::element_kind::real)
        {
            inputs.emplace_back(autograd::borrowed<double>(static_cast<const double*>(data), shape));
        }
        else
        {
            inputs.emplace_back(autograd::borrowed<std::int64_t>(static_cast<const std::int64_t*>(data), shape));
        }
    }
    std::vector<std::vector<double>> results;
    std::vector<autograd::output_array<double>> outputs;
    results.reserve(of.outputs.size());
    for (const handle<double>& y : of.outputs)
    {
        results.emplace_back(y.size());
        outputs.emplace_back(results.back().data(), autograd::shape_vector(y.shape()));
    }
    auto memory = f.make_workspace();
    f.run(inputs, outputs, memory);
    return results;
}

/// Whether a program has the same bits by steps one after the other and in loops, at any size of tiles. Counts the
/// steps of planes in loops.
bool is_the_same_in_tiles(tape& on, const recording& of, const std::vector<std::size_t>& constant, std::size_t& seen)
{
    constexpr std::size_t none = std::size_t{1} << 40;
    const auto compiled = [&](std::size_t tile)
    { return autograd::compile<double>(of.inputs, of.outputs, {.constant = constant, .tile = tile}); };
    const auto same = [](const auto& x, const auto& y)
    { return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0; };
    const auto by_themselves = results_of(compiled(none), on, of);
    bool result = true;
    for (const std::size_t tile : {0u, 1u, 7u, 33u, 64u, 257u})
    {
        const program<double> f = compiled(tile);
        autograd::detail::verify(f.what());
        const auto in_tiles = results_of(f, on, of);
        result = result && std::equal(in_tiles.begin(), in_tiles.end(), by_themselves.begin(), same);
        for (const auto& s : f.what().steps)
        {
            seen += s.kind == autograd::detail::step_kind::planes || s.sum == autograd::detail::tile_sum::dots;
        }
    }
    return result;
}

/// Layers of a network between these numbers of units, and the gradient of a loss of its scores by all parameters.
using activation = std::function<variable(const variable&)>;
using loss_of_scores = std::function<variable(const variable&)>;
recording network(tape& on, std::size_t batch, const std::vector<std::size_t>& units, const activation& f,
                  const loss_of_scores& loss)
{
    recording result;
    const variable x = on.variable(numbers({batch, units[0]}));
    result.inputs.push_back(x);
    variable y = x;
    std::vector<variable> parameters;
    for (std::size_t k = 0; k + 1 < units.size(); ++k)
    {
        const variable w = on.variable(numbers({units[k], units[k + 1]}, 0.3)),
                       b = on.variable(numbers({units[k + 1]}, 0.7));
        parameters.insert(parameters.end(), {w, b});
        y = matmul(y, w) + b;
        y = k + 2 < units.size() ? f(y) : y;
    }
    const variable l = loss(y);
    result.outputs.push_back(l);
    for (const variable& slope : gradient(l, parameters))
    {
        result.outputs.push_back(slope);
    }
    result.inputs.insert(result.inputs.end(), parameters.begin(), parameters.end());
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_layout)

BOOST_AUTO_TEST_CASE(networks_are_stored_transposed_and_compute_the_same)
{
    const std::map<std::string, activation> activations{
        {"tanh", [](const variable& x) { return tanh(x); }},
        {"sigmoid", [](const variable& x) { return sigmoid(x); }},
        {"relu", [](const variable& x) { return relu(x); }},
        {"gelu", [](const variable& x) { return gelu(x); }},
        {"softmax", [](const variable& x) { return softmax(x, 1); }},
        {"standardized",
         [](const variable& x) { return x / 2 + (x - mean(x, 0)) / sqrt(mean(square(x - mean(x, 0)), 0) + 1e-5); }},
    };
    const auto losses = [](tape& on, std::size_t batch, std::size_t classes)
    {
        const auto labels = on.index(some_labels(batch, classes));
        const auto column = on.index(xt::eval(xt::expand_dims(some_labels(batch, classes), 1)));
        const variable target = on.constant(numbers({batch, classes}, 0.4));
        return std::map<std::string, loss_of_scores>{
            {"labels", [=](const variable& y) { return -mean(take_along_axis(log_softmax(y, 1), column, 1)); }},
            {"one hot", [=](const variable& y) { return -sum(one_hot(labels, classes) * log_softmax(y, 1)); }},
            {"likelihood", [=](const variable& y) { return -sum(log(take_along_axis(softmax(y, 1), column, 1))); }},
            {"squares", [=](const variable& y) { return mean(square(y - target)); }},
            {"largest", [=](const variable& y) { return sum(logsumexp(y, 1) - amax(y, 1)); }},
        };
    };
    std::size_t steps_of_planes = 0;
    for (const std::vector<std::size_t>& units : std::vector<std::vector<std::size_t>>{
             {2, 3, 2}, {1, 4, 5, 3}, {10, 16, 10}, {3, 30, 2}, {40, 6, 40, 3}, {5, 2}})
    {
        for (const std::size_t batch : {64u, 300u, 1111u})
        {
            for (const auto& [name, f] : activations)
            {
                tape on;
                for (const auto& [what, loss] : losses(on, batch, units.back()))
                {
                    BOOST_TEST_CONTEXT(
                        fmt::format("{} {} of {} points, {} units", name, what, batch, fmt::join(units, "-")))
                    {
                        const recording of = network(on, batch, units, f, loss);
                        const outcome found = run(on, of, {.constant = {0}});
                        BOOST_TEST(is_the_same_in_tiles(on, of, {0}, steps_of_planes));
                        BOOST_TEST(!found.arrays.empty());
                        BOOST_TEST(found.fault == "");
                        const outcome exact = run(on, of, {.reassociate = false}, 0);
                        BOOST_TEST(exact.arrays.empty());
                        BOOST_TEST(exact.fault == "");
                    }
                }
            }
        }
    }
    BOOST_TEST(steps_of_planes > 10'000u);
}

BOOST_AUTO_TEST_CASE(floats_are_stored_transposed_too)
{
    autograd::tape<float> on;
    const auto x = on.variable(numbers<float>({301, 2})), w = on.variable(numbers<float>({2, 5}, 0.3)),
               v = on.variable(numbers<float>({5, 3}, 0.4));
    const auto labels = on.index(xt::eval(xt::expand_dims(some_labels(301, 3), 1)));
    const auto loss = -mean(take_along_axis(log_softmax(matmul(tanh(matmul(x, w)), v), 1), labels, 1));
    const auto [dx, dw, dv] = gradient(loss, std::tuple(x, w, v));
    const std::vector<handle<float>> inputs{x, w, v, labels}, outputs{loss, dx, dw, dv};
    for (const std::size_t tile : {0u, 17u, 64u})
    {
        const auto f = autograd::compile<float>(inputs, outputs, {.tile = tile});
        BOOST_TEST(f.what().laid_out.size() == 1u);
        autograd::detail::verify(f.what());
        auto memory = f.make_workspace();
        const auto whole = trials::excerpt_of<float>(inputs, outputs);
        BOOST_TEST(trials::fault_of<float>(f, memory, whole, on, {&on, "", 1e-5}) == "");
    }
}

// Counted elements decide: nothing is transposed for single operations.
BOOST_AUTO_TEST_CASE(what_does_not_pay_stays)
{
    tape on;
    const variable x = on.variable(numbers({300, 3})), y = on.variable(numbers({300, 3}, 0.4)),
                   w = on.variable(numbers({3, 40})), short_one = on.variable(numbers({48, 3})),
                   wide = on.variable(numbers({300, 17}));
    const variable many = on.variable(numbers({5000, 3}));
    const auto arrays = [&](const variable& result, std::vector<std::size_t> constant = {})
    {
        const outcome found = run(on, {{x, y, w, short_one, wide, many}, {result}}, {.constant = constant});
        BOOST_TEST(found.fault == "");
        return found.arrays.size();
    };
    BOOST_TEST(arrays(tanh(x * y) + 1) == 0u);
    BOOST_TEST(arrays(softmax(x, 1)) == 0u);
    BOOST_TEST(arrays(sum(x * y, 1)) == 0u);
    BOOST_TEST(arrays(matmul(tanh(x), w)) == 0u);
    BOOST_TEST(arrays(sum(softmax(tanh(short_one), 1), 0)) == 0u);
    BOOST_TEST(arrays(sum(softmax(tanh(wide), 1), 0)) == 0u);
    BOOST_TEST(arrays(sum(softmax(x, 1), 0)) == 0u);
    // softmax, and what sums up its rows, over one transposition of what is long; or none of what is constant
    BOOST_TEST(arrays(sum(softmax(many, 1), 0)) == 1u);
    BOOST_TEST(arrays(sum(x * y, 1), {0, 1}) == 1u);
}

BOOST_AUTO_TEST_CASE(only_borders_are_transposed)
{
    tape on;
    const auto tanh_of = [](const variable& x) { return tanh(x); };
    const auto loss = [](const variable& y) { return sum(logsumexp(y, 1)); };
    const recording of = network(on, 300, {2, 3, 3, 2}, tanh_of, loss);
    BOOST_TEST(run(on, of).transpositions == 1u); // of the points
    BOOST_TEST(run(on, of, {.constant = {0}}).transpositions == 0u);
    recording with_scores = of;
    with_scores.outputs.push_back(softmax(variable(of.inputs[0]) * 2, 1));
    const outcome found = run(on, with_scores);
    BOOST_TEST(found.fault == "");
    BOOST_TEST(found.transpositions == 2u); // and of what is asked for
}

// -inf and NaN among scores, and zeros of both signs.
BOOST_AUTO_TEST_CASE(special_numbers_are_those_of_the_recording)
{
    auto scores = numbers({5000, 3}), factors = numbers({5000, 3}, 0.4);
    const std::vector<double> special{-infinite, infinite, std::numeric_limits<double>::quiet_NaN(), 0.0, -0.0, 1e308};
    for (std::size_t k = 0; k < special.size(); ++k)
    {
        scores(k, k % 3) = special[k];
        factors(k + 6, k % 3) = special[k];
        scores(k + 20, 0) = scores(k + 20, 1) = scores(k + 20, 2) = special[k];
    }
    tape on;
    const variable x = on.variable(scores), y = on.variable(factors), u = on.variable(numbers({5000, 1}));
    const auto labels = on.index(xt::eval(xt::expand_dims(some_labels(5000, 3), 1)));
    const variable logarithms = log_softmax(x, 1), p = softmax(x, 1);
    recording of{{x, y, u, labels}, {}};
    for (const variable& loss :
         {sum(take_along_axis(logarithms, labels, 1)), sum(p * y), sum(logsumexp(x, 1)), sum(amax(x * y, 1)),
          sum(sum(where(x > y, x, y), 0)) + sum(scatter_along_axis(u, labels, 3, 1) * p)})
    {
        of.outputs.push_back(loss);
        of.outputs.push_back(gradient(loss, x));
    }
    of.outputs.push_back(take_along_axis(x * y, labels, 1));
    of.outputs.push_back(1 / take_along_axis(minimum(abs(x), abs(y)) * -1, labels, 1)); // the sign of a zero
    of.outputs.push_back(1 / sum(minimum(scatter_along_axis(-0 * abs(u), labels, 3, 1), softmax(y, 1)), 1));
    const outcome found = run(on, of);
    BOOST_TEST(!found.arrays.empty());
    BOOST_TEST(found.fault == "");
}

BOOST_AUTO_TEST_CASE(a_row_is_added_to_what_the_product_is)
{
    autograd::tape<float> t;
    const auto x = t.variable(autograd::array<float>(xt::ones<float>({5000, 3})));
    const auto w = t.variable(autograd::array<float>(3 * xt::ones<float>({3, 2})));
    const auto row = t.variable(autograd::array<float>(1e8F * xt::ones<float>({2})));
    const autograd::variable<float> y = matmul(x, w) + row; // 1e8 + 3 is 1e8, but 1e8 + 9 is not
    const std::vector<handle<float>> inputs{x, w, row}, outputs{y, sum(softmax(y, 1))};
    const auto f = autograd::compile<float>(inputs, outputs);
    BOOST_TEST(!f.what().laid_out.empty());
    auto memory = f.make_workspace();
    autograd::array<float> result = y.value(), total(0.0F);
    result.fill(0);
    const autograd::array<float> given[] = {x.value(), w.value(), row.value()};
    const std::vector<autograd::input_array<float>> of(std::begin(given), std::end(given));
    const std::vector<autograd::output_array<float>> to{result, total};
    f.run(of, to, memory);
    BOOST_TEST(result(0, 0) == 100'000'008.0F);
    BOOST_TEST((result == y.value()));
}

BOOST_AUTO_TEST_CASE(labels_are_refused_as_they_are_recorded)
{
    using labels_of = std::function<variable(const variable&, const variable&, const autograd::indices<double>&)>;
    const auto message = [&](bool are_column, const labels_of& of, std::int64_t wrong)
    {
        tape on;
        const variable x = on.variable(numbers({5000, 3})), u = on.variable(numbers({5000, 1}));
        const auto indices =
            are_column ? on.index(xt::eval(xt::expand_dims(some_labels(5000, 3), 1))) : on.index(some_labels(5000, 3));
        const variable result = of(log_softmax(tanh(x), 1), u, indices);
        const program<double> f = autograd::compile<double>({x, u, indices}, {result});
        BOOST_TEST(!f.what().laid_out.empty());
        auto memory = f.make_workspace();
        auto given = autograd::array<std::int64_t>::from_shape(
            std::vector<std::size_t>(indices.shape().begin(), indices.shape().end()));
        given.fill(0);
        given.data()[77] = wrong;
        auto y =
            autograd::array<double>::from_shape(std::vector<std::size_t>(result.shape().begin(), result.shape().end()));
        return text_of<autograd::error::index_error>(
            [&] {
                f.run({numbers({5000, 3}), numbers({5000, 1}), given}, {y}, memory);
            });
    };
    const labels_of takes = [](const auto& x, const auto&, const auto& i) { return sum(take_along_axis(x, i, 1)); };
    const labels_of scatters = [](const auto& x, const auto& u, const auto& i)
    { return sum(scatter_along_axis(u, i, 3, 1) * x); };
    const labels_of hot = [](const auto& x, const auto&, const auto& i) { return sum(autograd::one_hot(i, 3) * x); };
    // negative ones count from the end for one of both
    const labels_of both = [&](const auto& x, const auto& u, const auto& i) {
        return takes(x, u, i) + sum(reshape(autograd::one_hot(i, 3), {5000, 3}) * x);
    };
    BOOST_TEST(message(true, takes, 3) ==
               "autograd: take_along_axis: index 3 at position (77, 0) is outside axis 1 of length 3.");
    BOOST_TEST(message(true, takes, -3) == "no error");
    BOOST_TEST(message(true, scatters, -4) ==
               "autograd: scatter_along_axis: index -4 at position (77, 0) is outside axis 1 of length 3.");
    BOOST_TEST(message(false, hot, -1) ==
               "autograd: one_hot: class -1 at position (77) is not one of 3; classes are numbered from 0.");
    BOOST_TEST(message(true, both, -1) ==
               "autograd: one_hot: class -1 at position (77, 0) is not one of 3; classes are numbered from 0.");
}

// ------------------------------------------------------------------------------------------------------ random
// programs

namespace
{

/// Steps on arrays of n rows, and vectors and weights beside them, with whatever reads them transposed or not.
class random_tall_program
{
public:
    random_tall_program(std::uint64_t seed, tape& on) : m_from(seed), m_on(on)
    {
        static const std::vector<std::size_t> rows{64, 100, 300, 520}, columns{1, 2, 3, 3, 3, 5, 16, 17};
        m_rows = m_from.one_of(rows);
        for (std::size_t& each : m_columns)
        {
            each = m_from.one_of(columns);
        }
        for (const std::size_t each : m_columns)
        {
            add_input({m_rows, each});
        }
        add_input({m_rows});
        add_input({m_rows, 1});
        add_input({m_columns[0]});
        add_input({1, m_columns[1]});
        add_input({});
        for (const std::size_t a : m_columns)
        {
            for (const std::size_t b : m_columns)
            {
                add_input({a, b});
            }
        }
        const std::size_t inputs = m_known.size();
        for (std::size_t steps = 8 + m_from.below(40); steps > 0;)
        {
            steps -= add_step();
        }
        for (std::size_t k = 1 + m_from.below(4); k > 0; --k)
        {
            m_recording.outputs.push_back(m_known[inputs + m_from.below(m_known.size() - inputs)]);
        }
        m_recording.outputs.push_back(m_known.back());
        if (m_from.percent(70))
        {
            const std::vector<variable> by(m_known.begin(), m_known.begin() + static_cast<std::ptrdiff_t>(inputs));
            for (const variable& slope : gradient(sum(m_known.back()), by, autograd::unconnected::zero))
            {
                m_recording.outputs.push_back(slope);
            }
        }
    }
    const recording& recorded() const { return m_recording; }
    /// Inputs that are constant, or others that are replaced.
    autograd::program_options some_options()
    {
        autograd::program_options result;
        const bool are_constant = m_from.percent(50);
        std::vector<char> is_used(m_recording.outputs.size(), 0);
        for (std::size_t k = 0; k < m_recording.inputs.size(); ++k)
        {
            if (are_constant && m_from.percent(60))
            {
                result.constant.push_back(k);
            }
            for (std::size_t y = 0; y < is_used.size() && !are_constant; ++y)
            {
                if (!is_used[y] && m_recording.outputs[y].shape() == m_recording.inputs[k].shape())
                {
                    is_used[y] = 1;
                    result.replaces.push_back({y, k});
                    break;
                }
            }
        }
        result.keep_on_error = m_from.percent(20);
        return result;
    }

private:
    void add_input(const std::vector<std::size_t>& shape)
    {
        array x = array::from_shape(shape);
        for (double& each : x)
        {
            each = 2 * m_from.fraction() - 1;
        }
        const bool is_input = m_from.percent(85);
        m_known.push_back(is_input ? m_on.variable(x) : m_on.constant(x));
        if (is_input)
        {
            m_recording.inputs.push_back(m_known.back());
        }
    }

    variable any() { return m_known[m_from.below(m_known.size())]; }
    variable recent() { return m_known[m_known.size() - 1 - m_from.below(std::min<std::size_t>(m_known.size(), 9))]; }

    bool add_step()
    {
        const std::size_t before = m_on.size();
        const auto start = m_on.mark();
        try
        {
            const variable y = step(m_from.percent(70) ? recent() : any());
            if (m_on.size() > before && y.size() > 0 && y.size() < 40'000 && y.dimension() <= 2)
            {
                m_known.push_back(y);
                return true;
            }
        }
        catch (const autograd::error::exception&) // shapes that do not fit
        {
        }
        m_on.rewind(start);
        return false;
    }

    std::ptrdiff_t axis() { return static_cast<std::ptrdiff_t>(m_from.below(2)); }

    variable step(variable x)
    {
        switch (m_from.below(20))
        {
        case 0:
            return tanh(x);
        case 1:
            return sigmoid(x) * any();
        case 2:
            return tanh(x + any());
        case 3:
            return x - any();
        case 4:
        case 5:
        case 6:
            return tanh(matmul(x, any()));
        case 7:
            return tanh(0.1 * matmul(transpose(x), any()));
        case 8:
            return tanh(matmul(x, transpose(any())));
        case 9:
            return softmax(x, axis());
        case 10:
            return 0.2 * log_softmax(x, axis());
        case 11:
            return 0.1 * sum(x, axis());
        case 12:
            return mean(x, axis(), xt::keep_dims);
        case 13:
            return m_from.percent(50) ? amax(x, axis()) : logsumexp(x, axis());
        case 14:
            return m_from.percent(50) ? transpose(x) : reshape(x, {-1});
        case 15:
            return take_along_axis(x, labels(x), 1);
        case 16:
            return scatter_along_axis(x, labels(any()), 3, 1) + x;
        case 17:
            return matmul(x, any()) + any();
        case 18:
            return autograd::one_hot(m_on.index(some_labels(m_rows, m_columns[2])), m_columns[2]) * x;
        default:
            return square(x) - slice(x, 0, 0, 1);
        }
    }
    autograd::indices<double> labels(const variable& x)
    {
        return m_on.index(xt::eval(xt::expand_dims(some_labels(m_rows, x.shape(1)), 1)));
    }

    choices m_from;
    tape& m_on;
    recording m_recording;
    std::vector<variable> m_known;
    std::size_t m_rows;
    std::size_t m_columns[3];
};

} // namespace

BOOST_AUTO_TEST_CASE(random_programs_compute_what_was_recorded)
{
    constexpr std::size_t programs = 6000;
    std::size_t transposed = 0;
    std::size_t close = 0;
    std::size_t steps_of_planes = 0;
    for (std::uint64_t seed = 0; seed < programs; ++seed)
    {
        tape on;
        random_tall_program random(seed, on);
        const autograd::program_options how = random.some_options();
        const outcome found = run(on, random.recorded(), how, 1e-9);
        if (seed % 2 == 0)
        {
            BOOST_TEST(is_the_same_in_tiles(on, random.recorded(), how.constant, steps_of_planes), "seed " << seed);
        }
        transposed += !found.arrays.empty();
        close += found.fault.empty();
        if (!found.fault.empty())
        {
            BOOST_TEST_MESSAGE("seed " << seed << ": " << found.fault);
        }
    }
    BOOST_TEST_MESSAGE(transposed << " with transposed arrays, " << close << " are close; " << steps_of_planes
                                  << " steps of planes in loops");
    BOOST_TEST(steps_of_planes > 1000u);
    BOOST_TEST(transposed > 1000u);
    BOOST_TEST(1000 * close >= 995 * programs); // where terms cancel, what is left is another rounding
}

BOOST_AUTO_TEST_SUITE_END()
