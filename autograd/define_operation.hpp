#pragma once

#include "autograd/differentiate/differentiate.hpp"
#include "autograd/kernels/elementwise.hpp"
#include "autograd/operations/at_rest.hpp"
#include "autograd/operations/batched.hpp"
#include "autograd/operations/pull.hpp"
#include "autograd/operations/record.hpp"
#include "autograd/operations/shaping.hpp"

#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

/// From a rule to its description. The library includes this once per family of operations; a user who defines an
/// operation of his own includes it in the source file that uses it (docs/adding_an_operation.md).
namespace autograd
{

namespace detail
{

// ----------------------------------------------------------------------------------------------------- elementwise

/// The kernels of the library's own rules are compiled for each instruction set, in sources of their own; those of a
/// user's rule stand where its description does, for the instructions that the user's compiler may use.
template <class Rule, class T>
run_function<T> run_of_forward()
{
    if constexpr (is_in_library<Rule>)
    {
        return kernels::runs<Rule, T>->forward;
    }
    else
    {
        return kernels::run<Rule, T, arity<Rule>>;
    }
}

template <class Rule, std::size_t K, class T>
run_function<T> run_of_pull()
{
    if constexpr (is_in_library<Rule>)
    {
        return kernels::runs<Rule, T>->pulls[K];
    }
    else
    {
        return kernels::run<pull_kernel<Rule, K>, T, pull_of<Rule, K>::operand_count>;
    }
}

/// A pull recorded as simpler operations.
template <class Rule, std::size_t K, class T, class Get>
variable<T> expand_pull(const Get& get, const void* attributes)
{
    using pull = pull_of<Rule, K>;
    return pull::evaluate(get, attributes, std::make_index_sequence<pull::arguments>());
}

template <class Rule, std::size_t K, class T>
variable<T> expand_recorded_pull(const recorded<T>& y)
{
    using pull = pull_of<Rule, K>;
    const auto get = [&](auto i)
    {
        if constexpr (pull::reads_argument(i))
        {
            return y.operand(pull::position(i));
        }
        else
        {
            return y.operand(0);
        }
    };
    return expand_pull<Rule, K, T>(get, y.get().attributes());
}

template <class Rule, std::size_t K, class T>
struct pull_description
{
    static const operation<T> instance;
};

/// Records what flows to operand K of y when g flows into y. A pull of at most one operation is recorded as that, one
/// of several as a single instruction.
template <class Rule, std::size_t K, class T>
variable<T> record_pull(const recorded<T>& y, variable<T> g)
{
    using pull = pull_of<Rule, K>;
    const auto argument = [&](std::size_t i) {
        return i < arity<Rule> ? y.operand(i) : i == arity<Rule> ? y.output() : g;
    };
    if constexpr (pull::operations <= 1)
    {
        return expand_pull<Rule, K, T>([&](auto i) { return argument(i); }, y.get().attributes());
    }
    else
    {
        handle<T> operands[pull::operand_count];
        for (std::size_t i = 0; i < pull::arguments; ++i)
        {
            if (pull::reads_argument(i))
            {
                operands[pull::position(i)] = argument(i);
            }
        }
        return variable<T>(y.tape().record(pull_description<Rule, K, T>::instance, operands,
                                           payload::shared(y.get().attributes()), y.get().where()));
    }
}

template <class Rule, class T, std::size_t... K>
void elementwise_vjp(pullback<T>& y, std::index_sequence<K...>)
{
    const auto pull = [&](auto k)
    {
        if constexpr (pulls_operand<Rule, k>)
        {
            if (y.wanted(k))
            {
                y.give(k, record_pull<Rule, k, T>(y, y.cotangent()));
            }
        }
    };
    (pull(std::integral_constant<std::size_t, K>()), ...);
}

/// The Jacobian is diagonal, hence symmetric: the pulls of the tangents, summed. What does not move moves nothing, be
/// the derivative infinite: reverse mode does not come here where something before selects another branch.
template <class Rule, class T, std::size_t... K>
variable<T> elementwise_jvp(const pushforward<T>& y, std::index_sequence<K...>)
{
    variable<T> sum;
    const auto push = [&](auto k)
    {
        if constexpr (pulls_operand<Rule, k>)
        {
            if (y.has_tangent(k))
            {
                variable<T> part = record_pull<Rule, k, T>(y, y.tangent(k));
                if constexpr (pull_of<Rule, k>::unbounded)
                {
                    part = record<at_rest_rule, T>({}, {part, y.tangent(k)});
                }
                sum = sum.empty() ? part : sum + part;
            }
        }
    };
    (push(std::integral_constant<std::size_t, K>()), ...);
    return sum;
}

template <class Rule, std::size_t... K>
constexpr std::uint64_t declared_operands(std::index_sequence<K...>)
{
    return ((static_cast<std::uint64_t>(declares_operand<Rule, K>) << K) | ...);
}

// ------------------------------------------------------------------------------------------ linear, bilinear, general

template <class Rule, class T>
void linear_vjp(pullback<T>& y)
{
    for (std::size_t k = 0; k < y.operand_count(); ++k)
    {
        if (y.wanted(k))
        {
            if constexpr (requires { Rule::transpose(y, y.cotangent(), k); })
            {
                y.give(k, Rule::transpose(static_cast<const recorded<T>&>(y), y.cotangent(), k));
            }
            else
            {
                y.give(k, Rule::transpose(static_cast<const recorded<T>&>(y), y.cotangent()));
            }
        }
    }
}

template <class T>
variable<T> linear_jvp(const pushforward<T>& y, std::uint64_t differentiable)
{
    std::vector<handle<T>> operands;
    for (std::size_t k = 0; k < y.operand_count(); ++k)
    {
        const bool real = ((differentiable >> std::min<std::size_t>(k, 63)) & 1) != 0 &&
                          y.tape()[y.operand_index(k)].op->element == element_kind::real;
        operands.push_back(!real              ? y.operand_handle(k)
                           : y.has_tangent(k) ? y.tangent(k)
                                              : y.tape().full(y.operand_shape(k), T(0)));
    }
    return y.again(operands);
}

template <class Rule, class T>
void bilinear_vjp(pullback<T>& y)
{
    if (y.wanted(0))
    {
        y.give(0, Rule::transpose_left(static_cast<const recorded<T>&>(y), y.cotangent()));
    }
    if (y.wanted(1))
    {
        y.give(1, Rule::transpose_right(static_cast<const recorded<T>&>(y), y.cotangent()));
    }
}

template <class T>
variable<T> bilinear_jvp(const pushforward<T>& y)
{
    variable<T> sum;
    for (std::size_t k = 0; k < 2; ++k)
    {
        if (y.has_tangent(k))
        {
            const variable<T> part = y.with_operand(k, y.tangent(k));
            sum = sum.empty() ? part : sum + part;
        }
    }
    return sum;
}

// ------------------------------------------------------------------------------------------- many directions at once

template <class Rule>
concept acts_on_last_axes = requires
{
    requires Rule::acts_on_last_axes;
};

/// The batched form of a rule that is not elementwise; null where there is none.
template <class Rule, class T>
constexpr auto batched_form() -> variable<T> (*)(const batched_call<T>&)
{
    if constexpr (requires(const batched_call<T>& y) { Rule::batched(y); })
    {
        return [](const batched_call<T>& y) { return Rule::batched(y); };
    }
    else if constexpr (acts_on_last_axes<Rule>)
    {
        return [](const batched_call<T>& y)
        {
            if constexpr (has_attributes<Rule>)
            {
                return batched_behind_axis(y, payload(attributes_of<Rule>(y.get().attributes())));
            }
            else
            {
                return batched_behind_axis(y, payload());
            }
        };
    }
    else if constexpr (has_attributes<Rule>)
    {
        if constexpr (requires(const typename Rule::attributes& a) { Rule::with_leading_axis(a); })
        {
            return [](const batched_call<T>& y)
            {
                const auto attributes = Rule::with_leading_axis(attributes_of<Rule>(y.get().attributes()));
                return batched_behind_axis(y, payload(attributes));
            };
        }
        else
        {
            return nullptr;
        }
    }
    else
    {
        return nullptr;
    }
}

// -------------------------------------------------------------------------------------------------- the description

/// Those that go on behind the struct tell how many bytes they are: bytes().
template <class A>
std::size_t bytes_of_attributes(const void* a)
{
    if constexpr (requires(const A& known) { known.bytes(); })
    {
        return static_cast<const A*>(a)->bytes();
    }
    else
    {
        return sizeof(A);
    }
}

/// Whether equal bytes are equal values, and the only ones.
template <class A>
inline constexpr bool is_its_bytes = std::is_trivially_copyable_v<A>&& std::has_unique_object_representations_v<A>;

/// How two of a type are compared: by a `same` of their own, as bytes where these are all that there is; else not at
/// all.
template <class A>
constexpr auto same_attributes() -> bool (*)(const void*, const void*)
{
    if constexpr (requires(const A& a) { a.same(a); })
    {
        return [](const void* one, const void* other)
        { return static_cast<const A*>(one)->same(*static_cast<const A*>(other)); };
    }
    else if constexpr (std::is_empty_v<A>)
    {
        return [](const void*, const void*) { return true; };
    }
    else if constexpr (is_its_bytes<A>)
    {
        return [](const void* one, const void* other)
        {
            const std::size_t bytes = bytes_of_attributes<A>(one);
            return bytes == bytes_of_attributes<A>(other) && std::memcmp(one, other, bytes) == 0;
        };
    }
    else
    {
        return nullptr;
    }
}
template <class A>
constexpr auto hash_of_attributes() -> std::size_t (*)(const void*)
{
    if constexpr (is_its_bytes<A> && !std::is_empty_v<A> && !requires(const A& a) { a.same(a); })
    {
        return [](const void* a)
        {
            const std::string_view bytes(static_cast<const char*>(a), bytes_of_attributes<A>(a));
            return std::hash<std::string_view>()(bytes);
        };
    }
    else
    {
        return nullptr;
    }
}

/// Attributes that refer to others on their tape tell how to be copied without: detached().
template <class A>
inline constexpr attributes_type type_of_attributes{
    .size = bytes_of_attributes<A>,
    .copy =
        [](void* to, const void* a)
    {
        const A& from = *static_cast<const A*>(a);
        if constexpr (requires { from.bytes(); })
        {
            static_assert(std::is_trivially_copyable_v<A>);
            std::memcpy(to, a, from.bytes());
        }
        else if constexpr (requires { from.detached(); })
        {
            ::new (to) A(from.detached());
        }
        else
        {
            ::new (to) A(from);
        }
    },
    .destroy = std::is_trivially_destructible_v<A> ? nullptr : +[](void* a) { static_cast<A*>(a)->~A(); },
    .same = same_attributes<A>(),
    .hash = hash_of_attributes<A>()};

template <class Rule>
constexpr const attributes_type* attributes_type_of()
{
    if constexpr (has_attributes<Rule>)
    {
        return &type_of_attributes<typename Rule::attributes>;
    }
    else
    {
        return nullptr;
    }
}

template <class Rule>
constexpr std::uint64_t declared_operands()
{
    if constexpr (Rule::kind == rule_kind::elementwise)
    {
        return declared_operands<Rule>(std::make_index_sequence<arity<Rule>>());
    }
    else if constexpr (requires { Rule::differentiable; })
    {
        return Rule::differentiable;
    }
    else if constexpr (requires { Rule::not_differentiable; })
    {
        return 0;
    }
    else
    {
        return ~std::uint64_t{0};
    }
}

template <class Rule, class T>
constexpr operation<T> describe_common()
{
    operation<T> op{.name = Rule::name, .latex = nullptr, .kind = Rule::kind};
    op.differentiable = declared_operands<Rule>();
    op.attributes = attributes_type_of<Rule>();
    if constexpr (requires { Rule::latex; })
    {
        op.latex = Rule::latex;
    }
    if constexpr (requires { Rule::storage; })
    {
        op.storage = Rule::storage;
    }
    if constexpr (requires { Rule::element; })
    {
        op.element = Rule::element;
    }
    if constexpr (requires { Rule::reads_broadcasts; })
    {
        op.reads_broadcasts = Rule::reads_broadcasts;
    }
    if constexpr (requires { Rule::in_place; })
    {
        op.in_place = Rule::in_place;
    }
    if constexpr (requires { Rule::beside_tape; })
    {
        op.beside_tape = Rule::beside_tape;
    }
    if constexpr (requires { Rule::checks; })
    {
        op.checks = Rule::checks;
    }
    if constexpr (requires { Rule::throws; })
    {
        op.throws = Rule::throws;
    }
    if constexpr (requires { Rule::draws; })
    {
        op.draws = Rule::draws;
    }
    if constexpr (requires(const evaluation<T>& call) { Rule::scratch(call); })
    {
        op.scratch = [](const evaluation<T>& call) -> std::size_t { return Rule::scratch(call); };
    }
    else if constexpr (has_attributes<Rule>)
    {
        if constexpr (requires(const evaluation<T>& call, const typename Rule::attributes& a) {
                          Rule::scratch(call, a);
                      })
        {
            op.scratch = [](const evaluation<T>& call) -> std::size_t
            { return Rule::scratch(call, attributes_of<Rule>(call.attributes)); };
        }
    }
    if constexpr (requires(const evaluation<T>& call) { Rule::flops(call); })
    {
        op.flops = [](const evaluation<T>& call) -> std::uint64_t { return Rule::flops(call); };
    }
    else if constexpr (requires { &Rule::template flops<T>; })
    {
        op.flops = [](const evaluation<T>& call) -> std::uint64_t
        { return Rule::flops(call, attributes_of<Rule>(call.attributes)); };
    }
    if constexpr (requires { Rule::not_differentiable; })
    {
        op.reason = Rule::not_differentiable;
    }
    if constexpr (requires { Rule::remedy_of_nan; })
    {
        op.remedy_of_nan = Rule::remedy_of_nan;
    }
    if constexpr (has_attributes<Rule>)
    {
        // Rules whose attributes are numbers print them as numbers of T: 0.1 is another one in float than in double.
        if constexpr (requires(const typename Rule::attributes& a) { Rule::template print<T>(a); })
        {
            op.print = [](const void* a) { return std::string(Rule::template print<T>(attributes_of<Rule>(a))); };
        }
        else if constexpr (requires(const typename Rule::attributes& a) { Rule::print(a); })
        {
            op.print = [](const void* a) { return std::string(Rule::print(attributes_of<Rule>(a))); };
        }
    }
    return op;
}

template <class Rule, class T>
constexpr operation<T> describe_elementwise()
{
    static_assert(arity<Rule> + 2 <= most_operands, // a pull may read them, the result and a cotangent
                  "An elementwise operation has at most 30 operands.");
    using operands = std::make_index_sequence<arity<Rule>>;
    operation<T> op = describe_common<Rule, T>();
    op.reads_broadcasts = true;
    op.broadcast = &description<broadcast_rule, T>::instance;
    op.batched = &batched_elementwise<T>;
    op.forward = [](const evaluation<T>& call) { kernels::for_each_run(call, run_of_forward<Rule, T>()); };
    op.run = &run_of_forward<Rule, T>;
    if constexpr (declared_operands<Rule>() != 0)
    {
        op.vjp = [](pullback<T>& y) { elementwise_vjp<Rule, T>(y, operands()); };
        op.jvp = [](const pushforward<T>& y) { return elementwise_jvp<Rule, T>(y, operands()); };
    }
    return op;
}

template <class Rule, class T>
constexpr operation<T> describe_structured()
{
    operation<T> op = describe_common<Rule, T>();
    op.batched = batched_form<Rule, T>();
    if constexpr (has_attributes<Rule>)
    {
        if constexpr (requires(std::span<const shape_view> s, const typename Rule::attributes& a) {
                          Rule::shape(s, a);
                      })
        {
            op.shape = [](std::span<const shape_view> operands, const void* a)
            { return Rule::shape(operands, attributes_of<Rule>(a)); };
        }
        op.forward = [](const evaluation<T>& call) { Rule::forward(call, attributes_of<Rule>(call.attributes)); };
    }
    else
    {
        if constexpr (requires(std::span<const shape_view> s) { Rule::shape(s); })
        {
            op.shape = [](std::span<const shape_view> operands, const void*) { return Rule::shape(operands); };
        }
        if constexpr (requires(const evaluation<T>& call) { Rule::forward(call); })
        {
            op.forward = [](const evaluation<T>& call) { Rule::forward(call); };
        }
    }
    if constexpr (Rule::kind == rule_kind::linear)
    {
        if constexpr (requires(pullback<T> & y) { Rule::vjp(y); })
        {
            op.vjp = [](pullback<T>& y) { Rule::vjp(y); };
        }
        else
        {
            op.vjp = [](pullback<T>& y) { linear_vjp<Rule, T>(y); };
        }
        if constexpr (requires { Rule::takes; })
        {
            op.takes = Rule::takes;
        }
        op.jvp = [](const pushforward<T>& y) { return linear_jvp<T>(y, declared_operands<Rule>()); };
    }
    else if constexpr (Rule::kind == rule_kind::bilinear)
    {
        op.vjp = [](pullback<T>& y) { bilinear_vjp<Rule, T>(y); };
        op.jvp = [](const pushforward<T>& y) { return bilinear_jvp<T>(y); };
    }
    else if constexpr (declared_operands<Rule>() != 0)
    {
        op.vjp = [](pullback<T>& y) { Rule::vjp(y); };
        op.jvp = [](const pushforward<T>& y) { return jvp_by_transposition(y); };
    }
    return op;
}

template <class Rule, class T>
constexpr operation<T> describe()
{
    if constexpr (Rule::kind == rule_kind::elementwise)
    {
        return describe_elementwise<Rule, T>();
    }
    else
    {
        return describe_structured<Rule, T>();
    }
}

template <class Rule, std::size_t K, class T>
constexpr operation<T> describe_pull()
{
    using pull = pull_of<Rule, K>;
    operation<T> op{.name = Rule::name, .latex = nullptr, .kind = rule_kind::elementwise};
    op.pull_of = &description<Rule, T>::instance;
    if constexpr (requires { Rule::remedy_of_nan; })
    {
        op.remedy_of_nan = Rule::remedy_of_nan;
    }
    op.pulled_operand = K;
    op.attributes = attributes_type_of<Rule>();
    op.reads_broadcasts = true;
    op.broadcast = &description<broadcast_rule, T>::instance;
    op.differentiable = (std::uint64_t{1} << pull::operand_count) - 1;
    op.batched = &batched_elementwise<T>;
    op.forward = [](const evaluation<T>& call) { kernels::for_each_run(call, run_of_pull<Rule, K, T>()); };
    op.run = &run_of_pull<Rule, K, T>;
    op.expand = [](const recorded<T>& y) { return expand_recorded_pull<Rule, K, T>(y); };
    op.vjp = [](pullback<T>& y) { vjp_by_expansion(y); };
    op.jvp = [](const pushforward<T>& y) { return jvp_by_expansion(y); };
    return op;
}

template <class Rule, std::size_t K, class T>
constinit const operation<T> pull_description<Rule, K, T>::instance = describe_pull<Rule, K, T>();

} // namespace detail

template <class Rule, class T>
constinit const operation<T> description<Rule, T>::instance = detail::describe<Rule, T>();

} // namespace autograd
