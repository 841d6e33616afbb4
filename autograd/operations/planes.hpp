#pragma once

#include "autograd/kernels/planes.hpp"
#include "autograd/operations/indexing.hpp"
#include "autograd/operations/linear_algebra.hpp"

/// Operations on arrays of few rows that are long, planes: what products of tall matrices of few columns, and elements
/// chosen by labels, are where these matrices are stored transposed. Programs have them (compile/layout.cpp), when
/// derivatives have been taken.
/// \ingroup algebra
namespace autograd
{

namespace detail
{

inline constexpr auto of_programs = "is part of a program: differentiate what was recorded";

template <class T>
kernels::planes<const T> planes_of(const array_view& x)
{
    return {x.as<T>(), x.shape[1]};
}

} // namespace detail

/// op(w) x, and operand 2, a column of as many elements as there are rows, added: a sum for each element, one term
/// after the other, and that of the column as the last.
struct product_of_planes_rule : general
{
    static constexpr auto name = "product_of_planes";
    static constexpr auto latex = R"(#1 \, #2
w transposed: #1^{\top} \, #2)";
    static constexpr auto not_differentiable = detail::of_programs;
    struct attributes
    {
        bool transposed = false; ///< w is
    };
    static std::string print(const attributes& a) { return a.transposed ? "w transposed" : ""; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return {operands[0][a.transposed ? 1 : 0], operands[1][1]};
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::plane_loops<T>->multiply(product(call, a), detail::planes_of<T>(call.operands[1]), call.shape[1],
                                          {call.out(), call.shape[1]});
    }
    template <class T>
    static kernels::product_of_planes<T> product(const evaluation<T>& call, const attributes& a)
    {
        return {call.shape[0], call.operands[1].shape[0], call.in(0), a.transposed,
                call.operands.size() > 2 ? call.in(2) : nullptr};
    }
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call, const attributes&)
    {
        return (2 * call.operands[1].shape[0] + (call.operands.size() > 2 ? 1 : 0)) * call.size;
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using X = typename Call::element;
        const std::size_t rows = call.shape[0];
        const std::size_t columns = call.shape[1];
        const std::size_t terms = call.shapes[1][0];
        for (std::size_t j = 0; j < rows; ++j)
        {
            for (std::size_t c = 0; c < columns; ++c)
            {
                X sum(0);
                for (std::size_t k = 0; k < terms; ++k)
                {
                    sum = sum + call.operands[0][a.transposed ? k * rows + j : j * terms + k] *
                                    call.operands[1][k * columns + c];
                }
                call.result[j * columns + c] = call.operands.size() > 2 ? sum + call.operands[2][j] : sum;
            }
        }
    }
    static void samples(auto& s)
    {
        const auto by = [](bool transposed) {
            return [=](auto w, auto x) { return record<product_of_planes_rule>({}, {w, x}, attributes{transposed}); };
        };
        const auto plus = [](bool transposed)
        {
            return [=](auto w, auto x, auto column) {
                return record<product_of_planes_rule>({}, {w, x, column}, attributes{transposed});
            };
        };
        const auto add = [&](const char* label, const char* numpy, auto f, auto... x)
        { s.call(label, numpy, f, x...).up_to_order(0).value_within_ulp(32); };
        add("plain", "x @ y", by(false), s.numbers({3, 2}), s.numbers({2, 37}));
        add("w transposed", "x.T @ y", by(true), s.numbers({2, 3}), s.numbers({2, 37}));
        add("a column", "x @ y + z[:, None]", plus(false), s.numbers({3, 2}), s.numbers({2, 5}), s.positive({3}));
        add("w transposed, a column", "x.T @ y + z[:, None]", plus(true), s.numbers({6, 7}), s.numbers({6, 19}),
            s.positive({7}));
        add("many terms", "x @ y", by(false), s.numbers({1, 16}), s.numbers({16, 3}));
        add("no terms", "np.zeros((2, 3))", by(false), s.numbers({2, 0}), s.numbers({0, 3}));
        add("no columns", "np.zeros((2, 0))", by(false), s.numbers({2, 3}), s.numbers({3, 0}));
    }
};
AUTOGRAD_OPERATION(product_of_planes_rule)

/// x y^T: the products of each plane of x with each of y, summed along them in parts.
struct dots_of_planes_rule : general
{
    static constexpr auto name = "dots_of_planes";
    static constexpr auto latex = R"(#1 \, #2^{\top})";
    static constexpr auto not_differentiable = detail::of_programs;

