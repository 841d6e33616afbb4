#pragma once

/// Neural networks on autograd: models, layers, losses, and where training starts.

#include "nn/activation.hpp"
#include "nn/data/moons.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/initialization.hpp"
#include "nn/linear.hpp"
#include "nn/loss.hpp"
#include "nn/module.hpp"
#include "nn/normalization.hpp"
#include "nn/recurrent.hpp"
#include "nn/sequential.hpp"
#include "nn/summary.hpp"
