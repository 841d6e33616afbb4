#include "autograd/prove/prove_derivative.hpp"

#include "autograd/operations/recorded.hpp"
#include "autograd/prove/by_kernels.hpp"
#include "autograd/prove/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace autograd
{

namespace
{

using namespace prove;

/// What is recorded of one instruction: cotangents for a cotangent g of its result, and the tangent of its result for
/// tangents of its operands, all of which are variables.
class recorded_derivative
{
public:
    explicit recorded_derivative(variable<double> y)
        : m_tape(y.tape()),
          m_index(y.index()),
          m_operands(m_tape.operands(m_tape[m_index]).begin(), m_tape.operands(m_tape[m_index]).end())
    {
        const operation<double>& op = *m_tape[m_index].op;
        cotangent = fresh(m_tape[m_index].shape());
        for (std::size_t k = 0; k < m_operands.size(); ++k)
        {
            const instruction<double>& x = m_tape[m_operands[k]];
            const bool moves = x.op->element == element_kind::real && op.is_differentiable(k);
            tangents.push_back(moves ? fresh(x.shape()) : variable<double>());
        }
        pull(op);
        push(op);
    }

    /// Everything that is evaluated, in one list: operands, y, g, tangents, pulled cotangents, the pushed tangent.
    std::vector<handle<double>> outputs() const
    {
        std::vector<handle<double>> result;
        for (const std::uint32_t operand : m_operands)
        {
            result.push_back(m_tape.handle_of(operand));
        }
        result.push_back(m_tape.handle_of(m_index));
        result.push_back(cotangent);
        const auto add = [&](const variable<double>& x)
        {
            if (!x.empty())
            {
                result.push_back(x);
            }
        };
        std::for_each(tangents.begin(), tangents.end(), add);
        std::for_each(pulled.begin(), pulled.end(), add);
        add(pushed);
        return result;
    }

    variable<double> cotangent;
    std::vector<variable<double>> tangents; ///< empty where an operand does not move
    std::vector<variable<double>> pulled;   ///< empty: 0
    variable<double> pushed;                ///< empty: 0

private:
    variable<double> fresh(shape_view shape)
    {
        array<double> numbers = array<double>::from_shape(variable<double>::extents_of(shape));
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            numbers.data()[i] = i % 2 == 0 ? 1 : -1;
        }
        return m_tape.variable(numbers);
    }

    void pull(const operation<double>& op)
    {
        const auto wanted = std::make_unique<bool[]>(m_operands.size());
        std::transform(tangents.begin(), tangents.end(), wanted.get(), [](const auto& v) { return !v.empty(); });
        pulled.resize(m_operands.size());
        pullback<double> call(m_tape, m_index, cotangent, {wanted.get(), m_operands.size()}, pulled);
        op.vjp(call);
        for (std::size_t k = 0; k < pulled.size(); ++k)
        {
            pulled[k] = wanted[k] ? pulled[k] : variable<double>();
        }
    }

    void push(const operation<double>& op) { pushed = op.jvp(pushforward<double>(m_tape, m_index, tangents)); }

    tape<double>& m_tape;
    std::uint32_t m_index;
    std::vector<std::uint32_t> m_operands;
};

/// The steps of a recorded derivative in a recording.
struct steps_of_derivative
{
    std::vector<std::size_t> operands;
    std::size_t result = 0;
    std::size_t cotangent = 0;
    std::vector<std::optional<std::size_t>> tangents;
    std::vector<std::optional<std::size_t>> pulled;
    std::optional<std::size_t> pushed;

    steps_of_derivative(const computation& of, const recorded_derivative& derivative)
    {
        auto next = of.outputs().begin();
        operands.assign(next, next + static_cast<std::ptrdiff_t>(derivative.tangents.size()));
        next += static_cast<std::ptrdiff_t>(operands.size());
        result = *next++;
        cotangent = *next++;
        const auto place = [&](const variable<double>& x)
        { return x.empty() ? std::nullopt : std::optional<std::size_t>(*next++); };
        for (const auto& v : derivative.tangents)
        {
            tangents.push_back(place(v));
        }
        for (const auto& v : derivative.pulled)
        {
            pulled.push_back(place(v));
        }
        pushed = place(derivative.pushed);
    }
};

/// sum_i x_i y_i in residues
residues inner_product(const exact_array& x, const exact_array& y)
{
    residues sum;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        sum = sum + x.get(i).value * y.get(i).value;
    }
    return sum;
}

