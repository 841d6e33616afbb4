// einsum beside the same work written by hand, as products, moved axes and sums on the tape ("plain").

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/measure.hpp"

#include "autograd/linalg.hpp"

#include <functional>
#include <memory>

namespace
{

constexpr auto subject = "einsum";

using autograd::einsum;
using variable = autograd::variable<double>;
using extents = std::vector<std::size_t>;
using function = std::function<variable(const std::vector<variable>&)>;

/// Records f of variables of these shapes again and again in the same memory, and the gradient of the sum of its
/// squares.
void add(const std::string& work, const char* by, const std::vector<extents>& shapes, const function& f)
{
    const auto add_one = [&](const std::string& name, const auto& of)
    {
        measure::add(subject, name, by, "us/call", 1,
                     [=]
                     {
                         auto tape = std::make_unique<autograd::tape<double>>();
                         std::vector<variable> x;
                         for (const extents& shape : shapes)
                         {
                             std::size_t count = 1;
                             for (const std::size_t extent : shape)
                             {
                                 count *= extent;
                             }
                             x.push_back(tape->variable(
                                 xt::adapt(elementwise::numbers(count, static_cast<unsigned>(x.size() + 1)), shape)));
                         }
                         const auto start = tape->mark();
                         return [=, tape = std::move(tape)]
                         {
                             tape->rewind(start);
                             of(x);
                         };
                     });
    };
    add_one(work, [=](const auto& x) { benchmark::DoNotOptimize(f(x).data()); });
    add_one(work + "_gradient",
            [=](const auto& x) { benchmark::DoNotOptimize(gradient(sum(square(f(x))), x).front().data()); });
}

void add_both(const std::string& work, const std::vector<extents>& shapes, const function& by_einsum,
              const function& by_hand)
{
    add(work, measure::xgrad, shapes, by_einsum);
    add(work, measure::plain, shapes, by_hand);
}

/// Attention of so many batches, places, heads and numbers for each.
void add_attention(const std::string& name, std::size_t b, std::size_t q, std::size_t h, std::size_t d)
{
    const extents shape{b, q, h, d};
    add_both(
        "attention_" + name, {shape, shape, shape},
        [](const auto& x) {
            return einsum("bhqk,bkhd->bqhd", {softmax(einsum("bqhd,bkhd->bhqk", {x[0], x[1]}), 3), x[2]});
        },
        [](const auto& x)
        {
            const variable scores = matmul(transpose(x[0], {0, 2, 1, 3}), transpose(x[1], {0, 2, 3, 1})); // bhqd, bhdk
            return transpose(matmul(softmax(scores, 3), transpose(x[2], {0, 2, 1, 3})), {0, 2, 1, 3});
        });
}

void add_form(std::size_t b, std::size_t n)
{
    add_both(
        "bilinear_form_" + std::to_string(b) + "x" + std::to_string(n), {{b, n}, {n, n}, {b, n}},
        [](const auto& x) {
            return einsum("bi,ij,bj->b", {x[0], x[1], x[2]});
        },
        [](const auto& x) { return sum(matmul(x[0], x[1]) * x[2], 1); });
}

} // namespace

void measure::register_benchmarks()
{
    add_attention("8x64x4x32", 8, 64, 4, 32);
    add_attention("2x256x8x64", 2, 256, 8, 64);
    add_attention("4x16x2x16", 4, 16, 2, 16);
    add_form(256, 64);
    add_form(1024, 256);
    add_form(32, 16);
    add_both(
        "matrices_256", {{256, 256}, {256, 256}},
        [](const auto& x) {
            return einsum("ij,jk->ik", {x[0], x[1]});
        },
        [](const auto& x) { return matmul(x[0], x[1]); });
    add_both(
        "chain", {{256, 256}, {256, 256}, {256, 16}},
        [](const auto& x) {
            return einsum("ij,jk,kl->il", {x[0], x[1], x[2]});
        },
        [](const auto& x) { return matmul(x[0], matmul(x[1], x[2])); });
    add_both(
        "batch_of_matrices_64x32", {{64, 32, 32}, {64, 32, 32}},
        [](const auto& x) {
            return einsum("bij,bjk->bik", {x[0], x[1]});
        },
        [](const auto& x) { return matmul(x[0], x[1]); });
    add_both(
        "outer_512", {{512}, {512}},
        [](const auto& x) {
            return einsum("i,j->ij", {x[0], x[1]});
        },
        [](const auto& x) { return outer(x[0], x[1]); });
}
