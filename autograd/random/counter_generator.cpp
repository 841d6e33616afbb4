#include "autograd/random/counter_generator.hpp"

namespace autograd
{

// Here, since in a source that is compiled with -ffast-math nothing is NaN.
void detail::require_probability(double p, const char* operation, location where)
{
    if (!(p >= 0 && p <= 1))
    {
        throw error::value_error(where, operation, "the probability is ", p, "; it must be from 0 to 1.");
    }
}

} // namespace autograd
