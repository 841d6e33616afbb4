// einsum against its definition, a loop over all indices: values, gradients, and what is refused.

#include "tests/linalg/sum_of_products.hpp"

#include "autograd/linalg.hpp"
#include "autograd/prove/certify.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <thread>

namespace
{

using support::array;
using support::extents;
using support::list;
using support::sum_of_products;
using support::tape;
using support::text_of;
using support::variable;

using autograd::einsum;
using autograd::einsum_path;
using autograd::shape_vector;
using autograd::tensordot;
using autograd::error::shape_error;
using autograd::error::value_error;

/// Numbers that are sums of powers of 2, of which products and sums are exact.
array exact_numbers(const extents& shape, std::mt19937_64& random)
{
    array x = array::from_shape(shape);
    std::generate(x.begin(), x.end(), [&] { return static_cast<double>(random() % 33) / 8 - 2; });
    return x;
}

std::vector<variable> variables(tape& t, const std::vector<array>& xs)
{
    std::vector<variable> result;
    std::transform(xs.begin(), xs.end(), std::back_inserter(result), [&](const array& x) { return t.variable(x); });
    return result;
}

/// Value and gradients of einsum are those of its definition, to the last bit.
void check(const std::string& subscripts, const std::vector<extents>& shapes, std::mt19937_64& random)
{
    const sum_of_products definition(subscripts, shapes);
    std::vector<array> xs;
    std::transform(shapes.begin(), shapes.end(), std::back_inserter(xs),
                   [&](const extents& shape) { return exact_numbers(shape, random); });
    tape t;
    const std::vector<variable> x = variables(t, xs);
    const variable y = einsum(subscripts, x);
    BOOST_TEST(support::shape(y) == definition.shape(), subscripts);
    BOOST_TEST((list(y) == list(definition.value(xs))), subscripts);

    const array g = exact_numbers(definition.shape(), random);
    const std::vector<variable> x_bar = vjp(y, x, t.constant(g), autograd::unconnected::zero);
    for (std::size_t k = 0; k < x.size(); ++k)
    {
        BOOST_TEST(support::shape(x_bar[k]) == shapes[k], subscripts << ", operand " << k);
        BOOST_TEST((list(x_bar[k]) == list(definition.pulled(xs, k, g))), subscripts << ", operand " << k);
    }
}

struct example
{
    std::string subscripts;
    std::vector<extents> shapes;
};

const std::vector<example> table{
    // One operand: axes in another order, diagonals, sums.
    {"i->i", {{3}}},
    {"i->", {{3}}},
    {"i", {{3}}},
    {"", {{}}},
    {"->", {{}}},
    {"ij->ij", {{2, 3}}},
    {"ij->ji", {{2, 3}}},
    {"ij", {{2, 3}}},
    {"ji", {{2, 3}}},
    {"ij->i", {{2, 3}}},
    {"ij->j", {{2, 3}}},
    {"ij->", {{2, 3}}},
    {"ii", {{3, 3}}},
    {"ii->i", {{3, 3}}},
    {"iii", {{2, 2, 2}}},
    {"iii->i", {{3, 3, 3}}},
    {"iij->j", {{3, 3, 2}}},
    {"iji->j", {{3, 2, 3}}},
    {"jii->ij", {{2, 3, 3}}},
    {"ijij->ij", {{2, 3, 2, 3}}},
    {"ijji->", {{2, 3, 3, 2}}},
    {"iijj->ij", {{2, 2, 3, 3}}},
    {"ijk->kij", {{2, 3, 4}}},
    {"ijk->ik", {{2, 3, 4}}},
    {"kji->k", {{2, 3, 4}}},
    {"aBc", {{2, 3, 4}}},
    {"zA", {{2, 3}}},
    {"...", {{2, 3}}},
    {"...->...", {{2, 3}}},
    {"...i->...", {{2, 3, 4}}},
    {"i...->...", {{2, 3, 4}}},
    {"i...->...i", {{2, 3, 4}}},
    {"i...j->j...i", {{2, 3, 4, 2}}},
    {"...ii->...i", {{2, 3, 3}}},
    {"i...i->...", {{3, 2, 3}}},
    {"...i", {{2, 3}}},
    {"i...", {{3}}},
    {"i->...i", {{3}}},
    {"...i->i", {{3}}},
    {"ij->j", {{0, 3}}},
    {"ij->i", {{0, 3}}},
    {"ii->i", {{0, 0}}},
    {"ij->", {{2, 0}}},
    // Two: products of vectors, matrices and batches in each order of axes.
    {"i,i->", {{3}, {3}}},
    {"i,i", {{3}, {3}}},
    {"i,i->i", {{3}, {3}}},
    {"i,j->ij", {{3}, {2}}},
    {"i,j->ji", {{3}, {2}}},
    {"i,j", {{3}, {2}}},
    {"i,j->", {{3}, {2}}},
    {"i,j->i", {{3}, {2}}},
    {",", {{}, {}}},
    {",->", {{}, {}}},
    {"i,", {{3}, {}}},
    {",ij->ji", {{}, {2, 3}}},
    {"ij,j", {{2, 3}, {3}}},
    {"ij,i", {{2, 3}, {2}}},
    {"i,ij", {{2}, {2, 3}}},
    {"ij,jk", {{2, 3}, {3, 4}}},
    {"ij,kj", {{2, 3}, {4, 3}}},
    {"ji,jk", {{3, 2}, {3, 4}}},
    {"ji,kj", {{3, 2}, {4, 3}}},
    {"ij,jk->ki", {{2, 3}, {3, 4}}},
    {"ji,kj->ki", {{3, 2}, {4, 3}}},
    {"ij,jk->j", {{2, 3}, {3, 4}}},
    {"ij,jk->ijk", {{2, 3}, {3, 4}}},
    {"ij,jk->kji", {{2, 3}, {3, 4}}},
    {"ij,jk->", {{2, 3}, {3, 4}}},
    {"ij,kl->ijkl", {{2, 3}, {3, 4}}},
    {"ij,kl->lj", {{2, 3}, {3, 4}}},
    {"ij,ij->ij", {{2, 3}, {2, 3}}},
    {"ij,ji->ij", {{2, 3}, {3, 2}}},
    {"ij,ij", {{2, 3}, {2, 3}}},
    {"ij,ji", {{2, 3}, {3, 2}}},
    {"ij,ij->i", {{2, 3}, {2, 3}}},
    {"ij,ij->j", {{2, 3}, {2, 3}}},
    {"ij,i->ij", {{2, 3}, {2}}},
    {"ii,ij->ij", {{2, 2}, {2, 3}}},
    {"ii,ij->j", {{2, 2}, {2, 3}}},
    {"iij,jk->ik", {{2, 2, 3}, {3, 4}}},
    {"bij,bjk->bik", {{2, 3, 4}, {2, 4, 5}}},
    {"bij,bjk->ikb", {{2, 3, 4}, {2, 4, 5}}},
    {"ibj,jbk->bik", {{3, 2, 4}, {4, 2, 5}}},
    {"ijb,kjb->kbi", {{3, 4, 2}, {5, 4, 2}}},
    {"bi,bij->bj", {{2, 3}, {2, 3, 4}}},
    {"bqhd,bkhd->bhqk", {{2, 3, 2, 4}, {2, 5, 2, 4}}},
    {"bhqk,bkhd->bqhd", {{2, 2, 3, 5}, {2, 5, 2, 4}}},
    {"aibj,jk->aibk", {{2, 3, 2, 4}, {4, 3}}},
    {"ajb,jk->abk", {{2, 4, 3}, {4, 3}}},
    {"ajb,jk->kba", {{2, 4, 3}, {4, 3}}},
    {"iajb,jbik->ak", {{2, 3, 4, 2}, {4, 2, 2, 3}}},
    {"iaj,jbi->ab", {{2, 3, 4}, {4, 5, 2}}},
    {"abcd,dcef->efab", {{2, 3, 2, 2}, {2, 2, 3, 2}}},
    {"ij,jk->ik", {{2, 1}, {3, 4}}},
    {"ij,jk->ik", {{2, 3}, {1, 4}}},
    {"ij,ij->ij", {{1, 3}, {2, 1}}},
    {"ij,i->j", {{1, 3}, {5}}},
    {"i,i", {{1}, {4}}},
    {"...i,...i->...", {{2, 3}, {4, 1, 3}}},
    {"...ij,...jk->...ik", {{2, 3, 4}, {4, 5}}},
    {"...ij,...jk", {{2, 1, 2, 3}, {5, 3, 2}}},
    {"i...,j...->ij...", {{2, 3}, {4, 3}}},
    {"...,...", {{2, 3}, {3}}},
    {"...i,i", {{2, 3}, {3}}},
    {"a...b,b...", {{2, 3, 4}, {4, 3}}},
    {"i...,i...->...", {{3, 2}, {3}}},
    {"ij,jk->ik", {{2, 0}, {0, 3}}},
    {"ij,jk->ik", {{0, 2}, {2, 3}}},
    {"ij,k->k", {{2, 0}, {3}}},
    {"bij,bjk->bik", {{0, 2, 3}, {0, 3, 2}}},
    {"i,i->", {{0}, {1}}},
    {"ij,j->ij", {{0, 3}, {3}}},
    // Several.
    {"i,i,i", {{3}, {3}, {3}}},
    {"i,j,k->kij", {{2}, {3}, {2}}},
    {"bi,ij,bj->b", {{4, 2}, {2, 3}, {4, 3}}},
    {"ij,jk,kl", {{2, 3}, {3, 2}, {2, 4}}},
    {"ij,jk,kl->lij", {{2, 3}, {3, 2}, {2, 4}}},
    {"ia,ib,ic->abc", {{3, 2}, {3, 3}, {3, 2}}},
    {"abc,ai,bj,ck->ijk", {{2, 3, 2}, {2, 3}, {3, 2}, {2, 2}}},
    {"ij,ij,ij->i", {{2, 3}, {2, 3}, {2, 3}}},
    {"i,i,i->i", {{1}, {4}, {1}}},
    {"ii,jj,kk", {{2, 2}, {3, 3}, {2, 2}}},
    {",i,,i", {{}, {3}, {}, {3}}},
    {"...i,ij,...j->...", {{2, 3, 2}, {2, 3}, {3, 3}}},
    {"ab,bc,cd,de,ef->af", {{2, 2}, {2, 3}, {3, 2}, {2, 2}, {2, 3}}},
    {"ab,bc,cd,de,ef,fa", {{2, 2}, {2, 3}, {3, 2}, {2, 2}, {2, 3}, {3, 2}}},
    {"ab,bc,cd,de,ef,fg,gh->ah", {{2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}}},
    {"a,b,c,d,e,f,g,h->hgfedcba", {{2}, {1}, {2}, {1}, {2}, {1}, {2}, {2}}},
    {"a,a,a,a,b,b,b,b", {{3}, {3}, {3}, {3}, {2}, {2}, {2}, {2}}},
};

/// Products that BLAS computes, of matrices that lie apart, are transposed, or are copied.
const std::vector<example> large{
    {"ij,jk->ik", {{40, 30}, {30, 20}}},
    {"ij,jk->ki", {{40, 30}, {30, 20}}},
    {"ji,kj->ik", {{30, 40}, {20, 30}}},
    {"bqhd,bkhd->bhqk", {{2, 24, 2, 30}, {2, 28, 2, 30}}},
    {"bhqk,bkhd->bqhd", {{2, 2, 24, 28}, {2, 28, 2, 30}}},
    {"bqhd,bkhd->hqkb", {{2, 24, 2, 30}, {2, 28, 2, 30}}},
    {"ajb,jk->abk", {{3, 30, 25}, {30, 28}}},
    {"ajb,jk->akb", {{3, 30, 25}, {30, 28}}},
    {"abj,kj->akb", {{3, 25, 30}, {28, 30}}},
    {"iajb,jbik->ak", {{3, 25, 4, 5}, {4, 5, 3, 60}}},
    {"iajb,bijk->ka", {{3, 25, 4, 5}, {5, 3, 4, 60}}},
    {"hij,jhk->ihk", {{2, 26, 27}, {27, 2, 28}}},
    {"ij,j->i", {{150, 140}, {140}}},
    {"ji,j->i", {{150, 140}, {150}}},
    {"ihj,j->ih", {{150, 2, 140}, {140}}},
    {"hj,ihj->hi", {{2, 140}, {150, 2, 140}}},
    {"jh,ihj->hi", {{140, 2}, {150, 2, 140}}},
    {"hj,jhi->ih", {{2, 140}, {140, 2, 150}}},
    {"ij,ji->", {{150, 140}, {140, 150}}},
    {"bi,ij,bj->b", {{30, 40}, {40, 40}, {30, 40}}},
    {"...ij,...jk->...ik", {{2, 1, 26, 27}, {3, 27, 28}}},
};

/// Subscripts and shapes that fit, at random.
example random_example(std::mt19937_64& random)
{
    const auto below = [&](std::size_t n) { return random() % n; };
    const std::string letters = std::string("ijkABz").substr(0, 2 + below(5));
    std::map<char, std::size_t> extent;
    for (const char letter : letters)
    {
        extent[letter] = below(12) == 0 ? 0 : 1 + below(4);
    }
    extents ellipsis(below(3));
    std::generate(ellipsis.begin(), ellipsis.end(), [&] { return 1 + below(3); });
    const bool has_ellipsis = below(2) == 0;

    example made;
    std::string used;
    const std::size_t operands = 1 + below(below(4) == 0 ? 7 : 3);
    for (std::size_t k = 0; k < operands; ++k)
    {
        extents shape;
        std::string text;
        std::map<char, std::size_t> own;
        const std::size_t axes = below(4);
        const std::size_t at = has_ellipsis && below(3) > 0 ? below(axes + 1) : axes + 1;
        for (std::size_t axis = 0; axis <= axes; ++axis)
        {
            if (axis == at)
            {
                text += "...";
                for (std::size_t first = below(ellipsis.size() + 1); first < ellipsis.size(); ++first)
                {
                    shape.push_back(below(4) == 0 ? 1 : ellipsis[first]);
                }
            }
            if (axis < axes)
            {
                const char letter = letters[below(letters.size())];
                text += letter;
                used += letter;
                shape.push_back(own.try_emplace(letter, below(6) == 0 ? 1 : extent[letter]).first->second);
            }
            text += below(8) == 0 ? " " : "";
        }
        made.subscripts += (k > 0 ? "," : "") + text;
        made.shapes.push_back(shape);
    }
    if (below(3) > 0)
    {
        std::string result;
        for (const char letter : letters)
        {
            result += used.find(letter) != std::string::npos && below(2) == 0 ? std::string(1, letter) : "";
        }
        std::shuffle(result.begin(), result.end(), random);
        result.insert(below(result.size() + 1), has_ellipsis ? "..." : "");
        made.subscripts += "->" + result;
    }
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_einsum)

BOOST_AUTO_TEST_CASE(a_table_of_subscripts)
{
    BOOST_TEST(table.size() > 100u);
    std::mt19937_64 random(1);
    for (const example& each : table)
    {
        check(each.subscripts, each.shapes, random);
    }
}

BOOST_AUTO_TEST_CASE(products_that_blas_computes)
{
    std::mt19937_64 random(3);
    for (const example& each : large)
    {
        check(each.subscripts, each.shapes, random);
    }
}

BOOST_AUTO_TEST_CASE(products_of_matrices_are_those_of_matmul)
{
    const auto listed = [](const char* subscripts, const extents& a, const extents& b)
    {
        tape t;
        const std::vector<variable> x = variables(t, {array::from_shape(a), array::from_shape(b)});
        const std::string text = to_text(einsum(subscripts, x));
        return text.substr(text.find("%3 = ") + 5);
    };
    BOOST_TEST(listed("ij,jk->ik", {2, 3}, {3, 4}) == "matmul(%1, %2)  (2, 4)\n");
    BOOST_TEST(listed("ij,jk->ki", {2, 3}, {3, 4}) == "matmul(%1, %2) a transposed, b transposed  (4, 2)\n");
    BOOST_TEST(listed("ij,kj", {2, 3}, {4, 3}) == "matmul(%1, %2) b transposed  (2, 4)\n");
    BOOST_TEST(listed("cba,cbd->cad", {5, 3, 2}, {5, 3, 4}) == "matmul(%1, %2) a transposed  (5, 2, 4)\n");
    BOOST_TEST(listed("...ij,...jk->...ik", {5, 2, 3}, {5, 3, 4}) == "matmul(%1, %2)  (5, 2, 4)\n");
    BOOST_TEST(listed("bij,cjk->ibck", {5, 2, 3}, {6, 3, 4}).starts_with("contract"));
    BOOST_TEST(listed("bij,bjk->ibk", {5, 2, 3}, {5, 3, 4}).starts_with("contract"));
    BOOST_TEST(listed("ij,ij->ij", {2, 3}, {2, 3}).starts_with("multiply"));
}

BOOST_AUTO_TEST_CASE(what_is_remembered_is_of_its_subscripts_and_shapes)
{
    std::mt19937_64 random(5);
    std::vector<example> examples;
    for (std::size_t n = 1; n <= 20; ++n) // more forms than a thread remembers
    {
        examples.push_back({"ij,jk->ik", {{n, 2}, {2, 3}}});
        examples.push_back({"ij,jk->ik", {{2, n}, {n, 3}}});
        examples.push_back({"ij,jk->ki", {{2, n}, {n, 3}}});
        examples.push_back({std::string(300, ' ') + "ij,j", {{n, 2}, {2}}}); // a text that is too long for that
    }
    examples.push_back({"ij,kl->il", {{2, 3}, {4, 5}}});
    examples.push_back({"ij,kl->il", {{2, 3, 4}, {5}}}); // does not fit: as many extents, otherwise shared out
    for (int round = 0; round < 3; ++round)
    {
        std::shuffle(examples.begin(), examples.end(), random);
        for (const example& each : examples)
        {
            if (each.shapes.back().size() == 1 && each.shapes.front().size() == 3)
            {
                tape t;
                const std::vector<variable> x{t.variable(array::from_shape({2, 3, 4})),
                                              t.variable(array::from_shape({5}))};
                BOOST_CHECK_THROW(einsum(each.subscripts, x), shape_error);
                continue;
            }
            check(each.subscripts, each.shapes, random);
            check(each.subscripts, each.shapes, random);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_last_destructors_of_a_thread_may_call_it)
{
    static bool was_right = false;
    struct late
    {
        ~late()
        {
            tape t;
            const variable x = t.variable(array{1.0, 2.0});
            was_right = einsum("i,i", {x, x}).item() == 5;
        }
    };
    std::thread(
        []
        {
            thread_local late last; // made before what einsum remembers, and so destroyed behind it
            static_cast<void>(&last);
            std::mt19937_64 random(6);
            check("i,i", {{2}, {2}}, random);
        })
        .join();
    BOOST_TEST(was_right);
}

BOOST_AUTO_TEST_CASE(broadcasts_are_read_as_they_are)
{
    // What flows into a sum is one number, repeated, and so is a broadcast operand.
    std::mt19937_64 random(4);
    for (const example& each : large)
    {
        const sum_of_products definition(each.subscripts, each.shapes);
        std::vector<array> xs;
        std::transform(each.shapes.begin(), each.shapes.end(), std::back_inserter(xs),
                       [&](const extents& shape) { return exact_numbers(shape, random); });
        tape t;
        std::vector<variable> x = variables(t, xs);
        const auto x_bar = gradient(sum(einsum(each.subscripts, x)), x);
        const array ones = xt::ones<double>(definition.shape());
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            BOOST_TEST((list(x_bar[k]) == list(definition.pulled(xs, k, ones))), each.subscripts);
        }
        x[0] = broadcast(slice(x[0], 0, 0, 1), each.shapes[0]);
        xs[0] = x[0].value();
        BOOST_TEST((list(einsum(each.subscripts, x)) == list(definition.value(xs))), each.subscripts);
    }
}

BOOST_AUTO_TEST_CASE(subscripts_at_random)
{
    std::mt19937_64 random(2);
    for (int k = 0; k < 2000; ++k)
    {
        const example each = random_example(random);
        check(each.subscripts, each.shapes, random);
    }
}

BOOST_AUTO_TEST_CASE(broken_subscripts_at_random)
{
    // Whatever is given, the errors are the library's, and nothing of what failed stays on the tape.
    std::mt19937_64 random(5);
    const std::string characters = "iijjk..... ,,->->A1$\n";
    int refused = 0;
    for (int k = 0; k < 20000; ++k)
    {
        example each = random_example(random);
        for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
        {
            const std::size_t place = random() % (each.subscripts.size() + 1);
            const std::size_t removed = random() % 3;
            each.subscripts.replace(place, std::min(removed, each.subscripts.size() - place), random() % 3,
                                    characters[random() % characters.size()]);
        }
        if (random() % 4 == 0)
        {
            each.shapes[random() % each.shapes.size()].push_back(random() % 4);
        }
        tape t;
        std::vector<variable> x;
        for (const extents& shape : each.shapes)
        {
            x.push_back(t.variable(exact_numbers(shape, random)));
        }
        const std::size_t before = t.size();
        try
        {
            const variable y = einsum(each.subscripts, x);
            const sum_of_products definition(each.subscripts, each.shapes); // still right, or another one
            BOOST_TEST(support::shape(y) == definition.shape(), each.subscripts);
        }
        catch (const value_error&)
        {
            ++refused;
            BOOST_TEST(t.size() == before);
        }
        catch (const shape_error&)
        {
            ++refused;
            BOOST_TEST(t.size() == before);
        }
    }
    BOOST_TEST(refused > 5000);
}

BOOST_AUTO_TEST_CASE(strange_bytes_are_told)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto of = [&](std::string_view subscripts)
    { return text_of<value_error>([&] { static_cast<void>(einsum(subscripts, {x})); }); };
    BOOST_TEST(of(std::string_view("i\0", 2)) ==
               "autograd: einsum: \"i?\": character 1, the byte 0, is no index; subscripts are letters, commas between "
               "operands, \"...\", \"->\" before the result, and spaces.");
    BOOST_TEST(
        of("\xc3\xa9") ==
        "autograd: einsum: \"??\": character 0, the byte 195, is no index; subscripts are letters, commas between "
        "operands, \"...\", \"->\" before the result, and spaces.");
    BOOST_TEST(of(std::string(1000, ' ') + "-") == "autograd: einsum: \"" + std::string(200, ' ') +
                                                       "...\": character 1000, '-', is not part of an arrow, \"->\".");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_into_an_array_is_refused)
{
    tape t;
    const variable x = t.variable(array(array::from_shape(extents(20, 1))));
    const std::string many = "abcdefghijklmnopqrst";
    const std::string others = "ABCDEFGHIJKLMNOPQRST";
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       static_cast<void>(einsum(many + "," + others, {x, x}));
                   }) ==
               "autograd: einsum: \"abcdefghijklmnopqrst,ABCDEFGHIJKLMNOPQRST\": the result has 40 axes; an array has "
               "at most 32.");
    BOOST_TEST(
        text_of<shape_error>([&] { static_cast<void>(tensordot(x, x, 0)); }) ==
        "autograd: tensordot: the result of shapes (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) "
        "and (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) has 40 axes; an array has at most 32.");

    // Between the operands, too, unless there is another order.
    const std::string z(1, 'z');
    const auto third = t.variable(array(array::from_shape(extents(19, 1))));
    const auto with = [&](const std::string& names) { return names.substr(0, 19); };
    BOOST_TEST(einsum(many + "," + others + "," + with(many) + "->", {x, x, third}).dimension() == 0u);
    const std::vector<variable> no_operands;
    BOOST_TEST(text_of<value_error>([&] { static_cast<void>(einsum("", no_operands)); }) ==
               "autograd: einsum: no operands are given; it takes one at least.");
    const std::vector<variable> too_many(65, t.variable(1.0));
    BOOST_TEST(text_of<value_error>([&] { static_cast<void>(einsum(std::string(64, ','), too_many)); }) ==
               "autograd: einsum: 65 operands are given; it takes at most 64. Take some of them together first.");
    const std::vector<variable> most(64, t.variable(2.0));
    BOOST_TEST(einsum(std::string(63, ','), most).item() == std::ldexp(1.0, 64));
}

