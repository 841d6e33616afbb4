// The evals of GradBench against loops with derivatives by hand: more than one block of what is treated in blocks, and
// what the small files do not have.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"
#include "tests/benchmarks/gradbench/driver/comparison.hpp"
#include "tests/benchmarks/gradbench/driver/inputs.hpp"

#include "autograd/tape/tape.hpp"

#include <boost/test/unit_test.hpp>

#include <numbers>

namespace
{

using namespace gradbench;

template <class Input, class Primal, class Derivative>
void check(const std::string& name, const Input& in, Primal primal, Derivative derivative)
{
    autograd::tape<double> tape;
    const std::string of_primal = difference(numbers_of(primal(tape, in)), numbers_of(by_hand::primal(in)));
    BOOST_TEST(of_primal == "", name << ": " << of_primal);
    const std::string of_derivative = difference(numbers_of(derivative(tape, in)), numbers_of(by_hand::derivative(in)));
    BOOST_TEST(of_derivative == "", name << ", derivative: " << of_derivative);
}

/// An x with which the last element of the solution is neither 0 nor infinite, and nothing on the way to it: with x_i =
/// (i + 1) / 2 elements would be about 1 in the end, with x_i = n / (2 e) on the way, and between lies what has a
/// range.
ode::input make_ode_that_lasts(std::size_t n, std::size_t s)
{
    ode::input in = make_ode(n, s);
    for (std::size_t i = 0; i < n; ++i)
    {
        const double in_the_end = static_cast<double>(i + 1) / 2,
                     on_the_way = static_cast<double>(n) / (2 * std::numbers::e);
        in.x(i) = (0.9 + 0.2 * in.x(i)) * std::sqrt(in_the_end * on_the_way);
    }
    return in;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gradbench_loops)

BOOST_AUTO_TEST_CASE(gmm_agrees)
{
    gmm::input with_prior = make_gmm(5, 4, 100);
    with_prior.m = 3;
    with_prior.gamma = 0.7;
    check("with a prior", with_prior, gmm::objective, gmm::jacobian);
    check("one dimension", make_gmm(1, 3, 50), gmm::objective, gmm::jacobian);
    check("one component", make_gmm(4, 1, 50), gmm::objective, gmm::jacobian);
}

BOOST_AUTO_TEST_CASE(kmeans_agrees)
{
    check("three blocks", make_kmeans(700, 6, 20), kmeans::cost, kmeans::direction);
    check("one centroid", make_kmeans(10, 1, 1), kmeans::cost, kmeans::direction);
}

BOOST_AUTO_TEST_CASE(lse_agrees)
{
    check("many", make_lse(3000), lse::primal, lse::gradient);
    check("one", make_lse(1), lse::primal, lse::gradient);
}

BOOST_AUTO_TEST_CASE(llsq_agrees)
{
    check("three blocks", make_llsq(128, 2500), llsq::primal, llsq::gradient);
    check("a row that is not full", make_llsq(37, 101), llsq::primal, llsq::gradient);
    check("two points", make_llsq(1, 2), llsq::primal, llsq::gradient);
}

BOOST_AUTO_TEST_CASE(lstm_agrees)
{
    const std::pair<const char*, lstm::input> inputs[] = {{"four layers", make_lstm(4, 100, 14)},
                                                          {"three blocks", make_lstm(3, 300, 14)},
                                                          {"more layers than characters", make_lstm(6, 3, 5)},
                                                          {"two characters", make_lstm(1, 2, 1)}};
    for (const auto& [name, in] : inputs)
    {
        check(name, in, lstm::objective, lstm::jacobian);
        check(std::string(name) + ", as written", in, lstm::objective_as_written, lstm::jacobian_as_written);
    }
}

BOOST_AUTO_TEST_CASE(ba_agrees)
{
    ba::input in = make_ba(7, 100, 1300);
    for (std::size_t j = 0; j < 3; ++j)
    {
        in.cameras(j, 2) = 0; // one camera among the others that does not turn
    }
    check("three blocks", in, ba::objective, ba::jacobian);
}

BOOST_AUTO_TEST_CASE(ht_agrees)
{
    check("three blocks", make_ht(50, 600, true, false), ht::objective, ht::jacobian);
    check("mirrored", make_ht(50, 20, true, true), ht::objective, ht::jacobian);
    check("at vertices", make_ht(50, 20, false, true), ht::objective, ht::jacobian);
    ht::input without_turn = make_ht(50, 20, true, false);
    without_turn.theta(0) = 5e-5;
    without_turn.theta(1) = -5e-5;
    without_turn.theta(2) = 0;
    check("a turn that is too small", without_turn, ht::objective, ht::jacobian);
}

BOOST_AUTO_TEST_CASE(ode_agrees)
{
    const ode::input in = make_ode_that_lasts(1100, 550);
    BOOST_TEST(by_hand::primal(in)(1099) > 1e-200); // so that there is something to compare
    check("two blocks", in, ode::primal, ode::gradient);
    check("one element", make_ode(1, 3), ode::primal, ode::gradient);
}

BOOST_AUTO_TEST_CASE(det_agrees)
{
    for (const std::size_t l : {1u, 2u, 3u, 8u, 9u})
    {
        check(std::to_string(l), make_det(l), det::primal, det::gradient);
    }
}

BOOST_AUTO_TEST_SUITE_END()
