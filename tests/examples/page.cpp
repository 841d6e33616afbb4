// What the pages of docs and the README show of the examples is what the programs print.

#include "tests/examples/program.hpp"

#include <map>

namespace
{

namespace fs = std::filesystem;

/// A block of the page that shows a program: "$ examples/run PROGRAM OPTIONS", and some of the lines that it prints, or
/// their beginnings.
struct shown
{
    std::string program;
    std::string options;
    std::vector<std::string> lines;
};

std::vector<shown> blocks_of(const fs::path& file)
{
    const std::string prompt = "$ examples/run ";
    std::vector<shown> blocks;
    std::ifstream page(file);
    BOOST_REQUIRE(page.is_open());
    bool inside = false;
    for (std::string line; std::getline(page, line);)
    {
        if (line.starts_with(prompt))
        {
            std::istringstream words(line.substr(prompt.size()));
            blocks.emplace_back();
            words >> blocks.back().program;
            std::getline(words, blocks.back().options);
            inside = true;
        }
        else if (line.starts_with("```"))
        {
            inside = false;
        }
        else if (inside)
        {
            blocks.back().lines.push_back(line);
        }
    }
    return blocks;
}

/// The example of that name; empty if its data set, a package that is installed by hand, is not there.
std::string program_of(const std::string& name)
{
    if (name == "digits" && !fs::exists("/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"))
    {
        BOOST_TEST_MESSAGE("skipped: digits needs python3-sklearn");
        return "";
    }
    const fs::path of_article = fs::path(EXAMPLE_PROGRAMS) / name;
    return fs::exists(of_article) ? of_article.string() : (fs::path(BEYOND_PROGRAMS) / name).string();
}

/// Runs each program once for all pages that show it with the same options.
class outputs
{
public:
    void check(const fs::path& page)
    {
        for (const shown& block : blocks_of(page))
        {
            BOOST_TEST(!block.lines.empty(), page << ": an empty block");
            const std::string program = program_of(block.program);
            if (program.empty())
            {
                continue;
            }
            std::string& output = m_outputs[block.program + block.options];
            if (output.empty())
            {
                output = "\n" + support::run_program(m_folder, program, block.options).output;
            }
            for (const std::string& line : block.lines)
            {
                BOOST_TEST(support::contains(output, "\n" + line),
                           page << ": " << block.program << block.options << ": " << line);
            }
            ++m_checked[block.program];
        }
    }

    std::size_t checked(const std::string& program) const
    {
        const auto found = m_checked.find(program);
        return found == m_checked.end() ? 0 : found->second;
    }

private:
    support::scratch_folder m_folder;
    std::map<std::string, std::string> m_outputs;
    std::map<std::string, std::size_t> m_checked;
};

} // namespace

BOOST_AUTO_TEST_SUITE(examples_page)

BOOST_AUTO_TEST_CASE(what_the_pages_show_is_printed)
{
    outputs all;
    const fs::path docs = EXAMPLE_PAGES;
    all.check(docs / ".." / "README.md");
    for (const fs::path& folder : {docs, docs / "examples"})
    {
        for (const auto& file : fs::directory_iterator(folder))
        {
            if (file.path().extension() == ".md")
            {
                all.check(file.path());
            }
        }
    }
    for (const char* program : {"perceptron", "derivation", "moons", "sweep", "rounding", "burgers", "factorization",
                                "gaussian_process", "gradient_check", "hessian", "implicit", "kalman", "least_squares",
                                "likelihood", "pendulum", "sampling", "trajectory"})
    {
        BOOST_TEST(all.checked(program) > 0u, program << " is shown by no page");
    }
}

BOOST_AUTO_TEST_SUITE_END()
