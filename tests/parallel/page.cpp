// The program of docs/threads.md.

#include "parallel/with_threads.hpp"
#include "tests/support.hpp"

#include <thread>

using namespace support;

BOOST_AUTO_TEST_SUITE(parallel_page)

BOOST_AUTO_TEST_CASE(its_program_runs)
{
    const with_threads before(1);

    // [all]
    autograd::set_threads(std::max(1u, std::thread::hardware_concurrency()));
    // [all]

    BOOST_TEST(autograd::threads() >= 1u);

    const array first_half = xt::ones<double>({400, 30});
    const array second_half = 2.0 * first_half;
    const array w = xt::ones<double>({30, 20});
    array slopes[2];

    // [own threads]
    const auto slope = [&w](const array& points)
    {
        autograd::tape<double> own;
        const auto v = own.variable(w);
        return array(gradient(sum(square(matmul(own.constant(points), v))), v).value());
    };
    std::thread other([&] { slopes[1] = slope(second_half); });
    slopes[0] = slope(first_half);
    other.join();
    // [own threads]

    BOOST_TEST((slopes[1] == 4.0 * slopes[0]));
}

BOOST_AUTO_TEST_SUITE_END()
