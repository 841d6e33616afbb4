// The program of docs/linear_algebra.md: its blocks of C++ stand here, and what they print is what the page shows. An
// empty line ends what a block prints.

#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <autograd/tape/xtensor_io.hpp>

#include <cstdint>
#include <iostream>
#include <string>

#include "tests/docs/print_error.hpp"

namespace
{

int count(const autograd::tape<double>& tape, const std::string& name)
{
    int result = 0;
    for (std::uint32_t i = 0; i < tape.size(); ++i)
    {
        result += tape[i].op->name == name;
    }
    return result;
}

void equations()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{2.0, 1.0}, {0.0, 4.0}}).name("a");
    const auto b = tape.variable(xt::xarray<double>{4.0, 8.0}).name("b");
    const auto x = solve(a, b); // (1, 2)
    const auto s = sum(x);
    std::cout << x.name("x") << '\n';
    std::cout << gradient(s, b).name("ds/db") << '\n'; // u = a^-T (1, 1)
    std::cout << gradient(s, a).name("ds/da") << '\n'; // -u x^T
    std::cout << '\n';
}

void batches()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{{4.0, 2.0}, {2.0, 5.0}}, {{1.0, 0.0}, {0.0, 9.0}}});
    const auto l = cholesky(a);
    const auto logarithms = 2.0 * sum(log(diagonal(l, 0, -2, -1)), -1); // (log 16, log 9)
    std::cout << logarithms.name("by cholesky") << '\n' << slogdet(a).logarithm.name("by slogdet") << '\n';
    std::cout << trace(a, 0, -2, -1).name("traces") << '\n';
    std::cout << '\n';
}

void factorizations()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{0.0, 2.0}, {1.0, 5.0}}).name("a");
    const auto [q, r] = qr(a);
    const auto slope = gradient(sum(square(r)), a); // the sum of the squares of R is that of a: 2 a
    const auto curvature = gradient(sum(square(slope)), a);
    std::cout << slope.name("slope") << '\n' << curvature.name("curvature") << '\n';
    std::cout << "factorizations: " << count(tape, "qr_factor") << '\n';
    std::cout << '\n';
}

void triangles()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{4.0, 2.0}, {2.0, 5.0}}).name("a");
    const auto below = view(cholesky(a), 1, 0); // a_10 / sqrt(a_00)
    std::cout << gradient(below, a).name("of the lower triangle") << '\n';
    const auto of_both = view(cholesky(0.5 * (a + transpose(a))), 1, 0);
    std::cout << gradient(of_both, a).name("of both") << '\n';
    std::cout << '\n';
}

void refusals()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{6.0, 10.0}, {0.0, 0.0}}); // columns that depend on each other
    const auto r = qr(a).r;
    std::cout << r.name("r") << '\n';
    print_error_of([&] { return gradient(sum(r), a); });
    const auto singular = tape.variable(xt::xarray<double>{{{1.0, 0.0}, {0.0, 1.0}}, {{1.0, 2.0}, {2.0, 4.0}}});
    print_error_of([&] { return inverse(singular); });
    std::cout << '\n';
}

void flows()
{
    autograd::tape<double> tape;
    const auto t = tape.variable(0.0).name("t");
    const xt::xarray<double> turn{{0.0, -1.0}, {1.0, 0.0}};
    const auto position = matmul(expm(t * turn), xt::xarray<double>{2.0, 0.0}); // (2 cos t, 2 sin t)
    const auto velocity = jvp(position, t, tape.full({}, 1.0));
    const auto acceleration = jvp(velocity, t, tape.full({}, 1.0));
    std::cout << velocity.name("velocity") << '\n' << acceleration.name("acceleration") << '\n';
    std::cout << '\n';
}

void sylvester()
{
    autograd::tape<double> tape;
    const auto a = tape.variable(xt::xarray<double>{{2.0, 0.0}, {0.0, 3.0}});
    const auto b = tape.variable(xt::xarray<double>{{1.0, 0.0}, {0.0, 2.0}});
    const auto c = tape.variable(xt::xarray<double>{{3.0, 8.0}, {4.0, 10.0}});
    const xt::xarray<double> one = xt::eye<double>(2);
    const auto x = reshape(solve(kron(a, one) + kron(one, transpose(b)), flatten(c)), {2, 2});
    std::cout << x.name("x") << '\n'; // c_ij / (a_i + b_j)
    std::cout << '\n';
}

} // namespace

int main()
{
    equations();
    batches();
    factorizations();
    triangles();
    refusals();
    flows();
    sylvester();
}
