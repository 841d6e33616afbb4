#include "autograd/kernels/matrix_exponential.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/finite.hpp"
#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/per_set/scaled.hpp"
#include "autograd/kernels/scratch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace autograd::kernels
{

namespace
{

// ------------------------------------------------------------------------------- matrices and their derivatives

/// A square matrix and its derivative along a direction, or null where none is computed.
template <class E>
struct dual
{
    E* x = nullptr;
    E* dx = nullptr;
};

/// Arithmetic of such matrices, of one size. As for numbers, the derivative of a product is a db + da b: so what is
/// written once for matrices gives their derivatives, by the same operations.
struct dual_matrices
{
    std::size_t n;
    bool have_derivatives;

    std::size_t size() const { return n * n; }

    template <class E>
    dual<E> take(scratch_memory& scratch) const
    {
        E* const x = scratch.take<E>(size());
        return {x, have_derivatives ? scratch.take<E>(size()) : nullptr};
    }

    /// c = a b, or c += a b.
    void multiply(dual<double> a, dual<double> b, dual<double> c, bool add = false) const
    {
        product(a.x, b.x, c.x, add);
        if (have_derivatives)
        {
            product(a.x, b.dx, c.dx, add);
            product(a.dx, b.x, c.dx, true);
        }
    }

    /// c = number I.
    void set(double number, dual<double> c) const
    {
        std::fill_n(c.x, size(), 0.0);
        if (have_derivatives)
        {
            std::fill_n(c.dx, size(), 0.0);
        }
        add(number, c);
    }
    /// c += number I.
    void add(double number, dual<double> c) const
    {
        for (std::size_t i = 0; i < n; ++i)
        {
            c.x[i * (n + 1)] += number;
        }
    }
    /// c += number a.
    void add(double number, dual<double> a, dual<double> c) const
    {
        add(number, a.x, c.x);
        if (have_derivatives)
        {
            add(number, a.dx, c.dx);
        }
    }
    /// y = p a + q b + r c.
    void combine(double p, dual<double> a, double q, dual<double> b, double r, dual<double> c, dual<double> y) const
    {
        const auto of_parts = [&](const double* of_a, const double* of_b, const double* of_c, double* of_y)
        {
            for (std::size_t i = 0; i < size(); ++i)
            {
                of_y[i] = p * of_a[i] + q * of_b[i] + r * of_c[i];
            }
        };
        of_parts(a.x, b.x, c.x, y.x);
        if (have_derivatives)
        {
            of_parts(a.dx, b.dx, c.dx, y.dx);
        }
    }

    bool are_finite(dual<double> a) const
    {
        return finite<double>->all(a.x, size()) && (!have_derivatives || finite<double>->all(a.dx, size()));
    }

    /// c = a a, of numbers with exponents.
    void square(dual<scaled<double>> a, dual<scaled<double>> c) const
    {
        product(a.x, a.x, c.x, false);
        if (have_derivatives)
        {
            product(a.x, a.dx, c.dx, false);
            product(a.dx, a.x, c.dx, true);
        }
    }

private:
    void product(const double* a, const double* b, double* c, bool add) const
    {
        const int extent = static_cast<int>(n);
        lapack::gemm(lapack::form::as_stored, lapack::form::as_stored, extent, extent, extent, 1.0, a, extent, b,
                     extent, add ? 1.0 : 0.0, c, extent);
    }

    void add(double number, const double* a, double* c) const
    {
        std::transform(c, c + size(), a, c, [number](double sum, double x) { return sum + number * x; });
    }

    void product(const scaled<double>* a, const scaled<double>* b, scaled<double>* c, bool add) const
    {
        for (std::size_t i = 0; i < n; ++i)
        {
            if (!add)
            {
                std::fill_n(c + i * n, n, scaled<double>(0.0));
            }
            for (std::size_t k = 0; k < n; ++k)
            {
                for (std::size_t j = 0; j < n; ++j)
                {
                    c[i * n + j] = c[i * n + j] + a[i * n + k] * b[k * n + j];
                }
            }
        }
    }
};

// --------------------------------------------------------------------------------------------- Pade approximants

/// exp(x) = p(x) / p(-x), p a polynomial of this degree: exact, within half an ulp of 1, for matrices near those whose
/// norms are below the limits.
struct approximant
{
    int degree;
    double for_value;                    ///< theta of Al-Mohy and Higham, SIMAX 31 (2009), table 3.1
    double for_derivative;               ///< l of Al-Mohy and Higham, SIMAX 30 (2009), table 6.1
    std::array<double, 14> coefficients; ///< of p, the constant one 1
    double error = 1;                    ///< the leading coefficient of the backward error, (m!)^2 / ((2m)! (2m + 1)!)

    constexpr approximant(int m, double value, double derivative)
        : degree(m), for_value(value), for_derivative(derivative), coefficients{1.0}
    {
        long double c = 1;
        for (int k = 1; k <= m; ++k)
        {
            c = c * (m - k + 1) / ((2 * m - k + 1) * static_cast<long double>(k));
            coefficients[static_cast<std::size_t>(k)] = static_cast<double>(c);
            error *= static_cast<double>(k) / (m + k) / ((2 * k) * (2 * k + 1));
        }
    }
};

constexpr approximant approximants[] = {
    {3, 1.495585217958292e-2, 1.08e-2},
    {5, 2.539398330063230e-1, 2.00e-1},
    {7, 9.504178996162932e-1, 7.83e-1},
    {9, 2.097847961257068, 1.78},
    {13, 4.25, 4.74},
};
constexpr const approximant& highest = approximants[4];

// ------------------------------------------------------------------------------------------------- reading matrices

/// The exponent of the largest magnitude among finite numbers: all are below 2 to it. 0 where all are 0.
template <class T>
int common_exponent(const T* x, std::size_t size)
{
    T largest = 0;
    for (std::size_t i = 0; i < size; ++i)
    {
        largest = std::max(largest, std::abs(x[i]));
    }
    int exponent = 0;
    std::frexp(largest, &exponent);
    return exponent;
}

/// y = x 2^exponent: one multiplication each, where that power is a normal number.
template <class From, class To>
void scale(const From* x, std::size_t size, int exponent, To* y)
{
    using limits = std::numeric_limits<double>;
    if (exponent >= limits::min_exponent && exponent < limits::max_exponent)
    {
        const double factor = std::scalbn(1.0, exponent);
        std::transform(x, x + size, y, [factor](From each) { return static_cast<To>(factor * each); });
    }
    else
    {
        std::transform(x, x + size, y,
                       [exponent](double each) { return static_cast<To>(std::scalbn(each, exponent)); });
    }
}

/// Whether every element on that side of the diagonal is 0.
template <class T>
bool is_zero(std::size_t n, const T* a, lapack::triangle side)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        const T* const row = a + i * n;
        const bool lower = side == lapack::triangle::lower;
        if (!std::all_of(lower ? row : row + i + 1, lower ? row + i : row + n, [](T x) { return x == 0; }))
        {
            return false;
        }
    }
    return true;
}

