#pragma once

#include "tests/benchmarks/gradbench/evals/ba.hpp"
#include "tests/benchmarks/gradbench/evals/det.hpp"
#include "tests/benchmarks/gradbench/evals/gmm.hpp"
#include "tests/benchmarks/gradbench/evals/hello.hpp"
#include "tests/benchmarks/gradbench/evals/ht.hpp"
#include "tests/benchmarks/gradbench/evals/kmeans.hpp"
#include "tests/benchmarks/gradbench/evals/llsq.hpp"
#include "tests/benchmarks/gradbench/evals/lse.hpp"
#include "tests/benchmarks/gradbench/evals/lstm.hpp"
#include "tests/benchmarks/gradbench/evals/ode.hpp"
#include "tests/benchmarks/gradbench/evals/particle.hpp"
#include "tests/benchmarks/gradbench/evals/saddle.hpp"
#include "tests/benchmarks/gradbench/protocol/fields.hpp"

/// What the evals take and give, in the suite's JSON.
namespace gradbench
{

/// \name Inputs
/// Throw message_error for what is missing, or is not what the eval needs.
/// \{
void read(const json& from, hello::input& in);
void read(const json& from, gmm::input& in);
void read(const json& from, kmeans::input& in);
void read(const json& from, lse::input& in);
void read(const json& from, llsq::input& in);
void read(const json& from, lstm::input& in);
void read(const json& from, ba::input& in);
void read(const json& from, ht::input& in);
void read(const json& from, ode::input& in);
void read(const json& from, det::input& in);
void read(const json& from, saddle::input& in);
void read(const json& from, particle::input& in);
/// \}

/// \name Outputs
/// \{
json written(double number);
json written(const array& numbers);
json written(const gmm::parameters& by);
json written(const ba::errors& errors);
json written(const ba::sparse_matrix& J);
/// \}

} // namespace gradbench
