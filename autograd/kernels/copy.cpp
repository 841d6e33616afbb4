#include "autograd/kernels/copy.hpp"

#include "autograd/kernels/walk.hpp"

namespace autograd::kernels
{

template <class E>
void copy_strided(const array_view& from, E* to)
{
    if (from.size == 0)
    {
        return;
    }
    const walk axes(from.shape, {&from, 1});
    const std::size_t count = axes.extent(0);
    const std::ptrdiff_t stride = axes.stride(0, 0);
    axes.for_each_block(1, [&](const std::ptrdiff_t* offset) {
        const E* source = from.as<E>() + *offset;
        if (stride == 1)
        {
            std::copy_n(source, count, to);
        }
        else if (stride == 0)
        {
            std::fill_n(to, count, *source);
        }
        else
        {
            for (std::size_t i = 0; i < count; ++i)
            {
                to[i] = source[static_cast<std::ptrdiff_t>(i) * stride];
            }
        }
        to += count;
    });
}

template void copy_strided(const array_view&, float*);
template void copy_strided(const array_view&, double*);
template void copy_strided(const array_view&, std::int64_t*);

} // namespace autograd::kernels
