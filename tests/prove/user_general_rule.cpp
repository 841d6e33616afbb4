#include "autograd/autograd.hpp"
#include "autograd/define_operation.hpp"
#include "autograd/prove/certify.hpp"
#include "autograd/prove/interpretation.hpp"

#include <boost/test/unit_test.hpp>

// A general rule that a user adds in own code, with its generic form, without attributes and with them.

namespace
{

/// The sum of cubes.
struct cubes_rule : autograd::general
{
    static constexpr auto name = "cubes";

    static autograd::shape_vector shape(std::span<const autograd::shape_view>) { return {}; }
    template <class T>
    static void forward(const autograd::evaluation<T>& call)
    {
        *call.out() = 0;
        for (std::size_t i = 0; i < call.operands[0].size; ++i)
        {
            *call.out() += call.in(0)[i] * call.in(0)[i] * call.in(0)[i];
        }
    }
    template <class Call>
    static void generic(const Call& call)
    {
        for (const auto& x : call.operands[0])
        {
            call.result[0] = call.result[0] + x * x * x;
        }
    }
    template <class T>
    static void vjp(autograd::pullback<T>& y)
    {
        y.give(0, 3 * y.cotangent() * square(y.operand(0)));
    }
};
AUTOGRAD_PROVES(cubes_rule)

/// The sum of cubes, times a number; with a slip in the derivative.
struct wrong_cubes_rule : cubes_rule
{
    static constexpr auto name = "wrong_cubes";
    struct attributes
    {
        double factor;
    };

    static autograd::shape_vector shape(std::span<const autograd::shape_view>, const attributes&) { return {}; }
    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a)
    {
        cubes_rule::forward(call);
        *call.out() *= static_cast<T>(a.factor);
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        cubes_rule::generic(call);
        call.result[0] = call.result[0] * typename Call::element(a.factor);
    }
    template <class T>
    static void vjp(autograd::pullback<T>& y)
    {
        y.give(0, 3 * y.cotangent() * square(y.operand(0)));
    }
};
AUTOGRAD_PROVES(wrong_cubes_rule)

/// Nobody says what it is.
struct unknown_rule : cubes_rule
{
    static constexpr auto name = "unknown";
};

template <class Rule, class T>
autograd::variable<T> record(autograd::variable<T> x)
{
    return autograd::record<Rule, T>(autograd::location(), x);
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_user_general_rule)

BOOST_AUTO_TEST_CASE_TEMPLATE(is_read_by_its_generic_form, T, decltype(std::tuple<float, double>()))
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{{T(0.5), T(-1.25)}, {T(2), T(0.75)}});
    const auto y = record<cubes_rule>(x);
    BOOST_TEST((certify_equal(y, sum(x * x * x)).outcome == autograd::verdict::equal));
    BOOST_TEST((certify_gradient(y, x, 3 * square(x)).outcome == autograd::verdict::equal));
    BOOST_TEST((certify_equal(y, sum(x * x)).outcome == autograd::verdict::different));
}

BOOST_AUTO_TEST_CASE(its_attributes_are_read)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{0.5, -1.25, 2});
    const auto y = autograd::record<wrong_cubes_rule, double>({}, x, wrong_cubes_rule::attributes{2.5});
    BOOST_TEST((certify_equal(y, 2.5 * sum(x * x * x)).outcome == autograd::verdict::equal));
    const autograd::certificate slip = certify_gradient(y, x, 7.5 * square(x));
    BOOST_TEST((slip.outcome == autograd::verdict::equal_up_to_factor));
    BOOST_TEST(slip.arrays[0].factor == "2/5");
}

BOOST_AUTO_TEST_CASE(without_a_generic_form_it_equals_nothing_but_itself)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{0.5, -1.25, 2});
    const auto y = record<unknown_rule>(x);
    BOOST_TEST((certify_equal(2 * y, y + y).outcome == autograd::verdict::equal));
    BOOST_TEST((certify_equal(y, sum(x * x * x)).outcome == autograd::verdict::not_decided));
}

BOOST_AUTO_TEST_SUITE_END()
