#pragma once

/// Linear algebra beyond products: what solve, cholesky and einsum, which autograd.hpp has, are not enough for.

#include "autograd/autograd.hpp"
#include "autograd/linalg/determinant.hpp"
#include "autograd/linalg/inverse.hpp"
#include "autograd/linalg/matrix_exponential.hpp"
#include "autograd/linalg/matrix_norm.hpp"
#include "autograd/linalg/matrix_products.hpp"
#include "autograd/linalg/mistakes.hpp"
#include "autograd/linalg/polar.hpp"
#include "autograd/linalg/pseudo_inverse.hpp"
#include "autograd/linalg/qr.hpp"
#include "autograd/linalg/singular_values.hpp"
#include "autograd/linalg/spectral.hpp"
#include "autograd/linalg/symmetric_eigen.hpp"
#include "autograd/linalg/tensordot.hpp"
#include "autograd/linalg/triangular.hpp"
