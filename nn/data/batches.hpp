#pragma once

#include "autograd/random/legacy_generator.hpp"
#include "nn/data/rows.hpp"
#include "nn/data/stored_rows.hpp"

#include <cstddef>
#include <iterator>
#include <tuple>
#include <type_traits>

namespace nn
{

struct batch_options
{
    std::size_t size;       ///< how many rows a batch has
    bool drop_last = false; ///< whether the last batch is left out if it would have fewer
};

namespace detail
{

/// Throws autograd::error::value_error if batches are to have no rows, shape_error if the arrays' numbers of rows
/// differ.
void require_batches(const std::vector<std::size_t>& row_counts, batch_options options);

/// How many batches that many rows make.
std::size_t batch_count(std::size_t rows, batch_options options);

/// 0, ..., count - 1.
autograd::array<std::int64_t> in_order(std::size_t count);

template <class A>
inline constexpr bool is_named_array = false;
template <class T>
inline constexpr bool is_named_array<autograd::array<T>&> = true;
template <class T>
inline constexpr bool is_named_array<const autograd::array<T>&> = true;
template <class T>
inline constexpr bool is_named_array<stored_rows<T>&> = true;
template <class T>
inline constexpr bool is_named_array<const stored_rows<T>&> = true;

/// An array, in memory or in a file, that lives on after the call: a temporary would be gone when the first batch is
/// made.
template <class A>
concept named_array = is_named_array<A>;

/// One of a list of arrays, wherever its rows are.
template <class T>
class row_source
{
public:
    row_source(const autograd::array<T>& array) : m_array(&array) {}
    template <class Stored>
        requires(std::is_same_v<Stored, stored_rows<T>>)
    row_source(const Stored& rows) : m_rows(&rows) {}

    autograd::shape_vector shape() const
    {
        if constexpr (stored_element<T>)
        {
            if (m_rows != nullptr)
            {
                return m_rows->shape();
            }
        }
        return shape_of(*m_array);
    }
    /// Those whose numbers are in [first, last) of `order`.
    void load(const autograd::array<std::int64_t>& order, std::size_t first, std::size_t last,
              autograd::array<T>& to) const;

private:
    using stored = stored_rows<std::conditional_t<stored_element<T>, T, double>>;

    const autograd::array<T>* m_array = nullptr;
    const stored* m_rows = nullptr;
};

template <class A>
using element_of = typename std::remove_cvref_t<A>::value_type;

template <class A>
std::size_t batch_rows(const A& array)
{
    return row_count("batches", row_source<element_of<A>>(array).shape());
}

/// A batch: the rows of `from` whose numbers are in [first, last) of `order`.
template <class T>
void load_rows(const autograd::array<T>& from, const autograd::array<std::int64_t>& order, std::size_t first,
               std::size_t last, autograd::array<T>& to)
{
    to.resize(with_rows(shape_of(from), last - first));
    copy_rows("batches", from, order, first, last, to);
}
extern template void load_rows(const autograd::array<float>&, const autograd::array<std::int64_t>&, std::size_t,
                               std::size_t, autograd::array<float>&);
extern template void load_rows(const autograd::array<double>&, const autograd::array<std::int64_t>&, std::size_t,
                               std::size_t, autograd::array<double>&);
extern template void load_rows(const autograd::array<std::int64_t>&, const autograd::array<std::int64_t>&, std::size_t,
                               std::size_t, autograd::array<std::int64_t>&);

template <class T>
void row_source<T>::load(const autograd::array<std::int64_t>& order, std::size_t first, std::size_t last,
                         autograd::array<T>& to) const
{
    if constexpr (stored_element<T>)
    {
        if (m_rows != nullptr)
        {
            to = m_rows->read(order, first, last);
            return;
        }
    }
    load_rows(*m_array, order, first, last, to);
}

} // namespace detail

/// The rows of arrays in groups of a few: a range to loop over, once or more often.
///
///     for (const auto& [x, y] : nn::shuffled_batches({64}, stream, images, labels))
///
/// The arrays, or stored_rows of files, are borrowed and must outlive the range. A batch is made when it is reached and
/// is valid until the next.
template <class... T>
class batches
{
public:
    using value_type = std::tuple<autograd::array<T>...>;

