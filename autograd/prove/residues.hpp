#pragma once

#include "autograd/prove/fraction.hpp"
#include "autograd/prove/tower.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace autograd::prove
{

/// Why a point proves nothing: another one is drawn (a division by 0, say, or numbers too close to tell their order).
struct unlucky_point
{
    const char* reason;
};

/// Why no point can prove anything.
struct undecidable
{
    const char* reason;
};

/// A value needs another level of the tower.
struct needs_a_level
{
};

/// What was assumed on this thread while it lives: derivatives of functions that have no other definition here.
class assumptions
{
public:
    assumptions();
    ~assumptions();
    assumptions(const assumptions&) = delete;

    /// "erf' = 2 / sqrt(pi) exp(-x^2)", or "".
    const std::string& text() const { return m_text; }
    static void note(const char* derivative);

private:
    assumptions* m_outer;
    std::string m_text;
};

/// Whether, while it lives, something on this thread was chosen that could be chosen otherwise: the sign of a root, the
/// torsion of a power of a sum. Equal residues are equal all the same; unequal ones need not be.
class ambiguity
{
public:
    ambiguity();
    ~ambiguity();
    ambiguity(const ambiguity&) = delete;

    bool met() const { return m_met; }
    static void note();

private:
    ambiguity* m_outer;
    bool m_met = false;
};

/// How much logarithms on this thread may cost while it lives, in giant steps of some nanoseconds: those of nested
/// exponentials take a million each. What costs more throws undecidable.
class budget_of_logarithms
{
public:
    explicit budget_of_logarithms(std::uint64_t steps);
    ~budget_of_logarithms();
    budget_of_logarithms(const budget_of_logarithms&) = delete;

    static void spend(std::uint64_t steps);

private:
    budget_of_logarithms* m_outer;
    std::uint64_t m_left;
};

/// While it lives, exponentials and logarithms on this thread are names without an algebra, which cost nothing:
/// residues decide nothing, and numbers are what they were.
class numbers_alone
{
public:
    numbers_alone();
    ~numbers_alone();
    numbers_alone(const numbers_alone&) = delete;

private:
    bool m_outer;
};

/// The levels in use on this thread, from 2: exponentials that are not nested cost as if there were no others.
class levels_in_use
{
public:
    explicit levels_in_use(std::size_t count);
    ~levels_in_use();
    levels_in_use(const levels_in_use&) = delete;

    static std::size_t count();

private:
    std::size_t m_outer;
};

/// The degree of a rational function: how likely it is 0 at a random point without being 0.
struct degree
{
    double numerator = 0;
    double denominator = 0;
    double inside = 0; ///< of the exponents and arguments of what counts as a variable

    double total() const { return numerator + denominator + inside; }
};

/// A value at a random point of the tower: a residue in each of the levels from `low` to `high`. Arithmetic is exact.
/// An exponential of level i is one of level i + 1; a logarithm goes down again.
class residues
{
public:
    /// 0
    residues();
    residues(const fraction& number);

    std::size_t low() const { return m_low; }
    std::size_t high() const { return m_high; }
    const scalar& at(std::size_t level) const { return m_at[level]; }
    tower::torsion torsion(std::size_t level) const { return m_torsion[level]; }
    bool has_torsion() const { return m_has_torsion; }
    const degree& its_degree() const { return m_degree; }

    /// As stored elsewhere.
    void set_levels(std::size_t low, std::size_t high);
    void set(std::size_t level, scalar value) { m_at[level] = value; }
    void set_torsion(std::size_t level, tower::torsion t);
    void set_degree(const degree& d) { m_degree = d; }

    /// Whether both are the same in all levels that both have. A torsion is no part of a value.
    friend bool operator==(const residues& x, const residues& y);
    bool is_zero() const;
    /// Whether it is 0 in one of the levels.
    bool vanishes() const;

    friend residues operator+(const residues& x, const residues& y);
    friend residues operator-(const residues& x, const residues& y);
    friend residues operator-(const residues& x);
    friend residues operator*(const residues& x, const residues& y);
    /// Torsions are multiplied as well, if they can be.
    friend residues operator*(const fraction& c, const residues& x);
    friend residues operator/(const residues& x, const residues& y);
    friend residues exp(const residues& x);
    friend residues log(const residues& x);
    friend residues sqrt(const residues& x);
    /// The root of an odd degree.
    friend residues odd_root(const residues& x, std::uint64_t of_degree);
    /// The value at x of a function that is nothing but its name: equal arguments give equal values.
    friend residues atom(std::string_view function, const residues& x);
    /// The same of an odd function: f(-x) = -f(x).
    friend residues odd_atom(std::string_view function, const residues& x);

private:
    template <class F>
    friend residues combine(const residues& x, const residues& y, F f);
    void require_a_level() const;

    std::array<scalar, tower::levels> m_at{};
    std::array<tower::torsion, tower::levels> m_torsion{};
    degree m_degree;
    std::uint8_t m_low = 0;
    std::uint8_t m_high = 0;
    bool m_has_torsion = false;
};

residues exp(const residues& x);
residues log(const residues& x);
residues sqrt(const residues& x);
residues odd_root(const residues& x, std::uint64_t of_degree);
residues atom(std::string_view function, const residues& x);
residues odd_atom(std::string_view function, const residues& x);

/// The same value, as an exponent of which only the residues count.
residues without_torsion(const residues& x);

/// The fraction that a residue stands for, if there is one whose numerator and denominator are at most `largest`.
std::optional<fraction> fraction_of(const scalar& residue, const prime_field& f, std::int64_t largest);

/// The root of -1.
residues imaginary_unit();

/// The exact value of a binary floating-point number.
residues exactly(double number);

/// The number as it stands in a recording: the fraction of least denominator that rounds to it, a constant of
/// mathematics if it is one to all its digits (ln 2; in double but for the last: the root of pi is computed of pi), or
/// else its exact value.
residues of_constant(double number);
residues of_constant(float number);
/// Whether that is a constant of mathematics, or a simple multiple of one.
bool is_of_mathematics(double number);

/// A constant that is nothing but its name.
residues named_constant(std::string_view name);

} // namespace autograd::prove
