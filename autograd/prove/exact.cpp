#include "autograd/prove/exact.hpp"

#include "autograd/kernels/special_functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace autograd::prove
{

namespace
{

thread_local observer* observing = nullptr;

/// What is not a number, or (with an error without bound) beyond the range of double. It may stand where nothing
/// selects it; elsewhere the point is not used.
exact not_a_number(bool constant, bool beyond = false)
{
    return {residues(), {std::numeric_limits<double>::quiet_NaN(), beyond ? ball::infinite : 0}, constant};
}

bool is_beyond(const exact& x)
{
    return std::isnan(x.number.value) && x.number.error != 0;
}

/// A value with its number. Where numbers mean nothing, and there is none, any will do. Constants that are 0 modulo one
/// of the primes are not 0.
exact with_number(const residues& value, const ball& number, bool constant)
{
    if (constant && std::abs(number.value) > number.error && value.vanishes())
    {
        throw undecidable{"a constant that is a multiple of one of the primes"};
    }
    return {value, std::isfinite(number.value) ? number : ball{1, 0}, constant};
}

/// Whether a number is none where one is needed.
bool is_missing(const ball& number, bool constant)
{
    return !std::isfinite(number.value) && (constant || !observer::current().without_numbers());
}

/// The number of x where it meets y.
ball number_beside(const exact& x, const exact& y)
{
    if (!x.constant || y.constant || x.infinite())
    {
        return x.number;
    }
    return {observer::current().beside_variables(x.number.value), x.number.error};
}

/// What a function of something infinite is: infinite, or an integer (exp(-inf), tanh(inf)).
exact at_infinity(double number)
{
    if (std::isnan(number))
    {
        return not_a_number(false);
    }
    if (std::isfinite(number) && number != std::round(number))
    {
        throw undecidable{"a function of something infinite that is not infinite, and no integer"};
    }
    return std::isinf(number) ? exact(residues(), {number, 0}) : exact::of_number(number);
}

/// Whether f is infinite at x itself (log at 0), rather than out of the range of double (exp of 1000).
template <class N>
bool has_pole(N f, double x)
{
    const double near = 1e-8 * std::max(1.0, std::abs(x));
    return std::isinf(f(x)) && (std::isfinite(f(x + near)) || std::isfinite(f(x - near)));
}

/// Whether a value is no function of anything here: a constant, or the 0 of one branch.
bool is_its_number(const exact& x)
{
    return x.constant || (x.number.error == 0 && x.value == exact::of_number(x.number.value).value);
}

/// On residues and on numbers.
template <class R, class N>
exact apply(R on_residues, N on_numbers, const exact& x)
{
    if (x.infinite() || (has_pole(on_numbers, x.number.value) && is_its_number(x)))
    {
        return at_infinity(on_numbers(x.number.value));
    }
    const ball number = ball::of(on_numbers, x.number);
    if (is_missing(number, x.constant))
    {
        return not_a_number(x.constant, std::isinf(number.value) || is_beyond(x));
    }
    return with_number(on_residues(x.value), number, x.constant);
}

/// The same of two values.
template <class R, class B, class N>
exact apply(R on_residues, B on_balls, N on_numbers, const exact& x, const exact& y)
{
    if (x.infinite() || y.infinite())
    {
        return at_infinity(on_numbers(x.number.value, y.number.value));
    }
    const bool constant = x.constant && y.constant;
    const ball number = on_balls(number_beside(x, y), number_beside(y, x));
    if (is_missing(number, constant))
    {
        return not_a_number(constant, std::isinf(number.value) || is_beyond(x) || is_beyond(y));
    }
    return with_number(on_residues(x.value, y.value), number, constant);
}

template <class R, class N>
exact apply(R on_residues, N on_numbers, const exact& x, const exact& y)
{
    return apply(
        on_residues, [&](const ball& a, const ball& b) { return ball::of(on_numbers, a, b); }, on_numbers, x, y);
}

/// c if x is a constant that is a simple fraction.
std::optional<fraction> simple(const exact& x)
{
    const auto found = x.constant && !x.infinite() ? least_fraction(x.number.value) : std::nullopt;
    return found && residues(*found) == x.value ? found : std::nullopt;
}

} // namespace

observer& observer::current()
{
    return *observing;
}

observer::installed::installed(observer& by) : m_outer(observing)
{
    observing = &by;
}

observer::installed::~installed()
{
    observing = m_outer;
}

exact exact::of_number(double n)
{
    if (std::isnan(n))
    {
        return not_a_number(true);
    }
    if (std::isinf(n))
    {
        return {residues(), {n, 0}, true};
    }
    const exact result = observer::current().constant(n);
    return with_number(result.value, result.number, true);
}

exact operator+(const exact& x, const exact& y)
{
    return apply(std::plus<>(), std::plus<>(), std::plus<>(), x, y);
}

exact operator-(const exact& x, const exact& y)
{
    return apply(std::minus<>(), std::minus<>(), std::minus<>(), x, y);
}

exact operator-(const exact& x)
{
    return {-x.value, -x.number, x.constant};
}

namespace
{

/// The sign of what multiplies something infinite is a branch.
void note_sign(const exact& infinite, const exact& x)
{
    if (infinite.infinite() && !x.constant)
    {
        decided(order(x, 0) < 0);
    }
}

} // namespace

exact operator*(const exact& x, const exact& y)
{
    note_sign(x, y);
    note_sign(y, x);
    const auto product = [&](const residues& a, const residues& b)
    {
        // A multiple of a logarithm is one.
        const auto multiple = [](const std::optional<fraction>& c, const residues& of, const residues& all)
        { return c ? *c * of : all * of; };
        return b.has_torsion() ? multiple(simple(x), b, a) : a.has_torsion() ? multiple(simple(y), a, b) : a * b;
    };
    const exact z = apply(product, std::multiplies<>(), std::multiplies<>(), x, y);
    if (!z.constant && !z.infinite() && std::abs(x.number.value) > x.number.error && x.value == y.value)
    {
        observer::current().squared(z.value, x.value, x.number.value < 0);
    }
    return z;
}

exact operator/(const exact& x, const exact& y)
{
    note_sign(x, y);
    if (const auto divisor = simple(y); divisor && divisor->numerator != 0 && x.value.has_torsion())
    {
        const int sign = divisor->numerator < 0 ? -1 : 1;
        return exact(residues(fraction{sign * divisor->denominator, sign * divisor->numerator}), ball{1, 0} / y.number,
                     true) *
               x;
    }
    return apply(std::divides<>(), std::divides<>(), std::divides<>(), x, y);
}

int order(const exact& x, const exact& y, int preferred)
{
    if (std::isnan(x.number.value) || std::isnan(y.number.value))
    {
        throw unlucky_point{"not a number"};
    }
    if (x.infinite() || y.infinite())
    {
        return x.number.value < y.number.value ? -1 : x.number.value > y.number.value ? 1 : 0;
    }
    const ball a = number_beside(x, y);
    const ball b = number_beside(y, x);
    constexpr double caution = 8;
    const bool told = std::abs(a.value - b.value) > caution * (a.error + b.error);
    const int by_numbers = !told ? 0 : a.value < b.value ? -1 : 1;
    const bool constant = x.constant && y.constant;
    if ((by_numbers == 0 || (observer::current().supposes() && !constant)) && x.value == y.value)
    {
        return 0;
    }
    if (!constant)
    {
        return observer::current().sign(x.value - y.value, by_numbers, preferred);
    }
    if (by_numbers == 0)
    {
        throw unlucky_point{"numbers too close to tell their order"};
    }
    const auto is_sign = [](double n) { return n == 0 || std::abs(n) == 1; };
    return is_sign(x.number.value) && is_sign(y.number.value)
               ? by_numbers
               : observer::current().sign_of_integers(x.value - y.value, by_numbers);
}

truth decided(bool outcome)
{
    observer::current().decided(outcome);
    return {outcome};
}

truth isnan(const exact& x)
{
    if (is_beyond(x))
    {
        throw unlucky_point{"a number beyond the range of double"};
    }
    return {std::isnan(x.number.value)};
}

truth signbit(const exact& x)
{
    return x < 0;
}

exact maximum(const exact& x, const exact& y)
{
    return select(x >= y, x, y);
}

exact minimum(const exact& x, const exact& y)
{
    return select(x <= y, x, y);
}

exact abs(const exact& x)
{
    return select(x < 0, -x, x);
}

exact sign(const exact& x)
{
    return select(x < 0, -1, select(x > 0, 1, 0));
}

exact copysign(const exact& magnitude, const exact& sign)
{
    return select((magnitude < 0).holds == signbit(sign).holds ? truth{true} : truth{false}, magnitude, -magnitude);
}

namespace
{

/// A function that is constant between its jumps.
template <class F>
exact step(unsigned k, F f, const exact& x)
{
    const bool is_question = !x.constant && !x.infinite();
    if (is_question)
    {
        if (const auto supposed = observer::current().step(k, x.value))
        {
            return exact::of_number(*supposed);
        }
    }
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double y = f(x.number.value);
    const bool is_near_jump = f(std::nextafter(x.number.value - x.number.error, -infinity)) != y ||
                              f(std::nextafter(x.number.value + x.number.error, infinity)) != y;
    if (std::isfinite(y) && is_near_jump && !is_its_number(x))
    {
        throw unlucky_point{"a number too close to a jump"};
    }
    if (is_question)
    {
        observer::current().stepped(y);
    }
    return exact::of_number(y);
}

} // namespace

exact floor(const exact& x)
{
    return step(
        0, [](double n) { return std::floor(n); }, x);
}

exact ceil(const exact& x)
{
    return step(
        1, [](double n) { return std::ceil(n); }, x);
}

exact trunc(const exact& x)
{
    return step(
        2, [](double n) { return std::trunc(n); }, x);
}

exact round(const exact& x)
{
    return step(
        3, [](double n) { return std::nearbyint(n); }, x);
}

exact sqrt(const exact& x)
{
    return apply([](const residues& r) { return observer::current().root(r); }, [](double n) { return std::sqrt(n); },
                 x);
}

exact rsqrt(const exact& x)
{
    return apply([](const residues& r) { return functions::reciprocal(observer::current().root(r)); },
                 [](double n) { return 1 / std::sqrt(n); }, x);
}

exact square(const exact& x)
{
    return x * x;
}

exact hypot(const exact& x, const exact& y)
{
    return apply([](const residues& a, const residues& b) { return observer::current().root(a * a + b * b); },
                 [](double a, double b) { return std::hypot(a, b); }, x, y);
}

namespace
{

/// x^(p / q), where roots of squares are those with their sign.
residues fractional_power(const residues& x, fraction exponent)
{
    constexpr std::int64_t largest = 32; // as in functions::power, which takes a logarithm beyond
    const auto twos = exponent.denominator & -exponent.denominator;
    if (twos > largest)
    {
        return functions::power(x, exponent);
    }
    residues root = x;
    for (std::int64_t n = twos; n > 1; n /= 2)
    {
        root = observer::current().root(root);
    }
    return functions::power(root, {exponent.numerator, exponent.denominator / twos});
}

/// x^n is the square of x^(n / 2), and so on while the exponent is even.
void note_squares(const exact& x, std::int64_t n)
{
    for (; n != 0 && n % 2 == 0; n /= 2)
    {
        const residues root = functions::integer_power(x.value, n / 2);
        observer::current().squared(root * root, root, x.number.value < 0 && n / 2 % 2 != 0);
    }
}

} // namespace

exact power_by(const exact& x, double p, int lowered)
{
    const exact given = exact::of_number(p); // of a float tape: what was meant
    const residues exponent = given.value - residues(fraction{lowered, 1});
    auto simple_exponent = simple(given);
    if (simple_exponent)
    {
        simple_exponent->numerator -= lowered * simple_exponent->denominator;
    }
    if (simple_exponent && simple_exponent->denominator == 1 && !x.constant && !x.infinite() &&
        std::abs(x.number.value) > x.number.error)
    {
        note_squares(x, simple_exponent->numerator);
    }
    const double number = given.number.value - lowered;
    return apply([&](const residues& r)
                 { return simple_exponent ? fractional_power(r, *simple_exponent) : exp(exponent * log(r)); },
                 [number](double n) { return std::pow(n, number); }, x);
}

exact power_integer(const exact& x, int n)
{
    return power_by(x, n);
}

exact pow(const exact& x, const exact& y)
{
    if (y.constant && !y.infinite() && simple(y))
    {
        return power_by(x, y.number.value);
    }
    note_sign(x, y);
    if (y.infinite() && !x.constant)
    {
        decided(order(abs(x), 1) < 0);
    }
    return apply([](const residues& a, const residues& b) { return exp(b * log(a)); },
                 [](double a, double b) { return std::pow(a, b); }, x, y);
}

exact fma(const exact& x, const exact& y, const exact& z)
{
    return x * y + z;
}

exact atan2(const exact& y, const exact& x)
{
    // Where the branches of the angle meet.
    (void)(x < 0);
    (void)(y < 0);
    return apply([](const residues& a, const residues& b) { return functions::atan2(a, b); },
                 [](double a, double b) { return std::atan2(a, b); }, y, x);
}

exact polygamma(int order, const exact& x)
{
    return apply([order](const residues& r) { return functions::polygamma(order, r); },
                 [order](double n) { return kernels::scalar::polygamma(order, n); }, x);
}

#define AUTOGRAD_EXACT_FUNCTION(name, on_numbers)                                                                      \
    exact name(const exact& x)                                                                                         \
    {                                                                                                                  \
        return apply([](const residues& r) { return functions::name(r); }, [](double n) { return on_numbers; }, x);    \
    }
AUTOGRAD_EXACT_FUNCTION(exp2, std::exp2(n))
AUTOGRAD_EXACT_FUNCTION(expm1, std::expm1(n))
AUTOGRAD_EXACT_FUNCTION(log2, std::log2(n))
AUTOGRAD_EXACT_FUNCTION(log10, std::log10(n))
AUTOGRAD_EXACT_FUNCTION(log1p, std::log1p(n))
AUTOGRAD_EXACT_FUNCTION(log1mexp, std::log(-std::expm1(-n)))
AUTOGRAD_EXACT_FUNCTION(sin, std::sin(n))
AUTOGRAD_EXACT_FUNCTION(cos, std::cos(n))
AUTOGRAD_EXACT_FUNCTION(tan, std::tan(n))
AUTOGRAD_EXACT_FUNCTION(asin, std::asin(n))
AUTOGRAD_EXACT_FUNCTION(acos, std::acos(n))
AUTOGRAD_EXACT_FUNCTION(atan, std::atan(n))
AUTOGRAD_EXACT_FUNCTION(sinh, std::sinh(n))
AUTOGRAD_EXACT_FUNCTION(cosh, std::cosh(n))
AUTOGRAD_EXACT_FUNCTION(tanh, std::tanh(n))
AUTOGRAD_EXACT_FUNCTION(asinh, std::asinh(n))
AUTOGRAD_EXACT_FUNCTION(acosh, std::acosh(n))
AUTOGRAD_EXACT_FUNCTION(atanh, std::atanh(n))
AUTOGRAD_EXACT_FUNCTION(cbrt, std::cbrt(n))
AUTOGRAD_EXACT_FUNCTION(reciprocal, 1 / n)
AUTOGRAD_EXACT_FUNCTION(erf, std::erf(n))
AUTOGRAD_EXACT_FUNCTION(erfc, std::erfc(n))
AUTOGRAD_EXACT_FUNCTION(lgamma, std::lgamma(n))
AUTOGRAD_EXACT_FUNCTION(digamma, kernels::scalar::digamma(n))
AUTOGRAD_EXACT_FUNCTION(normal_pdf, std::exp(-n* n / 2) / std::sqrt(2 * std::numbers::pi))
AUTOGRAD_EXACT_FUNCTION(normal_cdf, std::erfc(-n / std::numbers::sqrt2) / 2)
AUTOGRAD_EXACT_FUNCTION(sigmoid, 1 / (1 + std::exp(-n)))
AUTOGRAD_EXACT_FUNCTION(softplus, n > 0 ? n + std::log1p(std::exp(-n)) : std::log1p(std::exp(n)))
AUTOGRAD_EXACT_FUNCTION(log_sigmoid, n < 0 ? n - std::log1p(std::exp(n)) : -std::log1p(std::exp(-n)))
AUTOGRAD_EXACT_FUNCTION(sigmoid_slope, 1 / (2 + std::exp(n) + std::exp(-n)))
AUTOGRAD_EXACT_FUNCTION(tanh_slope, 1 / (std::cosh(n) * std::cosh(n)))
AUTOGRAD_EXACT_FUNCTION(silu_slope, (1 + n / (1 + std::exp(n))) / (1 + std::exp(-n)))
AUTOGRAD_EXACT_FUNCTION(erf_slope, 2 * std::numbers::inv_sqrtpi * std::exp(-n * n))
AUTOGRAD_EXACT_FUNCTION(asin_slope, 1 / std::sqrt((1 - n) * (1 + n)))
AUTOGRAD_EXACT_FUNCTION(atan_slope, 1 / (1 + n * n))
AUTOGRAD_EXACT_FUNCTION(acosh_slope, 1 / std::sqrt((n - 1) * (n + 1)))
AUTOGRAD_EXACT_FUNCTION(atanh_slope, 1 / ((1 - n) * (1 + n)))
#undef AUTOGRAD_EXACT_FUNCTION

exact exp(const exact& x)
{
    return apply([](const residues& r) { return exp(r); }, [](double n) { return std::exp(n); }, x);
}

exact log(const exact& x)
{
    return apply([](const residues& r) { return log(r); }, [](double n) { return std::log(n); }, x);
}

exact sigmoid_of_difference(const exact& x, const exact& y)
{
    return sigmoid(select(equal(x, y) && isinf(x), 0, x - y));
}

exact sigmoid_slope_of_difference(const exact& x, const exact& y)
{
    return sigmoid_slope(select(equal(x, y) && isinf(x), 0, x - y));
}

exact norm_slope(const exact& g, const exact& x, const exact& z)
{
    return equal(z, 0).holds ? exact(0) : g * (x / z);
}

exact hypot_slope(const exact& g, const exact& x, const exact&, const exact& z)
{
    return norm_slope(g, x, z);
}

exact undefined_at_zero(const exact& z, const exact& x)
{
    if (equal(z, 0).holds)
    {
        throw unlucky_point{"a derivative that is undefined"};
    }
    return x;
}

exact nan_to_num(const exact& x, double nan, double positive_infinity, double negative_infinity)
{
    return isnan(x).holds       ? exact(nan)
           : !x.infinite()      ? x
           : x.number.value < 0 ? exact(negative_infinity)
                                : exact(positive_infinity);
}

} // namespace autograd::prove
