#include "compile/random_program.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace random_programs
{

namespace
{

using check::sample;
using check::sample_input;

const std::vector<check::sampled_operation>& table()
{
    static const std::vector<check::sampled_operation> operations = check::every_operation();
    return operations;
}

template <class T>
array<T> array_of(const sample_input& input)
{
    array<T> result = array<T>::from_shape(input.shape);
    std::transform(input.values.begin(), input.values.end(), result.begin(),
                   [](double x) { return static_cast<T>(x); });
    return result;
}

shape_vector shape_of(const sample_input& input)
{
    return shape_vector(input.shape.begin(), input.shape.end());
}

/// The smallest and the largest of those elements that are finite; 0 and 1 of none.
std::pair<double, double> range_of(const sample_input& input)
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (double x : input.values)
    {
        low = std::isfinite(x) ? std::min(low, x) : low;
        high = std::isfinite(x) ? std::max(high, x) : high;
    }
    return low <= high ? std::pair(low, high) : std::pair(0.0, 1.0);
}

// ---------------------------------------------------------------------------- one value in the place of another

/// Elements of x in another shape: repeated, or a part of them. `salt` tells which, of several ways.
template <class T>
variable<T> fitted(variable<T> x, const shape_vector& shape, std::size_t salt)
{
    if (x.shape() == shape_view(shape))
    {
        return x;
    }
    const std::size_t count = element_count(shape);
    if (x.size() == 0 || count == 0)
    {
        return broadcast(sum(x), shape);
    }
    if (broadcasts_to(x.shape(), shape) && salt % 3 != 0)
    {
        return broadcast(x, shape);
    }
    variable<T> line = x.dimension() == 1 ? x : flatten(x);
    if (line.size() < count)
    {
        line = tile(line, (count + line.size() - 1) / line.size());
    }
    if (line.size() > count)
    {
        const std::size_t first = salt % (line.size() - count + 1);
        line = slice(line, 0, first, first + count);
    }
    return reshape(line, shape);
}

/// What a sample gets in the place of one of its real inputs.
struct source
{
    enum way
    {
        squashed, ///< a value, brought between the smallest and the largest element of the sample's
        near,     ///< the sample's, moved a little by a value
        given     ///< a value as it is
    };
    way how;
    std::size_t value;
    std::size_t salt;
};

template <class T>
variable<T> real_operand(const source& from, const sample_input& wanted, tape<T>& on, variable<T> x)
{
    if (from.how == source::given)
    {
        return x;
    }
    const auto [low, high] = range_of(wanted);
    const auto width = static_cast<T>(high - low);
    const variable<T> moving = fitted(x, shape_of(wanted), from.salt);
    return from.how == source::squashed
               ? static_cast<T>(low) + width * sigmoid(moving)
               : on.constant(array_of<T>(wanted)) + static_cast<T>(0.01) * width * tanh(moving);
}

/// Integers of 0 ... highest, computed from x.
template <class T>
indices<T> index_operand(const sample_input& wanted, variable<T> x, std::size_t salt)
{
    shape_vector scores = shape_of(wanted);
    scores.push_back(static_cast<std::size_t>(range_of(wanted).second) + 1);
    return argmax(fitted(x, scores, salt), -1);
}

/// A shape with an axis before it.
shape_vector behind(std::size_t extent, shape_view shape)
{
    shape_vector result{extent};
    result.append(shape);
    return result;
}

/// Arithmetic with x and y of one shape, or of shapes that broadcast.
template <class T>
const auto& binary_functions()
{
    using variable = autograd::variable<T>;
    static const std::vector<std::function<variable(variable, variable)>> functions{
        [](auto x, auto y) { return x + y; },
        [](auto x, auto y) { return x - y; },
        [](auto x, auto y) { return x * y; },
        [](auto x, auto y) { return x / (1 + square(y)); },
        [](auto x, auto y) { return maximum(x, tanh(y)); },
        [](auto x, auto y) { return where(x > y, x, y); },
        [](auto x, auto y) { return x * sigmoid(y) + y; },
    };
    return functions;
}

/// What is often met, and what a compiler is tempted to make less of.
template <class T>
const auto& unary_functions()
{
    using variable = autograd::variable<T>;
    const auto last = [](const variable& x) { return static_cast<std::ptrdiff_t>(x.dimension()) - 1; };
    static const std::vector<std::function<variable(variable)>> functions{
        [](auto x) { return tanh(x); },
        [](auto x) { return sigmoid(2 * x); },
        [](auto x) { return exp(-square(x)); },
        [](auto x) { return 0.5 * x; },
        [](auto x) { return 1 - x; },
        [](auto x) { return -x; },
        [](auto x) { return sum(x); },
        [](auto x) { return mean(x, 0); },
        [=](auto x) { return sum(x, last(x)); },
        [](auto x) { return transpose(x); },
        [](auto x) { return flatten(x); },
        [](auto x) { return expand_dims(x, 0); },
        [](auto x) { return broadcast(expand_dims(x, 0), behind(2, x.shape())); },
        [](auto x) { return x + T(-0.0); },
        [](auto x) { return T(-0.0) + x; },
        [](auto x) { return x + 0; },
        [](auto x) { return x - 0; },
        [](auto x) { return x - T(-0.0); },
        [](auto x) { return 0 - x; },
        [](auto x) { return x * 1; },
        [](auto x) { return 1 * x; },
        [](auto x) { return x / 1; },
        [](auto x) { return x * -1; },
        [](auto x) { return x * 0; },
        [](auto x) { return x - x; },
        [](auto x) { return x / x; },
        [](auto x) { return (x + 3) - 3; },
        [](auto x) { return -(-x); },
        [](auto x) { return exp(log(x)); },
        [](auto x) { return log(exp(x)); },
        [](auto x) { return pow(x, 2); },
        [](auto x) { return pow(x, full_like(x, 2)); },
        [](auto x) { return pow(x, full_like(x, 1)); },
        [](auto x) { return pow(x, 3); },
        [](auto x) { return -x * -tanh(x); },
        [](auto x) { return -x / -exp(x); },
        [](auto x) { return x + (-sigmoid(x)); },
        [=](auto x) { return sum(scatter_along_axis(x, argsort(x), x.shape(-1), last(x)), last(x)); },
        [](auto x) { return square(x) * x; },
        [](auto x) { return identity(stop_gradient(x)); },
        [](auto x) { return transpose(transpose(x)); },
        [](auto x) { return transpose(moveaxis(x, 0, 1)); },
        [](auto x) { return transpose(exp(-square(transpose(x)))); },
        [](auto x) { return reshape(flatten(x), shape_vector(x.shape())); },
        [](auto x) { return sum_to(broadcast(expand_dims(x, 0), behind(1, x.shape())), x.shape()); },
        [](auto x) { return sum_to(broadcast(x, behind(3, x.shape())), x.shape()); },
        [=](auto x) { return log(softmax(x, last(x))); },
        [=](auto x) { return exp(log_softmax(x, last(x))); },
        [](auto x) { return matmul(tanh(x), transpose(tanh(x))); },
        [](auto x) { return matmul(transpose(-x), sigmoid(x)); },
        [](auto x) { return -matmul(-transpose(x), -x); },
        [](auto x) { return matmul(transpose(x), x) + sum(x, 0); },
        [](auto x)
        {
            const auto large = fitted(tanh(x), {33, 33}, 0); // for BLAS
            return large + matmul(transpose(large), large) * sum(large);
        },
        [](auto x)
        {
            const auto large = fitted(tanh(x), {32, 33}, 0);
            return large - T(0.125) * matmul(large, fitted(-large, {33, 33}, 0));
        },
        [](auto x) { return tanh(x) + tanh(x); },
        [](auto x) { return (x - sigmoid(x)) * (sigmoid(x) - x); },
        [](auto x) { return maximum(x, -x) / maximum(-x, x); },
        [](auto x) { return leaky_relu(x, 0.5) - leaky_relu(x, 0.25); },
        [](auto x) { return clip(x, -1, 1) * clip(x, -0.5, 0.5); },
        [](auto x)
        { return slice(flatten(x), 0, 0, x.size() / 2) - slice(flatten(x), 0, x.size() - x.size() / 2, x.size()); },
        [](auto x) { return amax(x, xt::keep_dims) - amin(x, xt::keep_dims) * sum(x, 0, xt::keep_dims); },
    };
    return functions;
}

} // namespace

