#pragma once

#include "autograd/differentiate/blocks_of_rows.hpp"
#include "autograd/differentiate/gradient.hpp"
#include "autograd/differentiate/values_read.hpp"

#include <array>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Sums over more data than a tape shall hold at a time.
/// \ingroup reduce
namespace autograd
{

/// What a sum over blocks came to: operands are the parameters, in as many the slopes by them, and last the value,
/// whose storage it shares. The slopes are numbers, so there is a first derivative and no second. Where all parameters
/// are made of constants there are no slopes.
struct sum_over_blocks_rule : general
{
    static constexpr auto name = "sum_over_blocks";
    static constexpr auto storage = storage_kind::shared;
    static constexpr bool beside_tape = true;
    static constexpr bool opaque = true; // of what its function computed nothing stands on the tape
    struct attributes
    {
        std::size_t parameters;
        location where;
    };

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands.back(); }
    template <class T>
    static void forward(const evaluation<T>&, const attributes&)
    {
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes a = y.template attributes<attributes>();
        if (y.operand_count() == a.parameters + 1)
        {
            throw error::not_differentiable(a.where, name,
                                            "all parameters were made of constants, so that only the value was "
                                            "computed. Put what is differentiated by on the tape by tape.variable.");
        }
        for (std::size_t k = 0; k < a.parameters; ++k)
        {
            // The slopes were made of its values.
            y.tape().note_reading(y.operand_handle(k), a.where,
                                  "For second derivatives, record the function of all rows on one tape.");
            if (y.wanted(k))
            {
                y.give(k, y.cotangent() * y.operand(a.parameters + k));
            }
        }
    }
    static void samples(auto& s)
    {
        s.call(
             "of squares, three times", "np.sum(x * x)",
             []<class T>(variable<T> x)
             {
                 const array<T> rows{0, 1, 2};
                 return sum_over_blocks(blocks_of_rows(1, rows), x, [](auto p, auto) { return sum(p * p) / 3.0; });
             },
             s.numbers({2, 3}))
            .up_to_order(1);
    }
};
AUTOGRAD_OPERATION(sum_over_blocks_rule)

namespace detail
{

/// Sums lists of numbers in pairs, the pairs in pairs, and so on; what is left over at the end is added from the last
/// on. So the sum of n lists is that of the first 2^k, the largest power of two below n, plus that of the others. Its
/// rounding grows with log(n), and it holds log(n) lists.
template <class T>
class sum_in_pairs
{
public:
    /// One list more: the elements of some parts, one after the other.
    void add(std::span<const std::span<const T>> parts);
    /// The sum. There was a list, and none comes after.
    std::span<const T> result();

private:
    struct partial_sum
    {
        std::vector<T> numbers;
        std::size_t lists; ///< a power of two
    };
    void join_last_two();

    std::vector<partial_sum> m_sums; ///< of fewer and fewer lists
};

enum class reduction
{
    sum,
    mean
};

/// A sum over blocks that is under way, and the tape that holds one block at a time.
template <class T>
class summation
{
public:
    summation(const char* caller, reduction what, const std::vector<variable<T>>& parameters, unconnected policy,
              location where);

    autograd::tape<T>& tape() { return m_tape; }
    /// The next parameter on that tape.
    variable<T> next_copy();
    /// What is beside parameters in a structure, as it is there.
    variable<T> constant(variable<T> x) { return m_tape.constant(borrowed<T>(values_of(x), x.shape()), m_where); }
    indices<T> constant(indices<T> x);

    /// Adds what f gave for a block of so many rows; a block of numbers has none.
    void add(variable<T> y, std::optional<std::size_t> rows);
    /// Records what it came to beside the parameters.
    variable<T> record();

private:
    const T* values_of(variable<T> x) const;
    T weight_of(std::optional<std::size_t> rows);
    std::vector<handle<T>> recorded_parts();

