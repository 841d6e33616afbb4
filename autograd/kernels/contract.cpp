#include "autograd/kernels/contract.hpp"

#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/walk.hpp"
#include "autograd/parallel/ranges.hpp"

#include <algorithm>
#include <utility>

namespace autograd::kernels
{

namespace
{

enum which : std::size_t
{
    left,
    right,
    result,
    arrays
};

/// An axis, or several that are one in each array that has them: by how many elements a step along it moves there.
struct axis
{
    std::size_t extent;
    std::ptrdiff_t step[arrays];
};
constexpr axis no_axis{1, {}};

/// Axes from the outermost to the innermost.
class axes
{
public:
    /// Behind the others; as one with the last of them where each array runs through both in one stride.
    void push_back(const axis& inner)
    {
        if (inner.extent == 1)
        {
            return;
        }
        if (m_size > 0)
        {
            axis& last = m_axes[m_size - 1];
            bool is_one = true;
            for (std::size_t k = 0; k < arrays; ++k)
            {
                is_one = is_one && last.step[k] == inner.step[k] * static_cast<std::ptrdiff_t>(inner.extent);
            }
            if (is_one)
            {
                last.extent *= inner.extent;
                std::copy_n(inner.step, arrays, last.step);
                return;
            }
        }
        m_axes[m_size++] = inner;
    }
    /// Makes one of those that are one in each array now.
    void join()
    {
        const std::size_t size = std::exchange(m_size, 0);
        for (std::size_t k = 0; k < size; ++k)
        {
            push_back(axis(m_axes[k]));
        }
    }
    /// The innermost, which is taken away; one of extent 1 where there is none.
    axis pop_back() { return m_size == 0 ? no_axis : m_axes[--m_size]; }

    std::size_t size() const { return m_size; }
    std::size_t elements() const
    {
        std::size_t count = 1;
        for (const axis& each : *this)
        {
            count *= each.extent;
        }
        return count;
    }
    axis* begin() { return m_axes; }
    axis* end() { return m_axes + m_size; }
    const axis* begin() const { return m_axes; }
    const axis* end() const { return m_axes + m_size; }

private:
    std::size_t m_size = 0;
    axis m_axes[max_dimension];
};

/// The place of each name among several.
class places
{
public:
    static constexpr std::size_t none = 255;

    explicit places(std::string_view names)
    {
        std::fill(std::begin(m_of), std::end(m_of), static_cast<unsigned char>(none));
        for (std::size_t k = 0; k < names.size(); ++k)
        {
            m_of[static_cast<unsigned char>(names[k])] = static_cast<unsigned char>(k);
        }
    }
    std::size_t of(char name) const { return m_of[static_cast<unsigned char>(name)]; }

private:
    unsigned char m_of[256];
};

void get_steps(const array_view& x, std::ptrdiff_t* steps)
{
    std::ptrdiff_t dense = 1;
    for (std::size_t k = x.shape.size(); k-- > 0;)
    {
        steps[k] = x.dense() ? dense : x.strides[k];
        dense *= static_cast<std::ptrdiff_t>(x.shape[k]);
    }
}

/// A matrix as BLAS takes it.
struct stored_matrix
{
    bool is_stored = false; ///< by rows, or by columns where it is transposed, one behind the other
    bool transposed = false;
    std::size_t stride = 0; ///< from one to the next

    stored_matrix(std::size_t rows, std::ptrdiff_t row_step, std::size_t columns, std::ptrdiff_t column_step)
    {
        *this = by_rows(rows, row_step, columns, column_step);
        if (!is_stored)
        {
            *this = by_rows(columns, column_step, rows, row_step);
            transposed = true;
        }
    }

private:
    stored_matrix() = default;
    static stored_matrix by_rows(std::size_t rows, std::ptrdiff_t row_step, std::size_t columns,
                                 std::ptrdiff_t column_step)
    {
        stored_matrix m;
        const auto apart = static_cast<std::ptrdiff_t>(columns);
        m.is_stored = (columns == 1 || column_step == 1) && (rows == 1 || row_step >= apart);
        m.stride = rows == 1 ? columns : static_cast<std::size_t>(row_step);
        return m;
    }
};

/// How a contraction is done: a product of matrices for each place of some loops.
class plan
{
public:
    plan(const contraction& of, const array_view& a, const array_view& b, shape_view y_shape, const void* y)
        : m_views{a, b, {y, y_shape, 0, nullptr}}
    {
        group(of);
        lay_out();
    }

    /// Takes what is laid out in scratch.
    template <class T>
    void take(scratch_memory& scratch)
    {
        for (std::size_t k = 0; k < arrays; ++k)
        {
            m_copies[k] = m_is_copied[k] ? scratch.take<T>(elements_of(static_cast<which>(k))) : nullptr;
        }
    }

