// einsum against its definition, a loop over all indices: values, gradients, and what is refused.

#include "tests/linalg/sum_of_products.hpp"

#include "autograd/linalg/einsum.hpp"
#include "autograd/prove/certify.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

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

BOOST_AUTO_TEST_CASE(subscripts_at_random)
{
    std::mt19937_64 random(2);
    for (int k = 0; k < 2000; ++k)
    {
        const example each = random_example(random);
        check(each.subscripts, each.shapes, random);
    }
}

BOOST_AUTO_TEST_SUITE_END()
