#include "autograd/compile/layout.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/extremum.hpp"
#include "autograd/operations/indexing.hpp"
#include "autograd/operations/linear_algebra.hpp"
#include "autograd/operations/matmul_plus_row.hpp"
#include "autograd/operations/matmul_update.hpp"
#include "autograd/operations/norm.hpp"
#include "autograd/operations/planes.hpp"
#include "autograd/operations/softmax.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>

// The table of operations on transposed operands stands in the middle: before it what it is told in, behind it who
// asks.

namespace autograd
{

namespace detail
{

namespace
{

/// What is tall: so many rows at least, and a few of them for each of at most so many columns.
constexpr std::size_t least_rows = 64;
constexpr std::size_t most_columns = 16;
constexpr std::size_t least_rows_of_column = 4;

/// Products read rows of so many columns as fast as planes.
constexpr std::size_t columns_of_pack = 8;

/// An element that is transposed costs as much as so many gain; but one where so many rows do not stay in the cache,
/// and go through loops over tiles instead.
constexpr std::size_t weight_of_transposed = 6;
constexpr std::size_t rows_in_cache = 4096;

bool is_long(std::size_t rows, std::size_t columns)
{
    return rows >= least_rows && rows >= least_rows_of_column * columns;
}

/// The axes of an array with many rows and few columns, among others of extent 1. One column lies in memory as its
/// transpose does.
struct tall_axes
{
    std::size_t of_rows;
    std::size_t of_columns;

    static std::optional<tall_axes> find(shape_view shape)
    {
        std::size_t axes[2] = {};
        std::size_t count = 0;
        for (std::size_t axis = 0; axis < shape.size() && count <= 2; ++axis)
        {
            if (shape[axis] != 1 && count++ < 2)
            {
                axes[count - 1] = axis;
            }
        }
        const bool is_tall = count == 2 && shape[axes[1]] > 0 && shape[axes[1]] <= most_columns &&
                             is_long(shape[axes[0]], shape[axes[1]]);
        return is_tall ? std::optional(tall_axes{axes[0], axes[1]}) : std::nullopt;
    }

    /// Those of the transpose that are among these: bit a for axis a.
    std::uint32_t exchanged(std::uint32_t axes) const { return (axes >> of_columns & 1) | (axes >> of_rows & 1) << 1; }
};

template <class T>
bool is_tall(const scheduled_value<T>& x)
{
    return x.element == element_kind::real && tall_axes::find(x.shape());
}

/// The shape of the transpose.
shape_vector turned(shape_view shape)
{
    const auto axes = tall_axes::find(shape);
    return axes ? shape_vector{shape[axes->of_columns], shape[axes->of_rows]} : shape_vector{shape[1], shape[0]};
}

/// Whether its layout is chosen: one that repeats another's elements is turned for nothing.
template <class T>
bool has_layout(const scheduled_value<T>& x)
{
    return is_tall(x) && x.strides == nullptr;
}

template <class T>
bool is_column(const scheduled_value<T>& x)
{
    return x.dimension == 2 && x.extents[1] == 1 && x.strides == nullptr;
}

/// Whether it repeats a row, a column or a number, or is a constant: then its transpose does, or is one.
template <class T>
bool is_turned_for_nothing(const schedule<T>& steps, const scheduled_value<T>& x)
{
    if (x.origin != value_origin::shared || x.strides == nullptr || x.op->storage != storage_kind::broadcast)
    {
        return x.origin == value_origin::kept;
    }
    const scheduled_value<T>& source = steps[steps.operands(x)[0]];
    const auto axes = tall_axes::find(x.shape());
    const auto stands = [&](std::ptrdiff_t from_row, std::ptrdiff_t from_column, std::size_t size) {
        return x.strides[axes->of_rows] == from_row && x.strides[axes->of_columns] == from_column &&
               source.size == size;
    };
    return source.strides == nullptr && axes &&
           (stands(0, 0, 1) || stands(0, 1, x.extents[axes->of_columns]) || stands(1, 0, x.extents[axes->of_rows]));
}

template <class Rule, class T>
constexpr const operation<T>* rule = &description<Rule, T>::instance;

template <class A>
const A& attributes_of(const void* attributes)
{
    return *static_cast<const A*>(attributes);
}

// -------------------------------------------------------------------------------------------------- what goes together

/// Tall values that are laid out alike, since there are steps that are made of them as they are: webs.
template <class T>
class webs
{
public:
    webs(const schedule<T>& steps, const std::vector<std::size_t>& constant);

    /// Where gains are more than what is transposed. Marks their values.
    std::vector<transposed_arrays> choose(std::vector<char>& is_chosen);

