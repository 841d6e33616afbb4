// The code of docs/data.md and docs/serialization.md: what those pages show is cut from here.

#include "nn/nn.hpp"
#include "tests/nn/support.hpp"
#include "tests/scratch_folder.hpp"

#include <filesystem>
#include <sstream>

namespace
{

namespace fs = std::filesystem;
using support::per_element;

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)
};

template <class Leaf>
struct stacked
{
    nn::lstm<Leaf> first;
    nn::lstm<Leaf> second;
    NN_MEMBERS(first, second)
};

template <class Leaf>
struct scaled_bilinear
{
    Leaf left;
    Leaf right;
    Leaf scale;
    NN_MEMBERS(left, right, scale)
    static constexpr std::array in_pytorch{nn::pytorch::transposed("left"), nn::pytorch::same("right", "other")};
};

/// Lines without what they are indented by.
std::string unindented(const std::string& text)
{
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);)
    {
        line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
        result += line + '\n';
    }
    return result;
}

/// The pieces of C++ in a page.
std::vector<std::string> code_of(const std::string& page)
{
    const std::string opening = "```cpp\n";
    std::vector<std::string> pieces;
    for (std::size_t begin = page.find(opening); begin != page.npos; begin = page.find(opening, begin))
    {
        begin += opening.size();
        pieces.push_back(page.substr(begin, page.find("```", begin) - begin));
    }
    return pieces;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_documented)

BOOST_AUTO_TEST_CASE(pages_show_what_is_compiled)
{
    const fs::path root = fs::path(TEST_DATA).parent_path().parent_path();
    const std::string source = unindented(support::contents(root / "tests/nn/documented.cpp"));
    for (const std::string page : {"docs/data.md", "docs/serialization.md"})
    {
        const std::vector<std::string> pieces = code_of(support::contents(root / page));
        BOOST_TEST(!pieces.empty(), page);
        for (const std::string& piece : pieces)
        {
            BOOST_TEST(source.find(unindented(piece)) != source.npos, page << " shows\n" << piece);
        }
    }
}

BOOST_AUTO_TEST_CASE(from_made_points_to_scores)
{
    autograd::random::legacy_generator stream(0);
    const auto [points, labels] = nn::make_blobs(1000, 3, 2, 1.0, stream); // 1000 points, 3 classes, 2 coordinates

    const nn::split_rows rows = nn::train_test_split(1000, 0.2, stream);
    const xt::xarray<double> train = nn::take_rows(points, rows.train);
    const xt::xarray<double> test = nn::take_rows(points, rows.test);

    const nn::standardizer standard(train); // learns from what is trained with, and from nothing else
    const xt::xarray<double> inputs = standard.transform(train);
    const xt::xarray<double> targets = nn::one_hot<double>(nn::take_rows(labels, rows.train), 3);
    BOOST_TEST(inputs.shape()[0] == 800u);
    BOOST_TEST(standard.transform(test).shape()[0] == 200u);

    std::size_t steps = 0;
    for (std::size_t epoch = 0; epoch < 10; ++epoch)
    {
        for (const auto& [x, y] : nn::shuffled_batches({.size = 64}, stream, inputs, targets))
        {
            BOOST_TEST(x.shape()[0] == y.shape()[0]);
            ++steps; // the last batch of an epoch has 32 rows; {.size = 64, .drop_last = true} leaves it out
        }
    }
    BOOST_TEST(steps == 130u);

    const xt::xarray<std::int64_t> truth{0, 1, 2, 2};
    const xt::xarray<std::int64_t> predicted{0, 1, 2, 1};
    const xt::xarray<std::int64_t> confusion = nn::confusion_matrix(truth, predicted, 3);
    const nn::class_scores scores = nn::scores_by_class(confusion);
    BOOST_TEST(nn::accuracy(truth, predicted) == 0.75);
    BOOST_TEST(scores.precision(1) == 0.5);
    BOOST_TEST(nn::micro_scores(confusion).f1 == 0.75);
}

BOOST_AUTO_TEST_CASE(tables_and_pictures)
{
    const support::scratch_folder scratch;
    const fs::path folder = scratch.path();
    support::put(folder / "table.csv", "a;b;class\n1;2;0\n3;4;1\n");
    support::put(folder / "labels-idx1-ubyte", std::string("\0\0\x08\1\0\0\0\2\7\3", 10));

    const nn::csv_table table = nn::read_csv(folder / "table.csv", {.separator = ';', .has_header = true});
    const xt::xarray<double> inputs = nn::columns(table.values, 0, 2);
    const auto classes = nn::any_array(nn::column(table.values, 2)).to<std::int64_t>(); // throws for 1.5
    BOOST_TEST(inputs(1, 1) == 4.0);
    BOOST_TEST(classes(1) == 1);

    const nn::any_array labels = nn::read_idx(folder / "labels-idx1-ubyte"); // or .gz
    const xt::xarray<std::uint8_t>& as_they_are = labels.as<std::uint8_t>();
    const xt::xarray<float> converted = labels.to<float>();
    BOOST_TEST(static_cast<int>(as_they_are(0)) == 7);
    BOOST_TEST(converted(1) == 3.0F);
}

