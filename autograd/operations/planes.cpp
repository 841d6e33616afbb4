#include "autograd/operations/planes.hpp"

namespace autograd
{

void planes_of_classes_rule::require_classes(const array_view& labels, const attributes& a)
{
    switch (a.by)
    {
    case reader::one_hot:
        kernels::check_classes(labels, a.classes, one_hot_rule::name);
        break;
    case reader::take_along_axis:
        kernels::check_indices(labels, a.classes, labels.shape.size() - 1, take_along_axis_rule::name);
        break;
    case reader::scatter_along_axis:
        kernels::check_indices(labels, a.classes, labels.shape.size() - 1, scatter_along_axis_rule::name);
        break;
    }
}

} // namespace autograd
