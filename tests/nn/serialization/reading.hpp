#pragma once

#include "nn/serialization/archive.hpp"
#include "tests/nn/support.hpp"
#include "tests/scratch_folder.hpp"

#include <functional>

/// What the tests of files of arrays share.
namespace support
{

/// A number of contents.json, where NaN and infinities are texts.
inline double number_of(const json& value)
{
    return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

/// That the array is what contents.json says of it.
inline void check_content(const nn::any_array& stored, const json& expected)
{
    BOOST_TEST_CONTEXT(expected["name"])
    {
        BOOST_TEST(nn::name_of(stored.type()) == expected["type"].get<std::string>());
        BOOST_TEST_REQUIRE((stored.shape() == expected["shape"].get<extents>()));
        const json& values = expected["values"];
        BOOST_TEST_REQUIRE(stored.size() == values.size());
        if (stored.type() == nn::element_type::uint64)
        {
            const auto& elements = stored.as<std::uint64_t>();
            BOOST_TEST(std::equal(elements.begin(), elements.end(), values.begin(),
                                  [](std::uint64_t x, const json& y) { return y.get<std::uint64_t>() == x; }));
        }
        else if (stored.type() == nn::element_type::float32 || stored.type() == nn::element_type::float64)
        {
            const auto elements = stored.to<double>();
            for (std::size_t i = 0; i < elements.size(); ++i)
            {
                const double x = elements.data()[i];
                const double y = number_of(values[i]);
                BOOST_TEST(((std::isnan(x) && std::isnan(y)) || (x == y && std::signbit(x) == std::signbit(y))));
            }
        }
        else
        {
            const auto elements = stored.to<std::int64_t>();
            BOOST_TEST(std::equal(elements.begin(), elements.end(), values.begin(),
                                  [](std::int64_t x, const json& y) { return y.get<std::int64_t>() == x; }));
        }
    }
}

inline const json& file_contents(const std::string& file)
{
    static const json all = read_json("files/contents.json");
    return all.at(file);
}

inline std::string data_file(const std::string& file)
{
    return TEST_DATA "/nn/files/" + file;
}

/// That the archive has the arrays of contents.json, in their order.
inline void check_contents(const nn::archive& arrays, const std::string& file)
{
    const json& expected = file_contents(file);
    BOOST_TEST_REQUIRE(arrays.size() == expected.size());
    std::size_t i = 0;
    for (const auto& [name, stored] : arrays)
    {
        BOOST_TEST(name == expected[i]["name"].get<std::string>());
        check_content(stored, expected[i++]);
    }
}

/// The same type, shape and bytes.
inline bool is_same(const nn::any_array& a, const nn::any_array& b)
{
    return a.type() == b.type() && a.shape() == b.shape() && std::equal(a.data(), a.data() + a.bytes(), b.data());
}

inline bool is_same(const nn::archive& a, const nn::archive& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && is_same(x.array, y.array); });
}

/// Some arrays of several types and shapes.
inline nn::archive some_arrays()
{
    nn::archive arrays;
    arrays.add("weight", xt::xarray<double>{{0.5, -2.0, 1e300}, {4.0, 5.0, 0.1}});
    arrays.add("bias", xt::xarray<float>{1.5F, -0.0F, std::numeric_limits<float>::infinity()});
    arrays.add("step", xt::xarray<std::int64_t>(std::numeric_limits<std::int64_t>::min()));
    arrays.add("mask/inner.\xc3\xbc", xt::xarray<bool>{{true, false}, {false, true}});
    arrays.add("none", xt::xarray<std::uint16_t>::from_shape({2, 0, 3}));
    return arrays;
}

/// The error of type file_error that f throws, if it throws one; all others go on to the test.
inline std::string file_error_of(const std::function<void()>& f)
{
    try
    {
        f();
        return "no error";
    }
    catch (const autograd::error::file_error& e)
    {
        return e.what();
    }
}

/// That each beginning of the file is refused by a file_error with its path.
inline void check_every_truncation(const std::string& bytes, const std::function<void(const std::string&)>& load)
{
    const scratch_folder folder;
    const std::string file = (folder.path() / "damaged").string();
    for (std::size_t length = 0; length < bytes.size(); ++length)
    {
        put(file, bytes.substr(0, length));
        const std::string text = file_error_of([&] { load(file); });
        BOOST_TEST(text.find(file + ":") != text.npos, "the first " << length << " bytes: " << text);
    }
}

/// That no change of one byte to any other crashes or throws anything but a file_error with the path; `judge` is told
/// of each change with which the file can still be loaded.
inline void check_every_change(const std::string& bytes, const std::function<void(const std::string&)>& load,
                               const std::function<void(std::size_t, int)>& judge)
{
    const scratch_folder folder;
    const std::string file = (folder.path() / "damaged").string();
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        for (int change = 1; change < 256; ++change)
        {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ change);
            put(file, damaged);
            const std::string text = file_error_of([&] { load(file); });
            if (text == "no error")
            {
                judge(i, change);
            }
            else
            {
                BOOST_TEST(text.find(file) != text.npos, text);
            }
        }
    }
}

} // namespace support
