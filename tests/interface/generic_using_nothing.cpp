#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include "tests/interface/generic.hpp"

BOOST_AUTO_TEST_SUITE(interface_generic_using_nothing)

BOOST_AUTO_TEST_CASE(one_function_compiles_for_arrays_and_variables)
{
    compile_every_generic_function();
}

BOOST_AUTO_TEST_SUITE_END()