    static shape_vector shape(std::span<const shape_view> operands) { return {operands[0][0], operands[1][0]}; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        const std::size_t terms = call.operands[0].shape[1];
        const kernels::dots_of_planes<T> sums{call.shape[0], call.shape[1], terms, call.scratch};
        kernels::plane_loops<T>->begin_dots(sums);
        kernels::plane_loops<T>->add_dots(sums, detail::planes_of<T>(call.operands[0]),
                                          detail::planes_of<T>(call.operands[1]), 0, terms);
        kernels::plane_loops<T>->finish_dots(sums, call.out());
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call)
    {
        return kernels::dots_of_planes<T>::bytes(call.shape[0], call.shape[1]);
    }
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call)
    {
        return 2 * call.operands[0].shape[1] * call.size;
    }
    template <class Call>
    static void generic(const Call& call)
    {
        using X = typename Call::element;
        const std::size_t columns = call.shape[1];
        const std::size_t terms = call.shapes[0][1];
        for (std::size_t i = 0; i < call.shape[0]; ++i)
        {
            for (std::size_t j = 0; j < columns; ++j)
            {
                X sum(0);
                for (std::size_t k = 0; k < terms; ++k)
                {
                    sum = sum + call.operands[0][i * terms + k] * call.operands[1][j * terms + k];
                }
                call.result[i * columns + j] = sum;
            }
        }
    }
    static void samples(auto& s)
    {
        const auto dots = [](auto x, auto y) { return record<dots_of_planes_rule>({}, {x, y}); };
        const auto add = [&](const char* label, auto x, auto y)
        { s.call(label, "x @ y.T", dots, x, y).up_to_order(0).value_within_ulp(32); };
        add("plain", s.numbers({3, 37}), s.positive({2, 37}));
        add("of many planes", s.numbers({6, 5}), s.positive({5, 5}));
        add("long", s.positive({1, 1300}), s.positive({2, 1300}));
        add("no terms", s.numbers({2, 0}), s.numbers({3, 0}));
        add("no planes", s.numbers({0, 4}), s.numbers({3, 4}));
        s.call(
             "by itself", "x @ x.T", [dots](auto x) { return dots(x, x); }, s.numbers({2, 9}))
            .up_to_order(0)
            .value_within_ulp(32);
    }
};
AUTOGRAD_OPERATION(dots_of_planes_rule)

/// For each label a column that has 1 in the plane of its class and 0 in the others. Refuses labels as the operation
/// that reads them does.
struct planes_of_classes_rule : general
{
    static constexpr auto name = "planes_of_classes";
    static constexpr bool throws = true;
    static constexpr auto not_differentiable = of_integers;
    enum class reader : std::uint8_t
    {
        one_hot,
        take_along_axis,
        scatter_along_axis
    };
    struct attributes
    {
        std::size_t classes;
        reader by = reader::one_hot; ///< those along an axis do so along the last one, and count from its end, too

        bool same(const attributes& other) const { return classes == other.classes && by == other.by; }
    };
    static std::string print(const attributes& a) { return std::to_string(a.classes) + " classes"; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return {a.classes, element_count(operands[0])};
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        require_classes(call.operands[0], a);
        const std::int64_t* const label = call.indices(0);
        const std::size_t count = call.operands[0].size;
        T* y = call.out();
        for (std::size_t k = 0; k < a.classes; ++k, y += count)
        {
            const auto from_start = static_cast<std::int64_t>(k);
            const auto from_end = from_start - static_cast<std::int64_t>(a.classes);
            for (std::size_t i = 0; i < count; ++i)
            {
                y[i] = (label[i] == from_start) | (label[i] == from_end) ? T(1) : T(0);
            }
        }
    }
    static void samples(auto& s)
    {
        const auto of_three = [](reader by) {
            return [by](auto i) { return record<planes_of_classes_rule>({}, i, attributes{3, by}); };
        };
        s.call("labels", "np.eye(3)[i].T", of_three(reader::one_hot), s.integers({5}, {2, 0, 1, 1, 0}));
        s.call("a column", "np.eye(3)[i[:, 0]].T", of_three(reader::take_along_axis),
               s.integers({4, 1}, {2, 0, -1, -3}));
        s.call("no label", "np.zeros((3, 0))", of_three(reader::scatter_along_axis), s.integers({0, 1}, {}));
        s.error("class", of_three(reader::one_hot),
                "autograd: one_hot: class 3 at position (1) is not one of 3; classes are numbered from 0.",
                s.integers({2}, {0, 3}));
        s.error("position", of_three(reader::take_along_axis),
                "autograd: take_along_axis: index 3 at position (1, 0) is outside axis 1 of length 3.",
                s.integers({2, 1}, {0, 3}));
        s.error("place", of_three(reader::scatter_along_axis),
                "autograd: scatter_along_axis: index -4 at position (0, 0) is outside axis 1 of length 3.",
                s.integers({1, 1}, {-4}));
    }

private:
    static void require_classes(const array_view& labels, const attributes& a);
};
AUTOGRAD_OPERATION(planes_of_classes_rule)

