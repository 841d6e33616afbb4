#pragma once

/// Neural networks on autograd: models, layers, losses, and training.

#include "nn/activation.hpp"
#include "nn/data/moons.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/initialization.hpp"
#include "nn/linear.hpp"
#include "nn/loss.hpp"
#include "nn/module.hpp"
#include "nn/normalization.hpp"
#include "nn/optimizer/adagrad.hpp"
#include "nn/optimizer/adam.hpp"
#include "nn/optimizer/clipping.hpp"
#include "nn/optimizer/gradient_descent.hpp"
#include "nn/optimizer/lbfgs.hpp"
#include "nn/optimizer/rmsprop.hpp"
#include "nn/optimizer/sgd.hpp"
#include "nn/recurrent.hpp"
#include "nn/sequential.hpp"
#include "nn/summary.hpp"
#include "nn/train.hpp"
