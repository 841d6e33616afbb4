#include "nn/serialization/any_array.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace nn
{

namespace
{

/// f.template operator()<T>() with the C++ type of the elements.
template <class F>
decltype(auto) visit(element_type type, F&& f)
{
    switch (type)
    {
    case element_type::boolean:
        return f.template operator()<bool>();
    case element_type::int8:
        return f.template operator()<std::int8_t>();
    case element_type::int16:
        return f.template operator()<std::int16_t>();
    case element_type::int32:
        return f.template operator()<std::int32_t>();
    case element_type::int64:
        return f.template operator()<std::int64_t>();
    case element_type::uint8:
        return f.template operator()<std::uint8_t>();
    case element_type::uint16:
        return f.template operator()<std::uint16_t>();
    case element_type::uint32:
        return f.template operator()<std::uint32_t>();
    case element_type::uint64:
        return f.template operator()<std::uint64_t>();
    case element_type::float32:
        return f.template operator()<float>();
    case element_type::float64:
        break;
    }
    return f.template operator()<double>();
}

/// Whether To has the number, or, for fractions, one that is nearest to it. To is float, double or std::int64_t.
template <class To, class From>
bool has_number(From x)
{
    if constexpr (std::floating_point<From> && std::floating_point<To>)
    {
        return !std::isfinite(x) || std::isfinite(static_cast<To>(x));
    }
    else if constexpr (std::floating_point<From>)
    {
        // 2^63 is the first number beyond, and a number of both floating-point types.
        return x >= static_cast<From>(-0x1p63) && x < static_cast<From>(0x1p63) && std::trunc(x) == x;
    }
    else if constexpr (std::floating_point<To>)
    {
        // Exact if what is left between the highest and the lowest bit that is set fits the significand.
        const auto magnitude =
            x < From{0} ? std::uint64_t{0} - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
        return magnitude == 0 || (magnitude >> __builtin_ctzll(magnitude)) >> std::numeric_limits<To>::digits == 0;
    }
    else
    {
        return std::in_range<To>(x);
    }
}

template <class To, class From>
void convert(const any_array& array, To* to, std::string_view where, std::string_view name)
{
    const auto* from = reinterpret_cast<const From*>(array.data());
    for (std::size_t i = 0; i < array.size(); ++i)
    {
        using number = std::conditional_t<std::same_as<From, bool>, std::uint8_t, From>;
        const auto x = static_cast<number>(from[i]);
        if (!has_number<To>(x))
        {
            throw autograd::error::value_error(where, name, " has ", x, " at element ", i, " (", name_of(array.type()),
                                               "); ", name_of(element_type_of<To>()), " has no such number.");
        }
        to[i] = static_cast<To>(x);
    }
}

} // namespace

template <element T>
any_array::any_array(autograd::array<T>&& values)
    : any_array(element_type_of<T>(), autograd::shape_vector(values.shape().begin(), values.shape().end()),
                values.size())
{
    hold(std::make_shared<const autograd::array<T>>(std::move(values)));
}

template <element T>
any_array::any_array(const autograd::array<T>& values) : any_array(autograd::array<T>(values))
{
}

template <element T>
void any_array::hold(std::shared_ptr<const autograd::array<T>> values)
{
    m_data = reinterpret_cast<const std::byte*>(values->data());
    m_array = std::move(values);
}

// What users' sources need not compile, each for itself.
#define NN_INSTANTIATE(T)                                                                                              \
    template any_array::any_array(const autograd::array<T>&);                                                          \
    template any_array::any_array(autograd::array<T>&&);
NN_INSTANTIATE(bool)
NN_INSTANTIATE(std::int8_t)
NN_INSTANTIATE(std::int16_t)
NN_INSTANTIATE(std::int32_t)
NN_INSTANTIATE(std::int64_t)
NN_INSTANTIATE(std::uint8_t)
NN_INSTANTIATE(std::uint16_t)
NN_INSTANTIATE(std::uint32_t)
NN_INSTANTIATE(std::uint64_t)
NN_INSTANTIATE(float)
NN_INSTANTIATE(double)
#undef NN_INSTANTIATE

std::string_view name_of(element_type type)
{
    static constexpr std::array<std::string_view, 11> names{"bool",   "int8",   "int16",  "int32",   "int64",  "uint8",
                                                            "uint16", "uint32", "uint64", "float32", "float64"};
    return names[static_cast<std::size_t>(type)];
}

std::size_t size_of(element_type type)
{
    return visit(type, []<class T>() { return sizeof(T); });
}

any_array any_array::make(element_type type, autograd::shape_view shape, const std::function<void(std::byte*)>& fill)
{
    return visit(type,
                 [&]<class T>()
                 {
                     auto values = std::make_shared<autograd::array<T>>(detail::allocated<T>(shape, "any_array"));
                     fill(reinterpret_cast<std::byte*>(values->data()));
                     any_array result(type, shape, values->size());
                     result.hold<T>(std::move(values));
                     return result;
                 });
}

void any_array::require(element_type wanted) const
{
    if (wanted != m_type)
    {
        throw autograd::error::value_error("any_array::as", "the elements are ", name_of(m_type), ", not ",
                                           name_of(wanted), "; as<T>() gives them as they are, to<T>() converts.");
    }
}

template <element T>
autograd::array<T> detail::converted(const any_array& array, const char* where, std::string_view name)
{
    if (array.type() == element_type_of<T>())
    {
        return array.as<T>();
    }
    autograd::array<T> result = detail::allocated<T>(array.shape(), where);
    visit(array.type(), [&]<class From>() { convert<T, From>(array, result.data(), where, name); });
    return result;
}

template autograd::array<float> detail::converted(const any_array&, const char*, std::string_view);
template autograd::array<double> detail::converted(const any_array&, const char*, std::string_view);
template autograd::array<std::int64_t> detail::converted(const any_array&, const char*, std::string_view);

} // namespace nn
