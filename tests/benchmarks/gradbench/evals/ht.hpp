#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

#include <vector>

/// Hand tracking: how far the surface of a hand, posed by 26 numbers, is from points that were measured.
namespace gradbench::ht
{

struct hand
{
    std::vector<int> parents;     ///< of B bones; -1 at the root; parents come first
    array base_relatives;         ///< (B, 4, 4): from a bone's frame to its parent's, before it turns
    array inverse_base_absolutes; ///< (B, 4, 4): from the frame of the hand at rest to a bone's
    array base_positions;         ///< (V, 4): vertices at rest, in homogeneous coordinates
    array weights;                ///< (V, B): how much a vertex follows each bone
    std::vector<int> triangles;   ///< 3 T vertices
    bool is_mirrored;
};

struct input
{
    array theta; ///< (26,): angle and axis of the hand's turn, its place, and four angles of each finger
    array us;    ///< (C, 2): where in its triangle each correspondence is; (C, 0) where they are vertices
    hand model;
    std::vector<int> correspondences; ///< C triangles, or vertices
    array points;                     ///< (C, 3)
};

/// Points minus places on the hand, x, y and z of each: (3 C,).
array objective(autograd::tape<double>& tape, const input& in);
/// Of each error by the correspondence's own us, if there are, then by theta: (3 C, 28) or (3 C, 26).
array jacobian(autograd::tape<double>& tape, const input& in);

/// Both as programs, for so many correspondences and vertices, and for that tree of bones.
compiled<input, array> compile_objective(const input& like);
compiled<input, array> compile_jacobian(const input& like);

} // namespace gradbench::ht
