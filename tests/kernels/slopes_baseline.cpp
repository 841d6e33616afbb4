// The tests of slopes.cpp once more, for the instruction set that every machine of the architecture has: what the
// library is compiled for unless XGRAD_NATIVE is on.

#define KERNELS_SLOPES_BASELINE
#include "slopes.cpp"
