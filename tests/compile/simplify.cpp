// Each rewrite of programs by itself: it fires where it may, and what it puts gives the bits that were recorded, or is
// within a bound where it says that it reassociates; it does not fire where it may not.

#include "support.hpp"

#include "autograd/compile/program.hpp"
#include "autograd/compile/simplify.hpp"
#include "autograd/define_operation.hpp"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <set>

namespace
{

using namespace support;
using autograd::handle;
using autograd::program;
using autograd::program_options;
using function = std::function<variable(const variable&, const variable&)>;
using times = std::map<std::string, std::size_t>;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Numbers at which a rewrite shows what it does to signs of zeros, infinities, NaN and what is nearly out of range.
const reals& special_numbers()
{
    static const reals numbers{0.0,       -0.0,   1.0,     -1.0,  2.5,    -3.75, infinite, -infinite,
                               no_number, 5e-324, -1e-310, 1e308, -1e308, 0.1,   7.0,      -2.0};
    return numbers;
}

/// Two matrices (16, 16) with all pairs of them.
std::pair<array, array> all_pairs()
{
    const std::size_t n = special_numbers().size();
    array x = array::from_shape({n, n}), y = x;
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t k = 0; k < n; ++k)
        {
            x(i, k) = special_numbers()[i];
            y(i, k) = special_numbers()[k];
        }
    }
    return {x, y};
}

/// Ordinary ones, of both signs.
array numbers(std::size_t rows, std::size_t columns, double seed)
{
    array x = array::from_shape({rows, columns});
    double last = seed;
    for (double& each : x)
    {
        last = std::fmod(last + 0.6180339887498949, 1.0);
        each = 4 * last - 2;
    }
    return x;
}

/// What is applied to the program of f, by name.
times applied(const function& f, const array& a, const array& b, bool reassociate)
{
    tape t;
    const variable x = t.variable(a), y = t.variable(b);
    const std::vector<handle<double>> inputs{x, y}, outputs{f(x, y)};
    autograd::detail::schedule<double> steps(inputs, outputs, true);
    times result;
    for (const auto& [what, count] : simplify(steps, reassociate))
    {
        result[what->name] += count;
    }
    return result;
}

struct outcome
{
    std::size_t steps;
    std::size_t differences; ///< elements that are not equal in all bits, nor both NaN
    double largest;          ///< difference, relative to the largest finite element
};

outcome run(const function& f, const array& a, const array& b, bool reassociate)
{
    tape t;
    const variable x = t.variable(a), y = t.variable(b);
    const variable z = f(x, y);
    const std::vector<handle<double>> inputs{x, y}, outputs{z};
    const program<double> compiled =
        autograd::compile<double>(inputs, outputs, program_options{.reassociate = reassociate});
    array found = array::from_shape(shape(z));
    auto memory = compiled.make_workspace();
    const std::vector<autograd::input_array<double>> in{a, b};
    const std::vector<autograd::output_array<double>> out{found};
    compiled.run(in, out, memory);

    outcome result{compiled.step_count(), 0, 0};
    double scale = 0;
    for (std::size_t k = 0; k < z.size(); ++k)
    {
        scale = std::isfinite(z.data()[k]) ? std::max(scale, std::abs(z.data()[k])) : scale;
    }
    for (std::size_t k = 0; k < z.size(); ++k)
    {
        const double is = found.data()[k], should = z.data()[k];
        const bool same = (std::isnan(is) && std::isnan(should)) || std::memcmp(&is, &should, sizeof(double)) == 0;
        result.differences += !same;
        result.largest =
            same || is == should ? result.largest : std::max(result.largest, std::abs(is - should) / scale);
    }
    return result;
}

struct rewriting
{
    std::string name;
    std::string of;
    function f;
    std::size_t steps; ///< that are left
};

/// Those that keep all bits, on all pairs of special numbers.
void check_exact(const rewriting& each)
{
    const auto [a, b] = all_pairs();
    BOOST_TEST_CONTEXT(each.name << ": " << each.of)
    {
        BOOST_TEST(applied(each.f, a, b, false)[each.name] > 0u);
        const outcome found = run(each.f, a, b, false);
        BOOST_TEST(found.steps == each.steps);
        BOOST_TEST(found.differences == 0u);
    }
}

