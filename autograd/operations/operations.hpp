#pragma once

// Every family of operations, and what they are good for. A family is what one header has; a group is what somebody
// looks for. The comment in front of a header's namespace names the group of its functions (\ingroup); a function of
// another group, or of several, names its own. docs/operations.md has its index by task from here.

/// \defgroup arithmetic Arithmetic and powers
/// \defgroup elementary Elementary functions
/// \defgroup special Special functions
/// \defgroup rounding Signs and rounding
/// \defgroup shape Shape
/// Another shape or order, arrays put together, taken apart and repeated.
/// \defgroup elements Pick elements
/// \defgroup reduce Reduce and accumulate
/// \defgroup choice Compare and choose
/// A mask is an array of 1 (true) and 0 (false).
/// \defgroup sort Sort and search
/// \defgroup not_a_number Not-a-number and infinities
/// \defgroup algebra Linear algebra
/// \defgroup activation Activations
/// \defgroup probability Probability and losses
/// What losses are made of; losses themselves are in `nn`.
/// \defgroup random Random numbers
/// Pure functions of a key, one integer or two; `random` is a `counter_generator` that was made of one.
/// \defgroup conditions Conditions on values
/// \defgroup control Say what the derivative is
/// \defgroup inside Inside of others
/// What derivatives and rules are made of: it stands in listings, and nobody need call it.

#include "autograd/operations/activation.hpp"
#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/at_rest.hpp"
#include "autograd/operations/chain.hpp"
#include "autograd/operations/comparison.hpp"
#include "autograd/operations/conditions.hpp"
#include "autograd/operations/cumulative.hpp"
#include "autograd/operations/diagonal.hpp"
#include "autograd/operations/error_function.hpp"
#include "autograd/operations/exponential.hpp"
#include "autograd/operations/extremum.hpp"
#include "autograd/operations/hyperbolic.hpp"
#include "autograd/operations/identity.hpp"
#include "autograd/operations/indexing.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/operations/linear_algebra.hpp"
#include "autograd/operations/norm.hpp"
#include "autograd/operations/power.hpp"
#include "autograd/operations/random.hpp"
#include "autograd/operations/reduction.hpp"
#include "autograd/operations/rounding.hpp"
#include "autograd/operations/selection.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/operations/slicing.hpp"
#include "autograd/operations/slopes.hpp"
#include "autograd/operations/softmax.hpp"
#include "autograd/operations/softmax_slopes.hpp"
#include "autograd/operations/sorting.hpp"
#include "autograd/operations/sum_to.hpp"
#include "autograd/operations/trigonometric.hpp"
