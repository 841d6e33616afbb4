#include "nn/module.hpp"

#include "support.hpp"

using namespace support;

namespace
{

template <class Leaf>
struct affine
{
    Leaf weight;
    std::optional<Leaf> bias;
    NN_MEMBERS(weight, bias)
};

template <class Leaf>
struct everything
{
    affine<Leaf> hidden;
    std::vector<affine<Leaf>> layers;
    std::tuple<affine<Leaf>, int, Leaf> pair;
    std::array<Leaf, 2> both;
    std::optional<affine<Leaf>> extra;
    nn::buffer<Leaf> seen;
    std::vector<double> widths;
    std::string title;
    double rate = 0.5;
    NN_MEMBERS(hidden, layers, pair, both, extra, seen, widths, title, rate)
};

using arrays = everything<array>;
using variables = everything<variable>;

array one(double number)
{
    return array{number, -number};
}

arrays example()
{
    return {{one(1), std::nullopt},
            {{one(2), one(3)}, {one(4), std::nullopt}},
            {{one(5), one(6)}, 7, one(8)},
            {one(9), one(10)},
            std::nullopt,
            {one(11)},
            {2.0, 3.0},
            "title",
            0.25};
}

/// 1/2 sum of squares of all parameters: its gradient is the model itself.
variable half_square(const variables& m)
{
    variable sum_of_squares = m.hidden.weight.tape().constant(0.0);
    for (const variable& each : nn::parameters(m))
    {
        sum_of_squares += sum(square(each));
    }
    return 0.5 * sum_of_squares;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_module)

BOOST_AUTO_TEST_CASE(names_are_full_and_in_the_order_of_members)
{
    const arrays model = example();
    std::string text;
    nn::for_each_member(
        model,
        [&](const std::string& name, nn::role as, const auto&) {
            text += name + (as == nn::role::parameter ? "" : as == nn::role::buffer ? "(buffer)" : "(fixed)") + " ";
        });
    BOOST_TEST(text == "hidden.weight layers.0.weight layers.0.bias layers.1.weight pair.0.weight pair.0.bias "
                       "pair.1(fixed) pair.2 both.0 both.1 seen(buffer) widths(fixed) title(fixed) rate(fixed) ");
    BOOST_TEST(nn::number_of_parameters(model) == 18u);
    std::string buffers;
    nn::for_each_buffer(model, [&](const std::string& name, const array&) { buffers += name; });
    BOOST_TEST(buffers == "seen");
}

BOOST_AUTO_TEST_CASE(a_model_goes_onto_a_tape_and_back)
{
    static_assert(std::is_same_v<nn::rebind<arrays, variable>, variables>);
    static_assert(std::is_same_v<nn::leaf_of<variables>, variable>);
    tape t;
    const arrays model = example();
    const variables m = nn::on_tape(t, model);
    BOOST_TEST(m.hidden.weight.name() == "hidden.weight");
    BOOST_TEST(m.layers[1].weight.name() == "layers.1.weight");
    BOOST_TEST(m.layers[0].bias->name() == "layers.0.bias");
    BOOST_TEST(m.seen.value.name() == "seen");
    BOOST_TEST(!m.hidden.bias.has_value());
    BOOST_TEST(m.rate == 0.25);
    BOOST_TEST(m.title == "title");
    BOOST_TEST(std::get<1>(m.pair) == 7);

    const arrays back = nn::values(m);
    std::size_t leaves = 0;
    nn::zip_members(
        [&](const std::string& name, nn::role, const auto& a, const auto& b)
        {
            BOOST_TEST((a == b), name);
            ++leaves;
        },
        model, back);
    BOOST_TEST(leaves == 14u);
}

BOOST_AUTO_TEST_CASE(a_gradient_has_the_form_of_the_model)
{
    tape t;
    const arrays model = example();
    const variables m = nn::on_tape(t, model);
    const variables slope = gradient(half_square(m), m);
    nn::zip_parameters([](const std::string& name, const array& w, const array& dw) { BOOST_TEST((w == dw), name); },
                       model, nn::values(slope));
    BOOST_TEST(same(slope.seen.value, m.seen.value), "a buffer stays as it is");

    arrays trained = model;
    nn::zip_parameters([](const std::string&, array& w, const array& dw) { w -= 0.5 * dw; }, trained,
                       nn::values(slope));
    BOOST_TEST(list(trained.both[1]) == (reals{5, -5}), per_element());
    BOOST_TEST(list(trained.seen.value) == (reals{11, -11}), per_element());
}

BOOST_AUTO_TEST_CASE(results_of_no_history_may_be_structures)
{
    tape t;
    const arrays model = example();
    const auto kept = t.no_history(
        [&]
        {
            variables m = nn::on_tape(t, model);
            m.seen.value = m.seen.value * 2.0;
            return m;
        });
    BOOST_TEST(list(kept.layers[0].bias.value()) == (reals{3, -3}), per_element());
    BOOST_TEST(list(kept.seen.value) == (reals{22, -22}), per_element());
}

BOOST_AUTO_TEST_CASE(models_are_mapped_together)
{
    const arrays model = example();
    const arrays zeros = nn::zeros_like(model);
    BOOST_TEST(list(zeros.layers[1].weight) == (reals{0, 0}), per_element());
    const arrays doubled = nn::map_leaves([](const std::string&, nn::role as, const array& a, const array& b)
                                          { return as == nn::role::parameter ? array(a + b) : a; },
                                          model, model);
    BOOST_TEST(list(std::get<2>(doubled.pair)) == (reals{16, -16}), per_element());
    BOOST_TEST(list(doubled.seen.value) == (reals{11, -11}), per_element());
    BOOST_TEST(doubled.widths == model.widths, per_element());
}

BOOST_AUTO_TEST_CASE(parameters_are_chosen_by_name)
{
    tape t;
    const variables m = nn::on_tape(t, example());
    const auto biases = nn::parameters(m, [](std::string_view name) { return name.ends_with("bias"); });
    BOOST_REQUIRE_EQUAL(biases.size(), 2u);
    BOOST_TEST(biases[0].name() == "layers.0.bias");
    BOOST_TEST(biases[1].name() == "pair.0.bias");
}

BOOST_AUTO_TEST_CASE(different_forms_are_refused)
{
    const arrays model = example();
    arrays longer = model;
    longer.layers.pop_back();
    const auto together = [&]
    { nn::zip_parameters([](const std::string&, const array&, const array&) {}, model, longer); };
    BOOST_TEST(text_of<autograd::error::shape_error>(together) ==
               "autograd: structures: one has 2 parts where another has 1; structures that are walked together must "
               "have the same form.");
    longer = model;
    longer.hidden.bias = one(1);
    BOOST_TEST(text_of<autograd::error::shape_error>(together) ==
               "autograd: structures: one has 0 parts where another has 1; structures that are walked together must "
               "have the same form.");
}

BOOST_AUTO_TEST_SUITE_END()
