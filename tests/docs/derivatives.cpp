// The program of docs/derivatives.md: its blocks of C++ stand here, and what they print is what the page shows. An
// empty line ends what a block prints.

#include <autograd/autograd.hpp>
#include <autograd/tape/xtensor_io.hpp>
#include <nn/module.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tests/docs/print_error.hpp"

namespace
{

using variable = autograd::variable<double>;

void of_gradients(variable x, variable w, variable y)
{
    const auto slope = gradient(y, x); // 2 w x = (20, 40)
    std::cout << to_text(slope);
    std::cout << gradient(sum(slope), w).name("d2y/dx dw, summed") << '\n'; // 2 (1 + 2)
    const auto loss = y + 0.5 * sum(square(slope));                         // 5 w + 10 w^2
    std::cout << gradient(loss, w).name("of the loss") << '\n';             // 5 + 20 w
    std::cout << '\n';
}

void jacobians_and_hessians(autograd::tape<double>& tape, variable x, variable w, variable y)
{
    const auto z = w * x * sum(x); // (30, 60)
    const auto v = tape.constant(xt::xarray<double>{1.0, 0.0});
    std::cout << vjp(z, x, v).name("a row") << '\n';    // the cotangent (1, 0) of z goes back
    std::cout << jvp(z, x, v).name("a column") << '\n'; // x moves along (1, 0)
    const auto vs = tape.constant(xt::xarray<double>{{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}});
    std::cout << jvp(z, x, vs, autograd::batched).name("along three directions") << '\n';
    std::cout << jacobian(z, x).name("dz/dx") << '\n';
    const auto [by_x, by_w] = jacobian(z, {x, w});
    std::cout << by_w.name("dz/dw") << '\n';

    std::cout << hessian(y, x).name("d2y/dx dx") << '\n'; // 2 w on the diagonal
    const auto blocks = hessian(y, {x, w});
    std::cout << blocks(0, 1).name("d2y/dx dw") << '\n'; // 2 x
    std::cout << hessian_vector_product(y, x, v).name("d2y/dx dx times v") << '\n';
    std::cout << '\n';
}

template <class Leaf>
struct line
{
    Leaf weight, bias;
    NN_MEMBERS(weight, bias)

    Leaf operator()(Leaf x) const { return weight * x + bias; }
};

template <class Leaf>
struct network
{
    line<Leaf> hidden; // weight x + bias
    Leaf scale;
    NN_MEMBERS(hidden, scale)

