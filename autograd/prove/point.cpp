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
      m_random_constants(~o.seed)
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
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double recorded = of.numbers.empty() ? 0 : of.numbers[i];
        const bool stays = of.is == computation::leaf::constant && !std::isfinite(recorded); // a mask of -inf
        result.set(i, stays ? exact::of_number(recorded) : input(drawn_number(recorded, scale)));
    }
    return result;
}

/// What was recorded as 0 may be anything of the magnitude of its array.
double point::drawn_number(double recorded, double recorded_scale)
{
    std::normal_distribution<double> normal;
    const double z = normal(m_random);
    if (m_options.how == drawn::nearby)
    {
        recorded = std::isfinite(recorded) ? recorded : 0;
        constexpr double largest = 2; // beyond, exponentials leave the range
        const double instead_of_0 = recorded_scale == 0 ? 0.5 : std::min(recorded_scale / 2, largest);
        return m_options.scale * (recorded == 0 ? instead_of_0 * z : recorded * std::exp(0.2 * z));
    }
    const double number = (m_options.scale == 0 ? recorded_scale : m_options.scale) * z;
    return m_options.signs == 0 ? number : m_options.signs * std::abs(number);
}

exact_array point::leaf(const computation::step& of)
{
    if (of.is == computation::leaf::variable)
    {
        return drawn_variable(of);
    }
    exact_array result(of.shape);
    if (m_options.free_constants && of.is == computation::leaf::constant && !of.is_index)
    {
        return drawn_variable(of);
    }
    result.integers = of.integers;
    for (std::size_t i = 0; i < result.size() && !of.is_index; ++i)
    {
        result.set(i, exact::of_number(of.numbers[of.numbers.size() == 1 ? 0 : i]));
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
        m_element = i;
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
        return positions(of, operands);
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
    m_element = 0;
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

/// Integers of reals depend on how these compare. Where that is drawn, those that are compared have ranks.
exact_array point::positions(const computation::step& of, std::vector<const exact_array*> operands)
{
    std::vector<exact_array> ranked;
    ranked.reserve(operands.size());
    for (const exact_array*& operand : operands)
    {
        if (!operand->integers.empty() || operand->constant())
        {
            continue;
        }
        m_asked = true;
        exact_array& ranks = ranked.emplace_back(*operand);
        std::uint64_t question = 0;
        for (std::size_t i = 0; i < ranks.size(); ++i)
        {
            const exact each = ranks.get(i);
            question = (question + key_of(each.value.low(), each.value.at(each.value.low()))) * 0x9e3779b97f4a7c15U;
            ranks.numbers[i] = each.infinite() ? each.number.value : rank_of(each.value);
        }
        operand = is_drawn(question) ? &ranks : operand;
    }
    return apply_to_numbers({*of.on_double, of.attributes, operands, of.shape});
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
    std::string name = of.name + of.attributes_text;
    std::vector<array_view> views;
    std::vector<std::vector<double>> moved;
    for (const std::size_t operand : of.operands)
    {
        const exact_array& x = m_values[operand];
        name += to_string(x.shape());
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
        const ball number = ball::rounded(y, 8 * (std::abs(elsewhere[i] - y) + ball::unit * std::abs(y)));
        result.set(i, {atom(name + "[" + std::to_string(i) + "]", all),
                       without_numbers() && !std::isfinite(y) ? ball{1, 0} : number});
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

void point::decided(bool outcome)
{
    std::vector<std::uint8_t>& of_step = m_branches.met[m_at];
    if (m_comparison >= of_step.size())
    {
        of_step.resize(m_comparison + 1);
    }
    of_step[m_comparison++] |= outcome ? 2 : 1;
}

bool point::supposes() const
{
    return m_options.how == drawn::outcomes || m_options.how == drawn::other_constants;
}

bool point::is_drawn(std::uint64_t question)
{
    if (!without_numbers())
    {
        return false;
    }
    const auto [found, is_new] = m_drawn.try_emplace(question);
    if (is_new)
    {
        found->second = !m_options.supposed.drawn || m_options.supposed.drawn(m_drawn.size() - 1);
    }
    return found->second;
}

int point::sign(const residues& of, int by_number, int preferred)
{
    m_asked = true;
    if (!supposes())
    {
        if (by_number == 0)
        {
            throw unlucky_point{"numbers too close to tell their order"};
        }
        return by_number;
    }
    if (const auto known = m_supposed.of(of, m_element))
    {
        return *known;
    }
    int result = by_number;
    if (is_drawn(key_of(of.low(), of.at(of.low()))) || by_number == 0)
    {
        const int any = rank_of(of) < 0.5 ? 1 : -1;
        result = m_options.signs == 0 ? any : m_options.signs * preferred;
    }
    m_supposed.suppose(of, m_element, result);
    return result;
}

/// Drawn are small integers, by other digits of the rank for each function.
std::optional<double> point::step(unsigned k, const residues& x)
{
    m_asked = true;
    if (!is_drawn(key_of(x.low(), x.at(x.low())) + k))
    {
        return std::nullopt;
    }
    constexpr double values = 8;
    const int digits = 12 + 4 * static_cast<int>(k);
    return std::floor(std::fmod(std::ldexp(rank_of(x), digits), values)) - values / 2;
}

double point::beside_variables(double constant)
{
    return supposes() ? m_other_constants.of(constant, m_random_constants) : constant;
}

namespace
{

/// The number is what was meant but for its last digit, if it is not just that.
exact constant_of(double number)
{
    const residues value = of_constant(number);
    return {value, {number, value == exactly(number) ? 0 : ball::unit * std::abs(number)}, true};
}

/// In double, too, it is what was meant: 0.1f is 1/10, and ln 2 is known to as many digits as float has.
exact constant_of(float number)
{
    const residues value = of_constant(number);
    const auto simple = least_fraction(number);
    if (simple && residues(*simple) == value)
    {
        return constant_of(static_cast<double>(simple->numerator) / static_cast<double>(simple->denominator));
    }
    const auto in_double = static_cast<double>(number);
    const double digits = value == exactly(in_double) ? 0 : 2 * std::numeric_limits<float>::epsilon();
    return {value, {in_double, digits * std::abs(in_double)}, true};
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

void point::squared(const residues& square, const residues& x, bool negative)
{
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        m_roots[key_of(level, square.at(level))] = {x.at(level), negative};
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

namespace
{

residues with_other_sign(residues x)
{
    for (std::size_t level = x.low(); level < x.high(); ++level)
    {
        x.set(level, tower::at(level).negate(x.at(level)));
    }
    return x;
}

} // namespace

/// The root of what is not known to be a square. It may be one all the same, and its sign in each level is any. Where
/// signs are supposed, it has those: if that of x is known, the root of x^2 is |x|.
residues point::unknown_root(const residues& square)
{
    residues result = sqrt(square);
    const bool may_be = may_be_a_square(result);
    m_branches.sign_of_root = m_branches.sign_of_root || may_be;
    for (std::size_t level = result.low(); may_be && supposes() && level < result.high(); ++level)
    {
        const bool is_other =
            m_options.supposed.roots == root_signs::other ||
            (m_options.supposed.roots == root_signs::other_in_the_lowest_level && level == result.low());
        const scalar value = result.at(level);
        const auto known = m_supposed.at(level, value);
        if (!known)
        {
            m_supposed.suppose_at(level, value, is_other ? -1 : 1);
        }
        if (known ? *known < 0 : is_other)
        {
            result.set(level, tower::at(level).negate(value));
        }
    }
    return result;
}

residues point::root(const residues& square)
{
    residues result = square;
    bool is_negative = false;
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        const auto found = m_roots.find(key_of(level, square.at(level)));
        if (found == m_roots.end())
        {
            return unknown_root(square);
        }
        const auto& [x, negative] = found->second;
        result.set(level, negative ? tower::at(level).negate(x) : x);
        is_negative = negative;
    }
    // What is a square itself has the same sign everywhere.
    const bool may_change = !m_roots.contains(key_of(result.low(), result.at(result.low())));
    if (!is_negative && !may_change)
    {
        return result;
    }
    const bool is_other = sign(result, 1, 1) < 0;
    decided(is_negative != is_other);
    return is_other ? with_other_sign(result) : result;
}

} // namespace autograd::prove
