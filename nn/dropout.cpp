#include "nn/dropout.hpp"

#include "autograd/operations/operations.hpp"
#include "nn/checks.hpp"

namespace nn::detail
{

using namespace autograd;

void require_rate(double rate, location where)
{
    if (!(rate >= 0 && rate < 1))
    {
        throw error::value_error(where, "dropout", "the rate is ", rate, "; it must be at least 0 and less than 1.");
    }
}

template <class T>
variable<T> dropped(variable<T> x, double rate, const counter_generator<T>& random, location where)
{
    require_rate(rate, where);
    x.checked("dropout", where);
    if (rate == 0)
    {
        return x;
    }
    const typename tape<T>::as_if_at at(x.tape(), where);
    const variable<T> is_dropped = random.uniform(x.shape()) < rate;
    return autograd::where(is_dropped, 0, x / (1 - rate));
}

template variable<float> dropped(variable<float>, double, const counter_generator<float>&, location);
template variable<double> dropped(variable<double>, double, const counter_generator<double>&, location);

} // namespace nn::detail