/// Nothing is done but what stands in `allowed`.
void check_never(const std::string& of, const function& f, const std::set<std::string>& allowed = {})
{
    const auto [a, b] = all_pairs();
    for (const bool reassociate : {false, true})
    {
        for (const auto& [name, count] : applied(f, a, b, reassociate))
        {
            BOOST_TEST(allowed.count(name) == 1u, of << ": " << name << " was applied");
        }
    }
    BOOST_TEST(run(f, a, b, false).differences == 0u, of);
}

/// Those that reassociate, on ordinary numbers: only where they are allowed, and within a bound.
void check_reassociating(const rewriting& each, const array& a, const array& b, double bound)
{
    BOOST_TEST_CONTEXT(each.name << ": " << each.of)
    {
        BOOST_TEST(applied(each.f, a, b, true)[each.name] > 0u);
        BOOST_TEST(applied(each.f, a, b, false)[each.name] == 0u);
        const outcome found = run(each.f, a, b, true);
        BOOST_TEST(found.steps == each.steps);
        BOOST_TEST(found.largest <= bound);
        BOOST_TEST(run(each.f, a, b, false).differences == 0u);
    }
}

/// An operation of a user's, with a closure among its attributes.
struct applied_rule : autograd::general
{
    static constexpr auto name = "applied";
    static constexpr auto not_differentiable = "is for its values";
    struct attributes
    {
        std::function<double(double)> f;
    };
    static autograd::shape_vector shape(std::span<const autograd::shape_view> operands, const attributes&)
    {
        return operands[0];
    }
    template <class T>
    static void forward(const autograd::evaluation<T>& call, const attributes& a)
    {
        std::transform(call.in(0), call.in(0) + call.size, call.out(),
                       [&](T element) { return static_cast<T>(a.f(static_cast<double>(element))); });
    }
};

