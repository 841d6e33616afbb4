// What a user has: the library, an operation of his own, networks, and proofs. 0 when all of it gives what it should.

#include <autograd/autograd.hpp>
#include <autograd/define_operation.hpp>
#include <autograd/prove/certify.hpp>
#include <autograd/prove/interpretation.hpp>
#include <nn/data/moons.hpp>
#include <nn/nn.hpp>

#include <cmath>
#include <cstdio>

namespace
{

struct cube_rule : autograd::elementwise
{
    static constexpr auto name = "cube";
    static constexpr auto forward = [](auto x) { return x * x * x; };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g) { return g * (3 * x * x); }};
};

AUTOGRAD_PROVES(cube_rule)

autograd::variable<double> cube(autograd::variable<double> x, autograd::location where = autograd::location::current())
{
    return autograd::record<cube_rule, double>(where, x);
}

bool expect(const char* what, double value, double expected)
{
    const bool good = std::abs(value - expected) <= 1e-12 * std::abs(expected);
    std::printf("%s: %.12g%s\n", what, value, good ? "" : " is wrong");
    return good;
}

} // namespace

int main()
{
    autograd::tape<double> tape;
    const auto w = tape.variable(xt::xarray<double>{0.5, -0.25});
    const auto loss = sum(exp(matmul(tape.constant(xt::xarray<double>{{1.0, 2.0}, {3.0, 4.0}}), w)));
    const auto slope = gradient(loss, w);
    bool good = expect("slope", slope.value()(0), 1 + 3 * std::exp(0.5));

    const auto x = tape.variable(2.0);
    good = expect("third derivative of a cube", gradient(gradient(gradient(cube(x), x), x), x).item(), 6) && good;

    const auto certificate = certify_gradient(cube(x), x, 3 * square(x));
    std::printf("%s", to_text(certificate).c_str());
    good = certificate && !certify_gradient(cube(x), x, 3 * x) && good;

    autograd::random::legacy_generator stream(0);
    const nn::labelled_points moons = nn::make_moons(10, 0.1, stream);
    const auto layer = nn::on_tape(tape, nn::linear<xt::xarray<double>>{{{1.0, 3.0}, {2.0, 4.0}}, {}});
    const auto scores = layer(tape.constant(moons.points));
    const double first = moons.points(0, 0) + 2 * moons.points(0, 1);
    good = expect("first score of a layer", scores.value()(0, 0), first) && good;

    try
    {
        matmul(w, slope + tape.variable(xt::xarray<double>{{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}}));
        good = expect("errors", 0, 1) && good;
    }
    catch (const autograd::error::shape_error& e)
    {
        std::printf("%s\n", e.what());
    }
    return good ? 0 : 1;
}