    const char* m_caller;
    reduction m_reduction;
    std::vector<variable<T>> m_parameters; ///< the user's
    std::vector<variable<T>> m_copies;     ///< those that f gets
    bool m_wants_slopes;
    unconnected m_policy;
    location m_where;
    autograd::tape<T> m_tape;
    std::size_t m_blocks = 0;
    std::size_t m_rows_of_first = 0;
    std::size_t m_rows = 0;
    sum_in_pairs<T> m_sum; ///< of the value and the slopes
};
extern template class summation<float>;
extern template class summation<double>;

/// \name What stands in a block
/// \{

/// As f gets it: real numbers as a constant, in place where they can be, integers as indices, single numbers as they
/// are.
template <class T, class X>
auto row_data(tape<T>& tape, const X& x, location where)
{
    if constexpr (number<X>)
    {
        return x;
    }
    else if constexpr (std::is_same_v<X, borrowed<T>>)
    {
        return tape.constant(x, where);
    }
    else if constexpr (std::is_same_v<X, array<T>>)
    {
        return tape.constant(borrow(x), where);
    }
    else if constexpr (is_lent<X>)
    {
        return row_data(tape, adapted(x.data, element_count(x.shape, "borrow"), variable<T>::extents_of(x.shape)),
                        where);
    }
    else if constexpr (std::is_integral_v<typename X::value_type>)
    {
        return tape.index(x, where);
    }
    else
    {
        return tape.constant(x, where);
    }
}

template <class T, class X>
using row_data_of = decltype(row_data(std::declval<tape<T>&>(), std::declval<const X&>(), location()));

template <class X>
concept part_of_block = number<X> || is_lent<X> || array_expression<X>;

/// A block as a tuple: of what it holds, or of the one array that it is.
template <class Block>
auto parts_of(const Block& block)
{
    if constexpr (tuple_like<Block>)
    {
        return std::apply([](const auto&... parts) { return std::tie(parts...); }, block);
    }
    else
    {
        return std::tie(block);
    }
}

/// How many rows the arrays of a block have; nothing where there are only numbers.
template <class... Parts>
std::optional<std::size_t> rows_of_block(const char* caller, location where, const std::tuple<Parts...>& parts)
{
    std::vector<shape_vector> shapes;
    const auto add_shape = [&]<class X>(const X& x)
    {
        if constexpr (!number<X>)
        {
            shapes.push_back(extents_of(x));
        }
    };
    std::apply([&](const auto&... part) { (add_shape(part), ...); }, parts);
    return shapes.empty() ? std::optional<std::size_t>() : common_rows(caller, shapes, where);
}
/// \}

/// \name What is summed, and by what
/// \{
template <class X>
using is_variable_of_double = std::is_same<X, variable<double>>;
template <class X>
using is_variable_of_float = std::is_same<X, variable<float>>;
/// The element type of the variables in a structure; void if it has none.
template <class S>
using element_of_variables = std::conditional_t<has_part<is_variable_of_double, S>(), double,
                                                std::conditional_t<has_part<is_variable_of_float, S>(), float, void>>;

/// The structure with its parameters, and what else is on a tape, on the tape of the blocks.
template <class T, class S>
owned_t<S> on_tape_of_blocks(summation<T>& total, S structure)
{
    owned_t<S> inside = own(std::move(structure));
    for_each_variable<T>(inside, [&](variable<T>& x, const part_path&) { x = total.next_copy(); });
    for_each_leaf(inside,
                  [&](auto& x)
                  {
                      if (x.tape_pointer() != &total.tape())
                      {
                          x = total.constant(x);
                      }
                  });
    return inside;
}

template <class T, class Blocks, class S, class F>
variable<T> reduced_over_blocks(const char* caller, reduction what, Blocks& blocks, const S& parameters, F& f,
                                unconnected policy, location where)
{
    summation<T> total(caller, what, variables_of<T>(parameters), policy, where);
    const auto inside = on_tape_of_blocks(total, parameters);
    const auto start = total.tape().mark();
    for (auto&& block : blocks)
    {
        total.tape().rewind(start);
        const auto parts = parts_of(block);
        const auto rows = rows_of_block(caller, where, parts);
        total.add(
            std::apply([&](const auto&... part) { return f(inside, row_data(total.tape(), part, where)...); }, parts),
            rows);
    }
    return total.record();
}

/// What cannot be right in a call, whatever its numbers are.
enum class slip_over_blocks
{
    none,
    parameters, ///< they are no variables
    blocks,     ///< they are no range of blocks
    arguments,  ///< the function does not take them
    result      ///< the function returns something else
};

template <class T, class S, class F, class... Parts>
constexpr slip_over_blocks slip_of_function(std::type_identity<std::tuple<Parts&...>>)
{
    if constexpr (!(part_of_block<std::remove_const_t<Parts>> && ...))
    {
        return slip_over_blocks::blocks;
    }
    else if constexpr (!std::is_invocable_v<F&, const owned_t<S>&, row_data_of<T, Parts>...>)
    {
        return slip_over_blocks::arguments;
    }
    else
    {
        using result = std::invoke_result_t<F&, const owned_t<S>&, row_data_of<T, Parts>...>;
        return std::is_same_v<std::remove_cvref_t<result>, variable<T>> ? slip_over_blocks::none
                                                                        : slip_over_blocks::result;
    }
}
template <class Blocks, class S, class F>
constexpr slip_over_blocks slip_of()
{
    using T = element_of_variables<S>;
    if constexpr (std::is_void_v<T>)
    {
        return slip_over_blocks::parameters;
    }
    else if constexpr (array_expression<Blocks> || !requires(Blocks & all) { *std::begin(all), std::end(all); })
    {
        return slip_over_blocks::blocks;
    }
    else
    {
        using block = std::remove_cvref_t<decltype(*std::begin(std::declval<Blocks&>()))>;
        return slip_of_function<T, S, F>(std::type_identity<decltype(parts_of(std::declval<const block&>()))>());
    }
}

template <class Blocks, class S, class F>
auto over_blocks(const char* caller, reduction what, Blocks& blocks, const S& parameters, F& f, unconnected policy,
                 location where)
{
    constexpr slip_over_blocks found = slip_of<Blocks, S, F>();
    static_assert(found != slip_over_blocks::parameters,
                  "The parameters are variables: tape.variable(array), nn::on_tape(tape, model).");
    static_assert(found != slip_over_blocks::blocks,
                  "Blocks are a range of arrays, or of tuples of arrays: blocks_of_rows(1024, x, y).");
    static_assert(found != slip_over_blocks::arguments,
                  "The function takes the parameters and what a block holds: [](auto w, auto x, auto y).");
    static_assert(found != slip_over_blocks::result, "What is summed over blocks is one variable: return sum(x).");
    if constexpr (found == slip_over_blocks::none)
    {
        return reduced_over_blocks<element_of_variables<S>>(caller, what, blocks, parameters, f, policy, where);
    }
    else
    {
        return variable<double>();
    }
}
/// \}

} // namespace detail

