// The protocol of GradBench: sessions, answer by answer.

#include "tests/benchmarks/gradbench/protocol/session.hpp"
#include "gradbench/support.hpp"
#include "tests/run_program.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace
{

using namespace support;

struct exchange
{
    std::string message;
    std::string answer; ///< without the timings; empty where there is none
};

/// An evaluate message.
std::string evaluate(int id, const std::string& module, const std::string& function, const std::string& input)
{
    return R"({"id": )" + std::to_string(id) + R"(, "kind": "evaluate", "module": ")" + module + R"(", "function": ")" +
           function + R"(", "input": )" + input + "}";
}

std::string refused(int id, const std::string& error)
{
    return json{{"id", id}, {"success", false}, {"error", error}}.dump();
}

std::vector<exchange> good_messages()
{
    return {{R"({"id": 0, "kind": "start", "eval": "hello", "config": {"a": 1}})", R"({"id": 0, "tool": "xgrad"})"},
            {R"({"id": 1, "kind": "define", "module": "hello"})", R"({"id": 1, "success": true})"},
            {evaluate(2, "hello", "square", "3"), R"({"id": 2, "success": true, "output": 9.0})"},
            {R"({"id": 3, "kind": "analysis", "of": 2, "valid": true})", R"({"id": 3})"},
            {evaluate(4, "hello", "double", "-3.5"), R"({"id": 4, "success": true, "output": -7.0})"},
            {R"({"kind": "a kind to come", "more": [{"id": 1}], "id": 18446744073709551615})",
             R"({"id": 18446744073709551615})"},
            {R"({"id": -5, "kind": "end"})", R"({"id": -5})"}};
}

std::vector<exchange> bad_messages()
{
    const std::string once = R"(, "min_runs": 1, "min_seconds": 0})";
    return {
        {"not JSON", ""},
        {"", ""},
        {R"([{"id": 1, "kind": "end"}])", ""},
        {R"({"kind": "define", "module": "hello"})", ""},
        {R"({"id": "6", "kind": "end"})", ""},
        {R"({"id": 1.5, "kind": "end"})", ""},
        {R"({"id": 7})", refused(7, "message.kind is missing")},
        {R"({"id": 8, "kind": 9})", refused(8, "message.kind is 9; it must be a text")},
        {R"({"id": 9, "kind": "end")", refused(9, "the line is no JSON, or has a number in it that is too large for a "
                                                  "double")},
        {R"({"id": 10, "kind": "define", "module": "hallo"})",
         refused(10,
                 "there is no module hallo; there are hello, gmm, kmeans, lse, llsq, lstm, ba, ht, ode, det, saddle, "
                 "particle")},
        {R"({"id": 11, "kind": "define", "module": ["hello"]})",
         refused(11, "message.module is a list; it must be a text")},
        {evaluate(12, "hello", "cube", "1"),
         refused(12, "there is no function of hello cube; there are square, double")},
        {R"({"id": 13, "kind": "evaluate", "module": "hello", "function": "square"})",
         refused(13, "message.input is missing")},
        {evaluate(14, "hello", "square", R"("three")"), refused(14, "message.input is \"three\"; it must be a number")},
        {evaluate(15, "hello", "square", "1e200"), refused(15, "output is infinite, which JSON has no number for")},
        {evaluate(29, "hello", "square", std::string(200, '[') + std::string(200, ']')),
         refused(29, "the line has 201 lists and objects within each other; there may be 100")},
        {evaluate(30, "hello", "square", '"' + std::string(200, '[') + "\\\"[" + '"'),
         refused(30, "message.input is \"" + std::string(200, '[') + "\\\"[\"; it must be a number")},
        {evaluate(16, "lse", "primal", R"({"x": [1, 2]})"), refused(16, "input.min_runs is missing")},
        {evaluate(17, "lse", "primal", "[1, 2]"), refused(17, "input is a list; it must be an object")},
        {evaluate(18, "lse", "primal", R"({"x": [1], "min_runs": 0, "min_seconds": 0})"),
         refused(18, "input.min_runs is 0; it must be an integer that is 1 or more")},
        {evaluate(19, "lse", "primal", R"({"x": [1], "min_runs": 1, "min_seconds": -1})"),
         refused(19, "input.min_seconds is -1; it must be 0 or more")},
        {evaluate(20, "lse", "primal", R"({"x": [1, null])" + once),
         refused(20, "input.x[1] is null; it must be a number")},
        {evaluate(21, "lse", "primal", R"({"x": [])" + once),
         refused(21, "input.x is empty; there must be one number at least")},
        {evaluate(22, "kmeans", "cost", R"({"points": [[1, 2], [3]], "centroids": [[1, 2]])" + once),
         refused(22, "input.points[1] has 1 elements; it must have 2")},
        {evaluate(23, "kmeans", "cost", R"({"points": [[1, 2], [3, 4]], "centroids": [])" + once),
         refused(23, "input.centroids is empty; there must be one at least, of one coordinate at least")},
        {evaluate(24, "kmeans", "dir", R"({"points": [[1, 2], [3, 4]], "centroids": [[1, 2], [9, 9]])" + once),
         refused(24, "output[1][0] is NaN, which JSON has no number for")},
        {evaluate(25, "llsq", "primal", R"({"x": [1, 2], "n": -5)" + once),
         refused(25, "input.n is -5; it must be an integer that is 2 or more")},
        {evaluate(26, "llsq", "primal", R"({"x": [1, 2], "n": 2.5)" + once),
         refused(26, "input.n is 2.5; it must be an integer that is 2 or more")},
        {evaluate(28, "particle", "ff", R"({"w": 16)" + once),
         refused(28, "particle: after 10000 steps the particle has not come down; try another w")},
        {evaluate(27, "det", "primal", R"({"A": [1, 2, 3], "ell": 2)" + once),
         refused(27, "input.A has 3 elements; it must have 4")}};
}

