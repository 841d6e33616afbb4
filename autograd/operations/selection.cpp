#include "autograd/operations/selection.hpp"

namespace autograd
{

const char* detail::bounds::fault() const
{
    if (low > high)
    {
        return "; lo must not be greater than hi.";
    }
    return low <= high ? nullptr : "; neither may be NaN. For no bound on one side pass an infinity.";
}

} // namespace autograd
