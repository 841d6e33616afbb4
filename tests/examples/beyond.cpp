// The examples beyond the article as programs: what they print and write, and what they refuse.

#include "autograd/tape/error.hpp"
#include "examples/beyond/data_set.hpp"
#include "nn/serialization/npz.hpp"
#include "tests/examples/beyond_program.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using support::check_beyond_refused;
using support::contains;
using support::contents;
using support::number_after;
using support::outcome;
using support::run_beyond;
using support::scratch_folder;

/// Says so where a data set is not there: the tests pass without.
bool is_installed(const fs::path& data, const char* package)
{
    const bool is_there = fs::exists(data);
    if (!is_there)
    {
        BOOST_TEST_MESSAGE("skipped: " << data << " is not there (package " << package << ")");
    }
    return is_there;
}

bool digits_are_installed()
{
    return is_installed("/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz", "python3-sklearn");
}

/// From the first epoch on: what a training that went on from a checkpoint prints, too.
std::string from_first_epoch(const std::string& text)
{
    return text.substr(std::min(text.find("epoch   1:"), text.size()));
}

std::string big_endian(std::uint32_t number)
{
    std::string bytes;
    for (const int shift : {24, 16, 8, 0})
    {
        bytes += static_cast<char>(number >> shift & 0xFF);
    }
    return bytes;
}

/// Pictures of 28 x 28 pixels of ten classes by turns, and their labels, as IDX files under the names of Fashion-MNIST.
/// (Not compressed: what no compressor wrote is read as it is.)
void put_pictures(const fs::path& folder, const std::string& name, std::uint32_t count)
{
    constexpr std::uint32_t side = 28;
    std::string pictures = big_endian(0x0803) + big_endian(count) + big_endian(side) + big_endian(side);
    std::string labels = big_endian(0x0801) + big_endian(count);
    for (std::uint32_t i = 0; i < count; ++i)
    {
        const std::uint32_t label = i % 10;
        labels += static_cast<char>(label);
        for (std::uint32_t pixel = 0; pixel < side * side; ++pixel)
        {
            const bool is_bright = pixel / side / 2 == label;
            pictures += static_cast<char>((is_bright ? 100 : 10) + (7 * i + 3 * pixel) % 11);
        }
    }
    support::put(folder / (name + "-images-idx3-ubyte.gz"), pictures);
    support::put(folder / (name + "-labels-idx1-ubyte.gz"), labels);
}

template <class F>
std::string text_of(F f)
{
    try
    {
        f();
        return "no error";
    }
    catch (const autograd::error::file_error& e)
    {
        return e.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_beyond)

BOOST_AUTO_TEST_CASE(digits_are_learnt_and_drawn)
{
    if (!digits_are_installed())
    {
        return;
    }
    const scratch_folder folder;
    const outcome result = run_beyond("digits", folder, "--epochs 12 --figure digits.svg");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "1293 pictures to train with, 144 to validate, 360 to test"));
    BOOST_TEST(number_after(result.output, "test accuracy ") >= 95.0);
    BOOST_TEST(contains(contents(folder.path() / "digits.gp"), "$cells << END\n0 0 "));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "digits.svg"), "<svg"));
    }
}

