#include <autograd/autograd.hpp>
#include <autograd/prove/certify.hpp>
#include <cstdio>

int main()
{
    autograd::tape<double> tape;
    auto x = tape.variable(xt::xarray<double>{{0.5, -1.0}, {2.0, 0.25}, {1.0, 3.0}}).name("x");
    auto t = tape.variable(xt::xarray<double>{1.0, 0.0, 1.0}).name("t");
    auto w = tape.variable(xt::xarray<double>{0.3, -0.2}).name("w");
    auto a = tanh(matmul(x, w)).name("a");
    auto loss = mean(square(a - t)).name("L");

    auto by_hand = matmul(transpose(x), 2 * (a - t) * (1 - a * a)) / 3;
    auto of_the_sum = matmul(transpose(x), 2 * (a - t) * (1 - a * a));
    auto with_a_slip = matmul(transpose(x), 2 * (a - t) * (1 - a)) / 3;
    for (auto formula : {by_hand, of_the_sum, with_a_slip})
    {
        std::puts(to_text(certify_gradient(loss, w, formula.name("dw"))).c_str());
    }
}
