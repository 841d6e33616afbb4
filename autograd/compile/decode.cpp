#include "autograd/compile/decode.hpp"

#include "autograd/compile/verify_loops.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/operations/slicing.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <map>

namespace autograd
{

namespace
{

/// Memory as a run sees it, with names of values in place of their elements. The memory of each input and output, and
/// the arena, are blocks of their own.
template <class T>
class memory_of_names
{
public:
    struct address
    {
        std::uint32_t block;
        std::size_t offset;

        auto operator<=>(const address&) const = default;
    };

    /// Everything that lay in these bytes is gone.
    void write(address to, std::size_t bytes, const handle<T>& named)
    {
        auto next = m_written.lower_bound(to);
        if (next != m_written.begin() && std::prev(next)->first.block == to.block &&
            std::prev(next)->first.offset + std::prev(next)->second.bytes > to.offset)
        {
            --next;
        }
        while (next != m_written.end() && next->first.block == to.block && next->first.offset < to.offset + bytes)
        {
            next = m_written.erase(next);
        }
        m_written[to] = {bytes, named};
    }

    /// Throws tape_error where these bytes are not those of one value.
    const handle<T>& read(address from, std::size_t bytes, location where) const
    {
        const auto found = m_written.find(from);
        if (found == m_written.end() || found->second.bytes != bytes)
        {
            throw error::tape_error(where, "compile", "a step reads ", bytes, " bytes at ", from.offset, " of block ",
                                    from.block, ", where no value of that size is then; the program is wrong.");
        }
        return found->second.value;
    }

private:
    struct contents
    {
        std::size_t bytes;
        handle<T> value;
    };
    std::map<address, contents> m_written;
};

template <class T>
class decoder
{
public:
    using value = detail::scheduled_value<T>;
    using address = typename memory_of_names<T>::address;

    /// Who verifies wants each value to be the one that is meant.
    decoder(const detail::compiled<T>& what, tape<T>& on, bool verifies) : m(what), m_tape(on), m_verifies(verifies) {}

    std::vector<handle<T>> decode(std::span<const handle<T>> inputs)
    {
        detail::verify_loops(m);
        m_shared.resize(m.values.values().size());
        for (std::uint32_t k = 0; k < m.values.input_count(); ++k)
        {
            write(k, inputs[k]);
        }
        for (const detail::group& g : m.groups)
        {
            run(g);
        }
        save();
        for (const detail::final_copy& each : m.copies)
        {
            write(place_of_output(each.output), bytes_of(each.value), copied(each));
        }
        std::vector<handle<T>> outputs;
        for (std::uint32_t k = 0; k < m.values.outputs().size(); ++k)
        {
            outputs.push_back(output(k));
        }
        return outputs;
    }

private:
    static constexpr std::uint32_t arena = 0;

    /// Where the elements of a value are that is the root of its memory.
    address place_of(std::uint32_t root) const
    {
        if (m.values[root].origin == detail::value_origin::given)
        {
            return {1 + root, 0};
        }
        const std::uint32_t output = m.computed_in[root];
        return output != m.none ? place_of_output(output) : address{arena, m.offsets[root]};
    }
    address place_of_output(std::uint32_t k) const
    {
        const auto inputs = static_cast<std::uint32_t>(m.values.input_count());
        return {1 + (m.replaces[k] != m.none ? m.replaces[k] : inputs + k), 0};
    }
    std::size_t bytes_of(std::uint32_t v) const
    {
        const value& x = m.values[v];
        return m.is_in_registers[v] ? 0
                                    : (m.elements_in_tile[v] != 0 ? m.elements_in_tile[v] : x.size) * x.element_size();
    }

    void run(const detail::group& g)
    {
        if (g.is_tiled())
        {
            run(g.first, g.end, true);
            return;
        }
        for (std::uint32_t s = g.first; s < g.end; s += m.steps[s].covers)
        {
            run(s, s + m.steps[s].covers, m.steps[s].covers > 1);
        }
    }

    /// Steps that are done piece by piece: what they read is there for the second piece, too.
    void run(std::uint32_t first, std::uint32_t end, bool in_pieces)
    {
        std::vector<std::vector<handle<T>>> first_piece;
        for (std::uint32_t s = first; s < end; ++s)
        {
            require_apart(m.steps[s]);
            first_piece.push_back(found_by(m.steps[s]));
            write(m.steps[s].value, record(m.steps[s], operands_of(m.steps[s])));
        }
        for (std::uint32_t s = first; s < end && in_pieces; ++s)
        {
            require_same(s, end, first_piece[s - first], found_by(m.steps[s]));
            write(m.steps[s].value, m_results[m.steps[s].value]);
        }
    }

