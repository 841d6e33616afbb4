// One function, written once, serves xtensor's arrays and our variables, whoever's names are in sight. Each suite is a
// namespace: a using directive in it shows its names to the functions that are defined behind it, and to no others.

#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include <functional>

BOOST_AUTO_TEST_SUITE(interface_generic_using_nothing)
#include "tests/interface/generic_functions.hpp"

BOOST_AUTO_TEST_CASE(one_function_compiles_for_arrays_and_variables)
{
    compile_every_generic_function();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(interface_generic_using_autograd)
using namespace autograd;
#include "tests/interface/generic_functions.hpp"

BOOST_AUTO_TEST_CASE(one_function_compiles_for_arrays_and_variables)
{
    compile_every_generic_function();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(interface_generic_using_xtensor)
using namespace xt;
#include "tests/interface/generic_functions.hpp"

BOOST_AUTO_TEST_CASE(one_function_compiles_for_arrays_and_variables)
{
    compile_every_generic_function();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(interface_generic_using_both)
using namespace xt;
using namespace autograd;
#include "tests/interface/generic_functions.hpp"

BOOST_AUTO_TEST_CASE(one_function_serves_arrays_and_variables)
{
    check_every_generic_function();
}

BOOST_AUTO_TEST_SUITE_END()
