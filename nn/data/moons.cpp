#include "nn/data/moons.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"

#include <cmath>
#include <numbers>

namespace nn
{

namespace
{

/// The angle of point i of n on a half circle, rounded as NumPy's linspace(0, pi, n) rounds it.
double half_circle_angle(std::size_t i, std::size_t n)
{
    const double step = std::numbers::pi / static_cast<double>(n - 1);
    return i == 0 ? 0.0 : i == n - 1 ? std::numbers::pi : static_cast<double>(i) * step;
}

} // namespace

labelled_points make_moons(std::size_t count, std::optional<double> noise, autograd::random::legacy_generator& stream)
{
    if (noise && !(std::isfinite(*noise) && *noise >= 0))
    {
        throw autograd::error::value_error("make_moons", "the noise is ", *noise,
                                           "; a standard deviation must be finite and not negative.");
    }
    const std::size_t outer = count / 2;
    const std::size_t inner = count - outer;
    labelled_points moons{detail::allocated<double>({count, 2}, "make_moons"),
                          detail::allocated<std::int64_t>({count}, "make_moons")};
    const autograd::array<std::int64_t> order = stream.permutation(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto from = static_cast<std::size_t>(order.data()[i]);
        const bool is_inner = from >= outer;
        const double angle = is_inner ? half_circle_angle(from - outer, inner) : half_circle_angle(from, outer);
        double* point = moons.points.data() + 2 * i;
        point[0] = is_inner ? 1.0 - std::cos(angle) : std::cos(angle);
        point[1] = is_inner ? 1.0 - std::sin(angle) - 0.5 : std::sin(angle);
        moons.labels.data()[i] = is_inner ? 1 : 0;
    }
    if (noise)
    {
        for (std::size_t i = 0; i < 2 * count; ++i)
        {
            moons.points.data()[i] += stream.normal(0.0, *noise);
        }
    }
    return moons;
}

} // namespace nn