/// The sum over all blocks of f(parameters, what the block holds...), and its gradient with it, in the memory of one
/// block. Calls f for one block after the other, in order, on a tape of its own that is rewound in between.
///
///     const auto loss = sum_over_blocks(blocks_of_rows(1024, x, y), w,
///                                       [](auto w, auto x, auto y) { return sum(square(matmul(x, w) - y)); });
///     const auto slope = gradient(loss, w);
///
/// Blocks are a range of arrays, or of tuples of them, with their rows along axis 0: blocks_of_rows, nn's batches, or
/// whatever yields data that no memory holds; a block need not live longer than until the next one. Of its arrays, real
/// numbers reach f as constants, integers as indices, single numbers as they are. Parameters are one variable, several
/// in braces (f gets a std::array), or a structure: a tuple, a model on a tape; f gets what is given, on the tape of
/// the block. What f captured from another tape is refused: it belongs to the parameters.
///
/// The order of addition is that of the blocks alone: a sum in pairs, in pairs of pairs, and so on. So the bits are the
/// same wherever the blocks come from, and the sum over n blocks is that over the first 2^k, the largest power of two
/// below n, plus that over the others. (Other blocks of the same rows round otherwise.)
///
/// Shape: (). Gradient: g times the sum of the gradients, which are computed with the value; not where all parameters
/// are made of constants alone: derivatives by them are refused then. First order only, in both modes: what depends
/// on the gradient in turn throws not_differentiable. Throws value_error where there are no blocks, or a block has no
/// rows; shape_error if the arrays of a block have different numbers of rows, or f gives more or less than one element;
/// tape_error for parameters of several tapes, and if f gives a variable of another tape, or of a block before; what f
/// throws, and what gradient throws, to which `policy` goes: f of each block must depend on all parameters, unless
/// zeros are asked for.
template <class Blocks, class Parameters, class F>
auto sum_over_blocks(Blocks&& blocks, const Parameters& parameters, F&& f, unconnected policy = unconnected::error,
                     location where = location::current())
{
    return detail::over_blocks("sum_over_blocks", detail::reduction::sum, blocks, parameters, f, policy, where);
}
template <class Blocks, class T, std::size_t N, class F>
variable<T> sum_over_blocks(Blocks&& blocks, const variable<T> (&parameters)[N], F&& f,
                            unconnected policy = unconnected::error, location where = location::current())
{
    return sum_over_blocks(blocks, std::to_array(parameters), f, policy, where);
}

/// The same for an f that is a mean over the rows of its block, as losses of nn are: the mean over all rows. Each block
/// counts by its rows: the sum over blocks of rows / (rows of the first) times f, divided by that sum without f.
template <class Blocks, class Parameters, class F>
auto mean_over_blocks(Blocks&& blocks, const Parameters& parameters, F&& f, unconnected policy = unconnected::error,
                      location where = location::current())
{
    return detail::over_blocks("mean_over_blocks", detail::reduction::mean, blocks, parameters, f, policy, where);
}
template <class Blocks, class T, std::size_t N, class F>
variable<T> mean_over_blocks(Blocks&& blocks, const variable<T> (&parameters)[N], F&& f,
                             unconnected policy = unconnected::error, location where = location::current())
{
    return mean_over_blocks(blocks, std::to_array(parameters), f, policy, where);
}

} // namespace autograd
