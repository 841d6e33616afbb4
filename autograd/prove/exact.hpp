#pragma once

#include "autograd/prove/ball.hpp"
#include "autograd/prove/functions.hpp"
#include "autograd/tape/variable.hpp"

#include <cstddef>
#include <functional>

/// What the prover puts in the place of packs and variables: the expressions of rules, forward and pulls, are
/// instantiated with it. Residues decide equality, numbers decide order.
namespace autograd::prove
{

struct exact;

/// What is noted while an expression is evaluated at a point.
class observer
{
public:
    virtual ~observer() = default;
    /// A comparison came out so: the one that is asked for as the nth in this expression.
    virtual void decided(bool outcome) = 0;
    /// Something changes where this is 0. By choice of a rule (x > 0 selects, x is rounded), or by the values that are
    /// selected: the greater one of two.
    virtual void bounded(const residues& by, bool by_choice) = 0;
    /// A constant as it stands in the rule or on the tape, rounded to the elements' type.
    virtual exact constant(double number) = 0;
    /// That x x = square, where the sign of x is known: its root is x or -x.
    virtual void squared(const residues& square, const residues& x, bool negative) = 0;
    virtual residues root(const residues& square) = 0;

    static observer& current();

    /// While it lives, this thread's expressions are observed by it.
    class installed
    {
    public:
        explicit installed(observer& by);
        ~installed();
        installed(const installed&) = delete;

    private:
        observer* m_outer;
    };
};

/// A value: exact in residues, and as a number at a point nearby. The two are drawn independently of each other: a
/// random point of the tower is near nothing.
struct exact
{
    residues value;
    ball number;
    bool constant = false; ///< no variable took part

    exact() = default;
    exact(const residues& r, const ball& n, bool is_constant = false) : value(r), number(n), constant(is_constant) {}
    exact(autograd::number auto n) : exact(of_number(static_cast<double>(n))) {}

    static exact of_number(double n);
    bool infinite() const { return std::isinf(number.value); }

    friend exact operator+(const exact& x, const exact& y);
    friend exact operator-(const exact& x, const exact& y);
    friend exact operator-(const exact& x);
    friend exact operator*(const exact& x, const exact& y);
    friend exact operator/(const exact& x, const exact& y);
};

/// The outcome of a comparison, the same at this point for every lane.
struct truth
{
    bool holds;

    friend truth operator!(truth x) { return {!x.holds}; }
    friend truth operator&&(truth x, truth y) { return {x.holds && y.holds}; }
    friend truth operator||(truth x, truth y) { return {x.holds || y.holds}; }
};

/// -1, 0 or 1 as x is less than, equal to or greater than y. Equal are equal residues with equal numbers. Throws
/// unlucky_point where the numbers do not tell.
int order(const exact& x, const exact& y);

/// Notes the outcome of a comparison of x with y, and where it changes, and returns it.
truth chosen(bool outcome, const exact& x, const exact& y);
/// The outcome of a question for equality: random points are on no boundary.
truth decided(bool outcome);

#define AUTOGRAD_EXACT_COMPARISON(name, condition)                                                                     \
    inline truth name(const exact& x, const exact& y)                                                                  \
    {                                                                                                                  \
        const int comes = order(x, y);                                                                                 \
        return chosen(condition, x, y);                                                                                \
    }
AUTOGRAD_EXACT_COMPARISON(operator<, comes < 0)
AUTOGRAD_EXACT_COMPARISON(operator<=, comes <= 0)
AUTOGRAD_EXACT_COMPARISON(operator>, comes > 0)
AUTOGRAD_EXACT_COMPARISON(operator>=, comes >= 0)
#undef AUTOGRAD_EXACT_COMPARISON
inline truth equal(const exact& x, const exact& y)
{
    return decided(order(x, y) == 0);
}
inline truth not_equal(const exact& x, const exact& y)
{
    return decided(order(x, y) != 0);
}

inline exact select(truth condition, const exact& x, const exact& y)
{
    return condition.holds ? x : y;
}
/// Points with numbers that are none are not used.
inline truth isnan(const exact&)
{
    return {false};
}
inline truth isinf(const exact& x)
{
    return {x.infinite()};
}
inline truth isfinite(const exact& x)
{
    return {!x.infinite()};
}
truth signbit(const exact& x);

exact maximum(const exact& x, const exact& y);
exact minimum(const exact& x, const exact& y);
exact abs(const exact& x);
exact sign(const exact& x);
exact copysign(const exact& magnitude, const exact& sign);
exact floor(const exact& x);
exact ceil(const exact& x);
exact trunc(const exact& x);
exact round(const exact& x);

exact sqrt(const exact& x);
exact rsqrt(const exact& x);
exact square(const exact& x);
exact hypot(const exact& x, const exact& y);
exact pow(const exact& x, const exact& y);
exact power_by(const exact& x, double p, int lowered = 0);
exact power_integer(const exact& x, int n);
exact fma(const exact& x, const exact& y, const exact& z);
exact atan2(const exact& y, const exact& x);
exact polygamma(int order, const exact& x);

exact exp(const exact& x);
exact log(const exact& x);
#define AUTOGRAD_EXACT_FUNCTION(name) exact name(const exact& x);
AUTOGRAD_SMOOTH_FUNCTIONS(AUTOGRAD_EXACT_FUNCTION)
#undef AUTOGRAD_EXACT_FUNCTION

exact sigmoid_of_difference(const exact& x, const exact& y);
exact sigmoid_slope_of_difference(const exact& x, const exact& y);
exact norm_slope(const exact& g, const exact& x, const exact& z);
exact hypot_slope(const exact& g, const exact& x, const exact& y, const exact& z);
exact undefined_at_zero(const exact& z, const exact& x);
template <class... Replacements>
exact nan_to_num(const exact& x, Replacements...)
{
    return x;
}

} // namespace autograd::prove
