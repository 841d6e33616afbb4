#include "parallel/with_threads.hpp"
#include "tests/support.hpp"

#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/one_blas_thread.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <memory>
#include <thread>
#include <tuple>

// Products are divided by their extents alone, and BLAS computes each part in one thread, however many it has.

// Absent from other implementations.
extern "C"
{
    void openblas_set_num_threads(int) __attribute__((weak));
    int openblas_get_num_threads() __attribute__((weak));
}

using namespace support;

namespace
{

using autograd::kernels::product;
using both_precisions = std::tuple<float, double>;

template <class T>
std::vector<T> sines(std::size_t count, double phase)
{
    std::vector<T> result(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        result[i] = static_cast<T>(std::sin(phase + 1.7 * static_cast<double>(i)));
    }
    return result;
}

/// What a product, one with a row and one that is added give, one behind the other.
template <class T>
std::vector<T> products(const product& of)
{
    const std::vector<T> a = sines<T>(of.rows * of.inner, 0.3);
    const std::vector<T> b = sines<T>(of.inner * of.columns, 0.9);
    const std::vector<T> row = sines<T>(of.columns, 0.1);
    const std::size_t size = of.rows * of.columns;
    std::vector<T> c = sines<T>(3 * size, 0.5);
    autograd::kernels::matmul(of, a.data(), b.data(), c.data());
    autograd::kernels::matmul(of, a.data(), b.data(), c.data() + size, row.data());
    if (autograd::kernels::is_added_in_place(of))
    {
        autograd::kernels::add_matmul(of, T(-0.5), a.data(), b.data(), c.data() + 2 * size);
    }
    return c;
}

/// While it lives, BLAS has so many threads.
class blas_threads
{
public:
    explicit blas_threads(int count) : m_before(openblas_get_num_threads()) { openblas_set_num_threads(count); }
    ~blas_threads() { openblas_set_num_threads(m_before); }
    blas_threads(const blas_threads&) = delete;

private:
    int m_before;
};

bool is_openblas(boost::unit_test::test_unit_id)
{
    return openblas_set_num_threads != nullptr;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(parallel_products)

BOOST_AUTO_TEST_CASE_TEMPLATE(all_kinds_have_the_same_bits, T, both_precisions)
{
    struct extents
    {
        std::size_t rows, columns, inner;
    };
    // Square, long either way, not multiples of anything, by vectors, thin.
    for (const auto& [rows, columns, inner] :
         {extents{256, 256, 256}, extents{777, 129, 65}, extents{131, 1001, 77}, extents{1000, 10, 513},
          extents{10, 1000, 513}, extents{700, 1, 301}, extents{1, 700, 301}, extents{20011, 3, 50},
          extents{20011, 40, 2}, extents{3, 20011, 50}, extents{3, 4, 70001}, extents{33, 33, 5000}})
    {
        for (const bool transpose_a : {false, true})
        {
            for (const bool transpose_b : {false, true})
            {
                const product of{rows, columns, inner, transpose_a, transpose_b};
                const std::vector<T> alone = products<T>(of);
                for (const int count : {2, 3, 4, 7})
                {
                    const with_threads threads(count);
                    BOOST_TEST(same(products<T>(of), alone), rows << " x " << inner << " x " << columns << ", "
                                                                  << transpose_a << transpose_b << ", " << count);
                }
            }
        }
    }
}

// The NaN of two is that of the factor which is first.
BOOST_AUTO_TEST_CASE_TEMPLATE(numbers_that_are_none_have_the_same_bits, T, both_precisions)
{
    const product of{384, 48, 257, false, false};
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    std::vector<T> a(of.rows * of.inner, 1);
    std::vector<T> b(of.inner * of.columns, 1);
    a[5] = nan;
    b[5 * of.columns] = -nan;
    const auto multiplied = [&]
    {
        std::vector<T> c(of.rows * of.columns);
        autograd::kernels::matmul(of, a.data(), b.data(), c.data());
        return c;
    };
    const std::vector<T> alone = multiplied();
    for (const int count : {2, 7})
    {
        const with_threads threads(count);
        BOOST_TEST(same(multiplied(), alone), count);
    }
}

BOOST_AUTO_TEST_CASE(the_threads_of_blas_change_nothing, *boost::unit_test::precondition(is_openblas))
{
    const product of{300, 520, 410, false, true};
    const blas_threads one(1);
    const std::vector<float> floats = products<float>(of);
    const std::vector<double> doubles = products<double>(of);
    for (const int of_blas : {2, 4})
    {
        for (const int ours : {1, 3})
        {
            const blas_threads more(of_blas);
            const with_threads threads(ours);
            BOOST_TEST(same(products<float>(of), floats), of_blas << " of BLAS, " << ours << " of ours");
            BOOST_TEST(same(products<double>(of), doubles), of_blas << " of BLAS, " << ours << " of ours");
            BOOST_TEST(openblas_get_num_threads() == of_blas);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_blas_was_told_is_put_back, *boost::unit_test::precondition(is_openblas))
{
    const blas_threads three(3);
    {
        const autograd::kernels::one_blas_thread outer;
        BOOST_TEST(openblas_get_num_threads() == 1);
        {
            const autograd::kernels::one_blas_thread inner;
            BOOST_TEST(openblas_get_num_threads() == 1);
        }
        BOOST_TEST(openblas_get_num_threads() == 1);
    }
    BOOST_TEST(openblas_get_num_threads() == 3);
    BOOST_CHECK_THROW(
        {
            const autograd::kernels::one_blas_thread alone;
            throw std::runtime_error("");
        },
        std::runtime_error);
    BOOST_TEST(openblas_get_num_threads() == 3);
}

BOOST_AUTO_TEST_CASE(a_child_that_was_made_during_a_call_puts_it_back, *boost::unit_test::precondition(is_openblas))
{
    const blas_threads three(3);
    const product of{300, 300, 300, false, false};
    const std::vector<double> expected = products<double>(of);
    const auto alone = std::make_unique<autograd::kernels::one_blas_thread>();
    const pid_t child = ::fork();
    if (child == 0)
    {
        const bool is_right = same(products<double>(of), expected) && openblas_get_num_threads() == 3;
        ::_exit(is_right ? 0 : 1);
    }
    int status = 1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(threads_of_a_program_put_back_what_it_was_told, *boost::unit_test::precondition(is_openblas))
{
    const blas_threads three(3);
    const product of{64, 80, 90, false, false};
    const std::vector<double> expected = products<double>(of);
    std::vector<int> wrong(4);
    std::vector<std::thread> users;
    for (std::size_t user = 0; user < wrong.size(); ++user)
    {
        users.emplace_back(
            [&, user]
            {
                for (int trial = 0; trial < 200; ++trial)
                {
                    wrong[user] += !same(products<double>(of), expected);
                }
            });
    }
    for (std::thread& user : users)
    {
        user.join();
    }
    BOOST_TEST(wrong == std::vector<int>(4), per_element());
    BOOST_TEST(openblas_get_num_threads() == 3);
}

BOOST_AUTO_TEST_CASE(lapack_is_called_for_one_thread_too, *boost::unit_test::precondition(is_openblas))
{
    const auto factor = []
    {
        tape t;
        const std::vector<double> numbers = sines<double>(300 * 300, 0.2);
        const variable x = reshape(t.constant(xt::adapt(numbers, {300 * 300})), {300, 300});
        const variable a = matmul(transpose(x), x) + t.constant(xt::eye<double>(300));
        const array l = cholesky(a).value();
        const array y = solve(a, x).value();
        return std::pair(l, y);
    };
    const blas_threads one(1);
    const auto expected = factor();
    const blas_threads more(4);
    const with_threads threads(3);
    BOOST_TEST((factor() == expected));
    BOOST_TEST(openblas_get_num_threads() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