    /// \name For the table
    /// \{
    const schedule<T>& steps() const { return m_steps; }
    const scheduled_value<T>& operator[](std::uint32_t v) const { return m_steps[v]; }
    std::span<const std::uint32_t> operands(std::uint32_t v) const { return m_steps.operands(m_steps[v]); }
    /// Those of the values that have a layout go together.
    void tie(std::span<const std::uint32_t> values);
    /// So many elements are done better if v is stored transposed.
    void gains(std::uint32_t v, std::size_t elements) { m_gained[v] += elements; }
    /// v is wanted, or made, as it was recorded.
    void stays(std::uint32_t v) { m_stays[v] = 1; }
    /// \}

private:
    std::uint32_t root_of(std::uint32_t v);
    void find_constant(const std::vector<std::size_t>& inputs);
    void relate(std::uint32_t v);

    const schedule<T>& m_steps;
    std::vector<std::uint32_t> m_parent;
    std::vector<std::size_t> m_gained;
    std::vector<char> m_stays;
    std::vector<char> m_constant; ///< of each value: what it is made of is the same in all runs
};

} // namespace

// --------------------------------------------------------------------------------------------- values, laid out anew

/// Puts the values of a schedule one by one, those that were chosen transposed. Values that there were have other
/// numbers than those that are put.
template <class T>
class layouter
{
public:
    layouter(schedule<T>& steps, const std::vector<char>& is_chosen)
        : m_steps(steps), m_is_chosen(is_chosen), m_as_is(is_chosen.size(), none), m_transposed(is_chosen.size(), none)
    {
    }
    void put_all();

    /// \name For the table, of values that there were
    /// \{
    const schedule<T>& steps() const { return m_steps; }
    const scheduled_value<T>& operator[](std::uint32_t v) const { return m_steps[v]; }
    std::span<const std::uint32_t> operands(std::uint32_t v) const { return m_steps.operands(m_steps[v]); }
    bool is_chosen(std::uint32_t v) const { return m_is_chosen[v] != 0; }
    /// What v is now: as it was recorded, or its transpose. Where it is stored otherwise, it is transposed in a step.
    std::uint32_t as_is(std::uint32_t v);
    std::uint32_t transposed(std::uint32_t v);
    /// As it is stored.
    std::uint32_t stored(std::uint32_t v) { return is_chosen(v) ? transposed(v) : as_is(v); }
    /// \}

    /// \name For the table: these put, and return the number of what they have put
    /// \{
    /// A step, recorded where `like` was.
    std::uint32_t step(const operation<T>* op, const scheduled_value<T>& like, const shape_vector& shape,
                       std::span<const std::uint32_t> operands, const void* attributes = nullptr);
    /// The elements of what was put, which are dense, in another shape.
    std::uint32_t reshaped(std::uint32_t put, const shape_vector& shape);
    /// Repeated to a matrix: a row, a column, or one number.
    std::uint32_t repeated(std::uint32_t put, const shape_vector& shape);
    /// Planes of 1 where labels are of their class and 0 elsewhere. Labels are read, and refused, once.
    std::uint32_t planes_of_classes(std::uint32_t labels, const planes_of_classes_rule::attributes& of,
                                    const scheduled_value<T>& like);
    template <class A>
    const A* attributes(const A& something)
    {
        static_assert(std::is_trivially_destructible_v<A>);
        return ::new (m_steps.m_memory.allocate(sizeof(A))) A(something);
    }
    /// \}

private:
    std::uint32_t append(scheduled_value<T> y, std::span<const std::uint32_t> operands);
    void set_shape(scheduled_value<T>& y, const shape_vector& shape);
    std::uint32_t copied(std::uint32_t v);
    std::uint32_t turned_value(std::uint32_t v);
    std::uint32_t transposition(std::uint32_t put, const scheduled_value<T>& like);
    std::uint32_t turned_constant(scheduled_value<T> x);

