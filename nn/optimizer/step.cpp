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
void store_leaf(const autograd::variable<T>& from, autograd::array<T>& to)
{
    const autograd::shape_view shape = from.shape();
    if (!std::equal(shape.begin(), shape.end(), to.shape().begin(), to.shape().end()))
    {
        to.resize(std::vector<std::size_t>(shape.begin(), shape.end()));
    }
    std::copy_n(from.data(), from.size(), to.data());
}

#define NN_INSTANTIATE(T)                                                                                              \
    template void require_finite_leaf(std::string_view, std::string_view, const part_path&,                            \
                                      const autograd::variable<T>&, autograd::location);                               \
    template void store_leaf(const autograd::variable<T>&, autograd::array<T>&);

NN_INSTANTIATE(float)
NN_INSTANTIATE(double)

#undef NN_INSTANTIATE

} // namespace nn::detail
