#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

#include <vector>

/// Bundle adjustment: how far points, as cameras are thought to see them, are from where they were seen.
namespace gradbench::ba
{

/// Observation i is that of point i mod m by camera i mod n.
struct input
{
    array cameras;  ///< (11, n), a camera a column: angle and axis of its turn, centre, focal length, principal point,
                    ///< radial distortion (3 + 3 + 1 + 2 + 2 numbers)
    array points;   ///< (3, m)
    array weights;  ///< (p,): of the observations
    array features; ///< (2, p): what was seen
};

struct errors
{
    array reprojection; ///< (p, 2): weight times (projection - feature)
    array weight;       ///< (p,): 1 - weight^2
};

/// In compressed rows: row i has the elements rows[i] to rows[i + 1] - 1 of the others, its columns and its values.
struct sparse_matrix
{
    std::vector<int> rows, cols;
    std::vector<double> vals;
};

errors objective(autograd::tape<double>& tape, const input& in);
/// Rows: two errors of each observation, then its weight's. Columns: 11 of each camera, 3 of each point, the weights.
sparse_matrix jacobian(autograd::tape<double>& tape, const input& in);

/// Both as programs.
compiled<input, errors> compile_objective(const input& like);
compiled<input, sparse_matrix> compile_jacobian(const input& like);

} // namespace gradbench::ba
