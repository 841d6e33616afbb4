#include "autograd/differentiate/connections.hpp"

#include <algorithm>

namespace autograd
{

namespace
{

/// Throws not_differentiable: input number k is not connected to y, and why.
template <class T>
[[noreturn]] void throw_unconnected(variable<T> y, variable<T> x, std::size_t k, const char* caller)
{
    const std::string name = x.name();
    const std::string input = "input " + std::to_string(k) + (name.empty() ? "" : " (" + name + ")");
    const std::vector<char> needed = detail::needed_for(y.tape(), x.index(), y.index());
    if (!needed.empty() && needed.front())
    {
        const operation<T>& op = *detail::obstacle(y.tape(), x.index(), y.index());
        throw error::not_differentiable(caller, "y depends on ", input, " of shape ", x.shape(), " only through ",
                                        op.name, ", which ",
                                        op.reason != nullptr ? op.reason : "has no derivative with respect to it",
                                        "; ask for unconnected::zero if zeros are what you want.");
    }
    throw error::not_differentiable(caller, "y does not depend on ", input, " of shape ", x.shape(),
                                    "; a gradient needs a path from it to y. Leave it out, or ask for "
                                    "unconnected::zero.");
}

} // namespace

template <class T>
std::vector<char> detail::needed_for(const tape<T>& tape, std::uint32_t first, std::uint32_t last, detail::edges along)
{
    if (last < first)
    {
        return {};
    }
    std::vector<char> needed(last - first + 1, 0);
    needed.back() = 1;
    for (std::uint32_t i = last + 1; i-- > first;)
    {
        if (!needed[i - first])
        {
            continue;
        }
        const auto operands = tape.operands(tape[i]);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            if (operands[k] >= first && (along == detail::edges::all || tape[i].op->is_differentiable(k)))
            {
                needed[operands[k] - first] = 1;
            }
        }
    }
    return needed;
}

template <class T>
const operation<T>* detail::obstacle(const tape<T>& tape, std::uint32_t first, std::uint32_t last)
{
    const std::vector<char> needed = detail::needed_for(tape, first, last);
    std::vector<char> reached(needed.size(), 0);
    for (std::size_t i = 0; i < needed.size(); ++i)
    {
        const instruction<T>& y = tape[first + static_cast<std::uint32_t>(i)];
        const auto operands = tape.operands(y);
        reached[i] = i == 0;
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            if (operands[k] >= first && reached[operands[k] - first])
            {
                if (needed[i] && !y.op->is_differentiable(k))
                {
                    return y.op;
                }
                reached[i] = 1;
            }
        }
    }
    return nullptr;
}

template <class T>
void detail::require_connected(variable<T> y, std::span<const variable<T>> xs, const detail::differentiation& how)
{
    y.checked(how.caller);
    std::uint32_t first = y.index();
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        xs[k].checked(how.caller);
        if (xs[k].tape_pointer() != y.tape_pointer())
        {
            throw error::tape_error(how.caller, "y and input ", k,
                                    " live on different tapes. Record both through one "
                                    "tape.");
        }
        first = std::min(first, xs[k].index());
    }
    if (how.policy == unconnected::zero)
    {
        return;
    }
    const std::vector<char> needed = detail::needed_for(y.tape(), first, y.index(), detail::edges::differentiable);
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        if (xs[k].index() > y.index() || !needed[xs[k].index() - first])
        {
            throw_unconnected(y, xs[k], k, how.caller);
        }
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<char> detail::needed_for(const tape<T>&, std::uint32_t, std::uint32_t, detail::edges);        \
    template const operation<T>* detail::obstacle(const tape<T>&, std::uint32_t, std::uint32_t);                       \
    template void detail::require_connected(variable<T>, std::span<const variable<T>>, const detail::differentiation&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
