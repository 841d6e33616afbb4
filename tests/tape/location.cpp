#include "tests/support.hpp"

#include <set>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(tape_location)

namespace
{

/// The lines of this file, and nothing but them, that recorded the instructions from one on.
std::set<int> lines_from(const tape& t, std::size_t first)
{
    std::set<int> lines;
    for (auto index = static_cast<std::uint32_t>(first); index < t.size(); ++index)
    {
        const autograd::location where = t[index].where();
        BOOST_TEST(bool(where), "instruction " << index << " (" << t[index].op->name << ") has no line");
        BOOST_TEST((!where || where.file == std::string(__FILE__)),
                   "instruction " << index << " (" << t[index].op->name << ") was recorded in " << where.file);
        lines.insert(static_cast<int>(where.line));
    }
    return lines;
}

std::string here(int line)
{
    return std::string("  [") + __FILE__ + ":" + std::to_string(line) + "]";
}

} // namespace

// Records f, and checks that each instruction of it says this line.
#define SAYS_THIS_LINE(...)                                                                                            \
    {                                                                                                                  \
        const std::size_t first = t.size();                                                                            \
        BOOST_TEST_CONTEXT(#__VA_ARGS__)                                                                               \
        {                                                                                                              \
            (void)(__VA_ARGS__);                                                                                       \
            BOOST_TEST((lines_from(t, first) == std::set<int>{__LINE__}));                                             \
        }                                                                                                              \
    }

BOOST_AUTO_TEST_CASE(leaves_know_their_line)
{
    tape t;
    const array data{1.0, 2.0};
    SAYS_THIS_LINE(t.variable(data))
    SAYS_THIS_LINE(t.constant(data + 1.0))
    SAYS_THIS_LINE(t.variable(2.0))
    SAYS_THIS_LINE(t.constant({1.0, 2.0}))
    SAYS_THIS_LINE(t.constant(autograd::borrow(data)))
    SAYS_THIS_LINE(t.index(integers{1, 2}))
    SAYS_THIS_LINE(t.index(3))
    SAYS_THIS_LINE(t.full(autograd::shape_vector{2}, 1.0))
}

BOOST_AUTO_TEST_CASE(leaves_may_have_the_line_of_another)
{
    tape t;
    const array data{1.0, 2.0};
    const tape::as_if_at at(t, {__FILE__, 7});
    for (const autograd::handle<double>& leaf :
         std::vector<autograd::handle<double>>{t.variable(data), t.constant(2.0), t.variable(autograd::borrow(data)),
                                               t.constant(autograd::borrow(data)), t.index(3), t.full({2}, 1.0)})
    {
        BOOST_TEST(t[leaf.index()].where().line == 7, t[leaf.index()].op->name);
    }
}

BOOST_AUTO_TEST_CASE(operators_know_their_line)
{
    tape t;
    const array data{1.0, 2.0};
    const variable x = t.variable(data), row = t.variable(array{{1.0, 2.0}});
    variable y = x;
    SAYS_THIS_LINE(x + x)
    SAYS_THIS_LINE(x - 1.0)
    SAYS_THIS_LINE(2 / x)
    SAYS_THIS_LINE(-x)
    SAYS_THIS_LINE(!x)
    SAYS_THIS_LINE(x * row)
    SAYS_THIS_LINE(x < row)
    SAYS_THIS_LINE(x >= 1.0)
    SAYS_THIS_LINE(x && row)
    SAYS_THIS_LINE(x || 1)
    SAYS_THIS_LINE(!(x > 1.0))
    SAYS_THIS_LINE((x > 1.0) && (row < 2.0))
    SAYS_THIS_LINE((x > 1.0) && row)
    SAYS_THIS_LINE(0 || (x > 1.0))
    SAYS_THIS_LINE(y += x)
    SAYS_THIS_LINE(y *= 2.0)
}

// A template of an operator cannot know the line that used it; then none is better than one of the library.
BOOST_AUTO_TEST_CASE(operators_with_arrays_name_no_line_of_the_library)
{
    tape t;
    const array data{1.0, 2.0};
    const variable x = t.variable(data);
    const variable results[] = {x + data, data * x, x / (data + 1.0)};
    for (const variable& y : results)
    {
        for (std::uint32_t index : {y.index(), t.operands(t[y.index()])[0], t.operands(t[y.index()])[1]})
        {
            const autograd::location where = t[index].where();
            BOOST_TEST((!where || where.file == std::string(__FILE__)), where.file << ":" << where.line);
        }
    }
}

BOOST_AUTO_TEST_CASE(functions_know_their_line)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}}), row = t.variable(array{1.0, 2.0});
    const variable mask = x > 1.5;
    SAYS_THIS_LINE(exp(x))
    SAYS_THIS_LINE(pow(x, 3.0))
    SAYS_THIS_LINE(pow(x, row))
    SAYS_THIS_LINE(pow(2.0, x))
    SAYS_THIS_LINE(maximum(x, row))
    SAYS_THIS_LINE(maximum(x, 0.5))
    SAYS_THIS_LINE(minimum(0.5, x))
    SAYS_THIS_LINE(equal(x, 1.0))
    SAYS_THIS_LINE(clip(x, 0, 1))
    SAYS_THIS_LINE(where(mask, x, row))
    SAYS_THIS_LINE(where(mask, x, 0.0))
    SAYS_THIS_LINE(where(mask, 0.0, x))
    SAYS_THIS_LINE(leaky_relu(x, 0.1))
    SAYS_THIS_LINE(sum(x))
    SAYS_THIS_LINE(sum(x, {0, 1}))
    SAYS_THIS_LINE(mean(x, 0))
    SAYS_THIS_LINE(variance(x))
    SAYS_THIS_LINE(norm_l2(x, 1))
    SAYS_THIS_LINE(amax(x, 0))
    SAYS_THIS_LINE(argmax(x, 0))
    SAYS_THIS_LINE(logsumexp(x, {1}))
    SAYS_THIS_LINE(softmax(x, 1))
    SAYS_THIS_LINE(log_softmax(x))
    SAYS_THIS_LINE(cumsum(x, 0))
    SAYS_THIS_LINE(cumprod(x, 0))
    SAYS_THIS_LINE(sort(x, 0))
    SAYS_THIS_LINE(topk(x, 1))
}

