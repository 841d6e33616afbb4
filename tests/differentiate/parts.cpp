#include "tests/support.hpp"

#include <functional>
#include <limits>

using namespace support;

// Parts that are taken of one array, one after the other: their cotangents are assembled at once.
BOOST_AUTO_TEST_SUITE(differentiate_parts)

namespace
{

using program = std::function<variable(variable)>;

constexpr std::ptrdiff_t columns = 3;

/// Loops over the rows of an array, each taken in another way; the sum of what is made of them.
struct loop
{
    const char* name;
    program of;
};

variable next(variable state, variable row)
{
    return tanh(state * row + row);
}

const loop loops[] = {
    {"view",
     [](variable x)
     {
         variable state = x.tape().full({columns}, 0.5);
         for (std::size_t i = 0; i < x.shape(0); ++i)
         {
             state = next(state, view(x, i));
         }
         return sum(state);
     }},
    {"slice",
     [](variable x)
     {
         variable state = x.tape().full({1, columns}, 0.5);
         for (std::size_t i = 0; i < x.shape(0); ++i)
         {
             state = next(state, slice(x, 0, i, i + 1));
         }
         return sum(state);
     }},
    {"split",
     [](variable x)
     {
         variable state = x.tape().full({1, columns}, 0.5);
         for (const variable& row : split(x, x.shape(0)))
         {
             state = next(state, row);
         }
         return sum(state);
     }},
    {"gather",
     [](variable x)
     {
         variable state = x.tape().full({columns}, 0.5);
         for (std::size_t i = 0; i < x.shape(0); ++i)
         {
             state = next(state, gather(x, x.tape().index(i)));
         }
         return sum(state);
     }},
    {"take_along_axis",
     [](variable x)
     {
         variable state = x.tape().full({1, columns}, 0.5);
         for (std::size_t i = 0; i < x.shape(0); ++i)
         {
             const auto row = x.tape().index(xt::xarray<std::size_t>{{i, i, i}});
             state = next(state, take_along_axis(x, row, 0));
         }
         return sum(state);
     }},
    {"the parts of a concatenation",
     [](variable x)
     {
         const variable twice = autograd::concatenate({x, 2.0 * x}, 0);
         variable state = x.tape().full({columns}, 0.5);
         for (std::size_t i = 0; i < twice.shape(0); ++i)
         {
             state = next(state, view(twice, i));
         }
         return sum(state);
     }},
    {"a concatenation of parts",
     [](variable x)
     {
         std::vector<variable> rows;
         for (std::size_t i = 0; i < x.shape(0); ++i)
         {
             rows.push_back(tanh(slice(x, 0, i, i + 1)));
         }
         return sum(square(autograd::concatenate(rows)));
     }},
};

array rows(std::size_t count)
{
    array x = array::from_shape({count, static_cast<std::size_t>(columns)});
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        x.data()[i] = std::sin(static_cast<double>(i));
    }
    return x;
}

const std::pair<const char*, std::function<variable(const program&, variable)>> derivatives[] = {
    {"reverse", [](const program& f, variable x) { return gradient(f(x), x); }},
    {"forward", [](const program& f, variable x) { return jvp(f(x), x, x); }},
    {"reverse over reverse", [](const program& f, variable x) { return gradient(sum(square(gradient(f(x), x))), x); }},
    {"forward over reverse", [](const program& f, variable x) { return jvp(gradient(f(x), x), x, x); }},
    {"three times",
     [](const program& f, variable x)
     {
         const variable second = gradient(sum(square(gradient(f(x), x))), x);
         return gradient(sum(square(second)), x);
     }},
};

/// What a program over so many rows and its derivative take, in counts that are the same on every machine.
struct counts
{
    double instructions;
    double bytes;  ///< of the tape's memory: values, shapes, attributes
    double stored; ///< elements of results
    double moved;  ///< elements that kernels write and read; of an operation that takes a part, the part
};

counts counts_of(const program& f, const std::function<variable(const program&, variable)>& derivative,
                 std::size_t count)
{
    tape t;
    static_cast<void>(derivative(f, t.variable(rows(count))));
    counts result{static_cast<double>(t.size()), static_cast<double>(t.memory_in_use()), 0, 0};
    for (const auto& each : t.instructions())
    {
        if (each.op->storage != autograd::storage_kind::own || each.strides() != nullptr)
        {
            continue;
        }
        const auto size = static_cast<double>(each.size());
        result.stored += size;
        result.moved += size;
        if (each.op->takes != autograd::part_kind::none)
        {
            result.moved += size;
            continue;
        }
        for (const std::uint32_t operand : t.operands(each))
        {
            result.moved += static_cast<double>(t[operand].size());
        }
    }
    return result;
}

