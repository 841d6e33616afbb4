#pragma once

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

/// Inputs of any size, of random numbers as the suite's: the same in each run.
namespace gradbench
{

gmm::input make_gmm(std::size_t d, std::size_t k, std::size_t n);
kmeans::input make_kmeans(std::size_t n, std::size_t d, std::size_t k);
lse::input make_lse(std::size_t n);
llsq::input make_llsq(std::size_t m, std::size_t n);
lstm::input make_lstm(std::size_t l, std::size_t c, std::size_t b);
/// Cameras that stand around, and look at, points near the origin.
ba::input make_ba(std::size_t n, std::size_t m, std::size_t p);
/// A hand of 22 rigid bones. Each vertex follows four of them.
ht::input make_ht(std::size_t vertices, std::size_t correspondences, bool between_vertices, bool mirrored);
ode::input make_ode(std::size_t n, std::size_t s);
det::input make_det(std::size_t l);

} // namespace gradbench
