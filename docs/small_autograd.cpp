// The whole idea of xgrad in one file: a tape is a program, written down while it runs. A gradient is more of the same
// program on the same tape: so it can be printed, and differentiated again. For other numbers, record again. The
// library has the same parts, with real arrays: see design.md.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace small
{
// ---- 1. The nouns: operation, instruction, tape, variable -----------------------------------------------------------
using array = std::vector<double>; // flat is enough to show shapes: an array of size 1 is a scalar
struct variable;
using derivative = variable (*)(variable a, variable b, variable y, variable g); // g enters linearly

struct operation // static and immutable; every loop below asks this description, none has a list of operations
{
    const char* name;
    void (*forward)(array& y, const array& a, const array& b) = nullptr; // y has its size already
    derivative pulls[2] = {};  // for each operand: from the cotangent g of y, a share of the operand's cotangent
    derivative push = nullptr; // from the tangent g of x, the tangent of y; if null, the pull's expression serves

    std::size_t arity() const { return pulls[1] ? 2 : pulls[0] ? 1 : 0; }
    variable operator()(variable a, variable b) const; // to call an operation is to record it
    variable operator()(variable x, std::size_t size = 0) const;
};
extern const operation add, multiply, exp, sum_to, broadcast;
constexpr operation input{"variable"}, constant{"constant"}; // leaves: nothing to run, nothing to pull

struct instruction
{
    const operation* op;
    std::size_t operands[2]; // smaller than its own index: recording order is topological order, nothing ever sorts
    array value;             // the primal
};

using tape = std::deque<instruction>; // a deque, because references into it survive what the rules append

struct variable // names an instruction and owns nothing: passed by value
{
    tape* owner;
    std::size_t index;

    const array& value() const { return (*owner)[index].value; }
    std::size_t size() const { return value().size(); }
    double item() const { return value()[0]; }
    friend variable operator+(variable a, variable b) { return add(a, b); }
    friend variable operator*(variable a, variable b) { return multiply(a, b); }
    friend variable sum(variable x) { return sum_to(x, 1); } // a composite needs no rule: its parts have theirs
};

variable record(tape& t, const operation& op, array y, std::size_t a = 0, std::size_t b = 0)
{
    if (op.forward)
        op.forward(y, t[a].value, t[b].value);
    t.push_back({&op, {a, b}, std::move(y)});
    return {&t, t.size() - 1};
}

variable operation::operator()(variable a, variable b) const // broadcasting is recorded: rules never think of shapes
{
    const std::size_t size = std::max(a.size(), b.size());
    if (a.owner != b.owner || (a.size() != b.size() && std::min(a.size(), b.size()) != 1))
        throw std::logic_error(std::string(name) + ": operands live on different tapes, or their sizes do not fit");
    const auto fit = [size](variable x) { return x.size() == size ? x : broadcast(x, size); };
    return record(*a.owner, *this, array(size), fit(a).index, fit(b).index);
}

variable operation::operator()(variable x, std::size_t size) const
{
    return record(*x.owner, *this, array(size ? size : x.size()), x.index, x.index);
}

// ---- 2. The operations, each in one place ---------------------------------------------------------------------------
// Derivatives are written with the operations themselves: so they are recorded, and derivatives of every order follow.
// They say auto, because in the library the same line also runs on SIMD packs.

constexpr auto each(auto f) // elementwise: a diagonal Jacobian is its own transpose, so the pull is also the push
{
    return [](auto& y, auto& a, auto& b) { std::transform(a.begin(), a.end(), b.begin(), y.begin(), decltype(f){}); };
}

constexpr operation add{.name = "add",
                        .forward = each([](double a, double b) { return a + b; }),
                        .pulls = {[](auto, auto, auto, auto g) { return g; }, // g itself: nothing is recorded
                                  [](auto, auto, auto, auto g) { return g; }}};

constexpr operation multiply{.name = "multiply",
                             .forward = each([](double a, double b) { return a * b; }),
                             .pulls = {[](auto, auto b, auto, auto g) { return g * b; }, // dy = b da + a db
                                       [](auto a, auto, auto, auto g) { return g * a; }}};

constexpr operation exp{.name = "exp",
                        .forward = each([](double x, double) { return std::exp(x); }),
                        .pulls = {[](auto, auto, auto y, auto g) { return g * y; }}};

// A linear operation is its own push, and its pull is its transpose. These two are the transposes of each other.
constexpr operation sum_to{.name = "sum_to",
                           .forward = [](auto& y, auto& x, auto&) { y[0] = std::accumulate(x.begin(), x.end(), 0.0); },
                           .pulls = {[](auto x, auto, auto, auto g) { return broadcast(g, x.size()); }},
                           .push = [](auto, auto, auto y, auto g) { return sum_to(g, y.size()); }};

constexpr operation broadcast{.name = "broadcast",
                              .forward = [](auto& y, auto& x, auto&) { std::fill(y.begin(), y.end(), x[0]); },
                              .pulls = {[](auto x, auto, auto, auto g) { return sum_to(g, x.size()); }},
                              .push = [](auto, auto, auto y, auto g) { return broadcast(g, y.size()); }};

// ---- 3. Differentiate: loops over a program that append to it -------------------------------------------------------
using derivatives = std::vector<std::optional<variable>>; // per instruction; none is a zero, which costs nothing

void accumulate(std::optional<variable>& total, variable share) // what is used twice gets both shares
{
    total = total ? *total + share : share;
}

// Reverse mode: the derivatives of one scalar by all inputs, in one loop down the indices. When the loop arrives at an
// instruction, everything that used it has been pulled: its cotangent is complete.
std::vector<variable> gradient(variable y, std::vector<variable> xs)
{
    if (y.size() != 1)
        throw std::logic_error("a gradient needs a scalar: use sum(y)");
    tape& t = *y.owner;
    std::vector<bool> active(y.index + 1); // depends on an input; nothing else is pulled
    for (variable x : xs)
        active.at(x.index) = true;
    for (std::size_t i = 0; i <= y.index; ++i)
        for (std::size_t k = 0; k < t[i].op->arity(); ++k)
            active[i] = active[i] || active[t[i].operands[k]];

    derivatives bar(y.index + 1);              // cotangents: dy / d(this instruction)
    bar[y.index] = record(t, constant, {1.0}); // the seed; with any other y_bar this is a vector-Jacobian product
    for (std::size_t i = y.index + 1; i-- > 0;)
    {
        const auto& [op, in, value] = t[i];
        for (std::size_t k = 0; bar[i] && k < op->arity(); ++k)
            if (active[in[k]])
                accumulate(bar[in[k]], op->pulls[k]({&t, in[0]}, {&t, in[1]}, {&t, i}, *bar[i]));
    }
    for (variable& x : xs)
        x = bar[x.index].value(); // throws if y does not depend on x
    return xs;
}

// Forward mode: the derivatives of everything in one direction, by the same expressions, in one loop up the indices.
variable jvp(variable y, variable x, variable x_dot)
{
    tape& t = *y.owner;
    derivatives dot(y.index + 1); // tangents: d(this instruction) / dx times x_dot
    dot.at(x.index) = x_dot;
    for (std::size_t i = x.index + 1; i <= y.index; ++i)
    {
        const auto& [op, in, value] = t[i];
        for (std::size_t k = 0; k < op->arity(); ++k)
            if (const auto rule = op->push ? op->push : op->pulls[k]; dot[in[k]])
                accumulate(dot[i], rule({&t, in[0]}, {&t, in[1]}, {&t, i}, *dot[in[k]]));
    }
    return dot[y.index].value();
}

// ---- 4. A tape is a program: print it -------------------------------------------------------------------------------
void print(const char* title, const tape& t, std::size_t first, std::size_t last)
{
    std::printf("%s", title);
    for (std::size_t i = first; i <= last; ++i)
    {
        const auto& [op, in, value] = t[i];
        std::printf("\n    %%%-2zu = %-9s", i, op->name);
        for (std::size_t k = 0; k < 2; ++k)
            k < op->arity() ? std::printf(" %%%-2zu", in[k]) : std::printf("    ");
        for (double v : value)
            std::printf("%9.4f", v);
    }
}

std::array<variable, 4> record_at(double value, tape& t) // w, f(w), f'(w) and f''(w)
{
    const variable w = record(t, input, {value}), x = record(t, constant, {0.5, 1.0, 2.0});
    const variable f = w * sum(small::exp(w * x));
    const variable df = gradient(f, {w})[0], ddf = gradient(df, {w})[0]; // the second order needs nothing new
    return {w, f, df, ddf};
}
} // namespace small

