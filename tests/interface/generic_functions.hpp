// Functions that are written once, for xtensor's arrays and for variables. Included where the names of xtensor or ours
// are seen, or none of them: so without a guard, and not by itself.

namespace
{

/// An array beside the argument, whatever that is.
inline const support::array& other()
{
    static const support::array numbers{{1.2, 0.6, 2.1}, {0.8, 1.7, 0.5}};
    return numbers;
}
inline const support::array& row()
{
    static const support::array numbers{1.5, 0.25, 1.0};
    return numbers;
}

inline const std::vector<std::size_t>& tile_counts()
{
    static const std::vector<std::size_t> counts{1, 2};
    return counts;
}

// xtensor 0.24 broadcasts its lazy reductions with keep_dims wrongly: they are to be immediate. Ours always are.
const auto kept_dims = xt::keep_dims | xt::evaluation_strategy::immediate;

/// An array and a variable through the same function.
#define GENERIC(name, ...)                                                                                             \
    struct name                                                                                                        \
    {                                                                                                                  \
        template <class X>                                                                                             \
        auto operator()(const X& x) const                                                                              \
        {                                                                                                              \
            return __VA_ARGS__;                                                                                        \
        }                                                                                                              \
    };

GENERIC(energy, sum(exp(2.0 * x + x)))
GENERIC(exponentials, exp(x) + expm1(x) * exp2(x))
GENERIC(logarithms, log(x) * log1p(x) - log2(x) / log10(x + 1.0))
GENERIC(angles, sin(x) + cos(x) * tan(x))
GENERIC(inverse_angles, asin(x / 3.0) - acos(x / 4.0) * atan(x) + atan2(x, 2.0 * x))
GENERIC(hyperbolas, sinh(x) - cosh(x) / tanh(x))
GENERIC(inverse_hyperbolas, asinh(x) + acosh(x + 1.0) * atanh(x / 5.0))
GENERIC(roots, sqrt(x) * cbrt(x) + hypot(x, 2.0 * x))
GENERIC(powers, pow(x, 3.0) + square(x) - pow(x, x))
GENERIC(rounded, abs(x) * sign(x) + floor(x) - ceil(x))
GENERIC(error_functions, erf(x) - erfc(x) * lgamma(x))
GENERIC(extremes, maximum(x, 1.2) + minimum(x, 2.0 * x - 1.0) * maximum(x, -x))
GENERIC(clipped, clip(x, 0.5, 1.5))
GENERIC(chosen, where(x > 1.2, x, -x) + where(x <= 1.0, x* x, 3.0 * x))
GENERIC(masked, where(isnan(x) || isinf(x), 0.0 * x, x) * (1.0 - 0.0 * x))
GENERIC(whole, sum(x) * mean(x) - prod(x) + amax(x) / amin(x))
GENERIC(by_axis, sum(x, {0}) + mean(x, {0}) * amax(x, {0}) - prod(x, {0}))
GENERIC(kept, x / sum(x, {1}, kept_dims))
GENERIC(all_kept, x - mean(x, kept_dims) * amax(x, {0, 1}, kept_dims))
GENERIC(spread, variance(x, {1}) + stddev(x, {1}))
GENERIC(norms, norm_l1(x) + norm_l2(x))
GENERIC(turned, transpose(x) * 2.0)
GENERIC(softened, exp(x - amax(x, {1}, kept_dims)) / sum(exp(x - amax(x, {1}, kept_dims)), {1}, kept_dims))
GENERIC(accumulated, cumsum(x, 1) + cumprod(x, 1))
GENERIC(reversed, flip(x, 1) + x)
GENERIC(rolled, roll(x, 1, 1) - x)
GENERIC(a_column, view(x, xt::all(), 1))
GENERIC(a_block, view(x, 0, xt::range(1, 3)))
GENERIC(expanded, expand_dims(x, 1) * 1.0)
GENERIC(flat, flatten(x) * 1.0)
GENERIC(triangles, tril(x) * 2.0 + triu(x, 1))

// The very types of xtensor's own parameters, where both overloads fit equally well.
GENERIC(expanded_exactly, expand_dims(x, std::size_t{1}) * 1.0)
GENERIC(reversed_exactly, flip(x, std::size_t{1}) + x)
GENERIC(rolled_exactly, roll(x, std::ptrdiff_t{1}, std::ptrdiff_t{1}) - x)
GENERIC(repeated, repeat(x, 2, 1) * 1.0)
GENERIC(repeated_exactly, repeat(x, std::size_t{2}, std::size_t{1}) * 1.0)
GENERIC(tiled, tile(x, {2, 1}) * 1.0)
GENERIC(tiled_by_a_list, tile(x, tile_counts()) * 1.0)
GENERIC(stretched, broadcast(view(x, 0), other().shape()) * 1.0)
GENERIC(squeezed, squeeze(expand_dims(x, std::size_t{0}), std::size_t{0}) * 1.0)
GENERIC(joined, concatenate(xt::xtuple(x, x), 1) * 1.0)
GENERIC(stacked, stack(xt::xtuple(x, x), std::size_t{1}) * 1.0)
GENERIC(the_last_column, view(x, xt::all(), xt::keep(2, 0)))

// An array beside the argument: of the same shape, of another, lazy.
GENERIC(beside_operators, x* other() + row() / x - (other() - 1.0) * x + (x - row()))
GENERIC(beside_extremes, maximum(x, other()) - minimum(row(), x) * maximum(2.0 * row(), x))
GENERIC(beside_powers, pow(x, other()) - pow(row(), x) + pow(x, row() * 2.0))
GENERIC(beside_angles, atan2(x, other()) * hypot(row(), x) - hypot(x, other()) / atan2(other(), x))
GENERIC(beside_comparisons, (x > other()) * x + (row() >= x) * (x * x))
GENERIC(beside_equal, equal(x, other()) * x + not_equal(row(), x) * x)
GENERIC(beside_masks, where(x > 1.0, x, other()) + where(other() > 1.0, x, row()) * where(other() > 1.0, row(), x))
GENERIC(beside_mixed_masks, where(other() > 1.0, x, 2.0) + where(row() > 1.0, 3.0, x) - where(x > 1.0, 0.5, row()))
GENERIC(beside_fused, fma(x, other(), x) - fma(row(), x, 2.0) + fma(x, 2.0, row()) * fma(other(), row(), x))

#undef GENERIC

const support::array& argument()
{
    static const support::array numbers{{0.7, 1.3, 0.9}, {1.9, 0.4, 1.1}};
    return numbers;
}

/// The value on a variable is that on an array, and the gradient passes the check. (One piece of code for all
/// functions: it is compiled once.)
[[maybe_unused]] void check_on_variables(const char* name, const std::function<support::variable(support::variable)>& f,
                                         const support::array& expected, double accuracy)
{
    BOOST_TEST_CONTEXT(name)
    {
        support::tape t;
        const auto y = f(t.variable(argument()));
        BOOST_TEST(support::shape(y) == support::extents(expected.shape().begin(), expected.shape().end()),
                   support::per_element());
        BOOST_TEST(support::list(y) == support::list(expected), support::tolerance(accuracy) << support::per_element());
        const auto report = autograd::check_gradient(f, argument());
        BOOST_TEST(report.passed, to_text(report));
    }
}

/// Calls visit(name, function) with each of them.
template <class Visit>
void for_each_generic_function(Visit visit)
{
    visit("energy", energy());
    visit("exponentials", exponentials());
    visit("logarithms", logarithms());
    visit("angles", angles());
    visit("inverse_angles", inverse_angles());
    visit("hyperbolas", hyperbolas());
    visit("inverse_hyperbolas", inverse_hyperbolas());
    visit("roots", roots());
    visit("powers", powers());
    visit("rounded", rounded());
    visit("error_functions", error_functions());
    visit("extremes", extremes());
    visit("clipped", clipped());
    visit("chosen", chosen());
    visit("masked", masked());
    visit("whole", whole());
    visit("by_axis", by_axis());
    visit("kept", kept());
    visit("all_kept", all_kept());
    visit("spread", spread());
    visit("norms", norms());
    visit("turned", turned());
    visit("softened", softened());
    visit("accumulated", accumulated());
    visit("reversed", reversed());
    visit("rolled", rolled());
    visit("a_column", a_column());
    visit("a_block", a_block());
    visit("expanded", expanded());
    visit("flat", flat());
    visit("triangles", triangles());
    visit("expanded_exactly", expanded_exactly());
    visit("reversed_exactly", reversed_exactly());
    visit("rolled_exactly", rolled_exactly());
    visit("repeated", repeated());
    visit("repeated_exactly", repeated_exactly());
    visit("tiled", tiled());
    visit("tiled_by_a_list", tiled_by_a_list());
    visit("stretched", stretched());
    visit("squeezed", squeezed());
    visit("joined", joined());
    visit("stacked", stacked());
    visit("the_last_column", the_last_column());
    visit("beside_operators", beside_operators());
    visit("beside_extremes", beside_extremes());
    visit("beside_powers", beside_powers());
    visit("beside_angles", beside_angles());
    visit("beside_comparisons", beside_comparisons());
    visit("beside_equal", beside_equal());
    visit("beside_masks", beside_masks());
    visit("beside_mixed_masks", beside_mixed_masks());
    visit("beside_fused", beside_fused());
}

/// Values and derivatives of all of them.
[[maybe_unused]] void check_every_generic_function()
{
    for_each_generic_function(
        []<class F>(const char* name, F f)
        {
            static_assert(std::is_same_v<decltype(f(std::declval<support::variable>())), support::variable>);
            check_on_variables(name, f, f(argument()), 1e-13);
        });
}

/// That all of them compile for arrays and for variables: what they compute does not depend on whose names are in
/// sight.
[[maybe_unused]] void compile_every_generic_function()
{
    int functions = 0;
    for_each_generic_function(
        [&]<class F>(const char*, F)
        {
            static_assert(std::is_invocable_r_v<support::variable, F, support::variable>);
            static_assert(std::is_invocable_v<F, support::array>);
            ++functions;
        });
    BOOST_TEST(functions == 52);
}

} // namespace
