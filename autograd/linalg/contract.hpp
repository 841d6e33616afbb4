#pragma once

#include "autograd/operations/linear_algebra.hpp"
#include "autograd/operations/sum_to.hpp"

#include <string>
#include <string_view>

/// Contractions: what einsum and tensordot are made of.
/// \ingroup algebra
namespace autograd
{

/// An array whose axes have names, each one once: letters, or those of axes without (detail::unnamed_axis).
template <class T>
struct named_axes
{
    variable<T> array;
    std::string_view names;
};

namespace detail
{
/// Names beside the letters, for axes that nobody named: k < 128.
inline char unnamed_axis(std::size_t k)
{
    return static_cast<char>(128 + k);
}
/// Names as listings show them: letters as they are, others by their number.
std::string text_of_axes(std::string_view names);
/// The shape with axes in the order of `names`, each of which one of the two arrays has.
shape_vector shape_of_axes(std::string_view names, std::string_view a_names, shape_view a, std::string_view b_names,
                           shape_view b);
} // namespace detail

/// The sum of a b over the axes that the result does not have. Axes are matched by their names, and each is in two of
/// the three arrays: so each of the three is such a sum of the other two, and the rule is its own transpose. Recorded
/// by detail::contracted, where it is no matmul.
struct contract_rule : bilinear
{
    static constexpr auto name = "contract";
    static constexpr bool reads_broadcasts = true;
    struct attributes
    {
        std::uint8_t a_axes;
        std::uint8_t b_axes;
        std::uint8_t y_axes;
        char names[3 * max_dimension]; ///< of the axes of a, b and y, one behind the other, and 0

        attributes(std::string_view a, std::string_view b, std::string_view y);
        std::string_view a() const { return {names, a_axes}; }
        std::string_view b() const { return {names + a_axes, b_axes}; }
        std::string_view y() const { return {names + a_axes + b_axes, y_axes}; }
    };
    static std::string print(const attributes& a);
    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose_left(const recorded<T>& y, variable<T> g);
    template <class T>
    static variable<T> transpose_right(const recorded<T>& y, variable<T> g);
    /// The directions are one more axis, with a name of its own, of what depends on them.
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(contract_rule)

namespace detail
{

/// The array with its axes in the order of `names`, among which are all of its own, and axes of extent 1 for the
/// others.
template <class T>
variable<T> with_axes(const named_axes<T>& x, std::string_view names, location where);

/// The sum of a b over the axes that are not among those of the result. Each axis is in two of the three; its extents
/// are equal. A product of matrices in the last two axes is one of matmul; where nothing can be a product of matrices
/// it is one of elements, in kernels that run along all axes.
template <class T>
variable<T> contracted(const named_axes<T>& a, const named_axes<T>& b, std::string_view y, location where);

} // namespace detail

void contract_rule::samples(auto& s)
{
    const auto of = [](const char* a, const char* b, const char* y)
    {
        return [=]<class T>(variable<T> u, variable<T> v) {
            return record<contract_rule, T>({}, {u, v}, contract_rule::attributes(a, b, y));
        };
    };
    s.call("matrices", "np.einsum('ij,jk->ik', x, y)", of("ij", "jk", "ik"), s.numbers({2, 3}), s.numbers({3, 4}));
    s.call("square matrices", "np.einsum('ij,jk->ik', x, y)", of("ij", "jk", "ik"), s.numbers({3, 3}),
           s.positive({3, 3}));
    s.call("both transposed", "np.einsum('ji,kj->ik', x, y)", of("ji", "kj", "ik"), s.numbers({3, 3}),
           s.positive({3, 3}));
    s.call("the result transposed", "np.einsum('ij,jk->ki', x, y)", of("ij", "jk", "ki"), s.numbers({3, 3}),
           s.positive({3, 3}));
    s.call("a matrix and a vector", "np.einsum('ij,j->i', x, y)", of("ij", "j", "i"), s.numbers({2, 3}),
           s.positive({3}));
    s.call("vectors", "np.einsum('i,i->', x, y)", of("i", "i", ""), s.numbers({3}), s.positive({3}));
    s.call("all of two matrices", "np.einsum('ij,ji->', x, y)", of("ij", "ji", ""), s.numbers({3, 3}),
           s.positive({3, 3}));
    s.call("a batch between the axes", "np.einsum('qhd,khd->hqk', x, y)", of("qhd", "khd", "hqk"), s.numbers({2, 3, 2}),
           s.positive({2, 3, 2}));
    s.call("a batch of weights", "np.einsum('hqk,khd->qhd', x, y)", of("hqk", "khd", "qhd"), s.numbers({2, 2, 2}),
           s.positive({2, 2, 2}));
    s.call("two summed axes that are apart", "np.einsum('iaj,jbi->ab', x, y)", of("iaj", "jbi", "ab"),
           s.numbers({2, 3, 2}), s.positive({2, 3, 2}));
    s.call("nothing to sum", "np.einsum('ij,jk->ik', x, y)", of("ij", "jk", "ik"), s.numbers({2, 0}),
           s.numbers({0, 3}));
    s.call("no rows", "np.einsum('ij,jk->ik', x, y)", of("ij", "jk", "ik"), s.numbers({0, 2}), s.numbers({2, 3}));
    s.call(
        "by itself", "np.einsum('ij,jk->ik', x, x)",
        []<class T>(variable<T> x) {
            return record<contract_rule, T>({}, {x, x}, contract_rule::attributes("ij", "jk", "ik"));
        },
        s.numbers({3, 3}));
}

} // namespace autograd
