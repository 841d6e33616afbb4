#include "check/wrong_derivatives.hpp"

#include "autograd/autograd.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/tape/leaves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace autograd::check
{

namespace
{

using variables = std::vector<variable<double>>;

const wrong_operation& wrong_of(const recorded<double>& y)
{
    return static_cast<const wrong_operation&>(*y.get().op);
}

/// What the right rule gives to each operand; to those that are not wanted, too, if they are `also`.
variables contributions(pullback<double>& y, const operation<double>& right, const std::vector<std::size_t>& also = {})
{
    const std::size_t count = y.operand_count();
    const auto wanted = std::make_unique<bool[]>(count);
    for (std::size_t k = 0; k < count; ++k)
    {
        wanted[k] = y.wanted(k) || std::find(also.begin(), also.end(), k) != also.end();
    }
    variables given(count);
    pullback<double> rule(y.tape(), y.output().index(), y.cotangent(), {wanted.get(), count}, given);
    right.vjp(rule);
    return given;
}

bool swappable(const recorded<double>& y, std::size_t i, std::size_t j)
{
    return std::max(i, j) < y.operand_count() && y.operand_index(i) != y.operand_index(j) &&
           y.get().op->is_differentiable(i) && y.get().op->is_differentiable(j) &&
           y.operand_shape(i) == y.operand_shape(j);
}

void wrong_vjp(pullback<double>& y)
{
    const auto& [what, k, other] = wrong_of(y).mistake;
    const bool swaps = what == fault::swapped && swappable(y, k, other);
    variables given = swaps ? contributions(y, *wrong_of(y).right, {k, other}) : contributions(y, *wrong_of(y).right);
    const bool applies = k < given.size() && !given[k].empty();
    if (swaps)
    {
        std::swap(given[k], given[other]);
    }
    else if (applies && what == fault::flipped_sign)
    {
        given[k] = -given[k];
    }
    else if (applies && what == fault::doubled)
    {
        given[k] = 2 * given[k];
    }
    else if (applies && what == fault::lost_factor && given[k].shape() == y.shape())
    {
        given[k] = y.cotangent();
    }
    else if (applies && what == fault::forgotten)
    {
        given[k] = variable<double>();
    }
    for (std::size_t i = 0; i < given.size(); ++i)
    {
        if (y.wanted(i) && !given[i].empty())
        {
            y.give(i, given[i]);
        }
    }
}

/// The right rule on other tangents: it is linear in them.
variable<double> push_right(const pushforward<double>& y, const variables& tangents)
{
    const bool any = std::any_of(tangents.begin(), tangents.end(), [](const auto& t) { return !t.empty(); });
    return any ? wrong_of(y).right->jvp(pushforward<double>(y.tape(), y.output().index(), tangents))
               : variable<double>();
}

variable<double> wrong_jvp(const pushforward<double>& y)
{
    const auto& [what, k, other] = wrong_of(y).mistake;
    variables tangents;
    for (std::size_t i = 0; i < y.operand_count(); ++i)
    {
        tangents.push_back(y.tangent(i));
    }
    if (what == fault::swapped && swappable(y, k, other))
    {
        std::swap(tangents[k], tangents[other]);
        return push_right(y, tangents);
    }
    if (k >= tangents.size() || tangents[k].empty())
    {
        return push_right(y, tangents);
    }
    const variable<double> tangent = tangents[k];
    switch (what)
    {
    case fault::flipped_sign:
        tangents[k] = -tangent;
        return push_right(y, tangents);
    case fault::doubled:
        tangents[k] = 2 * tangent;
        return push_right(y, tangents);
    case fault::forgotten:
        tangents[k] = variable<double>();
        return push_right(y, tangents);
    case fault::lost_factor:
        if (tangent.shape() == y.shape())
        {
            tangents[k] = variable<double>();
            const variable<double> others = push_right(y, tangents);
            return others.empty() ? tangent : others + tangent;
        }
        return push_right(y, tangents);
    default:
        return push_right(y, tangents);
    }
}

/// Whether forward mode follows from the recorded vjp, so that it is wrong where that is.
bool pushes_by_transposition(const operation<double>& of)
{
    return of.kind == rule_kind::general;
}

/// An operation that watches what its right rule gives.
struct watched_operation : operation<double>
{
    watched_operation(const operation<double>& copied, rule_facts& to)
        : operation<double>(copied), right(&copied), facts(&to)
    {
        vjp = watch;
    }

    static void watch(pullback<double>& y)
    {
        const auto& self = static_cast<const watched_operation&>(*y.get().op);
        const variables given = contributions(y, *self.right);
        self.note(y, given);
        for (std::size_t k = 0; k < given.size(); ++k)
        {
            if (y.wanted(k) && !given[k].empty())
            {
                y.give(k, given[k]);
            }
        }
    }

    /// Whether a contribution is nothing, or a zero that stands for nothing: what only selects gets that.
    static bool is_nothing(const variable<double>& given)
    {
        if (given.empty() || given.size() == 0)
        {
            return true;
        }
        const instruction<double>& made_by = given.tape()[given.index()];
        return made_by.op == &leaves<double>::full && *static_cast<const double*>(made_by.attributes()) == 0;
    }

    void note(const pullback<double>& y, const variables& given) const
    {
        facts->operands.resize(std::max(facts->operands.size(), given.size()));
        for (std::size_t k = 0; k < given.size(); ++k)
        {
            rule_facts::of_operand& of = facts->operands[k];
            of.wanted = of.wanted || y.wanted(k);
            if (is_nothing(given[k]))
            {
                continue;
            }
            const bool passed = same(given[k], y.cotangent());
            of.gives = true;
            of.passes_on = of.passes_on && passed;
            of.can_lose = of.can_lose || (!passed && given[k].shape() == y.shape());
            for (std::size_t j = 0; j < k; ++j)
            {
                if (!is_nothing(given[j]) && swappable(y, j, k))
                {
                    rule_facts::of_pair& pair = facts->pairs[{j, k}];
                    pair.can_swap = true;
                    pair.same = pair.same && same(given[j], given[k]);
                }
            }
        }
    }

    const operation<double>* right;
    rule_facts* facts;
};

/// The description is const to those who walk a tape; these tests put another in its place.
void set_operation(tape<double>& tape, std::uint32_t index, const operation<double>& op)
{
    const_cast<instruction<double>&>(tape[index]).op = &op;
}

/// Calls f with a tape on which the sample was recorded, its inputs and its result.
template <class F>
void with_recorded(const sample& of, F f)
{
    tape<double> tape;
    variables reals;
    std::vector<indices<double>> integers;
    for (const real_input& input : of.reals)
    {
        xt::xarray<double> x = xt::xarray<double>::from_shape(input.shape);
        std::copy(input.values.begin(), input.values.end(), x.data());
        reals.push_back(tape.variable(x));
    }
    for (const index_input& input : of.integers)
    {
        xt::xarray<std::int64_t> i = xt::xarray<std::int64_t>::from_shape(input.shape);
        std::transform(input.values.begin(), input.values.end(), i.data(),
                       [](double x) { return static_cast<std::int64_t>(x); });
        integers.push_back(tape.index(i));
    }
    const handle<double> y = of.on_double(reals, integers);
    f(tape, reals, y);
}

/// The inputs of a sample of kinks are its first point.
sample with_inputs(sample of)
{
    if (!of.kinks.empty())
    {
        for (std::size_t k = 0; k < of.reals.size(); ++k)
        {
            of.reals[k].values = {of.kinks.front().at[k]};
        }
    }
    return of;
}

/// The operands that an instruction of a sample gives anything to, and the name of its operation with its place among
/// those of the same name.
std::pair<std::vector<std::size_t>, std::string> given_by(const sample& of, std::uint32_t index)
{
    std::vector<std::size_t> operands;
    std::string name;
    with_recorded(of,
                  [&](tape<double>& tape, const variables& x, const handle<double>& y)
                  {
                      const operation<double>& right = *tape[index].op;
                      if (right.differentiable == 0 || right.vjp == nullptr)
                      {
                          return;
                      }
                      std::size_t place = 1;
                      for (std::uint32_t i = 0; i < index; ++i)
                      {
                          place += tape[i].op == &right ? 1 : 0;
                      }
                      name = fmt::format("{} {}", right.name, place);
                      rule_facts facts;
                      const watched_operation watched(right, facts);
                      set_operation(tape, index, watched);
                      const variable<double> result(y);
                      vjp(result, x, tape.full(result.shape(), 1.0), unconnected::zero);
                      for (std::size_t k = 0; k < facts.operands.size(); ++k)
                      {
                          if (facts.operands[k].gives)
                          {
                              operands.push_back(k);
                          }
                      }
                  });
    return {operands, name};
}

/// Whether the sample complains when one instruction has a wrong derivative.
bool noticed(const sample& of, std::uint32_t index, const fault& mistake)
{
    std::unique_ptr<wrong_operation> wrong;
    return !check_sample(of,
                         [&](tape<double>& tape)
                         {
                             if (wrong == nullptr)
                             {
                                 wrong = std::make_unique<wrong_operation>(*tape[index].op, mistake, mode::both);
                             }
                             set_operation(tape, index, *wrong);
                         });
}

} // namespace

std::string fault::text() const
{
    switch (what)
    {
    case flipped_sign:
        return fmt::format("sign flipped to operand {}", operand);
    case doubled:
        return fmt::format("twice too large to operand {}", operand);
    case lost_factor:
        return fmt::format("factor lost to operand {}", operand);
    case forgotten:
        return fmt::format("operand {} forgotten", operand);
    case swapped:
        return fmt::format("operands {} and {} swapped", operand, other);
    default:
        return "right";
    }
}

std::string text_of(mode in)
{
    return in == mode::reverse ? "in reverse mode" : in == mode::forward ? "in forward mode" : "in both modes";
}

std::vector<mode> modes_of(const operation<double>& right)
{
    return pushes_by_transposition(right) ? std::vector{mode::forward, mode::both}
                                          : std::vector{mode::reverse, mode::forward, mode::both};
}

wrong_operation::wrong_operation(const operation<double>& copied, const fault& with, mode in)
    : operation<double>(copied), right(&copied), mistake(with)
{
    if (in != mode::forward)
    {
        vjp = wrong_vjp;
    }
    if (in == mode::forward || (in == mode::both && !pushes_by_transposition(copied)))
    {
        jvp = wrong_jvp;
    }
}

sample gradient_of(const sample& of)
{
    sample result = of;
    result.on_double = [f = of.on_double, held = of.held](std::span<const variable<double>> x,
                                                          std::span<const indices<double>> i) -> handle<double>
    {
        const variable<double> y(f(x, i));
        xt::xarray<double> u = xt::xarray<double>::from_shape(variable<double>::extents_of(y.shape()));
        for (std::size_t k = 0; k < u.size(); ++k)
        {
            u.data()[k] = 0.75 + 0.5 * static_cast<double>(k % 7) - 2.0 * static_cast<double>(k % 2);
        }
        std::vector<variable<double>> by;
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            if (k >= held.size() || !held[k])
            {
                by.push_back(x[k]);
            }
        }
        std::vector<variable<double>> parts;
        for (const variable<double>& g : vjp(y, by, y.tape().constant(u), unconnected::zero))
        {
            parts.push_back(flatten(g));
        }
        return concatenate(parts, 0);
    };
    result.order = 1;
    result.tolerance = 10 * of.tolerance;
    return result;
}

