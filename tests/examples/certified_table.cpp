// The tables in which examples show formulas beside the tape's, and what they say of several sizes.

#include "examples/article/certified_table.hpp"
#include "tests/support.hpp"

#include <boost/test/unit_test.hpp>

namespace
{

using article::certified_table;
using article::formula;
using variable = autograd::variable<double>;

/// A table of one row: two functions of x, of shape (samples), at several numbers of samples.
template <class ByArticle, class ByTape>
certified_table table_of(const ByArticle& by_article, const ByTape& by_tape,
                         const std::vector<std::size_t>& numbers_of_samples)
{
    certified_table table("some formulas");
    for (const std::size_t samples : numbers_of_samples)
    {
        autograd::tape<double> tape;
        xt::xarray<double> values = xt::arange(1.0, 1.0 + static_cast<double>(samples));
        const variable x = tape.variable(values / 8).name("x");
        table.add("N = " + std::to_string(samples), samples,
                  {formula{"row", "f(x)", by_article(x), by_tape(x).name("y")}});
    }
    return table;
}

variable total(variable x)
{
    return sum(exp(x));
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_certified_table)

BOOST_AUTO_TEST_CASE(the_verdict_is_that_of_all_sizes)
{
    const auto verdict = [](auto by_article, auto by_tape, const std::vector<std::size_t>& sizes)
    { return table_of(by_article, by_tape, sizes).verdict(0); };
    const auto mean_of = [](variable x) { return mean(exp(x)); };
    const auto third = [](variable x) { return sum(exp(x)) / 3; };
    const auto square_of_samples = [](variable x)
    { return sum(exp(x)) * static_cast<double>(x.size()) * static_cast<double>(x.size()); };
    const auto first_alone = [](variable x)
    {
        xt::xarray<double> first = xt::zeros<double>({x.size()});
        first(0) = 1;
        return sum(exp(x) * first);
    };

    BOOST_TEST(verdict(total, total, {3, 5}) == "CERTIFIED EQUAL");
    BOOST_TEST(verdict(total, mean_of, {3, 5}) == "CERTIFIED EQUAL UP TO THE FACTOR N");
    BOOST_TEST(verdict(mean_of, total, {3, 5, 3}) == "CERTIFIED EQUAL UP TO THE FACTOR 1/N");
    BOOST_TEST(verdict(total, mean_of, {3, 3}) == "CERTIFIED EQUAL UP TO THE FACTOR 3");
    BOOST_TEST(verdict(total, mean_of, {1, 4}) == "CERTIFIED EQUAL UP TO THE FACTOR N");
    BOOST_TEST(verdict(total, third, {3, 5}) == "CERTIFIED EQUAL UP TO THE FACTOR 3");
    BOOST_TEST(verdict(square_of_samples, total, {3, 5}) == "CERTIFIED EQUAL UP TO A FACTOR, another at each size");
    BOOST_TEST(verdict(total, mean_of, {3, 5, 1, 4}) == "CERTIFIED EQUAL UP TO THE FACTOR N");
    BOOST_TEST(verdict(total, first_alone, {1, 4}) == "CERTIFIED EQUAL at N = 1, DIFFERENT at N = 4");
    BOOST_TEST(verdict(total, first_alone, {2, 4}) == "DIFFERENT");
}

BOOST_AUTO_TEST_CASE(what_is_different_is_explained)
{
    const certified_table table =
        table_of([](variable x) { return sum(2 * exp(x) + x); }, [](variable x) { return sum(exp(x) + x); }, {3, 5});
    const std::string text = table.text();
    BOOST_TEST(text.find("\nrow, N = 3:\n  DIFFERENT\n") != std::string::npos, text);
    BOOST_TEST(text.find(" on the left and ") != std::string::npos, text);
    BOOST_TEST(text.find("did you mean") != std::string::npos, text);
    BOOST_TEST(text.find("for all values of x, with all else as recorded; at N = 3; N = 5") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_document_has_each_row)
{
    const certified_table table = table_of(total, [](variable x) { return mean(exp(x)); }, {3, 5});
    const std::string document = article::latex_document({table, table}, "Before.\n");
    BOOST_TEST(document.starts_with("\\documentclass"));
    BOOST_TEST(document.ends_with("\\end{document}\n"));
    BOOST_TEST(document.find("\\begin{document}\n\\footnotesize\nBefore.\n\\section*{some formulas}") !=
               std::string::npos);
    BOOST_TEST(document.find("$\\displaystyle f(x)$ &\n$\\displaystyle ") != std::string::npos);
    BOOST_TEST(document.find(" &\nCERTIFIED EQUAL UP TO THE FACTOR N \\\\[2ex]\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
