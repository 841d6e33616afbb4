// A thousand pairs of formulas that are the same function: a hundred of each of ten kinds, of random arrays, with
// random formulas around them. Each is certified.

#include "autograd/prove/certify.hpp"
#include "tests/prove/random_formulas.hpp"

#include <iostream>
#include <map>

using namespace support;
using autograd::verdict;

BOOST_AUTO_TEST_SUITE(prove_equal_formulas)

namespace
{

const std::uint64_t seed = seed_or(20261128);
constexpr std::size_t pairs_of_a_kind = 100;

/// Formulas that are all the same function.
using forms = std::vector<variable>;

// --------------------------------------------------------------------------------------------------- the ten kinds

/// (a + c_1 b) (a + c_2 b) ..., multiplied out.
forms product_of_sums(random_formulas& of)
{
    const extents shape = of.shape();
    const variable a = of.argument(shape);
    const variable b = of.argument(shape);
    const std::size_t factors = 2 + of.below(3);
    variable product = a;
    std::vector<double> c{1}; // of b^k a^(n-k)
    for (std::size_t n = 0; n < factors; ++n)
    {
        const double root = static_cast<double>(1 + of.below(5)) * (of.heads() ? 1 : -1);
        product = n == 0 ? a + root * b : product * (a + root * b);
        c.push_back(0);
        for (std::size_t k = c.size(); --k > 0;)
        {
            c[k] += root * c[k - 1];
        }
    }
    variable powers = c[0] * pow(a, factors);
    variable horner = c[0] * a;
    variable b_to_k = b;
    for (std::size_t k = 1; k <= factors; ++k)
    {
        powers = powers + c[k] * (pow(b, k) * pow(a, factors - k));
        horner = k < factors ? (horner + c[k] * b_to_k) * a : horner + c[k] * b_to_k;
        b_to_k = b_to_k * b;
    }
    return {product, powers, horner};
}

forms distributed_and_factored(random_formulas& of)
{
    const extents shape = of.shape();
    const variable a = of.argument(shape);
    const variable b = of.argument(shape);
    const variable c = of.argument(of.heads() ? shape : extents{});
    switch (of.below(6))
    {
    case 0:
        return {(a + b) * c, a * c + b * c, c * b - -a * c, c * (a - -b)};
    case 1:
        return {(a + b) * (a - b), square(a) - square(b), a * (a - b) + b * (a - b)};
    case 2:
        return {square(a - b), a * a - 2 * a * b + b * b, a * (a - 2 * b) + square(b)};
    case 3:
    {
        const extents left{of.extent(), of.extent()};
        const variable m = of.argument(left);
        const variable n = of.argument(left);
        const variable right = of.argument({left[1], of.extent()});
        return {matmul(m - n, right), matmul(m, right) - matmul(n, right), matmul(m, right) + matmul(n, -right)};
    }
    case 4:
        return {sum(a) * sum(b), sum(outer(flatten(a), flatten(b))), sum(a * sum(b))};
    default:
        return product_of_sums(of);
    }
}

forms slopes_of_tanh(random_formulas& of)
{
    const variable z = of.argument(of.shape());
    const variable t = tanh(z);
    const variable e = exp(2 * z);
    return {1 - t * t,
            1 / square(cosh(z)),
            4 * e / square(e + 1),
            (1 - t) * (1 + t),
            4 * sigmoid(2 * z) * (1 - sigmoid(2 * z)),
            1 - square(sinh(z) / cosh(z)),
            gradient(sum(t), z),
            gradient(sum(2 * sigmoid(2 * z)), z)};
}

forms softmaxes(random_formulas& of)
{
    const extents shape = of.shape(1);
    const auto axis = static_cast<int>(of.below(shape.size()));
    const variable x = of.argument(shape);
    const variable shifted = x - (of.heads() ? amax(x, {axis}, xt::keep_dims) : mean(x, {axis}, xt::keep_dims));
    return {softmax(x, axis),
            softmax(shifted, axis),
            softmax(x + of.constant(), axis),
            exp(x) / sum(exp(x), {axis}, xt::keep_dims),
            exp(shifted) / sum(exp(shifted), {axis}, xt::keep_dims),
            exp(x - logsumexp(x, {axis}, xt::keep_dims))};
}

forms log_softmaxes(random_formulas& of)
{
    const extents shape = of.shape(1);
    const auto axis = static_cast<int>(of.below(shape.size()));
    const variable x = of.argument(shape);
    const variable shifted = x - amax(x, {axis}, xt::keep_dims);
    return {log_softmax(x, axis),
            log(softmax(x, axis)),
            log_softmax(shifted, axis),
            log(softmax(shifted, axis)),
            x - logsumexp(x, {axis}, xt::keep_dims),
            shifted - log(sum(exp(shifted), {axis}, xt::keep_dims)),
            x - log(sum(exp(x), {axis}, xt::keep_dims))};
}

forms quotients(random_formulas& of)
{
    const extents shape = of.shape();
    const variable a = of.argument(shape);
    const variable b = of.any(shape);
    const variable c = of.any(of.heads() ? shape : extents{});
    const variable p = of.positive(shape);
    switch (of.below(4))
    {
    case 0:
        return {a / b, a * (1 / b), a * pow(b, -1), a * c / (b * c), -a / -b, a * b / square(b)};
    case 1:
        return {a / b / c, a / (b * c), a * (1 / b) * (1 / c), a / c * pow(b, -1)};
    case 2:
        return {a / p, a * exp(-log(p)), a * pow(p, -1), a * square(pow(p, -0.5)), a / sqrt(p) / sqrt(p)};
    default:
        return {a / b + a / c, a * (b + c) / (b * c), a * (1 / c + 1 / b), (a * c + a * b) * (1 / (c * b))};
    }
}

forms products_of_matrices(random_formulas& of)
{
    const std::size_t n = of.extent();
    const std::size_t k = of.extent();
    const std::size_t m = of.extent();
    const std::size_t l = of.extent();
    const extents batch = of.shape(0, 1);
    const auto matrix = [&](std::size_t rows, std::size_t columns)
    {
        extents shape = batch;
        shape.insert(shape.end(), {rows, columns});
        return of.argument(shape);
    };
    const auto transposed = [](variable x) { return swapaxes(x, -1, -2); };
    const variable a = matrix(n, k);
    const variable b = matrix(k, m);
    const variable c = matrix(m, l);
    switch (of.below(4))
    {
    case 0:
        return {matmul(matmul(a, b), c), matmul(a, matmul(b, c)),
                transposed(matmul(transposed(c), matmul(transposed(b), transposed(a))))};
    case 1:
        return {matmul(a, b), transposed(matmul(transposed(b), transposed(a))),
                sum(expand_dims(a, -1) * expand_dims(b, -3), {-2})};
    case 2:
    {
        const variable x = of.argument({n, k});
        const variable y = of.argument({k, n});
        return {trace(matmul(x, y)), trace(matmul(y, x)), sum(x * transpose(y)),
                dot(flatten(x), flatten(transpose(y)))};
    }
    default:
    {
        const variable v = of.argument({m});
        return {squeeze(matmul(a, expand_dims(matmul(b, v), -1)), -1), matmul(matmul(a, b), v),
                matmul(v, matmul(transposed(b), transposed(a))),
                squeeze(matmul(a, sum(b * v, {-1}, xt::keep_dims)), -1)};
    }
    }
}

forms sums(random_formulas& of)
{
    const extents shape = of.shape(2);
    const variable x = of.argument(shape);
    const std::size_t rank = shape.size();
    const auto first = static_cast<int>(of.below(rank));
    const auto second = static_cast<int>((static_cast<std::size_t>(first) + 1 + of.below(rank - 1)) % rank);
    const variable ones = of.tape().constant(xt::ones<double>({shape.back()}));
    switch (of.below(4))
    {
    case 0:
        return {sum(x, {first, second}), sum(sum(x, {first}, xt::keep_dims), {first, second}),
                sum(sum(x, {second}, xt::keep_dims), {second, first}),
                mean(x, {second, first}) * static_cast<double>(shape[static_cast<std::size_t>(first)] *
                                                               shape[static_cast<std::size_t>(second)])};
    case 1:
        return {sum(x, {-1}), matmul(x, ones), sum(x * ones, {-1}), sum(flip(x, -1), {-1})};
    case 2:
    {
        // The sum over copies, and the sum by the derivative of making them.
        const variable row = of.argument({shape.back()});
        const double copies = static_cast<double>(x.size() / shape.back());
        const variable as_shape = broadcast(row, shape);
        std::vector<int> others(rank - 1);
        std::iota(others.begin(), others.end(), 0);
        return {gradient(sum(as_shape * x), row), sum(x, others),
                sum(reshape(x, {-1, static_cast<int>(shape.back())}), {0}), sum(x + row, others) - copies * row};
    }
    default:
        return {sum(x),
                sum(flatten(x)),
                sum(sum(x, {first})),
                sum(matmul(x, ones)),
                sum(transpose(x)),
                matmul(flatten(x), of.tape().constant(xt::ones<double>({x.size()})))};
    }
}

forms selections(random_formulas& of)
{
    const std::size_t n = of.extent();
    const std::size_t classes = 1 + of.extent();
    const auto labels = of.labels(n, classes);
    const variable hot = one_hot(labels, classes);
    const variable x = of.argument({n, classes});
    const variable table = of.argument({classes, of.extent()});
    const variable updates = of.argument({n, table.shape(1)});
    switch (of.below(3))
    {
    case 0:
    {
        integers column = integers::from_shape({n, 1});
        std::copy(labels.data(), labels.data() + n, column.begin());
        return {sum(hot * x, {1}), squeeze(take_along_axis(x, of.tape().index(column), 1), 1),
                diagonal(matmul(hot, transpose(x))), diagonal(gather(x, labels, 1)), sum(where(hot > 0.5, x, 0), {1})};
    }
    case 1:
        return {gather(table, labels), matmul(hot, table), transpose(gather(transpose(table), labels, 1))};
    default:
        return {gradient(sum(gather(table, labels) * updates), table), matmul(transpose(hot), updates),
                scatter(updates, labels, classes), scatter_add(0 * table, labels, updates)};
    }
}

forms magnitudes(random_formulas& of)
{
    const variable x = of.argument(of.shape());
    return {abs(x),
            x * sign(x),
            sqrt(x * x),
            sqrt(square(x)),
            maximum(x, -x),
            relu(x) + relu(-x),
            where(x < 0, -x, x),
            x * gradient(sum(abs(x)), x),
            pow(pow(x, 4), 0.25)};
}

forms powers(random_formulas& of)
{
    const extents shape = of.shape();
    const variable x = of.positive_argument(shape);
    const variable y = of.positive_argument(shape);
    const variable a = of.argument(of.heads() ? shape : extents{});
    switch (of.below(6))
    {
    case 0:
        return {pow(x, 3), x * x * x, exp(3 * log(x)), x * square(x), 1 / pow(x, -3), square(pow(x, 1.5))};
    case 1:
        return {pow(x, a), exp(a * log(x)), 1 / pow(x, -a), pow(1 / x, -a), exp2(a * log2(x))};
    case 2:
        return {sqrt(x), pow(x, 0.5), exp(log(x) / 2), 1 / pow(x, -0.5), x / sqrt(x)};
    case 3:
        return {x * y, exp(log(x) + log(y)), exp(log(x * y)), x / exp(-log(y))};
    case 4:
        return {log(x * y), log(x) + log(y), log(x / (1 / y)), log(square(x)) / 2 + log(y), log(x) - log(1 / y)};
    default:
        return {log(pow(x, 3) / y), 3 * log(x) - log(y), log(x * x) + log(x / y),
                log10(x * x * x / y) * log(10.0 + 0 * x)};
    }
}

// ---------------------------------------------------------------------------------------------- formulas around them

struct sides
{
    variable left;
    variable right;
};

/// The same function of both sides, built differently.
sides surrounded(random_formulas& of, const sides& inside)
{
    const auto [left, right] = inside;
    const extents shape = support::shape(left);
    switch (of.below(7))
    {
    case 0:
    {
        const variable w = of.any(shape);
        return {left * w, w * right};
    }
    case 1:
    {
        const variable w = of.argument(of.heads() ? shape : extents{});
        return {left - w, -(w - right)};
    }
    case 2:
    {
        const variable w = of.any(shape);
        return {sum(left * w), matmul(flatten(right), flatten(w))};
    }
    case 3:
    {
        // The derivative by one of the variables, of both.
        const variable by = of.variables()[of.below(of.variables().size())];
        const variable w = of.any(shape);
        return {gradient(sum(left * w), by, autograd::unconnected::zero) + by,
                by + gradient(sum(w * right), by, autograd::unconnected::zero)};
    }
    case 4:
        return {flatten(left), reshape(right, {-1})};
    case 5:
        return {square(left), right * right};
    default:
        return {left / 3 + left, right * (4.0 / 3)};
    }
}

struct kind
{
    const char* name;
    forms (*formulas)(random_formulas&);
};

void certify_a_hundred(const kind& of)
{
    std::size_t equal = 0;
    for (std::size_t n = 0; n < pairs_of_a_kind; ++n)
    {
        random_formulas random(seed + n);
        const forms all = of.formulas(random);
        const std::size_t first = random.below(all.size());
        const std::size_t second = (first + 1 + random.below(all.size() - 1)) % all.size();
        sides pair{all[first], all[second]};
        for (std::size_t around = random.below(3); around > 0; --around)
        {
            pair = surrounded(random, pair);
        }
        const auto found = certify_equal(pair.left, pair.right, {.seed = n});
        equal += found.outcome == verdict::equal;
        BOOST_TEST((found.outcome == verdict::equal), of.name << ", number " << n << " of seed " << seed << ", forms "
                                                              << first << " and " << second << ":\n"
                                                              << found.arrays[0].left_latex << "\n"
                                                              << found.arrays[0].right_latex << "\n"
                                                              << to_text(found));
    }
    std::cout << of.name << ": " << equal << " of " << pairs_of_a_kind << " pairs certified equal, seed " << seed
              << "\n";
}

} // namespace