/// J v from the forward of the rule, as residues; the numbers mean nothing.
class forward_derivative
{
public:
    forward_derivative(point& at, const computation::step& step, const interpretation& how,
                       interpretation::dual_expression expression, const steps_of_derivative& steps)
        : m_at(at), m_step(step), m_how(how), m_expression(expression), m_steps(steps)
    {
    }

    exact_array operator()() const
    {
        switch (m_step.kind)
        {
        case rule_kind::elementwise:
            return elementwise();
        case rule_kind::linear:
            return linear();
        case rule_kind::bilinear:
            return bilinear();
        default:
            return general();
        }
    }

private:
    std::vector<exact_dual> duals_of(std::size_t k) const
    {
        const exact_array& x = m_at[m_steps.operands[k]];
        std::vector<exact_dual> result(x.size());
        for (std::size_t i = 0; i < x.size() && x.integers.empty(); ++i)
        {
            result[i] = exact_dual(x.get(i));
            if (m_steps.tangents[k])
            {
                result[i].tangent = m_at[*m_steps.tangents[k]].get(i).value;
            }
        }
        return result;
    }

    static exact_array tangents_of(const std::vector<exact_dual>& y, const shape_vector& shape)
    {
        exact_array result(shape);
        for (std::size_t i = 0; i < y.size(); ++i)
        {
            result.set(i, {y[i].tangent, {0, 0}});
        }
        return result;
    }

    exact_array elementwise() const
    {
        if (m_expression == nullptr)
        {
            throw undecidable{"the prover cannot read the rule: it says that it is opaque, or nobody says "
                              "AUTOGRAD_PROVES of it"};
        }
        std::vector<std::vector<exact_dual>> x;
        for (std::size_t k = 0; k < m_steps.operands.size(); ++k)
        {
            x.push_back(duals_of(k));
        }
        std::vector<exact_dual> y(m_at[m_steps.result].size());
        std::vector<exact_dual> arguments(x.size());
        for (std::size_t i = 0; i < y.size(); ++i)
        {
            std::transform(x.begin(), x.end(), arguments.begin(), [i](const auto& of) { return of[i]; });
            y[i] = m_expression(arguments, m_step.attributes);
        }
        return tangents_of(y, m_step.shape);
    }

    exact_array general() const
    {
        if (m_step.storage == storage_kind::shared)
        {
            throw undecidable{"the rule says nothing of its function"};
        }
        if (m_how.dual_generic == nullptr)
        {
            throw undecidable{"the rule has no generic form"};
        }
        std::vector<std::vector<exact_dual>> x;
        std::vector<shape_vector> shapes;
        for (std::size_t k = 0; k < m_steps.operands.size(); ++k)
        {
            x.push_back(duals_of(k));
            shapes.push_back(m_at[m_steps.operands[k]].shape());
        }
        std::vector<exact_dual> y(m_at[m_steps.result].size());
        m_how.dual_generic({x, shapes, m_step.shape, y}, m_step.attributes);
        return tangents_of(y, m_step.shape);
    }

    /// The rule on the tangents, zeros in the place of those that there are none of.
    exact_array linear() const
    {
        std::vector<exact_array> x;
        for (std::size_t k = 0; k < m_steps.operands.size(); ++k)
        {
            const exact_array& operand = m_at[m_steps.operands[k]];
            x.push_back(m_steps.tangents[k]        ? m_at[*m_steps.tangents[k]]
                        : operand.integers.empty() ? exact_array(operand.shape())
                                                   : operand);
        }
        return m_at.of_operands(m_steps.result, x);
    }

    exact_array bilinear() const
    {
        exact_array sum(m_step.shape);
        for (std::size_t k = 0; k < 2; ++k)
        {
            if (!m_steps.tangents[k])
            {
                continue;
            }
            std::vector<exact_array> x{m_at[m_steps.operands[0]], m_at[m_steps.operands[1]]};
            x[k] = m_at[*m_steps.tangents[k]];
            const exact_array part = m_at.of_operands(m_steps.result, x);
            for (std::size_t i = 0; i < sum.size(); ++i)
            {
                sum.set(i, {sum.get(i).value + part.get(i).value, {0, 0}});
            }
        }
        return sum;
    }

    point& m_at;
    const computation::step& m_step;
    const interpretation& m_how;
    interpretation::dual_expression m_expression;
    const steps_of_derivative& m_steps;
};

