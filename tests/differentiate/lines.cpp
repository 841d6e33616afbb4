#include "tests/support.hpp"

#include <cmath>
#include <set>

using namespace support;
using autograd::unconnected;

BOOST_AUTO_TEST_SUITE(differentiate_lines)

namespace
{

constexpr int elsewhere = -1;

/// The lines of this file that recorded what stands on the tape behind `from`; `elsewhere` for other files.
std::set<int> lines_behind(const tape& t, std::size_t from)
{
    std::set<int> lines;
    for (const auto& each : t.instructions().subspan(from))
    {
        const autograd::location where = each.where();
        const bool here = where.file != nullptr && std::string(where.file) == __FILE__;
        lines.insert(here ? static_cast<int>(where.line) : elsewhere);
    }
    return lines;
}

/// Runs f, which returns the line of its own call, and gives the lines of what it records beside that and the primal's.
template <class F>
std::set<int> foreign_lines(tape& t, int primal, F f)
{
    const std::size_t before = t.size();
    const int call = f();
    std::set<int> lines = lines_behind(t, before);
    BOOST_TEST(lines.contains(call));
    lines.erase(call);
    lines.erase(primal);
    return lines;
}

const std::set<int> none;

} // namespace

// What is recorded and its __LINE__ stand on one line.
// clang-format off

BOOST_AUTO_TEST_CASE(derivatives_are_recorded_at_the_line_of_the_primal_or_of_the_call)
{
    tape t;
    const variable x = t.variable(array{0.5, 1.5}), late = t.variable(array{1.0, 2.0});
    const variable y = sum(tanh(x) * exp(x) + prod(x)) + logsumexp(x); const int primal = __LINE__;
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, x); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, {x, late}, unconnected::zero); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, std::vector{x}); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, std::pair(x, x)); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { vjp(x, late, x, unconnected::zero); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { jvp(y, {x, x}, {x, late}); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { jvp(y, late, x, unconnected::zero); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { jacobian(y, x); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { hessian(y, x); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { hessian_vector_product(y, x, late); return __LINE__; }) == none));
}

BOOST_AUTO_TEST_CASE(functions_of_functions_are_recorded_at_the_line_that_made_them)
{
    tape t;
    const variable x = t.variable(array{0.5, 1.5});
    const auto f = [](auto z) { return sum(tanh(z) * z); }; const int primal = __LINE__;
    BOOST_TEST((foreign_lines(t, primal, [&] { autograd::grad(f)(x); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { autograd::grad<0>(f)(x); return __LINE__; }) == none));
    BOOST_TEST((foreign_lines(t, primal, [&] { autograd::value_and_grad(f)(x); return __LINE__; }) == none));
    const auto own = [](auto z) { return z * z; }; const int value = __LINE__;
    const auto rule = [](auto z, auto, auto g) { return 2.0 * z * g; };
    BOOST_TEST((foreign_lines(t, value, [&] { autograd::custom_vjp(own, rule)(x); return __LINE__; }) == none));
}

BOOST_AUTO_TEST_CASE(sums_over_blocks_are_recorded_at_the_line_of_the_call)
{
    tape t;
    const variable x = t.variable(array{0.5, 1.5});
    const array rows{1.0, 2.0, 3.0};
    const auto blocks = autograd::blocks_of_rows(2, rows);
    const auto f = [](auto z, auto r) { return sum(z) * mean(r); };
    BOOST_TEST((foreign_lines(t, 0, [&] { mean_over_blocks(blocks, x, f); return __LINE__; }) == none));
    const variable y = mean_over_blocks(blocks, x, f); const int primal = __LINE__;
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, x); return __LINE__; }) == none));
}

// The primal's line is not known beside an xtensor array: the derivative's line is then the call's.
BOOST_AUTO_TEST_CASE(a_primal_without_a_line_takes_that_of_the_call)
{
    tape t;
    const variable x = t.variable(array{0.5, 1.5});
    const variable y = sum(x / array{1.0, 2.0}); const int primal = __LINE__;
    BOOST_TEST((foreign_lines(t, primal, [&] { gradient(y, x); return __LINE__; }) == none));
}

BOOST_AUTO_TEST_CASE(errors_name_the_line_of_the_call)
{
    tape t;
    const variable x = t.variable(array{0.5, 1.5}), w = t.variable(1.0);
    const auto at = [](int line) { return "  [" __FILE__ ":" + std::to_string(line) + "]"; };
    const auto ends = [](const std::string& text, const std::string& end) { return text.ends_with(end); };
    BOOST_TEST(ends(whole_text_of([&] { gradient(x, x); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { gradient(w * w, {x, w}); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { vjp(x, x, w); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { jvp(x, x, w); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { jacobian(w, x); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { hessian(x, x); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { hessian_vector_product(x, x, x); }), at(__LINE__)));
    BOOST_TEST(ends(whole_text_of([&] { autograd::grad([](auto z) { return z; })(x); }), at(__LINE__)));
}

// clang-format on

BOOST_AUTO_TEST_SUITE_END()
