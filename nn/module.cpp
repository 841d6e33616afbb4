#include "nn/module.hpp"

namespace nn::detail
{

template <class T>
autograd::variable<T> named_leaf(const autograd::variable<T>& leaf, const part_path& path)
{
    const std::string name = path.text();
    return name.empty() ? leaf : leaf.name(name);
}

template <class T>
autograd::variable<T> recorded_leaf(autograd::tape<T>& tape, const part_path& path, role as,
                                    const autograd::array<T>& values)
{
    return named_leaf(as == role::parameter ? tape.variable(values) : tape.constant(values), path);
}

template <class T>
autograd::array<T> values_of(const autograd::variable<T>& leaf)
{
    return autograd::array<T>(leaf.value());
}

#define NN_INSTANTIATE(T)                                                                                              \
    template autograd::variable<T> named_leaf(const autograd::variable<T>&, const part_path&);                         \
    template autograd::variable<T> recorded_leaf(autograd::tape<T>&, const part_path&, role,                           \
                                                 const autograd::array<T>&);                                           \
    template autograd::array<T> values_of(const autograd::variable<T>&);                                               \
    template autograd::array<T> zeros(autograd::shape_view);

NN_INSTANTIATE(float)
NN_INSTANTIATE(double)

#undef NN_INSTANTIATE

} // namespace nn::detail
