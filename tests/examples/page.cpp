// What docs/article.md and docs/examples.md show is what the programs print.

#include "tests/examples/program.hpp"

#include <map>

namespace
{

/// A block of the page that shows a program: "$ examples/run PROGRAM OPTIONS", and some of the lines that it prints, or
/// their beginnings.
struct shown
{
    std::string program;
    std::string options;
    std::vector<std::string> lines;
};

std::vector<shown> blocks_of(const std::string& file)
{
    const std::string prompt = "$ examples/run ";
    std::vector<shown> blocks;
    std::ifstream page(file);
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

/// That the programs in a folder print what a page shows, in so many blocks.
void check_page(const std::string& file, const std::string& programs, std::size_t expected_blocks)
{
    const support::scratch_folder folder;
    std::map<std::string, std::string> outputs;
    const std::vector<shown> blocks = blocks_of(file);
    BOOST_TEST(blocks.size() == expected_blocks);
    for (const shown& block : blocks)
    {
        std::string& output = outputs[block.program + block.options];
        if (output.empty())
        {
            output = "\n" + support::run_program(folder, programs + "/" + block.program, block.options).output;
        }
        BOOST_TEST(!block.lines.empty());
        for (const std::string& line : block.lines)
        {
            BOOST_TEST(support::contains(output, "\n" + line), block.program << block.options << ": " << line);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_page)

BOOST_AUTO_TEST_CASE(what_the_articles_page_shows_is_printed)
{
    check_page(ARTICLE_PAGE, EXAMPLE_PROGRAMS, 7);
}

BOOST_AUTO_TEST_CASE(what_the_page_of_the_other_examples_shows_is_printed)
{
    check_page(BEYOND_PAGE, BEYOND_PROGRAMS, 3);
}

BOOST_AUTO_TEST_SUITE_END()