// ------------------------------------------------------------------------------------------------- samples and counts

namespace
{

template <class T>
recorded_program<T> record_sample(tape<T>& on, const sample& of)
{
    std::vector<variable<T>> reals;
    std::vector<indices<T>> integers;
    recorded_program<T> recorded;
    for (const auto& each : of.reals)
    {
        reals.push_back(on.variable(array_of<T>(each)));
        recorded.inputs.push_back(reals.back());
    }
    for (const auto& each : of.integers)
    {
        integers.push_back(on.index(array_of<std::int64_t>(each)));
        recorded.inputs.push_back(integers.back());
    }
    recorded.outputs.push_back(of.on(T())(reals, integers));
    return recorded;
}

/// Whether it can be a step of a program, and is no longer than one.
template <class T>
bool is_usable(const sample& of)
{
    constexpr std::size_t longest = 60;
    tape<T> on;
    try
    {
        const recorded_program<T> recorded = record_sample(on, of);
        static_cast<void>(compile<T>(recorded.inputs, recorded.outputs, {.constant_keys = true}));
    }
    catch (const error::exception&)
    {
        return false;
    }
    return on.size() <= longest;
}

} // namespace

template <class T>
const std::vector<std::vector<const sample*>>& usable_samples()
{
    static const auto usable = []
    {
        std::vector<std::vector<const sample*>> all;
        for (const check::sampled_operation& operation : table())
        {
            std::vector<const sample*> of_this;
            for (const sample& each : operation.samples)
            {
                if (!each.error && each.kinks.empty() && is_usable<T>(each))
                {
                    of_this.push_back(&each);
                }
            }
            all.push_back(std::move(of_this));
        }
        return all;
    }();
    return usable;
}

