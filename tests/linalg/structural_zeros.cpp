// What is 0 by how it was recorded: followed back through linear operations, and never concluded from numbers.

#include "support.hpp"

#include "autograd/define_operation.hpp"
#include "autograd/linalg/structural_zeros.hpp"

#include <string>

using namespace support;
using autograd::detail::structure_of;
using xt::all;

namespace
{

/// Which elements may be other than 0, "1" and "0" each, row by row; "everywhere" where nothing is known.
std::string pattern(variable x)
{
    const variable structure = structure_of(x);
    if (structure.empty())
    {
        return "everywhere";
    }
    BOOST_TEST(shape(structure) == shape(x));
    std::string text;
    for (const double number : list(structure))
    {
        BOOST_TEST(number >= 0);
        text += number == 0 ? '0' : '1';
    }
    return text;
}

/// x_i - 2 x_(i+1) + x_(i+2) of a vector: 0 where x grows evenly.
struct second_difference_rule : autograd::linear
{
    static constexpr auto name = "second_difference";
    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands) { return {operands[0][0] - 2}; }
    template <class T>
    static void forward(const autograd::evaluation<T>& call)
    {
        for (std::size_t i = 0; i < call.size; ++i)
        {
            const T* const x = call.in(0) + i;
            call.out()[i] = (x[0] - x[1]) - (x[1] - x[2]);
        }
    }
    template <class T>
    static autograd::variable<T> transpose(const autograd::recorded<T>&, autograd::variable<T> g)
    {
        return pad(g, {{0, 2}}) - 2.0 * pad(g, {{1, 1}}) + pad(g, {{2, 0}});
    }
};

/// What flows into the matrix x, of zeros, from f(x).
template <class F>
std::string pattern_of_cotangent(F f)
{
    tape t;
    const variable x = t.variable(array(xt::zeros<double>({2, 3})));
    return pattern(autograd::gradient(autograd::sum(autograd::square(f(x) + 1)), x));
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_structural_zeros)

BOOST_AUTO_TEST_CASE(what_comes_through_parts)
{
    BOOST_TEST(pattern_of_cotangent([](variable x) { return view(x, all(), 1); }) == "010010");
    BOOST_TEST(pattern_of_cotangent([](variable x) { return view(x, 1); }) == "000111");
    BOOST_TEST(pattern_of_cotangent([](variable x) { return view(transpose(x), 2); }) == "001001");
    BOOST_TEST(pattern_of_cotangent(
                   [](variable x) {
                       return autograd::concatenate({view(x, 0), view(x, all(), 0)}, 0);
                   }) == "111100");
    BOOST_TEST(pattern_of_cotangent([](variable x) { return view(transpose(x), 2) + view(x, all(), 0); }) == "101101");
    BOOST_TEST(pattern_of_cotangent(
                   [](variable x) {
                       return gather(x, x.tape().index(integers{2, 2}), 1);
                   }) == "001001");
    BOOST_TEST(pattern_of_cotangent(
                   [](variable x) {
                       return reshape(slice(flatten(x), 0, 1, 3), {2, 1});
                   }) == "011000");
    BOOST_TEST(pattern_of_cotangent([](variable x) { return tril(x); }) == "100110");
    // Of everything, since there is an operation that is not linear before the part.
    BOOST_TEST(pattern_of_cotangent([](variable x) { return view(x * x, all(), 1); }) == "everywhere");
}

BOOST_AUTO_TEST_CASE(products_of_what_is_0)
{
    tape t;
    const variable x = t.variable(array{{1.0, -1.0}, {-1.0, 1.0}});
    const variable left_column = pad(view(x, all(), xt::range(0, 1)), {{0, 0}, {0, 1}});
    BOOST_TEST(pattern(left_column) == "1010");
    BOOST_TEST(pattern(matmul(x, left_column)) == "1010");
    BOOST_TEST(pattern(matmul(left_column, x)) == "1111"); // and it is 0 in numbers
    BOOST_TEST(pattern(matmul(x, x)) == "everywhere");
}

BOOST_AUTO_TEST_CASE(zeros_among_numbers_are_none_of_structure)
{
    tape t;
    const variable zeros = t.variable(array(xt::zeros<double>({2, 2})));
    BOOST_TEST(pattern(zeros) == "everywhere");
    BOOST_TEST(pattern(t.full({2, 2}, 0.0)) == "everywhere");
    BOOST_TEST(pattern(zeros * 2.0) == "everywhere");
    BOOST_TEST(pattern(sum(zeros, 0)) == "11");
    BOOST_TEST(pattern(transpose(zeros)) == "1111");
    // Linear operations whose terms may cancel.
    BOOST_TEST(pattern(zeros - mean(zeros, 0)) == "everywhere");
    BOOST_TEST(pattern(autograd::record<autograd::minus_mean_rule, double>(
                   {}, zeros, autograd::minus_mean_rule::attributes{1, false})) == "11");
}

BOOST_AUTO_TEST_CASE(terms_of_both_signs_do_not_cancel)
{
    tape t;
    autograd::tape<float> single;
    const auto differences = [](auto x)
    {
        using T = typename decltype(x)::value_type;
        return autograd::record<second_difference_rule, T>(autograd::location{}, x);
    };
    BOOST_TEST(pattern(differences(t.full({40}, 0.0))) == std::string(38, '1'));
    BOOST_TEST(list(structure_of(differences(single.full({40}, 0.0F)))).size() == 38u);
    for (const float number : list(structure_of(differences(single.full({40}, 0.0F)))))
    {
        BOOST_TEST(number > 0);
    }
}

BOOST_AUTO_TEST_CASE(it_is_not_followed_without_end)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable part = pad(slice(x, 0, 0, 1), {{0, 1}});
    variable y = part;
    for (int k = 0; k < 20; ++k)
    {
        y = y + part;
    }
    BOOST_TEST(pattern(part + part) == "10");
    BOOST_TEST(pattern(y) == "everywhere");
    for (int k = 0; k < 100000; ++k)
    {
        y = transpose(y);
    }
    BOOST_TEST((pattern(y) == "everywhere" || pattern(y) == "11"));
}

BOOST_AUTO_TEST_CASE(on_tapes_of_shapes)
{
    tape t(autograd::recording::shapes);
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const variable structure = structure_of(gradient(sum(view(x, 0)), x));
    BOOST_TEST(shape(structure) == (extents{2, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
