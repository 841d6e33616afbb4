// Functions of whole arrays: element by element, and over all pairs.

#include "tests/benchmarks/programs.hpp"
#include "tests/benchmarks/programs_loops.hpp"

namespace programs
{

namespace
{

// ------------------------------------------------------------------------------------------------- element by element

autograd::variable<double> of_elements(const variables<double>& x)
{
    return tanh(x[0] * x[1] + x[2]) * sigmoid(x[0]) + exp(-square(x[0]));
}

variables<double> elements(const variables<double>& x)
{
    return {of_elements(x)};
}

variables<double> gradient_of_elements(const variables<double>& x)
{
    return gradient(sum(of_elements(x)), variables<double>{x[0], x[1], x[2]});
}

void add_gradient_of_elements(std::size_t side)
{
    const auto inputs = [=] { return arrays<double>{shaped(even(-3, 3, side * side), {side, side}), factor, shift}; };
    const work<double> w{elementwise_gradient(side), "us/gradient", 1, gradient_of_elements, inputs};
    add_both(w);
    add_by_hand(w,
                [](const arrays<double>& x, arrays<double>& by) {
                    loops::elementwise_gradient(x[0].data(), x[1](), x[2](), x[0].size(), by[0].data(), by[1].data(),
                                                by[2].data());
                });
}

/// What an element costs, against how many there are.
void add_elements(std::size_t count)
{
    const auto inputs = [=] { return arrays<double>{shaped(even(-3, 3, count), {count}), factor, shift}; };
    const work<double> w{"elementwise_chain_" + std::to_string(count), "ns/element", count, elements, inputs};
    add_both(w);
    add_by_hand(w, [](const arrays<double>& x, arrays<double>& y)
                { loops::elementwise_chain(x[0].data(), x[1](), x[2](), x[0].size(), y[0].data()); });
}

// ---------------------------------------------------------------------------------------------------------- all pairs

/// Of points x and y of shape (3, n), and w of shape (n).
autograd::variable<double> of_all_pairs(const variables<double>& x)
{
    const std::size_t n = x[0].shape(1);
    const auto differences = reshape(x[0], {3, n, 1}) - reshape(x[1], {3, 1, n});
    return sum(exp(-sum(square(differences), 0)) * x[2]);
}

variables<double> gradient_of_all_pairs(const variables<double>& x)
{
    return {gradient(of_all_pairs(x), x[0])};
}

variables<double> value_and_gradients_of_all_pairs(const variables<double>& x)
{
    const auto value = of_all_pairs(x);
    const variables<double> slopes = gradient(value, x);
    return {value, slopes[0], slopes[1], slopes[2]};
}

arrays<double> pairs()
{
    return {shaped(even(-2, 2, 3 * points), {3, points}), shaped(even(-1, 3, 3 * points), {3, points}),
            shaped(even(0, 1, points), {points})};
}

void add_all_pairs()
{
    const work<double> by_x{all_pairs, "us/gradient", 1, gradient_of_all_pairs, pairs};
    add_both(by_x);
    add_by_hand(by_x, [](const arrays<double>& x, arrays<double>& by)
                { loops::all_pairs_gradient(x[0].data(), x[1].data(), x[2].data(), points, by[0].data()); });

    const work<double> by_all{all_pairs_by_all, "us/gradient", 1, value_and_gradients_of_all_pairs, pairs};
    add_both(by_all);
    add_by_hand(by_all,
                [](const arrays<double>& x, arrays<double>& y)
                {
                    y[0]() = loops::all_pairs_gradients(x[0].data(), x[1].data(), x[2].data(), points, y[1].data(),
                                                        y[2].data(), y[3].data());
                });
}

} // namespace

void add_array_functions()
{
    for (const std::size_t side : sides)
    {
        add_gradient_of_elements(side);
    }
    for (const std::size_t count : chain_sizes)
    {
        add_elements(count);
    }
    add_all_pairs();
}

} // namespace programs