/// y = x |a|, of rows.
void multiply_absolute(std::size_t n, const double* x, const double* a, double* y)
{
    std::fill_n(y, n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            y[j] += x[i] * std::abs(a[i * n + j]);
        }
    }
}

// ---------------------------------------------------------------------------------------------------- exponentials

/// exp(a) and perhaps its derivative. a is `m_b` times 2^m_exponent, so that its powers stay in the range.
class exponential
{
public:
    exponential(std::size_t n, bool with_derivative, scratch_memory& scratch)
        : m_dual{n, with_derivative}, m_x(m_dual.take<double>(scratch))
    {
        scratch_memory for_squaring = scratch;
        m_product = m_dual.take<double>(for_squaring);
        m_scaled = m_dual.take<scaled<double>>(for_squaring);
        m_scaled_product = m_dual.take<scaled<double>>(for_squaring);
        // This memory is free when there is something to square.
        for (dual<double>* each : {&m_b, &m_b2, &m_b4, &m_b6, &m_b8, &m_w, &m_v})
        {
            *each = m_dual.take<double>(scratch);
        }
        m_row = scratch.take<double>(n);
        m_next_row = scratch.take<double>(n);
        m_pivots = scratch.take<int>(n);
        scratch = for_squaring.bytes() > scratch.bytes() ? for_squaring : scratch;
    }

