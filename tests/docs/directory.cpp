#include "docs/directory.hpp"
#include "operations/every_operation.hpp"
#include "support.hpp"

#include <sstream>

// How docs/operations.md reads calls, and what they are for, out of headers: docs/declarations.hpp, signatures.hpp and
// directory.hpp.

namespace
{

using namespace docs;
using namespace support;
using texts = std::vector<std::string>;

/// What the preprocessor makes of a source that includes one header.
declarations declared_in(const std::string& header, const std::string& text)
{
    std::stringstream preprocessed("# 1 \"main.cpp\"\nint not_of_a_header(int x);\n# 1 \"/root/" + header + "\" 1\n" +
                                   text + "\n# 3 \"main.cpp\" 2\nint neither(int x);\n");
    return read_declarations(preprocessed, "/root");
}

constexpr auto family = "autograd/operations/identity.hpp";

/// The calls of the functions of a family's header.
texts calls_in(const std::string& text)
{
    texts calls;
    for (const documented_function& f : documented_functions(declared_in(family, text), {family}))
    {
        calls.insert(calls.end(), f.signatures.begin(), f.signatures.end());
    }
    return calls;
}

const std::string definitions = R"(/// \defgroup control Say what the derivative is
/// About it.
/// \defgroup inside Inside of others

)";
const std::string two_functions = R"(/// Values.
/// \ingroup control
namespace autograd
{
/// The same. Shape: the same.
template <class T> variable<T> identity(variable<T> x, location where = location::current()) { return {}; }
/// The same, but constant.
template <class T> variable<T> stop_gradient(variable<T> x, location where = location::current()) { return {}; }
})";

/// The directory of the operations of that family, by such a header.
std::string index_by(const std::string& text)
{
    std::vector<sampled_operation> table;
    for (const sampled_operation& of : autograd::check::every_operation())
    {
        if (of.family == "identity")
        {
            table.push_back(of);
        }
    }
    std::string page;
    directory(table, declared_in(family, text)).print_index(page);
    return page;
}

std::string replaced_in(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t place = text.find(from);
    BOOST_REQUIRE(place != std::string::npos);
    return text.replace(place, from.size(), to);
}

} // namespace

BOOST_AUTO_TEST_SUITE(docs_directory)

BOOST_AUTO_TEST_CASE(calls_have_the_names_and_defaults_of_their_parameters)
{
    BOOST_TEST(calls_in(R"(
/// One.
template <class T, std::integral I = int>
    requires(sizeof(T) > 1)
variable<T> softmax(variable<T> x, I axis = -1, location where = location::current())
{
    const auto text = R"x(}")x" "}"; // }
    return text.size() > 1'000 ? variable<T>{} : x; /* } */
}
/// Two.
template <class T> std::pair<variable<T>, indices<T>> topk(variable<T> x, const I (&list)[N], std::vector<int> k = {1, 2});
/// Three.
template <class T, class... S> variable<T> view(variable<T> x, S&&... slices) { return {x}; }
/// Four.
auto custom(std::function<int(int, int)> f, std::tuple<T, X...>&& xs = std::tuple<int, int>(1, 2), location = {});
)") == (texts{"softmax(x, axis = -1)", "topk(x, list, k = {1, 2})", "view(x, slices...)",
              "custom(f, xs = std::tuple<int, int>(1, 2))"}),
               per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_function_for_users_is_passed_over)
{
    BOOST_TEST(calls_in(R"(
namespace detail
{
/// Not this.
int hidden(int x) { return x; }
}
/// Nor these.
struct relu_rule : elementwise
{
    /// Not of a class without a group.
    static int samples(int s) { return s; }
    static constexpr auto forward = [](auto x) { return x; };
    operand(X x, location where) : m_x(x), m_where{1, 2} {}
};
enum class order { first, second };
inline constexpr auto share = [](auto x, auto y) { return x + y; };
extern template struct description<relu_rule, float>;
using namespace other;
int undocumented(int x);
/// A definition of what is declared elsewhere.
int detail::hidden(int x) { return x; }
/// This one.
int last(int x);
)") == texts{"last(x)"},
               per_element());
}