    /// What lies where a step reads, in the shape in which it was written.
    std::vector<handle<T>> found_by(const detail::step<T>& s)
    {
        std::vector<handle<T>> found;
        for (const std::uint32_t operand : m.values.operands(m.values[s.value]))
        {
            const std::uint32_t root = m.values[operand].memory;
            const bool is_elsewhere = m.values[root].origin == detail::value_origin::kept || bytes_of(root) == 0;
            found.push_back(is_elsewhere ? handle<T>() : read(place_of(root), root));
        }
        return found;
    }

    std::vector<handle<T>> operands_of(const detail::step<T>& s)
    {
        std::vector<handle<T>> operands;
        for (const std::uint32_t operand : m.values.operands(m.values[s.value]))
        {
            operands.push_back(read(operand));
        }
        return operands;
    }

    handle<T> read(std::uint32_t v)
    {
        const value& x = m.values[v];
        const std::uint32_t root = x.memory;
        return in_shape(elements_of(root, [&] { return place_of(root); }), v);
    }

    /// What lies at the place of a root. Arrays without elements have none.
    template <class Place>
    handle<T> elements_of(std::uint32_t root, Place place)
    {
        if (m.values[root].origin == detail::value_origin::kept)
        {
            return kept(root);
        }
        return bytes_of(root) == 0 ? m_results[root] : checked(read(place(), root), root);
    }
    const handle<T>& read(address from, std::uint32_t root) const
    {
        return m_memory.read(from, bytes_of(root), m.values[root].where);
    }
    const handle<T>& checked(const handle<T>& found, std::uint32_t root)
    {
        if (m_verifies && !same(found, m_results[root]))
        {
            throw error::tape_error(m.values[root].where, "compile", "where the result of ", m.values[root].op->name,
                                    " is read, another value lies; the program is wrong.");
        }
        return found;
    }

    handle<T> output(std::uint32_t k)
    {
        const std::uint32_t y = m.values.outputs()[k];
        return bytes_of(y) == 0 ? read(y) : in_shape(checked(read(place_of_output(k), y), m.values[y].memory), y);
    }

    /// The elements under the shape of a value that shares them, through those that share them before it.
    handle<T> in_shape(handle<T> elements, std::uint32_t v)
    {
        std::vector<std::uint32_t> way;
        for (; m.values[v].memory != v; v = m.values.operands(m.values[v])[0])
        {
            way.push_back(v);
        }
        for (; !way.empty(); way.pop_back())
        {
            elements = shared(elements, way.back());
        }
        return elements;
    }

    handle<T> shared(const handle<T>& elements, std::uint32_t v)
    {
        const value& y = m.values[v];
        if (elements.shape() == y.shape())
        {
            return elements;
        }
        auto& [of, known] = m_shared[v];
        if (y.origin == detail::value_origin::part && (known.empty() || !same(of, elements)))
        {
            of = elements;
            known = part(variable<T>(elements), y, y.offset - m.values[m.values.operands(y)[0]].offset);
        }
        else if (known.empty() || !same(of, elements))
        {
            const shape_vector shape(y.shape());
            const bool repeats = y.op->storage == storage_kind::broadcast;
            of = elements;
            known = m_tape.record(repeats ? *y.op : description<reshape_rule, T>::instance, {&elements, 1}, {}, y.where,
                                  &shape);
        }
        return known;
    }

    static handle<T> part(const variable<T>& of, const value& y, std::size_t first)
    {
        const variable<T> line = flatten(of, y.where);
        return reshape(slice(line, 0, first, first + y.size, y.where), y.shape(), y.where);
    }

    handle<T> kept(std::uint32_t root)
    {
        handle<T>& known = m_results[root];
        if (!known.empty())
        {
            return known;
        }
        const value& x = m.values[root];
        const shape_vector shape(x.shape());
        if (x.is_single() && x.size > 0 && x.element == element_kind::real)
        {
            known = m_tape.full(shape, *static_cast<const T*>(x.data), x.where);
        }
        else if (x.element == element_kind::index)
        {
            array<std::int64_t> elements = array<std::int64_t>::from_shape(variable<T>::extents_of(shape));
            detail::lay_out<T>({x.data, x.shape(), x.size, x.strides}, x.element, elements.data());
            known = m_tape.index(elements, x.where);
        }
        else
        {
            array<T> elements = array<T>::from_shape(variable<T>::extents_of(shape));
            detail::lay_out<T>({x.data, x.shape(), x.size, x.strides}, x.element, elements.data());
            known = m_tape.constant(elements, x.where);
        }
        return known;
    }

    handle<T> record(const detail::step<T>& s, const std::vector<handle<T>>& operands)
    {
        const value& y = m.values[s.value];
        if (y.origin == detail::value_origin::laid_out)
        {
            return operands[0];
        }
        if (y.origin == detail::value_origin::gathered)
        {
            return gathered(operands, y.where);
        }
        const shape_vector shape(y.shape());
        return m_tape.record(*y.op, operands, payload::shared(y.attributes), y.where, &shape);
    }

