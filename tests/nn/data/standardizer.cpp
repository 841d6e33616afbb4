// Features of mean 0 and deviation 1.

#include "nn/data/standardizer.hpp"
#include "tests/nn/support.hpp"

namespace
{

using namespace support;
namespace error = autograd::error;

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_standardizer)

BOOST_AUTO_TEST_CASE(scalings_are_those_of_scikit_learn)
{
    for (const json& entry : expectations("scalings"))
    {
        const auto data = array_of<double>(entry["data"]);
        const nn::standardizer scaling(data);
        check_near(scaling.mean(), entry["mean"], 2);
        check_near(scaling.scale(), entry["scale"], 2);
        const array transformed = scaling.transform(data);
        const auto wanted = array_of<double>(entry["transformed"]);
        BOOST_TEST(extents_of(transformed) == extents_of(wanted), per_element());
        const array back = scaling.inverse(transformed);
        for (std::size_t i = 0; i < data.size(); ++i)
        {
            // Where the mean is large, an ulp of it is what the difference may be off by.
            const std::size_t j = i % scaling.mean().size();
            const double slack = 2 * 0x1p-52 * (std::abs(scaling.mean().data()[j]) / scaling.scale().data()[j] + 1);
            BOOST_TEST(std::abs(transformed.data()[i] - wanted.data()[i]) <= slack);
            BOOST_TEST(std::abs(back.data()[i] - data.data()[i]) <=
                       4 * 0x1p-52 * (std::abs(data.data()[i]) + std::abs(scaling.mean().data()[j])));
        }
    }
}

BOOST_AUTO_TEST_CASE(features_of_any_shape_in_either_precision)
{
    xt::xarray<float> pictures = xt::xarray<float>::from_shape({3, 1, 2});
    std::copy_n(std::array{0.0F, 5.0F, 2.0F, 5.0F, 4.0F, 5.0F}.begin(), 6, pictures.data());
    const nn::standardizer scaling(pictures);
    BOOST_TEST(extents_of(scaling.mean()) == (extents{1, 2}), per_element());
    BOOST_TEST(list(scaling.mean()) == (reals{2, 5}), per_element());
    BOOST_TEST(scaling.scale().data()[0] == std::sqrt(8.0 / 3));
    BOOST_TEST(scaling.scale().data()[1] == 1.0);
    const xt::xarray<float> standard = scaling.transform(pictures);
    BOOST_TEST(standard.data()[0] == static_cast<float>(-2 / std::sqrt(8.0 / 3)));
    BOOST_TEST(standard.data()[1] == 0.0F);
    const nn::standardizer of_list(array{1.0, 3.0});
    BOOST_TEST(of_list.mean()() == 2.0);
    BOOST_TEST(list(of_list.transform(array{1.0, 4.0})) == (reals{-1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(given_ones)
{
    const nn::standardizer scaling(array{1.0, 2.0}, array{0.5, 4.0});
    BOOST_TEST(list(scaling.transform(array{{2.0, 2.0}})) == (reals{2, 0}), per_element());
    BOOST_TEST(list(scaling.inverse(array{{2.0, 1.0}})) == (reals{2, 6}), per_element());
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       nn::standardizer(array{1.0}, array{1.0, 2.0});
                   }) ==
               "autograd: standardizer: the mean is of shape (1,) and the scale of shape (2,); they must be the same.");
    BOOST_TEST(text_of<error::value_error>([] { nn::standardizer(array{1.0}, array{0.0}); }) ==
               "autograd: standardizer: feature 0 has the mean 1 and the scale 0; both must be finite, and the scale "
               "not 0.");
}

BOOST_AUTO_TEST_CASE(data_that_have_no_deviation)
{
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::standardizer(array{{1.0, 1e160}, {2.0, -1e160}});
                   }) == "autograd: standardizer: feature 1 is so large that its variance is inf; scale it first.");
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       nn::standardizer(array::from_shape({0, 3}));
                   }) == "autograd: standardizer: the data are of shape (0, 3); there must be a row along axis 0.");
    BOOST_CHECK_THROW(nn::standardizer(array(1.0)), error::shape_error);
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::standardizer(array{1.0, std::nan("")});
                   }) == "autograd: standardizer: element 1 of the data is nan; all must be finite.");
    const nn::standardizer scaling(array{{1.0, 2.0}, {3.0, 4.0}});
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       scaling.transform(array{{1.0, 2.0, 3.0}});
                   }) ==
               "autograd: standardizer::transform: the data are of shape (1, 3), but the features of shape (2,); the "
               "axes behind the first must be the same.");
    BOOST_CHECK_THROW(scaling.inverse(array(1.0)), error::shape_error);
    BOOST_TEST(extents_of(scaling.transform(array::from_shape({0, 2}))) == (extents{0, 2}), per_element());
    BOOST_TEST(extents_of(nn::standardizer(array::from_shape({2, 0})).scale()) == extents{0}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