    template <class T>
    void run(T* y)
    {
        copy_in<T>(left);
        copy_in<T>(right);
        multiply(m_is_copied[result] ? static_cast<T*>(m_copies[result]) : y);
        if (m_is_copied[result])
        {
            copy_out(y);
        }
    }

private:
    /// Axes of a kind in the order of the array that they are least wanted to move in: y's, and of those that are
    /// summed that of the larger operand. What cannot be one axis of the matrices is looped over.
    void group(const contraction& of)
    {
        std::ptrdiff_t steps[arrays][max_dimension];
        const places places_in[arrays] = {places(of.a), places(of.b), places(of.y)};
        for (std::size_t k = 0; k < arrays; ++k)
        {
            get_steps(m_views[k], steps[k]);
        }
        bool has[arrays];
        const auto find = [&](char name)
        {
            axis found = no_axis;
            for (std::size_t k = 0; k < arrays; ++k)
            {
                const std::size_t place = places_in[k].of(name);
                has[k] = place != places::none;
                if (has[k])
                {
                    found.extent = m_views[k].shape[place];
                    found.step[k] = steps[k][place];
                }
            }
            return found;
        };
        axes rows, columns;
        for (const char name : of.y)
        {
            const axis found = find(name);
            (!has[right] ? rows : !has[left] ? columns : m_loops).push_back(found);
        }
        for (const char name : m_views[left].size >= m_views[right].size ? of.a : of.b)
        {
            const axis found = find(name);
            if (!has[result])
            {
                m_inner.push_back(found);
            }
        }
        m_rows = rows.pop_back();
        m_columns = columns.pop_back();
        for (const axes* kind : {&rows, &columns})
        {
            std::for_each(kind->begin(), kind->end(), [&](const axis& each) { m_loops.push_back(each); });
        }
        m_product = {m_rows.extent, m_columns.extent, m_inner.elements(), false, false};
    }

    /// Finds the arrays that are to be copied, and what their axes are then.
    void lay_out()
    {
        const bool wants_dense = is_small(m_product);
        for (const which k : {left, right, result})
        {
            m_is_copied[k] = !is_fit(k, wants_dense);
        }
        for (const which k : {left, right, result})
        {
            if (m_is_copied[k])
            {
                remember(k);
                make_dense(k);
            }
        }
        m_inner.join(); // one axis now
    }

    /// Whether the summed axes are one in an array.
    bool has_one_inner(which k) const
    {
        for (const axis* each = m_inner.begin(); each + 1 < m_inner.end(); ++each)
        {
            if (each->step[k] != each[1].step[k] * static_cast<std::ptrdiff_t>(each[1].extent))
            {
                return false;
            }
        }
        return true;
    }

    stored_matrix matrix(which k) const
    {
        const std::ptrdiff_t inner = m_inner.size() == 0 ? 0 : (m_inner.end() - 1)->step[k];
        switch (k)
        {
        case left:
            return {m_product.rows, m_rows.step[k], m_product.inner, inner};
        case right:
            return {m_product.inner, inner, m_product.columns, m_columns.step[k]};
        default:
            return {m_product.rows, m_rows.step[k], m_product.columns, m_columns.step[k]};
        }
    }

    bool is_fit(which k, bool wants_dense) const
    {
        if (!has_one_inner(k))
        {
            return false;
        }
        const stored_matrix m = matrix(k);
        const std::size_t rows = k == right ? m_product.inner : m_product.rows;
        const std::size_t columns = k == left ? m_product.inner : m_product.columns;
        const bool is_vector = rows == 1 || columns == 1;
        const bool is_dense = m.stride == (m.transposed ? rows : columns);
        return m.is_stored && (is_dense || !(wants_dense || is_vector));
    }

    /// All axes of an array, as they are when it is dense.
    template <class F>
    void for_each_axis(which k, F f)
    {
        const auto has = [&](const axis& each) { return each.step[k] != 0; };
        std::for_each(m_loops.begin(), m_loops.end(),
                      [&](axis& each)
                      {
                          if (has(each))
                          {
                              f(each);
                          }
                      });
        if (k != right && m_rows.extent != 1)
        {
            f(m_rows);
        }
        if (k != result)
        {
            std::for_each(m_inner.begin(), m_inner.end(), f);
        }
        if (k != left && m_columns.extent != 1)
        {
            f(m_columns);
        }
    }

    std::size_t elements_of(which k)
    {
        std::size_t count = 1;
        for_each_axis(k, [&](const axis& each) { count *= each.extent; });
        return count;
    }

    /// Keeps the shape and the strides by which an array is read, or written, where it is.
    void remember(which k)
    {
        original& of = m_originals[k];
        for_each_axis(k,
                      [&](const axis& each)
                      {
                          of.strides[of.shape.size()] = each.step[k];
                          of.shape.push_back(each.extent);
                      });
    }

