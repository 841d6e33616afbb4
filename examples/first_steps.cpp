#include <autograd/autograd.hpp>
#include <cstdio>

int main()
{
    autograd::tape<double> tape;
    auto x = tape.constant(xt::xarray<double>{{1.0, 2.0}, {3.0, 4.0}});
    auto w = tape.variable(xt::xarray<double>{0.5, -0.25}).name("w");
    auto loss = sum(square(tanh(matmul(x, w)) - 0.5));
    auto g = gradient(loss, w);
    std::printf("loss %.6f, gradient (%.6f, %.6f)\n", loss.item(), g.value()(0), g.value()(1));
}
