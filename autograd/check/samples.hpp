#pragma once

#include "autograd/operations/rule.hpp"
#include "autograd/tape/tape.hpp"

#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Samples: what each operation is tried on. They stand in the rule, in `static void samples(auto& s)`, and generate
/// its tests: value against NumPy, first and second derivatives against finite differences in both modes, float against
/// double. A rule's samples are a template, so that they cost its users nothing.
namespace autograd::check
{

/// An array among the inputs of a sample. Indices are kept as doubles, too.
struct sample_input
{
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

/// A real and an integer input: different types, so that a call knows at compile time which is which.
struct real_input : sample_input
{
};
struct index_input : sample_input
{
};

/// The derivative at a point where finite differences cannot tell: exact, by convention.
struct kink
{
    std::vector<double> at;          ///< one number per operand
    std::vector<double> derivatives; ///< of the result with respect to each
};

/// A function of variables, and the inputs that it is tried on.
struct sample
{
    template <class T>
    using function = std::function<handle<T>(std::span<const variable<T>>, std::span<const indices<T>>)>;

    std::string label;
    std::string numpy;
    std::vector<real_input> reals;
    std::vector<index_input> integers;
    function<float> on_float;
    function<double> on_double;

    int order = 2;                    ///< derivatives that finite differences can check
    double tolerance = 1e-6;          ///< of the first order, relative; the second has ten times that
    double value_tolerance = 4;       ///< of the value, in units in the last place of the largest element
    std::vector<kink> kinks;          ///< instead of finite differences, when not empty
    std::optional<std::string> error; ///< the text that it must throw
    std::vector<char> held;           ///< held[k]: real input k is not differentiated
    bool is_shown = false;            ///< in docs/operations.md, as what the operation is
    std::string part;                 ///< what the result is called there, where it is a part of several
    std::string shown_numpy;          ///< what stands there in the place of `numpy`, if there is any

    const function<float>& on(float) const { return on_float; }
    const function<double>& on(double) const { return on_double; }

    /// For functions that finite differences can only check so far, or not at all (0: value only).
    sample& up_to_order(int highest)
    {
        order = highest;
        return *this;
    }
    sample& within(double relative)
    {
        tolerance = relative;
        return *this;
    }
    /// For docs/operations.md, which shows the first sample of an operation if none says that it is to be shown. Where
    /// the operation gives several things, a sample for each shows it by its name.
    sample& shown(std::string name = "", std::string in_numpy = "")
    {
        is_shown = true;
        part = std::move(name);
        shown_numpy = std::move(in_numpy);
        return *this;
    }
    /// For values that NumPy itself only knows so far.
    sample& value_within_ulp(double ulp)
    {
        value_tolerance = ulp;
        return *this;
    }
    /// Real input k has no derivative (a mask, a count).
    sample& hold(std::size_t k)
    {
        held.resize(std::max(held.size(), k + 1));
        held[k] = 1;
        return *this;
    }
};

/// What a rule's samples() is called with: collects them.
class sampler
{
public:
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    static constexpr double inf = std::numeric_limits<double>::infinity();

    explicit sampler(std::vector<sample>& into) : m_samples(into) {}

    /// \name Inputs
    /// \{
    using shape = std::initializer_list<std::size_t>;

    /// Different numbers of both signs in (-2, 2), away from 0, in no order: no ties, no kinks.
    static real_input numbers(shape extents);
    /// The same, in (0.1, 2.1).
    static real_input positive(shape extents);
    /// The same, in (low, high).
    static real_input between(double low, double high, shape extents);
    static real_input array(shape extents, std::initializer_list<double> values);
    static index_input integers(shape extents, std::initializer_list<std::int64_t> values);
    /// \}

    /// Any function: f(reals..., integers...) in the order of the inputs, reals first. `numpy` is the same in NumPy
    /// with x, y, z for the real and i, j for the integer inputs (np, sp for scipy.special, la for scipy.linalg).
    template <class F, class... Inputs>
    sample& call(std::string label, std::string numpy, F f, const Inputs&... inputs)
    {
        sample& s = add(std::move(label), std::move(numpy), f, inputs...);
        return s;
    }

