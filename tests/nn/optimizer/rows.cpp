// Steps of tables of which a batch meets rows: they cost what the rows cost, and have the numbers of whole ones.

#include "nn/nn.hpp"

#include "scratch_folder.hpp"
#include "support.hpp"

#include <cstring>

using namespace support;

namespace
{

template <class T>
using array_of = xt::xarray<T>;

/// A table beside a layer of another kind.
template <class Leaf>
struct words
{
    Leaf table;
    Leaf scale;
    NN_MEMBERS(table, scale)
};

template <class T>
array_of<T> numbers(extents shape, std::int64_t seed)
{
    nn::random_stream stream(seed);
    return xt::cast<T>(stream.randn(shape));
}

template <class T>
words<array_of<T>> model_of(std::size_t rows)
{
    return {numbers<T>({rows, 3}, 5), numbers<T>({3}, 6)};
}

template <class T>
bool same_bits(const array_of<T>& a, const array_of<T>& b)
{
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class A, class B>
void check_same(const A& a, const B& b, const std::string& what)
{
    nn::zip_members(
        [&](const std::string& name, nn::role, const auto& x, const auto& y)
        {
            if constexpr (nn::is_leaf<std::remove_cvref_t<decltype(x)>>)
            {
                BOOST_TEST(same_bits(x, y), what << ": " << name);
            }
        },
        a, b);
}

/// Repeated rows, negative indices, an array of them.
template <class T, class M>
auto loss_of_rows(autograd::tape<T>& t, const M& m, const xt::xarray<int>& i)
{
    return sum(sin(gather(m.table, t.index(i)) * m.scale)) * T(0.37) + sum(square(m.scale));
}

const std::vector<xt::xarray<int>>& batches()
{
    static const std::vector<xt::xarray<int>> all{
        {{3, -1, 3, 0}, {3, 6, -7, 2}}, {1, 1, 1}, xt::xarray<int>::from_shape({0}), {5, 0, -7, 5, 4, -2}};
    return all;
}

/// Several steps by rows have the bits of whole ones.
template <class T, class Optimizer>
void check_exact(const Optimizer& optimizer, const std::string& what, std::size_t rows)
{
    const auto unchanged = [](const auto& gradients) { return gradients; }; // which must see whole ones
    autograd::tape<T> t;
    auto by_rows = model_of<T>(rows);
    auto whole = by_rows;
    auto state_by_rows = optimizer.start(by_rows);
    auto state_of_whole = state_by_rows;
    for (const auto& batch : batches())
    {
        const auto loss = [&](const auto& m) { return loss_of_rows(t, m, batch); };
        const T a = nn::take_step(t, optimizer, by_rows, state_by_rows, loss);
        const T b = nn::take_step(t, optimizer, whole, state_of_whole, loss, optimizer.learning_rate, unchanged);
        BOOST_TEST(a == b);
        check_same(by_rows, whole, what);
        check_same(state_by_rows, state_of_whole, what + "'s state");
    }
    BOOST_TEST(!same_bits(whole.table, model_of<T>(rows).table));
    BOOST_TEST(t.size() == 0u);
}

/// An optimizer that counts what is on the tape as it is called: elements, but those of leaves, which are lent.
template <class Optimizer>
struct counted : Optimizer
{
    std::size_t* elements;
    std::size_t* largest; ///< of the gradients

    template <class Model, class State>
    auto operator()(const Model& parameters, const Model& gradients, const State& state, nn::rate_of<Model> rate) const
    {
        const auto result = Optimizer::operator()(parameters, gradients, state, rate);
        const auto& t = gradients.table.tape();
        *elements = 0;
        for (const auto& each : t.instructions())
        {
            *elements += each.op->kind == autograd::rule_kind::leaf ? 0 : each.size();
        }
        *largest = gradients.table.size();
        return result;
    }
};

/// What a step of a table of so many rows puts on the tape, with the bytes that the tape then has.
struct cost
{
    std::size_t elements = 0;
    std::size_t largest = 0;
    std::size_t bytes = 0;
    bool operator==(const cost&) const = default;
};
template <class Optimizer>
cost cost_of(std::size_t rows, const Optimizer& optimizer)
{
    tape t;
    auto model = model_of<double>(rows);
    auto state = optimizer.start(model);
    cost found;
    nn::take_step(t, counted<Optimizer>{optimizer, &found.elements, &found.largest}, model, state,
                  [&](const auto& m)
                  {
                      BOOST_TEST(m.table.data() == model.table.data(), "the table is read in place");
                      return loss_of_rows(t, m, xt::xarray<int>{1, 900, -3, 1});
                  });
    found.bytes = t.memory();
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_rows)

BOOST_AUTO_TEST_CASE(a_step_costs_what_its_batch_costs)
{
    const auto check = [](const auto& optimizer)
    {
        const cost small = cost_of(1'000, optimizer);
        BOOST_TEST(small.largest == 9u);
        BOOST_TEST(small.elements < 1'000u);
        BOOST_TEST((small == cost_of(100'000, optimizer)), optimizer.name());
    };
    check(nn::gradient_descent{});
    check(nn::sgd{});
    check(nn::adagrad{});
    check(nn::lazy_adam{});
    BOOST_TEST(cost_of(1'000, nn::adam{}).largest == 3'000u, "Adam moves all");
    BOOST_TEST(cost_of(1'000, nn::sgd{.momentum = 0.5}).largest == 3'000u);
    BOOST_TEST(cost_of(1'000, nn::sgd{.weight_decay = 0.5}).largest == 3'000u);
    BOOST_TEST(cost_of(1'000, nn::sgd{.weight_decay = 0.5, .not_decayed = {"table"}}).largest == 9u);
    BOOST_TEST(cost_of(1'000, nn::adagrad{.weight_decay = 0.5}).largest == 3'000u);
    BOOST_TEST(cost_of(1'000, nn::adagrad{.weight_decay = 0.5, .not_decayed = {"table"}}).largest == 9u);
}

BOOST_AUTO_TEST_CASE(steps_by_rows_have_the_bits_of_whole_ones)
{
    const auto check = []<class T>(T, std::size_t rows) // as few as a batch has, or many more
    {
        check_exact<T>(nn::gradient_descent{0.3}, "gradient_descent", rows);
        check_exact<T>(nn::sgd{.learning_rate = 0.3}, "sgd", rows);
        check_exact<T>(nn::sgd{.learning_rate = 0.3, .weight_decay = 0.1, .not_decayed = {"table"}}, "sgd with decay",
                       rows);
        check_exact<T>(nn::sgd{.learning_rate = 0.3, .momentum = 0.5}, "sgd with momentum", rows);
        check_exact<T>(nn::adagrad{.learning_rate = 0.3}, "adagrad", rows);
    };
    check(double(), 7);
    check(double(), 1'000);
    check(float(), 7);
    check(float(), 1'000);
}

// Nobody looks at them, and nothing is written.
BOOST_AUTO_TEST_CASE(rows_that_are_not_met_are_not_touched)
{
    tape t;
    auto model = model_of<double>(7);
    for (const std::size_t row : {1u, 4u, 5u})
    {
        std::fill_n(&model.table(row, 0), 3, std::nan("7"));
    }
    const auto before = model;
    const nn::lazy_adam adam;
    auto state = adam.start(model);
    nn::take_step(t, adam, model, state, [&](const auto& m) { return loss_of_rows(t, m, {6, 0, 2, 3, 6}); });
    for (std::size_t row = 0; row < 7; ++row)
    {
        const bool is_met = row == 0 || row == 2 || row == 3 || row == 6;
        const bool is_same = std::memcmp(&model.table(row, 0), &before.table(row, 0), 3 * sizeof(double)) == 0;
        BOOST_TEST(is_same != is_met);
        BOOST_TEST((state.first_moment.table(row, 1) != 0) == is_met);
        BOOST_TEST((state.second_moment.table(row, 1) != 0) == is_met);
    }
}

// The same table looked up twice, by other shapes of indices; and one that a product meets, too.
BOOST_AUTO_TEST_CASE(tables_may_be_used_in_several_ways)
{
    const auto check = []<class T>(T, bool has_product)
    {
        const auto unchanged = [](const auto& gradients) { return gradients; };
        autograd::tape<T> t;
        auto by_rows = model_of<T>(7);
        auto whole = by_rows;
        const nn::sgd sgd{.learning_rate = 0.1};
        auto none = sgd.start(whole);
        std::size_t elements = 0;
        std::size_t largest = 0;
        for (int k = 0; k < 3; ++k)
        {
            const auto loss = [&](const auto& m)
            {
                const auto i = t.index(xt::xarray<int>{{k, -k, 3}, {k, 6, 3}});
                const auto first = gather(m.table, i);
                const auto second = gather(m.table, t.index(3 - k));
                const auto scores = sum(tanh(first * second)) + loss_of_rows(t, m, {2, k});
                return has_product ? scores + sum(tanh(matmul(m.table, m.scale))) : scores;
            };
            nn::take_step(t, counted<nn::sgd>{sgd, &elements, &largest}, by_rows, none, loss);
            BOOST_TEST((largest == whole.table.size()) == has_product);
            nn::take_step(t, sgd, whole, none, loss, 0.1, unchanged);
            check_same(by_rows, whole, "twice");
        }
    };
    check(double(), false);
    check(float(), false);
    check(double(), true);
    check(float(), true);
}

// Of elements, of matrices.
BOOST_AUTO_TEST_CASE(rows_may_have_any_number_of_axes)
{
    for (const extents& shape : {extents{9}, extents{9, 2, 2}, extents{9, 0}})
    {
        tape t;
        const auto loss = [&](const variable& w) {
            return sum(sin(gather(w, t.index(xt::xarray<int>{{4, 1}, {4, -1}}))));
        };
        const nn::sgd sgd{.learning_rate = 0.5};
        array by_rows = numbers<double>(shape, 8);
        array whole = by_rows;
        auto none = sgd.start(by_rows);
        nn::take_step(t, sgd, by_rows, none, loss);
        nn::take_step(t, sgd, whole, none, loss, 0.5, [](const auto& g) { return g; });
        BOOST_TEST(list(by_rows) == list(whole), per_element());
    }
}

BOOST_AUTO_TEST_CASE(lazy_adam_is_adam_on_the_rows_that_are_met)
{
    const auto check = []<class T>(T, double tolerance_of_t)
    {
        autograd::tape<T> t;
        const nn::lazy_adam adam{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3};
        array_of<T> w = numbers<T>({7, 3}, 9);
        array_of<T> by_hand = w;
        array_of<T> m = xt::zeros_like(w);
        array_of<T> v = xt::zeros_like(w);
        auto state = adam.start(w);
        int step = 0;
        for (const auto& batch : batches())
        {
            // d sum sin(w_i) = cos(w_i), as often as i is met
            array_of<T> g = xt::zeros_like(w);
            std::vector<bool> is_met(7);
            for (const int i : batch)
            {
                const auto row = static_cast<std::size_t>(i < 0 ? i + 7 : i);
                is_met[row] = true;
                for (std::size_t k = 0; k < 3; ++k)
                {
                    g(row, k) += std::cos(by_hand(row, k));
                }
            }
            ++step;
            for (std::size_t row = 0; row < 7; ++row)
            {
                for (std::size_t k = 0; is_met[row] && k < 3; ++k)
                {
                    m(row, k) = T(0.8) * m(row, k) + T(0.2) * g(row, k);
                    v(row, k) = T(0.9) * v(row, k) + T(0.1) * g(row, k) * g(row, k);
                    const double mean = m(row, k) / (1 - std::pow(0.8, step));
                    const double square = v(row, k) / (1 - std::pow(0.9, step));
                    by_hand(row, k) -= static_cast<T>(0.1 * mean / (std::sqrt(square) + 1e-3));
                }
            }
            nn::take_step(t, adam, w, state,
                          [&](const auto& table) { return sum(sin(gather(table, t.index(batch)))); });
            BOOST_TEST(static_cast<double>(xt::amax(xt::abs(w - by_hand))()) <= tolerance_of_t);
            BOOST_TEST(static_cast<double>(xt::amax(xt::abs(state.first_moment - m))()) <= tolerance_of_t);
            BOOST_TEST(static_cast<double>(xt::amax(xt::abs(state.second_moment - v))()) <= tolerance_of_t);
            BOOST_TEST(state.step() == static_cast<T>(step));
        }
    };
    check(double(), 1e-14);
    check(float(), 1e-6);
}

// Where all rows are met, and where gradients are whole.
BOOST_AUTO_TEST_CASE(lazy_adam_is_adam_elsewhere)
{
    tape t;
    const nn::adam adam{.learning_rate = 0.1};
    const nn::lazy_adam lazy{.learning_rate = 0.1};
    const auto check = [&](const auto& loss, const auto& adjust)
    {
        auto a = model_of<double>(7);
        auto b = a;
        auto state_of_a = adam.start(a);
        auto state_of_b = lazy.start(b);
        for (int k = 0; k < 4; ++k)
        {
            nn::take_step(t, adam, a, state_of_a, loss, 0.1, adjust);
            nn::take_step(t, lazy, b, state_of_b, loss, 0.1, adjust);
        }
        check_same(a, b, "models");
        check_same(state_of_a, state_of_b, "states");
    };
    check([&](const auto& m) { return loss_of_rows(t, m, {6, 5, 4, 3, 0, 1, 2, 0}); }, std::identity());
    check([&](const auto& m) { return loss_of_rows(t, m, {6, 5}) + 0.1 * sum(square(m.table)); }, std::identity());
    check(
        [&](const auto& m) {
            return loss_of_rows(t, m, {6, 5});
        },
        [](const auto& g) { return nn::clip_by_norm(g, 0.1); });
    check([&](const auto& m) { return sum(sin(m.table)) + sum(m.scale); }, std::identity());
}

// By the gradient of the table itself, which is whole where the loss reads it.
BOOST_AUTO_TEST_CASE(a_loss_may_be_made_of_gradients)
{
    tape t;
    const auto loss = [&](const words<variable>& m)
    {
        const variable first = loss_of_rows(t, m, {3, -1, 3, 0});
        return first + sum(square(gradient(first, m.table)));
    };
    const nn::sgd sgd{.learning_rate = 0.1};
    auto by_rows = model_of<double>(7);
    auto whole = by_rows;
    auto none = sgd.start(whole);
    std::size_t elements = 0;
    std::size_t largest = 0;
    nn::take_step(t, counted<nn::sgd>{sgd, &elements, &largest}, by_rows, none, loss);
    BOOST_TEST(largest == 9u);
    nn::take_step(t, sgd, whole, none, loss, 0.1, [](const auto& g) { return g; });
    check_same(by_rows, whole, "second order");
}

BOOST_AUTO_TEST_CASE(a_failed_step_by_rows_changes_nothing)
{
    tape t;
    auto model = model_of<double>(7);
    const auto before = model;
    const nn::lazy_adam lazy;
    auto state = lazy.start(model);
    const auto refused = [&](const auto& optimizer, auto& of_optimizer, const auto& loss)
    {
        const std::string text =
            text_of<autograd::error::value_error>([&] { nn::take_step(t, optimizer, model, of_optimizer, loss); });
        check_same(model, before, text);
        BOOST_TEST(t.size() == 0u);
        return text;
    };
    const nn::sgd sgd{.learning_rate = 1e200};
    auto none = sgd.start(model);
    BOOST_TEST(
        refused(sgd, none,
                [&](const auto& m) {
                    return loss_of_rows(t, m, {3, 2}) - 1e150 * sum(gather(m.table, t.index(3)));
                }) ==
        "autograd: sgd: table would become inf; parameters and state must be finite. They stay as they were: take "
        "a smaller learning rate, or clip the gradients.");
    BOOST_TEST(refused(lazy, state,
                       [&](const auto& m)
                       { return loss_of_rows(t, m, {1}) + sum(1e200 * gather(m.table, t.index(2))); }) ==
               "autograd: lazy_adam: the state's second_moment.table would become inf; parameters and state must be "
               "finite. They stay as they were: take a smaller learning rate, or clip the gradients.");
    BOOST_TEST(refused(lazy, state, [&](const auto& m) { return loss_of_rows(t, m, {1}) / 0.0; })
                   .starts_with("autograd: take_step: the loss is "));
    check_same(state, lazy.start(model), "state");
    BOOST_TEST(
        text_of<autograd::error::not_differentiable>(
            [&]
            { nn::take_step(t, lazy, model, state, [&](const auto& m) { return sum(gather(m.table, t.index(2))); }); })
            .find("scale") != std::string::npos);
}

namespace
{

/// Keeps the parameters of the step before, which a tape reads in place.
template <class Model>
struct last_state
{
    Model last;
    NN_MEMBERS(last)
};
struct remembering
{
    double learning_rate = 0.5;
    static constexpr std::string_view name() { return "remembering"; }
    template <class Model>
    last_state<Model> start(const Model& model) const
    {
        return {nn::zeros_like(model)};
    }
    bool steps_by_rows(std::string_view) const { return true; }
    template <class Model>
    std::pair<Model, last_state<Model>> operator()(const Model& parameters, const Model& gradients,
                                                   const last_state<Model>&, nn::rate_of<Model> rate) const
    {
        return {
            nn::map_parameters([&](const std::string&, auto w, auto g) { return w - rate * g; }, parameters, gradients),
            {parameters}};
    }
};

/// Gives a table back that is no rows of it.
struct shortening : remembering
{
    static constexpr std::string_view name() { return "shortening"; }
    template <class Model>
    std::pair<Model, last_state<Model>> operator()(const Model& parameters, const Model&, const last_state<Model>&,
                                                   nn::rate_of<Model>) const
    {
        Model next = parameters;
        next.table = sum(next.table);
        return {next, {parameters}};
    }
};

/// A table whose values are copied, from time to time, into one that is not trained; and that one into another.
template <class Leaf>
struct followed
{
    nn::buffer<Leaf> before_last;
    Leaf table;
    nn::buffer<Leaf> last;
    NN_MEMBERS(before_last, table, last)
};

} // namespace

// What is stored is what it was before the step, in whatever order the arrays are written.
BOOST_AUTO_TEST_CASE(arrays_that_are_read_in_place_are_stored_as_they_were)
{
    tape t;
    for (const bool has_product : {false, true})
    {
        auto model = model_of<double>(7);
        const auto before = model;
        auto state = remembering().start(model);
        nn::take_step(t, remembering(), model, state,
                      [&](const auto& m)
                      {
                          const variable rows = loss_of_rows(t, m, {2, 6});
                          return has_product ? rows + sum(matmul(m.table, m.scale)) : rows;
                      });
        BOOST_TEST(same_bits(state.last.scale, before.scale));
        for (std::size_t row = 0; row < 7; ++row)
        {
            const bool is_met = has_product || row == 2 || row == 6;
            BOOST_TEST(state.last.table(row, 0) == (is_met ? before.table(row, 0) : 0.0));
        }
    }
    const auto follow = [&](const auto& optimizer, bool by_rows)
    {
        followed<array> model{{numbers<double>({4, 2}, 1)}, numbers<double>({4, 2}, 2), {numbers<double>({4, 2}, 3)}};
        const auto before = model;
        auto state = optimizer.start(model);
        nn::take_step(t, optimizer, model, state,
                      [&](const followed<variable>& m)
                      {
                          followed<variable> next = m;
                          next.before_last.value = m.last.value;
                          next.last.value = reshape(reshape(m.table, {8}), {4, 2});
                          return std::pair(by_rows ? sum(square(gather(m.table, t.index(1)))) : sum(square(m.table)),
                                           next);
                      });
        BOOST_TEST(list(model.before_last.value) == list(before.last.value), per_element());
        BOOST_TEST(list(model.last.value) == list(before.table), per_element());
        BOOST_TEST(!same_bits(model.table, before.table));
    };
    follow(nn::sgd{}, true);
    follow(nn::sgd{}, false);
    follow(nn::adam{}, false);
}

// In epochs, with a schedule, and from a checkpoint on; clipped gradients are whole.
BOOST_AUTO_TEST_CASE(a_fit_steps_by_rows)
{
    const scratch_folder folder;
    const xt::xarray<int> i = xt::arange(24) * 7 % 30;
    const auto batches = [&](auto& random) { return nn::shuffled_batches({.size = 4}, random, i); };
    const auto loss = [](const auto& m, auto rows)
    { return mean(square(gather(m.table, rows) * m.scale - 1.0)) + 0.1 * sum(square(m.scale)); };
    const auto training = [&](const auto& optimizer)
    { return nn::training(model_of<double>(30), optimizer, nn::warm_up(3)); };
    nn::fit_options<words<array>> options{.checkpoint = folder.path() / "run.npz",
                                          .progress = nn::progress_bar::style::silent};

    const nn::lazy_adam lazy{.learning_rate = 0.1};
    auto whole = training(lazy);
    nn::fit(whole, 6, batches, loss, options);
    auto first = training(lazy);
    nn::fit(first, 3, batches, loss, options);
    auto second = training(lazy);
    nn::load_checkpoint(options.checkpoint, second);
    nn::fit(second, 6, batches, loss, options);
    check_same(second.model, whole.model, "model");
    check_same(second.state, whole.state, "state");
    BOOST_TEST(whole.progress.history.back().loss < whole.progress.history.front().loss);
    for (std::size_t row = 0; row < 30; ++row)
    {
        const bool is_met = std::find(i.begin(), i.end(), static_cast<int>(row)) != i.end();
        BOOST_TEST((whole.model.table(row, 0) != model_of<double>(30).table(row, 0)) == is_met);
    }

    options.checkpoint.clear();
    options.adjust_gradients = [](const auto& g) { return nn::clip_by_norm(g, 0.1); };
    auto clipped = training(lazy);
    nn::fit(clipped, 2, batches, loss, options);
    auto of_adam = training(nn::adam{.learning_rate = 0.1});
    nn::fit(of_adam, 2, batches, loss, options);
    check_same(clipped.model, of_adam.model, "clipped");
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_are_refused)
{
    tape t;
    auto model = model_of<double>(7);
    const auto before = model;
    auto state = shortening().start(model);
    BOOST_TEST(
        text_of<autograd::error::shape_error>(
            [&] {
                nn::take_step(t, shortening(), model, state, [&](const auto& m) { return loss_of_rows(t, m, {2, 6}); });
            }) ==
        "autograd: shortening: it was given rows of shape (2, 3) and gave (); a step by rows keeps their shape.");
    check_same(model, before, "refused");
}

BOOST_AUTO_TEST_CASE(bad_hyperparameters_of_lazy_adam_are_refused)
{
    const auto complaint = [](const nn::lazy_adam& optimizer)
    { return text_of<autograd::error::value_error>([&] { static_cast<void>(optimizer.start(array{1.0})); }); };
    BOOST_TEST(complaint({.learning_rate = -1}) ==
               "autograd: lazy_adam: learning_rate is -1; it must be finite and not negative.");
    BOOST_TEST(complaint({.beta2 = 1}) == "autograd: lazy_adam: beta2 is 1; it must be at least 0 and less than 1.");
    BOOST_TEST(complaint({.epsilon = 0}) == "autograd: lazy_adam: epsilon is 0; it must be finite and greater than 0.");
}

BOOST_AUTO_TEST_SUITE_END()
