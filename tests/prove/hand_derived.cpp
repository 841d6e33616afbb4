#include "tests/prove/hand_derived.hpp"

namespace support
{

namespace
{

using autograd::indices;

// Every step stands with the slips that are made in it: those that one step alone can put right, so that there is one
// right line. (In p - onehot / N, either p or the whole lacks a factor.)

/// Extents from 2; all the same in half of the cases, where a missing transpose or a wrong axis is not noticed.
class random_extents
{
public:
    explicit random_extents(random_formulas& of) : m_of(of), m_side(of.heads() ? 2 + of.below(3) : 0) {}
    std::size_t operator()() { return m_side > 0 ? m_side : 2 + m_of.below(3); }

private:
    random_formulas& m_of;
    std::size_t m_side;
};

// --------------------------------------------------------------------------------------------------------- networks

enum class activation
{
    tanh,
    sigmoid,
    relu,
    cosine,
    cube,
    entropy ///< (1 + z^2) log(1 + z^2) - z^2
};

struct neuron
{
    variable value;
    std::function<variable(variable cotangent)> pull; ///< the cotangent times the slope, by hand
};

neuron activated(activation which, variable z, hand& by)
{
    switch (which)
    {
    case activation::tanh:
    {
        const variable a = tanh(z);
        const auto pull = [=, &by](variable g)
        {
            return by.step(g * (1 - square(a)), {{slip::one_minus_value, [=] { return g * (1 - a); }},
                                                 {slip::forgotten_square, [=] { return g * (1 - a); }},
                                                 {slip::value_times_one_minus, [=] { return g * (a * (1 - a)); }},
                                                 {slip::slope_at_value, [=] { return g * (1 - square(tanh(a))); }},
                                                 {slip::wrong_sign, [=] { return g * (1 + square(a)); }},
                                                 {slip::factor_two, [=] { return g * (1 - 2 * square(a)); }},
                                                 {slip::wrong_operand, [=] { return g * (1 - square(z)); }}});
        };
        return {a, pull};
    }
    case activation::sigmoid:
    {
        const variable a = sigmoid(z);
        const auto pull = [=, &by](variable g)
        {
            return by.step(g * a * (1 - a), {{slip::slope_at_value, [=] { return g * sigmoid(a) * (1 - sigmoid(a)); }},
                                             {slip::wrong_sign, [=] { return g * a * (1 + a); }},
                                             {slip::factor_two, [=] { return g * a * (1 - 2 * a); }},
                                             {slip::wrong_operand, [=] { return g * a * (1 - z); }}});
        };
        return {a, pull};
    }
    case activation::relu:
        return {relu(z), [=, &by](variable g) {
                    return by.step(where(z > 0, g, 0), {{slip::wrong_operand, [=] { return where(g > 0, g, 0); }}});
                }};
    case activation::cosine:
    {
        const variable a = cos(z);
        const auto pull = [=, &by](variable g)
        {
            return by.step(g * -sin(z), {{slip::cosine_for_minus_sine, [=] { return g * cos(z); }},
                                         {slip::factor_two, [=] { return g * -sin(2 * z); }},
                                         {slip::slope_at_value, [=] { return g * -sin(a); }}});
        };
        return {a, pull};
    }
    case activation::cube:
        return {pow(z, 3), [=, &by](variable g)
                {
                    return by.step(3 * square(z) * g, {{slip::exponent_not_lowered, [=] { return 3 * pow(z, 3) * g; }},
                                                       {slip::forgotten_square, [=] { return 3 * z * g; }}});
                }};
    default:
    {
        const auto pull = [=, &by](variable g)
        {
            return by.step(2 * z * log1p(square(z)) * g,
                           {{slip::logarithm_without_the_one, [=] { return 2 * z * log(square(z)) * g; }},
                            {slip::factor_two, [=] { return 2 * z * log1p(2 * square(z)) * g; }},
                            {slip::forgotten_square, [=] { return 2 * z * log1p(abs(z)) * g; }}});
        };
        return {(1 + square(z)) * log1p(square(z)) - square(z), pull};
    }
    }
}

/// What a network is trained for: the loss of its scores, and the derivative by the scores.
struct objective
{
    variable loss;
    std::function<variable()> cotangent;
};

objective cross_entropy(random_formulas& of, variable scores, hand& by)
{
    const std::size_t n = scores.shape(0);
    const std::size_t classes = scores.shape(1);
    const indices<double> labels = of.labels(n, classes);
    integers next = integers::from_shape({n});
    std::transform(labels.data(), labels.data() + n, next.begin(),
                   [&](std::int64_t label) { return (static_cast<int>(label) + 1) % static_cast<int>(classes); });
    const indices<double> shifted = of.tape().index(next);
    const double samples = static_cast<double>(n);
    const auto cotangent = [=, &by]
    {
        const variable p = softmax(scores, 1);
        return by.step((p - one_hot(labels, classes)) / samples,
                       {{slip::probabilities_only, [=] { return p / samples; }},
                        {slip::wrong_sign, [=] { return (p + one_hot(labels, classes)) / samples; }},
                        {slip::wrong_label, [=] { return (p - one_hot(shifted, classes)) / samples; }},
                        {slip::wrong_operand, [=] { return (scores - one_hot(labels, classes)) / samples; }}});
    };
    return {-sum(one_hot(labels, classes) * log_softmax(scores, 1)) / samples, cotangent};
}

objective squared_error(random_formulas& of, variable scores, hand& by)
{
    const variable y = of.any(shape(scores));
    const double samples = static_cast<double>(scores.shape(0));
    const auto cotangent = [=, &by]
    {
        return by.step(2 * (scores - y) / samples, {{slip::missing_term, [=] { return 2 * scores / samples; }},
                                                    {slip::wrong_sign, [=] { return 2 * (scores + y) / samples; }},
                                                    {slip::factor_two, [=] { return (2 * scores - y) / samples; }},
                                                    {slip::wrong_operand, [=] { return 2 * (y - 1) / samples; }}});
    };
    return {sum(square(scores - y)) / samples, cotangent};
}

/// Labels are 0 or 1 for each of the scores.
objective logistic(random_formulas& of, variable scores, hand& by)
{
    const variable y = of.any(shape(scores));
    const double samples = static_cast<double>(scores.shape(0));
    const auto cotangent = [=, &by]
    {
        const variable p = sigmoid(scores);
        return by.step((p - y) / samples, {{slip::probabilities_only, [=] { return p / samples; }},
                                           {slip::wrong_sign, [=] { return (p + y) / samples; }},
                                           {slip::wrong_label, [=] { return (p - (1 - y)) / samples; }},
                                           {slip::wrong_operand, [=] { return (scores - y) / samples; }}});
    };
    return {sum(softplus(scores) - y * scores) / samples, cotangent};
}

objective objective_of(random_formulas& of, variable scores, hand& by)
{
    constexpr objective (*all[])(random_formulas&, variable, hand&) = {cross_entropy, squared_error, logistic};
    return all[of.below(3)](of, scores, by);
}

/// The gradients by weights and bias of scores = matmul(a, w) + b, with lambda / 2 |w|^2 in the loss.
void push_layer(derivation& all, variable a, variable w, variable b, double lambda, variable cotangent, hand& by)
{
    const variable g = cotangent;
    const bool square_a = a.shape(0) == a.shape(1);
    const bool square_g = g.shape(0) == g.shape(1);
    const double n = static_cast<double>(g.shape(0));
    const variable dw =
        by.step(matmul(transpose(a), g) + lambda * w,
                {{slip::missing_transpose, [=] { return matmul(a, g) + lambda * w; }, square_a},
                 {slip::dropped_regularisation, [=] { return matmul(transpose(a), g); }},
                 {slip::unscaled_regularisation, [=] { return matmul(transpose(a), g) + w; }, true, 1 / lambda},
                 {slip::wrong_operand, [=] { return matmul(transpose(a), g) + lambda * square(w); }}});
    const variable db = by.step(sum(g, {0}), {{slip::wrong_axis, [=] { return sum(g, {1}); }, square_g},
                                              {slip::mean_for_sum, [=] { return mean(g, {0}); }, true, 1 / n}});
    all.parameters.insert(all.parameters.end(), {w, b});
    all.by_hand.insert(all.by_hand.end(), {dw, db});
}

/// Linear regression, logistic regression, softmax regression.
derivation regression(random_formulas& of, hand& by)
{
    random_extents extent(of);
    const std::size_t n = extent();
    by.has_samples(n);
    const variable x = of.any({n, extent()});
    const variable w = of.any({x.shape(1), extent()});
    const variable b = of.any({w.shape(1)});
    const double lambda = 0.01;
    const objective aim = objective_of(of, matmul(x, w) + b, by);
    derivation all{aim.loss + lambda / 2 * sum(square(w)), {}, {}};
    push_layer(all, x, w, b, lambda, aim.cotangent(), by);
    return all;
}

/// One hidden layer.
derivation network(random_formulas& of, hand& by)
{
    random_extents extent(of);
    const std::size_t n = extent();
    by.has_samples(n);
    const variable x = of.any({n, extent()});
    const variable w1 = of.any({x.shape(1), extent()});
    const variable b1 = of.any({w1.shape(1)});
    const variable w2 = of.any({w1.shape(1), extent()});
    const variable b2 = of.any({w2.shape(1)});
    const double lambda = 0.1;
    const neuron hidden = activated(static_cast<activation>(of.below(6)), matmul(x, w1) + b1, by);
    const objective aim = objective_of(of, matmul(hidden.value, w2) + b2, by);
    derivation all{aim.loss + lambda / 2 * (sum(square(w1)) + sum(square(w2))), {}, {}};

    const variable g2 = aim.cotangent();
    const variable e = by.step(matmul(g2, transpose(w2)),
                               {{slip::missing_transpose, [=] { return matmul(g2, w2); }, w2.shape(0) == w2.shape(1)}});
    push_layer(all, hidden.value, w2, b2, lambda, g2, by);
    push_layer(all, x, w1, b1, lambda, hidden.pull(e), by);
    return all;
}

/// A function of each product, weighted.
derivation neurons(random_formulas& of, hand& by)
{
    const extents shape = of.shape(1, 2);
    const variable x = of.any(shape);
    const variable w = of.any(shape);
    const variable v = of.any(shape);
    const neuron f = activated(static_cast<activation>(of.below(6)), x * w, by);
    const variable g = f.pull(v);
    const variable dx = by.step(g * w, {{slip::wrong_operand, [=] { return g * x; }}});
    const variable dw = by.step(x * g, {{slip::wrong_operand, [=] { return w * g; }}});
    return {sum(v * f.value), {x, w}, {dx, dw}};
}

// ------------------------------------------------------------------------------------------------ norms and quotients

derivation norm(random_formulas& of, hand& by)
{
    const extents shape{2 + of.below(3)};
    const variable x = of.any(shape);
    const variable c = of.any(shape);
    const double lambda = 0.25;
    const variable r = x - c;
    const variable s = by.step(sqrt(sum(square(r))), {{slip::mean_for_sum, [=] { return sqrt(mean(square(r))); }},
                                                      {slip::factor_two, [=] { return sqrt(2 * sum(square(r))); }},
                                                      {slip::wrong_operand, [=] { return sqrt(sum(square(x))); }}});
    const variable dx =
        by.step(r / s + lambda * x, {{slip::swapped_quotient, [=] { return s / r + lambda * x; }},
                                     {slip::dropped_regularisation, [=] { return r / s; }},
                                     {slip::unscaled_regularisation, [=] { return r / s + x; }, true, 1 / lambda},
                                     {slip::wrong_operand, [=] { return x / s + lambda * x; }}});
    const variable dc = by.step(-r / s, {{slip::swapped_quotient, [=] { return -s / r; }}});
    return {norm_l2(x - c) + lambda / 2 * norm_sq(x), {x, c}, {dx, dc}};
}

derivation logarithm_of_norm(random_formulas& of, hand& by)
{
    const extents shape{2 + of.below(3)};
    const variable x = of.any(shape);
    const variable w = of.any(shape);
    const variable s = by.step(sum(square(x)), {{slip::mean_for_sum, [=] { return mean(square(x)); }},
                                                {slip::wrong_operand, [=] { return sum(square(w)); }}});
    const variable f = dot(w, x);
    const variable dx = by.step(log1p(s) * w + 2 * f * x / (1 + s),
                                {{slip::missing_term, [=] { return log1p(s) * w; }},
                                 {slip::logarithm_without_the_one, [=] { return log(s) * w + 2 * f * x / (1 + s); }},
                                 {slip::swapped_quotient, [=] { return log1p(s) * w + (1 + s) / (2 * f * x); }},
                                 {slip::wrong_operand, [=] { return log1p(s) * w + 2 * f * w / (1 + s); }}});
    const variable dw = by.step(log1p(s) * x, {{slip::logarithm_without_the_one, [=] { return log(s) * x; }}});
    return {dot(w, x) * log1p(norm_sq(x)), {x, w}, {dx, dw}};
}

derivation quotient(random_formulas& of, hand& by)
{
    const extents shape = of.shape(1, 2);
    const variable a = of.any(shape);
    const variable b = of.any(shape);
    const variable c = of.any(shape);
    const variable da = by.step(1 / b, {{slip::swapped_quotient, [=] { return b / 1; }}});
    const variable db = by.step(1 / c - a / square(b), {{slip::forgotten_square, [=] { return 1 / c - a / b; }},
                                                        {slip::swapped_quotient, [=] { return 1 / c - square(b) / a; }},
                                                        {slip::missing_term, [=] { return -a / square(b); }},
                                                        {slip::wrong_operand, [=] { return 1 / c - c / square(b); }}});
    const variable dc = by.step(-b / square(c), {{slip::forgotten_square, [=] { return -b / c; }},
                                                 {slip::swapped_quotient, [=] { return -square(c) / b; }},
                                                 {slip::wrong_operand, [=] { return -a / square(c); }}});
    return {sum(a / b + b / c), {a, b, c}, {da, db, dc}};
}

/// The entropy of numbers, relative to 1.
derivation entropy(random_formulas& of, hand& by)
{
    const extents shape = of.shape(1, 2);
    const variable u = of.positive(shape);
    const variable w = of.any(shape);
    const variable du = by.step(w * log1p(u), {{slip::logarithm_without_the_one, [=] { return w * log(u); }},
                                               {slip::factor_two, [=] { return w * log1p(2 * u); }},
                                               {slip::wrong_operand, [=] { return u * log1p(u); }}});
    const variable dw =
        by.step((1 + u) * log1p(u) - u, {{slip::logarithm_without_the_one, [=] { return (1 + u) * log(u) - u; }},
                                         {slip::missing_term, [=] { return (1 + u) * log1p(u); }}});
    return {sum(w * ((1 + u) * log1p(u) - u)), {u, w}, {du, dw}};
}

// ------------------------------------------------------------------------------------------------ products and powers

derivation product_of_matrices(random_formulas& of, hand& by)
{
    random_extents extent(of);
    const variable a = of.any({extent(), extent()});
    const variable b = of.any({a.shape(1), extent()});
    const variable c = of.any({b.shape(1), extent()});
    const variable g = of.any({a.shape(0), c.shape(1)});
    const bool same = a.shape(0) == a.shape(1) && b.shape(0) == b.shape(1) && c.shape(0) == c.shape(1);
    const variable bc = matmul(b, c);
    const variable da =
        by.step(matmul(g, transpose(bc)), {{slip::missing_transpose, [=] { return matmul(g, bc); }, same},
                                           {slip::wrong_operand, [=] { return matmul(bc, transpose(bc)); }, same}});
    const variable gc =
        by.step(matmul(g, transpose(c)), {{slip::missing_transpose, [=] { return matmul(g, c); }, same},
                                          {slip::wrong_operand, [=] { return matmul(g, transpose(a)); }, same}});
    const variable db =
        by.step(matmul(transpose(a), gc), {{slip::missing_transpose, [=] { return matmul(a, gc); }, same}});
    const variable dc = by.step(matmul(transpose(matmul(a, b)), g),
                                {{slip::missing_transpose, [=] { return matmul(matmul(a, b), g); }, same},
                                 {slip::wrong_operand, [=] { return matmul(transpose(matmul(b, a)), g); }, same}});
    return {sum(g * matmul(matmul(a, b), c)), {a, b, c}, {da, db, dc}};
}

derivation quadratic_form(random_formulas& of, hand& by)
{
    const std::size_t n = 2 + of.below(3);
    const variable m = of.any({n, n});
    const variable x = of.any({n});
    const variable dx = by.step(matmul(m, x) + matmul(transpose(m), x),
                                {{slip::missing_term, [=] { return matmul(m, x); }},
                                 {slip::missing_transpose, [=] { return matmul(m, x) + matmul(m, x); }}});
    const variable dm = by.step(outer(x, x), {{slip::wrong_operand, [=] { return outer(x, matmul(m, x)); }}});
    return {dot(x, matmul(m, x)), {x, m}, {dx, dm}};
}

derivation powers(random_formulas& of, hand& by)
{
    const extents shape = of.shape(1, 2);
    const auto n = static_cast<int>(3 + of.below(2));
    const auto m = static_cast<int>(2 + of.below(3));
    const variable x = of.any(shape);
    const variable y = of.any(shape);
    const variable dx = by.step(n * pow(x, n - 1) * pow(y, m) + y,
                                {{slip::exponent_not_lowered, [=] { return n * pow(x, n) * pow(y, m) + y; }},
                                 {slip::forgotten_square, [=] { return n * x * pow(y, m) + y; }, n == 3},
                                 {slip::missing_term, [=] { return n * pow(x, n - 1) * pow(y, m); }},
                                 {slip::wrong_operand, [=] { return n * pow(x, n - 1) * pow(y, m) + x; }}});
    const variable dy = by.step(m * pow(x, n) * pow(y, m - 1) + x,
                                {{slip::exponent_not_lowered, [=] { return m * pow(x, n) * pow(y, m) + x; }},
                                 {slip::missing_term, [=] { return m * pow(x, n) * pow(y, m - 1); }}});
    return {sum(pow(x, n) * pow(y, m) + x * y), {x, y}, {dx, dy}};
}

derivation waves(random_formulas& of, hand& by)
{
    const extents shape = of.shape(1, 2);
    const variable x = of.any(shape);
    const variable w = of.any(shape);
    const variable y = of.any(shape);
    const variable xw = x * w;
    const variable dx =
        by.step(y * cos(x) - w * sin(xw), {{slip::cosine_for_minus_sine, [=] { return y * cos(x) + w * cos(xw); }},
                                           {slip::missing_term, [=] { return y * cos(x); }},
                                           {slip::factor_two, [=] { return y * cos(x) - w * sin(2 * xw); }},
                                           {slip::slope_at_value, [=] { return y * cos(x) - w * sin(cos(xw)); }},
                                           {slip::wrong_operand, [=] { return y * cos(x) - x * sin(xw); }}});
    const variable dw = by.step(-x * sin(xw), {{slip::cosine_for_minus_sine, [=] { return x * cos(xw); }},
                                               {slip::slope_at_value, [=] { return -x * sin(cos(xw)); }}});
    return {sum(cos(x * w) + y * sin(x)), {x, w}, {dx, dw}};
}

derivation sums_of_rows(random_formulas& of, hand& by)
{
    random_extents extent(of);
    const std::size_t n = extent();
    by.has_samples(n);
    const variable x = of.any({n, extent()});
    const variable v = of.any({n, 1});
    const bool same = x.shape(0) == x.shape(1);
    const double columns = static_cast<double>(x.shape(1));
    const double lambda = 0.5;
    const variable s = by.step(sum(x, {1}, xt::keep_dims),
                               {{slip::wrong_axis, [=] { return sum(x, {0}, xt::keep_dims); }, same},
                                {slip::mean_for_sum, [=] { return mean(x, {1}, xt::keep_dims); }, true, 1 / columns}});
    const variable dx = by.step(2 * v * s + lambda * x,
                                {{slip::dropped_regularisation, [=] { return broadcast(2 * v * s, shape(x)); }},
                                 {slip::unscaled_regularisation, [=] { return 2 * v * s + x; }, true, 1 / lambda},
                                 {slip::wrong_operand, [=] { return 2 * s * s + lambda * x; }}});
    return {sum(v * square(sum(x, {1}, xt::keep_dims))) + lambda / 2 * sum(square(x)), {x}, {dx}};
}

} // namespace

derivation derive_by_hand(random_formulas& of, hand& by)
{
    constexpr derivation (*all[])(random_formulas&, hand&) = {
        network, regression,          network,        neurons, norm,  logarithm_of_norm, quotient,
        entropy, product_of_matrices, quadratic_form, powers,  waves, sums_of_rows};
    return all[of.below(std::size(all))](of, by);
}

} // namespace support