BOOST_AUTO_TEST_CASE(rows_that_stay_in_a_file)
{
    const support::scratch_folder scratch;
    const fs::path folder = scratch.path();
    support::put(folder / "images-idx3-ubyte", std::string("\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\1\5\6", 18));
    support::put(folder / "labels-idx1-ubyte", std::string("\0\0\x08\1\0\0\0\2\7\3", 10));
    autograd::random::legacy_generator stream(0);
    double sum = 0;

    const auto images = nn::idx_rows<float>(folder / "images-idx3-ubyte");
    const auto classes = nn::idx_rows<std::int64_t>(folder / "labels-idx1-ubyte");
    for (const auto& [x, y] : nn::shuffled_batches({.size = 64}, stream, images, classes))
    {
        sum += x(0, 0, 0) + static_cast<double>(y(1)) + x(1, 0, 0) + static_cast<double>(y(0));
    }
    BOOST_TEST(sum == 5 + 6 + 7 + 3);
}

BOOST_AUTO_TEST_CASE(arrays_to_files_and_back)
{
    const support::scratch_folder scratch;
    const fs::path folder = scratch.path();
    const xt::xarray<float> weight{{1.0F, 2.0F}};
    const xt::xarray<double> rate{0.1};

    nn::random_stream stream(0);
    auto model = nn::make_linear(2, 3, stream);
    nn::save_model(folder / "linear.safetensors", model); // or .npz
    nn::load_model(folder / "linear.safetensors", model);

    nn::archive arrays;
    arrays.add("hidden.weight", weight);
    arrays.add("rate", rate);
    nn::save_npz(folder / "model.npz", arrays);
    nn::save_safetensors(folder / "model.safetensors", arrays, {{"made by", "xgrad"}});

    const nn::archive loaded = nn::load_npz(folder / "model.npz");
    const auto same = loaded.at("hidden.weight").as<float>(); // exactly float, or an error
    const auto wide = loaded.get<double>("hidden.weight");    // converted
    for (const auto& [name, array] : loaded)
    {
        BOOST_TEST(array.size() > 0u, name);
    }
    BOOST_TEST(same == weight);
    BOOST_TEST(wide(0, 1) == 2.0);
    BOOST_TEST(nn::load_safetensors(folder / "model.safetensors").get<double>("rate")(0) == 0.1);
}

BOOST_AUTO_TEST_CASE(weights_from_pytorch)
{
    const support::scratch_folder scratch;
    const fs::path folder = scratch.path();
    nn::random_stream stream(0);

    const auto fc1 = nn::make_linear(3, 2, stream);
    const auto fc2 = nn::make_linear(4, 3, stream);
    nn::archive saved;
    saved.add("fc1.weight", fc1.weight); // (outputs, inputs)
    saved.add("fc1.bias", xt::xarray<double>{1, 2, 3});
    saved.add("fc2.weight", fc2.weight);
    saved.add("fc2.bias", xt::xarray<double>{1, 2, 3, 4});
    nn::save_safetensors(folder / "classifier.safetensors", saved);

    classifier<xt::xarray<double>> model{nn::make_linear(2, 3, stream), nn::make_linear(3, 4, stream)};
    nn::load_pytorch(folder / "classifier.safetensors", model, {{"hidden", "fc1"}, {"output", "fc2"}});
    BOOST_TEST(model.output.weight == xt::xarray<double>(xt::transpose(fc2.weight)));

    const auto narrow = nn::map_leaves(
        [](const std::string&, nn::role, const auto& each) { return xt::xarray<float>(xt::cast<float>(each)); }, model);
    BOOST_TEST(narrow.hidden.bias->size() == 3u);

    nn::archive arrays;
    for (const std::string layer : {"l0", "l1"})
    {
        arrays.add("memory.weight_ih_" + layer, xt::xarray<double>(xt::ones<double>({8, 2})));
        arrays.add("memory.weight_hh_" + layer, xt::xarray<double>(xt::ones<double>({8, 2})));
        arrays.add("memory.bias_ih_" + layer, xt::xarray<double>(xt::ones<double>({8})));
        arrays.add("memory.bias_hh_" + layer, xt::xarray<double>(xt::ones<double>({8})));
    }
    stacked<xt::xarray<double>> cells{nn::make_lstm(2, 2, stream), nn::make_lstm(2, 2, stream)};
    nn::load_pytorch(cells, arrays,
                     {{"first", "memory"},
                      {"second.weights.weight_ih", "memory.weight_ih_l1"},
                      {"second.weights.weight_hh", "memory.weight_hh_l1"},
                      {"second.weights.bias_ih", "memory.bias_ih_l1"},
                      {"second.weights.bias_hh", "memory.bias_hh_l1"}});
    BOOST_TEST(cells.second.weights.weight_ih(1, 7) == 1.0);

    scaled_bilinear<xt::xarray<double>> own{fc1.weight, fc1.weight, xt::xarray<double>(1.0)};
    nn::archive parts;
    parts.add("left", xt::xarray<double>(xt::transpose(fc1.weight)));
    parts.add("other", fc1.weight);
    parts.add("scale", xt::xarray<double>(2.0));
    nn::load_pytorch(own, parts);
    BOOST_TEST(own.left == own.right);
}

BOOST_AUTO_TEST_SUITE_END()
