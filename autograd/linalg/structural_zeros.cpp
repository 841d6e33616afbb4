#include "autograd/linalg/structural_zeros.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/rounding.hpp"

#include <algorithm>
#include <random>

namespace autograd
{

namespace
{

/// Follows structure back, with constants in place of what is not structure. They are random numbers between 1 and 2: a
/// linear operation of them is 0 where it is of all, since terms of such numbers do not cancel.
template <class T>
class structure
{
public:
    variable<T> of(variable<T> x)
    {
        if (m_instructions_left == 0)
        {
            return {};
        }
        --m_instructions_left;
        const recorded<T> y(x.tape(), x.index());
        switch (y.get().op->kind)
        {
        case rule_kind::linear:
            return replayed(y);
        case rule_kind::bilinear:
            return replayed_with_zeros(y);
        default:
            return y.get().op == &description<add_rule, T>::instance ? sum_of(y) : variable<T>();
        }
    }

private:
    /// Operand k by its structure; what is not differentiated tells places, and stays.
    handle<T> operand(const recorded<T>& y, std::size_t k)
    {
        const bool flows =
            y.get().op->is_differentiable(k) && y.tape()[y.operand_index(k)].op->element == element_kind::real;
        if (!flows)
        {
            return y.operand_handle(k);
        }
        const variable<T> known = of(y.operand(k));
        return known.empty() ? numbers(y.tape(), y.operand_shape(k)) : known;
    }

    variable<T> replayed(const recorded<T>& y)
    {
        std::vector<handle<T>> operands;
        for (std::size_t k = 0; k < y.operand_count(); ++k)
        {
            operands.push_back(operand(y, k));
        }
        return abs(y.again(operands));
    }

    variable<T> replayed_with_zeros(const recorded<T>& y)
    {
        const variable<T> left = of(y.operand(0));
        const variable<T> right = of(y.operand(1));
        if (left.empty() && right.empty())
        {
            return {};
        }
        const handle<T> operands[] = {left.empty() ? numbers(y.tape(), y.operand_shape(0)) : left,
                                      right.empty() ? numbers(y.tape(), y.operand_shape(1)) : right};
        return abs(y.again(operands));
    }

    variable<T> sum_of(const recorded<T>& y)
    {
        const variable<T> left = of(y.operand(0));
        const variable<T> right = left.empty() ? left : of(y.operand(1));
        return right.empty() ? right : left + right;
    }

    variable<T> numbers(tape<T>& tape, shape_view shape)
    {
        array<T> result = array<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
        constexpr auto range = static_cast<double>(std::minstd_rand::max()) + 1;
        std::generate(result.data(), result.data() + result.size(),
                      [this] { return static_cast<T>(1 + static_cast<double>(m_generator()) / range); });
        return tape.constant(result);
    }

    std::size_t m_instructions_left = 32;
    std::minstd_rand m_generator;
};

} // namespace

template <class T>
variable<T> detail::structure_of(variable<T> x)
{
    return structure<T>().of(x);
}

template variable<float> detail::structure_of(variable<float>);
template variable<double> detail::structure_of(variable<double>);

} // namespace autograd
