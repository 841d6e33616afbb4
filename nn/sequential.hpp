#pragma once

#include "autograd/random/counter_generator.hpp"
#include "nn/module.hpp"

namespace nn
{

namespace detail
{

/// The layer on x, with randomness and the line of source if it takes them.
template <class Layer, class T>
autograd::variable<T> call_layer(const Layer& layer, autograd::variable<T> x, autograd::location where)
{
    if constexpr (std::is_invocable_v<const Layer&, autograd::variable<T>, autograd::location>)
    {
        return layer(x, where);
    }
    else
    {
        return layer(x);
    }
}
template <class Layer, class T>
autograd::variable<T> call_layer(const Layer& layer, autograd::variable<T> x,
                                 const autograd::counter_generator<T>& random, autograd::location where)
{
    using generator = autograd::counter_generator<T>;
    if constexpr (std::is_invocable_v<const Layer&, autograd::variable<T>, generator, autograd::location>)
    {
        return layer(x, random, where);
    }
    else if constexpr (std::is_invocable_v<const Layer&, autograd::variable<T>, generator>)
    {
        return layer(x, random);
    }
    else
    {
        return call_layer(layer, x, where);
    }
}

} // namespace detail

/// One layer after the other: a tuple of layers is a layer. Its parameters are numbered: "0.weight", "2.bias".
///
/// `net(x)` is for predictions; `net(x, random)` gives each layer that takes randomness (dropout) a stream of its own;
/// `net.on_batch(x)` and `net.on_batch(x, random)` also give back the net with the new state of those layers that have
/// one (batch_norm). Throws what its layers throw.
template <class... Layers>
struct sequential
{
    std::tuple<Layers...> layers;
    std::tuple<Layers...>& members() { return layers; }
    const std::tuple<Layers...>& members() const { return layers; }

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        std::apply([&](const auto&... layer) { ((x = detail::call_layer(layer, x, where)), ...); }, layers);
        return x;
    }

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x, const autograd::counter_generator<T>& random,
                                     autograd::location where = autograd::location::current()) const
    {
        std::uint64_t k = 0;
        std::apply([&](const auto&... layer) { ((x = detail::call_layer(layer, x, random.stream(k++), where)), ...); },
                   layers);
        return x;
    }

    template <class T>
    std::pair<autograd::variable<T>, sequential>
    on_batch(autograd::variable<T> x, autograd::location where = autograd::location::current()) const
    {
        return advanced(x, where, [](std::uint64_t) { return std::tuple(); });
    }

    template <class T>
    std::pair<autograd::variable<T>, sequential>
    on_batch(autograd::variable<T> x, const autograd::counter_generator<T>& random,
             autograd::location where = autograd::location::current()) const
    {
        return advanced(x, where, [&](std::uint64_t k) { return std::tuple(random.stream(k)); });
    }

private:
    /// The output, and the layers with their new state. random_of(k) is a tuple of the randomness for layer k.
    template <class T, class RandomOf>
    std::pair<autograd::variable<T>, sequential> advanced(autograd::variable<T> x, autograd::location where,
                                                          RandomOf random_of) const
    {
        sequential next = *this;
        std::uint64_t k = 0;
        const auto advance = [&](auto& layer)
        {
            std::apply(
                [&](const auto&... random)
                {
                    if constexpr (requires { layer.on_batch(x, random..., where); })
                    {
                        std::tie(x, layer) = layer.on_batch(x, random..., where);
                    }
                    else if constexpr (requires { layer.on_batch(x, random...); })
                    {
                        std::tie(x, layer) = layer.on_batch(x, random...);
                    }
                    else if constexpr (requires { layer.on_batch(x, where); })
                    {
                        std::tie(x, layer) = layer.on_batch(x, where);
                    }
                    else if constexpr (requires { layer.on_batch(x); })
                    {
                        std::tie(x, layer) = layer.on_batch(x);
                    }
                    else
                    {
                        x = detail::call_layer(layer, x, random..., where);
                    }
                },
                random_of(k++));
        };
        std::apply([&](auto&... layer) { (advance(layer), ...); }, next.layers);
        return {x, std::move(next)};
    }
};

/// The layers, one after the other: make_sequential(make_linear(...), activation::tanh(), make_linear(...)).
template <class... Layers>
sequential<Layers...> make_sequential(Layers... layers)
{
    return {{std::move(layers)...}};
}

} // namespace nn
