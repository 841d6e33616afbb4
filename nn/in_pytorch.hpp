#pragma once

#include <array>
#include <string_view>

/// What a layer says of itself to load_pytorch (nn/serialization/pytorch.hpp): how its members stand in the state_dict
/// of PyTorch's layer. It lists those of another name or another orientation than ours, and those that are matrices:
///
///     template <class Leaf>
///     struct linear
///     {
///         Leaf weight;
///         std::optional<Leaf> bias;
///         NN_MEMBERS(weight, bias)
///         static constexpr std::array in_pytorch{nn::pytorch::transposed("weight")};
///     };
///
/// A member that is not listed has the same name there. If it is an array of one axis, or a number, there is nothing
/// else to say; one of more axes may be transposed there or not, which no shape tells if it is square: it must be
/// listed. A member that is a layer speaks for itself.
namespace nn::pytorch
{

/// How an array in a state_dict lies, seen from the one in our layer.
enum class layout
{
    unsaid,
    same,
    transposed ///< its axes in the reverse order: (outputs, inputs) for our (inputs, outputs)
};

/// What is said of one member.
struct entry
{
    std::string_view member; ///< as NN_MEMBERS lists it; empty for what our layer does not have
    std::string_view name;   ///< in PyTorch's layer; empty where the member's own parts stand in that layer
    layout as;
};

/// The same array, under the same name or another; or a layer under another name.
constexpr entry same(std::string_view member, std::string_view name)
{
    return {member, name, layout::same};
}
constexpr entry same(std::string_view member)
{
    return same(member, member);
}

/// The transposed array, under the same name or another.
constexpr entry transposed(std::string_view member, std::string_view name)
{
    return {member, name, layout::transposed};
}
constexpr entry transposed(std::string_view member)
{
    return transposed(member, member);
}

/// A structure that PyTorch's layer does not have: the members of this member are its own.
constexpr entry inlined(std::string_view member)
{
    return {member, "", layout::unsaid};
}

/// An array of PyTorch's that our layer has no use for: it may be there, and is passed over.
constexpr entry ignored(std::string_view name)
{
    return {"", name, layout::unsaid};
}

} // namespace nn::pytorch
