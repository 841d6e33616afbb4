#pragma once

#include "autograd/prove/ball.hpp"
#include "autograd/prove/functions.hpp"
#include "autograd/tape/variable.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>

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
    /// Whether outcomes are supposed. Then equal residues are equal, whatever the numbers.
    virtual bool supposes() const = 0;
    /// Whether numbers may mean nothing, but for those of constants.
    virtual bool without_numbers() const = 0;
    /// The sign that counts, 1 or -1, of what is not 0 everywhere: that of its number, which is 0 where that does not
    /// tell; or one that is supposed, `preferred` at some points. Throws unlucky_point.
    virtual int sign(const residues& of, int by_number, int preferred) = 0;
    /// The same of two integers that depend on the point, though they are constant there: floor, argmax, counts.
    virtual int sign_of_integers(const residues& difference, int by_number) = 0;
    /// The value that is supposed of a function with jumps, the kth of floor, ceil, trunc, round; none where its number
    /// counts.
    virtual std::optional<double> step(unsigned k, const residues& x) = 0;
    /// The value that its number gave it then.
    virtual void stepped(double value) = 0;
    /// The number of a constant beside variables.
    virtual double beside_variables(double constant) = 0;
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

/// -1, 0 or 1 as x is less than, equal to or greater than y. Equal are equal residues with equal numbers. Where
/// outcomes are supposed, `preferred` is the one that a question asks for. Throws unlucky_point where the numbers do
/// not tell.
int order(const exact& x, const exact& y, int preferred = 1);

/// Notes the outcome of a comparison, and returns it.
truth decided(bool outcome);

inline truth operator<(const exact& x, const exact& y)
{
    return decided(order(x, y, -1) < 0);
}
inline truth operator<=(const exact& x, const exact& y)
{
    return decided(order(x, y, -1) <= 0);
}
inline truth operator>(const exact& x, const exact& y)
{
    return decided(order(x, y) > 0);
}
inline truth operator>=(const exact& x, const exact& y)
{
    return decided(order(x, y) >= 0);
}
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
/// As numbers are: log(-1) is none. Throws unlucky_point where one is beyond the range of double.
truth isnan(const exact& x);
inline truth isinf(const exact& x)
{
    return {x.infinite()};
}
inline truth isfinite(const exact& x)
{
    return !(isnan(x) || isinf(x));
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
exact nan_to_num(const exact& x, double nan = 0, double positive_infinity = std::numeric_limits<double>::max(),
                 double negative_infinity = std::numeric_limits<double>::lowest());

} // namespace autograd::prove
