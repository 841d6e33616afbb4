#include "nn/optimizer/optimizer.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>

namespace nn::detail
{

template <class T>
void require_nonnegative(std::string_view who, std::string_view what, T value)
{
    if (!(value >= 0) || !std::isfinite(value))
    {
        throw autograd::error::value_error(who, what, " is ", value, "; it must be finite and not negative.");
    }
}

template void require_nonnegative(std::string_view, std::string_view, float);
template void require_nonnegative(std::string_view, std::string_view, double);

void require_positive(std::string_view who, std::string_view what, double value)
{
    if (!(value > 0) || !std::isfinite(value))
    {
        throw autograd::error::value_error(who, what, " is ", value, "; it must be finite and greater than 0.");
    }
}

void require_fraction(std::string_view who, std::string_view what, double value)
{
    if (!(value >= 0 && value < 1))
    {
        throw autograd::error::value_error(who, what, " is ", value, "; it must be at least 0 and less than 1.");
    }
}

void throw_missing_state(std::string_view who, std::string_view what)
{
    throw autograd::error::value_error(who, "the state has no ", what,
                                       ", which the hyperparameters ask for; make it by start(model) of the same "
                                       "optimizer.");
}

void require_shape(std::string_view who, std::string_view what, const part_path& path, autograd::shape_view found,
                   autograd::shape_view parameter)
{
    if (found == parameter)
    {
        return;
    }
    const std::string name = path.text();
    throw autograd::error::shape_error(who, "the ", what, name.empty() ? "" : " of " + name, " is ", found,
                                       ", the parameter is ", parameter, "; they must have the same shape.");
}

void require_parameters(std::string_view who, std::size_t count)
{
    if (count == 0)
    {
        throw autograd::error::value_error(who, "the model has 0 parameters; it must have one at least.");
    }
}

void require_scalar_rate(std::string_view who, autograd::shape_view shape)
{
    if (!shape.empty())
    {
        throw autograd::error::shape_error(who, "the rate is ", shape, "; it must be a number, or of shape ().");
    }
}

bool is_among(std::string_view name, const std::vector<std::string>& names)
{
    for (const std::string& each : names)
    {
        if (name == each || name.ends_with("." + each))
        {
            return true;
        }
    }
    return false;
}

void add_parameter(std::vector<std::string>& names, const part_path& path, role as)
{
    if (as == role::parameter)
    {
        names.push_back(path.text());
    }
}

bool decays(std::string_view parameter, double decay, const std::vector<std::string>& spared)
{
    return decay != 0 && !is_among(parameter, spared);
}

void require_known(std::string_view who, const std::vector<std::string>& names,
                   const std::vector<std::string>& parameters)
{
    for (const std::string& each : names)
    {
        const bool is_known = std::any_of(parameters.begin(), parameters.end(),
                                          [&](const std::string& name) { return is_among(name, {each}); });
        if (!is_known)
        {
            constexpr std::size_t most_shown = 20;
            std::string all;
            for (std::size_t k = 0; k < std::min(parameters.size(), most_shown); ++k)
            {
                all += (k == 0 ? "" : ", ") + parameters[k];
            }
            throw autograd::error::value_error(
                who, "not_decayed has \"", each,
                "\"; it must be the name of a parameter, or the end of one behind a dot. "
                "There are ",
                all, parameters.size() > most_shown ? ", ...." : ".");
        }
    }
}

template <class T>
autograd::variable<T> averaged_leaf(autograd::variable<T> average, autograd::variable<T> x, double decay)
{
    return decay * average + (1 - decay) * x;
}

template <class T>
autograd::variable<T> averaged_square_leaf(autograd::variable<T> average, autograd::variable<T> x, double decay)
{
    return decay * average + (1 - decay) * square(x);
}

template autograd::variable<float> averaged_leaf(autograd::variable<float>, autograd::variable<float>, double);
template autograd::variable<double> averaged_leaf(autograd::variable<double>, autograd::variable<double>, double);
template autograd::variable<float> averaged_square_leaf(autograd::variable<float>, autograd::variable<float>, double);
template autograd::variable<double> averaged_square_leaf(autograd::variable<double>, autograd::variable<double>,
                                                         double);

} // namespace nn::detail
