#include "autograd/compile/simplifier.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/hyperbolic.hpp"
#include "autograd/operations/indexing.hpp"
#include "autograd/operations/linear_algebra.hpp"
#include "autograd/operations/logistic.hpp"
#include "autograd/operations/matmul_plus_row.hpp"
#include "autograd/operations/matmul_update.hpp"
#include "autograd/operations/power.hpp"
#include "autograd/operations/slicing.hpp"
#include "autograd/operations/softmax.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

// The table of rewrites stands at the end; before it, in its order, what each looks for and makes of it.

namespace autograd
{

namespace detail
{

namespace
{

template <class T>
std::pair<std::uint32_t, std::uint32_t> pair(const candidate<T>& c)
{
    return {c.operands[0], c.operands[1]};
}

template <class A>
const A& attributes_of(const void* attributes)
{
    return *static_cast<const A*>(attributes);
}

template <class Rule, class T>
constexpr const operation<T>* rule = &description<Rule, T>::instance;

/// Whether the rule computes the value.
template <class Rule, class T>
bool is_by(const simplifier<T>& in, std::uint32_t v)
{
    return in[v].origin == value_origin::computed && in[v].op == rule<Rule, T>;
}

/// As another one, but computed by a rule without attributes.
template <class Rule, class T>
scheduled_value<T> with_rule(scheduled_value<T> y)
{
    y.op = rule<Rule, T>;
    y.attributes = nullptr;
    return y;
}

/// The candidate is computed by another rule, with no attributes or those given.
template <class Rule, class T>
std::uint32_t becomes(candidate<T>& c, std::initializer_list<std::uint32_t> operands, const void* attributes = nullptr)
{
    c.value.op = rule<Rule, T>;
    c.value.attributes = attributes;
    c.operands.assign(operands);
    return changed;
}

/// The candidate is x, which is dense, in another shape.
template <class T>
std::uint32_t becomes_reshaped(candidate<T>& c, std::uint32_t x)
{
    c.value.origin = value_origin::shared;
    return becomes<reshape_rule>(c, {x});
}

/// A constant with one number in all elements of the shape of another value.
template <class T>
std::uint32_t placed_number(simplifier<T>& in, T number, const scheduled_value<T>& like)
{
    candidate<T> c{like, {}};
    c.value.op = &leaves<T>::full;
    c.value.origin = value_origin::kept;
    c.value.attributes = nullptr;
    c.value.data = in.stored(number);
    c.value.strides = like.dimension > 0 ? in.stored(std::array<std::ptrdiff_t, max_dimension>{})->data() : nullptr;
    return in.placed(c);
}

template <class T>
std::uint32_t alias(simplifier<T>& in, candidate<T>& c)
{
    const scheduled_value<T>& x = in[c.operands[0]];
    // What is dense stays so: where it is, there are as many elements.
    const bool stays_dense = x.strides == nullptr || c.value.strides != nullptr;
    return stays_dense && x.shape() == c.value.shape() ? c.operands[0] : none;
}

template <class T>
std::uint32_t reshaped_twice(simplifier<T>& in, candidate<T>& c)
{
    const scheduled_value<T>& x = in[c.operands[0]];
    const bool both = x.origin == value_origin::shared && c.value.origin == value_origin::shared;
    if (!both || x.strides != nullptr || c.value.strides != nullptr)
    {
        return none;
    }
    c.operands[0] = in.operand_of(c.operands[0], 0);
    return changed;
}

/// Elements that follow each other: along the last axes all, along one a range, along those before it one.
template <class T>
std::uint32_t slice_where_it_stands(simplifier<T>& in, candidate<T>& c)
{
    const scheduled_value<T>& x = in[c.operands[0]];
    const scheduled_value<T>& y = c.value;
    const auto& steps = attributes_of<slice_rule::attributes>(y.attributes);
    bool is_all = true;
    std::size_t offset = 0;
    std::size_t stride = 1;
    for (std::size_t axis = y.dimension; axis-- > 0;)
    {
        if (y.extents[axis] > 1 && (!is_all || steps.step(axis) != 1))
        {
            return none;
        }
        offset += static_cast<std::size_t>(steps.first(axis)) * stride;
        is_all = is_all && y.extents[axis] == x.extents[axis];
        stride *= x.extents[axis];
    }
    if (x.strides != nullptr || y.size == 0)
    {
        return none;
    }
    if (is_all)
    {
        return becomes_reshaped(c, c.operands[0]);
    }
    c.value.origin = value_origin::part;
    c.value.offset = offset;
    c.value.attributes = nullptr;
    return changed;
}

template <class T>
std::uint32_t plus_nothing(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return in.is_number(y, T(-0.0)) ? in.is(c, x) : in.is_number(x, T(-0.0)) ? in.is(c, y) : none;
}

template <class T>
std::uint32_t less_nothing(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return in.is_number(y, T(0)) ? in.is(c, x) : none;
}

template <class T>
std::uint32_t times_one(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return in.is_number(y, T(1)) ? in.is(c, x) : in.is_number(x, T(1)) ? in.is(c, y) : none;
}

template <class T>
std::uint32_t by_one(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return in.is_number(y, T(1)) ? in.is(c, x) : none;
}

template <class T>
std::uint32_t negative_twice(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    return is_by<negative_rule>(in, x) ? in.is(c, in.operand_of(x, 0)) : none;
}

template <class T>
std::uint32_t plus_negative(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return is_by<negative_rule>(in, y)   ? becomes<subtract_rule>(c, {x, in.operand_of(y, 0)})
           : is_by<negative_rule>(in, x) ? becomes<subtract_rule>(c, {y, in.operand_of(x, 0)})
                                         : none;
}

template <class T>
std::uint32_t less_negative(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return is_by<negative_rule>(in, y) ? becomes<add_rule>(c, {x, in.operand_of(y, 0)}) : none;
}

/// Of a product, a quotient, a product of matrices.
template <class T>
std::uint32_t signs_cancel(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    if (!is_by<negative_rule>(in, x) || !is_by<negative_rule>(in, y))
    {
        return none;
    }
    const std::uint32_t a = in.operand_of(x, 0);
    const std::uint32_t b = in.operand_of(y, 0);
    if (c.value.op->kind != rule_kind::elementwise && !(in.is_dense(a) && in.is_dense(b)))
    {
        return none;
    }
    c.operands = {a, b};
    return changed;
}

template <class T>
std::uint32_t transposed_twice(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    if (!is_by<transpose_rule>(in, x))
    {
        return none;
    }
    const auto& outer = attributes_of<transpose_rule::attributes>(c.value.attributes);
    const auto& inner = attributes_of<transpose_rule::attributes>(in[x].attributes);
    transpose_rule::attributes both = outer;
    for (std::size_t k = 0; k < outer.dimension; ++k)
    {
        both.order[k] = inner.order[outer.order[k]];
    }
    return becomes<transpose_rule>(c, {in.operand_of(x, 0)}, in.stored(both));
}

/// Axes of extent 1 may stand anywhere.
template <class T>
std::uint32_t transposed_in_place(simplifier<T>& in, candidate<T>& c)
{
    const auto& a = attributes_of<transpose_rule::attributes>(c.value.attributes);
    const shape_view extents = in[c.operands[0]].shape();
    std::size_t last = 0;
    for (std::size_t k = 0; k < a.dimension; ++k)
    {
        if (extents[a.order[k]] != 1)
        {
            if (a.order[k] < last)
            {
                return none;
            }
            last = a.order[k];
        }
    }
    return in.is_dense(c.operands[0]) ? becomes_reshaped(c, c.operands[0]) : none;
}

template <class T>
std::uint32_t to_the_first(simplifier<T>& in, candidate<T>& c)
{
    return in.is_number(c.operands[1], T(1)) ? in.is(c, c.operands[0]) : none;
}

template <class T>
std::uint32_t to_the_second(simplifier<T>& in, candidate<T>& c)
{
    return in.is_number(c.operands[1], T(2)) ? becomes<square_rule>(c, {c.operands[0]}) : none;
}

bool exchanges_last_axes(const transpose_rule::attributes& a)
{
    const std::size_t d = a.dimension;
    bool others_stay = d >= 2 && a.order[d - 2] == d - 1 && a.order[d - 1] == d - 2;
    for (std::size_t k = 0; others_stay && k + 2 < d; ++k)
    {
        others_stay = a.order[k] == k;
    }
    return others_stay;
}
template <class T>
bool is_transposed_matrix(const simplifier<T>& in, std::uint32_t v)
{
    return is_by<transpose_rule>(in, v) &&
           exchanges_last_axes(attributes_of<transpose_rule::attributes>(in[v].attributes));
}

template <class T>
std::uint32_t product_of_transposed(simplifier<T>& in, candidate<T>& c)
{
    const auto [a, b] = pair(c);
    auto flags = attributes_of<matmul_rule::attributes>(c.value.attributes);
    if (is_transposed_matrix(in, a))
    {
        flags.transpose_a = !flags.transpose_a;
        return becomes<matmul_rule>(c, {in.operand_of(a, 0), b}, in.stored(flags));
    }
    if (is_transposed_matrix(in, b))
    {
        flags.transpose_b = !flags.transpose_b;
        return becomes<matmul_rule>(c, {a, in.operand_of(b, 0)}, in.stored(flags));
    }
    return none;
}

template <class T>
std::uint32_t transposed_product(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t y = c.operands[0];
    if (!is_by<matmul_rule>(in, y) || !in.is_read_here_only(y) ||
        !exchanges_last_axes(attributes_of<transpose_rule::attributes>(c.value.attributes)))
    {
        return none;
    }
    const auto [ta, tb] = attributes_of<matmul_rule::attributes>(in[y].attributes);
    return becomes<matmul_rule>(c, {in.operand_of(y, 1), in.operand_of(y, 0)},
                                in.stored(matmul_rule::attributes{!tb, !ta}));
}

/// The row of a broadcast along rows, laid out or not; or none.
template <class T>
std::uint32_t repeated_row(const simplifier<T>& in, std::uint32_t v)
{
    const scheduled_value<T>& y = in[in[v].origin == value_origin::laid_out ? in.operand_of(v, 0) : v];
    if (y.origin != value_origin::shared || y.dimension != 2 || y.strides == nullptr || y.strides[0] != 0)
    {
        return none;
    }
    const std::uint32_t source = in.operands_of(y)[0];
    return in.is_dense(source) && in[source].size == y.extents[1] ? source : none;
}

template <class T>
std::uint32_t product_plus_row(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    for (const auto& [product, added] : {std::pair(x, y), std::pair(y, x)})
    {
        const std::uint32_t row = repeated_row(in, added);
        if (row == none || !is_by<matmul_rule>(in, product) || !in.is_read_here_only(product))
        {
            continue;
        }
        const std::uint32_t a = in.operand_of(product, 0);
        const std::uint32_t b = in.operand_of(product, 1);
        if (in.is_dense(a) && in.is_dense(b))
        {
            return becomes<matmul_plus_row_rule>(c, {a, b, row}, in[product].attributes);
        }
    }
    return none;
}

/// A product of matrices, times a factor or a rate.
struct scaled_product
{
    std::uint32_t product;
    double factor = 1;
    std::uint32_t rate = none; ///< one element