// ------------------------------------------------------------------------------------------------- a program for a
// seed

namespace
{

template <class T>
class generator
{
public:
    generator(std::uint64_t seed, random_program<T>& program, tape<T>& on, recorded_program<T>& recorded)
        : m_choices(seed), m_program(program), m_tape(on), m_recorded(recorded)
    {
        m_program.has_small_extents = m_choices.percent(10);
        m_program.has_gradient = m_choices.percent(30);
        const std::size_t length = 10 + m_choices.below(m_choices.percent(50) ? 30 : 170);
        // A derivative is some times as long as what is differentiated; it comes early enough to fit.
        const std::size_t differentiate_at = 4 + m_choices.below(length / 3);
        for (std::size_t count = 1 + m_choices.below(4); count > 0; --count)
        {
            add_input(random_shape());
        }
        bool differentiated = !m_program.has_gradient;
        for (std::size_t tries = 0; m_tape.size() < length && tries < 4 * length; ++tries)
        {
            if (!differentiated && m_tape.size() >= differentiate_at)
            {
                differentiated = add_gradient();
            }
            add_something();
        }
        m_program.has_gradient = m_program.has_gradient && differentiated;
        choose_outputs();
    }

private:
    using step = typename random_program<T>::step;
    static constexpr std::size_t longest = 200;

    /// What is known of a value when the program is made up.
    struct knowledge
    {
        bool is_real;
        bool is_tame; ///< all elements are finite, and not large: what is made of them has something to tell
        bool is_used;
        bool is_leaf;
    };

