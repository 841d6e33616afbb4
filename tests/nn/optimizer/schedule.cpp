#include "nn/optimizer/schedule.hpp"

#include "support.hpp"

using namespace support;

namespace
{

reals first_of(const nn::schedule& schedule, std::size_t count)
{
    reals result;
    for (std::size_t step = 0; step < count; ++step)
    {
        result.push_back(schedule(step));
    }
    return result;
}

reals plateau_factors(const nn::reduce_on_plateau& plateau, const reals& figures)
{
    nn::reduce_on_plateau::state state;
    reals result;
    for (const double figure : figures)
    {
        state = plateau.next(state, figure);
        result.push_back(state.factor);
    }
    return result;
}

std::string refused(const std::function<void()>& f)
{
    return text_of<autograd::error::value_error>(f);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_schedule)

BOOST_AUTO_TEST_CASE(schedules_are_their_formulas)
{
    BOOST_TEST(first_of({}, 3) == (reals{1, 1, 1}), per_element());
    BOOST_TEST(first_of(nn::step_schedule(2, 0.5), 6) == (reals{1, 1, 0.5, 0.5, 0.25, 0.25}), per_element());
    BOOST_TEST(first_of(nn::exponential_schedule(0.5), 4) == (reals{1, 0.5, 0.25, 0.125}), per_element());
    const double root = std::sqrt(0.5);
    BOOST_TEST(first_of(nn::cosine_schedule(4), 6) == (reals{1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0}),
               tolerance(1e-12) << per_element());
    BOOST_TEST(first_of(nn::cosine_schedule(2, 0.5), 4) == (reals{1, 0.75, 0.5, 0.5}), tolerance(1e-12)
                                                                                           << per_element());
    BOOST_TEST(first_of(nn::schedule([](std::size_t step) { return 1.0 / static_cast<double>(1 + step); }), 2) ==
                   (reals{1, 0.5}),
               per_element());
}

BOOST_AUTO_TEST_CASE(a_warm_up_goes_before_another)
{
    BOOST_TEST(first_of(nn::warm_up(4), 6) == (reals{0, 0.25, 0.5, 0.75, 1, 1}), per_element());
    const nn::schedule both = nn::warm_up(2, nn::exponential_schedule(0.5), 0.5);
    BOOST_TEST(first_of(both, 5) == (reals{0.5, 0.75, 1, 0.5, 0.25}), per_element());
    BOOST_TEST(to_text(both) == "warm_up(2, exponential(0.5), 0.5)");
    BOOST_TEST(to_text(nn::warm_up(2, nn::cosine_schedule(5))) == "warm_up(2, cosine(5, 0), 0)");
}

BOOST_AUTO_TEST_CASE(a_plateau_lowers_the_rate)
{
    const nn::reduce_on_plateau plateau{.factor = 0.5, .patience = 1};
    BOOST_TEST(plateau_factors(plateau, {3, 2, 2, 2, 2, 2, 1}) == (reals{1, 1, 1, 0.5, 0.5, 0.25, 0.25}),
               per_element());
    BOOST_TEST(plateau_factors(plateau, {std::nan(""), std::nan(""), 1}) == (reals{1, 0.5, 0.5}), per_element());
    // A threshold: less than a tenth is no improvement. Below 0, too.
    const nn::reduce_on_plateau strict{.factor = 0.5, .patience = 0, .threshold = 0.1};
    BOOST_TEST(plateau_factors(strict, {1, 0.95, 0.8}) == (reals{1, 0.5, 0.5}), per_element());
    BOOST_TEST(plateau_factors(strict, {-1, -1.05, -1.2}) == (reals{1, 0.5, 0.5}), per_element());
    const nn::reduce_on_plateau cooling{.factor = 0.5, .patience = 0, .cooldown = 2, .least = 0.2};
    BOOST_TEST(plateau_factors(cooling, {1, 1, 1, 1, 1, 1, 1, 1}) == (reals{1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2}),
               per_element());
}

BOOST_AUTO_TEST_CASE(bad_schedules_are_refused)
{
    BOOST_TEST(refused([] { nn::step_schedule(0, 0.5); }) ==
               "autograd: step_schedule: the number of steps is 0; it must be 1 at least.");
    BOOST_TEST(refused([] { nn::exponential_schedule(-0.5); }) ==
               "autograd: exponential_schedule: the factor is -0.5; it must be finite and not negative.");
    BOOST_TEST(refused([] { nn::cosine_schedule(5, 1.5); }) ==
               "autograd: cosine_schedule: the last factor is 1.5; it must be from 0 to 1.");
    BOOST_TEST(refused([] { nn::warm_up(5, {}, -1); }) ==
               "autograd: warm_up: the first factor is -1; it must be from 0 to 1.");
    BOOST_TEST(
        refused([] { nn::schedule([](std::size_t) { return -2.0; })(3); }) ==
        "autograd: schedule: a function gives -2 at step 3; a factor of the learning rate must be finite and not "
        "negative.");
    BOOST_TEST(refused([] { nn::schedule(std::function<double(std::size_t)>()); }) ==
               "autograd: schedule: a function is empty; it must be one that gives a factor.");
    BOOST_TEST(refused([] { nn::reduce_on_plateau{.factor = 1}.check(); }) ==
               "autograd: reduce_on_plateau: factor is 1; it must be greater than 0 and less than 1.");
}

BOOST_AUTO_TEST_SUITE_END()
