#include "tests/run_program.hpp"
#include "tests/support.hpp"

namespace
{

using namespace support;

/// What a program says that prints which set it runs with, then records an addition.
outcome says(const std::string& set)
{
    return run_program(scratch_folder(), "env", "XGRAD_INSTRUCTION_SET=" + set + " " SAY_INSTRUCTION_SET);
}

} // namespace

BOOST_AUTO_TEST_SUITE(instruction_sets)

BOOST_AUTO_TEST_CASE(one_is_chosen_once)
{
    const std::string chosen(autograd::instruction_set());
    BOOST_TEST((chosen == "baseline" || chosen == "v3" || chosen == "v4" || chosen == "native"), chosen);
    ::setenv("XGRAD_INSTRUCTION_SET", "something else", 1);
    BOOST_TEST(autograd::instruction_set() == chosen);
    ::unsetenv("XGRAD_INSTRUCTION_SET");
}

BOOST_AUTO_TEST_CASE(the_environment_asks_for_less)
{
    if (autograd::instruction_set() != "native")
    {
        BOOST_TEST(says("baseline").output == "baseline\n3\n");
    }
}

BOOST_AUTO_TEST_CASE(set_to_nothing_it_is_not_set)
{
    BOOST_TEST(says("").exit_code == 0);
}

// Where a tape is a static variable: that is not where it throws.
BOOST_AUTO_TEST_CASE(what_is_not_there_is_refused_by_the_first_operation)
{
    const outcome result = says("avx9");
    BOOST_TEST(result.exit_code == 0);
    const std::string text =
        "autograd: instruction_set: XGRAD_INSTRUCTION_SET is \"avx9\"; this library has kernels for ";
    BOOST_TEST(result.output.starts_with(text), result.output);
    BOOST_TEST(contains(result.output, "\n" + text), result.output);
    BOOST_TEST(contains(result.output, "say.cpp:"), result.output);
    BOOST_TEST(contains(result.output, "nothing was recorded"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
