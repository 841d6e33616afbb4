#include "autograd/linalg/einsum_plan.hpp"

#include <algorithm>
#include <array>

namespace autograd::detail
{

namespace
{

/// Takes names that occur twice together, and returns which they were.
std::vector<einsum_operand::repetition> take_repetitions(std::string& names)
{
    std::vector<einsum_operand::repetition> repetitions;
    for (std::size_t first = 0; first < names.size();)
    {
        const char name = names[first];
        const std::size_t second = names.find(name, first + 1);
        if (second == std::string::npos)
        {
            ++first;
            continue;
        }
        repetitions.push_back({first, second});
        names.erase(second, 1);
        names.erase(first, 1);
        names += name;
    }
    return repetitions;
}

/// Drops the axes whose names are not kept.
void drop(einsum_operand& of, const std::string& kept)
{
    for (std::size_t axis = 0; axis < of.names.size(); ++axis)
    {
        const bool is_dropped = kept.find(of.names[axis]) == std::string::npos;
        of.dropped |= (is_dropped ? std::uint32_t{1} : 0) << axis;
    }
    std::erase_if(of.names, [&](char name) { return kept.find(name) == std::string::npos; });
}

std::vector<einsum_operand> operands_of(const named_operands& named, std::span<const shape_view> shapes)
{
    std::vector<std::string> full(shapes.size());
    extents_of_names operands_with{};
    for (std::size_t k = 0; k < shapes.size(); ++k)
    {
        const std::string& names = named.operands[k];
        for (std::size_t axis = 0; axis < names.size(); ++axis)
        {
            if (shapes[k][axis] == at(named.extents, names[axis]) && full[k].find(names[axis]) == std::string::npos)
            {
                full[k] += names[axis];
                ++at(operands_with, names[axis]);
            }
        }
    }
    const auto is_alone = [&](char name)
    { return at(operands_with, name) == 1 && named.result.find(name) == std::string::npos; };
    std::vector<einsum_operand> operands(shapes.size());
    for (std::size_t k = 0; k < shapes.size(); ++k)
    {
        operands[k].names = named.operands[k];
        operands[k].repetitions = take_repetitions(operands[k].names);
        std::erase_if(full[k], is_alone);
        drop(operands[k], full[k]);
    }
    return operands;
}

bool is_over_nothing(const named_operands& named)
{
    const auto is_summed_and_empty = [&](char name)
    { return at(named.extents, name) == 0 && named.result.find(name) == std::string::npos; };
    return std::any_of(named.operands.begin(), named.operands.end(),
                       [&](const std::string& names)
                       { return std::any_of(names.begin(), names.end(), is_summed_and_empty); });
}

/// A plan and what it was made of.
struct remembered_plan
{
    std::string text;
    std::vector<shape_vector> shapes;
    std::shared_ptr<const einsum_plan> plan;

    bool is_of(std::string_view other_text, std::span<const shape_view> others) const
    {
        const auto is_same = [](const shape_vector& a, shape_view b) { return shape_view(a) == b; };
        return plan != nullptr && text == other_text &&
               std::equal(shapes.begin(), shapes.end(), others.begin(), others.end(), is_same);
    }
};

/// The last plans of a thread. So that there is an end to it, none of a long text or of many operands.
class memory_of_plans
{
public:
    ~memory_of_plans() { is_gone = true; }

    static bool takes(const einsum_subscripts& subscripts, std::span<const shape_view> shapes)
    {
        return !is_gone && subscripts.text().size() <= 256 && shapes.size() <= 16;
    }

    std::shared_ptr<const einsum_plan> recall(const einsum_subscripts& subscripts, std::span<const shape_view> shapes)
    {
        for (std::size_t k = 0; k < count; ++k)
        {
            const std::size_t place = (m_last + k) % count;
            if (m_plans[place].is_of(subscripts.text(), shapes))
            {
                m_last = place;
                return m_plans[place].plan;
            }
        }
        remembered_plan& oldest = m_plans[m_oldest];
        oldest = {std::string(subscripts.text()),
                  {shapes.begin(), shapes.end()},
                  std::make_shared<einsum_plan>(plan_einsum(subscripts, shapes))};
        m_last = m_oldest;
        m_oldest = (m_oldest + 1) % count;
        return oldest.plan;
    }

private:
    static constexpr std::size_t count = 32;
    /// At the end of a thread, whose last destructors may still call einsum.
    static thread_local constinit bool is_gone;

    std::array<remembered_plan, count> m_plans;
    std::size_t m_last = 0; ///< that was asked for
    std::size_t m_oldest = 0;
};

thread_local constinit bool memory_of_plans::is_gone = false;

} // namespace

std::vector<std::string> names_of(const std::vector<einsum_operand>& operands)
{
    std::vector<std::string> names(operands.size());
    std::transform(operands.begin(), operands.end(), names.begin(),
                   [](const einsum_operand& operand) { return operand.names; });
    return names;
}

einsum_plan plan_einsum(const einsum_subscripts& subscripts, std::span<const shape_view> shapes)
{
    constexpr auto operation = "einsum";
    einsum_plan plan;
    plan.named = read_subscripts(subscripts, shapes, operation);
    plan.operands = operands_of(plan.named, shapes);
    plan.sums_over_nothing = is_over_nothing(plan.named);
    if (!plan.sums_over_nothing)
    {
        plan.steps = order_of_contractions(names_of(plan.operands), plan.named.result, plan.named.extents, operation,
                                           subscripts.where());
    }
    return plan;
}

std::shared_ptr<const einsum_plan> recall_einsum(const einsum_subscripts& subscripts,
                                                 std::span<const shape_view> shapes)
{
    if (!memory_of_plans::takes(subscripts, shapes))
    {
        return std::make_shared<einsum_plan>(plan_einsum(subscripts, shapes));
    }
    thread_local memory_of_plans memory;
    return memory.recall(subscripts, shapes);
}

} // namespace autograd::detail