    Leaf operator()(Leaf x) const { return scale * square(hidden(x)); }
};

void by_a_model(autograd::tape<double>& tape, const network<variable>& m)
{
    const auto loss = sum(m(tape.constant(xt::xarray<double>{0.0, 1.0}))); // 1^2 + 3^2
    const network<variable> slope = gradient(loss, m);
    std::cout << slope.hidden.bias.name("by the bias") << '\n'; // 2 (1 + 3)
    const auto blocks = hessian(loss, m);
    std::cout << blocks("hidden.weight", "hidden.bias").name("by weight and bias") << '\n';
    std::cout << blocks.matrix().name("by all") << '\n';
    const network<variable> v{{tape.constant(1.0), tape.constant(0.0)}, tape.constant(0.0)};
    std::cout << hessian_vector_product(loss, m, v).scale.name("the last of its first column") << '\n';
    std::cout << '\n';
}

void functions(variable x, variable w)
{
    const auto f = [](auto s, int n, auto c) { return c * sum(pow(s, n)); };
    const xt::xarray<double> at{1.0, 2.0};
    std::cout << autograd::grad(f)(at, 3, 10.0) << '\n'; // 3 c s^2
    const auto [value, slope] = autograd::value_and_grad(f)(at, 3, 10.0);
    const auto [by_s, by_c] = autograd::grad<0, 2>(f)(at, 3, 10.0);
    std::cout << value << ' ' << by_c() << '\n'; // 10 (1 + 8), 1 + 8
    const auto fourth = [](auto t) { return t * t * t * t; };
    std::cout << autograd::grad(autograd::grad(fourth))(2.0)() << '\n'; // 12 t^2
    std::cout << autograd::grad(f)(x, 3, w).name("df/dx") << '\n';      // of variables: recorded
    std::cout << '\n';
}

void rules(autograd::tape<double>& tape)
{
    const auto t = tape.variable(2.0);
    std::cout << gradient(t * stop_gradient(t), t).name("t stopped") << '\n'; // t, not 2 t
    const auto cube = [](auto s) { return s * s * s; };
    const auto rule = [](auto s, auto /* y */, auto g) { return g * (3 * s.item() * s.item()); }; // by a number
    const auto slope = gradient(autograd::custom_vjp(cube, rule)(t), t);
    std::cout << slope.name("dy/dt") << '\n';
    print_error_of([&] { return gradient(slope, t); });
    const auto once = autograd::custom_vjp(cube, rule, autograd::first_order);
    const auto product_rule = gradient(t * once(t), t); // t^3 + t c, where c is 3 t^2
    std::cout << gradient(product_rule, t).name("3 t^2 + c, not 12 t^2") << '\n';
    std::cout << '\n';
}

void checks(autograd::tape<double>& tape)
{
    const auto loss = [](auto x, auto w) { return sum(square(matmul(x, w))); };
    const xt::xarray<double> points{{1.0, 2.0}, {3.0, 4.0}}, weights{0.5, -0.25};
    autograd::check_gradient(loss, points, weights).require();
    const auto report = autograd::check_gradient(loss, {points, weights}, {.order = 1, .forward = false});
    std::cout << report.comparisons << " comparisons, " << report.disagreements << " disagreements\n";

    const auto x = tape.variable(xt::xarray<double>{4.0, 0.0, 1.0});
    std::cout << find_non_finite(gradient(sum(sqrt(x)), x))->operation << '\n';
    std::cout << '\n';
}

void samples(autograd::tape<double>& tape, const network<variable>& u)
{
    const auto x = tape.variable(xt::xarray<double>{0.0, 1.0, 2.0}); // three samples
    const auto du = gradient(sum(u(x)), x);                          // 4 (2 x + 1), of each
    std::cout << du.name("du/dx") << '\n' << gradient(sum(du), x).name("d2u/dx2") << '\n';

    const auto table = tape.variable(xt::xarray<double>{{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
    const auto rows = gather(table, tape.index({0, 2, 2})); // of each sample the row that it sees
    const auto areas = prod(rows, 1);                       // 1 * 2, 5 * 6, 5 * 6
    std::cout << gradient(sum(areas), rows).name("by its row") << '\n';
    std::cout << '\n';
}

void blocks_of_data(autograd::tape<double>& tape)
{
    const xt::xarray<double> t{0.0, 1.0, 2.0, 3.0, 4.0}, y{1.0, 3.0, 5.0, 7.0, 10.0};
    const auto misfit = [](auto slope, auto ts, auto ys) { return sum(square(1.0 + slope * ts - ys)); };
    const auto w = tape.variable(2.0);
    const auto blocks = autograd::blocks_of_rows(2, t, y); // rows 0 and 1, 2 and 3, 4
    const auto loss = sum_over_blocks(blocks, w, misfit) + 0.5 * square(w);
    std::cout << loss.item() << ' ' << gradient(loss, w).item() << '\n'; // 1 + 2, -2 * 4 + 2

    const auto of_blocks = [&](auto slope) { return sum_over_blocks(blocks, slope, misfit); };
    const auto [value, slope] = autograd::value_and_grad(of_blocks)(2.0);
    std::cout << value << ' ' << slope() << '\n';
    print_error_of([&] { return hessian(loss, w); });
    std::cout << '\n';
}

/// The sum of squares of distances from some points.
class spread
{
public:
    explicit spread(const xt::xarray<double>& points) : m_points(m_tape->constant(points)), m_start(m_tape->mark()) {}

    double slope(double at) const
    {
        m_tape->rewind(m_start);
        const auto x = m_tape->variable(at);
        return gradient(sum(square(x - m_points)), x).item();
    }

private:
    std::unique_ptr<autograd::tape<double>> m_tape = std::make_unique<autograd::tape<double>>();
    autograd::variable<double> m_points;
    autograd::tape<double>::position m_start;
};

spread make_spread(double scale)
{
    return spread(scale * xt::xarray<double>{1.0, 4.0});
}

void tapes_of_objects()
{
    std::vector<spread> spreads;
    spreads.push_back(make_spread(1.0));
    spreads.push_back(make_spread(2.0)); // the vector grows, and moves the first

    std::cout << spreads[0].slope(0.0) << ' ' << spreads[1].slope(0.0) << '\n'; // -2 (1 + 4), -2 (2 + 8)
    std::cout << '\n';
}

} // namespace

int main()
{
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1.0, 2.0}).name("x");
    const auto w = tape.variable(10.0).name("w");
    const auto s = sum(square(x));
    const auto y = w * s; // 10 (1 + 4) = 50

    std::cout << gradient(y, x).name("dy/dx") << '\n'; // 2 w x
    std::cout << gradient(y, s).name("dy/ds") << '\n'; // by an intermediate result
    const auto [dx, dw] = gradient(y, {x, w});         // both from one walk
    std::cout << dw.name("dy/dw") << '\n';
    const auto [of_x, of_w] = gradient(y, std::tie(x, w)); // a tuple
    std::cout << of_w.name("again") << '\n';

    const auto z = tape.variable(xt::xarray<double>{7.0, 8.0, 9.0});
    std::cout << gradient(y, z, autograd::unconnected::zero).name("dy/dz") << '\n';
    print_error_of([&] { return gradient(y, z); });
    std::cout << '\n';

    of_gradients(x, w, y);
    jacobians_and_hessians(tape, x, w, y);
    const network<variable> m{{tape.variable(2.0), tape.variable(1.0)}, tape.variable(1.0)}; // (2 x + 1)^2
    by_a_model(tape, m);
    functions(x, w);
    rules(tape);
    checks(tape);
    samples(tape, m);
    blocks_of_data(tape);
    tapes_of_objects();
}
