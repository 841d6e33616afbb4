#include "nn/recorded_checks.hpp"

#include "autograd/kernels/index.hpp"
#include "nn/probability.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn
{

namespace detail
{

using namespace autograd;

template <class T>
void positions_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const std::int64_t* const i = call.indices(0);
    for (std::size_t k = 0; k < call.operands[0].size; ++k)
    {
        if (static_cast<std::uint64_t>(i[k]) >= a.count)
        {
            throw error::index_error(a.who, a.what, " ", i[k], " at position ",
                                     kernels::position_of(k, call.operands[0].shape), " is not one of ", a.count,
                                     "; they are numbered from 0.");
        }
    }
}

template <class T>
void elements_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const T* const x = call.in(0);
    const T* const end = x + call.operands[0].size;
    const T* const found = std::find_if(x, end, a.is_wrong);
    if (found != end)
    {
        throw error::value_error(a.who, a.what, " ", found - x, " is ", *found, "; ", a.rule);
    }
}

template <class T>
void row_sums_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const std::size_t classes = call.operands[0].shape.back();
    for (std::size_t row = 0; row * classes < call.operands[0].size; ++row)
    {
        const T* const first = call.in(0) + row * classes;
        const double sum = std::accumulate(first, first + classes, 0.0);
        if (std::abs(sum - 1) > slack)
        {
            throw error::value_error(a.who, "the probabilities of row ", row, " sum to ", sum,
                                     "; those of a distribution sum to 1.");
        }
    }
}

template <class T>
void no_overflow_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const T* const x = call.in(0);
    const T* const end = x + call.operands[0].size;
    const T* const found = std::find_if(x, end, [](T each) { return std::isinf(each); });
    if (found != end)
    {
        throw error::value_error(a.who, "variance ", found - x, " of x is ", *found, " in ",
                                 sizeof(T) == 4 ? "float" : "double",
                                 "; the squares of its elements must not overflow. Scale x.");
    }
}

#define NN_INSTANTIATE(T)                                                                                              \
    template void positions_rule::forward(const evaluation<T>&, const attributes&);                                    \
    template void elements_rule::forward(const evaluation<T>&, const attributes&);                                     \
    template void row_sums_rule::forward(const evaluation<T>&, const attributes&);                                     \
    template void no_overflow_rule::forward(const evaluation<T>&, const attributes&);
NN_INSTANTIATE(float)
NN_INSTANTIATE(double)
#undef NN_INSTANTIATE

} // namespace detail

} // namespace nn
