#include "autograd/kernels/normal_quantile.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace autograd::kernels
{

namespace
{

/// c[0] + c[1] x + c[2] x^2 + ...
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x)
{
    double sum = c[N - 1];
    for (std::size_t k = N - 1; k-- > 0;)
    {
        sum = sum * x + c[k];
    }
    return sum;
}

/// A rational function, by its coefficients from the lowest power on.
struct rational
{
    std::array<double, 8> numerator;
    std::array<double, 8> denominator;

    double operator()(double x) const { return polynomial(numerator, x) / polynomial(denominator, x); }
};

// The coefficients of PPND16, for the centre (in 0.180625 - (p - 1/2)^2), and for the tails (in sqrt(-log p) less 1.6,
// and far out less 5).
constexpr rational centre{{3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
                           45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
                          {1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
                           21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}};
constexpr rational tail{
    {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
     0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
constexpr rational far_tail{
    {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
     0.0265321895265761230930, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};

/// log(x) of a positive number, by the series of 2 artanh((m - 1) / (m + 1)) of its mantissa m, from sqrt(1/2) to
/// sqrt(2). (The logarithms of the systems' libraries differ in the last digit.)
double logarithm(double x)
{
    constexpr double root_of_half = 0.70710678118654752440;
    constexpr double log_of_2 = 0.69314718055994530942;
    int exponent = 0;
    double m = std::frexp(x, &exponent);
    if (m < root_of_half)
    {
        m *= 2;
        --exponent;
    }
    const double s = (m - 1) / (m + 1);
    constexpr std::array<double, 11> series{2.0,      2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9, 2.0 / 11,
                                            2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
    return exponent * log_of_2 + s * polynomial(series, s * s);
}

} // namespace

double normal_quantile(double p)
{
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425)
    {
        return q * centre(0.180625 - q * q);
    }
    const double r = std::sqrt(-logarithm(q < 0 ? p : 1 - p));
    const double size = r <= 5 ? tail(r - 1.6) : far_tail(r - 5);
    return q < 0 ? -size : size;
}

} // namespace autograd::kernels
