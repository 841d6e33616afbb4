#pragma once

/// Reverse-mode automatic differentiation for arrays: everything a user needs, in one include.

// First what mistakes meet: then a compiler has little to tell about what includes what.
#include "autograd/tape/mistakes.hpp"
#include "autograd/tape/qualified_names.hpp"
#include "autograd/tape/tape.hpp"
#include "autograd/tape/variable.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/check/find_non_finite.hpp"
#include "autograd/differentiate/custom_vjp.hpp"
#include "autograd/differentiate/functions.hpp"
#include "autograd/differentiate/gradient.hpp"
#include "autograd/differentiate/sum_over_blocks.hpp"
#include "autograd/display/dot.hpp"
#include "autograd/display/latex.hpp"
#include "autograd/display/print.hpp"
#include "autograd/display/text.hpp"
#include "autograd/kernels/chosen.hpp"
#include "autograd/linalg/cholesky.hpp"
#include "autograd/linalg/einsum.hpp"
#include "autograd/linalg/solve.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/parallel/threads.hpp"
#include "autograd/random/counter_generator.hpp"
#include "autograd/tape/verify.hpp"