BOOST_AUTO_TEST_CASE(functions_of_shapes_know_their_line)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}}), row = t.variable(array{1.0, 2.0});
    const auto i = t.index(integers{1, 0});
    SAYS_THIS_LINE(reshape(x, {4}))
    SAYS_THIS_LINE(transpose(x))
    SAYS_THIS_LINE(broadcast(x, {3, 2, 2}))
    SAYS_THIS_LINE(expand_dims(x, 0))
    SAYS_THIS_LINE(flatten(x))
    SAYS_THIS_LINE(autograd::concatenate({x, x}, 0))
    SAYS_THIS_LINE(autograd::stack({x, x}, 0))
    SAYS_THIS_LINE(split(x, 2))
    SAYS_THIS_LINE(flip(x, 0))
    SAYS_THIS_LINE(roll(x, 1))
    SAYS_THIS_LINE(tile(x, 2))
    SAYS_THIS_LINE(repeat(x, 2, 0))
    SAYS_THIS_LINE(pad(x, {{1, 0}, {0, 1}}))
    SAYS_THIS_LINE(pad(x, {{1, 0}, {0, 1}}, 2.0))
    SAYS_THIS_LINE(diag(row))
    SAYS_THIS_LINE(tril(x))
    SAYS_THIS_LINE(trace(x))
    SAYS_THIS_LINE(gather(x, i))
    SAYS_THIS_LINE(take_along_axis(row, i, 0))
    SAYS_THIS_LINE(one_hot(i, 3))
    SAYS_THIS_LINE(matmul(x, x))
    SAYS_THIS_LINE(matmul(x, row))
    SAYS_THIS_LINE(outer(row, row))
    SAYS_THIS_LINE(dot(row, row))
}

BOOST_AUTO_TEST_CASE(errors_end_with_the_line)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), y = t.variable(array{1.0, 2.0, 3.0});
    const auto i = t.index(integers{7});
    const auto text = [](auto f) { return whole_text_of(f); };
    const auto ends_with = [](const std::string& all, const std::string& end)
    { return all.size() >= end.size() && all.substr(all.size() - end.size()) == end; };
    const int line = __LINE__ + 1;
    const std::string refusal = text([&] { x + y; });
    BOOST_TEST(refusal == "autograd: add: shapes (2,) and (3,) do not broadcast; aligned at their last axes, extents "
                          "must be equal or 1." +
                              here(line));
    BOOST_TEST(ends_with(text([&] { matmul(x, y); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { maximum(x, y); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { gather(x, i); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { exp(x) * exp(y); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { reshape(x, {5}); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { sum(x, 3); }), here(__LINE__)));
    BOOST_TEST(ends_with(text([&] { clip(x, 2, 1); }), here(__LINE__)));
    try
    {
        x* y;
    }
    catch (const error::exception& e)
    {
        BOOST_TEST(e.where().file == std::string(__FILE__));
        BOOST_TEST(e.where().line == __LINE__ - 5);
    }
}

BOOST_AUTO_TEST_SUITE_END()
