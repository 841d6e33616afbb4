#include "tests/benchmarks/gradbench/protocol/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace gradbench
{

namespace
{

/// Where a value stands: its path is written where something is wrong with it.
struct place
{
    const place* list; ///< null for a field
    std::string name;  ///< of a field
    std::size_t index = 0;

    std::string text() const { return list == nullptr ? name : fmt::format("{}[{}]", list->text(), index); }
};

[[noreturn]] void refuse(const place& at, const json& value, const std::string& needed)
{
    const std::string found = value.is_array() ? "a list" : value.is_object() ? "an object" : value.dump();
    throw message_error(fmt::format("{} is {}; it must be {}", at.text(), found, needed));
}

double number_in(const json& value, const place& at)
{
    if (!value.is_number())
    {
        refuse(at, value, "a number");
    }
    return value.get<double>();
}

std::int64_t integer_in(const json& value, const place& at, bounds in)
{
    const bool fits =
        value.is_number_integer() &&
        !(value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max());
    if (!fits || value.get<std::int64_t>() < in.least || value.get<std::int64_t>() >= in.end)
    {
        refuse(at, value,
               in.end == bounds().end ? fmt::format("an integer that is {} or more", in.least)
                                      : fmt::format("an integer from {} to {}", in.least, in.end - 1));
    }
    return value.get<std::int64_t>();
}

/// Calls f(value, place) for the numbers in nested lists, in order. Extents that are any become those of the first
/// list.
template <class F>
void walk(const json& value, const place& at, std::span<std::size_t> shape, const F& f)
{
    if (shape.empty())
    {
        f(value, at);
        return;
    }
    if (!value.is_array())
    {
        refuse(at, value, shape.front() == any ? "a list" : fmt::format("a list of {}", shape.front()));
    }
    shape.front() = shape.front() == any ? value.size() : shape.front();
    if (value.size() != shape.front())
    {
        throw message_error(fmt::format("{} has {} elements; it must have {}", at.text(), value.size(), shape.front()));
    }
    for (std::size_t i = 0; i < value.size(); ++i)
    {
        walk(value[i], {&at, {}, i}, shape.subspan(1), f);
    }
}

/// The numbers in nested lists, each as one(value, place).
template <class T, class One>
std::vector<T> flat(const json& value, const std::string& path, std::vector<std::size_t>& shape, One one)
{
    std::vector<T> result;
    walk(value, {nullptr, path}, shape, [&](const json& each, const place& at) { result.push_back(one(each, at)); });
    std::replace(shape.begin(), shape.end(), any, std::size_t{0}); // those of lists in an empty list
    return result;
}

} // namespace

fields::fields(const json& object, std::string path) : m_object(object), m_path(std::move(path))
{
    if (!object.is_object())
    {
        refuse({nullptr, m_path}, object, "an object");
    }
}

const json& fields::field(const char* name) const
{
    const auto found = m_object.find(name);
    if (found == m_object.end())
    {
        throw message_error(fmt::format("{} is missing", path_to(name)));
    }
    return *found;
}

fields fields::object(const char* name) const
{
    return fields(field(name), path_to(name));
}

bool fields::flag(const char* name) const
{
    const json& value = field(name);
    if (!value.is_boolean())
    {
        refuse({nullptr, path_to(name)}, value, "true or false");
    }
    return value.get<bool>();
}

double fields::number(const char* name) const
{
    return number_in(field(name), {nullptr, path_to(name)});
}

double fields::positive(const char* name) const
{
    const double number = this->number(name);
    if (number <= 0)
    {
        refuse({nullptr, path_to(name)}, field(name), "a number above 0");
    }
    return number;
}

double fields::not_negative(const char* name) const
{
    const double number = this->number(name);
    if (number < 0)
    {
        refuse({nullptr, path_to(name)}, field(name), "0 or more");
    }
    return number;
}

std::string fields::text(const char* name) const
{
    const json& value = field(name);
    if (!value.is_string())
    {
        refuse({nullptr, path_to(name)}, value, "a text");
    }
    return value.get<std::string>();
}

std::size_t fields::count(const char* name, std::size_t least) const
{
    const bounds in{static_cast<std::int64_t>(least)};
    return static_cast<std::size_t>(integer_in(field(name), {nullptr, path_to(name)}, in));
}

array fields::numbers(const char* name, std::vector<std::size_t> shape) const
{
    const std::vector<double> elements = flat<double>(field(name), path_to(name), shape, number_in);
    array result = array::from_shape(shape);
    std::copy(elements.begin(), elements.end(), result.begin());
    return result;
}

std::vector<int> fields::integers(const char* name, std::vector<std::size_t> shape, bounds in) const
{
    return flat<int>(field(name), path_to(name), shape,
                     [&](const json& each, const place& at) { return static_cast<int>(integer_in(each, at, in)); });
}

} // namespace gradbench