    /// Takes a finite matrix, and a direction `e` if there are derivatives, and gives exp(a) and the derivative.
    template <class T>
    void compute(const T* a, const T* e, T* y)
    {
        const std::size_t size = m_dual.size();
        m_exponent = std::max(common_exponent(a, size), 0);
        scale(a, size, -m_exponent, m_b.x);
        if (e != nullptr)
        {
            const int exponent_of_e = common_exponent(e, size);
            scale(e, size, -exponent_of_e, m_b.dx);
            m_exponent_of_dx = exponent_of_e - m_exponent;
        }
        const approximant& by = m_dual.have_derivatives ? choose_for_derivative() : choose_for_value();
        const bool is_upper = is_zero(m_dual.n, a, lapack::triangle::lower);
        const bool is_lower = is_zero(m_dual.n, a, lapack::triangle::upper);
        m_triangle = is_upper ? shape::upper : is_lower ? shape::lower : shape::full;
        approximate(by);
        divide();
        put_known(a, -m_squarings);
        square(a);
        if (e == nullptr)
        {
            scale(m_x.x, size, 0, y);
        }
        else
        {
            scale(m_x.dx, size, m_exponent_of_dx, y);
        }
    }

private:
    enum class shape
    {
        full,
        lower,
        upper
    };

    /// The powers of b that a polynomial is made of.
    void multiply_powers(int highest_power)
    {
        m_dual.multiply(m_b, m_b, m_b2);
        if (highest_power >= 4)
        {
            m_dual.multiply(m_b2, m_b2, m_b4);
        }
        if (highest_power >= 6)
        {
            m_dual.multiply(m_b4, m_b2, m_b6);
        }
    }

    const approximant& chosen(const approximant& by, int squarings)
    {
        // so that coefficients stay in the range
        constexpr int farthest = 40;
        m_squarings = std::max({squarings, m_exponent - farthest, 0});
        if (by.degree == 9)
        {
            m_dual.multiply(m_b4, m_b4, m_b8);
        }
        return by;
    }

    /// The largest sum of magnitudes in a column of |a|^power.
    double norm_of_absolute(const double* a, int power = 1)
    {
        std::fill_n(m_row, m_dual.n, 1.0);
        for (int done = 0; done < power; ++done)
        {
            multiply_absolute(m_dual.n, m_row, a, m_next_row);
            std::swap(m_row, m_next_row);
        }
        return *std::max_element(m_row, m_row + m_dual.n);
    }

    const approximant& choose_for_derivative()
    {
        const double of_b = norm_of_absolute(m_b.x);
        for (const approximant& each : approximants)
        {
            if (std::scalbn(of_b, m_exponent) <= each.for_derivative)
            {
                multiply_powers(each.degree - 1);
                return chosen(each, 0);
            }
        }
        multiply_powers(6);
        return chosen(highest, m_exponent + static_cast<int>(std::ceil(std::log2(of_b / highest.for_derivative))));
    }