int main()
{
    using namespace small;
    tape t;
    const auto [w, f, df, ddf] = record_at(0.5, t);
    print("f(w) = w sum(exp(w x)), recorded at w = 0.5, is a program:", t, 0, f.index);
    print("\n\nIts gradient f' is more of the same program:", t, f.index + 1, df.index);
    std::printf("\n\nThe gradient of the gradient, f'', took %zu more instructions. Checks:\n", ddf.index - df.index);

    const auto at = [](double value, std::size_t order) // for another number, another recording
    {
        tape other;
        return record_at(value, other)[1 + order].item();
    };
    const auto slope = [&at](std::size_t order) { return (at(0.5 + 1e-5, order) - at(0.5 - 1e-5, order)) / 2e-5; };
    bool good = true;
    const auto check = [&good](const char* what, double got, double expected, double tolerance)
    {
        const bool agree = std::abs(got - expected) <= tolerance * std::max(1.0, std::abs(expected));
        std::printf("    %-42s %16.10f %16.10f   %s\n", what, got, expected, agree ? "agree" : "DISAGREE");
        good = good && agree;
    };
    check("f'  and the finite difference of f", df.item(), slope(0), 1e-9);
    check("f'' and the finite difference of f'", ddf.item(), slope(1), 1e-9);
    check("f'' and forward over reverse", ddf.item(), jvp(df, w, record(t, constant, {1.0})).item(), 1e-14);

    double w_min = 0.5;
    for (int step = 0; step < 12; ++step) // Newton's method
        w_min -= at(w_min, 1) / at(w_min, 2);
    std::printf("    Newton's method finds the minimum of f at w = %.10f:\n", w_min);
    check("f' there and 0", at(w_min, 1), 0.0, 1e-14);

    tape chain; // one variable in every link, and far too long for recursion
    const variable a = record(chain, input, {1.00001});
    variable power = a;
    for (int i = 0; i < 100'000; ++i)
        power = power * a;
    check("d/da a^100001, by 100000 products", gradient(power, {a})[0].item(), 100001 * std::pow(1.00001, 1e5), 1e-9);
    return good ? 0 : 1;
}
