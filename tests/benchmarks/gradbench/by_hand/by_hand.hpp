#pragma once

#include "tests/benchmarks/gradbench/evals/ba.hpp"
#include "tests/benchmarks/gradbench/evals/det.hpp"
#include "tests/benchmarks/gradbench/evals/gmm.hpp"
#include "tests/benchmarks/gradbench/evals/ht.hpp"
#include "tests/benchmarks/gradbench/evals/kmeans.hpp"
#include "tests/benchmarks/gradbench/evals/llsq.hpp"
#include "tests/benchmarks/gradbench/evals/lse.hpp"
#include "tests/benchmarks/gradbench/evals/lstm.hpp"
#include "tests/benchmarks/gradbench/evals/ode.hpp"

/// The evals in plain loops over doubles, with derivatives that were derived by hand: what the others are compared
/// with, in their numbers and in their times. Outputs are those of the evals' own functions.
namespace gradbench::by_hand
{

double primal(const gmm::input& in);
gmm::parameters derivative(const gmm::input& in);

double primal(const kmeans::input& in);
array derivative(const kmeans::input& in);

double primal(const lse::input& in);
array derivative(const lse::input& in);

double primal(const llsq::input& in);
array derivative(const llsq::input& in);

double primal(const lstm::input& in);
array derivative(const lstm::input& in);

ba::errors primal(const ba::input& in);
ba::sparse_matrix derivative(const ba::input& in);

array primal(const ht::input& in);
array derivative(const ht::input& in);

array primal(const ode::input& in);
array derivative(const ode::input& in);

double primal(const det::input& in);
array derivative(const det::input& in);

} // namespace gradbench::by_hand
