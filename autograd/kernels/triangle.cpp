#include "autograd/kernels/triangle.hpp"

namespace autograd::kernels
{

template <class T>
void triangle(const T* x, shape_view shape, half kept, std::int64_t k, T* y)
{
    const std::size_t rows = shape[shape.size() - 2];
    const std::size_t columns = shape.back();
    const std::size_t all_rows = columns == 0 ? 0 : element_count(shape) / columns;
    for (std::size_t row = 0; row < all_rows; ++row, x += columns, y += columns)
    {
        // The first column beyond the lower half, or the first of the upper one.
        const std::int64_t first = static_cast<std::int64_t>(row % rows) + k + (kept == half::lower ? 1 : 0);
        const std::int64_t split = std::clamp<std::int64_t>(first, 0, static_cast<std::int64_t>(columns));
        if (kept == half::lower)
        {
            std::copy(x, x + split, y);
            std::fill(y + split, y + columns, T(0));
        }
        else
        {
            std::fill(y, y + split, T(0));
            std::copy(x + split, x + columns, y + split);
        }
    }
}

template void triangle(const float*, shape_view, half, std::int64_t, float*);
template void triangle(const double*, shape_view, half, std::int64_t, double*);

} // namespace autograd::kernels
