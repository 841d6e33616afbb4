#include "nn/optimizer/step.hpp"

#include "autograd/tape/error.hpp"

namespace nn::detail
{

void throw_loss_not_finite(double loss, autograd::location where)
{
    throw autograd::error::value_error(where, "take_step", "the loss is ", loss,
                                       "; a step needs a finite one. The parameters stay as they were: take a smaller "
                                       "learning rate, clip the gradients, or ask find_non_finite(loss).");
}

void throw_not_finite(std::string_view optimizer, std::string_view what, const std::string& name, double value,
                      autograd::location where)
{
    throw autograd::error::value_error(
        where, optimizer, what, name.empty() ? "parameter" : name, " would become ", value,
        "; parameters and state must be finite. They stay as they were: take a smaller learning "
        "rate, or clip the gradients.");
}

} // namespace nn::detail
