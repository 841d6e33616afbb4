// With r the turn, t = |r|, X the point seen from the centre, A = sin t / t and B = (1 - cos t) / t^2,
//     P = X cos t + A r x X + B (r.X) r,   dP/dX = I cos t + A [r] + B r r^T,
//     dP/dr = (-A X + A' r x X + B' (r.X) r) r^T - A [X] + B (r X^T + (r.X) I),
// where [v] w = v x w, and A' r = dA/dr, B' r = dB/dr: A' = (cos t - A) / t^2, B' = (A - 2 B) / t^2. At t = 0 it is
// P = X + r x X, so A = 1 and the others are 0.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <cmath>

namespace gradbench::by_hand
{

namespace
{

/// An observation: its camera, its point, its weight, what was seen.
struct observation
{
    observation(const ba::input& in, std::size_t i) : weight(in.weights.data()[i])
    {
        const std::size_t n = in.cameras.shape()[1], m = in.points.shape()[1], p = in.weights.size();
        for (std::size_t j = 0; j < 11; ++j)
        {
            camera[j] = in.cameras.data()[j * n + i % n];
        }
        for (std::size_t j = 0; j < 3; ++j)
        {
            point[j] = in.points.data()[j * m + i % m];
        }
        feature[0] = in.features.data()[i];
        feature[1] = in.features.data()[p + i];
    }

    double camera[11], point[3], weight, feature[2];
};

/// What is computed on the way from a point to its image.
struct projection
{
    explicit projection(const observation& of)
    {
        const double* const r = of.camera;
        const double squared = r[0] * r[0] + r[1] * r[1] + r[2] * r[2], angle = std::sqrt(squared);
        if (squared > 0)
        {
            cosine = std::cos(angle);
            A = std::sin(angle) / angle;
            B = (1 - cosine) / squared;
            A_slope = (cosine - A) / squared;
            B_slope = (A - 2 * B) / squared;
        }
        for (int j = 0; j < 3; ++j)
        {
            X[j] = of.point[j] - of.camera[3 + j];
            along += r[j] * X[j];
        }
        cross[0] = r[1] * X[2] - r[2] * X[1];
        cross[1] = r[2] * X[0] - r[0] * X[2];
        cross[2] = r[0] * X[1] - r[1] * X[0];
        for (int j = 0; j < 3; ++j)
        {
            P[j] = cosine * X[j] + A * cross[j] + B * along * r[j];
        }
        e[0] = P[0] / P[2];
        e[1] = P[1] / P[2];
        squared_radius = e[0] * e[0] + e[1] * e[1];
        distortion = 1 + of.camera[9] * squared_radius + of.camera[10] * squared_radius * squared_radius;
        for (int k = 0; k < 2; ++k)
        {
            missed[k] = of.camera[6] * distortion * e[k] + of.camera[7 + k] - of.feature[k];
        }
    }

    double cosine = 1, A = 1, B = 0, A_slope = 0, B_slope = 0, along = 0;
    double X[3], cross[3], P[3], e[2], squared_radius, distortion;
    double missed[2]; ///< the image minus what was seen
};

/// The matrix [v] with [v] w = v x w.
struct cross_with
{
    explicit cross_with(const double* v) : m{{0, -v[2], v[1]}, {v[2], 0, -v[0]}, {-v[1], v[0], 0}} {}
    double m[3][3];
};

/// The slopes of error k: by 11 numbers of the camera, 3 of the point, and the weight.
void slopes(const observation& of, const projection& at, int k, double* result)
{
    const double *const r = of.camera, *const e = at.e, focal_length = of.camera[6], R = at.squared_radius;
    const double bend = 2 * (of.camera[9] + 2 * of.camera[10] * R);
    double by_e[2] = {focal_length * e[k] * bend * e[0], focal_length * e[k] * bend * e[1]};
    by_e[k] += focal_length * at.distortion;
    const double by_P[3] = {by_e[0] / at.P[2], by_e[1] / at.P[2], -(by_e[0] * e[0] + by_e[1] * e[1]) / at.P[2]};
    const cross_with of_r(r), of_X(at.X);
    for (int j = 0; j < 3; ++j)
    {
        double by_r = 0, by_X = 0;
        for (int i = 0; i < 3; ++i)
        {
            const double same = i == j ? 1 : 0;
            const double through_angle = -at.A * at.X[i] + at.A_slope * at.cross[i] + at.B_slope * at.along * r[i];
            by_r += by_P[i] * (through_angle * r[j] - at.A * of_X.m[i][j] + at.B * (r[i] * at.X[j] + at.along * same));
            by_X += by_P[i] * (at.cosine * same + at.A * of_r.m[i][j] + at.B * r[i] * r[j]);
        }
        result[j] = of.weight * by_r;
        result[3 + j] = -of.weight * by_X;
        result[11 + j] = of.weight * by_X;
    }
    result[6] = of.weight * at.distortion * e[k];
    result[7] = k == 0 ? of.weight : 0;
    result[8] = k == 1 ? of.weight : 0;
    result[9] = of.weight * focal_length * R * e[k];
    result[10] = of.weight * focal_length * R * R * e[k];
    result[14] = at.missed[k];
}

} // namespace

ba::errors primal(const ba::input& in)
{
    const std::size_t p = in.weights.size();
    ba::errors result{array::from_shape({p, 2}), array::from_shape({p})};
    for (std::size_t i = 0; i < p; ++i)
    {
        const observation of(in, i);
        const projection at(of);
        result.reprojection.data()[2 * i] = of.weight * at.missed[0];
        result.reprojection.data()[2 * i + 1] = of.weight * at.missed[1];
        result.weight.data()[i] = 1 - of.weight * of.weight;
    }
    return result;
}

ba::sparse_matrix derivative(const ba::input& in)
{
    const std::size_t n = in.cameras.shape()[1], m = in.points.shape()[1], p = in.weights.size();
    ba::sparse_matrix J;
    J.rows.resize(3 * p + 1);
    J.cols.resize(31 * p);
    J.vals.resize(31 * p);
    for (std::size_t i = 0; i < p; ++i)
    {
        const observation of(in, i);
        const projection at(of);
        for (std::size_t k = 0; k < 2; ++k)
        {
            const std::size_t first = 30 * i + 15 * k;
            J.rows[2 * i + k] = static_cast<int>(first);
            slopes(of, at, static_cast<int>(k), &J.vals[first]);
            for (std::size_t j = 0; j < 15; ++j)
            {
                const std::size_t column = j < 11   ? 11 * (i % n) + j
                                           : j < 14 ? 11 * n + 3 * (i % m) + j - 11
                                                    : 11 * n + 3 * m + i;
                J.cols[first + j] = static_cast<int>(column);
            }
        }
        J.rows[2 * p + i] = static_cast<int>(30 * p + i);
        J.cols[30 * p + i] = static_cast<int>(11 * n + 3 * m + i);
        J.vals[30 * p + i] = -2 * of.weight;
    }
    J.rows[3 * p] = static_cast<int>(31 * p);
    return J;
}

} // namespace gradbench::by_hand
