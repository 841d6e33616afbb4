#include "headers.hpp"

// Functions that are compiled.

using autograd::compile;
using autograd::placeholder;

struct without_leaf_type
{
    xarray weight;
    auto members() { return std::tie(weight); }
    auto members() const { return std::tie(weight); }
};
struct not_comparable
{
    int axis;
};

const auto doubled = [](auto x) { return 2.0 * x; };
const auto added = [](auto x, auto y) { return x + y; };
const auto first = [](auto x, auto) { return x; };
const auto weight_of = [](auto m) { return m.weight; };
const auto added_variables = [](variable x, variable y) { return x + y; };
const auto of_integers = [](indices i) { return i; };
const auto with_number = [](auto x) { return std::pair(x, sum(x).item()); };

void of_arguments(variable x, const xarray& a, const xt::xarray<float>& b, const xt::xarray<int>& labels)
{
    compile(doubled);    // mistake (in 20 lines): compile(f, x), or with placeholders of them
    compile(doubled, x); // mistake (in 20 lines): A compiled function takes arrays, and records them itself
    compile(doubled, x.value());
    compile(doubled, std::vector<double>{1.0, 2.0}); // mistake (in 20 lines): write xt::adapt(numbers)
    compile(added, a, b);                            // mistake (in 20 lines): takes arrays of one of them
    compile(added, a, a);
    compile(doubled, xt::xarray<int>(labels)); // mistake (in 20 lines): compile<double>(f, i)
    compile<double>(of_integers, labels);
    compile<float>(doubled, a); // mistake (in 20 lines): float and double are different tapes
    compile<float>(doubled, b);
    compile(weight_of, without_leaf_type()); // mistake (in 20 lines): a template over the type of its leaves
    compile(first, a, not_comparable());     // mistake (in 25 lines): is compared with ==
    compile(first, a, &a);                   // mistake (in 25 lines): give what it points to
}

void of_functions(const xarray& a)
{
    compile(added_variables, a); // mistake (in 20 lines): takes what it is compiled with
    compile(added_variables, a, a);
    compile(of_integers, a);                                 // mistake (in 20 lines): integers as indices
    compile([n = 0](auto x) mutable { return x + ++n; }, a); // mistake (in 20 lines): and be const
    compile([](auto x) { return sum(x).item(); }, a);        // mistake (in 20 lines): returns variables
    compile([](auto x) { return sum(x); }, a);
    compile(with_number, a);                              // mistake (in 20 lines): would be that of the recording
    compile([](auto x) { return xarray(x.value()); }, a); // mistake (in 20 lines): would be that of the recording
    compile([](auto) {}, a);                              // mistake (in 20 lines): returns variables
}

void of_calls(variable x, const xarray& a, xarray y, double number)
{
    auto f = compile(doubled, a);
    y = f(a, a);                 // mistake (in 20 lines): as many arguments as it was compiled with
    y = f();                     // mistake (in 20 lines): as many arguments as it was compiled with
    y = f(x);                    // mistake (in 20 lines): of a variable x.value()
    y = f(xt::xarray<float>(a)); // mistake (in 20 lines): float and double are different tapes
    y = f(xt::xarray<int>(a));   // mistake (in 20 lines): integers for integers
    y = f(a);
    f.run_into(number, a);         // mistake (in 20 lines): The results go to arrays of the types
    f.run_into(std::tie(y, y), a); // mistake (in 20 lines): The results go to arrays of the types
    f.run_into(y, a);
    auto g = compile(
        {.plans = 2}, [](auto u) { return std::pair(u, sum(u)); }, a);
    xarray total;
    g.run_into(std::tie(y, total), a);
}
