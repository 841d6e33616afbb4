#pragma once

#include <cstddef>

// What the plug-ins give to the programs that load them. Only these names are exported.
extern "C"
{
    /// d/dx tanh(x) at x, on a tape of the plug-in's.
    using slope_function = double(double x);
    /// Where the plug-in finds the description of tanh.
    using description_function = const void*();
    /// Records on a tape of doubles, that of the program, and throws autograd's shape_error.
    using failing_function = void(void* tape);
    /// The number of parameters of a layer of 3 inputs and 2 outputs.
    using parameters_function = std::size_t();
}
