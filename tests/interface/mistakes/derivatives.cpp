#include "headers.hpp"

// Derivatives of what is no function, by what is no variable; functions and rules that return something else.

const auto energy = [](auto x) { return sum(x * x); };
const auto product = [](auto x, auto y) { return sum(x * y); };

void of_variables(variable x, variable w, variable y, variable loss, indices i, const xarray& a)
{
    y = gradient(a, x);      // mistake: What is differentiated is a variable
    y = gradient(energy, x); // mistake: What is differentiated is a variable: y = f(x), then gradient(y, x)
    y = gradient(energy(x), x);
    y = gradient(loss, a); // mistake: What is differentiated by is a variable
    y = gradient(loss);    // mistake: By what?
    y = gradient(loss, x);
    const auto both = gradient(loss, x, w);  // mistake: Several inputs stand in braces
    const auto all = gradient(loss, {x, a}); // mistake: Several inputs stand in braces, and are variables
    const auto [dx, dw] = gradient(loss, {x, w});
    y = jacobian(energy, x); // mistake: What is differentiated is a variable
    y = jacobian(y, x);
    y = hessian(loss, x);
    y = hessian_vector_product(loss, x, a); // mistake: Cotangents and directions are variables
    y = vjp(y, x);                          // mistake: Cotangents and directions are variables
    y = jvp(y, x);                          // mistake: Cotangents and directions are variables
    y = hessian_vector_product(loss, x);    // mistake: Cotangents and directions are variables
}

void of_functions(variable x, const xarray& a)
{
    const auto number = [](auto z) { return sum(z).item(); };
    auto g = grad(energy)(a);
    g = grad(energy)(xt::xarray<int>{1, 2});      // mistake: give arrays of double, and 3.0 for 3
    const auto h = grad(energy, a);               // mistake: write grad(f)(x)
    const auto d = grad(energy(x));               // mistake: write gradient(y, x)
    const auto e = autograd::jacobian(energy)(x); // mistake: What is differentiated is a variable
    const auto s = autograd::hessian(energy)(x);  // mistake: What is differentiated is a variable
    const auto k = grad(number)(a);               // mistake: not sum(x).item(), no tuple
    const auto m = grad(product)(a);              // mistake: The function takes what its gradient is given
    const auto o = grad<1>(energy)(a);            // mistake: there are not as many arguments
    const auto p = grad<1>(product)(x, a);        // mistake: what is differentiated by is a variable, too
    const auto q = grad<0>(product)(x, a);
}

void over_blocks(variable w, const xarray& a)
{
    const auto misfit = [](auto p, auto x) { return sum(p * x); };
    const auto number = [](auto p, auto x) { return sum(p * x).item(); };
    const auto blocks = autograd::blocks_of_rows(2, a);
    const auto b = sum_over_blocks(blocks, w, misfit);
    const auto c = autograd::sum_over_blocks(blocks, a, misfit); // mistake: The parameters are variables
    const auto d = sum_over_blocks(a, w, misfit);                // mistake: Blocks are a range of arrays
    const auto e = sum_over_blocks(blocks, w, energy);           // mistake: The function takes the parameters
    const auto f = sum_over_blocks(blocks, w, number);           // mistake: What is summed over blocks is one variable
    const auto g = autograd::blocks_of_rows(2, 2.0 * a);         // mistake: What is cut are arrays of numbers
    const auto h = autograd::blocks_of_rows(2, w);               // mistake: What is cut are arrays of numbers
}

void checks(variable loss, variable x, const xarray& a)
{
    const auto number = [](auto z) { return sum(z).item(); };
    check_gradient(loss, x.value()).require();   // mistake: What is checked is a function
    check_gradient(energy, x).require();         // mistake: Write x.value()
    check_gradient(energy, {a, a}).require();    // mistake: takes one variable<double> for each array
    check_gradient(number, x.value()).require(); // mistake: returns one variable<double>
    check_gradient(energy, x.value()).require();
}

void rules(variable x, variable y)
{
    const auto square = [](auto z) { return z * z; };
    const auto one = [](auto z, auto, auto g) { return 2.0 * z * g; };
    const auto two = [](auto u, auto v, auto, auto g) { return std::tuple(g * v, g * u); };
    const auto none = [](auto, auto g) { return g; };
    const auto slope = [](auto, auto, auto) { return 2.0; };
    const auto number = [](auto z) { return sum(z).item(); };
    y = custom_vjp(square, none)(x);  // mistake: The rule takes the inputs, the result and its cotangent
    y = custom_vjp(square, slope)(x); // mistake: The rule returns one cotangent for each input
    y = custom_vjp(number, one)(x);   // mistake: The function that gets a rule returns one variable
    y = custom_vjp(square, one)(x) + custom_vjp(product, two)(x, y);
    const auto of_first = [](auto, auto v, auto, auto g) { return g * v; };
    y = custom_vjp(product, of_first)(x, y); // mistake: The rule returns one cotangent for each input
}
