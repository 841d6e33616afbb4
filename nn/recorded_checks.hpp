#pragma once

#include "autograd/operations/conditions.hpp"

#include <cstdint>
#include <string>

/// What layers and losses refuse of values. Each is recorded as a check, so that a program holds it for the values that
/// it gets; on a tape without values there is nothing to check.
namespace nn
{

namespace detail
{

/// Labels and positions: throws index_error unless each integer is from 0 to before `count`.
struct positions_rule : autograd::condition
{
    static constexpr auto name = "positions";
    struct attributes
    {
        const char* who; ///< who refuses: "cross_entropy"
        const char* what;
        std::size_t count;
    };
    static std::string print(const attributes& a) { return "below " + std::to_string(a.count); }

    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a);
    static void samples(auto&) {}
};

/// Numbers in a domain: throws value_error for the first element that is not in it. NaN is nobody's mistake here, and
/// goes on.
struct elements_rule : autograd::condition
{
    static constexpr auto name = "elements";
    struct attributes
    {
        const char* who;
        const char* what; ///< "probability"
        bool (*is_wrong)(double element);
        const char* rule; ///< "it must not be negative."
    };
    static std::string print(const attributes& a) { return a.what; }

    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a);
    static void samples(auto&) {}
};

/// Distributions along the last axis: throws value_error unless each row sums to 1, up to rounding.
struct row_sums_rule : autograd::condition
{
    static constexpr auto name = "row_sums";
    struct attributes
    {
        const char* who;
    };

    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a);
    static void samples(auto&) {}
};

/// Variances: throws value_error where one has overflowed, since what is normalised by it would be 0. (Of infinite
/// elements it is NaN.)
struct no_overflow_rule : autograd::condition
{
    static constexpr auto name = "no_overflow";
    struct attributes
    {
        const char* who;
    };

    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a);
    static void samples(auto&) {}
};

} // namespace detail

} // namespace nn

namespace autograd
{
AUTOGRAD_OPERATION(nn::detail::positions_rule)
AUTOGRAD_OPERATION(nn::detail::elements_rule)
AUTOGRAD_OPERATION(nn::detail::row_sums_rule)
AUTOGRAD_OPERATION(nn::detail::no_overflow_rule)
} // namespace autograd
