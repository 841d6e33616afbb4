#pragma once

/// What is written by mistake is taken by an overload that returns one of these, and none of them is defined: the
/// compiler refuses the statement in a few lines, and shows the line on which the type is declared. So what to write
/// instead stands there, behind it. (Where there are no other overloads, a function is deleted, with the same beside
/// it. For a concept, both are as if there were nothing.)
namespace autograd::mistake
{

struct arguments_of_gradient; // The gradient of a function is a function: write grad(f)(x).
struct array_to_print;        // Include <xtensor/xio.hpp> (xtensor/io/xio.hpp from 0.26 on) to print arrays.
struct arrays_alone; // Give a variable, tape.variable(array) or tape.constant(array); arrays alone are xt::linalg's.
struct assignment_to_temporary; // This changes nothing: make the whole anew, by stack, concatenate or where.
struct assignment_to_values; // What is on a tape stays: keep an array, xt::xarray<T> w = x.value(), and write w += a.
struct axis_of_norm; // A norm is of vectors, or of the last two axes; along others: norm_l1(x, axis), norm_l2(x, axis).
struct bits;         // Write x && y, x || y for masks, element by element, and pow(x, y) for powers.
struct by_nothing;   // By what? Write gradient(y, x), or gradient(y, {x, w}) by several.
struct different_tapes; // float and double are different tapes: pass the values, tape.constant(y.value()).
struct direction;       // Cotangents and directions are variables: tape.constant(array), tape.full(y.shape(), 1.0).
struct equality;        // Write equal(x, y) for the mask of equal elements; same(x, y) asks for one variable.
struct function_of_eigenvalues; // Write spectral(a, spectral_function::log), and sqrt, exp, power(p), ...
struct function_of_integers;    // Integers stay as they are; tape.constant(i.value()) makes numbers of them.
struct inputs;                  // What is differentiated by is a variable: x = tape.variable(array), and y made of it.
struct inputs_without_braces;   // Several inputs stand in braces, and are variables: gradient(y, {x, w}).
struct list_of_arrays;    // They are variables of one tape, tape.constant(a), in braces: autograd::stack({x, y}, axis).
struct list_of_integers;  // Several axes or extents stand in braces: sum(x, {0, 1}), reshape(x, {3, -1}).
struct lower_triangle;    // The lower triangle is read. For the upper one write eigh(transpose(a)).
struct name_as_text;      // Names are no texts: matrix_norm::frobenius, matrix_norm::nuclear, qr_mode::complete.
struct number_is_missing; // A number takes the one that is there: write total += loss.item().
struct one_axis;          // It takes one axis: expand_dims(expand_dims(x, 1), 2), or reshape(x, {2, 1, 1, 3}).
struct operands_of_einsum;  // Those in braces are variables of one tape. Arrays among them: einsum("ij,j->i", x, a).
struct options;             // Options are {.transposed = true} of solve, {.upper = true} of triangular_solve.
struct output;              // What is differentiated is a variable: y = f(x), then gradient(y, x). Or grad(f)(x).
struct positions;           // Positions and labels are integers on the tape: i = tape.index(array).
struct power_of_matrix;     // Of symmetric matrices: spectral(a, spectral_function::power(0.5)).
struct product_with_number; // Write 2.0 * x to scale: a product of matrices takes arrays.
struct range_of_values;     // Some of them are so many from a number on, or back from the end: f(a, first, count).
struct remainder;           // Write x - y * floor(x / y).
struct truth;               // To keep the axes write sum(x, xt::keep_dims), or sum(x, {1}, xt::keep_dims).
struct values_are_missing;  // An array takes values: write a += x.value().
struct without_namespace;   // Functions of variables are found beside them: write sum(x, ...), without std:: or xt::.

} // namespace autograd::mistake
