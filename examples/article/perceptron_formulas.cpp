#include "examples/article/perceptron_formulas.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/random/legacy_generator.hpp"

namespace article
{

using variable = autograd::variable<double>;

namespace
{

/// The function that the article's code calls so: the derivative of the sigmoid at a, if it is called with a.
variable sigmoid_derivative(variable x)
{
    const variable s = sigmoid(x);
    return s * (1 - s);
}

} // namespace

std::vector<formula> perceptron_formulas(autograd::tape<double>& tape, std::size_t samples, std::size_t inputs,
                                         std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const variable X = tape.variable(stream.randn({samples, inputs})).name("X");
    const variable t = tape.variable(stream.rand({samples, 1})).name("t");
    const variable w = tape.variable(stream.rand({inputs, 1})).name("w");
    const variable b = tape.variable(stream.rand({1})).name("b");

    const variable a = (matmul(X, w) + b).name("a");
    const variable z = sigmoid(a).name("z");
    const variable loss = sum(square(z - t)) / 2;
    const auto slope = gradient(loss, {z, a, w, b});
    slope[0].name("z_bar");
    slope[1].name("a_bar");
    slope[2].name("w_bar");
    slope[3].name("b_bar");
    const variable slope_of_sigmoid = gradient(sum(z), a);

    const variable of_a = (z - t) * z * (1 - z);
    const variable by_code = (z - t) * sigmoid_derivative(z);
    const variable Xt = transpose(X);
    return {
        {"z", R"(z = \frac{1}{1 + e^{-(X w + b)}})", 1 / (1 + exp(-a)), z},
        {"sigmoid'", R"(\sigma'(a) = \sigma(a) (1 - \sigma(a)))", sigmoid_derivative(a), slope_of_sigmoid},
        {"dL/dz", R"(\frac{\partial L}{\partial z} = z - t)", z - t, slope[0]},
        {"dL/da", R"(\frac{\partial L}{\partial a} = (z - t)\,z (1 - z))", of_a, slope[1]},
        {"dL/dw", R"(\frac{\partial L}{\partial w} = X^\top ((z - t)\,z (1 - z)))", matmul(Xt, of_a), slope[2]},
        {"dL/db", R"(\frac{\partial L}{\partial b} = \sum (z - t)\,z (1 - z))", sum(of_a, 0), slope[3]},
        {"the code's dL/da", R"(\text{code: } (z - t)\,\sigma(z) (1 - \sigma(z)))", by_code, slope[1]},
        {"the code's dL/dw", R"(\text{code: } X^\top ((z - t)\,\sigma(z) (1 - \sigma(z))))", matmul(Xt, by_code),
         slope[2]},
        {"the code's dL/db", R"(\text{code: } \sum (z - t)\,\sigma(z) (1 - \sigma(z)))", sum(by_code, 0), slope[3]},
    };
}

} // namespace article
