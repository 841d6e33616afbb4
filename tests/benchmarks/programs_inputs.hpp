#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

/// The work of the subject programs that is the same for all who do it, and what it is done on.
namespace programs
{

inline constexpr auto subject = "programs";

/// A step of gradient descent of a network of relu on pictures in ten classes: float, log_softmax, one target a row.
inline constexpr std::size_t layers[] = {784, 512, 512, 10};
inline constexpr std::size_t batches[] = {32, 128, 1024};
inline constexpr float rate = 0.01F;

inline std::string network(std::size_t batch)
{
    return "network_batch_" + std::to_string(batch);
}

/// Numbers between -scale/2 and scale/2.
inline std::vector<float> network_numbers(std::size_t count, float scale)
{
    std::vector<float> result(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        result[i] = scale * (std::fmod(0.618034F * static_cast<float>(i % 9973), 1.0F) - 0.5F);
    }
    return result;
}

inline constexpr float image_scale = 1;
inline constexpr float parameter_scale = 0.1F;

/// Row by row: 1 at the class of a row.
inline std::vector<float> network_targets(std::size_t batch)
{
    std::vector<float> result(batch * layers[3]);
    for (std::size_t row = 0; row < batch; ++row)
    {
        result[row * layers[3] + row % layers[3]] = 1;
    }
    return result;
}

/// The gradient of sum(tanh(x a + b) sigmoid(x) + exp(-x^2)) by x, a and b; and the same element by element, without
/// a sum and without derivatives.
inline constexpr std::size_t sides[] = {1000, 100};
inline constexpr std::size_t chain_sizes[] = {1'000, 10'000, 100'000, 1'000'000, 10'000'000};
inline constexpr double factor = 1.25;
inline constexpr double shift = 0.5;

inline std::string elementwise_gradient(std::size_t side)
{
    return "elementwise_gradient_" + std::to_string(side) + "x" + std::to_string(side);
}

/// sum_i sum_j exp(-|x_i - y_j|^2) w_j over points in three dimensions.
inline constexpr std::size_t points = 2000;
inline constexpr auto all_pairs = "all_pairs_2000";
inline constexpr auto all_pairs_by_all = "all_pairs_2000_value_and_gradients";

/// Evenly from one number to another, both included.
inline std::vector<double> even(double from, double to, std::size_t count)
{
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        result[i] = from + (to - from) * static_cast<double>(i) / static_cast<double>(count - 1);
    }
    return result;
}

} // namespace programs
