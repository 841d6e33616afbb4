#pragma once

#include "autograd/random/counter_generator.hpp"
#include "nn/module.hpp"
#include "nn/recurrent.hpp"

namespace nn
{

namespace detail
{

/// What flows on from a layer: its result, or the sequence of hidden states of a recurrent one.
template <class Leaf>
Leaf output_of(Leaf result)
{
    return result;
}
template <class Leaf, class State>
Leaf output_of(const recurrent_result<Leaf, State>& result)
{
    return result.outputs;
}

/// The layer on x (a variable, or indices), with randomness and the line of source if it takes them.
template <class Layer, class X>
auto call_layer(const Layer& layer, X x, autograd::location where)
{
    if constexpr (std::is_invocable_v<const Layer&, X, autograd::location>)
    {
        return output_of(layer(x, where));
    }
    else
    {
        static_assert(std::is_invocable_v<const Layer&, X>,
                      "A layer takes what the one before it gives: an embedding integers, all others variables.");
        return output_of(layer(x));
    }
}
template <class Layer, class X, class T>
auto call_layer(const Layer& layer, X x, const autograd::counter_generator<T>& random, autograd::location where)
{
    using generator = autograd::counter_generator<T>;
    if constexpr (std::is_invocable_v<const Layer&, X, generator, autograd::location>)
    {
        return output_of(layer(x, random, where));
    }
    else if constexpr (std::is_invocable_v<const Layer&, X, generator>)
    {
        return output_of(layer(x, random));
    }
    else
    {
        return call_layer(layer, x, where);
    }
}

/// The same of a layer that has a state: leaves the layer with the new one.
template <class Layer, class X, class... Random>
auto advance_layer(Layer& layer, X x, autograd::location where, const Random&... random)
{
    const auto keep = [&](auto result)
    {
        layer = std::move(result.second);
        return result.first;
    };
    if constexpr (requires { layer.on_batch(x, random..., where); })
    {
        return keep(layer.on_batch(x, random..., where));
    }
    else if constexpr (requires { layer.on_batch(x, random...); })
    {
        return keep(layer.on_batch(x, random...));
    }
    else if constexpr (requires { layer.on_batch(x, where); })
    {
        return keep(layer.on_batch(x, where));
    }
    else if constexpr (requires { layer.on_batch(x); })
    {
        return keep(layer.on_batch(x));
    }
    else
    {
        return call_layer(layer, x, random..., where);
    }
}

/// What layers are given: variables, or integers for an embedding.
template <class X>
inline constexpr bool is_input = false;
template <class T>
inline constexpr bool is_input<autograd::variable<T>> = true;
template <class T>
inline constexpr bool is_input<autograd::indices<T>> = true;
template <class X>
concept layer_input = is_input<X>;

} // namespace detail

/// One layer after the other: a tuple of layers is a layer. Its parameters are numbered: "0.weight", "2.bias".
///
/// Each layer takes what the one before it gives. The first may be an embedding: then x is integers. Of a recurrent
/// layer (rnn, lstm, gru), which starts from a state of zeros, the hidden states after all steps flow on, (steps,
/// samples, hidden); `last_step` behind it keeps those after the last one.
///
/// `net(x)` is for predictions; `net(x, random)` gives each layer that takes randomness (dropout) a stream of its own;
/// `net.on_batch(x)` and `net.on_batch(x, random)` also give back the net with the new state of those layers that have
/// one (batch_norm). Throws what its layers throw.
///
///     const nn::sequential net{nn::make_linear(2, 8, stream), nn::activation::tanh(), nn::make_linear(8, 2, stream)};
///
/// Write braces: in them, C++ makes the layers from left to right, so that the first draws its weights first. Between
/// parentheses, and as arguments of a function, they are made in the compiler's order, and one seed gives as many
/// networks as there are compilers.
template <class... Layers>
struct sequential
{
    std::tuple<Layers...> layers;

    sequential() = default;
    explicit sequential(Layers... each) requires(sizeof...(Layers) > 0) : layers(std::move(each)...) {}

    std::tuple<Layers...>& members() { return layers; }
    const std::tuple<Layers...>& members() const { return layers; }

    template <detail::layer_input X>
    auto operator()(X x, autograd::location where = autograd::location::current()) const
    {
        return through(x, [&](auto k, auto in) { return detail::call_layer(std::get<k>(layers), in, where); });
    }

    template <detail::layer_input X, class T>
    auto operator()(X x, const autograd::counter_generator<T>& random,
                    autograd::location where = autograd::location::current()) const
    {
        return through(x, [&](auto k, auto in)
                       { return detail::call_layer(std::get<k>(layers), in, random.stream(k), where); });
    }

    template <detail::layer_input X>
    auto on_batch(X x, autograd::location where = autograd::location::current()) const
    {
        sequential next = *this;
        const auto y =
            through(x, [&](auto k, auto in) { return detail::advance_layer(std::get<k>(next.layers), in, where); });
        return std::pair(y, std::move(next));
    }

    template <detail::layer_input X, class T>
    auto on_batch(X x, const autograd::counter_generator<T>& random,
                  autograd::location where = autograd::location::current()) const
    {
        sequential next = *this;
        const auto y =
            through(x, [&](auto k, auto in)
                    { return detail::advance_layer(std::get<k>(next.layers), in, where, random.stream(k)); });
        return std::pair(y, std::move(next));
    }

private:
    /// call(k, ...) of the layers k, one after the other.
    template <std::size_t K = 0, class X, class Call>
    static auto through(X x, const Call& call)
    {
        if constexpr (K == sizeof...(Layers))
        {
            return x;
        }
        else
        {
            return through<K + 1>(call(std::integral_constant<std::size_t, K>(), x), call);
        }
    }
};

} // namespace nn