    /// Makes the step one of the program, unless it throws or is too long. What it takes is used from then on.
    bool add(step s, std::initializer_list<std::size_t> taken = {}, bool is_leaf = false)
    {
        const auto start = m_tape.mark();
        const std::size_t values = m_recorded.values.size();
        const std::size_t inputs = m_recorded.inputs.size();
        bool is_fit = true;
        try
        {
            s(m_tape, m_recorded);
        }
        catch (const error::exception&) // the operation takes no such shape, or no such values
        {
            is_fit = false;
        }
        if (!is_fit || (m_tape.size() > longest && !is_leaf))
        {
            m_recorded.values.resize(values);
            m_recorded.inputs.resize(inputs);
            m_tape.rewind(start);
            return false;
        }
        for (std::size_t k = values; k < m_recorded.values.size(); ++k)
        {
            m_known.push_back({is_real(m_recorded.values[k]), is_tame(m_recorded.values[k]), false, is_leaf});
        }
        for (std::size_t k : taken)
        {
            m_known[k].is_used = true;
        }
        m_program.steps.push_back(std::move(s));
        m_leaf_steps.push_back(is_leaf);
        m_program.ends.push_back(m_tape.size());
        return true;
    }

    static bool is_real(const handle<T>& x) { return x.checked("random_program").op->element == element_kind::real; }
    static bool is_tame(const handle<T>& x)
    {
        if (!is_real(x))
        {
            return false;
        }
        const T* const elements = variable<T>(x).data();
        return std::all_of(elements, elements + x.size(), [](T e) { return std::abs(e) < 1000; });
    }

    // ---- leaves

    std::size_t random_extent()
    {
        return m_program.has_small_extents && m_choices.percent(60) ? m_choices.below(2)
               : m_choices.percent(5)                               ? 1 + m_choices.below(40)
                                                                    : 1 + m_choices.below(5);
    }
    shape_vector random_shape()
    {
        shape_vector shape;
        for (std::size_t dimension = m_choices.below(4); dimension > 0; --dimension)
        {
            shape.push_back(random_extent());
        }
        return shape;
    }
    array<T> random_numbers(const shape_vector& shape)
    {
        array<T> numbers = array<T>::from_shape(variable<T>::extents_of(shape));
        static const std::vector<T> round{0, T(-0.0), 1, -1, 2, T(0.5)};
        static const std::vector<T> special{std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
                                            std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::denorm_min()};
        const std::size_t round_ones = m_choices.percent(30) ? 25 : 0;
        const std::size_t special_ones = m_choices.percent(5) ? 10 : 0;
        for (T& each : numbers)
        {
            each = m_choices.percent(round_ones)     ? m_choices.one_of(round)
                   : m_choices.percent(special_ones) ? m_choices.one_of(special)
                                                     : static_cast<T>(4 * m_choices.fraction() - 2);
        }
        return numbers;
    }
    std::size_t add_input(const shape_vector& shape) { return add_input(random_numbers(shape), random_numbers(shape)); }
    /// Returns the number of its value.
    std::size_t add_input(const array<T>& first, const array<T>& other)
    {
        add(
            [first, other](tape<T>& on, recorded_program<T>& recorded)
            {
                recorded.values.push_back(on.variable(recorded.elsewhere ? other : first));
                recorded.inputs.push_back(recorded.values.back());
            },
            {}, true);
        return m_known.size() - 1;
    }
    std::size_t add_constant(const array<T>& numbers)
    {
        add([numbers](tape<T>& on, recorded_program<T>& recorded) { recorded.values.push_back(on.constant(numbers)); },
            {}, true);
        return m_known.size() - 1;
    }
    /// Integers: an input whose values come in another order elsewhere, now and then with one that is far outside; or
    /// a constant.
    std::size_t add_integers(const sample_input& wanted)
    {
        const auto first = array_of<std::int64_t>(wanted);
        auto other = first;
        if (other.size() > 0)
        {
            std::rotate(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(m_choices.below(other.size())),
                        other.end());
            if (m_choices.percent(6))
            {
                *other.begin() = 1'000'000;
            }
        }
        const bool is_input = m_choices.percent(70);
        add(
            [first, other, is_input](tape<T>& on, recorded_program<T>& recorded)
            {
                recorded.values.push_back(on.index(is_input && recorded.elsewhere ? other : first));
                if (is_input)
                {
                    recorded.inputs.push_back(recorded.values.back());
                }
            },
            {}, true);
        return m_known.size() - 1;
    }

