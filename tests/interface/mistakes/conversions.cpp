#include "headers.hpp"

// A variable where a number, a truth value, an array or a container is meant.

void to_numbers(variable x, variable loss)
{
    double number = 0;
    number = static_cast<double>(loss); // mistake: Write x.item()
    number += loss;                     // mistake: write total += loss.item()
    number += loss.item();
    if (x > 0) // mistake: Write where(x > 0, y, z), or x.item() > 0 for a branch that is frozen
    {
    }
    if (x.item() > 0)
    {
    }
    while (loss > 0.1) // mistake: x.item() > 0 for a branch that is frozen
    {
    }
    while (loss.item() > 0.1)
    {
    }
    loss = x > 0 ? x : 0.0; // mistake: Write where(x > 0, y, z)
    loss = where(x > 0, x, 0.0);
    const bool sure(x > 0 && x < 1); // mistake: Write where(x > 0, y, z)
}

void to_arrays(variable x, variable y, xarray a)
{
    const xarray b = x;                     // mistake: Write x.value() where an array is meant
    const xt::xtensor<double, 2> d = a + x; // mistake: Write x.value() where an array is meant
    const xarray e = x.value();
    a = x; // mistake: Write x.value() where an array is meant
    a = x.value();
    a -= 0.1 * x; // mistake: An array takes values
    a -= 0.1 * x.value();
}

void to_containers(variable x, variable y, indices i)
{
    y = x(0);    // mistake: Write view(x, 0, 1) for a part
    y = x(0, 1); // mistake: Write view(x, 0, 1) for a part
    y = view(x, 0, 1);
    y = x[0]; // mistake: Write view(x, 0) for a part
    y = view(x, 0);
    const auto integer = i[0]; // mistake: Write i.value()(0) for the integer
    const auto first = i.value()(0);
    for (auto each : x) // mistake: Go through the numbers of x.value(), or through variables: split(x, n)
    {
    }
    for (const variable& part : split(x, 2))
    {
        y += part;
    }
    x.reshape({3, 4}); // mistake: Write x = reshape(x, {3, 4})
    x = reshape(x, {3, 4});
}
