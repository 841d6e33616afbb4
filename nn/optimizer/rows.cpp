#include "nn/optimizer/rows.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>

namespace nn::detail
{

using namespace autograd;

namespace
{

/// The rows that parts of a gradient go to, one after the other, counted from 0.
template <class T>
std::vector<std::int64_t> rows_of(const std::vector<autograd::detail::cotangent_of_rows<T>>& parts, std::size_t count)
{
    std::vector<std::int64_t> rows;
    for (const auto& part : parts)
    {
        const std::int64_t* const i = part.i.data();
        std::transform(i, i + part.i.size(), std::back_inserter(rows),
                       [&](std::int64_t row) { return row < 0 ? row + static_cast<std::int64_t>(count) : row; });
    }
    return rows;
}

/// The distinct ones among places from 0 to count - 1, ascending. Each place becomes the number of its one.
std::vector<std::int64_t> numbered(std::vector<std::int64_t>& places, std::size_t count)
{
    std::vector<std::int64_t> distinct;
    if (count / 8 <= places.size()) // a mark for each costs no more than the places do
    {
        constexpr std::int64_t absent = -1;
        std::vector<std::int64_t> numbers(count, absent);
        for (const std::int64_t place : places)
        {
            numbers[static_cast<std::size_t>(place)] = 0;
        }
        for (std::size_t place = 0; place < count; ++place)
        {
            if (numbers[place] != absent)
            {
                numbers[place] = static_cast<std::int64_t>(distinct.size());
                distinct.push_back(static_cast<std::int64_t>(place));
            }
        }
        for (std::int64_t& place : places)
        {
            place = numbers[static_cast<std::size_t>(place)];
        }
        return distinct;
    }
    distinct = places;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (std::int64_t& place : places)
    {
        place = std::lower_bound(distinct.begin(), distinct.end(), place) - distinct.begin();
    }
    return distinct;
}

template <class T>
indices<T> on_tape(tape<T>& tape, const std::vector<std::int64_t>& integers)
{
    return tape.index(xt::adapt(integers.data(), integers.size(), xt::no_ownership(), std::array{integers.size()}));
}

/// What flows into rows, in one array: (rows, ...).
template <class T>
variable<T> joined(const std::vector<autograd::detail::cotangent_of_rows<T>>& parts, shape_view table)
{
    std::vector<variable<T>> lists;
    for (const auto& part : parts)
    {
        shape_vector shape{part.i.size()};
        shape.append(table.slice(1, table.size()));
        lists.push_back(reshape(part.g, shape));
    }
    return lists.size() == 1 ? lists.front() : concatenate(lists, 0);
}

template <class T>
met_rows<T> met(const variable<T>& table, const std::vector<autograd::detail::cotangent_of_rows<T>>& parts)
{
    met_rows<T> result;
    result.table = shape_vector(table.shape());
    std::vector<std::int64_t> places = rows_of(parts, result.table[0]);
    result.rows = numbered(places, result.table[0]);
    result.positions = on_tape(table.tape(), result.rows);
    result.gradients = scatter(joined(parts, result.table), on_tape(table.tape(), places), result.rows.size());
    return result;
}

} // namespace

template <class T>
std::vector<variable<T>> gradients_by_rows(variable<T> loss, std::span<const variable<T>> parameters,
                                           const autograd::detail::wanted_by_rows& wanted, rows_of_step<T>& rows,
                                           location where)
{
    const auto found = autograd::detail::gradient_by_rows<T>(loss, parameters, wanted, unconnected::error, where);
    std::vector<variable<T>> gradients(found.size());
    for (std::size_t k = 0; k < found.size(); ++k)
    {
        gradients[k] = found[k].whole;
        if (!found[k].rows.empty())
        {
            rows.of_parameters.resize(found.size());
            gradients[k] = rows.of_parameters[k].emplace(met(parameters[k], found[k].rows)).gradients;
        }
    }
    return gradients;
}

template <class T>
variable<T> taken_rows(const variable<T>& leaf, const met_rows<T>* rows)
{
    return goes_by_rows(leaf.shape(), rows) ? gather(leaf, rows->positions) : leaf;
}

// ------------------------------------------------------------------------------------------------------------ storing

template <class T>
void new_values<T>::add(std::string_view optimizer, array<T>& to, const variable<T>& from, const met_rows<T>* rows)
{
    const shape_view shape(to.shape().data(), to.shape().size());
    const instruction<T>& next = from.checked("take_step");
    const bool is_by_rows = goes_by_rows(shape, rows);
    if (is_by_rows && !(next.shape() == rows->gradients.shape()))
    {
        throw error::shape_error(optimizer, "it was given rows of shape ", rows->gradients.shape(), " and gave ",
                                 next.shape(), "; a step by rows keeps their shape.");
    }
    if (!is_by_rows && !(next.shape() == shape))
    {
        m_replacements.push_back({&to, values_of(from)});
        return;
    }
    const bool may_be_lent = next.op->kind == rule_kind::leaf || next.op->storage == storage_kind::shared;
    m_changes.push_back({&to, from.data(), next.size(), is_by_rows ? rows : nullptr, may_be_lent});
}

template <class T>
void new_values<T>::copy_what_will_be_overwritten()
{
    // Few are: a parameter that an optimizer keeps, a buffer that takes over what another holds.
    for (change& each : m_changes)
    {
        if (each.may_be_lent && each.from != each.to->data())
        {
            each.from = m_copies.emplace_back(each.from, each.from + each.size).data();
        }
    }
}

template <class T>
void new_values<T>::write(const change& each)
{
    T* const to = each.to->data();
    if (each.rows != nullptr)
    {
        const std::vector<std::int64_t>& rows = each.rows->rows;
        const std::size_t row = rows.empty() ? 0 : each.size / rows.size();
        for (std::size_t k = 0; k < rows.size(); ++k)
        {
            std::copy_n(each.from + k * row, row, to + static_cast<std::size_t>(rows[k]) * row);
        }
    }
    else if (each.from != to)
    {
        std::copy_n(each.from, each.size, to);
    }
}

template <class T>
void new_values<T>::store()
{
    copy_what_will_be_overwritten();
    for (const change& each : m_changes)
    {
        write(each);
    }
    for (replacement& each : m_replacements)
    {
        *each.of = std::move(each.by);
    }
}

#define NN_INSTANTIATE(T)                                                                                              \
    template std::vector<variable<T>> gradients_by_rows(variable<T>, std::span<const variable<T>>,                     \
                                                        const autograd::detail::wanted_by_rows&, rows_of_step<T>&,     \
                                                        location);                                                     \
    template variable<T> taken_rows(const variable<T>&, const met_rows<T>*);                                           \
    template class new_values<T>;

NN_INSTANTIATE(float)
NN_INSTANTIATE(double)

#undef NN_INSTANTIATE

} // namespace nn::detail
