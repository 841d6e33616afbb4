#include "headers.hpp"

// Arguments of operations and of tapes.

void of_operations(variable x, variable y, const xarray& a)
{
    y = reshape(x, 3, 4); // mistake: stand in braces
    y = reshape(x, {3, 4});
    y = sum(x, 0, 1); // mistake: stand in braces
    y = sum(x, {0, 1});
    y = sum(x, 1, true); // mistake: sum(x, {1}, xt::keep_dims)
    y = sum(x, {1}, xt::keep_dims);
    y = sum(x, xt::keep_dims);
    y = stack(x, y); // mistake: autograd::stack({x, y}, axis)
    y = autograd::concatenate({x, y, x});
    y = autograd::stack({x, a}); // mistake: are variables of one tape
    y = autograd::stack({x, x.tape().constant(a)});
    y = matmul(x, 2.0); // mistake: Write 2.0 * x to scale
    y = 2.0 * x;
}

void of_einsum(variable x, variable y, autograd::variable<float> z, indices i, const xarray& a)
{
    y = autograd::einsum("ij,jk->ik", {x, a}); // mistake: are variables of one tape
    y = autograd::einsum("ij,jk->ik", x, a);
    y = autograd::einsum("ij,jk->ik", x, z); // mistake: are variables of one tape
    y = autograd::einsum("ij,j->i", x, i);   // mistake: are variables of one tape
    y = autograd::einsum("ij,jk->ik", {x, y});
}

void of_tapes(tape& t, variable x, indices i, const xarray& a)
{
    tape copy = t; // mistake: pass it by reference
    tape& same = t;
    x = t.variable(x); // mistake: tape.constant(x.value())
    x = same.constant(x.value());
    x = t.variable(std::vector<double>{1.0, 2.0}); // mistake: tape.variable(xt::adapt(numbers))
    x = t.variable({1.0, 2.0});
    x = t.variable(xt::xarray<int>{1, 2}); // mistake: use tape.constant(array) or tape.index(array)
    x = t.constant(xt::xarray<int>{1, 2});
    i = t.index(xt::cast<int>(a));
    const xt::xarray<int> labels{1, 2};
    i = t.index(autograd::borrow(labels)); // mistake: others it copies: tape.index(array)
    i = t.index(labels);
    autograd::tape<int> integers;            // mistake: A tape is of float or of double
    autograd::tape<long double> more_digits; // mistake: A tape is of float or of double
    autograd::tape<float> fewer_digits;
}
