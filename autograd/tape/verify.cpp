#include "autograd/tape/verify.hpp"

#include "autograd/tape/leaves.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>

namespace autograd
{

namespace
{

template <class T>
class verifier
{
public:
    explicit verifier(const tape<T>& tape) : m_tape(tape) {}

    void check(std::uint32_t index)
    {
        const instruction<T>& y = m_tape[index];
        m_index = index;
        require(y.op != nullptr, "has no operation");
        require(y.size() == element_count(y.shape()), "counts its elements wrongly");
        require(y.op->kind != rule_kind::leaf || y.operand_count == 0, "is a leaf with operands");
        for (std::uint32_t operand : m_tape.operands(y))
        {
            require(operand < index, "comes before one of its operands");
        }
        require((y.data != nullptr) == should_have_values(y) || y.size() == 0,
                "has values although the tape keeps none, or none although it keeps them");
        if (y.op->kind != rule_kind::leaf)
        {
            check_shape(y);
        }
    }

private:
    /// Placeholders have none, nor has what is computed of them.
    bool should_have_values(const instruction<T>& y) const
    {
        const auto operands = m_tape.operands(y);
        const auto read =
            y.op->storage == storage_kind::shared ? operands.last(std::min<std::size_t>(operands.size(), 1)) : operands;
        return m_tape.keeps() == recording::values && !leaves<T>::is_placeholder(*y.op) &&
               std::all_of(read.begin(), read.end(), [&](auto i) { return m_tape[i].has_values(); });
    }

    void check_shape(const instruction<T>& y)
    {
        const auto operands = m_tape.operands(y);
        require(!operands.empty(), "has no operands");
        detail::small_buffer<shape_view, 8> shapes(operands.size());
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            shapes[k] = m_tape[operands[k]].shape();
            require(y.op->kind != rule_kind::elementwise || shapes[k] == y.shape(),
                    "is elementwise with operands of another shape");
        }
        if (y.op->shape != nullptr)
        {
            const shape_vector expected = y.op->shape({shapes.begin(), shapes.end()}, y.attributes());
            require(y.shape() == shape_view(expected), "has not the shape of its shape rule");
        }
        if (y.op->storage == storage_kind::shared)
        {
            require(y.size() == m_tape[operands.back()].size(), "shares the storage of an array of another size");
        }
        if (y.op->storage == storage_kind::broadcast)
        {
            require(broadcasts_to(shapes[0], y.shape()), "is not a broadcast of its operand");
        }
    }

    void require(bool holds, const char* complaint) const
    {
        if (!holds)
        {
            const operation<T>* op = m_tape[m_index].op;
            throw error::tape_error("verify", "instruction ", m_index, " (", op != nullptr ? op->name : "?", ") ",
                                    complaint, ".");
        }
    }

    const tape<T>& m_tape;
    std::uint32_t m_index = 0;
};

} // namespace

template <class T>
void verify(const tape<T>& tape)
{
    verifier<T> check(tape);
    for (std::uint32_t index = 0; index < tape.size(); ++index)
    {
        check.check(index);
    }
}

template void verify(const tape<float>&);
template void verify(const tape<double>&);

} // namespace autograd