variable number(const variable& x, double value)
{
    return full_like(x, value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_simplify)

BOOST_AUTO_TEST_CASE(exact_rewrites_keep_all_bits)
{
    for (const rewriting& each :
         std::vector<rewriting>{
             {"alias", "identity(x)", [](auto x, auto y) { return identity(x) * y; }, 1},
             {"alias", "stop_gradient(x)", [](auto x, auto y) { return stop_gradient(x) * y; }, 1},
             {"alias", "x in its shape",
              [](auto x, auto y) {
                  return reshape(x, {16, 16}) * y;
              },
              1},
             {"alias", "x repeated once",
              [](auto x, auto y) {
                  return broadcast(x, {16, 16}) * y;
              },
              1},
             {"reshaped twice", "back",
              [](auto x, auto y) {
                  return reshape(flatten(x), {16, 16}) * y;
              },
              1},
             {"reshaped twice", "elsewhere",
              [](auto x, auto y) {
                  return reshape(flatten(x), {8, 32}) * reshape(y, {8, 32});
              },
              1},
             {"plus nothing", "x + -0", [](auto x, auto y) { return (x + -0.0) * y; }, 1},
             {"plus nothing", "-0 + x", [](auto x, auto y) { return (-0.0 + x) * y; }, 1},
             {"plus nothing", "x + an array of -0", [](auto x, auto y) { return (x + number(x, -0.0)) * y; }, 1},
             {"less nothing", "x - 0", [](auto x, auto y) { return (x - 0) * y; }, 1},
             {"times one", "x * 1", [](auto x, auto y) { return (x * 1) / y; }, 1},
             {"times one", "1 * x", [](auto x, auto y) { return (1 * x) / y; }, 1},
             {"times one", "what is repeated",
              [](auto x, auto y) {
                  return (1 * broadcast(slice(y, 0, 2, 3), {16, 16})) / (x * y);
              },
              2},
             {"by one", "x / 1", [](auto x, auto y) { return (x / 1) * y; }, 1},
             {"negative twice", "-(-x)", [](auto x, auto y) { return -(-x) * y; }, 1},
             {"negative twice", "-(-(-x))", [](auto x, auto y) { return -(-(-x)) * y; }, 2},
             {"plus a negative", "x + (-y)", [](auto x, auto y) { return x + (-y); }, 1},
             {"plus a negative", "-x + y", [](auto x, auto y) { return -x + y; }, 1},
             {"plus a negative", "-x + (-y)", [](auto x, auto y) { return -x + (-y); }, 2},
             {"less a negative", "x - (-y)", [](auto x, auto y) { return x - (-y); }, 1},
             {"signs of a product", "-x * -y", [](auto x, auto y) { return -x * -y; }, 1},
             {"signs of a quotient", "-x / -y", [](auto x, auto y) { return -x / -y; }, 1},
             {"signs of a matrix product", "matmul(-x, -y)", [](auto x, auto y) { return matmul(-x, -y); }, 1},
             {"transposed twice", "back", [](auto x, auto y) { return transpose(transpose(x)) * y; }, 1},
             {"transposed twice", "three axes",
              [](auto x, auto y) {
                  return transpose(transpose(reshape(x, {4, 8, 8}), {1, 2, 0}), {0, 2, 1}) * reshape(y, {8, 4, 8});
              },
              2},
             {"transposed in place", "a row",
              [](auto x, auto y) {
                  return transpose(reshape(x, {1, 256})) * reshape(y, {256, 1});
              },
              1},
             {"transposed in place", "an axis of 1",
              [](auto x, auto y) {
                  return transpose(reshape(x, {16, 1, 16}), {1, 0, 2}) * y;
              },
              1},
             {"to the power of 1", "pow(x, 1)", [](auto x, auto y) { return pow(x, number(x, 1)) * y; }, 1},
             {"product plus a row", "a row", [](auto x, auto y) { return matmul(x, y) + slice(y, 0, 2, 3); }, 1},
             {"product plus a row", "a vector, first, and flags",
              [](auto x, auto y) { return reshape(slice(y, 0, 2, 3), {16}) + vjp(matmul(x, y), x, y); }, 1},
             {"product plus a row", "few terms",
              [](auto x, auto y) { return matmul(slice(x, 1, 0, 2), slice(y, 0, 0, 2)) + slice(y, 0, 2, 3); }, 2},
             {"product plus a row", "few columns",
              [](auto x, auto y) { return matmul(x, slice(y, 1, 0, 3)) + slice(slice(y, 0, 2, 3), 1, 4, 7); }, 2},
             {"slope of tanh beside it", "both",
              [](auto x, auto y)
              {
                  const variable value = tanh(x);
                  return value - vjp(value, x, y);
              },
              4},
             {"slope of sigmoid beside it", "both",
              [](auto x, auto y)
              {
                  const variable value = sigmoid(x);
                  return value - vjp(value, x, y);
              },
              4},
             {"common subexpression", "tanh", [](auto x, auto y) { return tanh(x) * (y + tanh(x)); }, 3},
             {"common subexpression", "either order", [](auto x, auto y) { return tanh(x + y) / tanh(y + x); }, 3},
             {"common subexpression", "equal attributes",
              [](auto x, auto y) { return leaky_relu(x, 0.5) - y * leaky_relu(x, 0.5); }, 3},
             {"common subexpression", "equal axes",
              [](auto x, auto y) { return amax(x, 1) / (amax(x, 1) + amin(y, 1)); }, 4},
             {"common subexpression", "equal parts",
              [](auto x, auto y) { return slice(x, 1, 2, 4) * (slice(y, 1, 2, 4) - slice(x, 1, 2, 4)); }, 4},
             {"slice where it stands", "rows", [](auto x, auto y) { return slice(x, 0, 2, 4) * slice(y, 0, 3, 5); }, 1},
             {"slice where it stands", "of a row",
              [](auto x, auto y) { return slice(slice(x, 0, 2, 3), 1, 4, 9) * slice(slice(y, 0, 7, 8), 1, 0, 5); }, 1},
             {"common subexpression", "equal numbers", [](auto x, auto y) { return tanh(x * 0.5) - y / tanh(0.5 * x); },
              4},
         })
    {
        check_exact(each);
    }
}

// What looks like the above, or like arithmetic, and is another number for some.
BOOST_AUTO_TEST_CASE(what_changes_bits_is_left)
{
    check_never("x + 0", [](auto x, auto y) { return (x + 0) * y; });
    check_never("0 + x", [](auto x, auto y) { return (0 + x) * y; });
    check_never("x - (-0)", [](auto x, auto y) { return (x - -0.0) * y; });
    check_never("0 - x", [](auto x, auto y) { return (0 - x) * y; });
    check_never("x * 0", [](auto x, auto y) { return (x * 0) + y; });
    check_never("x - x", [](auto x, auto y) { return (x - x) + y; });
    check_never("x / x", [](auto x, auto y) { return (x / x) + y; });
    check_never("1 / x", [](auto x, auto y) { return (1 / x) * y; });
    check_never("1 / (1 / x)", [](auto x, auto y) { return 1 / (1 / x) + y; });
    check_never("x / 2", [](auto x, auto y) { return (x / 2) + y; });
    check_never("x * 3 / 3", [](auto x, auto y) { return (x * 3) / 3 + y; });
    check_never("exp(log(x))", [](auto x, auto y) { return exp(log(x)) + y; });
    check_never("log(exp(x))", [](auto x, auto y) { return log(exp(x)) + y; });
    check_never("(x + 3) - 3", [](auto x, auto y) { return ((x + 3) - 3) * y; });
    check_never("(x + y) - y", [](auto x, auto y) { return (x + y) - y; });
    check_never("a slope alone", [](auto x, auto y) { return vjp(tanh(x), x, y) - vjp(sigmoid(x), x, y); });
    check_never("x y + x", [](auto x, auto y) { return x * y + x; });
    check_never("x y + x z", [](auto x, auto y) { return x * y + x * tanh(y); });
    check_never("-(x - y)", [](auto x, auto y) { return -(x - y); });
    check_never("-x * y", [](auto x, auto y) { return -x * y; });
    check_never("-x - y", [](auto x, auto y) { return -x - y; });
    check_never("x * -1", [](auto x, auto y) { return (x * -1) + y; });
    check_never("sqrt(square(x))", [](auto x, auto y) { return sqrt(square(x)) + y; });
    check_never("pow(x, 0.5)", [](auto x, auto y) { return pow(x, number(x, 0.5)) + y; });
    check_never("pow(x, 3)", [](auto x, auto y) { return pow(x, number(x, 3)) + y; });
    check_never("pow(1, x)", [](auto x, auto y) { return pow(number(x, 1), x) + y; });
    check_never("1 is not everywhere",
                [](auto x, auto y) { return x * x.tape().constant(array(xt::eye<double>(16))) + y; });
    check_never("nearly 1", [](auto x, auto y) { return x * std::nextafter(1.0, 2.0) + y; });
    check_never("another order of a difference", [](auto x, auto y) { return (x - y) / (y - x); });
    check_never("another order of a quotient", [](auto x, auto y) { return x / y + y / x; });
    check_never("another order of a maximum", [](auto x, auto y) { return maximum(x, y) / maximum(y, x); });
    check_never("other attributes", [](auto x, auto y) { return leaky_relu(x, 0.5) - y * leaky_relu(x, 0.25); });
    check_never("0 and -0 as attributes", [](auto x, auto y) { return clip(x, 0.0, 3.0) / clip(x, -0.0, 3.0) + y; });
    check_never("0 and -0 as numbers", [](auto x, auto y) { return maximum(x, 0.0) / maximum(x, -0.0) + y; });
    check_never("other axes", [](auto x, auto y) { return amax(x, 0) / (amax(x, 1) + amin(y, 1)); });
    check_never("other parts",
                [](auto x, auto y) { return slice(x, 1, 2, 4) * (slice(y, 1, 2, 4) - slice(x, 1, 3, 5)); });
    check_never("parts with other steps",
                [](auto x, auto y)
                { return view(x, xt::range(0, 8, 2)) - view(x, xt::range(0, 4, 1)) * slice(y, 0, 0, 4); },
                {"alias", "reshaped twice", "slice where it stands"});
    check_never("axes in another order",
                [](auto x, auto y) {
                    return transpose(reshape(x, {4, 4, 16}), {1, 0, 2}) * reshape(y, {4, 4, 16});
                });
    check_never("a transposed square", [](auto x, auto y) { return transpose(x) * y; });
    check_never("matrices in another order",
                [](auto x, auto y) {
                    return matmul(transpose(reshape(x, {2, 2, 8, 8}), {1, 0, 3, 2}), reshape(y, {2, 2, 8, 8}));
                });
    check_never("sums of what is repeated along another axis",
                [](auto x, auto y) {
                    return sum(broadcast(x, {3, 16, 16}), 1) + sum(y, 0);
                });
    check_never("sums of what is repeated along more axes",
                [](auto x, auto y) {
                    return sum(broadcast(slice(x, 0, 0, 1), {3, 16, 16}), 0) + slice(y, 0, 0, 1);
                },
                {"slice where it stands"});
    check_never("sums of what was scattered along another axis",
                [](auto x, auto y) { return sum(scatter_along_axis(x, argsort(y, 0), 16, 0), 1); });
    check_never("a product that is read elsewhere plus a row",
                [](auto x, auto y)
                {
                    const auto product = matmul(x, y);
                    return (product + slice(y, 0, 0, 1)) * product;
                },
                {"slice where it stands"});
    check_never("a product plus a column", [](auto x, auto y) { return matmul(x, y) + slice(y, 1, 0, 1); });
    check_never("products of a batch plus a row",
                [](auto x, auto y)
                {
                    const auto of_each = [](auto z) { return reshape(z, {4, 8, 8}); };
                    return matmul(of_each(x), of_each(y)) + slice(reshape(y, {32, 8}), 0, 0, 1);
                },
                {"slice where it stands"});
    check_never("sums along other axes", [](auto x, auto y) { return sum(x, 0) - sum(y, 1); });
}

BOOST_AUTO_TEST_CASE(reassociating_rewrites_are_told_and_bounded)
{
    const array a = numbers(16, 16, 0.1), b = numbers(16, 16, 0.7);
    const double ulp = std::numeric_limits<double>::epsilon();
    const std::string transposed = "product of a transposed matrix";
    for (const rewriting& each :
         std::vector<rewriting>{
             {"to the power of 2", "pow(x, 2)", [](auto x, auto y) { return pow(x, number(x, 2)) + y; }, 2},
             {transposed, "the first", [](auto x, auto y) { return matmul(transpose(x), y); }, 1},
             {transposed, "the second", [](auto x, auto y) { return matmul(x, transpose(y)); }, 1},
             {transposed, "both", [](auto x, auto y) { return matmul(transpose(x), transpose(y)); }, 1},
             {transposed, "of a batch",
              [](auto x, auto y) {
                  return matmul(transpose(reshape(x, {4, 8, 8}), {0, 2, 1}), reshape(y, {4, 8, 8}));
              },
              1},
             {transposed, "the first of a gradient", [](auto x, auto y) { return vjp(matmul(transpose(x), y), y, x); },
              1},
             {transposed, "the second of a gradient", [](auto x, auto y) { return vjp(matmul(x, transpose(y)), x, y); },
              1},
             {"transposed product", "of a gradient", [](auto x, auto y) { return transpose(vjp(matmul(x, y), x, x)); },
              1},
             {"transposed product", "of matrices", [](auto x, auto y) { return transpose(matmul(x, y)); }, 1},
             {"sum of one", "a row",
              [](auto x, auto y) {
                  return sum(reshape(x, {1, 16, 16}), 0) * y;
              },
              1},
             {"sum of one", "along no axis", [](auto x, auto y) { return sum(x, std::vector<int>{}) * y; }, 1},
             {"sum of repetitions", "of rows",
              [](auto x, auto y) {
                  return sum(broadcast(x, {10, 16, 16}), 0) + y;
              },
              2},
             {"sum of repetitions", "of columns",
              [](auto x, auto y) {
                  return sum(broadcast(reshape(x, {16, 16, 1}), {16, 16, 10}), 2) + y;
              },
              2},
             {"logarithm of softmax", "rows", [](auto x, auto y) { return log(softmax(x)) + y; }, 2},
             {"exponential of log_softmax", "rows", [](auto x, auto y) { return exp(log_softmax(x)) + y; }, 2},
         })
    {
        check_reassociating(each, a, b, 16 * ulp);
    }
}

// Of matrices so large that BLAS multiplies them.
BOOST_AUTO_TEST_CASE(products_are_added_to_what_is_there)
{
    const array a = numbers(36, 36, 0.1), b = numbers(36, 36, 0.7);
    const std::string plus = "matrix plus a product", less = "matrix less a product";
    for (const rewriting& each :
         std::vector<rewriting>{
             {plus, "alone", [](auto x, auto y) { return y + matmul(x, y); }, 1},
             {plus, "a number, first", [](auto x, auto y) { return matmul(x, y) * 0.25 + x; }, 1},
             {plus, "both are products", [](auto x, auto y) { return matmul(x, y) + matmul(y, x); }, 2},
             {plus, "twice", [](auto x, auto y) { return x + 0.25 * matmul(x, y) + 0.5 * matmul(y, x); }, 2},
             {plus, "a negative one", [](auto x, auto y) { return -(0.25 * matmul(x, y)) + y; }, 1},
             {less, "less a negative one", [](auto x, auto y) { return y - (-(0.25 * matmul(x, y))); }, 1},
             {less, "alone", [](auto x, auto y) { return x - matmul(x, y); }, 1},
             {less, "a number", [](auto x, auto y) { return x - 0.25 * matmul(x, y); }, 1},
             {less, "a number, behind", [](auto x, auto y) { return tanh(x) - matmul(x, y) * 0.25; }, 2},
             {less, "a number of a negative one", [](auto x, auto y) { return x - 0.25 * -matmul(x, y); }, 1},
             {less, "a rate", [](auto x, auto y) { return x - sum(y) * matmul(x, y); }, 2},
             {less, "a rate of one element",
              [](auto x, auto y) {
                  return x - matmul(x, y) * -sum(y, {0, 1}, xt::keep_dims);
              },
              3},
             {less, "transposed", [](auto x, auto y) { return x - 0.25 * matmul(transpose(x), y); }, 1},
             {less, "the other transposed", [](auto x, auto y) { return x - 0.25 * matmul(x, transpose(y)); }, 1},
             {less, "a slope", [](auto x, auto y) { return y - 0.25 * vjp(matmul(x, y), y, x); }, 1},
             {less, "other extents",
              [](auto x, auto y) {
                  return 2 * slice(y, 1, 0, 30) -
                         0.25 * matmul(transpose(slice(x, 0, 0, 34)), slice(slice(x, 0, 2, 36), 1, 0, 30));
              },
              4},
         })
    {
        check_reassociating(each, a, b, 32 * std::numeric_limits<double>::epsilon());
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_product_by_itself_is_not_added)
{
    const array a = numbers(36, 36, 0.1), b = numbers(36, 36, 0.7);
    const auto check = [&](const std::string& of, const function& f)
    {
        for (const auto& [name, count] : applied(f, a, b, true))
        {
            BOOST_TEST((name.find("matrix ") != 0), of << ": " << name << " was applied");
        }
        BOOST_TEST(run(f, a, b, true).largest <= 1e-14, of);
    };
    const auto product = [](auto x, auto y) { return matmul(x, y); };
    check("read elsewhere",
          [=](auto x, auto y)
          {
              const auto p = product(x, y);
              return (x - 0.25 * p) * p;
          });
    check("a multiple that is read elsewhere",
          [=](auto x, auto y)
          {
              const auto p = 0.25 * product(x, y);
              return (x - p) * p;
          });
    check("its own multiple",
          [=](auto x, auto y)
          {
              const auto p = product(x, y);
              return p - 0.25 * p;
          });
    check("twice itself",
          [=](auto x, auto y)
          {
              const auto p = 0.25 * product(x, y);
              return p + p;
          });
    check("times a matrix", [=](auto x, auto y) { return x - y * product(x, y); });
    check("times a row", [=](auto x, auto y) { return x - slice(y, 0, 0, 1) * product(x, y); });
    check("times two numbers", [=](auto x, auto y) { return x - sum(y) * (0.25 * product(x, y)); });
    check("times 0", [=](auto x, auto y) { return x - 0 * product(x, y); });
    check("times an infinity", [=](auto x, auto y) { return x - infinite * product(x, y); });
    check("less a matrix", [=](auto x, auto y) { return 0.25 * product(x, y) - x; });
    check("plus a number", [=](auto x, auto y) { return 0.25 * product(x, y) + sum(x); });
    check("plus a row", [=](auto x, auto y) { return slice(x, 0, 0, 1) + 0.25 * product(x, y); });
    check("a small one", [=](auto x, auto y)
          { return slice(x, 1, 0, 16) - product(slice(x, 1, 0, 16), slice(slice(y, 0, 0, 16), 1, 0, 16)); });
    check("a thin one", [=](auto x, auto y) { return slice(x, 1, 0, 3) - product(x, slice(y, 1, 0, 3)); });
    check("a vector", [=](auto x, auto y) { return slice(x, 1, 0, 1) - product(x, slice(y, 1, 0, 1)); });
    check("a batch",
          [=](auto x, auto y)
          {
              const auto twice = [](auto z) { return broadcast(z, {2, 36, 36}); };
              return twice(x) - 0.25 * product(twice(x), twice(y));
          });
}

// BLAS does not look at what it multiplies by 0, and multiplies parts of sums.
BOOST_AUTO_TEST_CASE(a_rate_that_is_no_ordinary_number_gives_what_recording_gives)
{
    array w = numbers(36, 36, 0.3), a = numbers(36, 36, 0.1), b = numbers(36, 36, 0.7);
    w(0, 0) = -0.0;
    w(5, 5) = no_number;
    a(1, 2) = infinite;
    a(3, 4) = no_number;
    b(2, 6) = 0;
    tape t;
    const auto step = [](const variable& x, const variable& rate, const variable& y, const variable& z)
    { return x - rate * matmul(y, z); };
    const variable x = t.variable(w), rate = t.variable(0.25), y = t.variable(a), z = t.variable(b);
    const auto f = autograd::compile({x, rate, y, z}, {step(x, rate, y, z)}, {.replaces = {{0, 0}}});
    BOOST_TEST(f.step_count() == 1u);
    auto memory = f.make_workspace();
    for (const double by : {0.0, -0.0, infinite, -infinite, no_number, 5e-324})
    {
        array in_place = w, number = by;
        f.run({in_place, number, a, b}, {in_place}, memory);
        const variable wanted = step(t.variable(w), t.variable(by), y, z);
        std::size_t differences = 0;
        for (std::size_t k = 0; k < w.size(); ++k)
        {
            const double is = in_place.data()[k], should = wanted.data()[k];
            differences += !(std::isnan(is) && std::isnan(should)) && std::memcmp(&is, &should, sizeof(double)) != 0;
        }
        BOOST_TEST(differences == 0u, "rate " << by);
    }
}

BOOST_AUTO_TEST_CASE(sums_of_scattered_still_check_indices)
{
    tape t;
    const variable x = t.variable(array{{1, 2}, {3, 4}});
    const auto i = t.index(integers{{0, 2}, {1, 1}});
    const variable y = sum(scatter_along_axis(x, i, 3, 1), 1);
    const std::vector<handle<double>> in{x, i}, out{y};
    const auto f = autograd::compile<double>(in, out, program_options{.reassociate = true});
    array sums = array::from_shape({2});
    auto memory = f.make_workspace();
    const array given{{5, 6}, {7, 8}};
    const autograd::array<std::int64_t> good{{0, 0}, {-1, 2}}, bad{{0, 0}, {3, 2}};
    f.run({given, good}, {sums}, memory);
    BOOST_TEST(list(sums) == (reals{11, 15}), per_element());
    BOOST_TEST(text_of<autograd::error::index_error>(
                   [&] {
                       f.run({given, bad}, {sums}, memory);
                   }) == "autograd: scatter_along_axis: index 3 at position (1, 0) is outside axis 1 of length 3.");
}

// The stable forms are right where the recorded ones underflow, and agree with them where they are infinite or NaN.
BOOST_AUTO_TEST_CASE(logarithms_of_softmax_keep_the_conventions_at_infinities)
{
    const function f = [](auto x, auto) { return log(softmax(x)); };
    const array scores{{-infinite, 1, 2},
                       {-infinite, -infinite, 3},
                       {-infinite, -infinite, -infinite},
                       {infinite, 1, 2},
                       {no_number, 1, 2}};
    BOOST_TEST(run(f, scores, scores, true).largest <= 1e-15);
    const function g = [](auto x, auto) { return exp(log_softmax(x)); };
    BOOST_TEST(run(g, scores, scores, true).largest <= 1e-15);
}

BOOST_AUTO_TEST_CASE(what_is_read_elsewhere_is_not_computed_twice)
{
    const array a = numbers(16, 16, 0.1), b = numbers(16, 16, 0.7);
    const auto steps = [&](const function& f) { return run(f, a, b, true).steps; };
    BOOST_TEST(steps(
                   [](auto x, auto y)
                   {
                       const auto p = log_softmax(x);
                       return exp(p) * p + y;
                   }) == 4u);
    BOOST_TEST(steps(
                   [](auto x, auto y)
                   {
                       const auto p = matmul(x, y);
                       return transpose(p) * p;
                   }) == 3u);
}

// Rewrites put more values than there were, and what is the same is still found.
BOOST_AUTO_TEST_CASE(many_rewrites_find_what_is_the_same)
{
    const array a = numbers(16, 16, 0.1);
    for (const std::size_t count : {1U, 10U, 40U, 100U})
    {
        const function f = [count](const variable& x, const variable&)
        {
            const auto total = [&]
            {
                variable sums = zeros_like(x);
                for (std::size_t k = 1; k <= count; ++k)
                {
                    const variable y = tanh(x + static_cast<double>(k));
                    sums = k == 1 ? sum(broadcast(y, {3, 16, 16}), 0) : sums + sum(broadcast(y, {3, 16, 16}), 0);
                }
                return sums;
            };
            const variable once = total();
            return once / total();
        };
        const outcome found = run(f, a, a, true);
        BOOST_TEST(found.steps == 4 * count);
        BOOST_TEST(found.largest <= 1e-15);
    }
}

BOOST_AUTO_TEST_CASE(closures_are_never_merged)
{
    const function f = [](auto x, auto y)
    {
        const auto applied_to = [](const variable& z, double factor)
        {
            return autograd::record<applied_rule, double>(
                {}, z, applied_rule::attributes{[factor](double element) { return element * factor; }});
        };
        return applied_to(x, 2) * y + applied_to(x, 3);
    };
    const auto [a, b] = all_pairs();
    const outcome found = run(f, a, b, false);
    BOOST_TEST(found.steps == 4u);
    BOOST_TEST(found.differences == 0u);
}

BOOST_AUTO_TEST_CASE(draws_of_one_key_are_one)
{
    tape t;
    const auto key = t.index(integers{1, 2}), other = t.index(integers{1, 3});
    const auto steps = [&](std::initializer_list<variable> drawn)
    {
        const std::vector<handle<double>> in{key, other}, out(drawn.begin(), drawn.end());
        return autograd::compile<double>(in, out).step_count();
    };
    const auto draw = [](auto k, std::uint64_t stream) { return random_normal(k, {3, 2}, stream); };
    BOOST_TEST(steps({draw(key, 0), draw(key, 0)}) == 1u);
    BOOST_TEST(steps({draw(key, 0), draw(key, 1)}) == 2u);
    BOOST_TEST(steps({draw(key, 0), draw(other, 0)}) == 2u);
    BOOST_TEST(steps({draw(key, 0), random_normal(key, {2, 3}, 0)}) == 2u);
    BOOST_TEST(steps({draw(key, 0), random_uniform(key, {3, 2}, 0)}) == 2u);
}

BOOST_AUTO_TEST_CASE(numbers_and_integers_of_the_same_bits_stay_apart)
{
    tape t;
    const variable x = t.variable(array{1, 2});
    const auto i = t.index(integers{0, 0});
    const std::vector<handle<double>> in{x}, out{t.constant(array{0, 0}), i, gather(x, i)};
    const auto f = autograd::compile<double>(in, out);
    array zeros = array::from_shape({2}), taken = zeros;
    autograd::array<std::int64_t> positions = autograd::array<std::int64_t>::from_shape({2});
    const array given{5, 6};
    auto memory = f.make_workspace();
    f.run({given}, {zeros, positions, taken}, memory);
    BOOST_TEST(list(taken) == (reals{5, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(what_refuses_stays)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3});
    const auto i = t.index(integers{0, 1});
    const std::vector<handle<double>> in{x, i}, out{gather(x, i) * 0.0};
    const auto f = autograd::compile<double>(in, out);
    BOOST_TEST(f.step_count() == 2u);
}

BOOST_AUTO_TEST_CASE(inputs_that_nobody_reads_stay_inputs)
{
    tape t;
    const variable x = t.variable(array{1, 2}), y = t.variable(3.0);
    const auto f = autograd::compile({x, y}, {y * 1 + -0.0});
    BOOST_TEST(f.input_count() == 2u);
    BOOST_TEST((f.input_shape(0) == extents{2}));
    BOOST_TEST((f.input_shape(1) == extents{}));
    BOOST_TEST(f.step_count() == 0u);
    array z = array::from_shape({});
    const array unread{5, 6}, seven = 7.0;
    auto memory = f.make_workspace();
    f.run({unread, seven}, {z}, memory);
    BOOST_TEST(z() == 7.0);
}

BOOST_AUTO_TEST_CASE(outputs_that_are_the_same_are_computed_once)
{
    tape t;
    const variable x = t.variable(array{1, 2});
    const auto f = autograd::compile({x}, {tanh(x), tanh(x), x * 1, x});
    BOOST_TEST(f.step_count() == 1u);
    array a = array::from_shape({2}), b = a, c = a, d = a;
    const array given{0.5, -0.5};
    auto memory = f.make_workspace();
    f.run({given}, {a, b, c, d}, memory);
    BOOST_TEST(list(a) == list(b), per_element());
    BOOST_TEST(list(c) == (reals{0.5, -0.5}), per_element());
    BOOST_TEST(list(d) == (reals{0.5, -0.5}), per_element());
}

BOOST_AUTO_TEST_CASE(the_table_says_why)
{
    std::set<std::string> names;
    for (const autograd::detail::rewrite& each : autograd::detail::table_of_rewrites())
    {
        BOOST_TEST(names.insert(each.name).second, each.name);
        BOOST_TEST(std::string(each.why) != "", each.name);
        BOOST_TEST(std::string(each.pattern) != "", each.name);
    }
    BOOST_TEST(names.size() == 31u);
}

BOOST_AUTO_TEST_SUITE_END()