    // ---- steps

    /// One of the values, of those that tell something if possible: half of the time one that nothing was made of yet.
    std::size_t pick()
    {
        for (int tries = 0; tries < 12; ++tries)
        {
            const std::size_t k = m_choices.below(m_known.size());
            const bool wants_new = tries < 6 && m_choices.percent(50);
            if (m_known[k].is_real && (m_known[k].is_tame || tries >= 10) && !(wants_new && m_known[k].is_used))
            {
                return k;
            }
        }
        return 0; // the first input, which is real
    }

    void add_something()
    {
        const std::size_t which = m_choices.below(100);
        if (which < 55)
        {
            add_sample();
        }
        else if (which < 73)
        {
            add_binary();
        }
        else if (which < 91)
        {
            add_unary();
        }
        else if (which < 95)
        {
            repeat_step();
        }
        else if (which < 97)
        {
            add_check();
        }
        else
        {
            m_choices.percent(70) ? add_input(random_shape()) : add_constant(random_numbers(random_shape()));
        }
    }

    void add_binary()
    {
        const auto f = m_choices.one_of(binary_functions<T>());
        const std::size_t x = pick();
        const std::size_t y = pick();
        const std::size_t salt = m_choices.below(1000);
        add(
            [=](tape<T>&, recorded_program<T>& recorded)
            {
                const variable<T> a(recorded.values[x]);
                const variable<T> b(recorded.values[y]);
                const bool broadcast = broadcasts_to(b.shape(), a.shape()) || broadcasts_to(a.shape(), b.shape());
                recorded.values.push_back(f(a, broadcast ? b : fitted(b, shape_vector(a.shape()), salt)));
            },
            {x, y});
    }

    void add_unary()
    {
        const auto f = m_choices.one_of(unary_functions<T>());
        const std::size_t x = pick();
        add([=](tape<T>&, recorded_program<T>& recorded)
            { recorded.values.push_back(f(variable<T>(recorded.values[x]))); },
            {x});
    }

    /// The same computation once more.
    void repeat_step()
    {
        const std::size_t k = m_choices.below(m_program.steps.size());
        add(m_program.steps[k], {}, m_leaf_steps[k]);
    }

    /// What holds of values here, and may not elsewhere.
    void add_check()
    {
        const std::size_t x = pick();
        const auto margin = static_cast<T>(0.2 * m_choices.fraction());
        const auto [begin, size] = std::pair(variable<T>(m_recorded.values[x]).data(), m_recorded.values[x].size());
        const T bound = (size == 0 ? T(0) : *std::max_element(begin, begin + size)) + margin;
        add([=](tape<T>&, recorded_program<T>& recorded)
            { require(variable<T>(recorded.values[x]) <= bound, "it is too large."); });
    }

    void add_sample()
    {
        const std::size_t operation = m_choices.below(table().size());
        const auto& samples = usable_samples<T>()[operation];
        if (!samples.empty())
        {
            const sample& of = *m_choices.one_of(samples);
            add_sample(operation, of, false) || add_sample(operation, of, true);
        }
    }

