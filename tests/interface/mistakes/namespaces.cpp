#include "headers.hpp"

// Functions of variables, looked for in other namespaces.

void in_std(variable x, variable y)
{
    y = std::sin(x); // mistake: write sum(x, ...), without std:: or xt::
    y = sin(x);
    y = std::pow(x, 2); // mistake: without std:: or xt::
    y = pow(x, 2);
    y = std::max(x, y); // mistake: without std:: or xt::
    y = maximum(x, y);
}

void in_xtensor(variable x, variable y, const xarray& a)
{
    y = xt::sin(x); // mistake: without std:: or xt::
    y = sin(x);
    y = xt::square(x); // mistake: without std:: or xt::
    y = square(x);
    y = xt::sum(x, {0, 1}); // mistake: without std:: or xt::
    y = sum(x, {0, 1});
    const auto rows = xt::mean(x, {1}, xt::keep_dims | xt::evaluation_strategy::immediate); // mistake: without std::
    y = mean(x, {1}, xt::keep_dims | xt::evaluation_strategy::immediate);
    const auto row = xt::view(x, 0); // mistake: without std:: or xt::
    y = view(x, 0);
    y = xt::reshape_view(x, {2, 3}); // mistake: without std:: or xt::
    y = reshape(x, {2, 3});
    const auto wide = xt::broadcast(x, {2, 3}); // mistake: without std:: or xt::
    y = broadcast(x, {2, 3});
    y = xt::maximum(x, a); // mistake: without std:: or xt::
    y = maximum(x, a);
    y = xt::concatenate(xt::xtuple(x, y), 0); // mistake: without std:: or xt::
    y = concatenate(xt::xtuple(x, y), 0);
    y = xt::linalg::dot(a, x); // mistake: without std:: or xt::
    y = dot(a, x);
}