/// A field of a small file's input that is set to something else, and what is said of it.
struct change
{
    std::string file;
    std::string field; ///< a JSON pointer
    json value;
    std::string error;
};

std::vector<change> changes()
{
    const std::string one_number = " is empty; there must be one number at least";
    return {
        {"hello_3", "", json::object(), "message.input is an object; it must be a number"},
        {"gmm_d2_k3_n4", "/gamma", 0, "input.gamma is 0; it must be a number above 0"},
        {"gmm_d2_k3_n4", "/m", -1, "input.m is -1; it must be an integer that is 0 or more"},
        {"gmm_d2_k3_n4", "/n", 5, "input.x has 4 elements; it must have 5"},
        {"gmm_d2_k3_n4", "/l/1", {0.5, 0.5}, "input.l[1] has 2 elements; it must have 1"},
        {"kmeans_k3_n20_d2", "/points/3/1", "x", "input.points[3][1] is \"x\"; it must be a number"},
        {"kmeans_k3_n20_d2", "/centroids/0", {1, 2, 3}, "input.centroids[0] has 3 elements; it must have 2"},
        {"lse_n10", "/x", json::array(), "input.x" + one_number},
        {"llsq_n17_m3", "/x", json::array(), "input.x" + one_number},
        {"llsq_n17_m3", "/n", 1, "input.n is 1; it must be an integer that is 2 or more"},
        {"lstm_l1_c5_b4",
         "/sequence",
         {{1, 0, 1, 1}},
         "input has 4 bits, 2 rows of main_params and 1 characters; there must be bits, two rows for each layer, and "
         "two characters"},
        {"lstm_l1_c5_b4", "/extra_params/2", {1, 2, 3}, "input.extra_params[2] has 3 elements; it must have 4"},
        {"ba_n3_m7_p20", "/n", 0, "input.n is 0; it must be an integer that is 1 or more"},
        {"ba_n3_m7_p20", "/p", 1000000000,
         "input.n, input.m and input.p are more than the columns of a matrix are counted to, 2^31 - 1"},
        {"ba_n3_m7_p20", "/cam", {1, 2}, "input.cam has 2 elements; it must have 11"},
        {"ht_simple_v8_c5", "/theta/25", nullptr, "input.theta[25] is null; it must be a number"},
        {"ht_complicated_v9_c6", "/us", {{0.5, 0.5}}, "input.us has 1 elements; it must have 6"},
        {"ht_simple_v8_c5", "/data/correspondences/1", 8,
         "input.data.correspondences[1] is 8; it must be an integer from 0 to 7"},
        {"ht_simple_v8_c5", "/data/model/parents/2", 7,
         "input.data.model.parents[2] is 7; a parent must come before its child"},
        {"ht_simple_v8_c5", "/data/model/is_mirrored", 0,
         "input.data.model.is_mirrored is 0; it must be true or false"},
        {"ht_simple_v8_c5", "/data/model/bone_count", 3,
         "input.data.model.bone_count is 3; it must be an integer that is 21 or more"},
        {"ht_simple_v8_c5", "/data/model", {1, 2}, "input.data.model is a list; it must be an object"},
        {"ode_n5_s1", "/s", 0, "input.s is 0; it must be an integer that is 1 or more"},
        {"ode_n5_s1", "/x", json::array(), "input.x" + one_number},
        {"det_l3", "/ell", 2, "input.A has 9 elements; it must have 4"},
        {"saddle_start1", "/start", {1, 2, 3}, "input.start has 3 elements; it must have 2"},
        {"particle_w0", "/w", "0", "input.w is \"0\"; it must be a number"}};
}