BOOST_AUTO_TEST_CASE(what_is_between_has_no_more_axes_than_an_array)
{
    // Each pair of these leaves 40 axes.
    tape t;
    const variable x = t.variable(array(array::from_shape(extents(30, 1))));
    const std::string first = "abcdefghijABCDEFGHIJabcdefghij";
    const auto names = [](const std::string& a, const std::string& b, const std::string& c) { return a + b + c; };
    const std::string p = "abcdefghij";
    const std::string q = "klmnopqrst";
    const std::string r = "uvwxyzABCD";
    const std::string s = "EFGHIJKLMN";
    const std::string all = names(p, q, r) + "," + names(q, r, s) + "," + names(r, s, p) + "," + names(s, p, q);
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       static_cast<void>(einsum(all + "->", {x, x, x, x}));
                   }) ==
               "autograd: einsum: in each order of its 4 operands that was tried two of them become an array of more "
               "than 32 axes.");
}

BOOST_AUTO_TEST_CASE(the_order_is_the_cheapest)
{
    const auto path = [](const char* subscripts, std::initializer_list<shape_vector> shapes)
    { return einsum_path(subscripts, shapes); };
    BOOST_TEST(path("bi,ij,bj->b", {{10, 4}, {4, 4}, {10, 4}}) ==
               "step 1: operand 0 and operand 1, bi,ij->bj: 160 multiplications\n"
               "step 2: the result of step 1 and operand 2, bj,bj->b: 40 multiplications\n"
               "in all 200 multiplications; at once 320\n");
    BOOST_TEST(path("ij,jk,kl", {{2, 30}, {30, 40}, {40, 3}}) ==
               "step 1: operand 0 and operand 1, ij,jk->ik: 2400 multiplications\n"
               "step 2: the result of step 1 and operand 2, ik,kl->il: 240 multiplications\n"
               "in all 2640 multiplications; at once 14400\n");
    BOOST_TEST(path("ij,jk,kl", {{30, 40}, {40, 3}, {3, 2}}) ==
               "step 1: operand 1 and operand 2, jk,kl->jl: 240 multiplications\n"
               "step 2: operand 0 and the result of step 1, ij,jl->il: 2400 multiplications\n"
               "in all 2640 multiplications; at once 14400\n");
    BOOST_TEST(path("...ij,...j,k->...i", {{5, 2, 3}, {3}, {7}}) ==
               "step 1: operand 1 and operand 2, j,->j: 3 multiplications\n"
               "step 2: operand 0 and the result of step 1, 0ij,j->0i: 30 multiplications\n"
               "in all 33 multiplications; at once 420\n");
    BOOST_TEST(path("ii->i", {{3, 3}}) == "in all 0 multiplications; at once 0\n");
    BOOST_TEST(text_of<value_error>([&] { path("i>", {{3}}); }) ==
               "autograd: einsum: \"i>\": character 1, '>', is not part of an arrow, \"->\".");
}

