#include "autograd/operations/assembling.hpp"

#include "autograd/kernels/dispatch.hpp"

#include <algorithm>
#include <new>
#include <type_traits>

namespace autograd
{

namespace
{

/// How many of the operands, from the one that is a part on, belong to its operation: the part and what follows it.
std::size_t count_of_group(const std::vector<detail::place_of_part>& places, std::size_t part)
{
    const auto next = std::find_if(places.begin() + static_cast<std::ptrdiff_t>(part) + 1, places.end(),
                                   [](const detail::place_of_part& each) { return each.taken_by != part_kind::none; });
    return static_cast<std::size_t>(next - places.begin()) - part;
}

/// f(the rule that takes such parts)
template <class F>
auto with_rule_of(part_kind kind, F f)
{
    return kind == part_kind::slice    ? f(std::type_identity<slice_rule>())
           : kind == part_kind::gather ? f(std::type_identity<gather_rule>())
                                       : f(std::type_identity<take_along_axis_rule>());
}

/// Of the attributes of an operation that takes parts.
const attributes_type& attributes_of_part(part_kind kind)
{
    return *with_rule_of(kind, []<class Rule>(std::type_identity<Rule>)
                         { return description<Rule, double>::instance.attributes; });
}

} // namespace

assemble_rule::attributes assemble_rule::attributes::detached() const
{
    attributes result{places};
    for (detail::place_of_part& each : result.places)
    {
        if (each.taken_by != part_kind::none)
        {
            const attributes_type& type = attributes_of_part(each.taken_by);
            void* const memory = ::operator new(type.size(each.attributes));
            type.copy(memory, each.attributes); // of numbers: throws nothing, and takes no code to destroy
            result.copies.emplace_back(memory, [](void* copy) { ::operator delete(copy); });
            each.attributes = memory;
        }
    }
    return result;
}

bool assemble_rule::attributes::same(const attributes& other) const
{
    return std::equal(places.begin(), places.end(), other.places.begin(), other.places.end(),
                      [](const detail::place_of_part& one, const detail::place_of_part& another)
                      {
                          return one.taken_by == another.taken_by &&
                                 (one.taken_by == part_kind::none ||
                                  attributes_of_part(one.taken_by).same(one.attributes, another.attributes));
                      });
}

std::string assemble_rule::print(const attributes& a)
{
    const auto parts =
        std::count_if(a.places.begin(), a.places.end(),
                      [](const detail::place_of_part& each) { return each.taken_by != part_kind::none; });
    return std::to_string(parts) + " parts";
}

template <class T>
void assemble_rule::forward(const evaluation<T>& call, const attributes& a)
{
    std::fill_n(call.out(), call.size, T(0));
    for (std::size_t k = 0; k < a.places.size();)
    {
        const std::size_t count = count_of_group(a.places, k);
        const void* const how = a.places[k].attributes;
        const evaluation<T> part{call.operands.subspan(k, count), call.shape, call.size, call.result, how};
        with_rule_of(a.places[k].taken_by, [&]<class Rule>(std::type_identity<Rule>)
                     { Rule::add_transposed(part, *static_cast<const typename Rule::attributes*>(how)); });
        k += count;
    }
}

template <class T>
variable<T> assemble_rule::transpose(const recorded<T>& y, variable<T> g, std::size_t operand)
{
    const auto& places = y.template attributes<attributes>().places;
    std::vector<handle<T>> operands{g};
    const std::size_t count = count_of_group(places, operand);
    for (std::size_t k = 1; k < count; ++k)
    {
        operands.push_back(y.operand_handle(operand + k));
    }
    const shape_vector shape(y.operand_shape(operand));
    return with_rule_of(places[operand].taken_by,
                        [&]<class Rule>(std::type_identity<Rule>)
                        {
                            return variable<T>(y.tape().record(description<Rule, T>::instance, operands,
                                                               payload::shared(places[operand].attributes), {},
                                                               &shape));
                        });
}

namespace
{

/// Puts the attributes of an instruction that takes a part on the tape, for parts behind one more axis.
template <class T>
const void* keep_with_leading_axis(tape<T>& tape, const detail::place_of_part& place)
{
    return with_rule_of(place.taken_by,
                        [&]<class Rule>(std::type_identity<Rule>)
                        {
                            const auto& a = *static_cast<const typename Rule::attributes*>(place.attributes);
                            if constexpr (std::is_same_v<Rule, slice_rule>)
                            {
                                const detail::slice_steps steps = a.with_leading_axis();
                                return tape.keep(detail::stored_steps::of(steps));
                            }
                            else
                            {
                                const typename Rule::attributes behind = Rule::with_leading_axis(a);
                                return tape.keep(payload(behind));
                            }
                        });
}

} // namespace

template <class T>
variable<T> assemble_rule::batched(const batched_call<T>& y)
{
    attributes behind = y.template attributes<attributes>();
    for (detail::place_of_part& place : behind.places)
    {
        if (place.taken_by != part_kind::none)
        {
            place.attributes = keep_with_leading_axis(y.tape(), place);
        }
    }
    return y.record_shaped(y.operands_behind_axis(), payload(behind), y.behind_axis(y.shape()));
}

template <class T>
variable<T> detail::assemble(shape_view shape, std::span<const cotangent_of_part<T>> parts)
{
    tape<T>& tape = parts.front().cotangent.tape();
    std::vector<handle<T>> operands;
    assemble_rule::attributes attributes;
    for (const cotangent_of_part<T>& each : parts)
    {
        const instruction<T>& taking = tape[each.part.index()];
        operands.push_back(each.cotangent);
        attributes.places.push_back({taking.op->takes, taking.attributes()});
        for (std::uint32_t k = 1; k < taking.operand_count; ++k)
        {
            operands.push_back(tape.handle_of(tape.operands(taking)[k]));
            attributes.places.push_back({part_kind::none, nullptr});
        }
    }
    const shape_vector result(shape);
    return variable<T>(
        tape.record(description<assemble_rule, T>::instance, operands, payload(attributes), {}, &result));
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void assemble_rule::forward(const evaluation<T>&, const attributes&);                                     \
    template variable<T> assemble_rule::transpose(const recorded<T>&, variable<T>, std::size_t);                       \
    template variable<T> assemble_rule::batched(const batched_call<T>&);                                               \
    template variable<T> detail::assemble(shape_view, std::span<const cotangent_of_part<T>>);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