    const approximant& choose_for_value()
    {
        const double of_b = norm_of_absolute(m_b.x);
        const double of_a = std::scalbn(of_b, m_exponent);
        for (std::size_t i = 0; i < 2; ++i)
        {
            if (of_a <= approximants[i].for_value)
            {
                multiply_powers(approximants[i].degree - 1);
                return chosen(approximants[i], 0);
            }
        }
        multiply_powers(6);
        // What counts is not the norm, but how fast the powers grow: log2 of |a^k|^(1/k), which may be -inf.
        const double growth =
            m_exponent + std::max(std::log2(norm_of_absolute(m_b4.x)) / 4, std::log2(norm_of_absolute(m_b6.x)) / 6);
        for (const approximant& each : approximants)
        {
            const bool is_enough = growth <= std::log2(each.for_value) && further_squarings(each, of_b, 0) == 0;
            if (each.degree < highest.degree && (of_a <= each.for_value || is_enough))
            {
                return chosen(each, 0);
            }
        }
        const auto squarings = static_cast<int>(std::max(0.0, std::ceil(growth - std::log2(highest.for_value))));
        return chosen(highest, squarings + further_squarings(highest, of_b, squarings));
    }

    /// How many squarings it takes beside these so that rounding of the approximant's terms does no harm. The norm of a
    /// power of |b| is at most that power of the norm, which is mostly enough to know.
    int further_squarings(const approximant& by, double of_b, int squarings)
    {
        const int power = 2 * by.degree;
        const double without = std::log2(by.error) + std::numeric_limits<double>::digits +
                               static_cast<double>(power) * (m_exponent - squarings);
        if (without + power * std::log2(of_b) <= 0)
        {
            return 0;
        }
        const double grown = norm_of_absolute(m_b.x, power + 1);
        const double excess = grown == 0 ? 0 : without + std::log2(grown / of_b);
        return static_cast<int>(std::max(0.0, std::ceil(excess / power)));
    }

    /// The odd part of p(a 2^-squarings), twice, in x, and the even part in v.
    void approximate(const approximant& by)
    {
        std::array<double, 14> c{};
        for (int k = 0; k <= by.degree; ++k)
        {
            const auto place = static_cast<std::size_t>(k);
            c[place] = std::scalbn(by.coefficients[place], k * (m_exponent - m_squarings) + k % 2);
        }
        if (by.degree == highest.degree)
        {
            m_dual.combine(c[13], m_b6, c[11], m_b4, c[9], m_b2, m_v);
            m_dual.combine(c[7], m_b6, c[5], m_b4, c[3], m_b2, m_w);
            m_dual.add(c[1], m_w);
            m_dual.multiply(m_b6, m_v, m_w, true);
            m_dual.multiply(m_b, m_w, m_x);
            m_dual.combine(c[12], m_b6, c[10], m_b4, c[8], m_b2, m_w);
            m_dual.combine(c[6], m_b6, c[4], m_b4, c[2], m_b2, m_v);
            m_dual.add(c[0], m_v);
            m_dual.multiply(m_b6, m_w, m_v, true);
            return;
        }
        const dual<double> powers[] = {m_b2, m_b4, m_b6, m_b8};
        m_dual.set(c[1], m_w);
        m_dual.set(c[0], m_v);
        for (std::size_t k = 2; k < static_cast<std::size_t>(by.degree); k += 2)
        {
            m_dual.add(c[k + 1], powers[k / 2 - 1], m_w);
            m_dual.add(c[k], powers[k / 2 - 1], m_v);
        }
        m_dual.multiply(m_b, m_w, m_x);
    }

    /// x = (v + u) / (v - u) for x = 2 u, as 1 + 2 u / (v - u), which keeps the digits of small elements. The divisor
    /// is far from singular.
    void divide()
    {
        const int n = static_cast<int>(m_dual.n);
        m_dual.add(-0.5, m_x, m_v);
        if (m_triangle == shape::full)
        {
            lapack::getrf(n, n, m_v.x, n, m_pivots);
        }
        solve(m_x.x);
        if (m_dual.have_derivatives)
        {
            lapack::gemm(lapack::form::as_stored, lapack::form::as_stored, n, n, n, -1.0, m_v.dx, n, m_x.x, n, 1.0,
                         m_x.dx, n);
            solve(m_x.dx);
        }
        m_dual.add(1, m_x);
    }

