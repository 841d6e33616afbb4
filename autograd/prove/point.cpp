#include "autograd/prove/point.hpp"

#include "autograd/prove/by_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace autograd::prove
{

bool branches::all_met() const
{
    return std::all_of(met.begin(), met.end(),
                       [](const auto& of_step)
                       { return std::all_of(of_step.begin(), of_step.end(), [](auto bits) { return bits == 3; }); });
}

void branches::merge(const branches& others)
{
    sign_of_root = sign_of_root || others.sign_of_root;
    for (std::size_t step = 0; step < met.size(); ++step)
    {
        met[step].resize(std::max(met[step].size(), others.met[step].size()));
        for (std::size_t k = 0; k < others.met[step].size(); ++k)
        {
            met[step][k] |= others.met[step][k];
        }
    }
}

point::point(const computation& of, const options& o)
    : m_recording(of),
      m_options(o),
      m_random(o.seed),
      m_values(of.steps().size()),
      m_last_use(of.steps().size(), 0),
      m_branches(of.steps().size()),
      m_boundaries(of.steps().size())
{
    for (std::size_t i = 0; i < of.steps().size(); ++i)
    {
        for (const std::size_t operand : of.steps()[i].operands)
        {
            m_last_use[operand] = i;
        }
    }
    for (const std::size_t output : of.kept())
    {
        m_last_use[output] = of.steps().size();
    }
}

void point::run()
{
    const observer::installed by(*this);
    const auto steps = m_recording.steps();
    std::optional<std::size_t> first_without_a_number;
    for (m_at = 0; m_at < steps.size(); ++m_at)
    {
        m_values[m_at] = value_of(steps[m_at]);
        const std::vector<double>& numbers = m_values[m_at].numbers;
        if (!first_without_a_number && std::any_of(numbers.begin(), numbers.end(), [](double x) { return x != x; }))
        {
            first_without_a_number = m_at;
        }
        for (const std::size_t operand : steps[m_at].operands)
        {
            if (m_last_use[operand] == m_at && !m_options.keep_all)
            {
                m_values[operand] = exact_array();
            }
        }
    }
    m_at = first_without_a_number.value_or(steps.size() - 1);
}

exact_array point::value_of(const computation::step& of)
{
    if (of.kind == rule_kind::leaf)
    {
        return leaf(of);
    }
    if (of.storage == storage_kind::shared)
    {
        return m_values[of.operands.back()].reshaped(of.shape);
    }
    if (of.storage == storage_kind::broadcast)
    {
        return m_values[of.operands[0]].broadcast(of.shape);
    }
    if (of.kind == rule_kind::elementwise)
    {
        return of.expression == nullptr ? opaque(of) : elementwise(of);
    }
    return general(of);
}

// ------------------------------------------------------------------------------------------------------------ leaves

/// A random element whose logarithm is a residue of the level below, with the sign of the number: at level 0, where
/// there is none below, one of odd order. So inputs may stand under roots and logarithms; they are one in 4 to 68 of
/// all elements.
exact point::input(double number)
{
    residues value;
    for (std::size_t level = 0; level < value.high(); ++level)
    {
        const field& f = tower::at(level);
        const auto random = [&](const field& of) { return scalar{of.base().of(m_random()), 0}; };
        scalar residue = level == 0 ? f.power(random(f), std::uint64_t{1} << f.twos())
                                    : tower::exp(level - 1, random(tower::at(level - 1)));
        value.set(level, number < 0 ? f.negate(residue) : residue);
    }
    value.set_degree({1, 0, 0});
    return {value, {number, 0}};
}

exact_array point::drawn_variable(const computation::step& of)
{
    exact_array result(of.shape);
    double scale = 0;
    for (const double each : of.numbers)
    {
        scale = std::isfinite(each) ? std::max(scale, std::abs(each)) : scale;
    }
    constexpr double largest = 4; // beyond, exponentials leave the range
    const double anywhere = scale == 0 ? 1 : std::min(scale, largest);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double recorded = of.numbers.empty() || !std::isfinite(of.numbers[i]) ? 0 : of.numbers[i];
        const double z = normal(m_random);
        const double number =
            m_options.how == drawn::anywhere || recorded == 0 ? 0.5 * anywhere * z : recorded * std::exp(0.2 * z);
        result.set(i, input(m_options.scale * number));
    }
    return result;
}

exact_array point::leaf(const computation::step& of)
{
    if (of.is == computation::leaf::variable)
    {
        return drawn_variable(of);
    }
    exact_array result(of.shape);
    result.integers = of.integers;
    const bool is_free = m_options.free_constants && of.is == computation::leaf::constant;
    for (std::size_t i = 0; i < result.size() && !of.is_index; ++i)
    {
        const double number = of.numbers[of.numbers.size() == 1 ? 0 : i];
        result.set(i, is_free && std::isfinite(number) ? input(number) : exact::of_number(number));
    }
    return result;
}

