#include "headers.hpp"

// Assignments that would change nothing, or what is not there to be changed; and statements without an effect.

void to_parts(variable x, variable y, indices i, const xarray& a)
{
    view(x, 0) = y;   // mistake: This changes nothing: make the whole anew, by stack, concatenate or where
    view(x, 0) = 0.0; // mistake: This changes nothing
    view(x, 0) += y;  // mistake: This changes nothing
    x = autograd::stack({y, view(x, 1)});
}

void of_constants(variable x, indices i, const xarray& a)
{
    x = 3.0; // mistake: A variable is on a tape
    x = x.tape().constant(3.0);
    x = x.tape().constant(a);
    const variable w(a); // mistake: A variable is on a tape
    const variable v = x.tape().variable(a);
    i = 3; // mistake: Integers are on a tape, too
    i = x.tape().index(3);
    i += 1; // mistake: tape.constant(i.value()) makes numbers of them
    i = x.tape().index(i.value() + 1);
}

void to_values(variable w, variable g, xarray outside)
{
    w.value() -= 0.1 * g.value(); // mistake: keep an array, xt::xarray<T> w = x.value()
    auto values = w.value();
    values += 1.0; // mistake: keep an array, xt::xarray<T> w = x.value()
    outside -= 0.1 * g.value();
}

void without_effect(variable x)
{
    stop_gradient(x); // mistake (in 20 lines): What an operation returns is all that it does
    x = stop_gradient(x);
    relu(x); // mistake (in 20 lines): What an operation returns is all that it does
    x = relu(x);
    x.name("x");
}
