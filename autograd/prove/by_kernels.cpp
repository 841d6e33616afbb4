#include "autograd/prove/by_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace autograd::prove
{

void run_kernel(const operation<double>& op, evaluation<double> call)
{
    struct alignas(64) line
    {
        std::byte bytes[64];
    };
    std::vector<line> scratch;
    if (op.scratch != nullptr)
    {
        scratch.resize(op.scratch(call) / sizeof(line) + 1);
        call.scratch = scratch.data();
    }
    op.forward(call);
}

namespace
{

using word = prime_field::word;
using doubles = std::vector<double>;

constexpr double exact_integers = 9007199254740992.0; // 2^53

/// One run of the kernel; `real(k)` gives the elements of operand k.
template <class Real>
void run(const kernel_call& call, Real real, void* result)
{
    std::vector<array_view> views;
    for (std::size_t k = 0; k < call.operands.size(); ++k)
    {
        const exact_array& x = *call.operands[k];
        const void* data = x.integers.empty() ? static_cast<const void*>(real(k)) : x.integers.data();
        views.push_back({data, x.shape(), x.size(), nullptr});
    }
    run_kernel(call.op, {views, call.shape, element_count(call.shape), result, call.attributes});
}

template <class Real>
doubles run(const kernel_call& call, Real real)
{
    doubles result(element_count(call.shape));
    run(call, real, result.data());
    return result;
}

bool is_real(const exact_array& x)
{
    return x.integers.empty();
}

/// Levels that all operands have, and whether anything is extended, has torsion, moves.
struct common
{
    std::size_t low = 0;
    std::size_t high = levels_in_use::count();
    bool extended = false;
    bool torsion = false;
    bool constant = true;
    degree largest;

    explicit common(const kernel_call& call)
    {
        for (const exact_array* x : call.operands)
        {
            if (!is_real(*x))
            {
                continue;
            }
            low = std::max(low, x->low());
            high = std::min(high, x->high());
            extended = extended || x->extended();
            torsion = torsion || x->has_torsion();
            constant = constant && x->constant();
            largest = {std::max(largest.numerator, x->its_degree().numerator),
                       std::max(largest.denominator, x->its_degree().denominator),
                       std::max(largest.inside, x->its_degree().inside)};
        }
    }
};

doubles ones(std::size_t count)
{
    return doubles(count, 1.0);
}

/// How many elements come together in one of the result, at most.
double contributions(const kernel_call& call)
{
    std::size_t largest = 0;
    for (const exact_array* x : call.operands)
    {
        largest = std::max(largest, x->size());
    }
    const doubles one = ones(largest);
    const doubles counts = run(call, [&](std::size_t) { return one.data(); });
    double most = 1;
    for (const double count : counts)
    {
        if (count != std::round(count) || std::abs(count) > exact_integers)
        {
            throw undecidable{"a linear rule whose coefficients are no integers"};
        }
        most = std::max(most, std::abs(count));
    }
    return most;
}

/// Residues in limbs of so many bits.
struct limbs
{
    unsigned bits;
    std::size_t count;
    std::vector<doubles> of; ///< by limb

    limbs(std::span<const word> residues, unsigned of_bits, word prime)
        : bits(of_bits), count((static_cast<std::size_t>(std::bit_width(prime)) + bits - 1) / bits)
    {
        const word mask = (word{1} << bits) - 1;
        for (std::size_t limb = 0; limb < count; ++limb)
        {
            doubles& part = of.emplace_back(residues.size());
            std::transform(residues.begin(), residues.end(), part.begin(),
                           [&](word x) { return static_cast<double>((x >> (limb * bits)) & mask); });
        }
    }
};

/// result[i] += factor sums[i], where the sums are integers, perhaps negative.
void add_sums(const prime_field& f, const doubles& sums, word factor, std::span<word> result)
{
    for (std::size_t i = 0; i < sums.size(); ++i)
    {
        if (sums[i] != std::round(sums[i]) || std::abs(sums[i]) > exact_integers)
        {
            throw undecidable{"a linear rule whose coefficients are no integers"};
        }
        const word magnitude = f.multiply(static_cast<word>(std::abs(sums[i])), factor);
        result[i] = sums[i] < 0 ? f.subtract(result[i], magnitude) : f.add(result[i], magnitude);
    }
}

/// The powers of 2 with which sums of limbs are multiplied: 2^(bits n).
word power_of_two(const prime_field& f, std::size_t exponent)
{
    return f.power(f.of(2), exponent);
}

unsigned bits_of_limbs(double terms, unsigned factors)
{
    const double room = std::floor((53 - std::log2(terms)) / factors);
    if (room < 4)
    {
        throw undecidable{"a sum of too many terms"};
    }
    return static_cast<unsigned>(std::min(room, 32.0));
}

constexpr std::size_t roots = 1; ///< the part of rho; 0 is the other

/// One part of the residues of an operand at a level; zeros where it has none.
std::vector<word> residues_of(const exact_array& x, std::size_t level, std::size_t part)
{
    if (!is_real(x))
    {
        return {};
    }
    if (part == roots && !x.extended())
    {
        return std::vector<word>(x.size(), 0);
    }
    const auto residues = part == roots ? x.roots_of(level) : x.residues_of(level);
    return {residues.begin(), residues.end()};
}

/// Of all operands, one part of one level: one run for each limb. What is linear in residues is so in those of
/// Montgomery's form.
void add_linear(const kernel_call& call, std::size_t level, std::size_t part, unsigned bits, std::span<word> result)
{
    const prime_field& f = tower::at(level).base();
    std::vector<limbs> cut;
    for (const exact_array* x : call.operands)
    {
        cut.emplace_back(residues_of(*x, level, part), bits, f.prime());
    }
    for (std::size_t limb = 0; limb < cut.front().count; ++limb)
    {
        const doubles sums = run(call, [&](std::size_t k) { return cut[k].of[limb].data(); });
        add_sums(f, sums, power_of_two(f, limb * bits), result);
    }
}

/// Of two parts of one level: one run for each pair of limbs. The product of two numbers in Montgomery's form has 2^64
/// twice; once it is taken away again by a factor that is not in that form.
void add_bilinear(const kernel_call& call, std::size_t level, std::size_t left, std::size_t right, word factor,
                  unsigned bits, std::span<word> result)
{
    const prime_field& f = tower::at(level).base();
    const limbs a(residues_of(*call.operands[0], level, left), bits, f.prime());
    const limbs b(residues_of(*call.operands[1], level, right), bits, f.prime());
    for (std::size_t i = 0; i < a.count; ++i)
    {
        for (std::size_t j = 0; j < b.count; ++j)
        {
            const doubles sums = run(call, [&](std::size_t k) { return k == 0 ? a.of[i].data() : b.of[j].data(); });
            add_sums(f, sums, f.integer(f.multiply(factor, power_of_two(f, (i + j) * bits))), result);
        }
    }
}

/// Torsions add up as what they belong to; what meets an unknown one is unknown.
void add_torsions(const kernel_call& call, std::size_t level, exact_array& result)
{
    if (level + 1 >= tower::levels)
    {
        return;
    }
    std::vector<doubles> known;
    std::vector<doubles> unknown;
    for (const exact_array* x : call.operands)
    {
        doubles& of_known = known.emplace_back(x->size());
        doubles& of_unknown = unknown.emplace_back(x->size());
        for (std::size_t i = 0; x->has_torsion() && i < x->size(); ++i)
        {
            const tower::torsion t = x->torsions_of(level)[i];
            of_known[i] = std::max<double>(t, 0);
            of_unknown[i] = t < 0 ? 1 : 0;
        }
    }
    const doubles sums = run(call, [&](std::size_t k) { return known[k].data(); });
    const doubles lost = run(call, [&](std::size_t k) { return unknown[k].data(); });
    const double order = tower::torsion_order(level);
    for (std::size_t i = 0; i < sums.size(); ++i)
    {
        const double rest = sums[i] - order * std::floor(sums[i] / order);
        result.torsions_of(level)[i] = lost[i] != 0 ? tower::unknown_torsion : static_cast<tower::torsion>(rest);
    }
}

/// A sum of so many terms: their denominators come together.
degree of_sum(const degree& each, double terms)
{
    return {each.numerator + (terms - 1) * each.denominator, terms * each.denominator, each.inside};
}

exact_array prepared(const kernel_call& call, const common& of)
{
    exact_array result(call.shape);
    result.set_levels(of.low, of.high);
    result.set_constant(of.constant);
    if (of.extended)
    {
        result.extend();
    }
    return result;
}

doubles magnitudes(const doubles& numbers)
{
    doubles result(numbers.size());
    std::transform(numbers.begin(), numbers.end(), result.begin(), [](double x) { return std::abs(x); });
    return result;
}

} // namespace

exact_array apply_linear(const kernel_call& call)
{
    const common of(call);
    const double terms = contributions(call);
    const unsigned bits = bits_of_limbs(terms, 1);
    exact_array result = prepared(call, of);
    for (std::size_t level = of.low; level < of.high; ++level)
    {
        add_linear(call, level, 0, bits, result.residues_of(level));
        if (of.extended)
        {
            add_linear(call, level, roots, bits, result.roots_of(level));
        }
        if (of.torsion)
        {
            result.add_torsion();
            add_torsions(call, level, result);
        }
    }
    result.set_degree(of_sum(of.largest, terms));

    // Each term has its own error, and rounding adds one for each term.
    std::vector<doubles> errors;
    for (const exact_array* x : call.operands)
    {
        doubles& error = errors.emplace_back(x->errors);
        for (std::size_t i = 0; terms > 1 && i < error.size(); ++i)
        {
            error[i] += terms * ball::unit * std::abs(x->numbers[i]);
        }
    }
    result.numbers = run(call, [&](std::size_t k) { return call.operands[k]->numbers.data(); });
    result.errors = magnitudes(run(call, [&](std::size_t k) { return errors[k].data(); }));
    return result;
}

exact_array apply_bilinear(const kernel_call& call)
{
    const common of(call);
    const double terms = contributions(call);
    const unsigned bits = bits_of_limbs(terms, 2);
    exact_array result = prepared(call, of);
    for (std::size_t level = of.low; level < of.high; ++level)
    {
        const field& f = tower::at(level);
        const word one = f.base().one();
        add_bilinear(call, level, 0, 0, one, bits, result.residues_of(level));
        if (of.extended)
        {
            add_bilinear(call, level, roots, roots, f.zeta(), bits, result.residues_of(level));
            add_bilinear(call, level, 0, roots, one, bits, result.roots_of(level));
            add_bilinear(call, level, roots, 0, one, bits, result.roots_of(level));
        }
    }
    const degree& a = call.operands[0]->its_degree();
    const degree& b = call.operands[1]->its_degree();
    result.set_degree(
        of_sum({a.numerator + b.numerator, a.denominator + b.denominator, std::max(a.inside, b.inside)}, terms));

    const exact_array& x = *call.operands[0];
    const exact_array& y = *call.operands[1];
    result.numbers = run(call, [&](std::size_t k) { return call.operands[k]->numbers.data(); });
    const doubles size_of_x = magnitudes(x.numbers);
    const doubles size_of_y = magnitudes(y.numbers);
    doubles moved_y = y.errors;
    for (std::size_t i = 0; i < moved_y.size(); ++i)
    {
        moved_y[i] += terms * ball::unit * size_of_y[i];
    }
    const doubles by_y = run(call, [&](std::size_t k) { return k == 0 ? size_of_x.data() : moved_y.data(); });
    const doubles by_x = run(call, [&](std::size_t k) { return k == 0 ? x.errors.data() : size_of_y.data(); });
    std::transform(by_x.begin(), by_x.end(), by_y.begin(), result.errors.begin(),
                   [](double p, double q) { return std::abs(p) + std::abs(q); });
    return result;
}

namespace
{

/// Positions among numbers, which must not depend on how those were rounded: they are moved a little, to random sides.
std::vector<std::int64_t> positions(const kernel_call& call)
{
    std::vector<std::int64_t> result(element_count(call.shape));
    std::vector<std::int64_t> moved(result.size());
    run(
        call, [&](std::size_t k) { return call.operands[k]->numbers.data(); }, result.data());
    std::vector<doubles> numbers;
    std::uint64_t sides = 0x9e3779b97f4a7c15U;
    for (const exact_array* x : call.operands)
    {
        doubles& of_operand = numbers.emplace_back(x->numbers);
        for (std::size_t i = 0; i < of_operand.size() && is_real(*x); ++i)
        {
            constexpr double caution = 8;
            sides = std::rotl(sides, 1) * 5;
            of_operand[i] += (sides & 64 ? caution : -caution) * x->errors[i];
        }
    }
    run(
        call, [&](std::size_t k) { return numbers[k].data(); }, moved.data());
    if (moved != result)
    {
        throw unlucky_point{"numbers too close to tell their order"};
    }
    return result;
}

} // namespace

exact_array apply_to_numbers(const kernel_call& call)
{
    exact_array result(call.shape);
    const auto number = [&](std::size_t k) { return call.operands[k]->numbers.data(); };
    if (call.op.element == element_kind::index)
    {
        result.integers = positions(call);
        return result;
    }
    const doubles values = run(call, number);
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        result.set(i, exact::of_number(values[i]));
    }
    return result;
}

} // namespace autograd::prove
