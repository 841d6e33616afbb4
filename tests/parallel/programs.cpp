#include "compile/recorded_bits.hpp"
#include "parallel/with_threads.hpp"
#include "tests/allocations.hpp"
#include "tests/support.hpp"

#include <thread>

// Programs: at any number of threads the bits of a recording by one of them.

using namespace support;
using autograd::shape_vector;
using recorded_bits::recording;
using recorded_bits::trial;
using both_precisions = std::tuple<float, double>;

namespace
{

template <class T>
autograd::array<T> numbers(const std::vector<std::size_t>& shape, double phase)
{
    autograd::array<T> result = autograd::array<T>::from_shape(shape);
    std::size_t k = 0;
    for (T& each : result)
    {
        each = static_cast<T>(std::sin(phase + 1.7 * static_cast<double>(k)) * (k % 7 == 0 ? 8 : 0.25));
        ++k;
    }
    return result;
}

/// f(inputs) gives a list of variables.
template <class T, class F>
recording<T> record(const std::vector<std::vector<std::size_t>>& shapes, const F& f)
{
    recording<T> result;
    std::vector<autograd::variable<T>> xs;
    for (const auto& shape : shapes)
    {
        xs.push_back(result.on->variable(numbers<T>(shape, static_cast<double>(xs.size()))));
        result.inputs.push_back(xs.back());
    }
    for (const autograd::variable<T>& y : f(xs))
    {
        result.outputs.push_back(y);
    }
    return result;
}

template <class T, class F>
void check_program(const std::string& what, const std::vector<std::vector<std::size_t>>& shapes, const F& f)
{
    const with_threads alone(1);
    const recording<T> recorded = record<T>(shapes, f);
    for (const bool in_place : {false, true})
    {
        trial<T> program(recorded, {.reassociate = false}, in_place);
        for (const int count : {1, 2, 3, 4, 7})
        {
            const with_threads threads(count);
            BOOST_TEST(program.fault().empty(), what << ", " << count << " threads");
            if (in_place)
            {
                break; // its inputs are others now
            }
        }
    }
    for (const int count : {2, 7})
    {
        const with_threads threads(count);
        trial<T> in_place(recorded, {.reassociate = false}, true);
        BOOST_TEST(in_place.fault().empty(), what << ", in place, " << count << " threads");
    }
}

template <class T>
std::vector<autograd::variable<T>> step_of_network(const std::vector<autograd::variable<T>>& x)
{
    const auto hidden = relu(matmul(x[0], x[1]) + x[2]);
    const auto scores = matmul(hidden, x[3]) + x[4];
    const auto loss = -mean(sum(softmax(x[5], 1) * log_softmax(scores, 1), 1));
    const std::vector<autograd::variable<T>> parameters{x[1], x[2], x[3], x[4]};
    const auto slopes = gradient(loss, parameters);
    std::vector<autograd::variable<T>> result{loss};
    for (std::size_t k = 0; k < slopes.size(); ++k)
    {
        result.push_back(parameters[k] - T(0.1) * slopes[k]);
    }
    return result;
}

const std::vector<std::vector<std::size_t>> shapes_of_network{{300, 270}, {270, 160}, {1, 160},
                                                              {160, 10},  {1, 10},    {300, 10}};

/// Products of few columns over many rows are sums in loops over tiles, of the same bits by tiles of any size, too.
template <class T>
void check_tall_network(std::size_t inputs, std::size_t hidden_units)
{
    const with_threads alone(1);
    const std::vector<std::vector<std::size_t>> shapes{
        {20'011, inputs}, {inputs, hidden_units}, {1, hidden_units}, {hidden_units, 3}, {1, 3}, {20'011, 3}};
    const recording<T> recorded = record<T>(shapes,
                                            [](const auto& x)
                                            {
                                                const auto hidden = tanh(matmul(x[0], x[1]) + x[2]);
                                                const auto scores = matmul(hidden, x[3]) + x[4];
                                                const auto loss = -mean(sum(x[5] * log_softmax(scores, 1), 1));
                                                const auto [w, b, v, c] = gradient(loss, {x[1], x[2], x[3], x[4]});
                                                return std::vector{w, b, v, c, loss};
                                            });
    std::vector<autograd::array<T>> given = recorded_bits::values_of(recorded.inputs);
    const std::vector<autograd::input_array<T>> arrays(given.begin(), given.end());
    std::vector<autograd::array<T>> expected;
    for (const std::size_t tile : {0, 96, 4096})
    {
        const auto program = autograd::compile<T>(recorded.inputs, recorded.outputs, {.tile = tile});
        BOOST_TEST(to_text(program).find("dots_of_planes") != std::string::npos);
        auto memory = program.make_workspace();
        for (const int count : {1, 2, 3, 7})
        {
            const with_threads threads(count);
            std::vector<autograd::array<T>> results = recorded_bits::values_of(recorded.outputs);
            const std::vector<autograd::output_array<T>> outputs(results.begin(), results.end());
            program.run(arrays, outputs, memory);
            expected = expected.empty() ? results : expected;
            BOOST_TEST((results == expected), "tiles of " << tile << ", " << count << " threads");
        }
    }
}

template <class T>
void check_all()
{
    check_program<T>("a network", shapes_of_network, step_of_network<T>);
    check_program<T>("elementwise", {{100'003}, {100'003}},
                     [](const auto& x)
                     {
                         const auto y = tanh(x[0] * x[1]) + exp(x[1]);
                         return std::vector{y, y * x[0]};
                     });
    check_program<T>("a sum of all", {{100'003}, {100'003}},
                     [](const auto& x) {
                         return std::vector{sum(tanh(x[0] * x[1])), gradient(sum(square(x[0]) * x[1]), x[0])};
                     });
    check_program<T>("sums of rows", {{301, 1003}, {1003}},
                     [](const auto& x)
                     {
                         const auto y = sin(x[0]) * x[1];
                         return std::vector{sum(y, 1), sum(y * y, 1), exp(y)};
                     });
    check_program<T>("sums of columns", {{301, 1003}, {1003}},
                     [](const auto& x)
                     {
                         const auto y = sin(x[0]) + x[1];
                         return std::vector{sum(y, 0), sum(y * y, 0), square(y)};
                     });
    check_program<T>("planes", {{5, 200, 300}, {200, 300}},
                     [](const auto& x)
                     {
                         const auto y = cos(x[0]) * x[1];
                         return std::vector{sum(y, 0), sum(sum(y, 0), 0), sum(y)};
                     });
    check_program<T>("rows of their own", {{30'001, 3}, {3}, {30'001, 1}},
                     [](const auto& x)
                     {
                         const auto y = softmax(x[0] * x[1] + x[2], 1);
                         return std::vector{y, gradient(sum(square(y)), x[1])};
                     });
}

} // namespace