    void make_dense(which k)
    {
        auto step = static_cast<std::ptrdiff_t>(elements_of(k));
        for_each_axis(k,
                      [&](axis& each)
                      {
                          step /= static_cast<std::ptrdiff_t>(each.extent);
                          each.step[k] = step;
                      });
    }

    template <class T>
    void copy_in(which k)
    {
        if (m_is_copied[k])
        {
            const original& of = m_originals[k];
            copies<T>->strided({m_views[k].data, of.shape, element_count(of.shape), of.strides},
                               static_cast<T*>(m_copies[k]));
            m_views[k].data = m_copies[k];
        }
    }

    template <class T>
    void copy_out(T* y)
    {
        const original& of = m_originals[result];
        copies<T>->to_strided(static_cast<const T*>(m_copies[result]), of.shape, y, of.strides);
    }

    template <class T>
    void multiply(T* y)
    {
        const stored_matrix of_a = matrix(left);
        const stored_matrix of_b = matrix(right);
        const stored_matrix of_y = matrix(result);
        m_product.transpose_a = of_a.transposed;
        m_product.transpose_b = of_b.transposed;
        const auto& of = m_product;
        const product mirrored{of.columns, of.rows, of.inner, !of_b.transposed, !of_a.transposed};
        for_each_place(
            [&](const std::ptrdiff_t* offsets)
            {
                const T* a = m_views[left].as<T>() + offsets[left];
                const T* b = m_views[right].as<T>() + offsets[right];
                T* c = y + offsets[result];
                if (of_y.transposed)
                {
                    matmul(mirrored, {b, of_b.stride}, {a, of_a.stride}, c, of_y.stride);
                }
                else
                {
                    matmul(of, {a, of_a.stride}, {b, of_b.stride}, c, of_y.stride);
                }
            });
    }

    /// Several threads call f.
    template <class F>
    void for_each_place(const F& f)
    {
        shape_vector extents;
        std::ptrdiff_t steps[arrays][max_dimension];
        for (const axis& each : m_loops)
        {
            for (std::size_t k = 0; k < arrays; ++k)
            {
                steps[k][extents.size()] = each.step[k];
            }
            extents.push_back(each.extent);
        }
        array_view places[arrays];
        for (std::size_t k = 0; k < arrays; ++k)
        {
            places[k] = {nullptr, extents, 0, steps[k]};
        }
        const walk loops(extents, places);
        parallel::for_each_range_of_items(loops.blocks(0), elements_worth(m_product), 1,
                                          [&](std::size_t first, std::size_t last)
                                          { loops.for_each_block(0, first, last, f); });
    }

    struct original
    {
        shape_vector shape;
        std::ptrdiff_t strides[max_dimension];
    };

    array_view m_views[arrays];
    axes m_loops;
    axis m_rows = no_axis;
    axis m_columns = no_axis;
    axes m_inner;
    product m_product{};
    bool m_is_copied[arrays] = {};
    void* m_copies[arrays] = {};
    original m_originals[arrays];
};

/// Where there is nothing to sum over, or nothing to write.
bool is_empty(const array_view& a, const array_view& b, shape_view y_shape)
{
    const auto has_none = [](shape_view shape) { return std::find(shape.begin(), shape.end(), 0u) != shape.end(); };
    return has_none(a.shape) || has_none(b.shape) || has_none(y_shape);
}

} // namespace

template <class T>
void contract(const contraction& of, const array_view& a, const array_view& b, shape_view y_shape, T* y, void* scratch)
{
    if (is_empty(a, b, y_shape))
    {
        std::fill_n(y, element_count(y_shape), T(0));
        return;
    }
    plan how(of, a, b, y_shape, y);
    scratch_memory memory(scratch);
    how.take<T>(memory);
    how.run(y);
}

template <class T>
std::size_t scratch_of_contraction(const contraction& of, const array_view& a, const array_view& b, shape_view y_shape)
{
    // Which arrays are laid out takes as long to find as copies of small ones take: room for each.
    constexpr std::size_t small = std::size_t{1} << 12;
    const std::size_t y_size = element_count(y_shape);
    scratch_memory memory;
    if (std::max({a.size, b.size, y_size}) <= small)
    {
        for (const std::size_t size : {a.size, b.size, y_size})
        {
            memory.take<T>(size);
        }
    }
    else if (!is_empty(a, b, y_shape))
    {
        plan(of, a, b, y_shape, nullptr).take<T>(memory);
    }
    return memory.bytes();
}

template void contract(const contraction&, const array_view&, const array_view&, shape_view, float*, void*);
template void contract(const contraction&, const array_view&, const array_view&, shape_view, double*, void*);
template std::size_t scratch_of_contraction<float>(const contraction&, const array_view&, const array_view&,
                                                   shape_view);
template std::size_t scratch_of_contraction<double>(const contraction&, const array_view&, const array_view&,
                                                    shape_view);

} // namespace autograd::kernels
