// The tests of vector_math.cpp once more, for the instruction set that every machine of the architecture has: what the
// library is compiled for unless XGRAD_NATIVE is on.

#define KERNELS_VECTOR_MATH_BASELINE
#include "vector_math.cpp"