    bool is_scaled() const { return rate != none || (factor != 1 && factor != -1); }
};

/// Whether v is the product times one number, which it takes up.
template <class T>
bool takes_up(const simplifier<T>& in, scaled_product& of, std::uint32_t v)
{
    const std::optional<T> number = in.number_in(v);
    if (number)
    {
        of.factor *= static_cast<double>(*number);
        return std::isfinite(*number) && *number != 0;
    }
    of.rate = in[v].memory;
    return in[v].is_single() && in[of.rate].size == 1;
}

/// Goes from a value through signs and one factor to a product, where nothing else reads these: the candidate neither,
/// as its `other` operand.
template <class T>
std::optional<scaled_product> scaled_product_in(const simplifier<T>& in, std::uint32_t v, std::uint32_t other)
{
    scaled_product result{v};
    for (bool is_own = in.is_read_here_only(v); is_own && result.product != other;
         is_own = in.is_read_once(result.product))
    {
        const std::uint32_t y = result.product;
        if (is_by<matmul_rule>(in, y))
        {
            return result;
        }
        if (is_by<negative_rule>(in, y))
        {
            result.factor = -result.factor;
            result.product = in.operand_of(y, 0);
        }
        else if (is_by<multiply_rule>(in, y) && !result.is_scaled())
        {
            const bool is_first = in[in.operand_of(y, 0)].is_single();
            result.product = in.operand_of(y, is_first ? 1 : 0);
            if (!takes_up(in, result, in.operand_of(y, is_first ? 0 : 1)))
            {
                return {};
            }
        }
        else
        {
            return {};
        }
    }
    return {};
}

/// x + sign y, where y is a product of matrices, or a multiple of one.
template <class T>
std::uint32_t updated(simplifier<T>& in, candidate<T>& c, std::uint32_t x, std::uint32_t y, double sign)
{
    const auto found = scaled_product_in(in, y, x);
    if (!found || !in.is_dense(x) || !(in[x].shape() == c.value.shape()))
    {
        return none;
    }
    const std::uint32_t a = in.operand_of(found->product, 0);
    const std::uint32_t b = in.operand_of(found->product, 1);
    const auto& flags = attributes_of<matmul_rule::attributes>(in[found->product].attributes);
    if (c.value.dimension != 2 || !in.is_dense(a) || !in.is_dense(b) ||
        !matmul_update_rule::is_gain(in[a].shape(), c.value.shape(), flags))
    {
        return none;
    }
    becomes<matmul_update_rule>(c, {x, a, b}, in.stored(matmul_update_rule::attributes{flags, sign * found->factor}));
    if (found->rate != none)
    {
        c.operands.push_back(found->rate);
    }
    return changed;
}

template <class T>
std::uint32_t plus_product(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    const std::uint32_t is = updated(in, c, x, y, 1);
    return is != none ? is : updated(in, c, y, x, 1);
}

template <class T>
std::uint32_t less_product(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, y] = pair(c);
    return updated(in, c, x, y, -1);
}

/// g f'(x) where f(x) is computed as well: the slope beside it takes next to nothing (pairs.hpp). The cotangent stands
/// behind the operand.
template <class Rule, class Slope, class T>
std::uint32_t slope_beside_value(simplifier<T>& in, candidate<T>& c)
{
    const auto [x, g] = pair(c);
    const candidate<T> value{with_rule<Rule>(c.value), {x}};
    if (in.known(value) == none)
    {
        return none;
    }
    candidate<T> slope{with_rule<Slope>(c.value), {x}};
    return becomes<multiply_rule>(c, {g, in.placed(slope)});
}

template <class T>
std::uint32_t sum_of_ones(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    return in[x].size == c.value.size && in[x].size > 0 && in.is_dense(x) ? becomes_reshaped(c, x) : none;
}

/// Of a broadcast that is laid out to be summed along axes that it repeats: all of them where there are as many sums as
/// elements before.
template <class T>
std::uint32_t sum_of_repeated(simplifier<T>& in, candidate<T>& c)
{
    const scheduled_value<T>& x = in[c.operands[0]];
    if (x.origin != value_origin::laid_out || c.value.size == 0)
    {
        return none;
    }
    const scheduled_value<T>& repeated = in[in.operand_of(c.operands[0], 0)];
    if (repeated.origin != value_origin::shared || in.is_dense(in.operand_of(c.operands[0], 0)))
    {
        return none;
    }
    const std::uint32_t axes = attributes_of<reduced_axes>(c.value.attributes).axes;
    for (std::size_t axis = 0; axis < x.dimension; ++axis)
    {
        const bool is_summed = ((axes >> axis) & 1) != 0;
        if (is_summed && repeated.extents[axis] != 1 && repeated.strides[axis] != 0)
        {
            return none;
        }
    }
    const std::size_t times = x.size / c.value.size;
    const bool is_exact = times <= std::size_t{1} << std::numeric_limits<T>::digits;
    const std::uint32_t source = in.operands_of(repeated)[0];
    if (!is_exact || !in.is_dense(source) || in[source].size != c.value.size)
    {
        return none;
    }
    candidate<T> once{c.value, {}};
    becomes_reshaped(once, source);
    const std::uint32_t x_once = in.placed(once); // x and repeated may have moved
    return becomes<multiply_rule>(c, {x_once, placed_number(in, static_cast<T>(times), c.value)});
}

template <class T>
std::uint32_t sum_of_scattered(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    if (!is_by<scatter_along_axis_rule>(in, x))
    {
        return none;
    }
    const std::size_t axis = attributes_of<along_new_axis>(in[x].attributes).axis;
    if (attributes_of<reduced_axes>(c.value.attributes).axes != std::uint32_t{1} << axis ||
        !in.is_dense(in.operand_of(x, 0)))
    {
        return none;
    }
    c.operands[0] = in.operand_of(x, 0);
    return changed;
}

template <class T>
std::uint32_t log_of_softmax(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    return is_by<softmax_rule>(in, x) ? becomes<log_softmax_rule>(c, {in.operand_of(x, 0)}, in[x].attributes) : none;
}

template <class T>
std::uint32_t exp_of_log_softmax(simplifier<T>& in, candidate<T>& c)
{
    const std::uint32_t x = c.operands[0];
    return is_by<log_softmax_rule>(in, x) && in.is_read_here_only(x)
               ? becomes<softmax_rule>(c, {in.operand_of(x, 0)}, in[x].attributes)
               : none;
}

// --------------------------------------------------------------------------------------------------------- the table

template <class T>
const entry<T> table[]{
    {{"alias", "identity(x), stop_gradient(x), x in its own shape", "x", "",
      "the elements are the same, where they are", false},
     nullptr,
     &alias},
    {{"reshaped twice", "reshape(reshape(x))", "reshape(x)", "", "the elements stay in order", false},
     nullptr,
     &reshaped_twice},
    {{"plus nothing", "x + y", "x", "y is -0 everywhere",
      "adding -0 changes no number, infinity or zero of either sign; adding +0 would make -0 of it +0", false},
     rule<add_rule, T>,
     &plus_nothing},
    {{"less nothing", "x - y", "x", "y is +0 everywhere", "it is the sum with -0", false},
     rule<subtract_rule, T>,
     &less_nothing},
    {{"times one", "x * y", "x", "y is 1 everywhere", "multiplying by 1 is exact", false},
     rule<multiply_rule, T>,
     &times_one},
    {{"by one", "x / y", "x", "y is 1 everywhere", "dividing by 1 is exact", false}, rule<divide_rule, T>, &by_one},
    {{"negative twice", "-(-x)", "x", "", "a sign is changed twice", false}, rule<negative_rule, T>, &negative_twice},
    {{"matrix plus a product", "x + r * matmul(a, b), also without r or with -r", "matmul_update(x, a, b, r)",
      "matrices, r is one number, known ones finite and not 0; BLAS computes the product, and nothing else reads it",
      "the same products are added to x part by part, each part times r", true},
     rule<add_rule, T>,
     &plus_product},
    {{"matrix less a product", "x - r * matmul(a, b), also without r or with -r", "matmul_update(x, a, b, -r)",
      "as of a sum", "as of a sum", true},
     rule<subtract_rule, T>,
     &less_product},
    {{"plus a negative", "x + (-y)", "x - y", "", "a difference is this sum by definition", false},
     rule<add_rule, T>,
     &plus_negative},
    {{"less a negative", "x - (-y)", "x + y", "", "a difference is the sum with what has the other sign", false},
     rule<subtract_rule, T>,
     &less_negative},
    {{"signs of a product", "(-x) * (-y)", "x * y", "", "the sign of a product is the product of the signs", false},
     rule<multiply_rule, T>,
     &signs_cancel},
    {{"signs of a quotient", "(-x) / (-y)", "x / y", "", "the sign of a quotient is that of the product", false},
     rule<divide_rule, T>,
     &signs_cancel},
    {{"signs of a matrix product", "matmul(-a, -b)", "matmul(a, b)", "",
      "each of the products that are added is the same", false},
     rule<matmul_rule, T>,
     &signs_cancel},
    {{"transposed twice", "transpose(transpose(x))", "transpose(x), axes composed", "", "elements are moved only",
      false},
     rule<transpose_rule, T>,
     &transposed_twice},
    {{"transposed in place", "transpose(x)", "reshape(x)", "the axes that are not of extent 1 stay in order",
      "the elements stay in order", false},
     rule<transpose_rule, T>,
     &transposed_in_place},
    {{"to the power of 1", "pow(x, y)", "x", "y is 1 everywhere", "the kernel gives x itself", false},
     rule<pow_rule, T>,
     &to_the_first},
    {{"to the power of 2", "pow(x, y)", "square(x)", "y is 2 everywhere",
      "the product is rounded once, pow within its bound", true},
     rule<pow_rule, T>,
     &to_the_second},
    {{"product of a transposed matrix", "matmul(transpose(a), b), matmul(a, transpose(b))", "matmul(a, b) with a flag",
      "the last two axes are exchanged", "the same products are added, in an order that BLAS chooses", true},
     rule<matmul_rule, T>,
     &product_of_transposed},
    {{"transposed product", "transpose(matmul(a, b))", "matmul(b, a) with flags",
      "the last two axes are exchanged, and nothing else reads the product",
      "the same products are added, in an order that BLAS chooses", true},
     rule<transpose_rule, T>,
     &transposed_product},
    {{"product plus a row", "matmul(a, b) + broadcast(row)", "matmul_plus_row(a, b, row)",
      "matrices, and nothing else reads the product", "the same product, and the same sum of it and the row", false},
     rule<add_rule, T>,
     &product_plus_row},
    {{"slice where it stands", "slice(x)", "the elements of x, where they are",
      "dense, and they follow each other in x", "nothing is copied", false},
     rule<slice_rule, T>,
     &slice_where_it_stands},
    {{"slope of tanh beside it", "g * tanh'(x)", "g * tanh_slope(x)", "tanh(x) is computed, too",
      "the same slope, in a pass with the value, and the same product", false},
     rule<tanh_rule, T>,
     &slope_beside_value<tanh_rule, tanh_slope_rule>,
     true},
    {{"slope of sigmoid beside it", "g * sigmoid'(x)", "g * sigmoid_slope(x)", "sigmoid(x) is computed, too",
      "the same slope, in a pass with the value, and the same product", false},
     rule<sigmoid_rule, T>,
     &slope_beside_value<sigmoid_rule, sigmoid_slope_rule>,
     true},
    {{"sum of one", "sum(x)", "reshape(x)", "the axes have extent 1", "but for -0, of which the sum is +0", true},
     rule<sum_rule, T>,
     &sum_of_ones},
    {{"sum of repetitions", "sum(broadcast(x))", "n * x",
      "summed along the axes that are repeated, n times and no others; n is a number of the type",
      "n equal terms, rounded once; infinities and NaN stay, since n is not 0", true},
     rule<sum_rule, T>,
     &sum_of_repeated},
    {{"sum of what was scattered", "sum(scatter_along_axis(u, i))", "sum(u)", "along the same axis",
      "zeros are added between; indices are still checked", true},
     rule<sum_rule, T>,
     &sum_of_scattered},
    {{"logarithm of softmax", "log(softmax(x))", "log_softmax(x)", "",
      "without underflow; -inf where a score is -inf, NaN where softmax is", true},
     rule<log_rule, T>,
     &log_of_softmax},
    {{"exponential of log_softmax", "exp(log_softmax(x))", "softmax(x)", "nothing else reads the logarithms",
      "exp(x - log(sum)) is exp(x) / sum", true},
     rule<exp_rule, T>,
     &exp_of_log_softmax},
    {{"common subexpression", "f(x), f(x)", "f(x)",
      "one operation, equal attributes that can be compared, the same operands; of a sum or product in either order",
      "operations are functions of their operands; draws of one key are one", false},
     nullptr,
     nullptr},
    {{"unneeded", "f(x)", "nothing", "no output is made of it, and it cannot refuse values", "nobody can tell", false},
     nullptr,
     nullptr},
};

} // namespace

template <class T>
bool commutes(const scheduled_value<T>& y)
{
    return y.origin == value_origin::computed && (y.op == rule<add_rule, T> || y.op == rule<multiply_rule, T>);
}

template bool commutes(const scheduled_value<float>&);
template bool commutes(const scheduled_value<double>&);

template <class T>
std::span<const entry<T>> entries()
{
    return table<T>;
}

template std::span<const entry<float>> entries();
template std::span<const entry<double>> entries();

std::span<const rewrite> table_of_rewrites()
{
    static const std::vector<rewrite> rewrites = []
    {
        std::vector<rewrite> result;
        std::transform(std::begin(table<double>), std::end(table<double>), std::back_inserter(result),
                       [](const entry<double>& e) { return e.what; });
        return result;
    }();
    return rewrites;
}

} // namespace detail

} // namespace autograd
