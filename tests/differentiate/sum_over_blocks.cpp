#include "autograd/differentiate/sum_over_blocks.hpp"
#include "nn/nn.hpp"
#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include <cmath>
#include <limits>
#include <optional>

using namespace support;
namespace error = autograd::error;

// Sums over blocks of rows: the numbers are those of all rows on one tape, the bits those of one order of addition.
BOOST_AUTO_TEST_SUITE(differentiate_sum_over_blocks)

namespace
{

template <class T = double>
xt::xarray<T> random(std::vector<std::size_t> shape, double phase)
{
    xt::xarray<T> x = xt::xarray<T>::from_shape(shape);
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        x.data()[i] = static_cast<T>(std::sin(1.7 * static_cast<double>(i) + phase));
    }
    return x;
}

constexpr std::size_t rows = 37;
const array points = random({rows, 3}, 0), targets = random({rows}, 1), weights = random({3}, 2);

const auto misfit = [](auto w, auto x, auto y) { return sum(square(tanh(matmul(x, w)) - y)); };

/// Value and gradient, as numbers.
struct numbers
{
    double value;
    reals slope;
    bool operator==(const numbers&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const numbers& n) { return out << n.value; }
};
numbers numbers_of(variable value, variable by)
{
    return {value.item(), list(gradient(value, by))};
}

template <class Blocks>
numbers over(const Blocks& blocks)
{
    tape t;
    const variable w = t.variable(weights);
    return numbers_of(sum_over_blocks(blocks, w, misfit), w);
}

numbers at_once()
{
    tape t;
    const variable w = t.variable(weights);
    return numbers_of(misfit(w, t.constant(points), t.constant(targets)), w);
}

numbers operator+(numbers a, const numbers& b)
{
    a.value += b.value;
    std::transform(a.slope.begin(), a.slope.end(), b.slope.begin(), a.slope.begin(), std::plus());
    return a;
}

void require_close(const numbers& a, const numbers& b, double relative)
{
    BOOST_TEST(a.value == b.value, tolerance(relative));
    BOOST_TEST(a.slope == b.slope, tolerance(relative) << per_element());
}

/// Rows [first, last) of the data.
array points_in(std::size_t first, std::size_t last)
{
    return xt::view(points, xt::range(first, last));
}
array targets_in(std::size_t first, std::size_t last)
{
    return xt::view(targets, xt::range(first, last));
}

/// A source that has only the block at hand: rows that are made when they are asked for, and gone afterwards.
class stream
{
public:
    explicit stream(std::size_t rows_per_block) : m_rows_per_block(rows_per_block) {}

    struct end_of_stream
    {
    };
    class iterator
    {
    public:
        explicit iterator(std::size_t rows_per_block) : m_rows_per_block(rows_per_block) { read(); }
        const std::pair<array, array>& operator*() const { return *m_block; }
        iterator& operator++()
        {
            m_first += m_rows_per_block;
            read();
            return *this;
        }
        bool operator==(end_of_stream) const { return !m_block; }

    private:
        void read()
        {
            m_block.reset();
            if (m_first < rows)
            {
                const std::size_t last = std::min(m_first + m_rows_per_block, rows);
                m_block.emplace(points_in(m_first, last), targets_in(m_first, last));
            }
        }
        std::size_t m_rows_per_block;
        std::size_t m_first = 0;
        std::optional<std::pair<array, array>> m_block;
    };
    iterator begin() const { return iterator(m_rows_per_block); }
    end_of_stream end() const { return {}; }

private:
    std::size_t m_rows_per_block;
};

} // namespace

BOOST_AUTO_TEST_CASE(blocks_add_up_to_all_rows)
{
    const numbers expected = at_once();
    for (std::size_t rows_per_block : {1u, 2u, 3u, 8u, 18u, 19u, 36u})
    {
        BOOST_TEST_CONTEXT(rows_per_block << " rows per block")
        {
            require_close(over(autograd::blocks_of_rows(rows_per_block, points, targets)), expected, 1e-13);
        }
    }
}

// ------------------------------------------------------------------------------------------------ what bits are the
// same

BOOST_AUTO_TEST_CASE(one_block_has_the_bits_of_no_blocks)
{
    BOOST_TEST(over(autograd::blocks_of_rows(rows, points, targets)) == at_once());
    BOOST_TEST(over(autograd::blocks_of_rows(1000, points, targets)) == at_once());
}

