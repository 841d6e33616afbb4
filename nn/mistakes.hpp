#pragma once

/// As autograd/tape/mistakes.hpp, of networks.
namespace nn::mistake
{

struct training; // What is fitted is a training: nn::training run(model, optimizer), then nn::fit(run, epochs, ...).
struct truth;    // A loss takes what is on a tape: tape.constant(array) for numbers, tape.index(labels) for labels.

} // namespace nn::mistake
