#include "autograd/prove/point.hpp"

#include "autograd/prove/by_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

namespace autograd::prove
{

point::point(const computation& of, const options& o)
    : m_recording(of),
      m_options(o),
      m_random(o.seed),
      m_values(of.steps().size()),
      m_numbers(of.steps().size()),
      m_last_use(of.steps().size(), 0),
      m_answers(of.steps().size(), {o.how, o.signs, o.supposed, o.seed, of.in_float(), of.integers()})
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
    const observer::installed by(m_answers);
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

void point::look_at(std::size_t step)
{
    m_at = step;
    m_answers.look_at(step);
}

exact_array point::value_of(const computation::step& of)
{
    m_answers.look_at(m_at);
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
    std::vector<double>& numbers = m_numbers[m_at];
    numbers = m_options.given != nullptr ? (*m_options.given)[m_at] : numbers_for(of);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const bool stays = of.is == computation::leaf::constant && !std::isfinite(numbers[i]); // a mask of -inf
        result.set(i, stays ? exact::of_number(numbers[i]) : input(numbers[i]));
    }
    return result;
}

std::vector<double> point::numbers_for(const computation::step& of)
{
    double scale = 0;
    for (const double each : of.numbers)
    {
        scale = std::isfinite(each) ? std::max(scale, std::abs(each)) : scale;
    }
    if (m_options.mixed)
    {
        std::uniform_real_distribution<double> digits(-6, 2);
        scale = m_options.scale * std::pow(10, digits(m_random));
    }
    else if (m_options.how != drawn::nearby)
    {
        scale = m_options.scale == 0 ? scale : m_options.scale;
    }
    std::vector<double> result(element_count(of.shape));
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double recorded = of.numbers.empty() ? 0 : of.numbers[i];
        const bool stays = of.is == computation::leaf::constant && !std::isfinite(recorded);
        result[i] = stays ? recorded : drawn_number(recorded, scale);
    }
    return result;
}

/// What was recorded as 0 may be anything of the magnitude of its array.
double point::drawn_number(double recorded, double scale)
{
    std::normal_distribution<double> normal;
    const double z = normal(m_random);
    if (m_options.how == drawn::nearby)
    {
        recorded = std::isfinite(recorded) ? recorded : 0;
        constexpr double usual_spread = 0.2;
        constexpr double largest = 2; // beyond, exponentials leave the range
        const double instead_of_0 = scale == 0 ? 0.5 : std::min(scale / 2, largest);
        return m_options.scale * (recorded == 0 ? instead_of_0 * z * (m_options.spread / usual_spread)
                                                : recorded * std::exp(m_options.spread * z));
    }
    const double number = scale * z;
    return m_options.signs == 0 ? number : m_options.signs * std::abs(number);
}

exact_array point::leaf(const computation::step& of)
{
    if (computation::is_drawn(of, m_options.free_constants))
    {
        return drawn_variable(of);
    }
    exact_array result(of.shape);
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
    const auto steps = m_recording.steps();
    bool is_of_integers = false;
    for (std::size_t k = 0; k < x.size(); ++k)
    {
        // Operands may be other values than those that were recorded (of_operands).
        const bool depends = steps[steps[m_at].operands[k]].depends;
        is_of_integers = is_of_integers || (depends && m_values[of.operands[k]].constant());
    }
    m_answers.look_at_integers(is_of_integers);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            x[k] = m_values[of.operands[k]].get(i);
        }
        m_answers.look_at_element(i);
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
    m_answers.look_at_element(0);
    of.how->generic({x, shapes, of.shape, y}, of.attributes);
    m_answers.count_comparisons_as_one();
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        result.set(i, y[i]);
    }
    return result;
}

namespace
{

/// Throws unlucky_point where some elements are too close to each other to tell their order, and are not equal.
void require_order(const exact_array& x)
{
    std::vector<std::size_t> sorted(x.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::sort(sorted.begin(), sorted.end(), [&](std::size_t i, std::size_t j) { return x.numbers[i] < x.numbers[j]; });
    constexpr double caution = 8;
    for (std::size_t k = 1; k < sorted.size(); ++k)
    {
        const std::size_t i = sorted[k - 1];
        const std::size_t j = sorted[k];
        const bool told = x.numbers[j] - x.numbers[i] > caution * (x.errors[i] + x.errors[j]);
        if (!told && std::isfinite(x.numbers[i]) && !(x.get(i).value == x.get(j).value))
        {
            throw unlucky_point{"numbers too close to tell their order"};
        }
    }
}

} // namespace

/// Integers of reals depend on how these compare. Where that is drawn, those that are compared have ranks.
exact_array point::positions(const computation::step& of, std::vector<const exact_array*> operands)
{
    std::vector<exact_array> ranked;
    ranked.reserve(operands.size());
    bool asks = false;
    for (const exact_array*& operand : operands)
    {
        if (!operand->integers.empty() || operand->constant())
        {
            continue;
        }
        asks = true;
        exact_array& ranks = ranked.emplace_back(*operand);
        std::uint64_t key = 0;
        for (std::size_t i = 0; i < ranks.size(); ++i)
        {
            const exact each = ranks.get(i);
            key = (key + key_of(each.value)) * 0x9e3779b97f4a7c15U;
            ranks.numbers[i] = each.infinite() ? each.number.value : rank_of(each.value);
        }
        if (m_answers.asks_for_positions(key))
        {
            operand = &ranks;
        }
        else
        {
            require_order(*operand);
        }
    }
    exact_array result = apply_to_numbers({*of.on_double, of.attributes, operands, of.shape});
    if (asks)
    {
        m_answers.note_positions(result.integers);
    }
    return result;
}

/// An atom for each element: of the operation, its attributes, and all elements of its operands, which are weighted to
/// one residue.
exact_array point::opaque(const computation::step& of)
{
    ambiguity::note();
    m_answers.note_unknown(m_at);
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
        name += to_text(x.shape());
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
    run_kernel(*of.on_double, {views, of.shape, result.size(), result.numbers.data(), of.attributes});
    std::vector<double> elsewhere(result.size());
    for (std::size_t k = 0; k < views.size(); ++k)
    {
        if (m_values[of.operands[k]].integers.empty())
        {
            views[k].data = moved[k].data();
        }
    }
    run_kernel(*of.on_double, {views, of.shape, result.size(), elsewhere.data(), of.attributes});
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double y = result.numbers[i];
        const ball number = ball::rounded(y, 8 * (std::abs(elsewhere[i] - y) + ball::unit * std::abs(y)));
        result.set(i, {atom(name + "[" + std::to_string(i) + "]", all),
                       m_answers.without_numbers() && !std::isfinite(y) ? ball{1, 0} : number});
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
    const observer::installed by(m_answers);
    look_at(step);
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
    const observer::installed by(m_answers);
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
    const observer::installed by(m_answers);
    look_at(step);
    exact_array result(m_values[step].shape());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        result.set(i, f(m_values[step].get(i)));
    }
    return result;
}

} // namespace autograd::prove