BOOST_AUTO_TEST_CASE(overloads_are_told_together)
{
    const auto of = [](const std::string& lists)
    {
        std::string text;
        std::stringstream rest(lists);
        for (std::string list; std::getline(rest, list, ';');)
        {
            text += "/// F.\nint f(" + list + ");\n";
        }
        return calls_in(text);
    };
    BOOST_TEST(of("int x;int x, int axis") == texts{"f(x[, axis])"}, per_element());
    BOOST_TEST(of("int x;int x, K keep;int x, int axis;int x, int axis, K keep;int x, A axes;int x, A axes, K keep") ==
                   (texts{"f(x[, axis][, keep])", "f(x, axes[, keep])"}),
               per_element());
    BOOST_TEST(of("int x, int k;int x, int k = 0;long x, long k") == texts{"f(x, k = 0)"}, per_element());
    BOOST_TEST(of("int x, int y;int x, double exponent") == (texts{"f(x, y)", "f(x, exponent)"}), per_element());
    BOOST_TEST(of(" ") == texts{"f()"}, per_element());
    BOOST_CHECK_THROW(of("int x, const O&"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(options_are_told_with_their_fields)
{
    const std::string text = R"(
/// How.
struct view_options
{
    bool upper = false;               ///< the upper one
    std::optional<std::size_t> at{};  ///< where
    int count() const { return 0; }   ///< not this
    static constexpr int all = 3;     ///< nor this
private:
    int m_hidden = 0;                 ///< nor this
};
/// One.
template <class T> variable<T> look(variable<T> x, view_options options = {}, location where = location::current());
)";
    BOOST_TEST(calls_in(text) == texts{"look(x, options = {.upper = false, .at})"}, per_element());
    const std::vector<documented_function> functions = documented_functions(declared_in(family, text), {family});
    BOOST_TEST_REQUIRE(functions.size() == 1u);
    BOOST_TEST_REQUIRE(functions[0].options.size() == 2u);
    BOOST_TEST(functions[0].options[0].meaning == "the upper one");
    BOOST_TEST(functions[0].options[1].meaning == "where");
}

BOOST_AUTO_TEST_CASE(the_summary_is_that_of_the_overload_of_variables)
{
    const auto summary = [](const std::string& text)
    { return documented_functions(declared_in(family, text), {family}).at(0).summary; };
    const std::string of_factors = "/// Of factors.\ntemplate <class T> variable<T> f(const factors<T>& lu);\n";
    const std::string of_variables = "/// Of matrices.\ntemplate <class T> variable<T> f(variable<T> a);\n";
    const std::string undocumented = "template <class T> variable<T> f(variable<T> a, int n);\n";
    BOOST_TEST(summary(of_factors + of_variables) == "Of matrices.");
    BOOST_TEST(summary(of_variables + of_factors) == "Of matrices.");
    BOOST_TEST(summary(of_factors + undocumented) == "Of factors.");
}

BOOST_AUTO_TEST_CASE(operators_and_functions_of_a_class)
{
    BOOST_TEST(calls_in(R"(
struct operators
{
    friend variable<T> operator +(operand<T> x, operand<T> y) { return record_elementwise<add_rule, T>(x, y); }
    friend variable<T>& operator +=(variable<T>& x, operand<T> y) { return x = record_elementwise<add_rule, T>(x, y); }
    friend variable<T> operator-(operand<T> x) { return record_elementwise<negative_rule, T>(x); }
    friend bool operator==(const variable<T>&, const variable<T>&) = delete;
};
/// Numbers.
///
///     const generator random(key);
///
/// \ingroup random
class generator
{
public:
    /// Of a key.
    explicit generator(int key) : m_key{key} {}
    /// Uniform ones.
    int uniform(int shape) const { return m_key; }
private:
    /// Not for users.
    int mixed(int key) const { return key; }
};
)") == (texts{"x + y", "x += y", "-x", "random.uniform(shape)"}),
               per_element());
    BOOST_CHECK_THROW(
        calls_in("/// No example.\n/// \\ingroup random\nclass generator\n{\npublic:\n/// U.\nint uniform(int n);\n};"),
        std::runtime_error);
}

BOOST_AUTO_TEST_CASE(an_index_by_task)
{
    BOOST_TEST(index_by(definitions + two_functions) == R"(
[Say what the derivative is](#task-control), [Inside of others](#task-inside)

<a name="task-control"></a>**Say what the derivative is**

About it.

| call | what it gives |
|---|---|
| [`identity(x)`](#identity-identity) | The same. |
| [`stop_gradient(x)`](#identity-stop_gradient) | The same, but constant. |

<a name="task-inside"></a>**Inside of others**

| call | what it gives |
|---|---|
)");
}

BOOST_AUTO_TEST_CASE(an_operation_without_a_call_or_a_function_without_a_task_is_refused)
{
    const auto refusal = [](const std::string& text)
    { return text_of<autograd::error::value_error>([&] { index_by(definitions + text); }); };
    BOOST_TEST(refusal(two_functions) == "no error");
    BOOST_TEST(
        refusal(replaced_in(two_functions, "> stop_gradient(", "> stop_gradients(")) ==
        "autograd: operations_page: stop_gradient has no function of its name in "
        "autograd/operations/identity.hpp, and no other operation records it, nor do their derivatives; say in a "
        "comment in front of stop_gradient_rule who does.");
    BOOST_TEST(refusal(replaced_in(two_functions, "/// \\ingroup control\n", "")) ==
               "autograd: operations_page: autograd/operations/identity.hpp: identity(x) is in no group; name one with "
               "\\ingroup in the comment in front of it or of its namespace. The groups are in "
               "autograd/operations/operations.hpp.");
    BOOST_TEST(
        refusal(replaced_in(two_functions, "but constant.", "but constant.\n/// \\ingroup controls")) ==
        "autograd: operations_page: autograd/operations/identity.hpp: stop_gradient(x) is in the group controls, "
        "which autograd/operations/operations.hpp does not define.");
    BOOST_TEST(refusal(replaced_in(two_functions, "/// Values.\n/// \\ingroup control\n", "")) ==
               "autograd: operations_page: the header of the family identity has no comment in front of its namespace "
               "autograd.");
}

BOOST_AUTO_TEST_SUITE_END()