void replace(tape<double>& tape, const operation<double>& right, const wrong_operation& wrong)
{
    for (std::uint32_t index = 0; index < tape.size(); ++index)
    {
        if (tape[index].op == &right)
        {
            set_operation(tape, index, wrong);
        }
    }
}

rule_facts facts_of(const operation<double>& right, const std::vector<sample>& samples)
{
    rule_facts facts;
    const watched_operation watched(right, facts);
    for (const sample& each : samples)
    {
        with_recorded(with_inputs(each),
                      [&](tape<double>& tape, const variables& x, const handle<double>& y)
                      {
                          if (y.checked("sample").op->element != element_kind::real)
                          {
                              return;
                          }
                          for (std::uint32_t index = 0; index < tape.size(); ++index)
                          {
                              if (tape[index].op == &right)
                              {
                                  set_operation(tape, index, watched);
                              }
                          }
                          const variable<double> result(y);
                          vjp(result, x, tape.full(result.shape(), 1.0), unconnected::zero);
                      });
    }
    return facts;
}

std::vector<fault> faults_of(const operation<double>& right, const rule_facts& facts)
{
    std::vector<fault> all;
    for (std::size_t k = 0; k < facts.operands.size(); ++k)
    {
        if (!right.is_differentiable(k) || !facts.operands[k].wanted)
        {
            continue;
        }
        all.push_back({fault::flipped_sign, k, 0});
        all.push_back({fault::doubled, k, 0});
        all.push_back({fault::forgotten, k, 0});
        if (facts.operands[k].can_lose || (facts.operands[k].gives && facts.operands[k].passes_on))
        {
            all.push_back({fault::lost_factor, k, 0});
        }
    }
    for (const auto& [pair, of] : facts.pairs)
    {
        all.push_back({fault::swapped, pair.first, pair.second});
    }
    return all;
}

