#include "tests/benchmarks/gradbench/driver/inputs.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace gradbench
{

namespace
{

class random_numbers
{
public:
    double uniform(double from, double to) { return std::uniform_real_distribution<double>(from, to)(m_engine); }
    double normal() { return std::normal_distribution<double>()(m_engine); }
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(m_engine); }

    array uniform(std::vector<std::size_t> shape, double from = 0, double to = 1)
    {
        array result = array::from_shape(shape);
        std::generate(result.begin(), result.end(), [&] { return uniform(from, to); });
        return result;
    }
    array normal(std::vector<std::size_t> shape)
    {
        array result = array::from_shape(shape);
        std::generate(result.begin(), result.end(), [&] { return normal(); });
        return result;
    }

private:
    std::mt19937_64 m_engine{2026};
};

} // namespace

gmm::input make_gmm(std::size_t d, std::size_t k, std::size_t n)
{
    random_numbers random;
    return {random.normal({n, d}),
            {random.normal({k}), random.uniform({k, d}), random.normal({k, d}), random.normal({k, d * (d - 1) / 2})},
            0,
            1};
}

kmeans::input make_kmeans(std::size_t n, std::size_t d, std::size_t k)
{
    random_numbers random;
    const array points = random.uniform({n, d});
    array centroids = array::from_shape({k, d}); // the last points: so each is the nearest of one at least
    std::copy_n(points.data() + (n - k) * d, k * d, centroids.data());
    return {points, centroids};
}

lse::input make_lse(std::size_t n)
{
    return {random_numbers().uniform({n})};
}

llsq::input make_llsq(std::size_t m, std::size_t n)
{
    return {random_numbers().uniform({m}), n};
}

lstm::input make_lstm(std::size_t l, std::size_t c, std::size_t b)
{
    random_numbers random;
    lstm::input in{random.uniform({2 * l, 4 * b}), random.uniform({3, b}), random.uniform({2 * l, b}),
                   array::from_shape({c, b})};
    std::generate(in.sequence.begin(), in.sequence.end(), [&] { return static_cast<double>(random.below(2)); });
    return in;
}

ba::input make_ba(std::size_t n, std::size_t m, std::size_t p)
{
    random_numbers random;
    //                       turn           centre           focal length, principal point, distortion
    const double least[]{-1, -1, -1, -0.5, -0.5, 4, 400, -10, -10, -0.1, -0.01};
    const double greatest[]{1, 1, 1, 0.5, 0.5, 6, 500, 10, 10, 0.1, 0.01};
    ba::input in{array::from_shape({11, n}), random.uniform({3, m}, -1, 1), random.uniform({p}),
                 random.uniform({2, p}, -200, 200)};
    for (std::size_t j = 0; j < 11; ++j)
    {
        std::generate_n(in.cameras.data() + j * n, n, [&] { return random.uniform(least[j], greatest[j]); });
    }
    return in;
}

namespace
{
/// A rotation, by quaternions, and a translation.
void make_rigid(random_numbers& random, double* matrix)
{
    double q[4], squares = 0;
    for (double& each : q)
    {
        each = random.normal();
        squares += each * each;
    }
    const double s = 2 / squares, w = q[0], x = q[1], y = q[2], z = q[3];
    const double rows[16]{1 - s * (y * y + z * z),
                          s * (x * y - w * z),
                          s * (x * z + w * y),
                          0.3 * random.normal(),
                          s * (x * y + w * z),
                          1 - s * (x * x + z * z),
                          s * (y * z - w * x),
                          0.3 * random.normal(),
                          s * (x * z - w * y),
                          s * (y * z + w * x),
                          1 - s * (x * x + y * y),
                          0.3 * random.normal(),
                          0,
                          0,
                          0,
                          1};
    std::copy_n(rows, 16, matrix);
}

ht::hand make_hand(random_numbers& random, std::size_t vertices, bool mirrored)
{
    constexpr std::size_t bones = 22;
    ht::hand hand;
    hand.is_mirrored = mirrored;
    hand.base_relatives = array::from_shape({bones, 4, 4});
    hand.inverse_base_absolutes = array::from_shape({bones, 4, 4});
    for (std::size_t b = 0; b < bones; ++b)
    {
        const bool on_wrist = b % 4 == 1;
        hand.parents.push_back(b == 0 ? -1 : on_wrist ? 0 : static_cast<int>(b) - 1);
        make_rigid(random, hand.base_relatives.data() + 16 * b);
        make_rigid(random, hand.inverse_base_absolutes.data() + 16 * b);
    }
    hand.base_positions = random.normal({vertices, 4});
    hand.weights = xt::zeros<double>({vertices, bones});
    for (std::size_t v = 0; v < vertices; ++v)
    {
        hand.base_positions.data()[4 * v + 3] = 1;
        for (const double share : {0.5, 0.3, 0.15, 0.05})
        {
            hand.weights.data()[v * bones + random.below(bones)] += share;
        }
    }
    for (std::size_t i = 0; i < 3 * 2 * vertices; ++i) // a surface has about twice as many triangles as vertices
    {
        hand.triangles.push_back(static_cast<int>(random.below(vertices)));
    }
    return hand;
}
} // namespace

ht::input make_ht(std::size_t vertices, std::size_t correspondences, bool between_vertices, bool mirrored)
{
    random_numbers random;
    ht::input in{
        0.5 * random.normal({26}), {}, make_hand(random, vertices, mirrored), {}, random.normal({correspondences, 3})};
    in.us = between_vertices ? random.uniform({correspondences, 2}, 0, 0.5) : array::from_shape({correspondences, 0});
    for (std::size_t i = 0; i < correspondences; ++i)
    {
        in.correspondences.push_back(static_cast<int>(random.below(between_vertices ? 2 * vertices : vertices)));
    }
    return in;
}

ode::input make_ode(std::size_t n, std::size_t s)
{
    return {random_numbers().uniform({n}), s};
}

det::input make_det(std::size_t l)
{
    return {random_numbers().uniform({l, l})};
}

} // namespace gradbench
