// Attributes apart from the tape: a copy is the same as the original, and what differs is not the same.

#include "recorded_sample.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace
{

using namespace autograd;

using names = std::set<std::string>;
using element_types = std::tuple<float, double>;

/// A copy of attributes, which outlives their tape.
class copied_attributes
{
public:
    copied_attributes(const attributes_type& type, const void* attributes)
        : m_type(&type), m_memory(::operator new(type.size(attributes)))
    {
        type.copy(m_memory, attributes);
    }
    copied_attributes(copied_attributes&& other) noexcept
        : m_type(other.m_type), m_memory(std::exchange(other.m_memory, nullptr))
    {
    }
    copied_attributes& operator=(copied_attributes&&) = delete;
    ~copied_attributes()
    {
        if (m_memory != nullptr && m_type->destroy != nullptr)
        {
            m_type->destroy(m_memory);
        }
        ::operator delete(m_memory);
    }

    bool same(const void* other) const { return m_type->same(m_memory, other) && m_type->same(other, m_memory); }
    const void* get() const { return m_memory; }

private:
    const attributes_type* m_type;
    void* m_memory;
};

/// The attributes of an operation that were met, one for each way in which they print.
template <class T>
using printed = std::map<const operation<T>*, std::map<std::string, copied_attributes>>;

struct found
{
    names compared;
    names incomparable;
};

template <class T>
void look_at(const instruction<T>& y, printed<T>& met, found& all)
{
    const attributes_type* const type = y.op->attributes;
    if (type == nullptr || y.attributes() == nullptr)
    {
        return;
    }
    if (type->same == nullptr)
    {
        all.incomparable.insert(y.op->name);
        return;
    }
    all.compared.insert(y.op->name);
    copied_attributes copy(*type, y.attributes());
    BOOST_TEST(copy.same(y.attributes()), y.op->name);
    const std::string text = y.op->print == nullptr ? "" : y.op->print(y.attributes());
    for (const auto& [other, attributes] : met[y.op])
    {
        if (other != text)
        {
            BOOST_TEST(!copy.same(attributes.get()), y.op->name << ": " << text << " and " << other);
        }
    }
    met[y.op].emplace(text, std::move(copy));
}

/// Whether the last instructions of two recordings have the same attributes.
template <class F, class G>
bool have_same_attributes(F f, G g)
{
    tape<double> one;
    tape<double> other;
    const auto x = one.variable(support::array{{0.5, 1.5, 2.5}, {3.5, 4.5, 5.5}});
    const auto y = other.variable(support::array{{0.5, 1.5, 2.5}, {3.5, 4.5, 5.5}});
    const instruction<double>& a = one[f(x).index()];
    const instruction<double>& b = other[g(y).index()];
    BOOST_TEST(a.op == b.op);
    return a.op->attributes->same(a.attributes(), b.attributes());
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_attributes)

BOOST_AUTO_TEST_CASE_TEMPLATE(copies_are_the_same_and_others_are_not, T, element_types)
{
    found all;
    printed<T> met;
    for (const check::sampled_operation& operation : check::every_operation())
    {
        for (const check::sample& each : operation.samples)
        {
            if (each.error)
            {
                continue;
            }
            tape<T> t;
            if (each.kinks.empty())
            {
                support::record(t, each, 1.0);
            }
            for (std::uint32_t i = 0; i < t.size(); ++i)
            {
                look_at(t[i], met, all);
            }
        }
    }
    // Closures cannot be compared; and with values_read, of what a rule read, nobody wants to.
    BOOST_TEST(all.incomparable == (names{"custom_vjp", "values_read"}), boost::test_tools::per_element());
    fmt::print("attributes of {} operations are compared\n", all.compared.size());
    BOOST_TEST(all.compared.size() > 40u);
}

BOOST_AUTO_TEST_CASE(numbers_are_compared_by_their_bits)
{
    const auto leaky = [](double slope) { return [=](auto x) { return leaky_relu(x, slope); }; };
    const auto next = std::nextafter(0.1, 1.0);
    BOOST_TEST(have_same_attributes(leaky(0.1), leaky(0.1)));
    BOOST_TEST(!have_same_attributes(leaky(0.1), leaky(next)));
    BOOST_TEST(!have_same_attributes(leaky(0.0), leaky(-0.0)));
    const auto replaced = [](double nan) { return [=](auto x) { return nan_to_num(x, nan); }; };
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(have_same_attributes(replaced(nan), replaced(nan)));
    BOOST_TEST(!have_same_attributes(replaced(nan), replaced(0.0)));
}

BOOST_AUTO_TEST_CASE(places_are_compared_one_by_one)
{
    const auto row = [](int k) { return [=](auto x) { return slice(x, 1, k, k + 1); }; };
    BOOST_TEST(have_same_attributes(row(1), row(1)));
    BOOST_TEST(!have_same_attributes(row(1), row(2)));
    const auto first_and = [](int k)
    { return [=](auto x) { return gradient(sum(slice(x, 1, 0, 1)) + sum(slice(x, 1, k, k + 1)), x); }; };
    BOOST_TEST(have_same_attributes(first_and(1), first_and(1)));
    BOOST_TEST(!have_same_attributes(first_and(1), first_and(2)));
    const auto total = [](bool keep) { return [=](auto x) { return keep ? sum(x, 0, xt::keep_dims) : sum(x, 0); }; };
    BOOST_TEST(have_same_attributes(total(true), total(true)));
    BOOST_TEST(!have_same_attributes(total(true), total(false)));
}

BOOST_AUTO_TEST_SUITE_END()
