#include "nn/data/one_hot.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"
#include "nn/data/rows.hpp"

namespace nn
{

template <class T>
autograd::array<T> one_hot(const autograd::array<std::int64_t>& labels, std::size_t classes)
{
    autograd::shape_vector shape = detail::shape_of(labels);
    shape.push_back(classes);
    autograd::array<T> result = detail::filled(autograd::shape_view(shape), T{0}, "one_hot");
    for (std::size_t i = 0; i < labels.size(); ++i)
    {
        const std::int64_t label = labels.data()[i];
        if (label < 0 || static_cast<std::size_t>(label) >= classes)
        {
            throw autograd::error::index_error("one_hot", "label ", label, " at element ", i, " is not one of ",
                                               classes, " classes; they are numbered from 0.");
        }
        result.data()[i * classes + static_cast<std::size_t>(label)] = T{1};
    }
    return result;
}

template autograd::array<float> one_hot(const autograd::array<std::int64_t>&, std::size_t);
template autograd::array<double> one_hot(const autograd::array<std::int64_t>&, std::size_t);

} // namespace nn
