#include "autograd/tape/leaves.hpp"
#include "tests/support.hpp"

using namespace support;
namespace error = autograd::error;
using autograd::verify;

BOOST_AUTO_TEST_SUITE(tape_verify)

namespace
{

constexpr std::size_t turned[] = {3, 2};

/// A tape with something wrong in one instruction, put there behind its back.
template <class Damage>
std::string complaint_about(Damage damage)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable y = sum(exp(x) * x, 0);
    autograd::instruction<double>& product = const_cast<autograd::instruction<double>&>(t[y.index() - 1]);
    autograd::instruction_form form = *product.form; // of its own, which may be damaged
    product.form = &form;
    damage(product, form, t);
    return text_of<error::tape_error>([&] { verify(t); });
}

} // namespace

BOOST_AUTO_TEST_CASE(recorded_programs_pass)
{
    tape t;
    verify(t);
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable y = sum(softmax(matmul(x, transpose(x)), 1));
    gradient(y, x);
    jvp(x * x, x, x);
    hessian(sum(tanh(x)), x);
    view(x, xt::all(), 1);
    broadcast(sort(x, 0), {2, 2, 3});
    t.index(integers{1, 2});
    t.full(autograd::shape_vector{0, 3}, 1.0);
    reshape(t.full(autograd::shape_vector{0, 3}, 1.0), {3, 0});
    verify(t);
}

BOOST_AUTO_TEST_CASE(broken_invariants_are_found)
{
    BOOST_TEST(complaint_about([](auto&, auto&, auto&) {}) == "no error");
    BOOST_TEST(complaint_about([](auto&, auto& form, auto&) { form.size = 7; }) ==
               "autograd: verify: instruction 2 (multiply) counts its elements wrongly.");
    BOOST_TEST(complaint_about([](auto& i, auto&, auto&) { i.data = nullptr; }) ==
               "autograd: verify: instruction 2 (multiply) has values although the tape keeps none, or none although "
               "it keeps them.");
    BOOST_TEST(complaint_about([](auto& i, auto&, auto&) { i.op = nullptr; }) ==
               "autograd: verify: instruction 2 (?) has no operation.");
    BOOST_TEST(complaint_about([](auto& i, auto&, auto& t) { i.first_operand = t[3].first_operand; }) ==
               "autograd: verify: instruction 2 (multiply) comes before one of its operands.");
    BOOST_TEST(complaint_about([](auto& i, auto&, auto&) { i.operand_count = 0; }) ==
               "autograd: verify: instruction 2 (multiply) has no operands.");
    BOOST_TEST(complaint_about([](auto& i, auto&, auto&) { i.op = &autograd::leaves<double>::constant; }) ==
               "autograd: verify: instruction 2 (constant) is a leaf with operands.");
    BOOST_TEST(complaint_about([](auto&, auto& form, auto&) { form.extents = turned; }) ==
               "autograd: verify: instruction 2 (multiply) is elementwise with operands of another shape.");
}

BOOST_AUTO_TEST_SUITE_END()