/// The names that timings have: of `runs` calls, which may be of a program.
bool are_names_of_timings(const std::vector<std::string>& names, std::size_t runs)
{
    std::vector<std::string> expected(runs + 1, "evaluate");
    expected[0] = "prepare";
    std::vector<std::string> of_program = expected;
    of_program.insert(of_program.begin() + 1, "compile");
    return names == expected || names == of_program;
}

/// The answer to a line, or null; without its timings, which must be as they should: those of `runs` calls.
json answer_without_timings(gradbench::session& session, const std::string& line, std::size_t runs = 1)
{
    std::ostringstream log;
    std::optional<json> answer = session.answer(line, log);
    BOOST_TEST(answer.has_value() == log.str().empty(), log.str());
    if (!answer || !answer->contains("timings"))
    {
        return answer.value_or(json());
    }
    std::vector<std::string> names;
    for (const json& timing : answer->at("timings"))
    {
        names.push_back(timing.at("name"));
        BOOST_TEST((timing.at("nanoseconds").is_number_integer() && timing.at("nanoseconds") >= 0));
    }
    BOOST_TEST(are_names_of_timings(names, runs), line);
    answer->erase("timings");
    return *answer;
}

json parsed(const std::string& answer)
{
    return answer.empty() ? json() : json::parse(answer);
}

} // namespace

BOOST_AUTO_TEST_SUITE(gradbench_session)

BOOST_AUTO_TEST_CASE(messages_are_answered)
{
    gradbench::session session;
    for (const auto& [message, answer] : good_messages())
    {
        BOOST_TEST(answer_without_timings(session, message) == parsed(answer), message);
    }
}

BOOST_AUTO_TEST_CASE(bad_messages_are_refused)
{
    gradbench::session session;
    for (const auto& [message, answer] : bad_messages())
    {
        BOOST_TEST(answer_without_timings(session, message) == parsed(answer), message);
        BOOST_TEST(answer_without_timings(session, evaluate(1, "hello", "square", "3")).at("output") == 9);
    }
}

BOOST_AUTO_TEST_CASE(inputs_that_are_wrong_are_refused)
{
    gradbench::session session;
    const std::map<std::string, json> files = small_files();
    for (const change& each : changes())
    {
        json message = files.at(each.file).at("message");
        message["id"] = 1;
        message["function"] = files.at(each.file).at("expected").begin().key();
        message["input"][json::json_pointer(each.field)] = each.value;
        const json answer = answer_without_timings(session, message.dump());
        BOOST_TEST(answer == parsed(refused(1, each.error)), each.error << " instead of " << answer);
    }
}

BOOST_AUTO_TEST_CASE(no_field_may_be_missing)
{
    gradbench::session session;
    for (const auto& [name, file] : small_files())
    {
        const json fields = file.at("message").at("input").flatten();
        for (const auto& [path, value] : fields.items())
        {
            json message = file.at("message");
            const json::json_pointer field(path);
            const bool is_read = path.find("bone_names") == std::string::npos;
            if (!is_read || field.empty() || !message["input"][field.parent_pointer()].is_object())
            {
                continue;
            }
            message["input"][field.parent_pointer()].erase(field.back());
            message["id"] = 1;
            message["function"] = file.at("expected").begin().key();
            std::string dotted = path;
            std::replace(dotted.begin(), dotted.end(), '/', '.');
            BOOST_TEST(answer_without_timings(session, message.dump()) ==
                           parsed(refused(1, "input" + dotted + " is missing")),
                       name);
        }
    }
}

