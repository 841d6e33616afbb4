// What the sources in this folder see: all that a user may include. The test compiles it once.
//
// These sources are full of mistakes. A line that ends in `// mistake: words` must not compile: with it and without the
// other ones the compiler must refuse the source, say the words, and not say more than 15 lines. What is meant stands
// below it. Without all these lines the source must compile. (`// mistake (in 25 lines):` allows more.)

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
#include "autograd/linalg.hpp"
#include "nn/nn.hpp"
#include "tests/interface/xtensor_headers.hpp"

#include <xtensor-blas/xlinalg.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

using autograd::check_gradient;
using autograd::custom_vjp;
using autograd::grad;
using tape = autograd::tape<double>;
using variable = autograd::variable<double>;
using indices = autograd::indices<double>;
using xarray = xt::xarray<double>;