    static handle<T> gathered(const std::vector<handle<T>>& operands, location where)
    {
        std::vector<variable<T>> lines;
        for (const handle<T>& x : operands)
        {
            lines.push_back(reshape(variable<T>(x), {1}, where));
        }
        return concatenate(lines, 0, where);
    }

    void write(std::uint32_t root, const handle<T>& named)
    {
        m_results[root] = named;
        write(place_of(root), bytes_of(root), named);
    }
    void write(address to, std::size_t bytes, const handle<T>& named)
    {
        if (bytes > 0)
        {
            m_memory.write(to, bytes, named);
        }
    }

    /// A result is written where nothing is that its step reads, but for what it may replace.
    void require_apart(const detail::step<T>& s) const
    {
        const address to = place_of(s.value);
        const std::size_t written = bytes_of(s.value);
        const auto operands = m.values.operands(m.values[s.value]);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const std::uint32_t root = m.values[operands[k]].memory;
            if (m.values[root].origin == detail::value_origin::kept)
            {
                continue;
            }
            const address from = place_of(root);
            const std::size_t read = bytes_of(root);
            const bool overlap =
                from.block == to.block && from.offset < to.offset + written && to.offset < from.offset + read;
            if (overlap && !(from == to && read == written && m.may_replace(s, root)))
            {
                const detail::scheduled_value<T>& y = m.values[s.value];
                throw error::tape_error(y.where, "compile", "the result of ", y.op->name, " is written over operand ",
                                        k, ", which it reads; the program is wrong.");
            }
        }
    }

    /// What lies there at the second tile is what lay there at the first; or what a step that is not before this one
    /// writes into the very same bytes, since of these it has written the first tile only. That is no excuse for who
    /// reads a part of them, or in another order.
    void require_same(std::uint32_t s, std::uint32_t end, const std::vector<handle<T>>& first,
                      const std::vector<handle<T>>& second)
    {
        const auto operands = m.values.operands(m.values[m.steps[s].value]);
        for (std::size_t k = 0; k < first.size(); ++k)
        {
            bool is_right = same(first[k], second[k]);
            for (std::uint32_t t = s; t < end && !is_right && m.reads_in_order(operands[k]); ++t)
            {
                is_right = same(second[k], m_results[m.steps[t].value]);
            }
            if (!is_right)
            {
                const detail::scheduled_value<T>& y = m.values[m.steps[s].value];
                throw error::tape_error(y.where, "compile", "operand ", k, " of ", y.op->name,
                                        " is overwritten between two tiles; the program is wrong.");
            }
        }
    }

    void save()
    {
        for (const detail::final_copy& each : m.copies)
        {
            if (each.is_saved)
            {
                const std::uint32_t root = m.values[each.value].memory;
                write({arena, each.saved_offset}, bytes_of(root), elements_of(root, [&] { return place_of(root); }));
            }
        }
    }

    handle<T> copied(const detail::final_copy& each)
    {
        const std::uint32_t root = m.values[each.value].memory;
        return elements_of(root, [&] { return each.is_saved ? address{arena, each.saved_offset} : place_of(root); });
    }

    const detail::compiled<T>& m;
    tape<T>& m_tape;
    bool m_verifies;
    memory_of_names<T> m_memory;
    std::map<std::uint32_t, handle<T>> m_results;          ///< of steps, and of what is kept
    std::vector<std::pair<handle<T>, handle<T>>> m_shared; ///< of each value that shares: of what, and itself
};

} // namespace

template <class T>
std::vector<handle<T>> detail::decode(const compiled<T>& what, tape<T>& on, std::span<const handle<T>> inputs)
{
    return decoder<T>(what, on, false).decode(inputs);
}

template <class T>
void detail::verify(const compiled<T>& what)
{
    tape<T> on(recording::shapes);
    const auto inputs = inputs_of_shapes(what, on);
    decoder<T>(what, on, true).decode(inputs);
}

template <class T>
std::vector<handle<T>> detail::inputs_of_shapes(const compiled<T>& what, tape<T>& on)
{
    std::vector<handle<T>> inputs;
    for (std::uint32_t k = 0; k < what.values.input_count(); ++k)
    {
        const shape_vector shape(what.values[k].shape());
        inputs.push_back(what.values[k].element == element_kind::real
                             ? handle<T>(on.variable(borrowed<T>(nullptr, shape)))
                             : handle<T>(on.index(borrowed<std::int64_t>(nullptr, shape))));
        if (!what.values.input_names()[k].empty())
        {
            on.set_name(inputs.back(), what.values.input_names()[k]);
        }
    }
    return inputs;
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<handle<T>> detail::decode(const compiled<T>&, tape<T>&, std::span<const handle<T>>);          \
    template void detail::verify(const compiled<T>&);                                                                  \
    template std::vector<handle<T>> detail::inputs_of_shapes(const compiled<T>&, tape<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