BOOST_AUTO_TEST_CASE(no_order_of_up_to_six_operands_is_cheaper)
{
    // Against the cost of each order, tried one after the other.
    std::mt19937_64 random(6);
    for (int k = 0; k < 60; ++k)
    {
        const std::size_t count = 3 + random() % 3;
        std::vector<std::string> names;
        std::string subscripts;
        std::vector<shape_vector> shapes;
        std::map<char, std::size_t> extent;
        for (const char name : std::string("abcdef"))
        {
            extent[name] = 2 + random() % 9;
        }
        for (std::size_t operand = 0; operand < count; ++operand)
        {
            std::string of;
            shape_vector shape;
            for (const auto& [name, length] : extent)
            {
                if (random() % 2 == 0)
                {
                    of += name;
                    shape.push_back(length);
                }
            }
            subscripts += (operand == 0 ? "" : ",") + of;
            names.push_back(of);
            shapes.push_back(shape);
        }
        const std::string path = einsum_path(subscripts + "->", shapes);
        const double told = std::stod(path.substr(path.find("in all ") + 7));

        // What is in one operand alone is summed before.
        for (std::string& of : names)
        {
            std::string kept;
            for (const char name : of)
            {
                const auto others =
                    std::count_if(names.begin(), names.end(),
                                  [&](const std::string& other) { return other.find(name) != std::string::npos; });
                kept += others > 1 ? std::string(1, name) : "";
            }
            of = kept;
        }
        const auto cheapest = [&](const auto& self, const std::vector<std::string>& left) -> double
        {
            double best = left.size() == 1 ? 0 : std::numeric_limits<double>::infinity();
            for (std::size_t i = 0; i < left.size(); ++i)
            {
                for (std::size_t j = i + 1; j < left.size(); ++j)
                {
                    std::vector<std::string> next = left;
                    next.erase(next.begin() + static_cast<std::ptrdiff_t>(j));
                    next.erase(next.begin() + static_cast<std::ptrdiff_t>(i));
                    double cost = 1;
                    std::string result;
                    for (const auto& [name, length] : extent)
                    {
                        const auto has = [name = name](const std::string& of)
                        { return of.find(name) != std::string::npos; };
                        if (has(left[i]) || has(left[j]))
                        {
                            cost *= static_cast<double>(length);
                            result += std::any_of(next.begin(), next.end(), has) ? std::string(1, name) : "";
                        }
                    }
                    next.push_back(result);
                    best = std::min(best, cost + self(self, next));
                }
            }
            return best;
        };
        // Which names an array keeps when other arrays have lost theirs is the same in each order.
        BOOST_TEST(told == cheapest(cheapest, names), subscripts);
    }
}

