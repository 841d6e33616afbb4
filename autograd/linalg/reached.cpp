#include "autograd/linalg/reached.hpp"

#include "autograd/operations/assembling.hpp"
#include "autograd/operations/extremum.hpp"

namespace autograd::detail
{

namespace
{

template <class Rule, class T>
bool is(const operation<T>* op)
{
    return op == &description<Rule, T>::instance;
}

/// Operations that put elements in places and leave 0 elsewhere: the transposes of those that take parts.
template <class T>
bool leaves_zeros(const operation<T>* op)
{
    return is<embed_rule>(op) || is<scatter_rule>(op) || is<scatter_along_axis_rule>(op) || is<assemble_rule>(op);
}

/// Operations that put all elements in other places.
template <class T>
bool rearranges(const operation<T>* op)
{
    return is<reshape_rule>(op) || is<transpose_rule>(op);
}

} // namespace

template <class T>
variable<T> reached_elements(variable<T> g)
{
    const recorded<T> y(g.tape(), g.index());
    const operation<T>* const op = y.get().op;
    if (rearranges(op))
    {
        const variable<T> before = reached_elements(y.operand(0));
        return before.empty() ? before : y.with_operand(0, before);
    }
    if (!leaves_zeros(op))
    {
        return {};
    }
    std::vector<handle<T>> operands;
    for (std::size_t k = 0; k < y.operand_count(); ++k)
    {
        const handle<T> operand = y.operand_handle(k);
        if (g.tape()[operand.index()].op->element != element_kind::real)
        {
            operands.push_back(operand);
            continue;
        }
        const variable<T> within = reached_elements(variable<T>(operand));
        operands.push_back(within.empty() ? g.tape().full(y.operand_shape(k), T(1)) : within);
    }
    return y.again(operands);
}

template <class T>
variable<T> reached_rows(variable<T> g)
{
    const variable<T> elements = reached_elements(g);
    return elements.empty() ? elements : amax(elements, -1);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template variable<T> reached_elements(variable<T>);                                                                \
    template variable<T> reached_rows(variable<T>);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::detail
