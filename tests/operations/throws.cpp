// Which operations may refuse values: every instruction that samples and their derivatives make is executed again on
// values that are as bad as they come, with as much scratch as it asks for and no more.

#include "guarded_scratch.hpp"
#include "recorded_sample.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace
{

using namespace autograd;

using names = std::set<std::string>;
using element_types = std::tuple<float, double>;

/// Operands of an instruction, each with one number in all its elements.
template <class T>
class filled_operands
{
public:
    filled_operands(const tape<T>& of, const instruction<T>& y, T number, std::int64_t index)
    {
        for (const std::uint32_t operand : of.operands(y))
        {
            const instruction<T>& x = of[operand];
            array_view view = x.view();
            if (x.op->element == element_kind::real)
            {
                view.data = m_reals.emplace_back(x.size() + 1, number).data();
            }
            else
            {
                view.data = m_integers.emplace_back(x.size() + 1, index).data();
            }
            view.strides = nullptr;
            m_views.push_back(view);
        }
    }
    std::span<const array_view> views() const { return m_views; }

private:
    std::deque<std::vector<T>> m_reals;
    std::deque<std::vector<std::int64_t>> m_integers;
    std::vector<array_view> m_views;
};

/// Whether forward refuses such operands.
template <class T>
bool refuses(const tape<T>& of, const instruction<T>& y, T number, std::int64_t index)
{
    const filled_operands<T> operands(of, y, number, index);
    std::vector<double> result(y.size() + 1); // large enough for both kinds of elements
    evaluation<T> call{operands.views(), y.shape(), y.size(), result.data(), y.attributes()};
    support::guarded_scratch scratch(y.op->scratch == nullptr ? 0 : y.op->scratch(call));
    call.scratch = scratch.memory();
    try
    {
        y.op->forward(call);
        return false;
    }
    catch (const error::exception&)
    {
        return true;
    }
}

template <class T>
bool refuses_something(const tape<T>& of, const instruction<T>& y)
{
    using limits = std::numeric_limits<T>;
    bool refused = false;
    for (const T number : {T(0), T(1), T(-1.5), limits::max(), limits::denorm_min(), limits::infinity(),
                           -limits::infinity(), limits::quiet_NaN()})
    {
        refused = refuses<T>(of, y, number, 0) || refused;
    }
    for (const std::int64_t index : {-1000, 1000})
    {
        refused = refuses<T>(of, y, T(1), index) || refused;
    }
    return refused;
}

struct found
{
    names executed;
    names refusing;
    names declared; ///< to refuse
};

template <class T>
void look_at(const tape<T>& of, found& all)
{
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        const instruction<T>& y = of[i];
        if (y.op->kind == rule_kind::leaf || y.op->storage != storage_kind::own)
        {
            continue;
        }
        all.executed.insert(y.op->name);
        if (y.op->throws)
        {
            all.declared.insert(y.op->name);
        }
        if (refuses_something(of, y))
        {
            all.refusing.insert(y.op->name);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_throws)

BOOST_AUTO_TEST_CASE_TEMPLATE(those_that_refuse_values_say_so, T, element_types)
{
    found all;
    for (const check::sampled_operation& operation : check::every_operation())
    {
        for (const check::sample& each : operation.samples)
        {
            if (!each.error && each.kinks.empty())
            {
                tape<T> t;
                support::record(t, each, 1.0);
                look_at(t, all);
            }
        }
    }
    const names refusing{"assemble",
                         "cholesky",
                         "cofactors",
                         "cofactors_slope",
                         "condition_slope",
                         "decide",
                         "determinant",
                         "gather",
                         "inverse",
                         "log_abs_determinant",
                         "lu_factor",
                         "one_hot",
                         "planes_of_classes",
                         "polar_lyapunov",
                         "qr_factor",
                         "qr_full_rank",

                         "reduced_resolvent",
                         "require",
                         "scatter",
                         "scatter_add",
                         "scatter_along_axis",
                         "sign_of_determinant",
                         "singular_resolvent",
                         "solve",
                         "spectral",
                         "svd_factors",
                         "symmetric_eigen",
                         "take_along_axis",
                         "triangular_solve"};
    BOOST_TEST(all.refusing == refusing, boost::test_tools::per_element());
    BOOST_TEST(all.declared == refusing, boost::test_tools::per_element());
    fmt::print("{} operations were executed on bad values; {} refuse some\n", all.executed.size(), all.refusing.size());
    BOOST_TEST(all.executed.size() > 130u);
}

BOOST_AUTO_TEST_SUITE_END()
