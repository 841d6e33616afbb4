#pragma once

#include "tests/support.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>

/// What the tests of data, files and metrics need beside.
namespace support
{

using json = nlohmann::json;
using labels = xt::xarray<std::int64_t>;

/// A file of tests/data/nn.
inline json read_json(const std::string& file)
{
    std::ifstream in(TEST_DATA "/nn/" + file);
    BOOST_REQUIRE_MESSAGE(in, file);
    return json::parse(in);
}

/// What scikit-learn says; tests/data/nn/make_expectations.py asks it.
inline const json& expectations(const std::string& subject)
{
    static const json all = read_json("expectations.json");
    return all.at(subject);
}

template <class T>
xt::xarray<T> array_of(const json& entry)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape(entry["shape"].get<std::vector<std::size_t>>());
    const auto values = entry["values"].get<std::vector<T>>();
    std::copy(values.begin(), values.end(), result.data());
    return result;
}

/// How many doubles lie between two, and 1.
inline std::uint64_t ulps(double x, double y)
{
    const auto place = [](double v)
    {
        const auto bits = std::bit_cast<std::int64_t>(v);
        return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
    };
    const std::int64_t a = place(x);
    const std::int64_t b = place(y);
    return a < b ? static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a)
                 : static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}

/// The same shape and the same numbers, or ones that lie so near.
template <class T>
void check_near(const xt::xarray<T>& stored, const json& expected, std::uint64_t most_ulps = 0)
{
    const auto wanted = array_of<T>(expected);
    BOOST_REQUIRE_EQUAL_COLLECTIONS(stored.shape().begin(), stored.shape().end(), wanted.shape().begin(),
                                    wanted.shape().end());
    for (std::size_t i = 0; i < stored.size(); ++i)
    {
        const auto x = static_cast<double>(stored.data()[i]);
        const auto y = static_cast<double>(wanted.data()[i]);
        BOOST_TEST(ulps(x, y) <= most_ulps, "element " << i << ": " << x << " for " << y);
    }
}

template <class T>
extents extents_of(const xt::xarray<T>& stored)
{
    return {stored.shape().begin(), stored.shape().end()};
}

} // namespace support