// -------------------------------------------------------------------------------------------------------- operations

exact_array point::elementwise(const computation::step& of)
{
    exact_array result(of.shape);
    std::vector<exact> x(of.operands.size());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            x[k] = m_values[of.operands[k]].get(i);
        }
        m_comparison = 0;
        result.set(i, of.expression(x, of.attributes));
    }
    return result;
}

exact_array point::general(const computation::step& of)
{
    std::vector<const exact_array*> operands;
    bool of_integers = true;
    for (const std::size_t operand : of.operands)
    {
        operands.push_back(&m_values[operand]);
        of_integers = of_integers && !m_values[operand].integers.empty();
    }
    if (of.on_double == nullptr)
    {
        throw undecidable{"an operation of a float tape without an interpretation (AUTOGRAD_PROVES)"};
    }
    const kernel_call call{*of.on_double, of.attributes, operands, of.shape};
    if (of.is_index || of_integers)
    {
        for (const exact_array* x : operands)
        {
            for (std::size_t i = 0; x->integers.empty() && i < x->size(); ++i)
            {
                bounded(x->get(i).value, true); // positions depend on how these compare
            }
        }
        return apply_to_numbers(call);
    }
    const bool has_generic_form = of.how != nullptr && of.how->generic != nullptr;
    if (of.kind == rule_kind::linear && !has_generic_form)
    {
        return apply_linear(call);
    }
    if (of.kind == rule_kind::bilinear && !has_generic_form)
    {
        return apply_bilinear(call);
    }
    if (!has_generic_form)
    {
        return opaque(of);
    }
    std::vector<std::vector<exact>> x(operands.size());
    std::vector<shape_vector> shapes;
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        shapes.push_back(operands[k]->shape());
        for (std::size_t i = 0; i < operands[k]->size(); ++i)
        {
            x[k].push_back(operands[k]->get(i));
        }
    }
    exact_array result(of.shape);
    std::vector<exact> y(result.size());
    m_comparison = 0;
    of.how->generic({x, shapes, of.shape, y}, of.attributes);
    // Elements are compared with each other in all their places: their comparisons count as one.
    std::vector<std::uint8_t>& met = m_branches.met[m_at];
    if (!met.empty())
    {
        met.assign(1, std::reduce(met.begin(), met.end(), std::uint8_t{0}, std::bit_or<std::uint8_t>()));
    }
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        result.set(i, y[i]);
    }
    return result;
}

/// An atom for each element: of the operation, its attributes, and all elements of its operands, which are weighted to
/// one residue.
exact_array point::opaque(const computation::step& of)
{
    ambiguity::note();
    if (of.on_double == nullptr || of.on_double->forward == nullptr)
    {
        throw undecidable{"an operation that the prover cannot read"};
    }
    const residues weight = named_constant("weight");
    residues all;
    std::vector<array_view> views;
    std::vector<std::vector<double>> moved;
    for (const std::size_t operand : of.operands)
    {
        const exact_array& x = m_values[operand];
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            const exact each = x.integers.empty() ? x.get(i) : exact::of_number(static_cast<double>(x.integers[i]));
            all = all * weight + each.value;
        }
        views.push_back({x.integers.empty() ? static_cast<const void*>(x.numbers.data()) : x.integers.data(), x.shape(),
                         x.size(), nullptr});
        std::vector<double>& numbers = moved.emplace_back(x.numbers);
        std::transform(numbers.begin(), numbers.end(), x.errors.begin(), numbers.begin(), std::plus<double>());
    }
    exact_array result(of.shape);
    of.on_double->forward({views, of.shape, result.size(), result.numbers.data(), of.attributes});
    std::vector<double> elsewhere(result.size());
    for (std::size_t k = 0; k < views.size(); ++k)
    {
        if (m_values[of.operands[k]].integers.empty())
        {
            views[k].data = moved[k].data();
        }
    }
    of.on_double->forward({views, of.shape, result.size(), elsewhere.data(), of.attributes});
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double y = result.numbers[i];
        result.set(i, {atom(of.name + of.attributes_text + "[" + std::to_string(i) + "]", all),
                       ball::rounded(y, 8 * (std::abs(elsewhere[i] - y) + ball::unit * std::abs(y)))});
    }
    return result;
}

// ------------------------------------------------------------------------------------------------------ what would be

exact_array point::with_operand(std::size_t step, std::size_t k, const exact_array& other)
{
    std::vector<exact_array> operands;
    for (const std::size_t operand : m_recording.steps()[step].operands)
    {
        operands.push_back(m_values[operand]);
    }
    operands[k] = other;
    return of_operands(step, operands);
}

