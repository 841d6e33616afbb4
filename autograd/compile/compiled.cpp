#include "autograd/compile/compiled.hpp"

#include "autograd/compile/order_of_steps.hpp"
#include "autograd/compile/pairs.hpp"
#include "autograd/kernels/running_sum.hpp"
#include "autograd/parallel/ranges.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace autograd
{

namespace
{

/// The first level cache, for what the steps of a tile have in hand.
constexpr std::size_t bytes_of_tile = 48 * std::size_t{1024};
/// Of one array more gains nothing; nor does it where arrays come from memory, of which a processor fetches so much
/// beforehand while the steps of a tile have no need for it.
constexpr std::size_t most_bytes_of_array = 4096;
constexpr std::size_t most_bytes_from_memory = 2048;
constexpr std::size_t least_elements_of_tile = 64;
/// In a loop with products of planes: these take more time for each element, and not less for fewer.
constexpr std::size_t least_elements_of_planes = 256;
/// In which a row is added up without waiting elements (kernels/running_sum): four chains of packs of 64 bytes.
constexpr std::size_t bytes_of_unit = 256;
/// Larger arrays are in no cache of one core.
constexpr std::size_t least_bytes_in_memory = std::size_t{1024} * 1024;

/// The number of a thing among `count`. Throws value_error, told as an option.
void require_number(const char* option, const char* what, std::size_t number, std::size_t count)
{
    if (number >= count)
    {
        throw error::value_error("compile", "the option ", option, " names ", what, " ", number, "; there are ", count,
                                 ", counted from 0.");
    }
}

/// Elements as they are, or one again and again.
template <class T>
void copy(const run_operand<T>* operands, T* result, std::size_t count, const void*)
{
    if (operands[0].splat)
    {
        std::fill_n(result, count, *operands[0].data);
    }
    else
    {
        std::copy_n(operands[0].data, count, result);
    }
}

/// One element of each operand, one behind the other.
template <class T>
void stand_side_by_side(const run_operand<T>* operands, T* result, std::size_t count, const void*)
{
    for (std::size_t k = 0; k < count; ++k)
    {
        result[k] = *operands[k].data;
    }
}

} // namespace

/// Makes what a program is out of its schedule, part by part.
template <class T>
class detail::compiled<T>::builder
{
public:
    explicit builder(compiled& into) : m(into) {}

    void build()
    {
        read_options();
        find_constant();
        m.packed = pack(m.values, m_constant);
        add_steps();
        find_reads();
        add_groups(m_end_of_prologue);
        m.prologue_groups = m.groups.size();
        add_groups(end_of_steps());
        find_pairs();
        place_outputs();
        find_within_tiles();
        lay_out_arena();
        collect_slots();
        add_actions();
    }

private:
    // ------------------------------------------------------------------------------------------------- options

    void read_options()
    {
        const std::size_t inputs = m.values.input_count();
        const std::size_t outputs = m.values.outputs().size();
        m.replaced_by.assign(inputs, none);
        m.replaces.assign(outputs, none);
        m_constant.assign(m.values.values().size(), 0);
        for (const std::size_t k : m.options.constant)
        {
            require_number("constant", "input", k, inputs);
            m_constant[k] = 1;
        }
        for (const replacement& each : m.options.replaces)
        {
            require_number("replaces", "output", each.output, outputs);
            require_number("replaces", "input", each.input, inputs);
            add_replacement(each);
        }
    }

    void add_replacement(const replacement& each)
    {
        const scheduled_value<T>& y = m.values[m.values.outputs()[each.output]];
        const scheduled_value<T>& x = m.values[static_cast<std::uint32_t>(each.input)];
        if (m.replaces[each.output] != none || m.replaced_by[each.input] != none)
        {
            throw error::value_error("compile", "the option replaces names output ", each.output, " or input ",
                                     each.input, " twice; each output replaces one input.");
        }
        if (!(y.shape() == x.shape()) || y.element != x.element)
        {
            throw error::shape_error("compile", "output ", each.output, " has shape ", y.shape(), " and input ",
                                     each.input, ", which it is to replace, ", x.shape(),
                                     "; they must be equal, and both of real numbers or both of integers.");
        }
        if (m_constant[each.input])
        {
            throw error::value_error("compile", "input ", each.input, " is constant and is to be replaced by output ",
                                     each.output, "; what is replaced changes.");
        }
        m.replaces[each.output] = static_cast<std::uint32_t>(each.input);
        m.replaced_by[each.input] = static_cast<std::uint32_t>(each.output);
    }

    // ------------------------------------------------------------------------------------------ steps and groups

    /// What depends on nothing but constant inputs; and of what may refuse values, only what is recorded in front of
    /// all others that may, since what comes first is refused first.
    void find_constant()
    {
        const auto all = m.values.values();
        bool may_others_refuse = false;
        for (std::uint32_t v = 0; v < all.size(); ++v)
        {
            if (all[v].origin != value_origin::given)
            {
                const auto operands = m.values.operands(all[v]);
                const bool refuses = may_refuse(all[v]);
                m_constant[v] = !(refuses && may_others_refuse) &&
                                std::all_of(operands.begin(), operands.end(), [&](auto k) { return m_constant[k]; });
                may_others_refuse = may_others_refuse || (refuses && !m_constant[v]);
            }
        }
    }

    void add_steps()
    {
        order_of_steps order = order_steps(m.values, m_constant, m.replaces);
        m.recomputed = recompute(m.values, m_constant, order, m.options.recompute_from);
        m_slopes = order.slopes;
        m_step_of.resize(m.values.values().size(), none);
        for (const std::uint32_t v : order.prologue)
        {
            add_step(v);
        }
        m_end_of_prologue = end_of_steps();
        for (const std::uint32_t v : order.others)
        {
            add_step(v);
        }
        for (const std::uint32_t place : order.cuts)
        {
            m_cuts.push_back(m_end_of_prologue + place);
        }
    }

    void add_step(std::uint32_t v)
    {
        const scheduled_value<T>& y = m.values[v];
        m_step_of[v] = static_cast<std::uint32_t>(m.steps.size());
        step<T> s{};
        s.value = v;
        s.operand_count = y.operand_count;
        s.attributes = y.attributes;
        s.size = y.size;
        s.planes = 1;
        s.covers = 1;
        s.flops = flops_of(y);
        m.steps.push_back(s);
        m_made.push_back(v);
    }

    step_kind kind_of(const scheduled_value<T>& y) const
    {
        if (y.origin != value_origin::computed)
        {
            return y.origin == value_origin::gathered ? step_kind::elements : step_kind::lay_out;
        }
        const auto operands = m.values.operands(y);
        const bool in_one_run =
            y.op->run != nullptr && y.size > 0 &&
            std::all_of(operands.begin(), operands.end(),
                        [&](auto k) { return m.values[k].strides == nullptr || m.values[k].is_single(); });
        return in_one_run ? step_kind::elements : step_kind::forward;
    }

    std::size_t scratch_of(const scheduled_value<T>& y) const
    {
        return y.op->scratch == nullptr ? 0 : with_shapes(y, y.op->scratch);
    }

    std::uint64_t flops_of(const scheduled_value<T>& y) const
    {
        if (y.origin != value_origin::computed)
        {
            return 0;
        }
        const auto elements = [](const evaluation<T>& call)
        {
            std::uint64_t most = call.size;
            for (const array_view& operand : call.operands)
            {
                most = std::max<std::uint64_t>(most, operand.size);
            }
            return most;
        };
        return y.op->flops == nullptr ? with_shapes(y, elements) : with_shapes(y, y.op->flops);
    }

    /// f of the operation as it is executed, but without elements.
    template <class F>
    auto with_shapes(const scheduled_value<T>& y, const F& f) const
    {
        const auto operands = m.values.operands(y);
        small_buffer<array_view, 8> views(operands.size(),
                                          [&](auto k)
                                          {
                                              const scheduled_value<T>& x = m.values[operands[k]];
                                              return array_view{nullptr, x.shape(), x.size, x.strides};
                                          });
        return f(evaluation<T>{{views.begin(), views.end()}, y.shape(), y.size, nullptr, y.attributes});
    }

    /// Of the steps before `until` that are in no group yet.
    void add_groups(std::uint32_t until)
    {
        for (const std::uint32_t cut : m_cuts)
        {
            add_uncut_groups(std::min(cut, until));
        }
        add_uncut_groups(until);
    }

    void add_uncut_groups(std::uint32_t until)
    {
        open_loop<T> loop(m.values);
        std::uint32_t first = m.groups.empty() ? 0 : m.groups.back().end;
        while (first < until)
        {
            const auto taken = static_cast<std::uint32_t>(loop.take_first(values_made(first, until)));
            const std::uint32_t end = first + std::max(taken, 1U);
            m.groups.push_back({first, end, tile_of(first, end, loop), loop.loop()});
            m_group_of.insert(m_group_of.end(), end - first, static_cast<std::uint32_t>(m.groups.size() - 1));
            for (std::uint32_t s = first; s < end; ++s)
            {
                m.groups.back().is_tiled() ? add_to_loop(m.steps[s], loop, s - first) : add_by_itself(m.steps[s]);
            }
            first = end;
        }
    }

    std::span<const std::uint32_t> values_made(std::uint32_t first, std::uint32_t end) const
    {
        return std::span(m_made).subspan(first, end - first);
    }

    /// So many elements that all that the steps have in hand at one time stays in the cache.
    std::size_t tile_of(std::uint32_t first, std::uint32_t end, const open_loop<T>& loop) const
    {
        if (end - first == 1)
        {
            return 0;
        }
        const auto [elements, length] = loop.loop();
        if (m.options.tile != 0)
        {
            return elements > m.options.tile ? std::min(m.options.tile, length) : 0;
        }
        constexpr std::size_t unit = bytes_of_unit / sizeof(T);
        const auto in_units = [](std::size_t count) { return (count + unit - 1) / unit * unit; };
        const std::size_t most = reads_from_memory(first, end, loop) ? most_bytes_from_memory : most_bytes_of_array;
        const std::size_t bytes = std::min(bytes_of_tile / buffers_of(first, end, loop), most);
        const std::size_t least = has_planes(end - first, loop) ? least_elements_of_planes : least_elements_of_tile;
        const std::size_t tile = std::max(bytes / bytes_of_unit * unit, least);
        // Up to two tiles fit into the cache uncut, and then nothing is held until the last of them is done.
        const std::size_t tiles_of_row = (length + tile - 1) / tile;
        return elements > 2 * tile ? std::min(in_units((length + tiles_of_row - 1) / tiles_of_row), length) : 0;
    }

    static bool has_planes(std::size_t steps, const open_loop<T>& loop)
    {
        for (std::size_t s = 0; s < steps; ++s)
        {
            if (loop[s].form != nullptr)
            {
                return true;
            }
        }
        return false;
    }

    /// Whether a large array is read element after element that was there before.
    bool reads_from_memory(std::uint32_t first, std::uint32_t end, const open_loop<T>& loop) const
    {
        for (std::uint32_t s = first; s < end; ++s)
        {
            const auto operands = m.values.operands(m.values[m.steps[s].value]);
            for (std::size_t k = 0; k < operands.size(); ++k)
            {
                const std::uint32_t root = m.values[operands[k]].memory;
                const bool was_there = m_step_of[root] == none || m_step_of[root] < first;
                if (was_there && m.values[root].size * sizeof(T) >= least_bytes_in_memory &&
                    is_element_in_hand(loop.operand(s - first, k), loop.loop()))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// How many arrays have elements in hand: what comes from elsewhere, and the most results that are to be read at
    /// one time. Each plane is one.
    std::size_t buffers_of(std::uint32_t first, std::uint32_t end, const open_loop<T>& loop) const
    {
        std::map<std::uint32_t, std::size_t> given;
        std::vector<std::ptrdiff_t> more(end - first + 1, 0);
        for (std::uint32_t s = first; s < end; ++s)
        {
            const tile_step<T>& step = loop[s - first];
            const auto operands = m.values.operands(m.values[m.steps[s].value]);
            for (std::size_t k = 0; k < operands.size(); ++k)
            {
                const std::uint32_t root = m.values[operands[k]].memory;
                const tile_strides& strides = loop.operand(s - first, k);
                if (strides.element != 0 && (m_step_of[root] == none || m_step_of[root] < first))
                {
                    std::size_t& planes = given[root];
                    planes =
                        std::max(planes, strides.plane != 0 ? m.values[operands[k]].size / loop.loop().elements : 1);
                }
            }
            const auto planes = static_cast<std::ptrdiff_t>(step.result_planes + (step.sum == tile_sum::columns));
            more[s - first] += planes;
            more[std::min(std::max(m_last_read[m.steps[s].value], s) + 1, end) - first] -= planes;
        }
        std::partial_sum(more.begin(), more.end(), more.begin());
        auto result =
            static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, *std::max_element(more.begin(), more.end())));
        for (const auto& [root, planes] : given)
        {
            result += planes;
        }
        return result;
    }

    void add_to_loop(step<T>& s, const open_loop<T>& loop, std::size_t number)
    {
        const tile_step<T>& in_loop = loop[number];
        const scheduled_value<T>& y = m.values[s.value];
        s.kind = in_loop.sum != tile_sum::nothing ? step_kind::sum
                 : in_loop.form != nullptr        ? step_kind::planes
                                                  : step_kind::elements;
        s.sum = in_loop.sum;
        s.planes = static_cast<std::uint32_t>(in_loop.planes);
        s.result_planes = static_cast<std::uint32_t>(in_loop.result_planes);
        s.form = in_loop.form;
        if (s.kind == step_kind::elements)
        {
            s.run = y.origin == value_origin::laid_out ? &copy<T> : y.op->run();
        }
        s.scratch_bytes =
            in_loop.sum == tile_sum::dots ? scratch_of(y) : in_loop.planes * bytes_of_sum(in_loop.sum, loop.loop());
        number_run(s);
        m.results.push_back({in_loop.result});
        for (std::size_t k = 0; k < s.operand_count; ++k)
        {
            const tile_strides& strides = loop.operand(number, k);
            m.operands.push_back({strides, m.values.operands(y)[k], strides.element == 0});
        }
    }

    /// For each plane.
    static std::size_t bytes_of_sum(tile_sum sum, const tile_loop& loop)
    {
        switch (sum)
        {
        case tile_sum::row:
        case tile_sum::plane:
            return kernels::bytes_of_row_sum;
        case tile_sum::columns:
            return kernels::column_sums<T>::bytes(loop.rows(), loop.length);
        case tile_sum::nothing:
        case tile_sum::planes:
        case tile_sum::dots:
            break;
        }
        return 0;
    }

    void number_run(step<T>& s)
    {
        s.run_operands = s.operand_count;
        s.first_operand = static_cast<std::uint32_t>(m.operands.size());
        s.number = static_cast<std::uint32_t>(m.results.size());
    }

    void add_by_itself(step<T>& s)
    {
        const scheduled_value<T>& y = m.values[s.value];
        s.kind = kind_of(y);
        if (s.kind == step_kind::elements)
        {
            s.run = y.origin == value_origin::gathered ? &stand_side_by_side<T> : y.op->run();
            number_run(s);
            m.results.emplace_back();
            for (const std::uint32_t operand : m.values.operands(y))
            {
                // Of one element nothing has to be spread over a pack.
                m.operands.push_back({{}, operand, s.size > 1 && m.values[operand].is_single()});
            }
        }
        else
        {
            s.first_operand = static_cast<std::uint32_t>(m.view_count);
            s.number = static_cast<std::uint32_t>(m.call_count++);
            m.view_count += s.operand_count;
            s.scratch_bytes = s.kind == step_kind::forward ? scratch_of(y) : 0;
        }
    }

    // --------------------------------------------------------------------------------------------------- pairs

    /// Steps that follow each other and are one kernel: before others those whose first result is read by the second
    /// alone, which needs no memory then.
    void find_pairs()
    {
        m.is_in_registers.assign(m.values.values().size(), 0);
        const std::vector<std::uint32_t> readers = count_readers();
        for_each_two_steps([&](std::uint32_t s) { join_with_slope(s); });
        for (const bool keeps : {false, true})
        {
            for_each_two_steps(
                [&](std::uint32_t s)
                {
                    if ((readers[m.steps[s].value] > 1) == keeps)
                    {
                        join_with_next(s, keeps);
                    }
                });
        }
    }

    /// f(step) for steps that follow each other in a group and are in no pair.
    template <class F>
    void for_each_two_steps(const F& f)
    {
        for (const group& g : m.groups)
        {
            for (std::uint32_t s = g.first; s + 1 < g.end; ++s)
            {
                if (m.steps[s].covers == 1 && m.steps[s + 1].covers == 1 && begin_of(s) == s)
                {
                    f(s);
                }
            }
        }
    }

    /// How often each value's memory is read, by steps and as an output.
    std::vector<std::uint32_t> count_readers() const
    {
        std::vector<std::uint32_t> result(m.values.values().size(), 0);
        for (const step<T>& s : m.steps)
        {
            for (const std::uint32_t operand : m.values.operands(m.values[s.value]))
            {
                ++result[m.values[operand].memory];
            }
        }
        for (const std::uint32_t output : m.values.outputs())
        {
            ++result[m.values[output].memory];
        }
        return result;
    }

    /// If there is a kernel for both.
    void join_with_next(std::uint32_t s, bool keeps)
    {
        const step<T>& first = m.steps[s];
        const step<T>& second = m.steps[s + 1];
        const auto position = position_in_pair(m.values, first, second);
        const run_function<T> run =
            position ? run_of_pair(m.values[first.value].op, m.values[second.value].op, *position) : nullptr;
        if (run != nullptr)
        {
            join_with_next(s, run, *position, keeps);
        }
    }

    /// A value and its slope, of the same operand.
    void join_with_slope(std::uint32_t s)
    {
        const auto found = m_slopes.find(m.steps[s].value);
        if (found != m_slopes.end() && found->second == m.steps[s + 1].value &&
            m.steps[s].kind == step_kind::elements && m.steps[s + 1].kind == step_kind::elements)
        {
            join_with_next(s, run_with_slope(m.values[m.steps[s].value].op), 0, true);
            m.steps[s + 1].flops = 0; // of what was computed with the value
        }
    }

    /// The operand of the second that stands at `position` is known in the pair. At the end stands where the result of
    /// the first one is kept, if it is.
    void join_with_next(std::uint32_t s, run_function<T> run, std::size_t position, bool keeps)
    {
        step<T>& first = m.steps[s];
        const step<T>& second = m.steps[s + 1];
        first.run = run;
        first.covers = 2;
        first.run_operands = first.operand_count + second.operand_count;
        const auto operands = std::span(m.operands).subspan(second.first_operand, second.operand_count);
        const auto known = operands.begin() + static_cast<std::ptrdiff_t>(position);
        std::rotate(known, known + 1, operands.end());
        operands.back() = keeps ? run_access{m.results[first.number].strides, first.value, false} : run_access{};
        m.is_in_registers[first.value] = !keeps;
    }

    // -------------------------------------------------------------------------------------------------- memory

    std::uint32_t end_of_steps() const { return static_cast<std::uint32_t>(m.steps.size()); }

    /// The last step that reads a value's memory; that outputs are copied at the end is added by place_outputs.
    void find_reads()
    {
        m_last_read.assign(m.values.values().size(), 0);
        m_is_read.assign(m.values.values().size(), 0);
        for (std::uint32_t s = 0; s < m.steps.size(); ++s)
        {
            const scheduled_value<T>& y = m.values[m.steps[s].value];
            for (const std::uint32_t operand : m.values.operands(y))
            {
                m_last_read[m.values[operand].memory] = s;
                m_is_read[m.values[operand].memory] = 1;
            }
            m_end_of_refusals = may_refuse(y) ? s + 1 : m_end_of_refusals;
        }
    }

    /// An output that a step computes is written where it is wanted at once: the first of those that share memory.
    void place_outputs()
    {
        const auto outputs = m.values.outputs();
        m.computed_in.assign(m.values.values().size(), none);
        for (std::uint32_t k = 0; k < outputs.size(); ++k)
        {
            const scheduled_value<T>& y = m.values[outputs[k]];
            if (m.values[y.memory].origin == value_origin::given)
            {
                m_last_read[y.memory] = end_of_steps();
                m_is_read[y.memory] = 1;
            }
        }
        for (std::uint32_t k = 0; k < outputs.size(); ++k)
        {
            const std::uint32_t root = m.values[outputs[k]].memory;
            if (may_be_computed_in(k))
            {
                m.computed_in[root] = k;
                continue;
            }
            const std::uint32_t input = m.values[root].origin == value_origin::given ? root : none;
            m.copies.push_back({outputs[k], k, 0, input != none && m.replaced_by[input] != none});
            m_last_read[root] = end_of_steps();
            m_is_read[root] = 1;
        }
    }

    /// Not where the memory is that of an input which is read later, or then but in another order, or which a refusal
    /// may yet have to save.
    bool may_be_computed_in(std::uint32_t output) const
    {
        const scheduled_value<T>& y = m.values[m.values.outputs()[output]];
        const std::uint32_t root = y.memory;
        const std::uint32_t s = m_step_of[root];
        const bool is_whole = y.strides == nullptr && y.size == m.values[root].size;
        if (s == none || !is_whole || m_constant[root] || m.computed_in[root] != none)
        {
            return false;
        }
        const std::uint32_t input = m.replaces[output];
        const auto is_free = [&]
        {
            return !m_is_read[input] || m_last_read[input] < s ||
                   (m_last_read[input] == s && m.may_replace(m.steps[s], input));
        };
        return input == none ||
               (!m.options.keep_on_error && s >= m_end_of_refusals && is_free() && is_read_in_hand(input, s));
    }

    /// Whether the steps before this one in its loop, or its pair, which are run again when it was, read of an input no
    /// element but that which it writes next.
    bool is_read_in_hand(std::uint32_t input, std::uint32_t s) const
    {
        const group& g = m.groups[m_group_of[s]];
        const auto goes_along = [&](const run_access& x)
        {
            return m.steps[s].sum <= tile_sum::planes && m.reads_in_order(x.value) &&
                   (!g.is_tiled() || is_element_in_hand(x.strides, g.loop));
        };
        for (std::uint32_t before = g.is_tiled() ? g.first : begin_of(s); before < s; before += m.steps[before].covers)
        {
            for (const run_access& x : operands_of_run(m.steps[before]))
            {
                if (x.value != none && m.values[x.value].memory == input && !goes_along(x))
                {
                    return false;
                }
            }
        }
        return true;
    }

    void find_within_tiles()
    {
        m.elements_in_tile.assign(m.values.values().size(), 0);
        for (std::uint32_t k = 0; k < m.steps.size(); ++k)
        {
            const step<T>& s = m.steps[k];
            const group& g = m.groups[m_group_of[k]];
            if (g.is_tiled() && s.sum <= tile_sum::planes && m.computed_in[s.value] == none && m_is_read[s.value] &&
                m_last_read[s.value] < g.end && !m.is_in_registers[s.value])
            {
                m.elements_in_tile[s.value] = s.result_planes * g.tile;
                stay_in_tile(m.results[s.number].strides, g);
            }
        }
        for (std::uint32_t k = 0; k < m.steps.size(); k += m.steps[k].covers)
        {
            read_in_tile(m.steps[k], m.groups[m_group_of[k]]);
        }
    }

    /// Operands that do not leave their tile are read at its beginning again and again.
    void read_in_tile(const step<T>& s, const group& g)
    {
        if (g.is_tiled())
        {
            for (run_access& x : operands_of_run(s))
            {
                if (x.value != none && m.elements_in_tile[m.values[x.value].memory] != 0)
                {
                    stay_in_tile(x.strides, g);
                }
            }
        }
    }

    std::span<run_access> operands_of_run(const step<T>& s) const
    {
        return std::span(m.operands).subspan(s.first_operand, s.run_operands);
    }

    static void stay_in_tile(tile_strides& strides, const group& g)
    {
        strides = {strides.plane == 0 ? 0 : g.tile, 0, 0};
    }

    void lay_out_arena()
    {
        std::vector<lifetime> lifetimes;
        std::vector<std::size_t*> places;
        m.offsets.assign(m.values.values().size(), 0);
        const auto add = [&](const lifetime& of, std::size_t& place)
        {
            lifetimes.push_back(of);
            places.push_back(&place);
        };
        for (const group& g : m.groups)
        {
            for (std::uint32_t s = g.first; s < g.end; ++s) // what lives as long as the loop of a group first
            {
                step<T>& each = m.steps[s];
                if (m.computed_in[each.value] == none && m.elements_in_tile[each.value] == 0 &&
                    !m.is_in_registers[each.value])
                {
                    add(lifetime_of(s, g), m.offsets[each.value]);
                }
                if (each.scratch_bytes > 0)
                {
                    add({each.value, g.is_tiled() ? g.first : s, last_step_beside(s), each.scratch_bytes},
                        each.scratch_offset);
                }
            }
            for (std::uint32_t s = g.first; s < g.end; ++s)
            {
                if (m.elements_in_tile[m.steps[s].value] != 0)
                {
                    add(lifetime_of(s, g), m.offsets[m.steps[s].value]);
                }
            }
        }
        for (final_copy& each : m.copies)
        {
            if (each.is_saved)
            {
                const scheduled_value<T>& x = m.values[m.values[each.value].memory];
                add({each.value, end_of_steps(), end_of_steps(), x.size * x.element_size()}, each.saved_offset);
            }
        }
        m.plan = plan_arena(lifetimes);
        for (std::size_t k = 0; k < places.size(); ++k)
        {
            *places[k] = m.plan.offsets[k];
        }
    }

    lifetime lifetime_of(std::uint32_t s, const group& g) const
    {
        const std::uint32_t v = m.steps[s].value;
        const scheduled_value<T>& y = m.values[v];
        const std::uint32_t last = m_is_read[v] ? std::max(m_last_read[v], s) : s;
        if (m.elements_in_tile[v] != 0)
        {
            return {v, begin_of(s), last, m.elements_in_tile[v] * y.element_size()};
        }
        const bool is_kept = m_constant[v] && (last == end_of_steps() || m_group_of[last] >= m.prologue_groups);
        const std::uint32_t end = is_kept ? end_of_steps() : last == end_of_steps() ? last : last_step_beside(last);
        return {v, g.is_tiled() ? g.first : begin_of(s), end, y.size * y.element_size()};
    }

    /// The step that is run when this one is.
    std::uint32_t begin_of(std::uint32_t s) const { return s > 0 && m.steps[s - 1].covers == 2 ? s - 1 : s; }

    /// The last step that is run while this one is: that of its tiles.
    std::uint32_t last_step_beside(std::uint32_t s) const
    {
        const group& g = m.groups[m_group_of[s]];
        return g.is_tiled() ? g.end - 1 : s;
    }

    // ------------------------------------------------------------------------------------------------- addresses

    void collect_slots()
    {
        using place = address_slot::place;
        for (std::uint32_t k = 0; k < m.operands.size(); ++k)
        {
            if (m.operands[k].value != none)
            {
                add_slot(m.operands[k].value, k, place::run_operand);
            }
        }
        for (const step<T>& s : m.steps)
        {
            const auto operands = m.values.operands(m.values[s.value]);
            for (std::uint32_t k = 0; !s.is_run() && k < operands.size(); ++k)
            {
                add_slot(operands[k], s.first_operand + k, place::view);
            }
            add_slot(s.value, s.number, s.is_run() ? place::result : place::call_result);
        }
    }

    void add_slot(std::uint32_t value, std::uint32_t number, address_slot::place where)
    {
        const scheduled_value<T>& x = m.values[value];
        const std::size_t offset = x.offset * x.element_size();
        const auto inputs = static_cast<std::uint32_t>(m.values.input_count());
        if (m.values[x.memory].origin == value_origin::given)
        {
            m.slots.push_back({x.memory, number, where, offset});
        }
        else if (m.computed_in[x.memory] != none)
        {
            m.slots.push_back({inputs + m.computed_in[x.memory], number, where, offset});
        }
    }

    // -------------------------------------------------------------------------------------------------- actions

    void add_actions()
    {
        for (std::uint32_t g = 0; g < m.groups.size(); ++g)
        {
            m.prologue_actions = g == m.prologue_groups ? m.actions.size() : m.prologue_actions;
            if (m.groups[g].is_tiled())
            {
                m.actions.push_back({nullptr, nullptr, 0, m.groups[g].first, g});
                continue;
            }
            for (std::uint32_t s = m.groups[g].first; s < m.groups[g].end; s += m.steps[s].covers)
            {
                const step<T>& each = m.steps[s];
                m.actions.push_back(is_short_run(each) ? action<T>{each.run, each.attributes, each.size,
                                                                   each.first_operand, each.last_number()}
                                                       : action<T>{nullptr, nullptr, 0, s, g});
            }
        }
        m.prologue_actions = m.prologue_groups == m.groups.size() ? m.actions.size() : m.prologue_actions;
    }

    /// Long runs are calls, since they may be divided; but what stands side by side is one.
    bool is_short_run(const step<T>& s) const
    {
        const bool is_long = s.size >= parallel::least_work && m.values[s.value].origin != value_origin::gathered;
        return s.is_run() && !is_long;
    }

    compiled& m;
    std::vector<char> m_constant;         ///< of each value: depends on constant inputs only
    std::vector<std::uint32_t> m_step_of; ///< of each value, or none
    std::vector<std::uint32_t> m_made;    ///< by each step
    std::vector<std::uint32_t> m_cuts;    ///< steps that begin a group
    std::uint32_t m_end_of_prologue = 0;
    std::map<std::uint32_t, std::uint32_t> m_slopes; ///< of values that have one with which they are computed
    std::vector<std::uint32_t> m_group_of;           ///< of each step
    std::vector<std::uint32_t> m_last_read;          ///< of each value's memory: the last step that reads it
    std::vector<char> m_is_read;
    std::uint32_t m_end_of_refusals = 0; ///< behind the last step that may refuse values
};

template <class T>
detail::compiled<T>::compiled(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
                              program_options how)
    : values(inputs, outputs, how.constant_keys, how.all_checks),
      options(std::move(how)),
      rewrites(simplify(values, options.reassociate)),
      laid_out(options.reassociate ? store_tall_transposed(values, options.constant) : std::vector<transposed_arrays>())
{
    builder(*this).build();
}

template <class T>
bool detail::compiled<T>::reads_in_order(std::uint32_t v) const
{
    return values[v].strides == nullptr && values[v].size == values[values[v].memory].size;
}

template <class T>
bool detail::compiled<T>::may_replace(const step<T>& s, std::uint32_t root) const
{
    const auto of = values.operands(values[s.value]);
    const auto reads = [&](std::uint32_t v) { return values[v].memory == root; };
    if (s.kind == step_kind::forward)
    {
        return values[s.value].op->in_place && reads(of[0]) && reads_in_order(of[0]) &&
               std::none_of(of.begin() + 1, of.end(), reads);
    }
    return s.kind == step_kind::elements &&
           std::all_of(of.begin(), of.end(), [&](auto v) { return !reads(v) || reads_in_order(v); });
}

template <class T>
std::uint64_t detail::compiled<T>::flops() const
{
    return std::accumulate(steps.begin(), steps.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const step<T>& each) { return sum + each.flops; });
}

template class detail::compiled<float>;
template class detail::compiled<double>;

} // namespace autograd
