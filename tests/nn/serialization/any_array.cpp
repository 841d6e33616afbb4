// Arrays whose element type is known at run time, and archives of them.

#include "tests/memory_can_run_out.hpp"
#include "tests/nn/serialization/reading.hpp"

namespace
{

using namespace support;
namespace error = autograd::error;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
xt::xarray<T> one(T value)
{
    return xt::xarray<T>{value};
}

/// What an array of one element becomes.
template <class To, class From>
To converted(From value)
{
    return nn::any_array(one(value)).to<To>()(0);
}

template <class To, class From>
bool is_refused(From value)
{
    try
    {
        converted<To>(value);
        return false;
    }
    catch (const error::value_error&)
    {
        return true;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_serialization_any_array)

BOOST_AUTO_TEST_CASE(the_array_itself)
{
    const nn::any_array stored(xt::xarray<float>{{1.0F, 2.0F, 3.0F}});
    BOOST_TEST((stored.type() == nn::element_type::float32));
    BOOST_TEST((stored.shape() == extents{1, 3}));
    BOOST_TEST(stored.size() == 3u);
    BOOST_TEST(stored.bytes() == 12u);
    const nn::any_array copy = stored;
    BOOST_TEST(&copy.as<float>() == &stored.as<float>());
    BOOST_TEST(stored.as<float>()(0, 2) == 3.0F);
    BOOST_TEST(
        text_of<error::value_error>([&] { stored.as<double>(); }) ==
        "autograd: any_array::as: the elements are float32, not float64; as<T>() gives them as they are, to<T>() "
        "converts.");
}

BOOST_AUTO_TEST_CASE(every_type_has_a_name_and_a_size)
{
    const auto check = []<class T>(T, const std::string& name)
    {
        BOOST_TEST(nn::name_of(nn::element_type_of<T>()) == name);
        BOOST_TEST(nn::size_of(nn::element_type_of<T>()) == sizeof(T));
    };
    check(true, "bool");
    check(std::int8_t{}, "int8");
    check(std::int16_t{}, "int16");
    check(std::int32_t{}, "int32");
    check(std::int64_t{}, "int64");
    check(std::uint8_t{}, "uint8");
    check(std::uint16_t{}, "uint16");
    check(std::uint32_t{}, "uint32");
    check(std::uint64_t{}, "uint64");
    check(float{}, "float32");
    check(double{}, "float64");
}

BOOST_AUTO_TEST_CASE(conversions_to_equal_numbers)
{
    BOOST_TEST(converted<double>(std::uint8_t{255}) == 255.0);
    BOOST_TEST(converted<double>(std::int8_t{-128}) == -128.0);
    BOOST_TEST(converted<float>(true) == 1.0F);
    BOOST_TEST(converted<std::int64_t>(false) == 0);
    BOOST_TEST(converted<std::int64_t>(std::uint32_t{4294967295}) == 4294967295);
    BOOST_TEST(converted<std::int64_t>(-3.0) == -3);
    BOOST_TEST(converted<std::int64_t>(-0x1p63) == std::numeric_limits<std::int64_t>::min());
    BOOST_TEST(converted<double>(0.1F) == 0.10000000149011612);
    BOOST_TEST(converted<double>(std::numeric_limits<std::int64_t>::min()) == -0x1p63);
    BOOST_TEST(converted<float>(std::int32_t{1 << 24}) == 0x1p24F);
    BOOST_TEST(converted<float>(std::uint64_t{1} << 63) == 0x1p63F);
    BOOST_TEST(extents_of(nn::any_array(xt::xarray<int>::from_shape({2, 0})).to<double>()) == (extents{2, 0}),
               per_element());
}

BOOST_AUTO_TEST_CASE(the_nearest_float)
{
    BOOST_TEST(converted<float>(0.1) == 0.1F);
    BOOST_TEST(std::isnan(converted<float>(not_a_number)));
    BOOST_TEST(converted<float>(std::numeric_limits<double>::infinity()) == std::numeric_limits<float>::infinity());
    BOOST_TEST(is_refused<float>(1e39));
}

BOOST_AUTO_TEST_CASE(numbers_that_a_type_does_not_have)
{
    BOOST_TEST(is_refused<std::int64_t>(0.5));
    BOOST_TEST(is_refused<std::int64_t>(not_a_number));
    BOOST_TEST(is_refused<std::int64_t>(0x1p63));
    BOOST_TEST(is_refused<std::int64_t>(0x1p63F));
    BOOST_TEST(is_refused<std::int64_t>(-0x1.0000000000001p63));
    BOOST_TEST(is_refused<std::int64_t>(std::uint64_t{1} << 63));
    BOOST_TEST(is_refused<double>((std::int64_t{1} << 53) + 1));
    BOOST_TEST(is_refused<double>(std::numeric_limits<std::uint64_t>::max()));
    BOOST_TEST(is_refused<float>(std::int32_t{(1 << 24) + 1}));
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::any_array(array{1.0, 2.5}).to<std::int64_t>();
                   }) ==
               "autograd: any_array::to: the array has 2.5 at element 1 (float64); int64 has no such number.");
}

