// A bone's matrix and its slopes by the angles of its finger go on to its children by the rule of products; places and
// their slopes are sums over the bones. The hand turns by R v = v + s a x v + c a x (a x v) (Rodrigues), where a is the
// axis r / t, t = |r|, s = sin t, c = 1 - cos t; as r_j grows, t does so by a_j and a by (e_j - a_j a) / t.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace gradbench::by_hand
{

namespace
{

struct matrix
{
    double m[4][4] = {};
};

matrix product(const double* a, const double* b)
{
    matrix c;
    for (int i = 0; i < 4; ++i)
    {
        for (int k = 0; k < 4; ++k)
        {
            for (int j = 0; j < 4; ++j)
            {
                c.m[i][j] += a[4 * i + k] * b[4 * k + j];
            }
        }
    }
    return c;
}
matrix product(const matrix& a, const matrix& b)
{
    return product(a.m[0], b.m[0]);
}

struct vector
{
    double v[3] = {};
};

vector cross(const vector& a, const vector& b)
{
    return {{a.v[1] * b.v[2] - a.v[2] * b.v[1], a.v[2] * b.v[0] - a.v[0] * b.v[2], a.v[0] * b.v[1] - a.v[1] * b.v[0]}};
}
void add(double factor, const vector& x, vector& sum)
{
    for (int i = 0; i < 3; ++i)
    {
        sum.v[i] += factor * x.v[i];
    }
}
/// Adds a matrix times four homogeneous coordinates.
void add(double factor, const matrix& a, const double* x, vector& sum)
{
    for (int i = 0; i < 3; ++i)
    {
        sum.v[i] += factor * (a.m[i][0] * x[0] + a.m[i][1] * x[1] + a.m[i][2] * x[2] + a.m[i][3] * x[3]);
    }
}

/// Rz Rx, or its slope by one of the two angles.
matrix turn(double sz, double cz, double sx, double cx, double one_z, double one_x)
{
    return {{{cz * one_x, -sz * cx, sz * sx, 0},
             {sz * one_x, cz * cx, -cz * sx, 0},
             {0, sx * one_z, cx * one_z, 0},
             {0, 0, 0, one_z * one_x}}};
}

using slope = std::pair<std::size_t, matrix>; ///< by an angle of that number in theta

/// Where the bones take the surface.
struct posed_bones
{
    posed_bones(const ht::hand& hand, const double* theta)
    {
        for (std::size_t b = 0; b < hand.parents.size(); ++b)
        {
            const std::size_t finger = (b - 1) / 4, joint = (b - 1) % 4; // joints 1, 2 and 3 turn
            const bool turns = b >= 1 && finger < 5 && joint >= 1;
            const std::size_t by_x = 6 + 4 * finger + (joint == 1 ? 0 : joint), by_z = 7 + 4 * finger;
            const double x = turns ? theta[by_x] : 0, z = turns && joint == 1 ? theta[by_z] : 0;
            const double sx = std::sin(x), cx = std::cos(x), sz = std::sin(z), cz = std::cos(z);
            const matrix own = turn(sz, cz, sx, cx, 1, 1);
            const double* const base = hand.base_relatives.data() + 16 * b;
            const matrix relative = product(base, own.m[0]);
            matrix before; // what takes from the frame of the bone before it turns to the hand's
            std::copy_n(base, 16, before.m[0]);
            absolute.push_back(relative);
            slopes.emplace_back();
            if (hand.parents[b] >= 0)
            {
                const auto parent = static_cast<std::size_t>(hand.parents[b]);
                absolute[b] = product(absolute[parent], relative);
                before = product(absolute[parent], before);
                for (const auto& [angle, of_parent] : slopes[parent])
                {
                    slopes[b].emplace_back(angle, product(of_parent, relative));
                }
            }
            if (turns)
            {
                slopes[b].emplace_back(by_x, product(before, turn(sz, cz, cx, -sx, 1, 0)));
            }
            if (turns && joint == 1)
            {
                slopes[b].emplace_back(by_z, product(before, turn(cz, -sz, sx, cx, 0, 1)));
            }
        }
        for (std::size_t b = 0; b < hand.parents.size(); ++b)
        {
            const double* const from_rest = hand.inverse_base_absolutes.data() + 16 * b;
            absolute[b] = product(absolute[b].m[0], from_rest);
            for (auto& [angle, of_bone] : slopes[b])
            {
                of_bone = product(of_bone.m[0], from_rest);
            }
        }
    }

    std::vector<matrix> absolute;
    std::vector<std::vector<slope>> slopes;
};

/// How the hand turns.
struct rotation
{
    explicit rotation(const double* r) : angle(std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]))
    {
        if (angle >= 1e-4)
        {
            sine = std::sin(angle);
            cosine = std::cos(angle);
            axis = {{r[0] / angle, r[1] / angle, r[2] / angle}};
        }
    }

    vector operator()(const vector& v) const
    {
        const vector once = cross(axis, v);
        vector result = v;
        add(sine, once, result);
        add(1 - cosine, cross(axis, once), result);
        return result;
    }

    /// As r_j grows.
    vector slope(const vector& v, int j) const
    {
        if (angle < 1e-4)
        {
            return {};
        }
        const vector once = cross(axis, v);
        vector axis_slope, result;
        axis_slope.v[j] = 1 / angle;
        add(-axis.v[j] / angle, axis, axis_slope);
        add(cosine * axis.v[j], once, result);
        add(sine, cross(axis_slope, v), result);
        add(sine * axis.v[j], cross(axis, once), result);
        add(1 - cosine, cross(axis_slope, once), result);
        add(1 - cosine, cross(axis, cross(axis_slope, v)), result);
        return result;
    }

    double angle, sine = 0, cosine = 1;
    vector axis;
};

