// A user's source, compiled with flags that the libraries were not compiled with: macros that change what xt::xarray
// is, and -ffast-math, with which a compiler takes no number for infinite or NaN. What the library says stays the same.

#include "tests/linked/loaded.hpp"

#include "autograd/autograd.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "nn/nn.hpp"

#include <unistd.h>

#include <filesystem>
#include <string>

namespace
{

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

const xt::xarray<double> rising{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}};

/// (0, 1) is 2 and (1, 0) is 4, however either array keeps its elements.
template <class Array>
bool is_rising(const Array& found)
{
    const xt::xarray<double> copy = found;
    const autograd::array<double> ours = found;
    return found.dimension() == 2 && found(0, 1) == 2 && found(1, 0) == 4 && copy(0, 1) == 2 && copy(1, 0) == 4 &&
           ours(0, 1) == 2 && ours(1, 0) == 4 && ours.data()[1] == 2;
}

void check_arrays(checks& check)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(rising);
    check(is_rising(x.value()), "an array on the tape");
    check(is_rising(tape.variable({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}).value()), "a nested list on the tape");
    check(is_rising((x + rising - rising).value()), "an array beside a variable");
    check(is_rising(autograd::gradient(sum(x * rising), x).value()), "a gradient");
    check(is_rising(autograd::grad([](auto y) { return 0.5 * sum(y * y); })(rising)), "a gradient as an array");
    check(transpose(x).value()(1, 0) == 2, "a transposed array");
    const autograd::indices<double> rows = tape.index(xt::xarray<std::int64_t>{1, 0});
    check(gather(x, rows, 0).value()(1, 2) == 3, "rows by their indices");
    check(autograd::check_gradient([](auto y) { return sum(tanh(y)); }, autograd::array<double>(rising)).passed,
          "check_gradient");
    autograd::random::legacy_generator stream(1);
    autograd::random::legacy_generator same_stream(1);
    const auto drawn = stream.rand({2, 3});
    check(drawn(0, 1) == same_stream.rand({6})(1), "random numbers");
}

void check_networks(checks& check)
{
    nn::random_stream stream(0);
    const auto moons = nn::make_moons(20, 0.1, stream);
    classifier<autograd::array<double>> model{nn::make_linear<double>(2, 4, stream),
                                              nn::make_linear<double>(4, 2, stream)};
    autograd::tape<double> tape;
    const auto x = tape.constant(moons.points);
    const auto y = tape.index(moons.labels);
    const auto loss = [&](const auto& m) { return nn::cross_entropy(m(x), y); };
    const nn::adam optimizer{.learning_rate = 0.05};
    auto state = optimizer.start(model);
    const double before = nn::take_step(tape, optimizer, model, state, loss);
    double after = before;
    for (int step = 0; step < 20; ++step)
    {
        after = nn::take_step(tape, optimizer, model, state, loss);
    }
    check(after < before, "a training");

    const auto file = std::filesystem::temp_directory_path() / ("xgrad_user_" + std::to_string(getpid()) + ".npz");
    nn::save_model(file, model);
    auto loaded_model = model;
    loaded_model.hidden.weight(0, 1) = 0;
    nn::load_model(file, loaded_model);
    std::filesystem::remove(file);
    check(loaded_model.hidden.weight(0, 1) == model.hidden.weight(0, 1), "a model from a file");

    const xt::xarray<std::int64_t> truth{0, 1, 1};
    const xt::xarray<std::int64_t> predicted{0, 1, 0};
    check(nn::confusion_matrix(truth, predicted, 2)(1, 0) == 1, "a confusion matrix");
}

void check_numbers_that_are_none(checks& check)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{-1.0, 4.0});
    const auto y = log(x);
    check(autograd::find_non_finite(y).has_value(), "NaN is found on the tape");
    check(sum(isnan(y)).item() == 1, "NaN is counted");

    nn::linear<autograd::array<double>> model{{{-1.0, -2.0}}, {}};
    const nn::gradient_descent optimizer{.learning_rate = 0.1};
    auto state = optimizer.start(model);
    bool refused = false;
    try
    {
        nn::take_step(tape, optimizer, model, state, [](const auto& m) { return sum(log(m.weight)); });
    }
    catch (const autograd::error::value_error&)
    {
        refused = true;
    }
    check(refused, "a loss that is NaN is refused");
}

} // namespace

int main()
{
    checks check;
    check_arrays(check);
    check_networks(check);
    check_numbers_that_are_none(check);
    return check.exit_code();
}