BOOST_AUTO_TEST_CASE(a_training_goes_on_as_if_it_had_not_stopped)
{
    if (!digits_are_installed())
    {
        return;
    }
    const scratch_folder folder;
    const std::string small = "--hidden 16 --figure none --checkpoint ";
    const outcome straight = run_beyond("digits", folder, small + "straight.npz --epochs 4");
    run_beyond("digits", folder, small + "stopped.npz --epochs 2");
    const outcome resumed = run_beyond("digits", folder, small + "stopped.npz --epochs 4");
    BOOST_TEST(contains(resumed.output, "going on after epoch 2, from stopped.npz\n"));
    BOOST_TEST(contains(straight.output, "epoch   4: loss"));
    BOOST_TEST(from_first_epoch(resumed.output) == from_first_epoch(straight.output));

    // What would make another training of it is named.
    const auto check_not_gone_on = [&](const std::string& arguments, const std::string& message)
    {
        const outcome other = run_beyond("digits", folder, "--figure none --checkpoint stopped.npz " + arguments);
        BOOST_TEST(other.exit_code == 1, arguments);
        BOOST_TEST(contains(other.output, "\n" + message + "\n"), arguments << ": " << other.output);
    };
    const std::string rest = "; give that, or another --checkpoint";
    check_not_gone_on("--hidden 17", "--hidden 17: stopped.npz was begun with 16" + rest);
    check_not_gone_on("--hidden 16 --dropout 0.2", "--dropout 0.2: stopped.npz was begun with 0.4" + rest);
    check_not_gone_on("--hidden 16 --rate 0.01", "--rate 0.01: stopped.npz was begun with 0.001" + rest);
    check_not_gone_on("--hidden 16 --seed 3", "--seed 3: stopped.npz was begun with 0" + rest);
    check_not_gone_on("--hidden 16 --batch 33", "--batch 33: stopped.npz was begun with 32" + rest);
    check_not_gone_on("--hidden 16 --epochs 3", "--epochs 3: stopped.npz has 4 already; --epochs counts them, too");

    // What is no checkpoint of it, or no longer one, stays as it is.
    for (const std::size_t epochs : {0u, 1u}) // of 4
    {
        nn::archive damaged;
        for (const auto& [name, array] : nn::load_npz(folder.path() / "stopped.npz"))
        {
            const bool is_count = name == "progress/epochs";
            damaged.add(name, is_count ? nn::any_array(xt::xarray<std::uint64_t>::from_shape({epochs})) : array);
        }
        nn::save_npz(folder.path() / "damaged.npz", damaged);
        const outcome refused = run_beyond("digits", folder, "--hidden 16 --figure none --checkpoint damaged.npz");
        BOOST_TEST(refused.exit_code == 1);
        BOOST_TEST(contains(refused.output, "\nautograd: load_checkpoint: damaged.npz: progress/"), refused.output);
    }
    nn::archive arrays;
    arrays.add("model/0.weight", xt::xarray<float>{1, 2, 3});
    nn::save_npz(folder.path() / "other.npz", arrays);
    const outcome other = run_beyond("digits", folder, "--figure none --checkpoint other.npz");
    BOOST_TEST(other.exit_code == 1);
    BOOST_TEST(contains(other.output, "other.npz"));
    BOOST_TEST(nn::load_npz(folder.path() / "other.npz").size() == 1u);
}

BOOST_AUTO_TEST_CASE(clothes_are_told_apart)
{
    // A tiny data set in the form of Fashion-MNIST: in pictures of class k, the rows 2k and 2k + 1 are bright.
    const scratch_folder folder;
    put_pictures(folder.path(), "train", 400);
    put_pictures(folder.path(), "t10k", 50);
    const std::string arguments =
        "--data . --epochs 8 --hidden 32 --batch 20 --dropout 0.1 --seed 1 --figure clothes.svg";
    const outcome result = run_beyond("fashion", folder, arguments);
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "Fashion-MNIST: 360 pictures to train with, 40 to validate, 50 to test\n"));
    BOOST_TEST(number_after(result.output, "epoch   8: loss ") < number_after(result.output, "epoch   1: loss ") / 10);
    BOOST_TEST(number_after(result.output, "epoch   8: loss ") < 0.1);
    BOOST_TEST(contains(result.output, "\nshirt          1.000   1.000   1.000\n"));
    BOOST_TEST(contains(result.output, "\ntest accuracy 100.00 %\n"));
    BOOST_TEST(contains(contents(folder.path() / "clothes.gp"), "$cells << END\n0 0 5 1.0000\n1 0 0 0.0000\n"));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "clothes.svg"), "Fashion-MNIST: 100.00 % of 50 are right"));
    }
    // A training does not go on with other data.
    const std::string kept = "--data . --hidden 8 --figure none --checkpoint run.npz --epochs ";
    BOOST_TEST(run_beyond("fashion", folder, kept + "1").exit_code == 0);
    put_pictures(folder.path(), "train", 399);
    const outcome other_data = run_beyond("fashion", folder, kept + "2");
    BOOST_TEST(other_data.exit_code == 1);
    BOOST_TEST(contains(other_data.output, "\n--data .: run.npz was begun with other pictures; give that, or another"));
    put_pictures(folder.path(), "train", 400);
    // The same numbers again.
    BOOST_TEST(from_first_epoch(run_beyond("fashion", folder, arguments).output) == from_first_epoch(result.output));
}