BOOST_AUTO_TEST_CASE(operands_are_given_as_one_likes)
{
    tape t;
    const array a{{1, 2}, {3, 4}};
    const array b{{5, 6}, {7, 8}};
    const variable x = t.variable(a);
    const variable y = t.variable(b);
    const std::vector<double> expected = list(matmul(x, y));
    const std::string subscripts = "ij,jk->ik";
    BOOST_TEST(list(einsum("ij,jk->ik", {x, y})) == expected);
    BOOST_TEST(list(einsum(subscripts, x, y)) == expected);
    BOOST_TEST(list(einsum(std::string_view(subscripts), std::vector{x, y})) == expected);
    BOOST_TEST(list(einsum(subscripts, std::array{x, y})) == expected);
    BOOST_TEST(list(einsum("ij,jk->ik", a, y)) == expected);
    BOOST_TEST(list(einsum("ij,jk->ik", x, b)) == expected);
    BOOST_TEST(list(einsum("ij,jk->ik", x, b + 0.0)) == expected);
    BOOST_TEST(list(einsum("ij,jk,->ik", x, b, 1)) == expected);
    BOOST_TEST(list(einsum("ii", {x})) == std::vector<double>{5});
    BOOST_TEST(list(tensordot(a, y, 1)) == expected);
    BOOST_TEST(list(tensordot(x, b, {1}, {0})) == expected);
    BOOST_TEST(list(gradient(sum(einsum("ij,jk->ik", a, y)), y)) == list(gradient(sum(matmul(a, y)), y)));

    tape other;
    const variable elsewhere = other.variable(b);
    BOOST_TEST(text_of<autograd::error::tape_error>(
                   [&] {
                       static_cast<void>(einsum("ij,jk->ik", {x, elsewhere}));
                   }) ==
               "autograd: einsum: operands live on different tapes. Record both through one tape, or pass the value: "
               "tape.constant(x.value()).");
}

