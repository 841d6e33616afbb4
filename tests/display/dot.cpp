// Graphs, as Graphviz gets them.

#include "tests/display/support.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace
{

using autograd::gradient;
using autograd::to_dot;
using support::ones;
using support::small_program;
using support::tape;
using support::text;
using support::variable;

struct drawing
{
    std::string picture; ///< SVG
    std::string complaint;
};

/// What Graphviz makes of a graph, and what it says.
drawing drawn(const std::string& graph)
{
    const auto folder = std::filesystem::temp_directory_path();
    const std::string base = (folder / ("xgrad_graph_" + std::to_string(::getpid()))).string();
    std::ofstream(base + ".dot") << graph;
    const int status =
        std::system(("dot -Tsvg '" + base + ".dot' -o '" + base + ".svg' 2> '" + base + ".txt'").c_str());
    const auto read = [](const std::string& path)
    {
        std::stringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    };
    const std::string messages = read(base + ".txt");
    const std::string picture = read(base + ".svg");
    for (const char* end : {".dot", ".svg", ".txt"})
    {
        std::filesystem::remove(base + end);
    }
    return {picture, status != 0                                   ? "dot failed: " + messages
                     : picture.find("</svg>") == std::string::npos ? "no picture"
                                                                   : messages};
}

/// What Graphviz says to a graph, or "" if it draws it.
std::string complaint_about(const std::string& graph)
{
    return drawn(graph).complaint;
}

/// A text as Graphviz writes it into a picture.
std::string in_xml(const std::string& text)
{
    std::string result;
    for (const char c : text)
    {
        result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    return result;
}

bool has_graphviz()
{
    return std::system("dot -V > /dev/null 2>&1") == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(display)

BOOST_AUTO_TEST_CASE(names_are_drawn_as_they_are)
{
    tape tape;
    const std::string odd[] = {"a&lt;b", "R&D", "&amp;", "&#65;", "x & y", "<b>", "a\\l", "\\N", "\"q\""};
    variable sum = tape.variable(1.0).name("plain");
    for (const std::string& name : odd)
    {
        const auto scope = tape.scope("of " + name);
        sum = (sum + tape.variable(2.0).name(name)).name(name + "!");
    }
    const std::string graph = to_dot(sum);
    BOOST_TEST(graph.find(R"-(label="a&amp;lt;b\n()")-") != std::string::npos);
    if (!has_graphviz())
    {
        BOOST_TEST_MESSAGE("Graphviz is not installed");
        return;
    }
    const auto [picture, complaint] = drawn(graph);
    BOOST_TEST(complaint == "");
    for (const std::string& name : odd)
    {
        for (const std::string& label : {name, name + "! = add", "of " + name})
        {
            BOOST_TEST(picture.find(">" + in_xml(label) + "<") != std::string::npos,
                       label << " is not drawn in " << picture);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_graph_has_boxes_and_ellipses)
{
    tape tape;
    const auto x = tape.constant(ones({300, 2})).name("x");
    const auto [w, b, h] = [&]
    {
        const auto scope = tape.scope("encoder");
        const auto weight = tape.variable(ones({2, 3})).name("w");
        const auto inner = tape.scope("first \"layer\"");
        const auto bias = tape.variable(ones({3})).name("b");
        return std::tuple(weight, bias, tanh(matmul(x, weight) + bias).name("h"));
    }();
    const auto loss = square(2.0 * h).name("loss");
    const auto g = tape.constant(ones({300, 3})).name("g");
    BOOST_TEST(to_dot({loss, vjp(loss, h, g)}) == text(R"-(
digraph {
    graph [ordering=in, fontname="Helvetica", fontsize=11, color=gray60, fontcolor=gray40]
    node [fontname="Helvetica", fontsize=11, shape=ellipse]
    edge [fontname="Helvetica", fontsize=9, fontcolor=gray40, arrowsize=0.7]
    n1 [label="x\n(300, 2)", shape=box]
    n8 [label="multiply"]
    n9 [label="loss = square\n(300, 3)", peripheries=2]
    n10 [label="g\n(300, 3)", shape=box]
    n11 [label="square'", style=dashed]
    n12 [label="multiply\n(300, 3)", peripheries=2]
    subgraph cluster_0 {
        label="encoder"
        n2 [label="w\n(2, 3)", shape=box, style=filled, fillcolor=gray92]
        subgraph cluster_1 {
            label="first \"layer\""
            n3 [label="matmul"]
            n4 [label="b\n(3,)", shape=box, style=filled, fillcolor=gray92]
            n5 [label="broadcast"]
            n6 [label="add"]
            n7 [label="h = tanh"]
        }
    }
    n1 -> n3:nw
    n2 -> n3:ne
    n4 -> n5
    n3 -> n6:nw [label=" (300, 3)"]
    n5 -> n6:ne [label=" (300, 3)"]
    n6 -> n7
    n8_0 [label="2", shape=plaintext]
    n8_0 -> n8:nw
    n7 -> n8:ne
    n8 -> n9
    n8 -> n11:nw
    n10 -> n11:ne
    n11 -> n12:nw
    n12_1 [label="2", shape=plaintext]
    n12_1 -> n12:ne
}
)-"));
}

BOOST_AUTO_TEST_CASE(graphviz_draws_graphs)
{
    if (!has_graphviz())
    {
        BOOST_TEST_MESSAGE("Graphviz is not installed: graphs are not drawn.");
        return;
    }
    tape tape;
    const auto y = small_program(tape);
    BOOST_TEST(complaint_about(to_dot(y)) == "");
    const auto odd = tape.variable(1.0).name("a \"b\"\\\n\\N <&> λ.{}|[]=;");
    const auto scope = tape.scope("x.\"y\".z");
    const auto x = tape.variable(ones({2, 3})).name("->");
    const auto loss = sum(tanh(x / odd) * x).name("digraph");
    BOOST_TEST(complaint_about(to_dot(loss)) == "");
    BOOST_TEST(complaint_about(to_dot({loss, gradient(loss, x)}, {.expand_pulls = true})) == "");
    BOOST_TEST(complaint_about(to_dot(std::vector<variable>())) == "");
    BOOST_TEST(complaint_about(to_dot(tape.variable(1.0).name(std::string_view("a\0b", 3)))) == "");
}

BOOST_AUTO_TEST_SUITE_END()