BOOST_AUTO_TEST_CASE(clothes_are_told_apart_by_any_number_of_ranks)
{
    const scratch_folder folder;
    put_pictures(folder.path(), "train", 400);
    put_pictures(folder.path(), "t10k", 50);
    const std::string arguments = "--data . --epochs 3 --hidden 16 --batch 100 --seed 1 --figure none --ranks ";
    const auto on = [&](const std::string& ranks)
    {
        // More ranks than processors, also as root. OpenMPI leaves memory behind, which sanitizers see.
        const std::string settings = "ASAN_OPTIONS=detect_leaks=0 OMPI_ALLOW_RUN_AS_ROOT=1 "
                                     "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 mpirun -np ";
        return run_program(
            folder, "sh", "-c '" + settings + ranks + " " BEYOND_PROGRAMS "/fashion " + arguments + ranks + " 2>said'");
    };
    const outcome alone = on("1");
    const std::string said = contents(folder.path() / "said");
    if (contains(said, "this build has no MPI") || contains(said, "mpirun: not found"))
    {
        return;
    }
    BOOST_TEST(alone.exit_code == 0);
    BOOST_TEST(contains(alone.output, "\ntest accuracy "));
    for (const char* ranks : {"2", "3"})
    {
        const outcome several = on(ranks);
        BOOST_TEST(several.exit_code == 0);
        BOOST_TEST(from_first_epoch(several.output) == from_first_epoch(alone.output), ranks << " ranks");
    }
    const outcome other =
        run_program(folder, "env", "ASAN_OPTIONS=detect_leaks=0 " BEYOND_PROGRAMS "/fashion " + arguments + "2");
    BOOST_TEST(other.exit_code == 1);
    BOOST_TEST(other.output == "autograd: --ranks: 2 ranks are to train, and 1 were started; examples/run starts as "
                               "many, or mpirun -np.\n");
}
BOOST_AUTO_TEST_CASE(clothes_are_read)
{
    if (!is_installed("/usr/share/datasets/fashion-mnist", "dataset-fashion-mnist"))
    {
        return;
    }
    const beyond::data_set data = beyond::load_fashion();
    BOOST_TEST((data.train.inputs.shape() == xt::xarray<float>::shape_type{54000, 784}));
    BOOST_TEST(data.validation.labels.size() == 6000u);
    BOOST_TEST(data.test.labels.size() == 10000u);
    for (const int label : {0, 9})
    {
        BOOST_TEST(std::count(data.test.labels.begin(), data.test.labels.end(), label) == 1000);
    }
}

BOOST_AUTO_TEST_CASE(data_that_are_not_there_or_others_are_refused)
{
    BOOST_TEST(text_of([] { beyond::load_digits("/none/digits.csv.gz"); }) ==
               "autograd: data set: /none/digits.csv.gz is not there; Debian's package python3-sklearn installs it: "
               "apt install python3-sklearn.");
    BOOST_TEST(text_of([] { beyond::load_fashion("/none"); }) ==
               "autograd: data set: /none is not there; Debian's package dataset-fashion-mnist installs it: "
               "apt install dataset-fashion-mnist.");

    const scratch_folder folder;
    const fs::path table = support::put(folder.path() / "table.csv", "1,2\n3,4\n");
    BOOST_TEST(text_of([&] { beyond::load_digits(table); }) ==
               "autograd: data set: " + table.string() +
                   " is 2 rows of 2 numbers; the digits are 1797 rows of 64 pixels and a label.");
}