BOOST_AUTO_TEST_CASE(errors_tell_the_line_of_the_call)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto line = [](const auto& f)
    {
        try
        {
            f();
        }
        catch (const autograd::error::exception& e)
        {
            return e.where().line;
        }
        return std::int64_t{0};
    };
    // clang-format off
    BOOST_TEST(line([&] { static_cast<void>(einsum("ij", {x})); }) == __LINE__);
    BOOST_TEST(line([&] { static_cast<void>(einsum("ij", x)); }) == __LINE__);
    BOOST_TEST(line([&] { static_cast<void>(tensordot(x, x, 2)); }) == __LINE__);
    // clang-format on
    BOOST_TEST(t[einsum("i,i->", {x, x}).index()].where().line == __LINE__);
}

BOOST_AUTO_TEST_CASE(nothing_meets_nothing_but_zero)
{
    // A sum over no terms is 0, whatever is infinite beside it, and so is what flows back.
    tape t;
    const variable none = t.variable(array(array::from_shape({2, 0})));
    const double inf = std::numeric_limits<double>::infinity();
    const variable x = t.variable(array{inf, 1.0, std::nan("")});
    const variable y = einsum("ij,k->k", {none, x});
    BOOST_TEST(list(y) == std::vector<double>(3, 0.0));
    BOOST_TEST(list(gradient(sum(y), x)) == std::vector<double>(3, 0.0));
    BOOST_TEST(list(einsum("ij,jk,kl->il", {none, t.variable(array(array::from_shape({0, 3}))),
                                            t.variable(array(inf * xt::ones<double>({3, 2})))})) ==
               std::vector<double>(4, 0.0));
}