BOOST_AUTO_TEST_SUITE(parallel_programs)

BOOST_AUTO_TEST_CASE(have_the_bits_of_a_recording_of_doubles)
{
    check_all<double>();
}

BOOST_AUTO_TEST_CASE(have_the_bits_of_a_recording_of_floats)
{
    check_all<float>();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_over_many_rows_have_the_same_bits, T, both_precisions)
{
    check_tall_network<T>(2, 5);
    check_tall_network<T>(16, 16);
}

BOOST_AUTO_TEST_CASE(runs_ask_for_no_memory)
{
    const with_threads threads(4);
    const recording<float> recorded = record<float>(shapes_of_network, step_of_network<float>);
    const auto program = autograd::compile<float>(recorded.inputs, recorded.outputs);
    auto memory = program.make_workspace();
    std::vector<autograd::array<float>> given = recorded_bits::values_of(recorded.inputs);
    std::vector<autograd::array<float>> results = recorded_bits::values_of(recorded.outputs);
    const std::vector<autograd::input_array<float>> inputs(given.begin(), given.end());
    const std::vector<autograd::output_array<float>> outputs(results.begin(), results.end());
    program.run(inputs, outputs, memory);
    BOOST_TEST(allocations_of([&] { program.run(inputs, outputs, memory); }) == 0u);
}

BOOST_AUTO_TEST_CASE(threads_of_a_program_run_it_with_a_workspace_each)
{
    const recording<double> recorded = record<double>(shapes_of_network, step_of_network<double>);
    const with_threads threads(3);
    std::vector<trial<double>> trials; // made here, since one thread at a time uses a tape
    for (int user = 0; user < 4; ++user)
    {
        trials.emplace_back(recorded, autograd::program_options{.reassociate = false}, false);
    }
    std::vector<std::string> faults(trials.size());
    std::vector<std::thread> users;
    for (std::size_t user = 0; user < trials.size(); ++user)
    {
        users.emplace_back([&, user] { faults[user] = trials[user].fault(); });
    }
    for (std::thread& user : users)
    {
        user.join();
    }
    BOOST_TEST(faults == std::vector<std::string>(trials.size()), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
