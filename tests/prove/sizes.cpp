// Equality at several sizes, and factors in terms of them.

#include "autograd/prove/sizes.hpp"
#include "tests/support.hpp"

using namespace support;
using autograd::certificate;
using autograd::certify_at_sizes;
using autograd::certify_equal;
using autograd::certify_gradient;
using autograd::verdict;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(prove_sizes)

namespace
{

/// Two functions of x of shape (n), beside each other.
template <class Left, class Right>
certificate at_sizes(const std::vector<std::size_t>& sizes, Left left, Right right)
{
    return certify_at_sizes(sizes,
                            [&](std::size_t n)
                            {
                                tape t;
                                const array values = xt::linspace<double>(0.5, 1.5, n);
                                const variable x = t.variable(values).name("x");
                                return certify_equal(left(x), right(x), {.formulas = false});
                            });
}

std::string in_terms_of_size(std::vector<std::string> factors, std::vector<std::size_t> sizes)
{
    return autograd::prove::factor_in_terms_of_size(factors, sizes).value_or("nothing");
}

double size_of(variable x)
{
    return static_cast<double>(x.size());
}

} // namespace

BOOST_AUTO_TEST_CASE(factors_in_terms_of_the_size)
{
    BOOST_TEST(in_terms_of_size({"300", "200"}, {300, 200}) == "N");
    BOOST_TEST(in_terms_of_size({"-300", "-200"}, {300, 200}) == "-N");
    BOOST_TEST(in_terms_of_size({"1/300", "1/200"}, {300, 200}) == "1/N");
    BOOST_TEST(in_terms_of_size({"1/300", "1"}, {300, 1}) == "1/N");
    BOOST_TEST(in_terms_of_size({"600", "400"}, {300, 200}) == "2 N");
    BOOST_TEST(in_terms_of_size({"3/2", "5/2"}, {3, 5}) == "N/2");
    BOOST_TEST(in_terms_of_size({"2/3", "2/5", "1/4"}, {3, 5, 8}) == "2/N");
    BOOST_TEST(in_terms_of_size({"-1/6", "-1/10"}, {3, 5}) == "-1/(2 N)");
    BOOST_TEST(in_terms_of_size({"3", "3"}, {300, 200}) == "3");
    BOOST_TEST(in_terms_of_size({"3", "3"}, {3, 3}) == "3");
    BOOST_TEST(in_terms_of_size({"1 for the term of f at a.cpp:300, 300 for the term of g",
                                 "1 for the term of f at a.cpp:300, 200 for the term of g"},
                                {300, 200}) == "1 for the term of f at a.cpp:300, N for the term of g");
    BOOST_TEST(in_terms_of_size({"300", "201"}, {300, 200}) == "nothing");
    BOOST_TEST(in_terms_of_size({"300", "1/200"}, {300, 200}) == "nothing");
    BOOST_TEST(in_terms_of_size({"9", "25"}, {3, 5}) == "nothing");
    BOOST_TEST(in_terms_of_size({"2 for a", "3"}, {3, 5}) == "nothing");
}

BOOST_AUTO_TEST_CASE(equal_at_all_sizes)
{
    const auto square_of_sum = [](variable x) { return square(sum(x)); };
    const auto product_of_sums = [](variable x) { return sum(x) * sum(x); };
    const certificate found = at_sizes({1, 3, 8}, square_of_sum, product_of_sums);
    BOOST_TEST(found);
    BOOST_TEST(found.sizes == (std::vector<std::size_t>{1, 3, 8}));
    BOOST_TEST(found.bits >= 80);
    BOOST_TEST(to_text(found).ends_with("  at N = 1, 3, 8\n"), to_text(found));
    BOOST_TEST(to_json(found).find("\"sizes\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_factor_that_follows_the_size)
{
    const auto of = [](auto left, auto right)
    {
        const certificate found = at_sizes({1, 3, 5}, left, right);
        BOOST_TEST((found.outcome == verdict::equal_up_to_factor), found);
        return found.arrays[0].factor;
    };
    const auto total = [](variable x) { return sum(exp(x)); };
    const auto average = [](variable x) { return mean(exp(x)); };
    BOOST_TEST(of(average, total) == "1/N");
    BOOST_TEST(of(total, average) == "N");
    BOOST_TEST(of([&](variable x) { return total(x) / 3; }, total) == "1/3");
    BOOST_TEST(of([&](variable x) { return total(x) * size_of(x) * size_of(x); }, total) == "1 at 1, 9 at 3, 25 at 5");
}

BOOST_AUTO_TEST_CASE(a_factor_of_one_term_that_follows_the_size)
{
    const auto whole = [](variable x) { return exp(x) + square(x); };
    const auto divided = [](variable x) { return exp(x) + square(x) / size_of(x); };
    const certificate found = at_sizes({3, 5}, divided, whole);
    BOOST_TEST((found.outcome == verdict::equal_up_to_factor), found);
    BOOST_TEST(found.arrays[0].factor.find("1/N for the term of square") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE(a_difference_at_one_of_the_sizes)
{
    const auto first = [](variable x) { return sum(view(x, xt::range(0, 1))); };
    const certificate found = at_sizes({1, 4, 7}, first, [](variable x) { return sum(x); });
    BOOST_TEST((found.outcome == verdict::different));
    BOOST_TEST(found.sizes == std::vector<std::size_t>{4});
    BOOST_TEST(to_text(found).ends_with("  at N = 4\n"), to_text(found));
}

BOOST_AUTO_TEST_CASE(sizes_are_needed)
{
    BOOST_TEST(
        text_of<error::value_error>([] { (void)certify_at_sizes({}, [](std::size_t) { return certificate(); }); }) ==
        "autograd: certify_at_sizes: there are no sizes; give one or more.");
    const auto more_each_time = [](std::size_t n)
    {
        certificate result;
        result.outcome = verdict::equal;
        result.arrays.resize(n);
        return result;
    };
    BOOST_TEST(
        text_of<error::value_error>(
            [&] {
                (void)certify_at_sizes({1, 2}, more_each_time);
            }) ==
        "autograd: certify_at_sizes: there are 1 arrays at size 1 and 2 at size 2; the same formulas are certified at "
        "each size.");
}

BOOST_AUTO_TEST_SUITE_END()