void require_numbers(const exact_array& x)
{
    if (std::any_of(x.numbers.begin(), x.numbers.end(), [](double n) { return std::isnan(n); }))
    {
        throw unlucky_point{"not a number"};
    }
}

/// What is wrong at one point, or nothing.
std::string fault_at(point& at, const steps_of_derivative& steps, const exact_array& moved)
{
    residues pulled;
    for (std::size_t k = 0; k < steps.operands.size(); ++k)
    {
        if (steps.tangents[k] && steps.pulled[k])
        {
            require_numbers(at[*steps.pulled[k]]);
            pulled = pulled + inner_product(at[*steps.tangents[k]], at[*steps.pulled[k]]);
        }
    }
    if (!(pulled == inner_product(at[steps.cotangent], moved)))
    {
        return "the vjp is not the transpose of the derivative of forward";
    }
    const exact_array nothing(moved.shape());
    const exact_array& pushed = steps.pushed ? at[*steps.pushed] : nothing;
    require_numbers(pushed);
    require_numbers(at[steps.result]);
    for (std::size_t i = 0; i < moved.size(); ++i)
    {
        if (!(pushed.get(i).value == moved.get(i).value))
        {
            return "the jvp is not the derivative of forward";
        }
    }
    return "";
}

interpretation::dual_expression expression_of(const operation<double>& op, const interpretation& how)
{
    return op.pull_of == nullptr    ? how.dual_forward
           : how.dual_pulls.empty() ? nullptr
                                    : how.dual_pulls[op.pulled_operand];
}

/// Examines the derivatives at one point after the other.
class examination
{
public:
    examination(const computation& of, const recorded_derivative& derivative, const operation<double>& rule,
                const interpretation& how, std::uint64_t seed)
        : m_steps(of, derivative),
          m_step(of.steps()[m_steps.result]),
          m_rule(rule),
          m_how(how),
          m_points(of, seed, false)
    {
    }

    derivative_proof run(branching look)
    {
        const assumptions assumed;
        constexpr double wanted_bits = 80;
        constexpr std::uint64_t most_points = 16;
        for (std::uint64_t n = 0; m_proof.bits < wanted_bits && n < most_points && m_fault.empty(); ++n)
        {
            look_at({n, drawn::nearby});
        }
        if (look == branching::everywhere)
        {
            look_at_branches();
        }
        conclude(assumed.text(), wanted_bits);
        return m_proof;
    }

private:
    /// At points of all signs and magnitudes; and, where anything depends on order, at some whose outcomes are drawn.
    void look_at_branches()
    {
        constexpr std::uint64_t points_in_any_case = 4;
        constexpr std::uint64_t points_anywhere = 8;
        constexpr std::uint64_t points_of_outcomes = 12;
        for (std::uint64_t n = 0; n < (m_asked ? points_anywhere : points_in_any_case) && m_fault.empty(); ++n)
        {
            try
            {
                look_at({n, drawn::anywhere});
            }
            catch (const undecidable&)
            {
                // Nothing is said of where it cannot be evaluated.
            }
        }
        for (std::uint64_t n = 0; n < points_of_outcomes && m_asked && m_fault.empty(); ++n)
        {
            look_at({n, drawn::outcomes});
            if (m_chosen)
            {
                m_fault.clear(); // a power of what is supposed to be positive
            }
            m_only_where_drawn = !m_fault.empty();
        }
    }

    void look_at(const site& where)
    {
        const finding found = find_at(where);
        m_asked = m_asked || found.asked;
        m_fault = found.fault;
        m_chosen = found.chosen || (!found.fault.empty() && found.by_roots && depends_on_signs_of_roots());
        m_proof.bits += found.done && where.how == drawn::nearby ? std::max(found.bits, 0.0) : 0;
        m_proof.points += found.done ? 1 : 0;
    }

    /// Of one point.
    struct finding
    {
        bool done = false;
        std::string fault;
        double bits = 0;
        bool chosen = false;   ///< a root or a power could have been chosen otherwise
        bool by_roots = false; ///< a root was taken of what may be a square
        bool asked = false;
    };

