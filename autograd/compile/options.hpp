#pragma once

#include <cstddef>
#include <vector>

namespace autograd
{

/// An output that takes the place of an input: a parameter after a step, that of the parameter before.
struct replacement
{
    std::size_t output;
    std::size_t input;
};

/// What compile() is told beside inputs and outputs.
struct program_options
{
    /// Whether rewrites may round otherwise than the recording did (log(softmax(x)) becomes log_softmax(x)). Without
    /// them a program has the bits of a new recording.
    bool reassociate = true;
    /// Outputs that are written where inputs are read, in the memory that a run is given for both. All inputs are read
    /// before they are replaced, in whatever order: outputs may change places, or be other inputs. All that may refuse
    /// values is run before anything is written there.
    std::vector<replacement> replaces = {};
    /// Inputs that are the same in all runs of a workspace. What depends on nothing else is computed in the first, and
    /// again where one of them is given at another address. With `reassociate`, where a program lays arrays out
    /// otherwise for it, and so multiplies matrices otherwise, last digits may change.
    std::vector<std::size_t> constant = {};
    /// Whether a run throws value_error where an output that replaces an input is not finite; it stays written.
    bool require_finite = false;
    /// With require_finite: nothing is written then. Costs memory and a copy of what replaces.
    bool keep_on_error = false;
    /// Whether checks and decisions that were recorded behind the last output are part of the program, too. So it is of
    /// a compiled function, whose recording is all its own.
    bool all_checks = false;
    /// Whether random numbers may be drawn by a key that is no input, and so be the same in all runs.
    bool constant_keys = false;
    /// How many elements of elementwise steps that follow each other are computed at a time; 0: as many as stay in the
    /// cache. No bit of a result depends on it.
    std::size_t tile = 0;
    /// From how many bytes on an array is computed again in the loop that reads it later, rather than stored, where it
    /// is made of much smaller ones by few steps. Less than by default stays in the second level cache, from which it
    /// is read sooner than computed. No bit of a result depends on it.
    std::size_t recompute_from = std::size_t{512} * 1024;
};

} // namespace autograd