    /// An elementwise function of one operand, at points where it is smooth: in one array, as scalars, in an empty
    /// array, in two dimensions, and many random ones between the smallest and the largest point of moderate size.
    /// Points that are infinite or NaN are tried for their value only.
    template <class F>
    void unary(std::string numpy, F f, std::initializer_list<double> points)
    {
        for (auto& [label, x] : unary_inputs(points))
        {
            sample& s = add(label, numpy, f, x);
            s.order = label == "special values" ? 0 : 2;
        }
    }

    /// An elementwise function of two operands at pairs of points where it is smooth, then on shapes that broadcast.
    template <class F>
    void binary(std::string numpy, F f, std::initializer_list<std::pair<double, double>> points)
    {
        for (auto& [label, inputs] : binary_inputs(points))
        {
            sample& s = add(label, numpy, f, inputs.first, inputs.second);
            s.order = label == "special values" ? 0 : 2;
        }
    }

    /// Points where the derivative is by convention: {{x, dy/dx}, ...}.
    template <class F>
    void kinks(F f, std::initializer_list<std::pair<double, double>> points)
    {
        sample& s = add("kinks", "", f, real_input{});
        for (auto [x, derivative] : points)
        {
            s.kinks.push_back({{x}, {derivative}});
        }
    }
    /// The same for two operands: {{x, y, dz/dx, dz/dy}, ...}.
    struct binary_kink
    {
        double x, y, dx, dy;
    };
    template <class F>
    void binary_kinks(F f, std::initializer_list<binary_kink> points)
    {
        sample& s = add("kinks", "", f, real_input{}, real_input{});
        for (const binary_kink& p : points)
        {
            s.kinks.push_back({{p.x, p.y}, {p.dx, p.dy}});
        }
    }

    /// A call that must throw exactly this text.
    template <class F, class... Inputs>
    void error(std::string label, F f, const std::string& text, const Inputs&... inputs)
    {
        add(std::move(label), "", f, inputs...).error = text;
    }

private:
    struct labelled
    {
        std::string label;
        real_input input;
    };
    struct labelled_pair
    {
        std::string label;
        std::pair<real_input, real_input> input;
    };
    static std::vector<labelled> unary_inputs(std::initializer_list<double> points);
    static std::vector<labelled_pair> binary_inputs(std::initializer_list<std::pair<double, double>> points);

    template <class T, class F, class... Inputs>
    static sample::function<T> erase(F f)
    {
        constexpr std::size_t reals = (std::size_t{std::is_same_v<Inputs, real_input>} + ... + 0);
        constexpr std::size_t integers = sizeof...(Inputs) - reals;
        return [f](std::span<const variable<T>> x, std::span<const indices<T>> i) -> handle<T>
        {
            return [&]<std::size_t... R, std::size_t... I>(std::index_sequence<R...>, std::index_sequence<I...>)
            {
                return f(x[R]..., i[I]...);
            }
            (std::make_index_sequence<reals>(), std::make_index_sequence<integers>());
        };
    }

    template <class F, class... Inputs>
    sample& add(std::string label, std::string numpy, F f, const Inputs&... inputs)
    {
        sample s;
        s.label = std::move(label);
        s.numpy = std::move(numpy);
        const auto place = [&](const auto& input)
        {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(input)>, real_input>)
            {
                s.reals.push_back(input);
            }
            else
            {
                s.integers.push_back(input);
            }
        };
        (place(inputs), ...);
        s.on_float = erase<float, F, Inputs...>(f);
        s.on_double = erase<double, F, Inputs...>(f);
        return m_samples.emplace_back(std::move(s));
    }

    std::vector<sample>& m_samples;
};

/// An operation of the table and its samples. `rule<T>()` is null for composites.
struct sampled_operation
{
    std::string family;
    std::string name;
    const operation<float>* on_float = nullptr;
    const operation<double>* on_double = nullptr;
    std::vector<sample> samples;
};

/// The samples of a rule, its descriptions among them.
template <class Rule>
sampled_operation sample_rule(std::string family)
{
    sampled_operation result{
        std::move(family), Rule::name, &description<Rule, float>::instance, &description<Rule, double>::instance, {}};
    sampler s(result.samples);
    Rule::samples(s);
    return result;
}

/// The samples of a composite.
template <class Composite>
sampled_operation sample_composite(std::string family)
{
    sampled_operation result{std::move(family), Composite::name, nullptr, nullptr, {}};
    sampler s(result.samples);
    Composite::samples(s);
    return result;
}

} // namespace autograd::check
