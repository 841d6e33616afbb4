// The program of docs/programs.md, of its part on recordings: blocks of C++ stand here, and what they print is what the
// page shows. An empty line ends what a block prints.

#include <autograd/autograd.hpp>
#include <autograd/compile/program.hpp>
#include <autograd/compile/show.hpp>
#include <autograd/prove/certify_program.hpp>
#include <autograd/random/legacy_generator.hpp>
#include <autograd/tape/xtensor_io.hpp>
#include <nn/data/moons.hpp>
#include <nn/loss.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <tuple>

#include "tests/docs/print_error.hpp"

namespace
{

using array = autograd::array<double>;
using integers = autograd::array<std::int64_t>;

void in_place()
{
    autograd::tape<double> tape;
    const auto w = tape.variable(xt::xarray<double>{3.0, 4.0});
    const auto rate = tape.variable(0.25);
    const auto loss = 0.5 * sum(square(w));
    const auto next = w - rate * gradient(loss, w);
    const auto step = autograd::compile({w, rate}, {next, loss}, {.replaces = {{0, 0}}}); // output 0 for input 0

    array weights{8.0, 16.0}, value = 0.0;
    const array by = 0.25;
    auto memory = step.make_workspace();
    for (int k = 0; k < 3; ++k)
    {
        step.run({weights, by}, {weights, value}, memory);
        std::cout << value() << ' ';
    }
    std::cout << weights << '\n';
    std::cout << '\n';
}

void checks()
{
    autograd::tape<double> tape;
    const auto scores = tape.variable(xt::xarray<double>{{1.0, 2.0}, {3.0, 1.0}});
    const auto labels = tape.index(xt::xarray<int>{1, 0});
    const auto f = autograd::compile<double>({scores, labels}, {nn::cross_entropy(scores, labels)});

    const array rows{{1.0, 2.0}, {3.0, 1.0}};
    array loss = 0.0;
    auto memory = f.make_workspace();
    print_error_of([&] { f.run({rows, integers{1, 2}}, {loss}, memory); });
    std::cout << '\n';
}

void decisions()
{
    autograd::tape<double> tape;
    const auto x = tape.variable(2.0);
    require(x > 0.0, "x must be positive.");
    const auto y = decide(x > 1.0) ? square(x) : x; // x is 2 while this is recorded
    const auto f = autograd::compile({x}, {y});

    array result = 0.0;
    auto memory = f.make_workspace();
    f.run({array(3.0)}, {result}, memory);
    std::cout << result() << '\n';
    print_error_of([&] { f.run({array(0.5)}, {result}, memory); });
    print_error_of([&] { f.run({array(-1.0)}, {result}, memory); });
    std::cout << '\n';
}

void draws()
{
    autograd::tape<double> tape;
    const auto x = tape.variable(1.0);
    const auto key = tape.index(7);
    print_error_of([&] { return autograd::compile({x}, {x * random_normal(key, {})}); });
    std::cout << autograd::compile<double>({x, key}, {x * random_normal(key, {})}).step_count() << " steps\n";
    std::cout << '\n';
}

void all_pairs()
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>(xt::ones<double>({3, 500}))).name("x");
    const auto y = tape.variable(xt::xarray<double>(xt::zeros<double>({3, 400}))).name("y");
    const auto differences = reshape(x, {3, 500, 1}) - reshape(y, {3, 1, 400});
    const auto energy = sum(exp(-sum(square(differences), 0)));
    const auto pairs = autograd::compile<double>({x, y}, {energy, gradient(energy, x)});
    std::cout << explain(pairs);
    std::cout << '\n';

    const auto logarithm = autograd::compile<double>({x, y}, {gradient(log(energy), x)});
    std::cout << explain(logarithm);
    std::cout << '\n';
}

void explained()
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>(xt::ones<double>({30'000, 2}))).name("x");
    const auto w = tape.variable(xt::xarray<double>{{0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}}).name("w");
    const auto loss = mean(square(tanh(matmul(x, w)) - 0.5)).name("loss");
    const auto next = (w - 0.1 * gradient(loss, w)).name("next w");
    const auto f = autograd::compile({x, w}, {next, loss}, {.replaces = {{0, 1}}});
    std::cout << to_text(f) << '\n';
    std::cout << explain(f);
    std::cout << '\n';

    all_pairs();
    std::cout << to_text(certify_program(f, {x, w}, {next, loss}).outcome) << '\n';
    std::cout << '\n';
}

void article_step()
{
    autograd::random::legacy_generator stream(0);
    const auto moons = nn::make_moons(300, 0.2, stream);
    autograd::tape<double> tape;
    const auto X = tape.variable(moons.points).name("X");
    const auto y = tape.index(moons.labels).name("y");
    const auto W1 = tape.variable(stream.randn({2, 3})).name("W1"), b1 = tape.variable(stream.randn({1, 3})).name("b1");
    const auto W2 = tape.variable(stream.randn({3, 2})).name("W2"), b2 = tape.variable(stream.randn({1, 2})).name("b2");

    const auto scores = matmul(tanh(matmul(X, W1) + b1), W2) + b2;
    const auto logarithms = log_softmax(scores, 1);
    const auto loss = -sum(one_hot(y, 2) * logarithms) + 0.005 * (sum(square(W1)) + sum(square(W2)));
    const auto [dW1, db1, dW2, db2] = gradient(loss, std::tuple(W1, b1, W2, b2));
    const double rate = 0.001;
    const auto step = autograd::compile<double>({X, y, W1, b1, W2, b2},
                                                {W1 - rate * dW1, b1 - rate * db1, W2 - rate * dW2, b2 - rate * db2},
                                                {.replaces = {{0, 2}, {1, 3}, {2, 4}, {3, 5}}, .constant = {0, 1}});
    std::cout << to_text(step) << '\n';
    std::cout << explain(step);
    std::cout << '\n';
}

} // namespace

int main()
{
    in_place();
    checks();
    decisions();
    draws();
    explained();
    article_step();
}