    /// Batches of the rows whose numbers `order`, shape (M,), has: all of them in some order, or any others. The arrays
    /// must have names: temporaries do not compile.
    /// Throws as shuffled_batches; and autograd::error::index_error when a batch with a row that is not there is made.
    template <detail::named_array... A>
        requires(std::is_same_v<std::tuple<detail::element_of<A>...>, std::tuple<T...>>)
    batches(batch_options options, autograd::array<std::int64_t> order, A&&... arrays)
        : m_order(std::move(order)), m_size(options.size), m_arrays(arrays...)
    {
        detail::require_list("batches", detail::shape_of(m_order));
        detail::require_batches({detail::batch_rows(arrays)...}, options);
        m_count = detail::batch_count(m_order.size(), options);
    }

    class iterator
    {
    public:
        using value_type = batches::value_type;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using reference = const value_type&;
        using pointer = const value_type*;

        iterator(const batches& range, std::size_t place) : m_range(&range), m_place(place) { load(); }

        reference operator*() const { return m_batch; }
        pointer operator->() const { return &m_batch; }
        iterator& operator++()
        {
            ++m_place;
            load();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& a, const iterator& b) { return a.m_place == b.m_place; }

    private:
        void load()
        {
            if (m_place < m_range->m_count)
            {
                m_range->load(m_place, 0, m_range->rows(m_place), m_batch);
            }
        }

        const batches* m_range;
        std::size_t m_place;
        value_type m_batch;
    };

    /// The numbers of the rows, batch after batch.
    const autograd::array<std::int64_t>& order() const { return m_order; }
    /// How many batches there are.
    std::size_t size() const { return m_count; }
    /// How many rows batch number `place` < size() has.
    std::size_t rows(std::size_t place) const
    {
        const std::size_t first = place * m_size;
        return std::min(m_size, m_order.size() - first);
    }
    /// Makes the rows `first` to before `last` of batch number `place`: a process that needs no others makes no others.
    void load(std::size_t place, std::size_t first, std::size_t last, value_type& to) const
    {
        load(place * m_size + first, place * m_size + last, to, std::index_sequence_for<T...>());
    }
    iterator begin() const { return {*this, 0}; }
    iterator end() const { return {*this, m_count}; }

private:
    template <std::size_t... I>
    void load(std::size_t first, std::size_t last, value_type& batch, std::index_sequence<I...>) const
    {
        (std::get<I>(m_arrays).load(m_order, first, last, std::get<I>(batch)), ...);
    }

    autograd::array<std::int64_t> m_order;
    std::size_t m_size;
    std::tuple<detail::row_source<T>...> m_arrays;
    std::size_t m_count = 0;
};
template <detail::named_array... A>
batches(batch_options, autograd::array<std::int64_t>, A&&...) -> batches<detail::element_of<A>...>;

/// Batches of the rows in random order: draws one permutation of them, as `stream.permutation(rows)` does. All arrays
/// have the same number of rows and are taken by the same ones. Call it anew for each epoch.
///
/// Throws autograd::error::value_error if a batch is to have no rows, shape_error unless all arrays have the same
/// number of rows; the stream is then where it was.
template <detail::named_array... A>
    requires(sizeof...(A) > 0)
batches<detail::element_of<A>...> shuffled_batches(batch_options options, autograd::random::legacy_generator& stream,
                                                   A&&... arrays)
{
    const std::vector<std::size_t> rows{detail::batch_rows(arrays)...};
    detail::require_batches(rows, options);
    return {options, stream.permutation(rows.front()), arrays...};
}

/// Batches of the rows as they come, to evaluate with. Throws as shuffled_batches.
template <detail::named_array... A>
    requires(sizeof...(A) > 0)
batches<detail::element_of<A>...> batches_in_order(batch_options options, A&&... arrays)
{
    const std::vector<std::size_t> rows{detail::batch_rows(arrays)...};
    return {options, detail::in_order(rows.front()), arrays...};
}

} // namespace nn
