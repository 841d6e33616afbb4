// The tests of primitives.cpp once more, for the instruction set that every machine of the architecture has: what the
// library is compiled for unless XGRAD_NATIVE is on.

#define KERNELS_PRIMITIVES_BASELINE
#include "primitives.cpp"
