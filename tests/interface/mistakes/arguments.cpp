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
    y = autograd::einsum("ij,jk->ik", {x, a}); // mistake: Arrays among them: einsum("ij,j->i", x, a)
    y = autograd::einsum("ij,jk->ik", x, a);
    y = autograd::einsum("ij,jk->ik", x, z); // mistake: are variables of one tape
    y = autograd::einsum("ij,j->i", x, i);   // mistake: are variables of one tape
    y = autograd::einsum("ij,jk->ik", {x, y});
}

void of_products(variable x, variable y, const xarray& a)
{
    y = solve(autograd::matmul(a, a) + x, y);                      // mistake: Give a variable, tape.variable(array)
    y = solve(autograd::matmul(xt::transpose(a), 2.0 * a) + x, y); // mistake: arrays alone are xt::linalg's
    y = solve(x.tape().constant(xt::linalg::dot(a, a)) + x, y);
    y = autograd::outer(a, 2.0); // mistake: arrays alone are xt::linalg's
    y = outer(a, x);
    y = autograd::multi_dot({x, a}); // mistake: are variables of one tape, tape.constant(a)
    y = autograd::multi_dot({x, x.tape().constant(a)});
    y = matrix_power(x, 0.5); // mistake: spectral(a, spectral_function::power(0.5))
    y = spectral(x, autograd::spectral_function::power(0.5));
    y = expm_frechet(x, a);
}

void of_solvers(variable x, variable y, const xarray& a)
{
    const auto lu = autograd::lu_factor(a); // mistake: Give a variable, tape.variable(array)
    const auto factors = lu_factor(x);
    y = solve(factors, a);
    y = solve(factors, 2.0 * a);
    y = solve(factors, 2.0 * a, {.transposed = true});
    y = solve(factors, a, true);          // mistake: {.transposed = true} of solve
    y = solve(x, a, true);                // mistake: {.transposed = true} of solve
    y = solve(x, y, "T");                 // mistake: {.transposed = true} of solve
    y = solve(a, y, {.assume_a = "pos"}); // mistake: {.transposed = true} of solve
    y = solve(x, a, {.transposed = true});
    y = solve(a, y, {true});
    y = triangular_solve(x, a, {.lower = false}); // mistake: {.upper = true} of triangular_solve
    y = triangular_solve(x, y, {.trans = 1});     // mistake: {.upper = true} of triangular_solve
    y = triangular_solve(x, a, {.upper = true});
    y = triangular_solve(x, a, {});
    y = autograd::solve(a, a); // mistake: arrays alone are xt::linalg's
    y = solve(x, a);
}

void of_decompositions(variable x, variable y, const xarray& a)
{
    y = autograd::logm(a); // mistake: Give a variable, tape.variable(array)
    y = logm(x.tape().constant(a));
    y = autograd::spectral(2.0 * a, autograd::spectral_function::exp); // mistake: Give a variable
    y = spectral(x, exp);                                              // mistake: spectral_function::log
    y = spectral(x, [](auto l) { return log(l); });                    // mistake: spectral_function::log
    y = spectral(x, autograd::spectral_function::log);
    y = eigenvalues(x, -1); // mistake: f(a, first, count)
    y = eigenvalues(x, -1, 1);
    y = eigenvectors(x); // mistake: f(a, first, count)
    y = eigenvectors(x, 0, 2);
    const auto [q, r] = qr(x, "complete"); // mistake: qr_mode::complete
    y = qr(x, autograd::qr_mode::complete).q;
    y = eigh(x, "U").values; // mistake: eigh(transpose(a))
    y = eigh(transpose(x)).values;
    y = eigh(x, -1, 1).values; // mistake: f(a, first, count)
    y = eigenvalues(x, -1, 1);
    y = expm(x, y);           // mistake: docs/linear_algebra.md has NumPy's and SciPy's calls
    y = pinv(x, "hermitian"); // mistake: docs/linear_algebra.md has NumPy's and SciPy's calls
    y = pinv(x, 1e-3);
    y = cond(x, 2) + norm(x, 1) + trace(x, 1) + autograd::tensordot(x, y, {1}, {0});
    y = svd(x, false).u; // mistake: f(a, first, count)
    y = svd(x, 0, 1).u;
}

void of_norms(variable x, variable y)
{
    y = norm(x, "fro"); // mistake: matrix_norm::frobenius
    y = norm(x, autograd::matrix_norm::frobenius);
    y = cond(x, "nuc"); // mistake: matrix_norm::nuclear
    y = cond(x, autograd::matrix_norm::nuclear);
    y = norm(x, 2, 0);   // mistake: norm_l2(x, axis)
    y = norm(x, 1, {0}); // mistake: norm_l1(x, axis)
    y = norm_l2(x, 0);
    y = expand_dims(x, {1, 2}); // mistake: expand_dims(expand_dims(x, 1), 2)
    y = expand_dims(expand_dims(x, 1), 2);
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
