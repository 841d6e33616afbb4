#pragma once

#include "autograd/autograd.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

/// What many tests need: short names, values as a list, the text of an error.
namespace support
{

using array = xt::xarray<double>;
using integers = xt::xarray<int>;
using reals = std::vector<double>;
using extents = std::vector<std::size_t>;
using tape = autograd::tape<double>;
using variable = autograd::variable<double>;
using boost::test_tools::per_element;
using boost::test_tools::tolerance;

/// The elements in row-major order.
template <class T>
std::vector<T> list(autograd::variable<T> x)
{
    return {x.data(), x.data() + x.size()};
}
template <class T>
std::vector<std::int64_t> list(autograd::indices<T> x)
{
    return {x.data(), x.data() + x.size()};
}
inline reals list(const array& x)
{
    return {x.begin(), x.end()};
}

template <class T>
extents shape(const autograd::handle<T>& x)
{
    return {x.shape().begin(), x.shape().end()};
}

/// A matrix of one column, which xtensor does not make out of braces.
inline array column(std::initializer_list<double> numbers)
{
    array result = array::from_shape({numbers.size(), 1});
    std::copy(numbers.begin(), numbers.end(), result.begin());
    return result;
}

/// The text of the error of type Error that f throws, without the line of source behind it.
template <class Error, class F>
std::string text_of(F&& f)
{
    try
    {
        f();
    }
    catch (const Error& e)
    {
        const std::string text = e.what();
        return text.substr(0, text.find("  ["));
    }
    catch (const std::exception& e)
    {
        return std::string("an error of another type: ") + e.what();
    }
    return "no error";
}

/// The same for a function that throws whatever it throws, with the line of source.
template <class F>
std::string whole_text_of(F&& f)
{
    try
    {
        f();
    }
    catch (const std::exception& e)
    {
        return e.what();
    }
    return "no error";
}

} // namespace support