/// The vertices that a correspondence is between, or at, and their shares.
struct corners
{
    corners(const ht::input& in, std::size_t i)
    {
        const auto at = static_cast<std::size_t>(in.correspondences[i]);
        if (in.us.shape()[1] == 0)
        {
            vertices[0] = at;
            return;
        }
        count = 3;
        const double* const u = in.us.data() + 2 * i;
        for (std::size_t k = 0; k < 3; ++k)
        {
            vertices[k] = static_cast<std::size_t>(in.model.triangles[3 * at + k]);
            shares[k] = k < 2 ? u[k] : 1 - u[0] - u[1];
        }
    }

    std::size_t count = 1, vertices[3] = {};
    double shares[3] = {1, 0, 0};
};

/// A vertex after the bones' turns, before the hand's.
vector place(const ht::hand& hand, const posed_bones& bones, std::size_t vertex)
{
    const double* const weights = hand.weights.data() + vertex * hand.parents.size();
    vector sum;
    for (std::size_t b = 0; b < hand.parents.size(); ++b)
    {
        add(weights[b], bones.absolute[b], hand.base_positions.data() + 4 * vertex, sum);
    }
    sum.v[0] *= hand.is_mirrored ? -1 : 1;
    return sum;
}

} // namespace

array primal(const ht::input& in)
{
    const posed_bones bones(in.model, in.theta.data());
    const rotation turned(in.theta.data());
    array errors = array::from_shape({in.points.size()});
    for (std::size_t i = 0; i < in.correspondences.size(); ++i)
    {
        const corners of(in, i);
        vector sum;
        for (std::size_t k = 0; k < of.count; ++k)
        {
            add(of.shares[k], place(in.model, bones, of.vertices[k]), sum);
        }
        const vector at = turned(sum);
        for (std::size_t j = 0; j < 3; ++j)
        {
            errors.data()[3 * i + j] = in.points.data()[3 * i + j] - (at.v[j] + in.theta.data()[3 + j]);
        }
    }
    return errors;
}

array derivative(const ht::input& in)
{
    const ht::hand& hand = in.model;
    const posed_bones bones(hand, in.theta.data());
    const rotation turned(in.theta.data());
    const std::size_t before = in.us.shape()[1], columns = before + 26;
    array J = xt::zeros<double>({in.points.size(), columns});
    for (std::size_t i = 0; i < in.correspondences.size(); ++i)
    {
        const corners of(in, i);
        vector slopes[28], at_corner[3], sum;
        for (std::size_t k = 0; k < of.count; ++k)
        {
            at_corner[k] = place(hand, bones, of.vertices[k]);
            add(of.shares[k], at_corner[k], sum);
            const double* const weights = hand.weights.data() + of.vertices[k] * hand.parents.size();
            for (std::size_t b = 0; b < hand.parents.size(); ++b)
            {
                for (const auto& [angle, of_bone] : bones.slopes[b])
                {
                    add(of.shares[k] * weights[b], of_bone, hand.base_positions.data() + 4 * of.vertices[k],
                        slopes[before + angle]);
                }
            }
        }
        for (std::size_t angle = 6; angle < 26; ++angle)
        {
            vector& slope = slopes[before + angle];
            slope.v[0] *= hand.is_mirrored ? -1 : 1;
            slope = turned(slope);
        }
        for (std::size_t k = 0; k < before; ++k)
        {
            vector difference = at_corner[k];
            add(-1, at_corner[2], difference);
            slopes[k] = turned(difference);
        }
        for (std::size_t j = 0; j < 3; ++j)
        {
            slopes[before + j] = turned.slope(sum, static_cast<int>(j));
            slopes[before + 3 + j].v[j] = 1;
        }
        for (std::size_t column = 0; column < columns; ++column)
        {
            for (std::size_t j = 0; j < 3; ++j)
            {
                J.data()[(3 * i + j) * columns + column] = -slopes[column].v[j];
            }
        }
    }
    return J;
}

} // namespace gradbench::by_hand
