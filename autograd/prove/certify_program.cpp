#include "autograd/prove/certify_program.hpp"

#include "autograd/compile/decode.hpp"

#include <algorithm>
#include <unordered_map>

namespace autograd
{

namespace
{

/// What outputs are made of, recorded again on another tape, up to inputs that are variables there.
template <class T>
class copied_recording
{
public:
    copied_recording(std::span<const handle<T>> inputs, tape<T>& to) : m_from(inputs.front().tape()), m_to(to)
    {
        for (const handle<T>& x : inputs)
        {
            m_inputs.push_back(as_input(x));
            m_copies[x.index()] = m_inputs.back();
            m_to.set_name(m_inputs.back(), x.name());
        }
    }

    const std::vector<handle<T>>& inputs() const { return m_inputs; }

    std::vector<handle<T>> copies_of(std::span<const handle<T>> outputs)
    {
        std::uint32_t end = 0;
        for (const handle<T>& y : outputs)
        {
            end = std::max(end, y.index() + 1);
        }
        std::vector<char> needed(end, 0);
        for (const handle<T>& y : outputs)
        {
            needed[y.index()] = 1;
        }
        for (std::uint32_t i = end; i-- > 0;)
        {
            for (const std::uint32_t operand : m_from.operands(m_from[i]))
            {
                needed[operand] = needed[operand] || (needed[i] && !m_copies.contains(i));
            }
        }
        for (std::uint32_t i = 0; i < end; ++i)
        {
            if (needed[i] && !m_copies.contains(i))
            {
                m_copies[i] = copy_of(m_from[i]);
            }
        }
        std::vector<handle<T>> result;
        std::transform(outputs.begin(), outputs.end(), std::back_inserter(result),
                       [&](const handle<T>& y) { return m_copies.at(y.index()); });
        return result;
    }

private:
    handle<T> as_input(const handle<T>& x)
    {
        const shape_vector shape(x.shape());
        if (x.checked("certify_program").op->element == element_kind::real)
        {
            return m_to.variable(borrowed<T>(variable<T>(x).data(), shape));
        }
        return m_to.index(borrowed<std::int64_t>(indices<T>(x).data(), shape));
    }

    handle<T> copy_of(const instruction<T>& y)
    {
        const shape_vector shape(y.shape());
        if (y.op->kind == rule_kind::leaf)
        {
            return leaf(y, shape);
        }
        std::vector<handle<T>> operands;
        for (const std::uint32_t operand : m_from.operands(y))
        {
            operands.push_back(m_copies.at(operand));
        }
        payload attributes;
        if (y.op->attributes != nullptr && y.attributes() != nullptr)
        {
            attributes.attributes = y.attributes();
            attributes.size = y.op->attributes->size(y.attributes());
            attributes.copy = y.op->attributes->copy;
            attributes.destroy = y.op->attributes->destroy;
        }
        return m_to.record(*y.op, operands, attributes, y.where(), &shape);
    }

    handle<T> leaf(const instruction<T>& y, const shape_vector& shape)
    {
        if (y.strides() != nullptr)
        {
            return m_to.full(shape, *static_cast<const T*>(y.data), y.where());
        }
        if (y.op->element == element_kind::index)
        {
            return m_to.index(borrowed<std::int64_t>(static_cast<const std::int64_t*>(y.data), shape), y.where());
        }
        return m_to.constant(borrowed<T>(static_cast<const T*>(y.data), shape), y.where());
    }

    const tape<T>& m_from;
    tape<T>& m_to;
    std::vector<handle<T>> m_inputs;
    std::unordered_map<std::uint32_t, handle<T>> m_copies;
};

template <class T>
void require_alike(const char* what, std::size_t k, const handle<T>& given, shape_view shape, element_kind element)
{
    if (!(given.shape() == shape) || given.checked("certify_program").op->element != element)
    {
        throw error::shape_error("certify_program", what, " ", k, " has shape ", given.shape(), "; the program has ",
                                 shape, element == element_kind::real ? " of real numbers" : " of integers", " there.");
    }
}

} // namespace

template <class T>
certificate certify_program(const program<T>& f, std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
                            const certify_options& options)
{
    if (inputs.size() != f.input_count() || outputs.size() != f.output_count())
    {
        throw error::value_error("certify_program", inputs.size(), " inputs and ", outputs.size(),
                                 " outputs were given; the program has ", f.input_count(), " and ", f.output_count(),
                                 ".");
    }
    if (inputs.empty())
    {
        throw error::value_error("certify_program", "the program has no inputs, so that there is nothing to draw.");
    }
    for (std::size_t k = 0; k < inputs.size(); ++k)
    {
        require_alike("input", k, inputs[k], f.input_shape(k), f.input_element(k));
        for (std::size_t j = 0; j < k; ++j)
        {
            if (same(inputs[j], inputs[k]))
            {
                throw error::value_error("certify_program", "input ", k, " is input ", j,
                                         " again; a program has each variable once.");
            }
        }
    }
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        require_alike("output", k, outputs[k], f.output_shape(k), f.output_element(k));
    }
    tape<T> on;
    copied_recording<T> recording(inputs, on);
    std::vector<handle<T>> recorded;
    std::vector<handle<T>> computed;
    const auto copies = recording.copies_of(outputs);
    const auto decoded = detail::decode(f.what(), on, std::span<const handle<T>>(recording.inputs()));
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        if (f.output_element(k) == element_kind::real)
        {
            recorded.push_back(copies[k]);
            computed.push_back(decoded[k]);
        }
    }
    certificate result = prove::certify<T>(recorded, computed, "certify_program", options);
    if (result.outcome == verdict::equal && recorded.size() < outputs.size())
    {
        result.outcome = verdict::not_decided;
        result.reason = "some outputs are integers, which a proof does not compare; the others are equal";
    }
    return result;
}

template certificate certify_program(const program<float>&, std::span<const handle<float>>,
                                     std::span<const handle<float>>, const certify_options&);
template certificate certify_program(const program<double>&, std::span<const handle<double>>,
                                     std::span<const handle<double>>, const certify_options&);

} // namespace autograd
