#include "compile/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

namespace trials
{

namespace
{

/// Memory of an output, and behind it what must stay as it is.
class guarded_memory
{
public:
    explicit guarded_memory(std::size_t bytes) : m_bytes(bytes), m_words((bytes + 7) / 8 + guard, nobody_wrote) {}

    void* data() { return m_words.data(); }
    bool is_intact() const
    {
        const auto* const first = reinterpret_cast<const std::byte*>(m_words.data());
        return std::all_of(first + m_bytes, first + 8 * m_words.size(),
                           [](std::byte b) { return b == std::byte{0xff}; });
    }

private:
    static constexpr std::uint64_t nobody_wrote = ~std::uint64_t{0}; // NaN, or an index far outside
    static constexpr std::size_t guard = 8;

    std::size_t m_bytes;
    std::vector<std::uint64_t> m_words;
};

template <class T>
bool is_real(const instruction<T>& y)
{
    return y.op->element == element_kind::real;
}

template <class T>
std::size_t element_size(const instruction<T>& y)
{
    return is_real(y) ? sizeof(T) : sizeof(std::int64_t);
}

template <class T>
input_array<T> input_in(const void* data, const instruction<T>& x)
{
    return is_real(x) ? input_array<T>(borrowed<T>(static_cast<const T*>(data), shape_vector(x.shape())))
                      : input_array<T>(
                            borrowed<std::int64_t>(static_cast<const std::int64_t*>(data), shape_vector(x.shape())));
}

/// Outputs that replace inputs begin with their values, and are those inputs.
template <class T>
void share_memory(const excerpt& of, const tape<T>& recorded, std::vector<input_array<T>>& inputs,
                  std::vector<guarded_memory>& results)
{
    for (const auto& [output, input] : of.replaces)
    {
        const instruction<T>& x = recorded[of.inputs[input]];
        std::memcpy(results[output].data(), inputs[input].data(), x.size() * element_size(x));
        inputs[input] = input_in(results[output].data(), x);
    }
}

template <class T>
output_array<T> output_in(void* memory, const instruction<T>& y)
{
    const shape_vector shape(y.shape());
    return is_real(y) ? output_array<T>(static_cast<T*>(memory), shape)
                      : output_array<T>(static_cast<std::int64_t*>(memory), shape);
}

template <class E>
E largest_finite(const E* elements, std::size_t count)
{
    E largest = 0;
    for (std::size_t k = 0; k < count; ++k)
    {
        const E magnitude = elements[k] < 0 ? -elements[k] : elements[k];
        largest = magnitude <= std::numeric_limits<E>::max() ? std::max(largest, magnitude) : largest;
    }
    return largest;
}

/// The first element that is another than it should be.
template <class T>
std::string difference(const void* found, const void* wanted, const instruction<T>& y, double bound)
{
    const auto first = [&]<class E>(const E* is, const E* should) -> std::string
    {
        const double most = bound == 0 ? 0 : bound * static_cast<double>(largest_finite(should, y.size()));
        const auto is_near = [&](const E& a, const E& b)
        {
            return (a != a && b != b) || std::memcmp(&a, &b, sizeof(E)) == 0 ||
                   (bound > 0 && std::abs(static_cast<double>(a) - static_cast<double>(b)) <= most);
        };
        const auto k = static_cast<std::size_t>(std::mismatch(is, is + y.size(), should, is_near).first - is);
        return k == y.size() ? "" : fmt::format("element {} is {} instead of {}", k, is[k], should[k]);
    };
    return is_real(y) ? first(static_cast<const T*>(found), static_cast<const T*>(wanted))
                      : first(static_cast<const std::int64_t*>(found), static_cast<const std::int64_t*>(wanted));
}

} // namespace

template <class T>
excerpt excerpt_of(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs)
{
    excerpt result;
    const auto index = [](const handle<T>& x) { return x.index(); };
    std::transform(inputs.begin(), inputs.end(), std::back_inserter(result.inputs), index);
    std::transform(outputs.begin(), outputs.end(), std::back_inserter(result.outputs), index);
    return result;
}

template <class T>
program<T> compiled(tape<T>& recorded, const excerpt& of)
{
    std::vector<handle<T>> inputs, outputs;
    const auto handle_of = [&](std::uint32_t index) { return recorded.handle_of(index); };
    std::transform(of.inputs.begin(), of.inputs.end(), std::back_inserter(inputs), handle_of);
    std::transform(of.outputs.begin(), of.outputs.end(), std::back_inserter(outputs), handle_of);
    program_options how{.reassociate = of.reassociate, .constant_keys = true};
    for (const auto& [output, input] : of.replaces)
    {
        how.replaces.push_back({output, input});
    }
    return compile<T>(inputs, outputs, std::move(how));
}

template <class T>
std::string fault_of(const program<T>& f, workspace<T>& memory, const excerpt& of, tape<T>& recorded,
                     const expectation<T>& expected)
{
    const std::span<std::byte> arena = detail::arena_of(memory);
    std::fill(arena.begin(), arena.end(), std::byte{0xff});
    std::vector<input_array<T>> inputs;
    for (std::uint32_t x : of.inputs)
    {
        tape<T>& values = x < expected.values->size() ? *expected.values : recorded;
        inputs.push_back(input_in(values.dense(x), values[x]));
    }
    std::vector<guarded_memory> results;
    std::vector<output_array<T>> outputs;
    for (std::uint32_t y : of.outputs)
    {
        results.emplace_back(recorded[y].size() * element_size(recorded[y]));
        outputs.push_back(output_in(results.back().data(), recorded[y]));
    }
    share_memory(of, recorded, inputs, results);
    std::string refusal;
    try
    {
        f.run(inputs, outputs, memory);
    }
    catch (const error::exception& e)
    {
        refusal = e.what();
    }
    if (refusal != expected.refusal)
    {
        return fmt::format("the program throws \"{}\", and recording \"{}\"", refusal, expected.refusal);
    }
    for (std::size_t k = 0; k < of.outputs.size(); ++k)
    {
        if (!results[k].is_intact())
        {
            return fmt::format("output {} is written beyond its end", k);
        }
        const std::uint32_t y = of.outputs[k];
        const std::string text =
            refusal.empty() ? difference(results[k].data(), expected.values->dense(y), recorded[y], expected.bound)
                            : "";
        if (!text.empty())
        {
            return fmt::format("output {}, %{}: {}", k, y, text);
        }
    }
    return {};
}

// ----------------------------------------------------------------------------------------------- what is at fault

namespace
{

template <class T>
std::string fault_of(const excerpt& of, tape<T>& recorded, const expectation<T>& expected)
{
    try
    {
        const program<T> f = compiled(recorded, of);
        workspace<T> memory = f.make_workspace();
        return fault_of(f, memory, of, recorded, expected);
    }
    catch (const error::exception& e)
    {
        return e.what();
    }
}

/// Which instructions the outputs are made of, up to the inputs.
template <class T>
std::vector<std::uint32_t> instructions_of(const excerpt& of, const tape<T>& recorded)
{
    std::vector<char> is_input(recorded.size(), 0), is_needed(recorded.size(), 0);
    for (std::uint32_t x : of.inputs)
    {
        is_input[x] = 1;
    }
    for (std::uint32_t y : of.outputs)
    {
        is_needed[y] = 1;
    }
    std::vector<std::uint32_t> result;
    for (auto i = static_cast<std::uint32_t>(recorded.size()); i-- > 0;)
    {
        if (is_needed[i])
        {
            result.push_back(i);
            const auto operands = is_input[i] ? std::span<const std::uint32_t>() : recorded.operands(recorded[i]);
            std::for_each(operands.begin(), operands.end(), [&](std::uint32_t k) { is_needed[k] = 1; });
        }
    }
    std::reverse(result.begin(), result.end());
    return result;
}

bool contains(const std::vector<std::uint32_t>& list, std::uint32_t number)
{
    return std::find(list.begin(), list.end(), number) != list.end();
}

excerpt without_output(const excerpt& of, std::size_t output)
{
    excerpt result{of.inputs, of.outputs, {}, of.reassociate};
    result.outputs.erase(result.outputs.begin() + static_cast<std::ptrdiff_t>(output));
    for (const auto& [k, input] : of.replaces)
    {
        if (k != output)
        {
            result.replaces.emplace_back(k - (k > output), input);
        }
    }
    return result;
}

template <class T>
std::string listing(const excerpt& of, const tape<T>& recorded)
{
    std::string text;
    for (std::uint32_t i : instructions_of(of, recorded))
    {
        const instruction<T>& y = recorded[i];
        std::string line = fmt::format("    %{} = {}", i, contains(of.inputs, i) ? "input" : y.op->name);
        if (!contains(of.inputs, i))
        {
            const auto operands = recorded.operands(y);
            for (std::size_t k = 0; k < operands.size(); ++k)
            {
                line += fmt::format("{}%{}{}", k == 0 ? "(" : ", ", operands[k], k + 1 == operands.size() ? ")" : "");
            }
            if (y.op->print != nullptr && y.attributes() != nullptr)
            {
                line += ' ' + y.op->print(y.attributes());
            }
        }
        text += line + ' ' + to_text(y.shape()) + (contains(of.outputs, i) ? "  is an output\n" : "\n");
    }
    return text;
}

} // namespace

template <class T>
std::string shrunk(excerpt of, tape<T>& recorded, const expectation<T>& expected)
{
    const auto is_at_fault = [&](const excerpt& e) { return !fault_of(e, recorded, expected).empty(); };
    for (std::size_t k = of.outputs.size(); k-- > 0;)
    {
        const excerpt fewer = without_output(of, k);
        of = is_at_fault(fewer) ? fewer : of;
    }
    for (bool is_smaller = true; is_smaller;)
    {
        is_smaller = false;
        for (std::uint32_t i : instructions_of(of, recorded))
        {
            if (!contains(of.inputs, i) && !recorded.operands(recorded[i]).empty())
            {
                excerpt given = of;
                given.inputs.push_back(i);
                if (is_at_fault(given))
                {
                    of = std::move(given);
                    is_smaller = true;
                }
            }
        }
    }
    return fault_of(of, recorded, expected) + "\n" + listing(of, recorded);
}

#define INSTANTIATE(T)                                                                                                 \
    template excerpt excerpt_of(std::span<const handle<T>>, std::span<const handle<T>>);                               \
    template program<T> compiled(tape<T>&, const excerpt&);                                                            \
    template std::string fault_of(const program<T>&, workspace<T>&, const excerpt&, tape<T>&, const expectation<T>&);  \
    template std::string shrunk(excerpt, tape<T>&, const expectation<T>&);
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

} // namespace trials
