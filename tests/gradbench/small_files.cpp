// The evals of GradBench against the small inputs and outputs in tests/data/gradbench, which the suite's own C++
// computed.

#include "gradbench/support.hpp"
#include "tests/benchmarks/gradbench/protocol/conversions.hpp"
#include "tests/benchmarks/gradbench/protocol/registry.hpp"

#include "autograd/tape/tape.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace
{

using namespace support;

json output_of(const gradbench::function& f, const json& input)
{
    autograd::tape<double> tape;
    const gradbench::call call = f.prepare(input, tape);
    if (call.compile)
    {
        call.compile();
    }
    call.run();
    call.run(); // a second run is on a tape, or in memory, that was used, and gives the same
    return call.output();
}

} // namespace

BOOST_AUTO_TEST_SUITE(gradbench_small_files)

BOOST_AUTO_TEST_CASE(outputs_are_those_expected)
{
    std::set<std::string> tested;
    for (const auto& [name, file] : small_files())
    {
        const gradbench::eval& eval = gradbench::find_eval(file.at("message").at("module").get<std::string>());
        for (const gradbench::function& f : eval.functions)
        {
            const json found = output_of(f, file.at("message").at("input"));
            const std::string text = support::difference(found, file.at("expected").at(f.name));
            BOOST_TEST(text == "", name << ": " << f.name << ": " << text);
        }
        tested.insert(eval.name);
    }
    BOOST_TEST(tested.size() == gradbench::evals().size());
}

BOOST_AUTO_TEST_CASE(lstm_as_written_gives_the_same)
{
    std::size_t tested = 0;
    for (const auto& [name, file] : small_files())
    {
        if (file.at("message").at("module") == "lstm")
        {
            gradbench::lstm::input in;
            gradbench::read(file.at("message").at("input"), in);
            autograd::tape<double> tape;
            const json& expected = file.at("expected");
            const json value = gradbench::written(gradbench::lstm::objective_as_written(tape, in)),
                       slope = gradbench::written(gradbench::lstm::jacobian_as_written(tape, in));
            BOOST_TEST(support::difference(value, expected.at("objective")) == "", name);
            BOOST_TEST(support::difference(slope, expected.at("jacobian")) == "", name);
            ++tested;
        }
    }
    BOOST_TEST(tested > 0u);
}

BOOST_AUTO_TEST_CASE(what_is_not_the_same_is_found)
{
    const json expected{{"a", {1.0, -2e-8}}, {"b", {{"c", 3}}}};
    const auto with = [&](const char* path, const json& value)
    {
        json other = expected;
        other[json::json_pointer(path)] = value;
        return support::difference(other, expected);
    };
    BOOST_TEST(with("/a/0", 1.0) == "");
    BOOST_TEST(with("/a/0", 1.0 + 9e-10) == "");
    BOOST_TEST(with("/a/0", 1.0 + 1.1e-9) != "");
    BOOST_TEST(with("/a/1", -2e-8 - 2.9e-12) == "");
    BOOST_TEST(with("/a/1", -2e-8 - 3.1e-12) != "");
    BOOST_TEST(with("/a/1", 2e-8) != "");
    BOOST_TEST(with("/a/1", nullptr) != "");
    BOOST_TEST(with("/a/2", 0) == "there is more");
    BOOST_TEST(support::difference({{"a", {1.0}}, {"b", {{"c", 3}}}}, expected) == "there is no /a/1");
}

BOOST_AUTO_TEST_CASE(the_gradient_of_ode_is_that_of_the_program)
{
    // The suite's own answers with the derivative of the exact solution, which is another number, and passes with it.
    const json expected = small_files().at("ode_n5_s1").at("expected");
    BOOST_TEST(support::difference(expected.at("gradient_closed_form_of_the_golden_tool"), expected.at("gradient")) !=
               "");
}

BOOST_AUTO_TEST_SUITE_END()
