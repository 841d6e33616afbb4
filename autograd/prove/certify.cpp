#include "autograd/prove/certify.hpp"

#include "autograd/display/latex.hpp"
#include "autograd/prove/judge.hpp"

#include <cmath>

namespace autograd::prove
{

namespace
{

template <class T>
void require_pairs(std::span<const handle<T>> left, std::span<const handle<T>> right, const char* caller)
{
    if (left.empty() && right.empty())
    {
        throw error::value_error(caller,
                                 "both sides are structures without arrays, so that there is nothing to compare.");
    }
    if (left.size() != right.size())
    {
        throw error::shape_error(caller, "the left side has ", left.size(), " arrays and the right side ", right.size(),
                                 "; they are compared one by one.");
    }
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        left[i].checked(caller);
        right[i].checked(caller);
        const shape_view a = variable<T>(left[i]).shape();
        const shape_view b = variable<T>(right[i]).shape();
        if (!(a == b))
        {
            throw error::shape_error(caller, "array ", i + 1, " has shape ", a, " on the left and ", b,
                                     " on the right; equal functions have equal shapes.");
        }
    }
}

template <class T>
std::string name_of(const handle<T>& of)
{
    return of.tape().name_of(of.index());
}

} // namespace

template <class T>
certificate certify(std::span<const handle<T>> left, std::span<const handle<T>> right, const char* caller,
                    const certify_options& options, const handle<T>& given)
{
    require_pairs(left, right, caller);
    if (!(options.bits > 0) || std::isinf(options.bits))
    {
        throw error::value_error(caller, "bits is ", options.bits,
                                 "; equality is certified to a number of bits that is positive and finite.");
    }
    std::vector<handle<T>> outputs(left.begin(), left.end());
    outputs.insert(outputs.end(), right.begin(), right.end());
    computation both(std::span<const handle<T>>(outputs), caller);

    if (!given.empty())
    {
        both.take_as_given(given);
    }

    certificate result;
    result.seed = options.seed;
    for (const computation::step& step : both.steps())
    {
        if (both.is_drawn(step, options.free_constants))
        {
            const std::string kind = step.is == computation::leaf::variable ? "variable " : "constant ";
            result.random_inputs.push_back(step.label.empty() ? kind + std::to_string(result.random_inputs.size() + 1)
                                                              : step.label);
        }
    }
    if (result.random_inputs.empty() && !options.free_constants)
    {
        throw error::value_error(caller, "neither side depends on a variable, so that there is nothing to draw; make "
                                         "the inputs variables, or let constants be free.");
    }
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        certified_array array;
        const auto name_of_result = [](const handle<T>& of)
        { return of.tape()[of.index()].op->kind == rule_kind::leaf ? std::string() : name_of(of); };
        array.name = !name_of_result(right[i]).empty()  ? name_of_result(right[i])
                     : !name_of_result(left[i]).empty() ? name_of_result(left[i])
                                                        : "#" + std::to_string(i + 1);
        if (options.formulas)
        {
            array.left_latex = to_latex(variable<T>(left[i]));
            array.right_latex = to_latex(variable<T>(right[i]));
        }
        result.arrays.push_back(array);
    }
    judge(both, options, result);
    return result;
}

template certificate certify(std::span<const handle<float>>, std::span<const handle<float>>, const char*,
                             const certify_options&, const handle<float>&);
template certificate certify(std::span<const handle<double>>, std::span<const handle<double>>, const char*,
                             const certify_options&, const handle<double>&);

} // namespace autograd::prove
