// The random data sets, against scikit-learn's.

#include "autograd/autograd.hpp"
#include "nn/data/blobs.hpp"
#include "nn/data/circles.hpp"
#include "nn/data/moons.hpp"
#include "nn/data/regression.hpp"
#include "tests/memory_can_run_out.hpp"
#include "tests/nn/support.hpp"

namespace
{

using namespace support;
using autograd::random::legacy_generator;
namespace error = autograd::error;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

legacy_generator stream_of(const json& entry)
{
    return legacy_generator(entry["seed"].get<std::int64_t>());
}

std::optional<double> noise_of(const json& entry)
{
    return entry["noise"].is_null() ? std::nullopt : std::optional(entry["noise"].get<double>());
}

void check_points(const nn::labelled_points& data, const json& entry, std::uint64_t most_ulps)
{
    check_near(data.points, entry["points"], most_ulps);
    check_near(data.labels, entry["labels"]);
}

/// That f throws this, and draws nothing.
template <class Error, class F>
void check_refused(F f, const std::string& text)
{
    legacy_generator stream(3);
    BOOST_TEST(text_of<Error>([&] { f(stream); }) == text);
    BOOST_TEST((stream == legacy_generator(3)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_datasets)

// Two ulp: the C library's sin and cos and NumPy's. With a coordinate near 0, what is lost is lost before the radius or
// the shift is applied: an absolute 2^-52 beside.
BOOST_AUTO_TEST_CASE(moons_and_circles_are_those_of_scikit_learn)
{
    const auto check = [](const nn::labelled_points& data, const json& entry)
    {
        check_near(data.labels, entry["labels"]);
        const auto wanted = array_of<double>(entry["points"]);
        BOOST_TEST_REQUIRE(extents_of(data.points) == extents_of(wanted));
        for (std::size_t i = 0; i < wanted.size(); ++i)
        {
            const double x = data.points.data()[i];
            const double y = wanted.data()[i];
            BOOST_TEST((ulps(x, y) <= 2 || std::abs(x - y) <= 0x1p-52), i << ": " << x << " for " << y);
        }
    };
    for (const json& entry : expectations("moons"))
    {
        legacy_generator stream = stream_of(entry);
        check(nn::make_moons(entry["count"], noise_of(entry), stream), entry);
    }
    for (const json& entry : expectations("circles"))
    {
        legacy_generator stream = stream_of(entry);
        check(nn::make_circles(entry["count"], noise_of(entry), entry["factor"], stream), entry);
    }
}

BOOST_AUTO_TEST_CASE(circles_of_nothing)
{
    legacy_generator stream(0);
    BOOST_TEST(extents_of(nn::make_circles(0, 0.1, 0.5, stream).points) == (extents{0, 2}), per_element());
    BOOST_TEST((stream == legacy_generator(0)));
}

BOOST_AUTO_TEST_CASE(circles_refuse)
{
    const auto circles = [](std::optional<double> noise, double factor)
    { return [=](legacy_generator& stream) { nn::make_circles(5, noise, factor, stream); }; };
    const std::string radius = "; the inner radius must be from 0 to below 1, that of the outer circle.";
    check_refused<error::value_error>(circles(0.1, 1.0), "autograd: make_circles: the factor is 1" + radius);
    check_refused<error::value_error>(circles(0.1, -0.5), "autograd: make_circles: the factor is -0.5" + radius);
    check_refused<error::value_error>(circles(0.1, not_a_number), "autograd: make_circles: the factor is nan" + radius);
    check_refused<error::value_error>(circles(-1.0, 0.5), "autograd: make_circles: the noise is -1; a standard "
                                                          "deviation must be finite and not negative.");
}

BOOST_AUTO_TEST_CASE(blobs_are_those_of_scikit_learn)
{
    for (const json& entry : expectations("blobs"))
    {
        legacy_generator stream = stream_of(entry);
        const auto centers = entry["centers"]["shape"].get<extents>();
        check_points(nn::make_blobs(entry["count"], centers[0], centers[1], entry["deviation"], stream), entry, 0);

        legacy_generator again = stream_of(entry);
        check_near(again.uniform(-10.0, 10.0, centers), entry["centers"]);
    }
    for (const json& entry : expectations("blobs_around"))
    {
        legacy_generator stream = stream_of(entry);
        check_points(nn::make_blobs(entry["count"], array_of<double>(entry["centers"]), entry["deviations"], stream),
                     entry, 0);
    }
}

BOOST_AUTO_TEST_CASE(blobs_refuse)
{
    const auto drawn = [](std::size_t classes, std::size_t dimension, double deviation)
    { return [=](legacy_generator& stream) { nn::make_blobs(5, classes, dimension, deviation, stream); }; };
    const auto around = [](const array& centers, const reals& deviations)
    { return [=](legacy_generator& stream) { nn::make_blobs(5, centers, deviations, stream); }; };
    check_refused<error::value_error>(drawn(0, 2, 1.0), "autograd: make_blobs: there are 0 classes in 2 dimensions; "
                                                        "there must be one of each at least.");
    check_refused<error::value_error>(drawn(2, 2, -1.0), "autograd: make_blobs: a deviation is -1; a standard "
                                                         "deviation must be finite and not negative.");
    check_refused<error::shape_error>(around(array{1.0, 2.0}, {1.0}), "autograd: make_blobs: the centers are of shape "
                                                                      "(2,); they must be the rows of a matrix, one "
                                                                      "at least.");
    check_refused<error::shape_error>(around(array{{1.0, 2.0}}, {1.0, 2.0}),
                                      "autograd: make_blobs: there are 1 centers and 2 deviations; there must be one "
                                      "for each.");
    check_refused<error::value_error>(around(array{{1.0, not_a_number}}, {1.0}),
                                      "autograd: make_blobs: a coordinate of a center "
                                      "is not finite; all must be.");
}

// The targets are sums, which the linear algebra library takes in another order: n roundings of the sum of magnitudes.
BOOST_AUTO_TEST_CASE(regressions_are_those_of_scikit_learn)
{
    for (const json& entry : expectations("regressions"))
    {
        const json& o = entry["options"];
        legacy_generator stream = stream_of(entry);
        const nn::regression_data data = nn::make_regression({.samples = o["n_samples"],
                                                              .features = o["n_features"],
                                                              .informative = o["n_informative"],
                                                              .targets = o.value("n_targets", std::size_t{1}),
                                                              .bias = o.value("bias", 0.0),
                                                              .noise = o.value("noise", 0.0),
                                                              .shuffle = o.value("shuffle", true)},
                                                             stream);
        check_near(data.points, entry["points"]);
        check_near(data.coefficients, entry["coefficients"]);
        const auto wanted = array_of<double>(entry["targets"]);
        BOOST_TEST_REQUIRE(extents_of(data.targets) == extents_of(wanted), per_element());
        for (std::size_t i = 0; i < wanted.size(); ++i)
        {
            BOOST_TEST(std::abs(data.targets.data()[i] - wanted.data()[i]) <= 4 * 0x1p-53 * 1000);
        }
    }
}

BOOST_AUTO_TEST_CASE(more_points_than_any_machine_has)
{
    const std::size_t huge = std::size_t{1} << 62;
    const std::size_t large = support::memory_can_run_out ? std::size_t{1} << 57 : huge;
    const auto refuses = [](auto f)
    {
        legacy_generator stream(3);
        const std::string text = whole_text_of([&] { f(stream); });
        BOOST_TEST(text.starts_with("autograd: "), text);
        BOOST_TEST((stream == legacy_generator(3)));
    };
    for (const std::size_t count : {huge, large})
    {
        refuses([=](auto& stream) { nn::make_regression({.targets = count}, stream); });
        refuses([=](auto& stream) { nn::make_regression({.samples = count}, stream); });
        refuses([=](auto& stream) { nn::make_regression({.features = count}, stream); });
        refuses([=](auto& stream) { nn::make_blobs(count, 3, 2, 1.0, stream); });
        refuses([=](auto& stream) { nn::make_blobs(5, count, 2, 1.0, stream); });
        refuses([=](auto& stream) { nn::make_blobs(count, array{{1.0, 2.0}}, {1.0}, stream); });
        refuses([=](auto& stream) { nn::make_moons(count, 0.1, stream); });
        refuses([=](auto& stream) { nn::make_circles(count, 0.1, 0.5, stream); });
    }
}

BOOST_AUTO_TEST_CASE(regressions_refuse)
{
    const auto with = [](const nn::regression_options& options)
    { return [=](legacy_generator& stream) { nn::make_regression(options, stream); }; };
    check_refused<error::value_error>(with({.features = 0}), "autograd: make_regression: there are 0 features and 1 "
                                                             "targets; there must be one of each at least.");
    check_refused<error::value_error>(with({.bias = not_a_number}),
                                      "autograd: make_regression: the bias is nan; it must be "
                                      "finite.");
    check_refused<error::value_error>(with({.noise = -1}), "autograd: make_regression: the noise is -1; a standard "
                                                           "deviation must be finite and not negative.");
}

BOOST_AUTO_TEST_SUITE_END()