/// Of each column of x the element in the plane where the mask is not 0: of the last such plane; of the first one where
/// it is 0 in all.
struct chosen_of_planes_rule : general
{
    static constexpr auto name = "chosen_of_planes";
    static constexpr auto not_differentiable = detail::of_programs;

    static shape_vector shape(std::span<const shape_view> operands) { return {operands[1][1]}; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        const array_view& x = call.operands[1];
        kernels::plane_loops<T>->choose(x.shape[0], detail::planes_of<T>(call.operands[0]), detail::planes_of<T>(x),
                                        call.size, call.out());
    }
    template <class Call>
    static void generic(const Call& call)
    {
        using X = typename Call::element;
        const std::size_t columns = call.shape[0];
        for (std::size_t c = 0; c < columns; ++c)
        {
            X chosen = call.operands[1][c];
            for (std::size_t k = 1; k < call.shapes[1][0]; ++k)
            {
                const std::size_t place = k * columns + c;
                chosen = select(not_equal(call.operands[0][place], X(0)), call.operands[1][place], chosen);
            }
            call.result[c] = chosen;
        }
    }
    static void samples(auto& s)
    {
        const auto f = [](auto mask, auto x) { return record<chosen_of_planes_rule>({}, {mask, x}); };
        s.call("one of each", "y[x.argmax(0), np.arange(4)]", f,
               s.array({3, 4}, {1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0}), s.numbers({3, 4}))
            .up_to_order(0);
        s.call("beside infinities and NaN", "y[x.argmax(0), np.arange(3)]", f,
               s.array({2, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 1.0}), s.array({2, 3}, {2.0, s.nan, s.inf, s.inf, 3.0, -0.0}))
            .up_to_order(0);
        s.call("none and several", "np.array([1.0, 6.0])", f, s.array({3, 2}, {0.0, 1.0, 0.0, 0.0, 0.0, 1.0}),
               s.array({3, 2}, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}))
            .up_to_order(0);
        s.call("no columns", "np.zeros(0)", f, s.numbers({2, 0}), s.numbers({2, 0})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(chosen_of_planes_rule)

/// In each column x where the mask is not 0, and 0 elsewhere: the transpose of chosen_of_planes. x is added to 0, which
/// makes +0 of -0.
struct placed_in_planes_rule : general
{
    static constexpr auto name = "placed_in_planes";
    static constexpr auto not_differentiable = detail::of_programs;

    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        kernels::plane_loops<T>->place(call.shape[0], detail::planes_of<T>(call.operands[0]), call.in(1), call.shape[1],
                                       {call.out(), call.shape[1]});
    }
    template <class Call>
    static void generic(const Call& call)
    {
        using X = typename Call::element;
        const std::size_t columns = call.shape[1];
        for (std::size_t i = 0; i < call.result.size(); ++i)
        {
            call.result[i] = select(not_equal(call.operands[0][i], X(0)), call.operands[1][i % columns], X(0));
        }
    }
    static void samples(auto& s)
    {
        const auto f = [](auto mask, auto x) { return record<placed_in_planes_rule>({}, {mask, x}); };
        s.call("one of each", "x * y", f, s.array({3, 4}, {1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0}),
               s.numbers({4}))
            .up_to_order(0);
        s.call("beside infinities and NaN, and zeros", "np.array([[0.0, np.nan, 0.0], [np.inf, 0.0, 0.0]])", f,
               s.array({2, 3}, {0.0, 1.0, 1.0, 1.0, 0.0, 0.0}), s.array({3}, {s.inf, s.nan, -0.0}))
            .up_to_order(0);
        s.call("no columns", "x", f, s.numbers({2, 0}), s.numbers({0})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(placed_in_planes_rule)

} // namespace autograd
