// The evals of GradBench against loops with derivatives by hand: more than one block of what is treated in blocks, and
// what the small files do not have.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"
#include "tests/benchmarks/gradbench/driver/contest.hpp"
#include "tests/benchmarks/gradbench/driver/inputs.hpp"
#include "tests/benchmarks/gradbench/evals/particle.hpp"
#include "tests/benchmarks/gradbench/evals/saddle.hpp"

#include "autograd/tape/tape.hpp"

#include <boost/test/unit_test.hpp>

#include <numbers>

namespace
{

using namespace gradbench;

/// \name Inputs of the same structure, with other values
/// For these programs are compiled: nothing of a value may be left in them.
/// \{
gmm::input varied(gmm::input in)
{
    const array halved = in.at.l * 0.5;
    return {in.x + 0.5, {in.at.alpha - 1.0, in.at.mu * 2.0, in.at.q * -0.5, halved}, in.m + 1, in.gamma * 2};
}
kmeans::input varied(kmeans::input in)
{
    std::reverse(in.points.begin(), in.points.end());
    return {in.points, 1.0 - in.centroids};
}
lse::input varied(const lse::input& in)
{
    return {-700.0 * in.x};
}
llsq::input varied(const llsq::input& in)
{
    return {1.0 - in.x, in.n};
}
lstm::input varied(const lstm::input& in)
{
    return {-in.main_params, 1.0 - in.extra_params, in.state * 0.5, 1.0 - in.sequence};
}
ba::input varied(const ba::input& in)
{
    return {in.cameras + 0.01, in.points * 0.9, 1.0 - in.weights, in.features - 1.0};
}
ht::input varied(ht::input in)
{
    std::reverse(in.correspondences.begin(), in.correspondences.end());
    std::rotate(in.model.triangles.begin(), in.model.triangles.begin() + 1, in.model.triangles.end());
    std::reverse(in.model.weights.begin(), in.model.weights.end());
    in.model.base_relatives *= 0.9;
    in.model.inverse_base_absolutes *= 1.1;
    in.model.base_positions *= 0.5;
    in.model.is_mirrored = !in.model.is_mirrored;
    in.theta += 0.1;
    in.us *= 0.5;
    in.points -= 1.0;
    return in;
}
ode::input varied(const ode::input& in)
{
    return {1.0 - in.x, in.s};
}
det::input varied(const det::input& in)
{
    return {1.0 - in.A};
}
saddle::input varied(const saddle::input& in)
{
    return {in.start * 0.1};
}
particle::input varied(const particle::input& in)
{
    return {in.w + 0.1};
}
/// \}

template <class Input, class Output>
void check(const std::string& name, const Input& in, const versions<Input, Output>& ours,
           const std::vector<double>& expected)
{
    autograd::tape<double> tape;
    const std::string recorded = difference(numbers_of(ours.recorded(tape, in)), expected);
    BOOST_TEST(recorded == "", name << ": " << recorded);
    if (ours.compile != nullptr)
    {
        const auto program = ours.compile(varied(in));
        Output out{};
        program(varied(in), out);
        program(in, out);
        const std::string of_program = difference(numbers_of(out), expected);
        BOOST_TEST(of_program == "", name << ", program: " << of_program);
    }
}

template <class Input, class Primal, class Derivative>
void check(const std::string& name, const Input& in, const versions<Input, Primal>& primal,
           const versions<Input, Derivative>& derivative)
{
    check(name, in, primal, numbers_of(by_hand::primal(in)));
    check(name + ", derivative", in, derivative, numbers_of(by_hand::derivative(in)));
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
    const versions primal{gmm::objective, gmm::compile_objective};
    const versions derivative{gmm::jacobian, gmm::compile_jacobian};
    gmm::input with_prior = make_gmm(5, 4, 100);
    with_prior.m = 3;
    with_prior.gamma = 0.7;
    check("with a prior", with_prior, primal, derivative);
    check("three blocks of points, three bands of rows", make_gmm(20, 3, 300), primal, derivative);
    check("one dimension", make_gmm(1, 3, 50), primal, derivative);
    check("one component", make_gmm(4, 1, 50), primal, derivative);
}

BOOST_AUTO_TEST_CASE(kmeans_agrees)
{
    const versions primal{kmeans::cost, kmeans::compile_cost};
    const versions derivative{kmeans::direction, kmeans::compile_direction};
    check("three blocks", make_kmeans(700, 6, 20), primal, derivative);
    check("one centroid", make_kmeans(10, 1, 1), primal, derivative);
}

BOOST_AUTO_TEST_CASE(lse_agrees)
{
    const versions primal{lse::primal, lse::compile_primal};
    const versions derivative{lse::gradient, lse::compile_gradient};
    check("many", make_lse(3000), primal, derivative);
    check("one", make_lse(1), primal, derivative);
}

BOOST_AUTO_TEST_CASE(llsq_agrees)
{
    const versions primal{llsq::primal, llsq::compile_primal};
    const versions derivative{llsq::gradient, llsq::compile_gradient};
    check("three blocks", make_llsq(128, 2500), primal, derivative);
    check("a row that is not full", make_llsq(37, 101), primal, derivative);
    check("two points", make_llsq(1, 2), primal, derivative);
}

BOOST_AUTO_TEST_CASE(lstm_agrees)
{
    const versions primal{lstm::objective, lstm::compile_objective};
    const versions derivative{lstm::jacobian, lstm::compile_jacobian};
    const std::pair<const char*, lstm::input> inputs[] = {{"four layers", make_lstm(4, 100, 14)},
                                                          {"three blocks", make_lstm(3, 300, 14)},
                                                          {"more layers than characters", make_lstm(6, 3, 5)},
                                                          {"two characters", make_lstm(1, 2, 1)}};
    for (const auto& [name, in] : inputs)
    {
        check(name, in, primal, derivative);
        check(std::string(name) + ", as written", in, versions{lstm::objective_as_written},
              versions{lstm::jacobian_as_written});
    }
}

BOOST_AUTO_TEST_CASE(ba_agrees)
{
    const versions primal{ba::objective, ba::compile_objective};
    const versions derivative{ba::jacobian, ba::compile_jacobian};
    ba::input in = make_ba(7, 100, 1300);
    for (std::size_t j = 0; j < 3; ++j)
    {
        in.cameras(j, 2) = 0; // one camera among the others that does not turn
    }
    check("three blocks", in, primal, derivative);
}

BOOST_AUTO_TEST_CASE(ht_agrees)
{
    const versions primal{ht::objective, ht::compile_objective};
    const versions derivative{ht::jacobian, ht::compile_jacobian};
    check("three blocks", make_ht(50, 600, true, false), primal, derivative);
    check("mirrored", make_ht(50, 20, true, true), primal, derivative);
    check("at vertices", make_ht(50, 20, false, true), primal, derivative);
    check("no correspondences", make_ht(50, 0, true, false), primal, derivative);
    ht::input without_turn = make_ht(50, 20, true, false);
    without_turn.theta(0) = 5e-5;
    without_turn.theta(1) = -5e-5;
    without_turn.theta(2) = 0;
    check("a turn that is too small", without_turn, primal, derivative);
}

BOOST_AUTO_TEST_CASE(ode_agrees)
{
    const versions primal{ode::primal, ode::compile_primal};
    const versions derivative{ode::gradient, ode::compile_gradient};
    const ode::input in = make_ode_that_lasts(1100, 550);
    BOOST_TEST(by_hand::primal(in)(1099) > 1e-200); // so that there is something to compare
    check("two blocks", in, primal, derivative);
    check("one element", make_ode(1, 3), primal, derivative);
}

BOOST_AUTO_TEST_CASE(det_agrees)
{
    const versions primal{det::primal, det::compile_primal};
    const versions derivative{det::gradient, det::compile_gradient};
    for (const std::size_t l : {1u, 2u, 3u, 8u, 9u})
    {
        check(std::to_string(l), make_det(l), primal, derivative);
    }
}

BOOST_AUTO_TEST_CASE(saddle_agrees)
{
    for (const saddle::input& in : {saddle::input{{1.0, 1.0}}, saddle::input{{0.2, -0.1}}})
    {
        autograd::tape<double> tape;
        const std::vector<double> expected = numbers_of(saddle::rr(tape, in));
        check("rr", in, versions{saddle::rr, saddle::compile_rr}, expected);
        check("rf", in, versions{saddle::rf, saddle::compile_rf}, expected);
        check("fr", in, versions{saddle::fr, saddle::compile_fr}, expected);
        check("ff", in, versions{saddle::ff, saddle::compile_ff}, expected);
    }
}

BOOST_AUTO_TEST_CASE(particle_agrees)
{
    for (const double w : {0.0, 0.2})
    {
        const particle::input in{w};
        autograd::tape<double> tape;
        const std::vector<double> expected = numbers_of(particle::rr(tape, in));
        check("rr", in, versions{particle::rr, particle::compile_rr}, expected);
        check("rf", in, versions{particle::rf, particle::compile_rf}, expected);
        check("fr", in, versions{particle::fr, particle::compile_fr}, expected);
        check("ff", in, versions{particle::ff, particle::compile_ff}, expected);
    }
}

BOOST_AUTO_TEST_SUITE_END()