BOOST_AUTO_TEST_CASE(distributed_and_factored_forms)
{
    certify_a_hundred({"distributed and factored", distributed_and_factored});
}

BOOST_AUTO_TEST_CASE(the_slopes_of_tanh)
{
    certify_a_hundred({"1 - t^2, 1 / cosh^2, 4 e^2z / (e^2z + 1)^2", slopes_of_tanh});
}

BOOST_AUTO_TEST_CASE(shifted_softmax)
{
    certify_a_hundred({"shifted and unshifted softmax", softmaxes});
}

BOOST_AUTO_TEST_CASE(log_softmax_is_the_logarithm_of_softmax)
{
    certify_a_hundred({"log_softmax and log of softmax", log_softmaxes});
}

BOOST_AUTO_TEST_CASE(quotients_and_products_with_reciprocals)
{
    certify_a_hundred({"quotients and products with reciprocals", quotients});
}

BOOST_AUTO_TEST_CASE(transposed_and_reassociated_products)
{
    certify_a_hundred({"transposed and re-associated products", products_of_matrices});
}

BOOST_AUTO_TEST_CASE(sums_in_another_order)
{
    certify_a_hundred({"sums in another order, by broadcast, by matmul with ones", sums});
}

BOOST_AUTO_TEST_CASE(one_hot_and_gather)
{
    certify_a_hundred({"one_hot and gather", selections});
}

BOOST_AUTO_TEST_CASE(absolute_values)
{
    certify_a_hundred({"|x|, x sign(x), sqrt(x^2)", magnitudes});
}

BOOST_AUTO_TEST_CASE(powers_and_exponentials_of_logarithms)
{
    certify_a_hundred({"powers and exp of logs", powers});
}

BOOST_AUTO_TEST_SUITE_END()