    finding find_at(const site& where, const suppositions& supposed = {})
    {
        finding result;
        const ambiguity chosen;
        result.done = m_points.at_point(
            where, true,
            [&](point& at)
            {
                const observer::installed by(at.its_answers());
                at.look_at(m_steps.result);
                const exact_array moved =
                    forward_derivative(at, m_step, m_how, expression_of(m_rule, m_how), m_steps)();
                result.fault = fault_at(at, m_steps, moved);
                result.asked = at.its_answers().asked();
                result.by_roots = at.its_answers().its_branches().sign_of_root;
                const double degree = std::max(1.0, moved.its_degree().total() * static_cast<double>(moved.size() + 1));
                result.bits = std::log2(static_cast<double>(tower::primes()[0]) / 4) - std::log2(degree);
            },
            supposed);
        result.chosen = chosen.met();
        return result;
    }

    /// Whether there is no fault with other signs of the roots of what may be squares, which are any: sqrt(x^2 - 2 x +
    /// 1) is x - 1 in some residues, and 1 - x in others.
    bool depends_on_signs_of_roots()
    {
        constexpr std::uint64_t points = 12;
        for (std::uint64_t n = 0; n < points; ++n)
        {
            for (const root_signs signs :
                 {root_signs::as_they_come, root_signs::other, root_signs::other_in_the_lowest_level})
            {
                const finding found = find_at({n, drawn::outcomes}, {signs, {}});
                if (found.done && found.fault.empty())
                {
                    return true;
                }
            }
        }
        return false;
    }

    void conclude(const std::string& assumed, double wanted_bits)
    {
        if (!m_fault.empty())
        {
            m_proof.outcome = m_chosen || m_only_where_drawn ? standing::not_decided : standing::refuted;
            m_proof.why = m_chosen ? "residues differ, but a root or a power could have been chosen otherwise"
                          : m_only_where_drawn
                              ? m_fault + " where outcomes of comparisons are drawn; numbers may not come there"
                              : m_fault;
        }
        else if (m_proof.points == 0)
        {
            m_proof.why = std::string("no point can be evaluated: ") + m_points.unlucky()->reason;
        }
        else if (m_proof.bits < wanted_bits)
        {
            m_proof.why = "the degrees are too high for the bound";
        }
        else
        {
            m_proof.why = assumed;
            m_proof.outcome = assumed.empty() ? standing::proved : standing::assumed;
        }
    }

    steps_of_derivative m_steps;
    const computation::step& m_step;
    const operation<double>& m_rule;
    const interpretation& m_how;
    trial m_points;
    derivative_proof m_proof;
    std::string m_fault;
    bool m_chosen = false;
    bool m_asked = false;            ///< something depends on order
    bool m_only_where_drawn = false; ///< the fault
};

} // namespace

std::string to_text(standing s)
{
    constexpr std::array names{"proved", "assumed", "refuted", "not decided"};
    return names[static_cast<std::size_t>(s)];
}

std::ostream& operator<<(std::ostream& out, const derivative_proof& p)
{
    return out << to_text(p.outcome) << (p.why.empty() ? "" : ": ") << p.why;
}

derivative_proof prove_derivative(variable<double> y, std::uint64_t seed, const operation<double>* rule)
{
    return prove::prove_derivative(y, seed, rule, branching::everywhere);
}

derivative_proof prove::prove_derivative(variable<double> y, std::uint64_t seed, const operation<double>* rule,
                                         branching look)
{
    const char* const name = "prove_derivative";
    y.checked(name);
    const instruction<double> of = y.tape()[y.index()];
    if (of.op->kind == rule_kind::leaf || of.op->vjp == nullptr)
    {
        throw error::value_error(of.where(), name, of.op->name,
                                 " has no derivative; ask for an operation that has one.");
    }
    const operation<double>& forward = rule == nullptr ? *of.op : *rule;
    const interpretation* how = interpretation_of(forward.pull_of == nullptr ? &forward : forward.pull_of);
    const interpretation nothing;

    derivative_proof result;
    const auto start = y.tape().mark();
    try
    {
        const recorded_derivative derivative(y);
        const std::vector<handle<double>> outputs = derivative.outputs();
        const computation all(std::span<const handle<double>>(outputs), name, read_as<double>{of.op, &forward});
        result = examination(all, derivative, forward, how == nullptr ? nothing : *how, seed).run(look);
    }
    catch (const undecidable& why)
    {
        result.outcome = standing::not_decided;
        result.why = why.reason;
    }
    catch (const error::not_differentiable&)
    {
        result.outcome = standing::not_decided;
        result.why = "the rule has no derivative by all of its operands";
    }
    catch (...)
    {
        y.tape().rewind(start);
        throw;
    }
    y.tape().rewind(start);
    return result;
}

} // namespace autograd
