#include "autograd/differentiate/explain_unconnected.hpp"

namespace autograd
{

namespace
{

/// The dependence of each instruction in [x, y] on x.
template <class T>
std::vector<char> dependents(const tape<T>& tape, std::uint32_t x, std::uint32_t y, edges along)
{
    std::vector<char> depends(y - x + 1, 0);
    depends[0] = 1;
    for (std::uint32_t i = x + 1; i <= y; ++i)
    {
        const auto operands = tape.operands(tape[i]);
        for (std::size_t k = 0; k < operands.size() && !depends[i - x]; ++k)
        {
            const bool counts = along == edges::all || tape[i].op->is_differentiable(k);
            depends[i - x] = counts && operands[k] >= x && depends[operands[k] - x];
        }
    }
    return depends;
}

/// The first instruction on a path from x to y that has no derivative.
template <class T>
const operation<T>* obstacle(variable<T> y, variable<T> x)
{
    const tape<T>& tape = y.tape();
    const auto smooth = dependents(tape, x.index(), y.index(), edges::differentiable);
    const auto needed = needed_for(tape, x.index(), y.index());
    for (std::uint32_t i = x.index() + 1; i <= y.index(); ++i)
    {
        const auto operands = tape.operands(tape[i]);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const bool reached = operands[k] >= x.index() && smooth[operands[k] - x.index()];
            if (reached && needed[i - x.index()] && !tape[i].op->is_differentiable(k))
            {
                return tape[i].op;
            }
        }
    }
    return nullptr;
}

} // namespace

template <class T>
bool depends_on(variable<T> y, variable<T> x, edges along)
{
    return x.index() <= y.index() && dependents(y.tape(), x.index(), y.index(), along).back();
}

template <class T>
std::vector<char> needed_for(const tape<T>& tape, std::uint32_t first, std::uint32_t last)
{
    if (last < first)
    {
        return {};
    }
    std::vector<char> needed(last - first + 1, 0);
    needed.back() = 1;
    for (std::uint32_t i = last + 1; i-- > first;)
    {
        if (needed[i - first])
        {
            for (std::uint32_t operand : tape.operands(tape[i]))
            {
                if (operand >= first)
                {
                    needed[operand - first] = 1;
                }
            }
        }
    }
    return needed;
}

template <class T>
void throw_unconnected(variable<T> y, variable<T> x, std::size_t k, std::string_view caller)
{
    const std::string name = x.name();
    const std::string input = "input " + std::to_string(k) + (name.empty() ? "" : " (" + name + ")");
    if (depends_on(y, x, edges::all))
    {
        const operation<T>* op = obstacle(y, x);
        throw error::not_differentiable(
            caller, "y depends on ", input, " of shape ", x.shape(), " only through ", op->name, ", which ",
            op->reason != nullptr ? op->reason : "has no derivative with respect to it",
            "; ask for unconnected::zero if zeros are what you want.");
    }
    throw error::not_differentiable(caller, "y does not depend on ", input, " of shape ", x.shape(),
                                    "; a gradient needs a path from it to y. Leave it out, or ask for "
                                    "unconnected::zero.");
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template bool depends_on(variable<T>, variable<T>, edges);                                                         \
    template std::vector<char> needed_for(const tape<T>&, std::uint32_t, std::uint32_t);                               \
    template void throw_unconnected(variable<T>, variable<T>, std::size_t, std::string_view);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