/// That ten times the rows take ten times as much of everything, but for what is there once.
void require_linear(const loop& of, const char* mode, const counts& few, const counts& many)
{
    const std::tuple<const char*, double, double> pairs[] = {{"instructions", few.instructions, many.instructions},
                                                             {"bytes", few.bytes, many.bytes},
                                                             {"elements stored", few.stored, many.stored},
                                                             {"elements moved", few.moved, many.moved}};
    for (const auto& [what, of_few, of_many] : pairs)
    {
        BOOST_TEST(of_many / of_few < 11.0,
                   of.name << ", " << mode << ", " << what << ": " << of_few << ", " << of_many);
    }
}

std::size_t count_of(const tape& t, std::string_view name)
{
    return static_cast<std::size_t>(std::count_if(t.instructions().begin(), t.instructions().end(),
                                                  [&](const auto& each) { return each.op->name == name; }));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_loop_over_rows_is_linear_in_their_number)
{
    for (const loop& each : loops)
    {
        for (const auto& [mode, derivative] : derivatives)
        {
            require_linear(each, mode, counts_of(each.of, derivative, 20), counts_of(each.of, derivative, 200));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_loop_over_thousands_of_rows_is_linear_in_their_number)
{
    for (const loop& each : loops)
    {
        for (const auto& [mode, derivative] : std::span(derivatives).first(2)) // the first derivatives
        {
            require_linear(each, mode, counts_of(each.of, derivative, 1000), counts_of(each.of, derivative, 10000));
        }
    }
}

// All take the same rows, so their derivatives are the same numbers.
BOOST_AUTO_TEST_CASE(all_ways_to_take_rows_have_the_same_derivatives)
{
    for (const auto& [mode, derivative] : derivatives)
    {
        tape t;
        const reals expected = list(derivative(loops[0].of, t.variable(rows(7))));
        for (const loop& each : std::span(loops).subspan(1, 4))
        {
            BOOST_TEST_CONTEXT(each.name << ", " << mode)
            {
                BOOST_TEST(list(derivative(each.of, t.variable(rows(7)))) == expected, tolerance(1e-13)
                                                                                           << per_element());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(derivatives_are_those_of_differences)
{
    for (const loop& each : loops)
    {
        BOOST_TEST_CONTEXT(each.name)
        {
            autograd::check_gradient(each.of, rows(4)).require();
        }
    }
}

BOOST_AUTO_TEST_CASE(parts_are_assembled_once)
{
    tape t;
    const variable x = t.variable(rows(9));
    const variable g = gradient(loops[0].of(x), x);
    BOOST_TEST(count_of(t, "assemble") == 1u);
    BOOST_TEST(count_of(t, "embed") == 0u);
    BOOST_TEST((g.shape() == x.shape()));
    // The derivative of an assembly takes the parts again, and they are assembled again.
    static_cast<void>(gradient(sum(square(g)), x));
    BOOST_TEST(count_of(t, "embed") == 0u);
}

BOOST_AUTO_TEST_CASE(one_part_is_the_business_of_its_rule)
{
    tape t;
    const variable x = t.variable(rows(2));
    BOOST_TEST(list(gradient(sum(view(x, 1)), x)) == (reals{0, 0, 0, 1, 1, 1}), per_element());
    BOOST_TEST(count_of(t, "assemble") == 0u);
    BOOST_TEST(count_of(t, "embed") == 1u);
}

BOOST_AUTO_TEST_CASE(parts_overlap_and_meet_the_whole)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0, 4.0});
    const variable y = sum(square(slice(x, 0, 0, 3))) + sum(x * x * x) + 5.0 * sum(slice(x, 0, 2, 4)) +
                       sum(gather(x, t.index(xt::xarray<int>{3, 3})));
    BOOST_TEST(list(gradient(y, x)) == (reals{2 + 3, 4 + 12, 6 + 27 + 5, 48 + 5 + 2}), per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_in_its_place)
{
    tape t;
    const double inf = std::numeric_limits<double>::infinity();
    const variable x = t.variable(array{0.0, 1.0, 2.0});
    const variable y = log(view(x, 0)) + view(x, 1) + sqrt(view(x, 0)) + square(view(x, 2));
    BOOST_TEST(list(gradient(y, x)) == (reals{inf, 1, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(parts_of_an_array_between)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const variable z = exp(x);
    const variable y = sum(view(z, 0) * view(z, 1));
    const auto [by_x, by_z] = gradient(y, {x, z});
    const double e4 = std::exp(4.0), e6 = std::exp(6.0);
    BOOST_TEST(list(by_x) == (reals{e4, e6, e4, e6}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(by_z) == (reals{std::exp(3.0), e4, std::exp(1.0), std::exp(2.0)}), tolerance(1e-15)
                                                                                           << per_element());
}

BOOST_AUTO_TEST_CASE(tapes_of_shapes)
{
    tape t(autograd::recording::shapes);
    const variable x = t.variable(rows(3));
    BOOST_TEST((gradient(loops[0].of(x), x).shape() == x.shape()));
}

BOOST_AUTO_TEST_SUITE_END()