BOOST_AUTO_TEST_CASE(a_wrong_derivative_is_named)
{
    const scratch_folder folder;
    const outcome result = run_beyond("gradient_check", folder, "--figure steps.svg");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "hasty_mish  check_gradient: failed"));
    BOOST_TEST(contains(result.output, "order 1, gradient of input 0 at ("));
    BOOST_TEST(contains(result.output, "\nmish        check_gradient: passed"));
    BOOST_TEST(contains(result.output, "check_operation<mish>: "));
    BOOST_TEST(contains(contents(folder.path() / "steps.gp"), "$distances << END\n1e-13 "));
    if (!contains(result.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "steps.svg"), "<svg"));
    }
}

BOOST_AUTO_TEST_CASE(the_flat_directions_are_those_that_the_formula_has)
{
    const scratch_folder folder;
    const outcome result = run_beyond("hessian", folder, "--figure none");
    BOOST_TEST(result.exit_code == 0);
    std::istringstream lines(result.output.substr(std::min(result.output.find("components\n"), result.output.size())));
    std::string line;
    std::getline(lines, line);
    std::vector<double> values;
    while (std::getline(lines, line))
    {
        double value = 0;
        double predicted = 0;
        double change = 0;
        BOOST_REQUIRE(std::istringstream(line) >> value >> predicted >> change);
        values.push_back(value);
        BOOST_TEST(std::abs(change - predicted) <= 0.25 * predicted + 1e-4, line);
    }
    // The softmax does not see what is added to both scores: with the same added to both biases nothing changes, and
    // with the same added to both weights of a hidden unit the regularisation alone does.
    BOOST_TEST(values.size() == 17u);
    BOOST_TEST(std::count_if(values.begin(), values.end(), [](double v) { return std::abs(v) < 1e-5; }) == 1);
    BOOST_TEST(std::count_if(values.begin(), values.end(), [](double v) { return std::abs(v - 0.01) < 1e-5; }) == 3);
    BOOST_TEST(*std::min_element(values.begin(), values.end()) > -1e-5);
}

BOOST_AUTO_TEST_CASE(a_pendulum_is_found_again)
{
    const scratch_folder folder;
    const outcome result = run_beyond("pendulum", folder, "");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "gradient  through 200 steps of the integrator: that of finite differences"));
    const std::string found = result.output.substr(result.output.find("found"));
    const double length_error = number_after(found, "+- ");
    BOOST_TEST(std::abs(number_after(found, "length ") - 1.0) < 4 * length_error);
    BOOST_TEST(std::abs(number_after(found, "damping ") - 0.2) < 0.01);
    BOOST_TEST(length_error < 0.01);
}

BOOST_AUTO_TEST_CASE(where_no_minimum_was_found_this_is_said)
{
    const scratch_folder folder;
    const std::string warning = "THIS IS NO MINIMUM: the largest |gradient| is ";
    const outcome stopped = run_beyond("hessian", folder, "--iterations 1 --figure none");
    BOOST_TEST(support::number_after(stopped.output, warning) > 0.1);
    BOOST_TEST(stopped.exit_code == 1);
    BOOST_TEST(contains(stopped.output, "hessian: L-BFGS came to no minimum; give it more --iterations"));
    const outcome flat = run_beyond("hessian", folder, "--lambda 0 --figure none");
    BOOST_TEST(contains(flat.output, warning));
    BOOST_TEST(flat.exit_code == 1);
    BOOST_TEST(!contains(run_beyond("hessian", folder, "--figure none").output, warning));
    // Two points can be told apart ever more surely: the loss falls to 0 on the way to infinity, where it is flat.
    const outcome endless = run_beyond("hessian", folder, "--lambda 0 --points 2 --figure none");
    BOOST_TEST(contains(endless.output, "the gradient is small"));
    BOOST_TEST(contains(endless.output, warning));
    BOOST_TEST(endless.exit_code == 1);

    const outcome early = run_beyond("pendulum", folder, "--iterations 3 --figure none");
    BOOST_TEST(early.exit_code == 1);
    BOOST_TEST(contains(early.output, "pendulum: L-BFGS stopped before it came to the minimum"));
    const outcome short_time = run_beyond("pendulum", folder, "--steps 10 --step 0.0001 --figure none");
    BOOST_TEST(short_time.exit_code == 0);
    BOOST_TEST(contains(short_time.output, "An error that is not small beside what was found"), short_time.output);
    BOOST_TEST(!contains(early.output, "found "));
}