    schedule<T>& m_steps;
    const std::vector<char>& m_is_chosen;
    std::vector<std::uint32_t> m_as_is;      ///< of each value that there was, or none
    std::vector<std::uint32_t> m_transposed; ///< of each value that there was, or none
    std::vector<scheduled_value<T>> m_values;
    std::vector<std::uint32_t> m_operands;
    std::map<std::tuple<std::uint32_t, std::size_t, bool>, std::uint32_t> m_planes; ///< of labels, by how they count
};

// ---------------------------------------------------------------------------------------------------------- the table

namespace
{

/// What an operation is on transposed operands. Where there is no form, operands and result stay as they were recorded.
template <class T>
struct form
{
    bool (*applies)(const schedule<T>& steps, const scheduled_value<T>& y);
    /// Tells which values go together for it, and what gains by that.
    void (*relate)(webs<T>& in, std::uint32_t v);
    /// Puts what makes v, where it or an operand is stored transposed: v as it is to be stored.
    std::uint32_t (*put)(layouter<T>& in, std::uint32_t v);
};

// ---- element by element: the operation on the transposes

/// Not of one that may refuse, and tells where.
template <class T>
bool are_tall(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const auto operands = steps.operands(y);
    return is_tall(y) && !y.op->throws &&
           std::all_of(operands.begin(), operands.end(),
                       [&](std::uint32_t k)
                       {
                           const scheduled_value<T>& x = steps[k];
                           return x.shape() == y.shape() && (has_layout(x) || is_turned_for_nothing(steps, x));
                       });
}

/// It is done along rows either way, but for what is repeated.
template <class T>
void relate_elements(webs<T>& in, std::uint32_t v)
{
    const auto operands = in.operands(v);
    std::vector<std::uint32_t> all(operands.begin(), operands.end());
    all.push_back(v);
    in.tie(all);
    const bool repeats = std::any_of(operands.begin(), operands.end(),
                                     [&](std::uint32_t k) { return in[k].strides != nullptr && !in[k].is_single(); });
    in.gains(v, repeats ? in[v].size : 0);
}

template <class T>
std::uint32_t put_on_transposes(layouter<T>& in, std::uint32_t v, const void* attributes)
{
    std::vector<std::uint32_t> operands;
    for (const std::uint32_t operand : in.operands(v))
    {
        operands.push_back(in.transposed(operand));
    }
    return in.step(in[v].op, in[v], turned(in[v].shape()), operands, attributes);
}

template <class T>
std::uint32_t put_elements(layouter<T>& in, std::uint32_t v)
{
    return put_on_transposes(in, v, in[v].attributes);
}

// ---- along one axis, or over some: along the others

template <class T>
void relate_lines(webs<T>& in, std::uint32_t v)
{
    relate_elements(in, v);
    in.gains(v, in[v].size);
}

/// Those of the transpose of an operand.
std::uint32_t exchanged_axes(shape_view operand, const void* attributes)
{
    return tall_axes::find(operand)->exchanged(attributes_of<reduced_axes>(attributes).axes);
}

template <class T>
bool are_tall_lines(const schedule<T>& steps, const scheduled_value<T>& y)
{
    return are_tall(steps, y) && exchanged_axes(y.shape(), y.attributes) != 0;
}

template <class T>
std::uint32_t put_lines(layouter<T>& in, std::uint32_t v)
{
    return put_on_transposes(in, v, in.attributes(reduced_axes{exchanged_axes(in[v].shape(), in[v].attributes), true}));
}

template <class T>
bool reduces_tall(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const scheduled_value<T>& x = steps[steps.operands(y)[0]];
    return has_layout(x) && exchanged_axes(x.shape(), y.attributes) != 0;
}

template <class T>
void relate_reduction(webs<T>& in, std::uint32_t v)
{
    const std::uint32_t x = in.operands(v)[0];
    in.gains(x, in[x].size);
}

template <class T>
std::uint32_t put_reduction(layouter<T>& in, std::uint32_t v)
{
    const scheduled_value<T>& y = in[v];
    const scheduled_value<T>& x = in[in.operands(v)[0]];
    const reduced_axes axes{exchanged_axes(x.shape(), y.attributes), false};
    const std::array operands{in.transposed(in.operands(v)[0])};
    return in.reshaped(in.step(y.op, y, reduced_shape(turned(x.shape()), axes), operands, in.attributes(axes)),
                       shape_vector(y.shape()));
}

/// That of all is one of those along the rows: a loop that has planes in hand makes these, too.
template <class T>
std::uint32_t put_sum(layouter<T>& in, std::uint32_t v)
{
    const scheduled_value<T>& y = in[v];
    const scheduled_value<T>& x = in[in.operands(v)[0]];
    if (exchanged_axes(x.shape(), y.attributes) != 0b11)
    {
        return put_reduction(in, v);
    }
    const std::array planes{in.transposed(in.operands(v)[0])};
    const std::array rows{in.step(y.op, y, {turned(x.shape())[0]}, planes, in.attributes(reduced_axes{0b10, false}))};
    return in.reshaped(in.step(y.op, y, {}, rows, in.attributes(reduced_axes{0b1, false})), shape_vector(y.shape()));
}

// ---- products of matrices: of planes, if all extents but one are short; else with other flags

/// op(a) op(b)
struct matrix_product
{
    std::uint32_t a;
    std::uint32_t b;
    bool transpose_a;
    bool transpose_b;
    std::uint32_t row; ///< that is added to each, or none
    std::size_t terms;