const char* why_equivalent(const operation<double>& right, const fault& of, const rule_facts& facts)
{
    const rule_facts::of_operand& operand = facts.operands[of.operand];
    if (!operand.gives)
    {
        return "nothing flows to it: it only selects, or its derivative is declared zero";
    }
    if (of.what == fault::lost_factor && operand.passes_on)
    {
        return "the cotangent is passed on: there is no factor";
    }
    if (of.what == fault::swapped && facts.pairs.at({of.operand, of.other}).same)
    {
        return "both operands get the same cotangent";
    }
    const std::string name = right.name;
    const bool of_one_is_itself =
        name == "sum" || name == "prod" || name == "amax" || name == "amin" || name == "logsumexp";
    if (of.what == fault::lost_factor && of_one_is_itself)
    {
        return "of equal shapes only where single elements are reduced, to themselves: the factor is 1";
    }
    if (of.what == fault::lost_factor && name == "concatenate")
    {
        return "of equal shapes only where the other parts are empty: the part is the whole";
    }
    return nullptr;
}

std::vector<const operation<double>*> pulls_in(const std::vector<sample>& samples, const operation<double>* of)
{
    std::vector<const operation<double>*> found;
    for (const sample& each : samples)
    {
        with_recorded(each,
                      [&](tape<double>& tape, const variables&, const handle<double>&)
                      {
                          for (const instruction<double>& y : tape.instructions())
                          {
                              if (of != nullptr && y.op->pull_of == of &&
                                  std::find(found.begin(), found.end(), y.op) == found.end())
                              {
                                  found.push_back(y.op);
                              }
                          }
                      });
    }
    return found;
}

void try_each_instruction(const sample& of, std::map<std::string, bool>& caught)
{
    std::uint32_t count = 0;
    with_recorded(of, [&](tape<double>& tape, const variables&, const handle<double>&)
                  { count = static_cast<std::uint32_t>(tape.size()); });
    for (std::uint32_t index = 0; index < count; ++index)
    {
        const auto [operands, name] = given_by(of, index);
        for (std::size_t k : operands)
        {
            const fault mistake{fault::flipped_sign, k, 0};
            bool& yes = caught[name + ", " + mistake.text()];
            yes = yes || noticed(of, index, mistake);
        }
    }
}

} // namespace autograd::check