BOOST_AUTO_TEST_CASE(an_archive_keeps_names_and_order)
{
    const nn::archive arrays = some_arrays();
    std::vector<std::string> names;
    for (const nn::archive::item& item : arrays)
    {
        names.push_back(item.name);
    }
    BOOST_TEST(names == (std::vector<std::string>{"weight", "bias", "step", "mask/inner.\xc3\xbc", "none"}),
               per_element());
    BOOST_TEST(arrays.size() == 5u);
    BOOST_TEST(arrays.contains("bias"));
    BOOST_TEST(!arrays.contains("biases"));
    BOOST_TEST(arrays.at("weight").as<double>()(0, 1) == -2.0);
    BOOST_TEST(arrays.get<double>("bias")(0) == 1.5);
    BOOST_TEST(text_of<error::value_error>([&] { arrays.get<float>("weight"); }) ==
               "autograd: archive: array \"weight\" has 1e+300 at element 2 (float64); float32 has no such number.");
    BOOST_TEST(nn::archive().empty());
}

BOOST_AUTO_TEST_CASE(names_that_are_not_there_or_cannot_be)
{
    nn::archive arrays("model.npz");
    arrays.add("a", array{0.5});
    BOOST_TEST(text_of<error::file_error>([&] { arrays.at("b\n"); }) ==
               "autograd: archive: there is no array \"b\\x0a\" in model.npz; there are a.");
    BOOST_TEST(text_of<error::file_error>([&] { nn::archive().at("b"); }) ==
               "autograd: archive: there is no array \"b\"; it is empty.");
    BOOST_TEST(text_of<error::value_error>([&] { arrays.get<std::int64_t>("a"); }) ==
               "autograd: archive: array \"a\" in model.npz has 0.5 at element 0 (float64); int64 has no such number.");
    BOOST_TEST(text_of<error::value_error>([&] { arrays.add("a", array{1.0}); }) ==
               "autograd: archive: there are two arrays with the name \"a\"; each needs its own.");
    for (const std::string name :
         {"", "a\n", "\x7f", "\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    {
        BOOST_CHECK_THROW(arrays.add(name, array{1.0}), error::value_error);
    }
    BOOST_TEST(arrays.size() == 1u);
    for (const std::string name : {"\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80", " "})
    {
        arrays.add(name, array{1.0});
    }
    BOOST_TEST(arrays.size() == 5u);
}

// Sanitizers end the program where the machine's memory does not suffice.
BOOST_AUTO_TEST_CASE(memory_that_the_machine_does_not_have)
{
    if (!support::memory_can_run_out)
    {
        return;
    }
    const std::size_t huge = std::size_t{1} << 57;
    BOOST_TEST(
        text_of<error::memory_error>(
            [&] { nn::any_array::make(nn::element_type::float64, autograd::shape_vector{huge}, [](std::byte*) {}); }) ==
        "autograd: any_array: the shape is (144115188075855872,), which takes 1152921504606846976 bytes; the machine "
        "does not have them.");
}

BOOST_AUTO_TEST_SUITE_END()
