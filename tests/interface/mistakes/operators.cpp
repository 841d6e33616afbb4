#include "headers.hpp"

// Operators that there are not, or not on these.

void between_variables(variable x, variable y)
{
    const bool all_equal = x == y; // mistake: Write equal(x, y) for the mask
    y = equal(x, y);
    y = x % 2; // mistake: Write x - y * floor(x / y)
    y = x - 2 * floor(x / 2);
    y = x ^ 2; // mistake: pow(x, y) for powers
    y = pow(x, 2);
    y = (x > 0) & (x < 1); // mistake: Write x && y, x || y for masks
    y = (x > 0) && (x < 1);
    y = ~(x > 0); // mistake: Write !x
    y = !(x > 0);
    ++x; // mistake: Write x += 1.0
    x += 1.0;
    y = x + true; // mistake: A truth value is no number
    y = x + 1.0;
    y = x * std::vector<double>{1.0, 2.0}; // mistake: xt::adapt(numbers)
    const std::vector<double> numbers{1.0, 2.0};
    y = x * xt::adapt(numbers);
}

void between_tapes(variable x, variable y, autograd::variable<float> z)
{
    y = x + z;         // mistake: float and double are different tapes
    y = maximum(x, z); // mistake: float and double are different tapes
    y = matmul(x, z);  // mistake: float and double are different tapes
    y = x + x.tape().constant(z.value());
    y = z; // mistake: of y.value()
    y = x.tape().constant(z.value());
    y = autograd::stack({x, z}); // mistake: are variables of one tape
    y = autograd::stack({x, y});
}

void on_integers(variable x, variable y, indices i)
{
    y = i + 1;  // mistake: tape.constant(i.value()) makes numbers of them
    y = sin(i); // mistake: tape.constant(i.value()) makes numbers of them
    y = x * x.tape().constant(i.value());
    y = i == i; // mistake: tape.constant(i.value()) makes numbers of them
    y = equal(i, i);
    y = i;                                            // mistake: A variable is on a tape
    i = x;                                            // mistake: i = tape.index(array)
    y = gather(x, y);                                 // mistake: i = tape.index(array)
    y = take_along_axis(x, xt::xarray<int>{1, 0}, 1); // mistake: i = tape.index(array)
    y = take_along_axis(x, x.tape().index(xt::xarray<int>{1, 0}), 1);
}