exact_array point::of_operands(std::size_t step, const std::vector<exact_array>& others)
{
    const observer::installed by(*this);
    m_at = step;
    computation::step changed = m_recording.steps()[step];
    const std::size_t before = m_values.size();
    for (std::size_t k = 0; k < others.size(); ++k)
    {
        changed.operands[k] = before + k;
        m_values.push_back(others[k]);
    }
    exact_array result = value_of(changed);
    m_values.resize(before);
    return result;
}

exact_array point::with_value(std::size_t step, const exact_array& other, std::size_t output)
{
    const observer::installed by(*this);
    const auto steps = m_recording.steps();
    std::unordered_map<std::size_t, exact_array> before;
    before[step] = std::exchange(m_values[step], other);
    try
    {
        for (m_at = step + 1; m_at <= output; ++m_at)
        {
            const auto& operands = steps[m_at].operands;
            if (std::any_of(operands.begin(), operands.end(), [&](std::size_t k) { return before.contains(k); }))
            {
                exact_array value = value_of(steps[m_at]);
                before[m_at] = std::exchange(m_values[m_at], std::move(value));
            }
        }
    }
    catch (...)
    {
        for (auto& [changed, value] : before)
        {
            m_values[changed] = std::move(value);
        }
        throw;
    }
    exact_array result = m_values[output];
    for (auto& [changed, value] : before)
    {
        m_values[changed] = std::move(value);
    }
    return result;
}

exact_array point::mapped(std::size_t step, const std::function<exact(const exact&)>& f)
{
    const observer::installed by(*this);
    m_at = step;
    exact_array result(m_values[step].shape());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        result.set(i, f(m_values[step].get(i)));
    }
    return result;
}

// ----------------------------------------------------------------------------------------------------- what is noted

/// Numbers are no boundaries: masks are compared with 0.
void point::bounded(const residues& by, bool by_choice)
{
    const field& f = tower::at(by.low());
    const scalar residue = by.at(by.low());
    const scalar opposite = f.negate(residue);
    const bool is_number = residue.is_zero() || residue == f.one() || opposite == f.one();
    if (!is_number)
    {
        const bool first = std::pair(residue.a, residue.b) < std::pair(opposite.a, opposite.b);
        m_boundaries[m_at].push_back({by.low(), first ? residue : opposite, by_choice});
    }
}

void point::decided(bool outcome)
{
    std::vector<std::uint8_t>& of_step = m_branches.met[m_at];
    if (m_comparison >= of_step.size())
    {
        of_step.resize(m_comparison + 1);
    }
    of_step[m_comparison++] |= outcome ? 2 : 1;
}

namespace
{

exact constant_of(double number)
{
    return {of_constant(number), {number, 0}, true};
}

/// In double, too, it is what was meant: 0.1f is 1/10, and ln 2 is known to as many digits as float has.
exact constant_of(float number)
{
    const residues value = of_constant(number);
    const auto simple = least_fraction(number);
    const double digits = std::numeric_limits<float>::epsilon();
    const ball in_double =
        simple && residues(*simple) == value
            ? ball{static_cast<double>(simple->numerator) / static_cast<double>(simple->denominator), 0}
            : ball{number, digits * std::abs(static_cast<double>(number))};
    return {value, in_double, true};
}

} // namespace

exact point::constant(double number)
{
    const auto found = m_constants.find(number);
    if (found != m_constants.end())
    {
        return found->second;
    }
    return m_constants[number] = m_recording.in_float() ? constant_of(static_cast<float>(number)) : constant_of(number);
}

std::uint64_t point::key(std::size_t level, const scalar& square)
{
    return (square.a ^ (square.b * 0x9e3779b97f4a7c15U)) * tower::levels + level;
}

void point::squared(const residues& square, const residues& x, bool negative)
{
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        m_roots[key(level, square.at(level))] = {x.at(level), negative};
    }
}

namespace
{

/// Whether a root that nobody knows has no part of rho, as that of the square of something has.
bool may_be_a_square(const residues& root)
{
    for (std::size_t level = root.low(); level < root.high(); ++level)
    {
        if (root.at(level).b != 0)
        {
            return false;
        }
    }
    return root.its_degree().numerator + root.its_degree().inside > 0;
}

} // namespace

residues point::root(const residues& square)
{
    residues result = square;
    bool is_negative = false;
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        const auto found = m_roots.find(key(level, square.at(level)));
        if (found == m_roots.end())
        {
            const residues unknown = sqrt(square);
            m_branches.sign_of_root = m_branches.sign_of_root || may_be_a_square(unknown);
            return unknown;
        }
        const auto& [x, negative] = found->second;
        result.set(level, negative ? tower::at(level).negate(x) : x);
        is_negative = negative;
    }
    // What is a square itself has the same sign everywhere.
    const bool may_change = !m_roots.contains(key(result.low(), result.at(result.low())));
    if (is_negative || may_change)
    {
        bounded(result, false); // the root of x^2 is the greater one of x and -x
        decided(is_negative);
    }
    return result;
}

} // namespace autograd::prove