BOOST_AUTO_TEST_CASE(the_spectrum_and_the_swing_are_drawn)
{
    const scratch_folder folder;
    BOOST_TEST(run_beyond("hessian", folder, "--figure spectrum.svg").exit_code == 0);
    BOOST_TEST(contains(contents(folder.path() / "spectrum.gp"), "$values << END\n1 "));
    const outcome swing = run_beyond("pendulum", folder, "--figure swing.svg");
    BOOST_TEST(swing.exit_code == 0);
    BOOST_TEST(contains(contents(folder.path() / "swing.gp"), "$swing << END\n0.02 "));
    if (!contains(swing.output, "gnuplot is not installed"))
    {
        BOOST_TEST(contains(contents(folder.path() / "spectrum.svg"), "<svg"));
        BOOST_TEST(contains(contents(folder.path() / "swing.svg"), "<svg"));
    }
}

BOOST_AUTO_TEST_CASE(a_damping_at_the_end_of_its_range_has_no_error)
{
    const scratch_folder folder;
    const outcome result = run_beyond("pendulum", folder, "--noise 1 --seed 0 --figure none");
    BOOST_TEST(contains(result.output, "damping 0.00000, no error given\n"));
    BOOST_TEST(contains(result.output, "The damping ended at 0, the end of its range"));
}

BOOST_AUTO_TEST_CASE(a_pendulum_that_is_not_found_is_not_shown_as_found)
{
    const scratch_folder folder;
    const outcome result = run_beyond(
        "pendulum", folder, "--length 0.05 --guessed-length 0.2 --damping 0.01 --guessed-damping 0.01 --steps 1000");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(contains(result.output, "pendulum: this is a local minimum that does not explain the observations"));
}

BOOST_AUTO_TEST_CASE(help_names_the_options)
{
    const scratch_folder folder;
    for (const char* example : {"digits", "fashion", "gradient_check", "hessian", "pendulum"})
    {
        const outcome result = run_beyond(example, folder, "--help");
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(contains(result.output, "--seed"), example);
        BOOST_TEST(contains(result.output, "In parentheses: what an option is unless given."), example);
    }
}

BOOST_AUTO_TEST_CASE(bad_command_lines_are_refused)
{
    check_beyond_refused("digits", "--epochs 0", "--epochs 0: must be an integer from 1 to 100000");
    check_beyond_refused("digits", "--rate nan", "--rate nan: must be a number above 0, at most 10");
    check_beyond_refused("digits", "--dropout 1", "--dropout 1: must be a number from 0 to 0.95");
    check_beyond_refused("digits", "--data none.csv", "--data none.csv: must be a file or folder that is there");
    check_beyond_refused("digits", "--figure a.gif", "--figure a.gif: must end in .png or .svg, or be none");
    check_beyond_refused("fashion", "--figure no/a.png",
                         "--figure no/a.png: cannot be written: No such file or directory");
    check_beyond_refused("fashion", "--checkpoint no/a.npz",
                         "--checkpoint no/a.npz: cannot be written: No such file or directory");
    check_beyond_refused("gradient_check", "--points 0x3", "--points 0x3: must be an integer from 1 to 1000");
    check_beyond_refused("gradient_check", "--seed -1", "--seed -1: must be an integer from 0 to 4294967295");
    check_beyond_refused("hessian", "--lambda -1", "--lambda -1: must be a number from 0 to 1000");
    check_beyond_refused("pendulum", "--noise 0", "--noise 0: must be a number from 0.000001 to 1");
    check_beyond_refused("pendulum", "--step ''", "--step '': must be a number from 0.0001 to 0.1");
}

BOOST_AUTO_TEST_SUITE_END()