    /// b = v^-1 b. A triangle is no further factorized: its zeros stay. Else what was factorized is the transpose, by
    /// columns: v = (P L U)^T, and U^T is a lower triangle here.
    void solve(double* b) const
    {
        if (m_triangle != shape::upper)
        {
            solve_triangle(lapack::triangle::lower, lapack::diagonal::as_stored, b);
        }
        if (m_triangle != shape::lower)
        {
            const bool factorized = m_triangle == shape::full;
            solve_triangle(lapack::triangle::upper, factorized ? lapack::diagonal::ones : lapack::diagonal::as_stored,
                           b);
        }
        for (std::size_t i = m_triangle == shape::full ? m_dual.n : 0; i-- > 0;)
        {
            const auto other = static_cast<std::size_t>(m_pivots[i] - 1);
            if (other != i)
            {
                std::swap_ranges(b + i * m_dual.n, b + (i + 1) * m_dual.n, b + other * m_dual.n);
            }
        }
    }

    void solve_triangle(lapack::triangle read, lapack::diagonal on, double* b) const
    {
        const int n = static_cast<int>(m_dual.n);
        lapack::trsm(lapack::side::left, read, lapack::form::as_stored, on, n, n, 1.0, m_v.x, n, b, n);
    }

    /// Of a triangle the elements on and beside the diagonal of exp(a 2^exponent) are known, and put into x, so that
    /// squaring does not add up their errors: Al-Mohy and Higham 2009 (SIMAX 31), code fragment 2.1.
    template <class T>
    void put_known(const T* a, int exponent)
    {
        if (m_triangle == shape::full)
        {
            return;
        }
        const std::size_t n = m_dual.n;
        const auto put = [](double& x, double known) { x = std::isfinite(known) ? known : x; };
        for (std::size_t i = 0; i < n; ++i)
        {
            const double on_diagonal = std::scalbn(double{a[i * (n + 1)]}, exponent);
            put(m_x.x[i * (n + 1)], std::exp(on_diagonal));
            if (i + 1 < n)
            {
                const double next = std::scalbn(double{a[(i + 1) * (n + 1)]}, exponent);
                const std::size_t beside = m_triangle == shape::upper ? i * n + i + 1 : (i + 1) * n + i;
                const double apart = std::abs(next - on_diagonal);
                const double slope = apart == 0 ? 1 : -std::expm1(-apart) / apart;
                // in two factors, of which neither leaves the range while their product does not
                const double half = std::exp(std::max(on_diagonal, next) / 2);
                put(m_x.x[beside], std::scalbn(double{a[beside]}, exponent) * slope * half * half);
            }
        }
    }

    template <class T>
    void square(const T* a)
    {
        for (int left = m_squarings; left > 0; --left)
        {
            m_dual.multiply(m_x, m_x, m_product);
            if (!m_dual.are_finite(m_product))
            {
                square_with_exponents(a, left);
                return;
            }
            std::swap(m_x, m_product);
            put_known(a, 1 - left);
        }
    }

    /// What overflows in a sum may meet 0, or its negative: here nothing overflows until all is done.
    template <class T>
    void square_with_exponents(const T* a, int left)
    {
        const std::size_t size = m_dual.size();
        std::copy_n(m_x.x, size, m_scaled.x);
        if (m_dual.have_derivatives)
        {
            std::copy_n(m_x.dx, size, m_scaled.dx);
        }
        for (; left > 0; --left)
        {
            m_dual.square(m_scaled, m_scaled_product);
            std::swap(m_scaled, m_scaled_product);
            for (std::size_t i = 0; m_triangle != shape::full && i < m_dual.n; ++i)
            {
                const double on_diagonal = std::exp(std::scalbn(double{a[i * (m_dual.n + 1)]}, 1 - left));
                if (on_diagonal != 0 && std::isfinite(on_diagonal))
                {
                    m_scaled.x[i * (m_dual.n + 1)] = on_diagonal;
                }
            }
        }
        std::transform(m_scaled.x, m_scaled.x + size, m_x.x, [](const scaled<double>& x) { return x.value(); });
        if (m_dual.have_derivatives)
        {
            std::transform(m_scaled.dx, m_scaled.dx + size, m_x.dx,
                           [this](const scaled<double>& x) { return scalbn(x, m_exponent_of_dx).value(); });
            m_exponent_of_dx = 0;
        }
    }

