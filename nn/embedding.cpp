#include "nn/embedding.hpp"

#include "autograd/operations/indexing.hpp"
#include "nn/checks.hpp"
#include "nn/recorded_checks.hpp"

namespace nn
{

namespace detail
{

using namespace autograd;

template <class T>
variable<T> looked_up(indices<T> i, variable<T> table, location where)
{
    const shape_view shape = table.checked("embedding", where).shape();
    require_dimension(where, "embedding", "weight", shape, 2, "(count, size)");
    record_check<positions_rule, T>(where, i, {"embedding", "row", shape[0]});
    return gather(table, i, 0, where);
}

template variable<float> looked_up(indices<float>, variable<float>, location);
template variable<double> looked_up(indices<double>, variable<double>, location);

} // namespace detail

template <class T>
embedding<autograd::array<T>> make_embedding(std::size_t count, std::size_t size, random_stream& stream,
                                             const initializer& weight)
{
    return {initialized<T>(weight, {count, size}, fan{count, size}, stream)};
}

template embedding<autograd::array<float>> make_embedding(std::size_t, std::size_t, random_stream&, const initializer&);
template embedding<autograd::array<double>> make_embedding(std::size_t, std::size_t, random_stream&,
                                                           const initializer&);

} // namespace nn