BOOST_AUTO_TEST_CASE(bits_are_the_same_wherever_the_blocks_come_from)
{
    const numbers expected = over(autograd::blocks_of_rows(5, points, targets));
    BOOST_TEST(over(nn::batches_in_order({.size = 5}, points, targets)) == expected);
    BOOST_TEST(over(stream(5)) == expected);
    std::vector<std::tuple<array, array>> kept;
    for (const auto& [x, y] : stream(5))
    {
        kept.emplace_back(x, y);
    }
    BOOST_TEST(over(kept) == expected);
    const xt::xarray<double, xt::layout_type::column_major> by_columns = points;
    const xt::xtensor<double, 1> fixed = targets;
    BOOST_TEST(over(autograd::blocks_of_rows(5, by_columns, fixed)) == expected);
    const auto lazy = 1.0 * points;
    const auto backwards =
        xt::view(array(xt::flip(targets, 0)), xt::range(xt::placeholders::_, xt::placeholders::_, -1));
    BOOST_TEST(over(autograd::blocks_of_rows(5, lazy, backwards)) == expected);
    BOOST_TEST(over(autograd::blocks_of_rows(5, autograd::borrow(points.data(), {rows, 3}), targets)) == expected);
}

// So parts can be computed elsewhere, by other processes, and added.
BOOST_AUTO_TEST_CASE(the_sum_is_that_of_the_first_power_of_two_and_the_others)
{
    for (std::size_t count : {2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 12u, 13u, 31u, 37u})
    {
        BOOST_TEST_CONTEXT(count << " blocks")
        {
            std::size_t power = 1;
            while (2 * power < count)
            {
                power *= 2;
            }
            const auto part = [&](std::size_t first, std::size_t last)
            {
                const array x = points_in(first, last), y = targets_in(first, last);
                return over(autograd::blocks_of_rows(1, x, y));
            };
            BOOST_TEST(part(0, count) == part(0, power) + part(power, count));
        }
    }
}

// Added one after the other, these would drift off by 1 in 10,000.
BOOST_AUTO_TEST_CASE(rounding_does_not_grow_with_the_number_of_blocks)
{
    constexpr std::size_t count = 1 << 16;
    const xt::xarray<float> x = 0.1f * xt::ones<float>({count});
    autograd::tape<float> t;
    const auto w = t.variable(1.0f);
    const auto total =
        sum_over_blocks(autograd::blocks_of_rows(1, x), w, [](auto p, auto row) { return sum(p * row); });
    BOOST_TEST(total.item() == 0.1f * count);
    BOOST_TEST(gradient(total, w).item() == 0.1f * count);
}

// ---------------------------------------------------------------------------------------------------------- parameters

namespace
{

template <class Leaf>
struct model
{
    nn::linear<Leaf> hidden, output;
    autograd::buffer<Leaf> scale;
    NN_MEMBERS(hidden, output, scale)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(scale.value * x))); }
};

model<array> small_model()
{
    nn::random_stream random(3);
    return {nn::make_linear(3, 4, random), nn::make_linear(4, 1, random), {array(2.0)}};
}

const auto loss_of_model = [](const auto& m, auto x, auto y) { return sum(square(flatten(m(x)) - y)); };

} // namespace

BOOST_AUTO_TEST_CASE(of_a_model)
{
    tape t;
    const auto m = nn::on_tape(t, small_model());
    const variable whole = loss_of_model(m, t.constant(points), t.constant(targets));
    const variable blocks = sum_over_blocks(autograd::blocks_of_rows(8, points, targets), m, loss_of_model);
    BOOST_TEST(blocks.item() == whole.item(), tolerance(1e-13));
    const auto expected = nn::values(gradient(whole, m)), slope = nn::values(gradient(blocks, m));
    nn::zip_parameters([](const std::string& name, const array& a, const array& b)
                       { BOOST_TEST(list(a) == list(b), name << tolerance(1e-10) << per_element()); },
                       slope, expected);
    BOOST_TEST(slope.scale.value() == 2.0);
}