    /// The function of a sample, on values of the program, or on what the sample was tried on alone.
    bool add_sample(std::size_t operation, const sample& of, bool as_given)
    {
        std::vector<source> reals;
        std::vector<std::size_t> integers;
        for (const auto& wanted : of.reals)
        {
            reals.push_back(real_source(wanted, as_given));
        }
        std::vector<std::size_t> computed; // integers are, of the value with this number less 1
        for (const auto& wanted : of.integers)
        {
            const auto [low, high] = range_of(wanted);
            const bool is_computed = !as_given && m_choices.percent(30) && low >= 0 && high < 20;
            computed.push_back(is_computed ? pick() + 1 : 0);
            integers.push_back(is_computed ? 0 : add_integers(wanted));
        }
        const std::size_t salt = m_choices.below(1000);
        const bool added = add(
            [=, &of](tape<T>& on, recorded_program<T>& recorded)
            {
                std::vector<variable<T>> x;
                std::vector<indices<T>> i;
                for (std::size_t k = 0; k < reals.size(); ++k)
                {
                    x.push_back(
                        real_operand<T>(reals[k], of.reals[k], on, variable<T>(recorded.values[reals[k].value])));
                }
                for (std::size_t k = 0; k < integers.size(); ++k)
                {
                    i.push_back(
                        computed[k] == 0
                            ? indices<T>(recorded.values[integers[k]])
                            : index_operand<T>(of.integers[k], variable<T>(recorded.values[computed[k] - 1]), salt));
                }
                recorded.values.push_back(of.on(T())(x, i));
            });
        for (const source& each : reals)
        {
            m_known[each.value].is_used = m_known[each.value].is_used || added;
        }
        if (added)
        {
            m_program.sampled.emplace_back(m_known.size() - 1, operation);
        }
        return added;
    }

    source real_source(const sample_input& wanted, bool as_given)
    {
        const std::size_t which = as_given ? 70 + m_choices.below(30) : m_choices.below(100);
        if (which < 70)
        {
            return {which < 50 ? source::squashed : source::near, pick(), m_choices.below(1000)};
        }
        const array<T> first = array_of<T>(wanted);
        const array<T> other = m_choices.percent(30) ? first : array<T>(first * static_cast<T>(0.984375));
        return {source::given, which < 90 ? add_input(first, other) : add_constant(first), 0};
    }

    /// By some values, of a weighted sum of others; or the tangent of one along numbers.
    bool add_gradient()
    {
        std::vector<std::size_t> of;
        for (std::size_t count = 1 + m_choices.below(3); count > 0; --count)
        {
            of.push_back(pick());
        }
        std::vector<std::size_t> by;
        for (std::size_t count = 1 + m_choices.below(3); count > 0; --count)
        {
            const std::size_t x = m_choices.below(1 + of.front());
            if (m_known[x].is_real && std::find(by.begin(), by.end(), x) == by.end())
            {
                by.push_back(x);
            }
        }
        const bool is_forward = m_choices.percent(15);
        return !by.empty() && add(
                                  [=](tape<T>&, recorded_program<T>& recorded)
                                  {
                                      std::vector<variable<T>> xs;
                                      for (std::size_t x : by)
                                      {
                                          xs.emplace_back(recorded.values[x]);
                                      }
                                      variable<T> loss = weighted_sum(variable<T>(recorded.values[of.front()]));
                                      for (std::size_t k = 1; k < of.size(); ++k)
                                      {
                                          loss = loss + weighted_sum(variable<T>(recorded.values[of[k]]));
                                      }
                                      if (is_forward)
                                      {
                                          const variable<T> y = jvp(loss, xs[0], tanh(xs[0]) + 1, unconnected::zero);
                                          recorded.values.push_back(y);
                                          return;
                                      }
                                      for (const variable<T>& slope : gradient(loss, xs, unconnected::zero))
                                      {
                                          recorded.values.push_back(slope);
                                      }
                                  });
    }
    static variable<T> weighted_sum(variable<T> y)
    {
        array<T> weights = array<T>::from_shape(variable<T>::extents_of(y.shape()));
        double last = 0.25;
        for (T& each : weights)
        {
            last = std::fmod(last + 0.6180339887498949, 1.0);
            each = static_cast<T>(last);
        }
        return sum(y * y.tape().constant(weights));
    }

    // ---- outputs

