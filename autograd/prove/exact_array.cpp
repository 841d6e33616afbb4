#include "autograd/prove/exact_array.hpp"

#include <algorithm>

namespace autograd::prove
{

exact_array::exact_array(const shape_vector& shape)
    : numbers(element_count(shape)),
      errors(numbers.size()),
      m_shape(shape),
      m_size(numbers.size()),
      m_high(levels_in_use::count()),
      m_a(m_high * m_size)
{
}

exact exact_array::get(std::size_t i) const
{
    exact value;
    value.value.set_levels(m_low, m_high);
    for (std::size_t level = m_low; level < m_high; ++level)
    {
        value.value.set(level, {m_a[level * m_size + i], m_b.empty() ? 0 : m_b[level * m_size + i]});
        if (has_torsion())
        {
            value.value.set_torsion(level, m_torsion[level * m_size + i]);
        }
    }
    value.value.set_degree(m_degree);
    value.number = {numbers[i], errors[i]};
    value.constant = m_constant;
    return value;
}

void exact_array::set(std::size_t i, const exact& x)
{
    numbers[i] = x.number.value;
    errors[i] = x.number.error;
    m_constant = m_constant && x.constant;
    m_low = std::max(m_low, x.value.low());
    m_high = std::min(m_high, x.value.high());
    for (std::size_t level = x.value.low(); level < x.value.high(); ++level)
    {
        const scalar& residue = x.value.at(level);
        m_a[level * m_size + i] = residue.a;
        if (residue.b != 0)
        {
            extend();
        }
        if (extended())
        {
            m_b[level * m_size + i] = residue.b;
        }
        if (x.value.torsion(level) != 0)
        {
            add_torsion();
        }
        if (has_torsion())
        {
            m_torsion[level * m_size + i] = x.value.torsion(level);
        }
    }
    const degree& d = x.value.its_degree();
    m_degree = {std::max(m_degree.numerator, d.numerator), std::max(m_degree.denominator, d.denominator),
                std::max(m_degree.inside, d.inside)};
}

void exact_array::extend()
{
    m_b.resize(m_a.size());
}

void exact_array::add_torsion()
{
    m_torsion.resize(m_a.size());
}

void exact_array::set_levels(std::size_t low, std::size_t high)
{
    if (low >= high)
    {
        throw needs_a_level();
    }
    m_low = low;
    m_high = high;
}

exact_array exact_array::reshaped(const shape_vector& shape) const
{
    exact_array result = *this;
    result.m_shape = shape;
    return result;
}

namespace
{

/// The place in an array of shape `from` of each element of one of shape `to`.
std::vector<std::size_t> places(shape_view from, shape_view to)
{
    std::vector<std::size_t> result(1, 0);
    std::size_t stride = 1;
    // From the last axis on: what was found so far is repeated for each position along the next axis.
    for (std::size_t axis = to.size(); axis-- > 0;)
    {
        const std::size_t behind = to.size() - axis;
        const std::size_t extent = behind <= from.size() ? from[from.size() - behind] : 1;
        std::vector<std::size_t> next;
        next.reserve(result.size() * to[axis]);
        for (std::size_t k = 0; k < to[axis]; ++k)
        {
            const std::size_t shift = extent == 1 ? 0 : k * stride;
            std::transform(result.begin(), result.end(), std::back_inserter(next),
                           [shift](std::size_t place) { return place + shift; });
        }
        result = std::move(next);
        stride *= extent;
    }
    return result;
}

} // namespace

exact_array exact_array::broadcast(const shape_vector& shape) const
{
    exact_array result = *this;
    const std::vector<std::size_t> from = places(m_shape, shape);
    const auto repeat = [&](const auto& values, auto& repeated)
    {
        const std::size_t rows = m_size == 0 ? 0 : values.size() / m_size;
        repeated.clear();
        repeated.reserve(rows * from.size());
        for (std::size_t row = 0; row < rows; ++row)
        {
            std::transform(from.begin(), from.end(), std::back_inserter(repeated),
                           [&](std::size_t place) { return values[row * m_size + place]; });
        }
    };
    repeat(m_a, result.m_a);
    repeat(m_b, result.m_b);
    repeat(m_torsion, result.m_torsion);
    repeat(numbers, result.numbers);
    repeat(errors, result.errors);
    repeat(integers, result.integers);
    result.m_shape = shape;
    result.m_size = from.size();
    return result;
}

} // namespace autograd::prove
