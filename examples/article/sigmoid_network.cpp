#include "examples/article/sigmoid_network.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/random/legacy_generator.hpp"

namespace article
{

using variable = autograd::variable<double>;

sigmoid_network<variable> on_tape(autograd::tape<double>& tape, const sigmoid_network<xt::xarray<double>>& p)
{
    return {tape.variable(p.w).name("w"), tape.variable(p.b_w).name("b_w"), tape.variable(p.u).name("u"),
            tape.variable(p.b_u).name("b_u")};
}

sigmoid_pass forward(const sigmoid_network<variable>& p, variable x, variable t)
{
    const variable a_h = matmul(x, p.w) + p.b_w;
    const variable h = sigmoid(a_h).name("h");
    const variable a_y = matmul(h, p.u) + p.b_u;
    const variable y = sigmoid(a_y).name("y");
    const variable e = (y - t).name("e");
    return {a_h, h, a_y, y, (sum(square(e)) / 2).name("L")};
}

namespace
{

/// sum_i from_i weights_ij + bias_j, from (1, I) to (1, J).
variable summed(variable from, variable weights, variable bias)
{
    return sum(transpose(from) * weights, 0, xt::keep_dims) + bias;
}

/// What the article derives, and of what.
struct by_hand
{
    variable h;
    variable y;
    variable L;
    variable delta_y;
    variable delta_h;
    sigmoid_network<variable> slope;
};

/// The article's formulas, index by index: columns (I, 1) times rows (1, J) are tables of products.
by_hand derive_by_hand(const sigmoid_network<variable>& p, variable x, variable t)
{
    by_hand f;
    f.h = 1 / (1 + exp(-summed(x, p.w, p.b_w)));
    f.y = 1 / (1 + exp(-summed(f.h, p.u, p.b_u)));
    f.L = 0.5 * sum((f.y - t) * (f.y - t));
    f.delta_y = (f.y - t) * f.y * (1 - f.y);
    f.slope.u = transpose(f.h) * f.delta_y;
    f.slope.b_u = f.delta_y;
    f.delta_h = transpose(sum(f.delta_y * p.u, 1, xt::keep_dims)) * f.h * (1 - f.h);
    f.slope.w = transpose(x) * f.delta_h;
    f.slope.b_w = f.delta_h;
    return f;
}

} // namespace

std::vector<formula> sigmoid_formulas(autograd::tape<double>& tape, const layer_sizes& sizes, std::int64_t seed)
{
    const auto [inputs, hidden, outputs] = sizes;
    autograd::random::legacy_generator stream(seed);
    const auto drawn = [&](std::size_t rows, std::size_t columns) { return stream.randn({rows, columns}); };
    const variable x = tape.variable(drawn(1, inputs)).name("x");
    const variable t = tape.variable(drawn(1, outputs)).name("t");
    const variable eta = tape.variable(0.5).name("eta");
    const auto p = on_tape(tape, {drawn(inputs, hidden), drawn(1, hidden), drawn(hidden, outputs), drawn(1, outputs)});

    const sigmoid_pass pass = forward(p, x, t);
    pass.a_h.name("a_h");
    pass.a_y.name("a_y");
    const auto [delta_h, delta_y, slope] = gradient(pass.L, std::tuple(pass.a_h, pass.a_y, p));
    delta_h.name("delta_h");
    delta_y.name("delta_y");
    const variable sigmoid_slope = gradient(sum(pass.h), pass.a_h);
    const by_hand f = derive_by_hand(p, x, t);

    return {
        {"h", R"(h_j = \frac{1}{1 + e^{-(\sum_i x_i w_{ij} + b_{w,j})}})", f.h, pass.h},
        {"y", R"(y_j = \frac{1}{1 + e^{-(\sum_i h_i u_{ij} + b_{u,j})}})", f.y, pass.y},
        {"sigmoid'", R"(\sigma'(a) = \sigma(a) (1 - \sigma(a)))", f.h * (1 - f.h), sigmoid_slope},
        {"L", R"(L = \frac{1}{2} \sum_j (y_j - t_j)^2)", f.L, pass.L},
        {"delta_y", R"(\text{output: } \delta_j = (y_j - t_j)\,y_j (1 - y_j))", f.delta_y, delta_y},
        {"dL/du", R"(\frac{\partial L}{\partial u_{ij}} = h_i \delta_j)", f.slope.u, slope.u.name("u_bar")},
        {"dL/db_u", R"(\frac{\partial L}{\partial b_{u,j}} = \delta_j)", f.slope.b_u, slope.b_u},
        {"delta_h", R"(\text{hidden: } \delta_j = \Big(\sum_k \delta_k u_{jk}\Big) h_j (1 - h_j))", f.delta_h, delta_h},
        {"dL/dw", R"(\frac{\partial L}{\partial w_{ij}} = x_i \delta_j)", f.slope.w, slope.w.name("w_bar")},
        {"dL/db_w", R"(\frac{\partial L}{\partial b_{w,j}} = \delta_j)", f.slope.b_w, slope.b_w},
        {"update of u", R"(u_{ij} \leftarrow u_{ij} - \eta\,h_i \delta_j)", p.u - eta * f.slope.u, p.u - eta * slope.u},
        {"update of w", R"(w_{ij} \leftarrow w_{ij} - \eta\,x_i \delta_j)", p.w - eta * f.slope.w, p.w - eta * slope.w},
    };
}

} // namespace article