    /// What nothing was made of, and a few others: inputs, constants, one twice.
    void choose_outputs()
    {
        if (m_choices.percent(20))
        {
            add_replacements();
        }
        const std::size_t wanted = m_program.outputs.size() + 1 + m_choices.below(m_choices.percent(50) ? 4 : 20);
        for (std::size_t k = m_known.size(); k-- > 0 && m_program.outputs.size() < wanted;)
        {
            if (!m_known[k].is_used && !m_known[k].is_leaf)
            {
                m_program.outputs.push_back(k);
            }
        }
        for (std::size_t count = m_choices.below(3); count > 0 || m_program.outputs.empty(); count -= count > 0)
        {
            m_program.outputs.push_back(m_choices.below(m_known.size()));
        }
        for (std::size_t k : m_program.outputs)
        {
            m_recorded.outputs.push_back(m_recorded.values[k]);
        }
    }

    /// Outputs with the shapes of inputs, each of which may have one input's memory.
    void add_replacements()
    {
        for (std::size_t input = 0; input < m_recorded.inputs.size() && m_program.replaces.size() < 3; ++input)
        {
            const handle<T> x = m_recorded.inputs[input];
            if (!is_real(x) || !m_choices.percent(60))
            {
                continue;
            }
            const shape_vector shape(x.shape());
            const std::size_t value = pick();
            const std::size_t salt = m_choices.below(1000);
            if (add([=](tape<T>&, recorded_program<T>& recorded)
                    { recorded.values.push_back(fitted(variable<T>(recorded.values[value]), shape, salt)); },
                    {value}))
            {
                m_program.replaces.emplace_back(m_program.outputs.size(), input);
                m_program.outputs.push_back(m_known.size() - 1);
            }
        }
    }

    choices m_choices;
    random_program<T>& m_program;
    tape<T>& m_tape;
    recorded_program<T>& m_recorded;
    std::vector<knowledge> m_known; ///< of values
    std::vector<char> m_leaf_steps;
};

} // namespace

template <class T>
random_program<T>::random_program(std::uint64_t seed, tape<T>& on, recorded_program<T>& recorded)
{
    generator<T>(seed, *this, on, recorded);
}

template <class T>
void random_program<T>::record_elsewhere(tape<T>& on, recorded_program<T>& recorded) const
{
    recorded.elsewhere = true;
    for (const step& each : steps)
    {
        each(on, recorded);
        ++recorded.steps;
    }
    for (std::size_t k : outputs)
    {
        recorded.outputs.push_back(recorded.values[k]);
    }
}

// ------------------------------------------------------------------------------------------------------------- counts

namespace
{

/// What some outputs are made of, themselves included: of each instruction.
template <class T>
std::vector<char> needed(const tape<T>& of, std::span<const handle<T>> outputs)
{
    std::vector<char> result(of.size(), 0);
    for (const handle<T>& y : outputs)
    {
        result[y.index()] = 1;
    }
    for (auto i = static_cast<std::uint32_t>(of.size()); i-- > 0;)
    {
        for (std::uint32_t k : of.operands(of[i]))
        {
            result[k] = result[k] || result[i];
        }
    }
    return result;
}

} // namespace

census::census()
{
    for (const check::sampled_operation& each : table())
    {
        m_times[each.name] = 0;
        m_of_rule[each.on_float] = &m_times[each.name];
        m_of_rule[each.on_double] = &m_times[each.name];
    }
    m_of_rule.erase(nullptr);
}

template <class T>
void census::count(const random_program<T>& program, const tape<T>& of, const recorded_program<T>& recorded)
{
    const std::vector<char> is_needed = needed<T>(of, recorded.outputs);
    std::set<std::size_t*> met;
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        const auto found = m_of_rule.find(of[i].op);
        if (is_needed[i] && found != m_of_rule.end())
        {
            met.insert(found->second);
        }
    }
    for (const auto& [value, operation] : program.sampled)
    {
        if (is_needed[recorded.values[value].index()])
        {
            met.insert(&m_times[table()[operation].name]);
        }
    }
    for (std::size_t* each : met)
    {
        ++*each;
    }
}

#define INSTANTIATE(T)                                                                                                 \
    template struct random_program<T>;                                                                                 \
    template const std::vector<std::vector<const sample*>>& usable_samples<T>();                                       \
    template void census::count(const random_program<T>&, const tape<T>&, const recorded_program<T>&);
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

} // namespace random_programs