BOOST_AUTO_TEST_CASE(calls_are_repeated)
{
    gradbench::session session;
    const auto input = [](int runs, double seconds) {
        return json{{"A", {1, 2, 3, 4}}, {"ell", 2}, {"min_runs", runs}, {"min_seconds", seconds}}.dump();
    };
    const json answer = answer_without_timings(session, evaluate(1, "det", "primal", input(7, 0)), 7);
    BOOST_TEST(answer == parsed(R"({"id": 1, "success": true, "output": -2.0})"));

    std::ostringstream log;
    const auto timed = session.answer(evaluate(2, "det", "gradient", input(1, 0.01)), log);
    BOOST_REQUIRE(timed.has_value());
    double nanoseconds = 0, before_last = 0;
    for (const json& timing : timed->at("timings"))
    {
        if (timing.at("name") == "evaluate")
        {
            before_last = nanoseconds;
            nanoseconds += timing.at("nanoseconds").get<double>();
        }
    }
    BOOST_TEST(nanoseconds >= 1e7);
    BOOST_TEST(before_last < 1e7);
    BOOST_TEST(timed->at("output") == parsed("[4.0, -3.0, -2.0, 1.0]"));
}

BOOST_AUTO_TEST_CASE(what_it_takes_to_compile_is_told)
{
    gradbench::session session;
    std::ostringstream log;
    const auto names = [&](const std::string& line)
    {
        std::vector<std::string> result;
        const json timings = session.answer(line, log).value().at("timings");
        for (const json& timing : timings)
        {
            result.push_back(timing.at("name"));
        }
        return result;
    };
    const std::vector<std::string> of_program{"prepare", "compile", "evaluate"}, recorded{"prepare", "evaluate"};
    BOOST_TEST(names(evaluate(1, "lse", "gradient", R"({"x": [1, 2], "min_runs": 1, "min_seconds": 0})")) == of_program,
               boost::test_tools::per_element());
    BOOST_TEST(names(evaluate(2, "hello", "double", "3")) == recorded, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(numbers_keep_their_digits)
{
    gradbench::session session;
    std::ostringstream log, out;
    std::istringstream in(evaluate(1, "hello", "double", "0.1") + "\n" + evaluate(2, "hello", "square", "0.1"));
    session.run(in, out, log);
    const std::string answers = out.str();
    BOOST_TEST(support::contains(answers, "\"output\":0.2,"));
    BOOST_TEST(support::contains(answers, "\"output\":0.010000000000000002,"));
    BOOST_TEST(std::count(answers.begin(), answers.end(), '\n') == 2);
}

BOOST_AUTO_TEST_CASE(the_program_answers_lines)
{
    const scratch_folder folder;
    std::vector<exchange> session = good_messages();
    const std::vector<exchange> bad = bad_messages();
    session.insert(session.begin() + 1, bad.begin(), bad.end());
    std::string messages;
    for (const exchange& each : session)
    {
        messages += each.message + '\n';
    }
    put(folder.path() / "messages", messages);
    const std::string command =
        "cd '" + folder.path().string() + "' && '" GRADBENCH_PROGRAM "' < messages > answers 2> log";
    BOOST_TEST(std::system(command.c_str()) == 0);
    std::istringstream answers(contents(folder.path() / "answers"));
    for (const exchange& each : session)
    {
        std::string line;
        if (!each.answer.empty())
        {
            BOOST_REQUIRE(std::getline(answers, line));
            json answer = json::parse(line);
            answer.erase("timings");
            BOOST_TEST(answer == parsed(each.answer), each.message);
        }
    }
    BOOST_TEST(answers.peek() == std::char_traits<char>::eof());
    const std::string log = contents(folder.path() / "log");
    BOOST_TEST(std::count(log.begin(), log.end(), '\n') ==
               std::count_if(session.begin(), session.end(), [](auto& each) { return each.answer.empty(); }));
}

BOOST_AUTO_TEST_CASE(the_page_shows_a_session)
{
    gradbench::session session;
    std::ifstream page(GRADBENCH_PAGE);
    std::string message, answer;
    while (std::getline(page, message) && !message.starts_with("$ build/tests/benchmarks/gradbench/gradbench"))
    {
    }
    std::size_t shown = 0;
    for (; std::getline(page, message) && message != "```"; ++shown)
    {
        BOOST_REQUIRE(std::getline(page, answer));
        json without_timings = json::parse(answer);
        const json timings = without_timings.value("timings", json::array());
        const auto runs = std::count_if(timings.begin(), timings.end(),
                                        [](const json& timing) { return timing.at("name") == "evaluate"; });
        without_timings.erase("timings");
        BOOST_TEST(answer_without_timings(session, message, static_cast<std::size_t>(runs)) == without_timings,
                   message);
    }
    BOOST_TEST(shown == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
