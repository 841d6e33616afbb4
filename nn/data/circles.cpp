#include "nn/data/circles.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"

#include <cmath>
#include <numbers>

namespace nn
{

namespace
{

void require_circles(std::optional<double> noise, double factor)
{
    if (noise && !(std::isfinite(*noise) && *noise >= 0))
    {
        throw autograd::error::value_error("make_circles", "the noise is ", *noise,
                                           "; a standard deviation must be finite and not negative.");
    }
    if (!(factor >= 0 && factor < 1))
    {
        throw autograd::error::value_error("make_circles", "the factor is ", factor,
                                           "; the inner radius must be from 0 to below 1, that of the outer circle.");
    }
}

} // namespace

labelled_points make_circles(std::size_t count, std::optional<double> noise, double factor,
                             autograd::random::legacy_generator& stream)
{
    require_circles(noise, factor);
    const std::size_t outer = count / 2;
    const std::size_t inner = count - outer;
    labelled_points circles{detail::allocated<double>({count, 2}, "make_circles"),
                            detail::allocated<std::int64_t>({count}, "make_circles")};
    const autograd::array<std::int64_t> order = stream.permutation(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto from = static_cast<std::size_t>(order.data()[i]);
        const bool is_inner = from >= outer;
        // Rounded as NumPy's linspace(0, 2 pi, n, endpoint=False) rounds it.
        const double step = 2 * std::numbers::pi / static_cast<double>(is_inner ? inner : outer);
        const double angle = static_cast<double>(is_inner ? from - outer : from) * step;
        const double radius = is_inner ? factor : 1.0;
        circles.points.data()[2 * i] = std::cos(angle) * radius;
        circles.points.data()[2 * i + 1] = std::sin(angle) * radius;
        circles.labels.data()[i] = is_inner ? 1 : 0;
    }
    if (noise)
    {
        for (std::size_t i = 0; i < 2 * count; ++i)
        {
            circles.points.data()[i] += stream.normal(0.0, *noise);
        }
    }
    return circles;
}

} // namespace nn