    template <class T>
    matrix_product(const schedule<T>& steps, const scheduled_value<T>& y)
        : a(steps.operands(y)[0]), b(steps.operands(y)[1]), row(y.operand_count > 2 ? steps.operands(y)[2] : none)
    {
        const auto& flags = attributes_of<matmul_rule::attributes>(y.attributes);
        transpose_a = flags.transpose_a;
        transpose_b = flags.transpose_b;
        terms = steps[a].extents[transpose_a ? 0 : 1];
    }
};

/// Whether the long side is that of the rows of the result: its transpose is op(b)^T op(a)^T, a product of planes.
template <class T>
bool is_of_planes(const matrix_product& of, const scheduled_value<T>& y)
{
    return of.terms > 0 && of.terms <= most_columns && y.extents[1] > 0 && y.extents[1] <= most_columns &&
           is_long(y.extents[0], std::max(of.terms, y.extents[1]));
}

/// Whether it is that of the sums: op(a) op(b) are the dots of planes of op(a) and op(b)^T.
template <class T>
bool is_of_dots(const matrix_product& of, const scheduled_value<T>& y)
{
    return of.row == none && y.size > 0 && y.extents[0] <= most_columns && y.extents[1] <= most_columns &&
           is_long(of.terms, std::max(y.extents[0], y.extents[1]));
}

template <class T>
bool is_of_matrices(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const auto operands = steps.operands(y);
    return y.dimension == 2 &&
           std::all_of(operands.begin(), operands.end(), [&](std::uint32_t k) { return steps[k].strides == nullptr; });
}

/// A factor whose planes are its columns: it goes together with the others.
template <class T>
void relate_product(webs<T>& in, std::uint32_t v)
{
    const matrix_product of(in.steps(), in[v]);
    std::vector<std::uint32_t> tied;
    if (is_of_planes(of, in[v]))
    {
        tied.push_back(v);
        of.transpose_a ? void() : tied.push_back(of.a);
    }
    else if (is_of_dots(of, in[v]))
    {
        of.transpose_a ? tied.push_back(of.a) : void();
        of.transpose_b ? void() : tied.push_back(of.b);
    }
    in.tie(tied);
    for (const std::uint32_t x : tied)
    {
        in.gains(x, in[x].shape().back() < columns_of_pack ? in[x].size : 0);
    }
}

template <class T>
std::uint32_t put_product_of_planes(layouter<T>& in, std::uint32_t v, const matrix_product& of)
{
    const shape_vector shape(in[v].shape());
    std::vector operands{in.as_is(of.b), of.transpose_a ? in.as_is(of.a) : in.transposed(of.a)};
    if (of.row != none)
    {
        operands.push_back(in.as_is(of.row));
    }
    const std::uint32_t product = in.step(rule<product_of_planes_rule, T>, in[v], turned(shape), operands,
                                          in.attributes(product_of_planes_rule::attributes{!of.transpose_b}));
    return in.is_chosen(v) ? product : in.reshaped(product, shape);
}

template <class T>
std::uint32_t put_matrix_product(layouter<T>& in, std::uint32_t v, const matrix_product& of)
{
    const bool transpose_a = of.transpose_a != in.is_chosen(of.a);
    const bool transpose_b = of.transpose_b != in.is_chosen(of.b);
    if (!in.is_chosen(v))
    {
        std::vector operands{in.stored(of.a), in.stored(of.b)};
        if (of.row != none)
        {
            operands.push_back(in.as_is(of.row));
        }
        return in.step(in[v].op, in[v], shape_vector(in[v].shape()), operands,
                       in.attributes(matmul_rule::attributes{transpose_a, transpose_b}));
    }
    const shape_vector shape = turned(in[v].shape());
    const std::array factors{in.stored(of.b), in.stored(of.a)};
    const std::uint32_t product = in.step(rule<matmul_rule, T>, in[v], shape, factors,
                                          in.attributes(matmul_rule::attributes{!transpose_b, !transpose_a}));
    if (of.row == none)
    {
        return product;
    }
    const std::array terms{product, in.repeated(in.reshaped(in.as_is(of.row), {shape[0], 1}), shape)};
    return in.step(rule<add_rule, T>, in[v], shape, terms);
}

template <class T>
std::uint32_t put_product(layouter<T>& in, std::uint32_t v)
{
    const matrix_product of(in.steps(), in[v]);
    if (is_of_planes(of, in[v]))
    {
        return put_product_of_planes(in, v, of);
    }
    if (is_of_dots(of, in[v]))
    {
        const std::array planes{of.transpose_a ? in.transposed(of.a) : in.as_is(of.a),
                                of.transpose_b ? in.as_is(of.b) : in.transposed(of.b)};
        return in.step(rule<dots_of_planes_rule, T>, in[v], shape_vector(in[v].shape()), planes);
    }
    return put_matrix_product(in, v, of);
}

/// A product that is added to a matrix: with other flags.
template <class T>
bool is_update(const schedule<T>& steps, const scheduled_value<T>& y)
{
    return is_of_matrices(steps, y) && !is_tall(y);
}

template <class T>
void relate_update(webs<T>&, std::uint32_t)
{
}

template <class T>
std::uint32_t put_update(layouter<T>& in, std::uint32_t v)
{
    auto how = attributes_of<matmul_update_rule::attributes>(in[v].attributes);
    const auto of = in.operands(v);
    how.flags.transpose_a = how.flags.transpose_a != in.is_chosen(of[1]);
    how.flags.transpose_b = how.flags.transpose_b != in.is_chosen(of[2]);
    std::vector<std::uint32_t> operands;
    for (const std::uint32_t operand : of)
    {
        operands.push_back(in.stored(operand));
    }
    return in.step(in[v].op, in[v], shape_vector(in[v].shape()), operands, in.attributes(how));
}

// ---- one element of each row, by labels: of planes, those whose class it is

/// Whether there is one label for each row.
template <class T>
bool are_labels(const scheduled_value<T>& labels, std::size_t rows)
{
    return labels.strides == nullptr && labels.dimension == 2 && labels.extents[0] == rows && labels.extents[1] == 1;
}

template <class T>
bool takes_by_label(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const scheduled_value<T>& x = steps[steps.operands(y)[0]];
    return has_layout(x) && x.dimension == 2 && attributes_of<along_axis>(y.attributes).axis == 1 &&
           are_labels(steps[steps.operands(y)[1]], x.extents[0]);
}

template <class T>
std::uint32_t put_take(layouter<T>& in, std::uint32_t v)
{
    const auto [x, labels] = std::pair(in.operands(v)[0], in.operands(v)[1]);
    const auto [rows, classes] = std::pair(in[x].extents[0], in[x].extents[1]);
    const std::array operands{
        in.planes_of_classes(labels, {classes, planes_of_classes_rule::reader::take_along_axis}, in[v]),
        in.transposed(x)};
    return in.reshaped(in.step(rule<chosen_of_planes_rule, T>, in[v], {rows}, operands), {rows, 1});
}

template <class T>
bool scatters_by_label(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const scheduled_value<T>& updates = steps[steps.operands(y)[0]];
    return is_tall(y) && y.dimension == 2 && attributes_of<along_new_axis>(y.attributes).axis == 1 &&
           is_column(updates) && are_labels(steps[steps.operands(y)[1]], y.extents[0]);
}

template <class T>
void relate_made(webs<T>& in, std::uint32_t v)
{
    in.gains(v, in[v].size);
}

template <class T>
std::uint32_t put_scatter(layouter<T>& in, std::uint32_t v)
{
    const shape_vector shape = turned(in[v].shape());
    const std::array operands{
        in.planes_of_classes(in.operands(v)[1], {shape[0], planes_of_classes_rule::reader::scatter_along_axis}, in[v]),
        in.reshaped(in.as_is(in.operands(v)[0]), {shape[1]})};
    return in.step(rule<placed_in_planes_rule, T>, in[v], shape, operands);
}

/// The classes are the last axis.
template <class T>
bool makes_tall(const schedule<T>&, const scheduled_value<T>& y)
{
    return is_tall(y) && tall_axes::find(y.shape())->of_columns + 1 == y.dimension;
}

template <class T>
std::uint32_t put_one_hot(layouter<T>& in, std::uint32_t v)
{
    return in.planes_of_classes(in.operands(v)[0], {in[v].shape().back(), planes_of_classes_rule::reader::one_hot},
                                in[v]);
}

// ---- transposed: where it is

template <class T>
bool transposes_tall(const schedule<T>& steps, const scheduled_value<T>& y)
{
    const scheduled_value<T>& x = steps[steps.operands(y)[0]];
    return has_layout(x) && x.dimension == 2 && y.extents[0] == x.extents[1];
}

template <class T>
std::uint32_t put_transposition(layouter<T>& in, std::uint32_t v)
{
    return in.transposed(in.operands(v)[0]);
}

template <class T>
const std::unordered_map<const operation<T>*, form<T>>& table()
{
    static const form<T> lines{&are_tall_lines<T>, &relate_lines<T>, &put_lines<T>};
    static const form<T> reduction{&reduces_tall<T>, &relate_reduction<T>, &put_reduction<T>};
    static const form<T> product{&is_of_matrices<T>, &relate_product<T>, &put_product<T>};
    static const std::unordered_map<const operation<T>*, form<T>> forms{
        {rule<softmax_rule, T>, lines},
        {rule<log_softmax_rule, T>, lines},
        {rule<logsumexp_slope_rule, T>, lines},
        {rule<softmax_deviation_rule, T>, lines},
        {rule<log_softmax_slope_rule, T>, lines},
        {rule<softmax_slope_rule, T>, lines},
        {rule<sum_rule, T>, {&reduces_tall<T>, &relate_reduction<T>, &put_sum<T>}},
        {rule<prod_rule, T>, reduction},
        {rule<extremum_rule<1>, T>, reduction},
        {rule<extremum_rule<-1>, T>, reduction},
        {rule<logsumexp_rule, T>, reduction},
        {rule<norm_sq_rule, T>, reduction},
        {rule<norm_l2_rule, T>, reduction},
        {rule<matmul_rule, T>, product},
        {rule<matmul_plus_row_rule, T>, product},
        {rule<matmul_update_rule, T>, {&is_update<T>, &relate_update<T>, &put_update<T>}},
        {rule<take_along_axis_rule, T>, {&takes_by_label<T>, &relate_reduction<T>, &put_take<T>}},
        {rule<scatter_along_axis_rule, T>, {&scatters_by_label<T>, &relate_made<T>, &put_scatter<T>}},
        {rule<one_hot_rule, T>, {&makes_tall<T>, &relate_made<T>, &put_one_hot<T>}},
        {rule<transpose_rule, T>, {&transposes_tall<T>, &relate_reduction<T>, &put_transposition<T>}},
    };
    return forms;
}

template <class T>
const form<T>* form_of(const schedule<T>& steps, const scheduled_value<T>& y)
{
    static const form<T> elements{&are_tall<T>, &relate_elements<T>, &put_elements<T>};
    if (y.origin != value_origin::computed)
    {
        return nullptr;
    }
    const auto found = table<T>().find(y.op);
    const form<T>* const known = y.op->kind == rule_kind::elementwise ? &elements
                                 : found != table<T>().end()          ? &found->second
                                                                      : nullptr;
    return known != nullptr && known->applies(steps, y) ? known : nullptr;
}

/// Whether it is another array with axes of extent 1 elsewhere, or none.
template <class T>
bool is_same_matrix(const schedule<T>& steps, const scheduled_value<T>& y)
{
    if (y.origin != value_origin::shared || !has_layout(y))
    {
        return false;
    }
    const scheduled_value<T>& x = steps[steps.operands(y)[0]];
    return has_layout(x) && turned(x.shape()) == turned(y.shape());
}

// ------------------------------------------------------------------------------------------------------------- choice

template <class T>
webs<T>::webs(const schedule<T>& steps, const std::vector<std::size_t>& constant)
    : m_steps(steps), m_parent(steps.values().size()), m_gained(m_parent.size(), 0), m_stays(m_parent.size(), 0)
{
    std::iota(m_parent.begin(), m_parent.end(), 0U);
    find_constant(constant);
    for (std::uint32_t v = 0; v < m_parent.size(); ++v)
    {
        relate(v);
    }
    for (const std::uint32_t output : m_steps.outputs())
    {
        stays(output);
    }
}

template <class T>
void webs<T>::find_constant(const std::vector<std::size_t>& inputs)
{
    m_constant.assign(m_parent.size(), 0);
    for (std::uint32_t v = 0; v < m_parent.size(); ++v)
    {
        const auto of = operands(v);
        m_constant[v] = m_steps[v].origin == value_origin::given
                            ? std::find(inputs.begin(), inputs.end(), v) != inputs.end()
                            : std::all_of(of.begin(), of.end(), [&](std::uint32_t k) { return m_constant[k] != 0; });
    }
}

template <class T>
std::uint32_t webs<T>::root_of(std::uint32_t v)
{
    while (m_parent[v] != v)
    {
        v = m_parent[v] = m_parent[m_parent[v]];
    }
    return v;
}

template <class T>
void webs<T>::tie(std::span<const std::uint32_t> values)
{
    std::uint32_t first = none;
    for (const std::uint32_t v : values)
    {
        if (has_layout(m_steps[v]))
        {
            first = first == none ? root_of(v) : first;
            m_parent[root_of(v)] = first;
        }
    }
}

template <class T>
void webs<T>::relate(std::uint32_t v)
{
    if (const form<T>* const known = form_of(m_steps, m_steps[v]))
    {
        known->relate(*this, v);
        return;
    }
    if (is_same_matrix(m_steps, m_steps[v]))
    {
        tie(std::array{operands(v)[0], v});
        return;
    }
    const bool is_copy = m_steps[v].origin == value_origin::laid_out;
    m_stays[v] = !is_turned_for_nothing(m_steps, m_steps[is_copy ? operands(v)[0] : v]);
    for (const std::uint32_t operand : operands(v))
    {
        stays(operand);
    }
}

template <class T>
std::vector<transposed_arrays> webs<T>::choose(std::vector<char>& is_chosen)
{
    std::map<std::uint32_t, transposed_arrays> all;
    for (std::uint32_t v = 0; v < m_parent.size(); ++v)
    {
        if (const scheduled_value<T>& x = m_steps[v]; has_layout(x))
        {
            const std::size_t rows = turned(x.shape())[1];
            transposed_arrays& web = all.try_emplace(root_of(v), transposed_arrays{rows, 0, 0, 0}).first->second;
            web.arrays += x.is_step();
            web.gained += m_gained[v];
            web.transposed += m_stays[v] && !m_constant[v] ? x.size : 0;
        }
    }
    std::erase_if(all,
                  [](const auto& each)
                  {
                      const transposed_arrays& web = each.second;
                      const std::size_t weight = web.rows < rows_in_cache ? weight_of_transposed : 1;
                      return web.gained <= weight * web.transposed;
                  });
    std::vector<transposed_arrays> result;
    for (const auto& [root, web] : all)
    {
        result.push_back(web);
    }
    for (std::uint32_t v = 0; v < m_parent.size(); ++v)
    {
        is_chosen[v] = has_layout(m_steps[v]) && all.count(root_of(v)) > 0;
    }
    return result;
}

} // namespace

// --------------------------------------------------------------------------------------------------------------- steps

/// Inputs stay where they are. What shares elements, or repeats or keeps them, is put where it is read.
template <class T>
void layouter<T>::put_all()
{
    for (std::uint32_t v = 0; v < m_is_chosen.size(); ++v)
    {
        const scheduled_value<T>& y = m_steps[v];
        if (y.origin != value_origin::given && y.origin != value_origin::computed)
        {
            continue;
        }
        const auto of = operands(v);
        const form<T>* const known = form_of(m_steps, y);
        const bool is_other =
            is_chosen(v) || std::any_of(of.begin(), of.end(), [&](std::uint32_t k) { return is_chosen(k); });
        if (known != nullptr && is_other)
        {
            const std::uint32_t made = known->put(*this, v);
            (is_chosen(v) ? m_transposed : m_as_is)[v] = made;
        }
        else
        {
            m_as_is[v] = copied(v);
        }
    }
    std::vector<std::uint32_t> outputs;
    for (const std::uint32_t output : m_steps.m_outputs)
    {
        outputs.push_back(as_is(output));
    }
    m_steps.m_outputs = std::move(outputs);
    m_steps.m_values = std::move(m_values);
    m_steps.m_operands = std::move(m_operands);
}

template <class T>
std::uint32_t layouter<T>::as_is(std::uint32_t v)
{
    if (m_as_is[v] == none)
    {
        m_as_is[v] = m_steps[v].origin != value_origin::computed
                         ? copied(v)
                         : reshaped(transposition(m_transposed[v], m_steps[v]), shape_vector(m_steps[v].shape()));
    }
    return m_as_is[v];
}

template <class T>
std::uint32_t layouter<T>::transposed(std::uint32_t v)
{
    if (m_transposed[v] == none)
    {
        m_transposed[v] = turned_value(v);
    }
    return m_transposed[v];
}

template <class T>
std::uint32_t layouter<T>::turned_value(std::uint32_t v)
{
    const scheduled_value<T>& x = m_steps[v];
    const shape_vector shape = turned(x.shape());
    if (is_column(x))
    {
        return reshaped(as_is(v), shape);
    }
    if (x.origin == value_origin::kept)
    {
        return turned_constant(x);
    }
    if (is_same_matrix(m_steps, x))
    {
        return transposed(operands(v)[0]);
    }
    if (is_turned_for_nothing(m_steps, x))
    {
        const std::uint32_t source = as_is(operands(v)[0]);
        const std::size_t count = m_values[source].size;
        return repeated(reshaped(source, count == 1          ? shape_vector{1, 1}
                                         : count == shape[0] ? shape_vector{count, 1}
                                                             : shape_vector{1, count}),
                        shape);
    }
    if (x.origin == value_origin::laid_out && is_turned_for_nothing(m_steps, m_steps[operands(v)[0]]))
    {
        scheduled_value<T> y = x;
        set_shape(y, shape);
        return append(y, std::array{transposed(operands(v)[0])});
    }
    return transposition(reshaped(as_is(v), {shape[1], shape[0]}), x);
}

template <class T>
std::uint32_t layouter<T>::transposition(std::uint32_t put, const scheduled_value<T>& like)
{
    const shape_view shape = m_values[put].shape();
    return step(rule<transpose_rule, T>, like, {shape[1], shape[0]}, std::array{put}, attributes(reversed_axes(2)));
}

template <class T>
std::uint32_t layouter<T>::turned_constant(scheduled_value<T> x)
{
    const shape_vector shape = turned(x.shape());
    if (x.strides != nullptr)
    {
        auto* const strides = m_steps.m_memory.template allocate_array<std::ptrdiff_t>(2);
        const auto axes = tall_axes::find(x.shape());
        strides[0] = x.strides[axes->of_columns];
        strides[1] = x.strides[axes->of_rows];
        x.strides = strides;
    }
    else
    {
        const std::ptrdiff_t strides[] = {1, static_cast<std::ptrdiff_t>(shape[0])};
        auto* const elements = m_steps.m_memory.template allocate_array<T>(x.size);
        lay_out<T>({x.data, shape, x.size, strides}, x.element, elements);
        x.data = elements;
    }
    set_shape(x, shape);
    return append(x, {});
}

/// As it was, of what its operands are now.
template <class T>
std::uint32_t layouter<T>::copied(std::uint32_t v)
{
    std::vector<std::uint32_t> now;
    for (const std::uint32_t operand : operands(v))
    {
        now.push_back(as_is(operand));
    }
    return append(m_steps[v], now);
}

template <class T>
std::uint32_t layouter<T>::append(scheduled_value<T> y, std::span<const std::uint32_t> operands)
{
    const auto place = static_cast<std::uint32_t>(m_values.size());
    y.first_operand = static_cast<std::uint32_t>(m_operands.size());
    y.operand_count = static_cast<std::uint32_t>(operands.size());
    y.memory = y.is_elsewhere() ? m_values[operands[0]].memory : place;
    m_operands.insert(m_operands.end(), operands.begin(), operands.end());
    m_values.push_back(y);
    return place;
}

template <class T>
void layouter<T>::set_shape(scheduled_value<T>& y, const shape_vector& shape)
{
    auto* const extents = m_steps.m_memory.template allocate_array<std::size_t>(shape.size());
    std::copy(shape.begin(), shape.end(), extents);
    y.extents = extents;
    y.dimension = static_cast<std::uint8_t>(shape.size());
    y.size = element_count(shape);
}

template <class T>
std::uint32_t layouter<T>::step(const operation<T>* op, const scheduled_value<T>& like, const shape_vector& shape,
                                std::span<const std::uint32_t> operands, const void* attributes)
{
    scheduled_value<T> y{};
    y.op = op;
    y.attributes = attributes;
    y.where = like.where;
    y.origin = value_origin::computed;
    y.element = op->element;
    set_shape(y, shape);
    return append(y, operands);
}

template <class T>
std::uint32_t layouter<T>::reshaped(std::uint32_t put, const shape_vector& shape)
{
    if (m_values[put].shape() == shape_view(shape))
    {
        return put;
    }
    scheduled_value<T> y = m_values[put];
    y.op = rule<reshape_rule, T>;
    y.attributes = nullptr;
    y.origin = value_origin::shared;
    set_shape(y, shape);
    return append(y, std::array{put});
}

template <class T>
std::uint32_t layouter<T>::repeated(std::uint32_t put, const shape_vector& shape)
{
    scheduled_value<T> y = m_values[put];
    auto* const strides = m_steps.m_memory.template allocate_array<std::ptrdiff_t>(shape.size());
    broadcast_strides(y.shape(), nullptr, shape, strides);
    y.op = rule<broadcast_rule, T>;
    y.attributes = nullptr;
    y.origin = value_origin::shared;
    y.strides = strides;
    set_shape(y, shape);
    return append(y, std::array{put});
}

template <class T>
std::uint32_t layouter<T>::planes_of_classes(std::uint32_t labels, const planes_of_classes_rule::attributes& of,
                                             const scheduled_value<T>& like)
{
    const bool from_end = of.by != planes_of_classes_rule::reader::one_hot;
    const auto [known, is_new] = m_planes.try_emplace({labels, of.classes, from_end}, none);
    if (is_new)
    {
        known->second = step(rule<planes_of_classes_rule, T>, like, {of.classes, m_steps[labels].size},
                             std::array{as_is(labels)}, attributes(of));
    }
    return known->second;
}

template <class T>
std::vector<transposed_arrays> store_tall_transposed(schedule<T>& steps, const std::vector<std::size_t>& constant)
{
    std::vector<char> is_chosen(steps.values().size(), 0);
    const std::vector<transposed_arrays> result = webs<T>(steps, constant).choose(is_chosen);
    if (!result.empty())
    {
        layouter<T>(steps, is_chosen).put_all();
    }
    return result;
}

template std::vector<transposed_arrays> store_tall_transposed(schedule<float>&, const std::vector<std::size_t>&);
template std::vector<transposed_arrays> store_tall_transposed(schedule<double>&, const std::vector<std::size_t>&);

} // namespace detail

} // namespace autograd
