// Prints docs/errors.md: every kind of error, with texts that the library gives when this program provokes them.
// The tests compare the page with what this prints; `ninja write_errors_page` writes it anew.

#include "autograd/autograd.hpp"
#include "autograd/prove/certify.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

namespace error = autograd::error;
using array = xt::xarray<double>;

/// A piece of code and what it does.
struct example
{
    const char* code;
    std::function<void()> run;
};
// clang-format off
#define EXAMPLE(...) example{#__VA_ARGS__, [&] { __VA_ARGS__; }}
// clang-format on

/// The text of the error, without the line of source behind it: that would be one of this file. Nor with what a check
/// of derivatives says of its worst comparison: its last digits depend on the compiler.
template <class Error>
std::string text_of(const example& e)
{
    try
    {
        e.run();
    }
    catch (const Error& thrown)
    {
        const std::string text = thrown.what();
        const std::size_t worst = text.find(" order 1,");
        return worst == std::string::npos ? text.substr(0, text.find("  [")) : text.substr(0, worst) + " ...";
    }
    throw std::logic_error(std::string("no such error: ") + e.code);
}

template <class Error>
void print_section(const char* name, const char* when, const char* remedy, const std::vector<example>& examples)
{
    std::printf("\n## %s\n\n**When:** %s\n\n**Remedy:** %s\n", name, when, remedy);
    for (const example& e : examples)
    {
        std::printf("\n`%s`\n\n    %s\n", e.code, text_of<Error>(e).c_str());
    }
}

constexpr auto introduction = R"(# Errors

Every public function checks what it is given and throws one of these types, all of them in `autograd::error` and derived
from `autograd::error::exception`, a `std::exception`. A text has one form:

    autograd: where: what, with the numbers; the rule; the remedy.  [file.cpp:line]

The line is that of your source which recorded the operation that refuses, where it is known; `where()` gives it to a
program. A refused operation leaves the tape as it was: catch the error, and go on.

What cannot be right for any values does not compile: a variable of integers, `float` beside `double`, `x == y` (say
`equal(x, y)`), `if (x > 0)` (say `where`, or `x.item() > 0` for a branch that is frozen when it is recorded). What the
compiler shows [says what to write](from_xtensor.md#mistakes).

The texts below are real: `docs/errors.cpp` provokes them, and the tests compare this page. `tape` has the variables
`matrix` of shape (2, 3), `vector` of shape (2,) and the scalar `x`; the scalar `y` is on the tape `other`.
)";

} // namespace

int main()
try
{
    autograd::tape<double> tape, other;
    const auto matrix = tape.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const auto vector = tape.variable(array{1.0, 2.0});
    const auto x = tape.variable(3.0), y = other.variable(4.0);

    std::fputs(introduction, stdout);
    print_section<error::shape_error>(
        "shape_error", "shapes, axes or numbers of elements break an operation's rule.",
        "the text says which extents meet which; `reshape`, `transpose`, `expand_dims`, `sum` bring them together.",
        {EXAMPLE(matmul(matrix, matrix)), EXAMPLE(matrix + vector), EXAMPLE(reshape(matrix, {4, 2})),
         EXAMPLE(sum(matrix, 2)), EXAMPLE(gradient(matrix * matrix, matrix)), EXAMPLE(matrix.item())});
    print_section<error::tape_error>(
        "tape_error",
        "variables of different tapes meet; a variable is used whose tape was cleared or rewound, or that is empty.",
        "record on one tape, and carry values from one to another as arrays: `tape.constant(y.value())`. After "
        "`clear()` "
        "or `rewind()`, record anew.",
        {
            EXAMPLE(x * y), EXAMPLE(gradient(x * x, y)), EXAMPLE(exp(autograd::variable<double>())),
                EXAMPLE(other.clear(); exp(y))
        });
    print_section<error::not_differentiable>(
        "not_differentiable",
        "a derivative is asked for that does not exist by declaration, or by something that the output does not depend "
        "on.",
        "`unconnected::zero` as the last argument asks for zeros; a smooth function (`sigmoid`, `softmax`) stands in "
        "for "
        "a step.",
        {EXAMPLE(gradient(sum(vector), x)), EXAMPLE(gradient(floor(x), x)), EXAMPLE(gradient(stop_gradient(x), x))});
    const auto wrong_square = [](autograd::variable<double> z)
    { return autograd::custom_vjp([](auto w) { return w * w; }, [](auto w, auto, auto g) { return w * g; })(z); };
    print_section<error::gradient_check_error>(
        "gradient_check_error",
        "a derivative that was checked does not agree with finite differences. Here `wrong_square` is `z * z` with a "
        "derivative of `z` rather than `2 z`.",
        "mend the rule; where the text suspects a kink, or says that something is not resolved, check at another "
        "point.",
        {EXAMPLE(autograd::check_gradient(wrong_square, array{3.0}).require())});
    print_section<error::index_error>("index_error", "an index lies outside of its axis.",
                                      "indices count from 0 to the extent less 1; negative ones count from its end.",
                                      {EXAMPLE(gather(vector, tape.index(xt::xarray<int>{0, 7})))});
    print_section<error::value_error>(
        "value_error", "an argument that is neither a shape nor an axis nor an index is out of its domain.",
        "the text names the domain.",
        {EXAMPLE(clip(vector, 2.0, 1.0)), EXAMPLE(polygamma(-1, vector)),
         EXAMPLE(mean(tape.constant(array::from_shape({0}))))});
    print_section<error::certificate_error>("certificate_error",
                                            "`require()` of a certificate that does not say CERTIFIED EQUAL.",
                                            "the text is the report: [what it says](proof.md), and what can be done.",
                                            {EXAMPLE(certify_equal(exp(x), 2 * exp(x)).require())});
    print_section<error::memory_error>("memory_error", "the machine does not have the memory.",
                                       "`clear()` or `rewind()` the tape between steps; record less at a time.",
                                       {EXAMPLE(exp(broadcast(x, {std::size_t{1} << 44})))});
    print_section<error::file_error>("file_error", "a file cannot be read or written, or holds what it should not.",
                                     "the text has the system's reason. Files are written beside and renamed: what was "
                                     "there stays until the new file is complete.",
                                     {EXAMPLE(nn::write_text("/dev/full", "1 2 3"))});
}
catch (const std::exception& e)
{
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