    dual_matrices m_dual;
    int m_exponent = 0;
    int m_exponent_of_dx = 0; ///< x.dx times 2 to it is the derivative along e
    int m_squarings = 0;
    shape m_triangle = shape::full;

    dual<double> m_x; ///< exp(a 2^-squarings left)
    dual<double> m_b, m_b2, m_b4, m_b6, m_b8;
    dual<double> m_v, m_w;
    double* m_row;
    double* m_next_row;
    int* m_pivots; ///< of v

    dual<double> m_product;
    dual<scaled<double>> m_scaled, m_scaled_product;
};

template <class T>
void fill_with_nan(T* y, std::size_t size)
{
    std::fill_n(y, size, std::numeric_limits<T>::quiet_NaN());
}

/// exp(a) of a diagonal matrix.
template <class T>
void exponential_of_diagonal(std::size_t n, const T* a, T* y)
{
    std::fill_n(y, n * n, T(0));
    for (std::size_t i = 0; i < n; ++i)
    {
        y[i * (n + 1)] = std::exp(a[i * (n + 1)]);
        if (std::isnan(y[i * (n + 1)]))
        {
            fill_with_nan(y, n * n);
            return;
        }
    }
}

std::size_t scratch_of(std::size_t n, bool with_derivative, const char* operation)
{
    lapack::extent(n, operation);
    scratch_memory counted;
    const exponential e(n, with_derivative, counted);
    return counted.bytes();
}

} // namespace

template <class T>
void matrix_exponential(std::size_t n, const T* a, T* y, void* scratch)
{
    if (is_zero(n, a, lapack::triangle::lower) && is_zero(n, a, lapack::triangle::upper))
    {
        exponential_of_diagonal(n, a, y);
        return;
    }
    if (!finite<T>->all(a, n * n))
    {
        fill_with_nan(y, n * n);
        return;
    }
    scratch_memory memory(scratch);
    exponential(n, false, memory).compute(a, static_cast<const T*>(nullptr), y);
}

template <class T>
void matrix_exponential_derivative(std::size_t n, const T* a, const T* e, T* y, void* scratch)
{
    if (n == 1)
    {
        *y = *e * std::exp(*a);
        return;
    }
    if (!finite<T>->all(a, n * n) || !finite<T>->all(e, n * n))
    {
        fill_with_nan(y, n * n);
        return;
    }
    scratch_memory memory(scratch);
    exponential(n, true, memory).compute(a, e, y);
}

std::size_t scratch_of_matrix_exponential(std::size_t n, const char* operation)
{
    return scratch_of(n, false, operation);
}

std::size_t scratch_of_matrix_exponential_derivative(std::size_t n, const char* operation)
{
    return scratch_of(n, true, operation);
}

#define AUTOGRAD_MATRIX_EXPONENTIAL(T)                                                                                 \
    template void matrix_exponential(std::size_t, const T*, T*, void*);                                                \
    template void matrix_exponential_derivative(std::size_t, const T*, const T*, T*, void*);
AUTOGRAD_MATRIX_EXPONENTIAL(float)
AUTOGRAD_MATRIX_EXPONENTIAL(double)
#undef AUTOGRAD_MATRIX_EXPONENTIAL

} // namespace autograd::kernels