// Gradients accumulated over micro-batches are one step of an optimizer.
BOOST_AUTO_TEST_CASE(in_a_step_of_an_optimizer)
{
    const auto step = [](auto loss)
    {
        model<array> stored = small_model();
        nn::adam optimizer{.learning_rate = 0.1};
        auto state = optimizer.start(stored);
        tape t;
        const double value = nn::take_step(t, optimizer, stored, state, loss);
        BOOST_TEST(value > 0);
        return stored;
    };
    const auto mean_of = [](const auto& m, auto x, auto y) { return mean(square(flatten(m(x)) - y)); };
    const auto whole =
        step([&](const auto& m)
             { return mean_of(m, m.scale.value.tape().constant(points), m.scale.value.tape().constant(targets)); });
    const auto by_blocks =
        step([&](const auto& m) { return mean_over_blocks(autograd::blocks_of_rows(8, points, targets), m, mean_of); });
    nn::zip_parameters([](const std::string& name, const array& a, const array& b)
                       { BOOST_TEST(list(a) == list(b), name << tolerance(1e-9) << per_element()); },
                       by_blocks, whole);
}

BOOST_AUTO_TEST_CASE(of_lists_and_tuples)
{
    tape t;
    const variable w = t.variable(weights), b = t.variable(0.5), constant = t.constant(2.0);
    const auto blocks = autograd::blocks_of_rows(8, points, targets);
    const auto f = [](auto v, auto c, auto x, auto y) { return sum(square(matmul(x, v) + c - y)); };
    const auto expected = gradient(f(w, b, t.constant(points), t.constant(targets)), {w, b});
    const auto require = [&](variable by_w, variable by_b)
    {
        BOOST_TEST(list(by_w) == list(expected[0]), tolerance(1e-13) << per_element());
        BOOST_TEST(by_b.item() == expected[1].item(), tolerance(1e-13));
    };
    const auto of_array = [&](const auto& p, auto x, auto y) { return f(p[0], p[1], x, y); };
    const auto [w1, b1] = gradient(sum_over_blocks(blocks, {w, b}, of_array), {w, b});
    require(w1, b1);
    const std::vector<variable> both{w, b};
    const auto by_both = gradient(sum_over_blocks(blocks, both, of_array), both);
    require(by_both[0], by_both[1]);
    const auto of_tuple = [&](const auto& p, auto x, auto y) { return f(std::get<0>(p), std::get<1>(p), x, y); };
    const auto [w2, b2] = gradient(sum_over_blocks(blocks, std::tie(w, b), of_tuple), std::tie(w, b));
    require(w2, b2);
    BOOST_TEST(same(w, std::get<0>(std::tie(w, b)))); // the user's variables stay his
    // A constant among variables is a parameter like the others.
    const auto scaled = sum_over_blocks(
        blocks, {w, constant}, [](const auto& p, auto x, auto y) { return p[1] * sum(square(matmul(x, p[0]) - y)); });
    BOOST_TEST(2.0 * gradient(scaled, constant).item() == scaled.item(), tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(of_intermediate_results_and_beside_other_terms)
{
    tape t;
    const variable w = t.variable(weights);
    const variable inner = exp(w);
    const auto penalty = [&] { return 0.1 * sum(square(w)); };
    const auto loss = log(sum_over_blocks(autograd::blocks_of_rows(8, points, targets), inner, misfit)) + penalty();
    const auto expected = log(misfit(inner, t.constant(points), t.constant(targets))) + penalty();
    BOOST_TEST(loss.item() == expected.item(), tolerance(1e-14));
    BOOST_TEST(list(gradient(loss, w)) == list(gradient(expected, w)), tolerance(1e-12) << per_element());
    const variable direction = t.constant(random({3}, 5));
    BOOST_TEST(jvp(loss, w, direction).item() == jvp(expected, w, direction).item(), tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(as_a_function_of_arrays)
{
    const auto blocks = autograd::blocks_of_rows(8, points, targets);
    const auto loss = [&](auto w) { return sum_over_blocks(blocks, w, misfit); };
    const auto [value, slope] = autograd::value_and_grad(loss)(weights);
    require_close({value, list(slope)}, at_once(), 1e-13);
    autograd::check_gradient(loss, weights, {.order = 1}).require();
}

// ---------------------------------------------------------------------------------------------------------------- data

BOOST_AUTO_TEST_CASE(integers_are_positions_and_numbers_stay_as_they_are)
{
    const integers labels{2, 0, 1, 2, 2};
    tape t;
    const variable w = t.variable(weights);
    const auto of_labels = [](auto p, auto i) { return sum(square(gather(p, i))); };
    const auto total = sum_over_blocks(autograd::blocks_of_rows(2, labels), w, of_labels);
    BOOST_TEST(list(gradient(total, w)) == list(gradient(of_labels(w, t.index(labels)), w)), tolerance(1e-14)
                                                                                                 << per_element());
    const std::vector<std::pair<int, double>> powers{{1, 3.0}, {2, 5.0}};
    const auto polynomial = sum_over_blocks(powers, w, [](auto p, int n, double c) { return c * sum(pow(p, n)); });
    const array expected = 3.0 + 10.0 * weights;
    BOOST_TEST(list(gradient(polynomial, w)) == list(expected), tolerance(1e-14) << per_element());
}

BOOST_AUTO_TEST_CASE(floats_on_a_tape_of_double_are_converted)
{
    const xt::xarray<float> single = random<float>({rows, 3}, 0);
    const array converted = single;
    BOOST_TEST(over(autograd::blocks_of_rows(8, single, targets)) ==
               over(autograd::blocks_of_rows(8, converted, targets)));
}

BOOST_AUTO_TEST_CASE(blocks_are_in_order_and_know_their_number)
{
    const auto blocks = autograd::blocks_of_rows(8, points, targets);
    BOOST_TEST(blocks.size() == 5u);
    BOOST_TEST(blocks.rows() == rows);
    std::size_t next = 0;
    for (const auto& [x, y] : blocks)
    {
        BOOST_TEST(x.data == points.data() + 3 * 8 * next); // not copied
        BOOST_TEST(y.shape[0] == (next == 4 ? 5u : 8u));
        BOOST_TEST(std::get<0>(blocks[next]).data == x.data);
        ++next;
    }
    BOOST_TEST(next == blocks.size());
}

BOOST_AUTO_TEST_CASE(rows_without_elements)
{
    const array empty = array::from_shape({5, 0});
    tape t;
    const variable w = t.variable(2.0);
    const auto total =
        sum_over_blocks(autograd::blocks_of_rows(2, empty), w, [](auto p, auto x) { return p + sum(x); });
    BOOST_TEST(total.item() == 6.0);
    const variable none = t.variable(array::from_shape({0}));
    const auto of_none = sum_over_blocks(autograd::blocks_of_rows(2, empty), none, [](auto p, auto) { return sum(p); });
    BOOST_TEST(gradient(of_none, none).size() == 0u);
}

// ---------------------------------------------------------------------------------------------------------------- mean

BOOST_AUTO_TEST_CASE(means_count_rows)
{
    const auto mean_of = [](auto w, auto x, auto y) { return mean(square(tanh(matmul(x, w)) - y)); };
    tape t;
    const variable w = t.variable(weights);
    const numbers expected = numbers_of(mean_of(w, t.constant(points), t.constant(targets)), w);
    for (std::size_t rows_per_block : {1u, 5u, 8u, 36u})
    {
        BOOST_TEST_CONTEXT(rows_per_block << " rows per block")
        {
            const auto blocks = autograd::blocks_of_rows(rows_per_block, points, targets);
            require_close(numbers_of(mean_over_blocks(blocks, w, mean_of), w), expected, 1e-13);
        }
    }
    BOOST_TEST(numbers_of(mean_over_blocks(autograd::blocks_of_rows(rows, points, targets), w, mean_of), w) ==
               expected);
    const std::vector<array> uneven{points_in(0, 3), points_in(3, 30), points_in(30, rows)};
    const auto of_points = [](auto p, auto x) { return mean(exp(matmul(x, p))); };
    require_close(numbers_of(mean_over_blocks(uneven, w, of_points), w),
                  numbers_of(of_points(w, t.constant(points)), w), 1e-13);
}

// -------------------------------------------------------------------------------------------------------------- memory

BOOST_AUTO_TEST_CASE(only_one_block_is_held)
{
    std::size_t most = 0, blocks = 0;
    const auto f = [&](auto w, auto x, auto y)
    {
        ++blocks;
        const auto value = misfit(w, x, y);
        most = std::max(most, w.tape().memory());
        return value;
    };
    const auto memory = [&](std::size_t count)
    {
        most = blocks = 0;
        const array x = random({count, 3}, 0), y = random({count}, 1);
        tape t;
        const variable w = t.variable(weights);
        BOOST_TEST(sum_over_blocks(autograd::blocks_of_rows(100, x, y), w, f).item() > 0);
        BOOST_TEST(blocks == count / 100);
        BOOST_TEST(t.size() == 4u); // w, its slope, the value and what they came to
        return most;
    };
    BOOST_TEST(memory(20000) == memory(1000));
}

BOOST_AUTO_TEST_CASE(constants_have_a_value_alone)
{
    tape t;
    std::size_t instructions = 0;
    const auto f = [&](auto w, auto x)
    {
        instructions = w.tape().size();
        return sum(matmul(x, w));
    };
    const variable w = 1.0 * t.constant(weights);
    const variable total = sum_over_blocks(autograd::blocks_of_rows(8, points), w, f);
    BOOST_TEST(instructions == 2u);
    BOOST_TEST(t.size() == 5u); // the constant, the number, their product, the value and what it came to
    BOOST_TEST(total.item() == sum_over_blocks(autograd::blocks_of_rows(8, points), t.variable(weights), f).item());
    const std::string text = text_of<error::not_differentiable>([&] { static_cast<void>(gradient(total, w)); });
    BOOST_TEST(text ==
               "autograd: sum_over_blocks: all parameters were made of constants, so that only the value was computed. "
               "Put what is differentiated by on the tape by tape.variable.");
}

BOOST_AUTO_TEST_CASE(tapes_of_shapes)
{
    tape t(autograd::recording::shapes);
    const variable w = t.variable(weights);
    const variable total = sum_over_blocks(autograd::blocks_of_rows(8, points, targets), w, misfit);
    BOOST_TEST(total.dimension() == 0u);
    BOOST_TEST((gradient(total, w).shape() == w.shape()));
    const auto with_positions =
        sum_over_blocks(autograd::blocks_of_rows(8, points), std::tuple(w, t.index(integers{2, 0})),
                        [](const auto& p, auto x) { return sum(x) * sum(gather(std::get<0>(p), std::get<1>(p))); });
    BOOST_TEST(with_positions.dimension() == 0u);
}

// What is no variable in a structure goes with it.
BOOST_AUTO_TEST_CASE(positions_among_the_parameters)
{
    tape t;
    const variable w = t.variable(weights);
    const auto f = [](const auto& p, auto x) { return sum(x) * sum(gather(std::get<0>(p), std::get<1>(p))); };
    const std::tuple parameters(w, t.index(integers{2, 0, 2}));
    const variable total = sum_over_blocks(autograd::blocks_of_rows(8, points), parameters, f);
    const variable whole = f(parameters, t.constant(points));
    BOOST_TEST(total.item() == whole.item(), tolerance(1e-12));
    BOOST_TEST(list(gradient(total, w)) == list(gradient(whole, w)), tolerance(1e-12) << per_element());
}

// -------------------------------------------------------------------------------------------------------------- errors

namespace
{

template <class Error, class Blocks, class F>
std::string refusal(const Blocks& blocks, F f)
{
    tape t;
    const variable w = t.variable(weights);
    const std::size_t before = t.size();
    const std::string text = text_of<Error>([&] { static_cast<void>(sum_over_blocks(blocks, w, f)); });
    BOOST_TEST(t.size() == before);
    return text;
}

template <class Error, class... Arrays>
std::string refusal_to_cut(int rows_per_block, const Arrays&... arrays)
{
    return text_of<Error>([&] { static_cast<void>(autograd::blocks_of_rows(rows_per_block, arrays...)); });
}

} // namespace

BOOST_AUTO_TEST_CASE(data_that_cannot_be_cut)
{
    BOOST_TEST(
        refusal_to_cut<error::shape_error>(8, points, array(xt::zeros<double>({36}))) ==
        "autograd: blocks_of_rows: array 0 has shape (37, 3) and array 1 has shape (36,); all must have the same "
        "number of rows, the extent of axis 0.");
    BOOST_TEST(refusal_to_cut<error::shape_error>(8, points, array(1.0)) ==
               "autograd: blocks_of_rows: array 1 has 0 axes; rows lie along the first one.");
    BOOST_TEST(refusal_to_cut<error::value_error>(0, points) ==
               "autograd: blocks_of_rows: a block would have 0 rows; it must have 1 or more.");
    BOOST_TEST(refusal_to_cut<error::value_error>(-5, points) ==
               "autograd: blocks_of_rows: a block would have -5 rows; it must have 1 or more.");
    BOOST_TEST(refusal_to_cut<error::value_error>(8, array(array::from_shape({0, 3}))) ==
               "autograd: blocks_of_rows: array 0 has shape (0, 3); there must be 1 row or more.");
}

BOOST_AUTO_TEST_CASE(blocks_that_cannot_be_summed)
{
    const auto of_two = [](auto w, auto x, auto y) { return misfit(w, x, y); };
    using list_of_blocks = std::vector<std::tuple<array, array>>;
    BOOST_TEST(refusal<error::value_error>(list_of_blocks{}, of_two) ==
               "autograd: sum_over_blocks: there are 0 blocks; there must be 1 or more.");
    BOOST_TEST(
        refusal<error::shape_error>(list_of_blocks{{points, points_in(0, 2)}}, of_two) ==
        "autograd: sum_over_blocks: array 0 has shape (37, 3) and array 1 has shape (2, 3); all must have the same "
        "number of rows, the extent of axis 0.");
    BOOST_TEST(
        refusal<error::value_error>(list_of_blocks{{points, targets}, {points_in(0, 0), targets_in(0, 0)}}, of_two) ==
        "autograd: sum_over_blocks: block 1 has 0 rows; it must have 1 or more.");
    const std::vector<int> integers_alone{1, 2};
    tape t;
    const variable w = t.variable(weights);
    BOOST_TEST(
        text_of<error::value_error>(
            [&] {
                static_cast<void>(mean_over_blocks(integers_alone, w, [](auto p, int n) { return sum(pow(p, n)); }));
            }) == "autograd: mean_over_blocks: block 0 holds no array; a mean over blocks needs to know their rows.");
}

BOOST_AUTO_TEST_CASE(functions_that_cannot_be_summed)
{
    const auto blocks = autograd::blocks_of_rows(8, points);
    BOOST_TEST(
        refusal<error::shape_error>(blocks, [](auto w, auto x) { return matmul(x, w); }) ==
        "autograd: sum_over_blocks: what f gave for block 0 has shape (8,), but a sum over blocks needs a scalar. "
        "Use sum(y).");
    BOOST_TEST(
        refusal<error::not_differentiable>(blocks, [](auto, auto x) { return sum(x); }) ==
        "autograd: sum_over_blocks: y does not depend on input 0 of shape (3,); a gradient needs a path from it to y. "
        "Leave it out, or ask for unconnected::zero.");

    std::optional<variable> kept;
    const auto given_again = [&](auto w, auto x)
    {
        kept = kept ? kept : std::optional<variable>(sum(matmul(x, w)));
        return *kept;
    };
    BOOST_TEST(refusal<error::tape_error>(blocks, given_again) ==
               "autograd: sum_over_blocks: an operand was recorded before the tape was cleared or rewound. Record it "
               "again, or keep its value as an array.");
    kept.reset();
    const auto running_total = [&](auto w, auto x)
    {
        const variable here = sum(matmul(x, w));
        kept = kept ? *kept + here : here;
        return *kept;
    };
    BOOST_TEST(
        refusal<error::tape_error>(blocks, running_total) ==
        "autograd: add: an operand was recorded before the tape was cleared or rewound. Record it again, or keep "
        "its value as an array.");

    tape other;
    const variable outside = other.variable(2.0);
    BOOST_TEST(
        refusal<error::tape_error>(blocks, [&](auto, auto) { return outside; }) ==
        "autograd: sum_over_blocks: what f gave for block 0 lives on another tape; f computes with the parameters "
        "that it is given.");
    BOOST_TEST(refusal<error::tape_error>(blocks, [&](auto w, auto x) { return outside * sum(matmul(x, w)); })
                   .find("operands live on different tapes") != std::string::npos);
    BOOST_TEST(refusal<error::tape_error>(blocks,
                                          [&](auto w, auto x)
                                          {
                                              const auto y = sum(matmul(x, w));
                                              w.tape().clear();
                                              return y;
                                          }) ==
               "autograd: sum_over_blocks: an operand was recorded before the tape was cleared or rewound. Record it "
               "again, or keep its value as an array.");
}

BOOST_AUTO_TEST_CASE(parameters_that_cannot_be_taken)
{
    tape t, other;
    const variable w = t.variable(weights), v = other.variable(weights);
    const auto blocks = autograd::blocks_of_rows(8, points);
    const auto f = [](const auto& p, auto x) { return sum(matmul(x, p[0])); };
    BOOST_TEST(
        text_of<error::value_error>([&] { static_cast<void>(sum_over_blocks(blocks, std::vector<variable>(), f)); }) ==
        "autograd: sum_over_blocks: there are 0 parameters; there must be 1 or more.");
    BOOST_CHECK_THROW(static_cast<void>(sum_over_blocks(blocks, {w, v}, f)), error::tape_error);
    BOOST_CHECK_THROW(static_cast<void>(sum_over_blocks(blocks, {variable(), v}, f)), error::tape_error);
    const variable ignored = t.variable(1.0);
    BOOST_CHECK_THROW(static_cast<void>(sum_over_blocks(blocks, {w, ignored}, f)), error::not_differentiable);
    const auto zero = autograd::unconnected::zero;
    BOOST_TEST(gradient(sum_over_blocks(blocks, {w, ignored}, f, zero), ignored).item() == 0.0);
}

// The slopes are numbers: what they depend on is not known, and wrong in silence it would be without them.
BOOST_AUTO_TEST_CASE(second_derivatives_are_refused)
{
    tape t;
    const variable w = t.variable(weights);
    const variable total = sum_over_blocks(autograd::blocks_of_rows(8, points, targets), w, misfit);
    const variable slope = gradient(total, w);
    const std::string text = text_of<error::not_differentiable>([&] { static_cast<void>(gradient(sum(slope), w)); });
    BOOST_TEST(text.starts_with("autograd: sum_over_blocks: the rule read values at "), text);
    BOOST_TEST(
        text.ends_with(", so what it gave cannot be differentiated. For second derivatives, record the function of "
                       "all rows on one tape."),
        text);
    BOOST_CHECK_THROW(static_cast<void>(gradient(sum(square(w)) + sum(slope), w)), error::not_differentiable);
    BOOST_CHECK_THROW(static_cast<void>(hessian(total, w)), error::not_differentiable);
    BOOST_CHECK_THROW(static_cast<void>(hessian_vector_product(total, w, w)), error::not_differentiable);
    BOOST_CHECK_THROW(static_cast<void>(gradient(jvp(total, w, t.constant(weights)), w)), error::not_differentiable);
    // In forward mode, too, beside other paths.
    const variable along = jvp(total * sum(w), w, t.constant(weights));
    BOOST_CHECK_THROW(static_cast<void>(gradient(along, w)), error::not_differentiable);
    BOOST_CHECK_THROW(static_cast<void>(jvp(along, w, t.constant(weights))), error::not_differentiable);
    const variable several = autograd::stack({total, total * sum(w), sum(w), sum(square(w)), total * total, -total}, 0);
    BOOST_CHECK_THROW(static_cast<void>(gradient(sum(jacobian(several, w)), w)), error::not_differentiable);
}

// How a sum depends on what it is made of its slopes say: a rule that holds one has its derivative.
BOOST_AUTO_TEST_CASE(a_rule_may_hold_a_sum)
{
    tape t;
    const variable w = t.variable(2.0);
    const array factors{1, 2, 3};
    const auto total = [&](auto p)
    { return sum_over_blocks(autograd::blocks_of_rows(2, factors), p, [](auto q, auto r) { return sum(q * q * r); }); };
    const auto f =
        autograd::custom_vjp([](auto z) { return square(z); }, [&](auto z, auto, auto g) { return g * total(z); });
    BOOST_TEST(gradient(f(w), w).item() == 24.0); // 6 w^2
    BOOST_TEST(hessian(f(w), w).item() == 24.0);  // 12 w
    BOOST_CHECK_THROW(static_cast<void>(gradient(hessian(f(w), w), w)), error::not_differentiable);
}

BOOST_AUTO_TEST_SUITE_END()
