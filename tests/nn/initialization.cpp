#include "nn/initialization.hpp"

#include "nn/expectations.hpp"
#include "nn/linear.hpp"
#include "tests/memory_can_run_out.hpp"

using namespace support;
using autograd::error::shape_error;
using autograd::error::value_error;

BOOST_AUTO_TEST_SUITE(nn_initialization)

BOOST_AUTO_TEST_CASE(streams_are_numpys)
{
    const std::pair<const char*, nn::initializer> all[] = {{"zeros", nn::init::zeros()},
                                                           {"constant", nn::init::constant(0.25)},
                                                           {"uniform", nn::init::uniform(-0.5, 2.0)},
                                                           {"normal", nn::init::normal(1.0, 0.1)},
                                                           {"glorot_uniform", nn::init::glorot_uniform(1.5)},
                                                           {"glorot_normal", nn::init::glorot_normal(1.5)},
                                                           {"he_uniform", nn::init::he_uniform(0.1)},
                                                           {"he_normal", nn::init::he_normal(0.1)},
                                                           {"lecun_normal", nn::init::lecun_normal()},
                                                           {"fan_in_uniform", nn::init::fan_in_uniform()}};
    for (const auto& [name, make] : all)
    {
        nn::random_stream stream(7);
        const array found = make({4, 6}, {20, 30}, stream);
        const array expected = expectations::array_of(expectations::all().at("starting_weights").at(name));
        BOOST_TEST(list(found) == list(expected), tolerance(1e-15) << per_element());
        nn::random_stream again(7);
        const xt::xarray<float> rounded = nn::initialized<float>(make, {4, 6}, {20, 30}, again);
        BOOST_TEST((rounded == xt::xarray<float>(xt::cast<float>(found))), name);
    }
}

BOOST_AUTO_TEST_CASE(the_articles_weights_to_the_last_bit)
{
    std::ifstream file(TEST_DATA "/article_moons300.json");
    const nlohmann::json article = nlohmann::json::parse(file);
    nn::random_stream stream(0);
    const nn::linear<array> hidden = nn::make_linear(2, 3, stream, nn::init::lecun_normal());
    const nn::linear<array> output = nn::make_linear(3, 2, stream, nn::init::lecun_normal());
    const nlohmann::json& of_numpy = article.at("runs").at("3");
    const auto W1 = of_numpy.at("initial_W1").get<std::vector<reals>>();
    const auto W2 = of_numpy.at("initial_W2").get<std::vector<reals>>();
    for (std::size_t i = 0; i < 2; ++i)
    {
        for (std::size_t j = 0; j < 3; ++j)
        {
            BOOST_TEST(hidden.weight(i, j) == W1[i][j]);
            BOOST_TEST(output.weight(j, i) == W2[j][i]);
        }
    }
    BOOST_TEST(list(*hidden.bias) == (reals{0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(arguments_are_checked)
{
    nn::random_stream stream(0);
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::init::he_normal()({0, 3}, {0, 3}, stream);
                   }) == "autograd: he_normal: the layer has no inputs; its fan must be at least 1.");
    BOOST_TEST(text_of<value_error>([&] { nn::init::uniform(1, 0); }) ==
               "autograd: uniform: the lower bound is 1 and the upper one 0; the lower must not be larger.");
    BOOST_TEST(text_of<value_error>([&] { nn::init::normal(0, -1); }) ==
               "autograd: normal: the standard deviation is -1; it must not be negative.");
    BOOST_TEST(text_of<value_error>([&] { nn::init::glorot_uniform(std::nan("")); }) ==
               "autograd: glorot_uniform: the gain is nan; it must be finite.");
    BOOST_TEST(text_of<value_error>([] { nn::init::constant(std::nan("")); }) ==
               "autograd: constant: the number is nan; it must be finite.");
    BOOST_TEST(text_of<value_error>([&] { nn::make_linear(2, 2, stream, nn::initializer()); }) ==
               "autograd: initializer: it is an empty function; it must be one that makes values.");
    const std::size_t huge = std::size_t{1} << 40;
    BOOST_CHECK_THROW(nn::init::zeros()({huge, huge}, {1, 1}, stream), shape_error);
    if (support::memory_can_run_out)
    {
        BOOST_CHECK_THROW(nn::init::constant(1)({huge << 15}, {1, 1}, stream), autograd::error::memory_error);
    }
    const nn::initializer wrong = [](const nn::extents&, nn::fan, nn::random_stream&) { return array{1, 2, 3}; };
    BOOST_TEST(text_of<shape_error>([&] { nn::make_linear(2, 2, stream, wrong); }) ==
               "autograd: initializer: it gave shape (3,) where (2, 2) was asked for; they must be equal.");
}

BOOST_AUTO_TEST_SUITE_END()
