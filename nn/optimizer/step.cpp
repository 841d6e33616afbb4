#include "nn/optimizer/step.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>

namespace nn::detail
{

void throw_loss_not_finite(double loss, autograd::location where)
{
    throw autograd::error::value_error(where, "take_step", "the loss is ", loss,
                                       "; a step needs a finite one. The parameters stay as they were: take a smaller "
                                       "learning rate, clip the gradients, or ask find_non_finite(loss).");
}

void require_same_buffer(const part_path& path, autograd::shape_view before, autograd::shape_view next)
{
    if (!(before == next))
    {
        throw autograd::error::shape_error("take_step", "the loss gave the buffer ", path.text(), " the shape ", next,
                                           "; it has ", before, ", and keeps it.");
    }
}

void throw_not_finite(std::string_view optimizer, std::string_view what, const std::string& name, double value,
                      autograd::location where)
{
    throw autograd::error::value_error(
        where, optimizer, what, name.empty() ? "parameter" : name, " would become ", value,
        "; parameters and state must be finite. They stay as they were: take a smaller learning "
        "rate, or clip the gradients.");
}

template <class T>
void require_finite_leaf(std::string_view optimizer, std::string_view what, const part_path& path,
                         const autograd::variable<T>& leaf, autograd::location where)
{
    const T* const end = leaf.data() + leaf.size();
    const T* const found = find_not_finite(leaf.data(), end);
    if (found != end)
    {
        throw_not_finite(optimizer, what, path.text(), static_cast<double>(*found), where);
    }
}

template <class T>
autograd::variable<T> lent_leaf(autograd::tape<T>& tape, const part_path& path, role as,
                                const autograd::array<T>& values)
{
    const autograd::shape_view shape(values.shape().data(), values.shape().size());
    const autograd::borrowed<T> lent = autograd::borrow(values.data(), shape);
    return named_leaf(as == role::parameter ? tape.variable(lent) : tape.constant(lent), path);
}

#define NN_INSTANTIATE(T)                                                                                              \
    template void require_finite_leaf(std::string_view, std::string_view, const part_path&,                            \
                                      const autograd::variable<T>&, autograd::location);                               \
    template autograd::variable<T> lent_leaf(autograd::tape<T>&, const part_path&, role, const autograd::array<T>&);

NN_INSTANTIATE(float)
NN_INSTANTIATE(double)

#undef NN_INSTANTIATE

} // namespace nn::detail