BOOST_AUTO_TEST_CASE(derivatives_are_certified)
{
    tape t;
    std::mt19937_64 random(7);
    const auto numbers = [&](const extents& shape, const char* name)
    { return t.variable(exact_numbers(shape, random)).name(name); };
    const variable x = numbers({4, 3}, "x");
    const variable m = numbers({3, 2}, "m");
    const variable z = numbers({4, 2}, "z");
    const auto column = [](variable v) { return reshape(v, {4, 1}); };

    // A bilinear form, and a loss of it: d/dM sum_b f(x_b' M z_b) = X' diag(f') Z.
    const variable form = einsum("bi,ij,bj->b", {x, m, z});
    BOOST_TEST(certify_equal(form, sum(matmul(x, m) * z, 1)));
    BOOST_TEST(certify_gradient(sum(square(form)), m, matmul(transpose(x), 2 * column(form) * z)));
    BOOST_TEST(certify_gradient(sum(square(form)), x, 2 * column(form) * matmul(z, transpose(m))));
    BOOST_TEST(!certify_gradient(sum(square(form)), m, matmul(transpose(x), column(form) * z)));

    // Attention: the cotangent of the scores is p (g - sum(g p)) with g the product of the cotangent and the values.
    const variable q = numbers({2, 3, 2, 2}, "q");
    const variable k = numbers({2, 3, 2, 2}, "k");
    const variable v = numbers({2, 3, 2, 2}, "v");
    const auto heads = [](variable u) { return transpose(u, {0, 2, 1, 3}); };
    const variable scores = einsum("bqhd,bkhd->bhqk", {q, k});
    BOOST_TEST(certify_equal(scores, matmul(heads(q), transpose(heads(k), {0, 1, 3, 2}))));
    const variable p = softmax(scores, 3);
    const variable y = einsum("bhqk,bkhd->bqhd", {p, v});
    const variable y_bar = 2 * y;
    const variable p_bar = matmul(heads(y_bar), transpose(heads(v), {0, 1, 3, 2}));
    const variable scores_bar = p * (p_bar - sum(p_bar * p, 3, xt::keep_dims));
    BOOST_TEST(certify_gradient(sum(square(y)), v, heads(matmul(transpose(p, {0, 1, 3, 2}), heads(y_bar)))));
    BOOST_TEST(certify_gradient(sum(square(y)), q, heads(matmul(scores_bar, heads(k)))));
    BOOST_TEST(certify_gradient(sum(square(y)), k, heads(matmul(transpose(scores_bar, {0, 1, 3, 2}), heads(q)))));

    // A trace, a diagonal, and the second derivative: the Hessian of tr(A A) is what exchanges the axes.
    const variable a = numbers({3, 3}, "a");
    BOOST_TEST(certify_gradient(einsum("ij,ji", {a, a}), a, 2 * transpose(a)));
    BOOST_TEST(certify_gradient(sum(square(einsum("ii->i", {a}))), a, diag(2 * diagonal(a))));
    const variable g = gradient(einsum("ij,jk,ki", {a, a, a}), a);
    BOOST_TEST(certify_equal(g, 3 * transpose(matmul(a, a))));
    const variable w = numbers({3, 3}, "w");
    BOOST_TEST(
        certify_gradient(sum(g * w), a, 3 * (matmul(transpose(w), transpose(a)) + matmul(transpose(a), transpose(w)))));
}

BOOST_AUTO_TEST_SUITE_END()
