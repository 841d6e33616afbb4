// Models in files.

#include "nn/serialization/model.hpp"
#include "nn/linear.hpp"
#include "nn/normalization.hpp"
#include "nn/sequential.hpp"
#include "nn/serialization/npz.hpp"
#include "tests/nn/serialization/reading.hpp"

namespace
{

using namespace support;
using stream = autograd::random::legacy_generator;

auto network(std::int64_t seed, std::size_t hidden = 3)
{
    stream random(seed);
    return nn::sequential{nn::make_linear(2, hidden, random), nn::make_batch_norm(hidden),
                          nn::make_linear(hidden, 1, random)};
}

template <class Model>
reals numbers(const Model& model)
{
    reals result;
    for (const auto& each : nn::arrays_of_model(model))
    {
        const auto part = list(each.array.template as<double>());
        result.insert(result.end(), part.begin(), part.end());
    }
    return result;
}

template <class Model>
std::string refused(const std::filesystem::path& file, Model& model)
{
    const reals before = numbers(model);
    const std::string text = text_of<autograd::error::file_error>([&] { nn::load_model(file, model); });
    BOOST_TEST(numbers(model) == before, per_element());
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_model_files)

BOOST_AUTO_TEST_CASE(a_model_comes_back_from_either_format)
{
    const scratch_folder there;
    for (const char* name : {"model.npz", "model.safetensors", "MODEL.NPZ", "Model.SafeTensors"})
    {
        const auto saved = network(1);
        nn::save_model(there.path() / name, saved);
        auto loaded = network(2);
        nn::load_model(there.path() / name, loaded);
        BOOST_TEST(numbers(loaded) == numbers(saved), per_element());
    }
    const nn::archive arrays = nn::load_npz(there.path() / "model.npz");
    BOOST_TEST(arrays.contains("0.weight"));
    BOOST_TEST(arrays.contains("1.running_variance"), "buffers are kept, too");
}

BOOST_AUTO_TEST_CASE(arrays_of_another_model_are_refused)
{
    const scratch_folder there;
    const auto file = there.path() / "model.npz";
    auto model = network(1);
    nn::save_model(file, network(1, 4));
    BOOST_TEST(refused(file, model).find("0.weight is float64 (2, 4), and the model has float64 (2, 3) there") !=
               std::string::npos);

    nn::archive more = nn::arrays_of_model(model);
    more.add("extra", array{1.0});
    nn::save_npz(file, more);
    BOOST_TEST(refused(file, model).find("it has 9 arrays, and the model has 8") != std::string::npos);

    nn::archive fewer;
    for (const auto& each : nn::arrays_of_model(model))
    {
        if (each.name != "2.bias")
        {
            fewer.add(each.name, each.array);
        }
    }
    nn::save_npz(file, fewer);
    BOOST_TEST(refused(file, model).find("there is no array \"2.bias\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(other_endings_are_refused)
{
    const scratch_folder there;
    auto model = network(1);
    const auto file = there.path() / "model.bin";
    BOOST_TEST(text_of<autograd::error::file_error>([&] { nn::save_model(file, model); }) ==
               "autograd: save_model: " + file.string() +
                   ": the ending \".bin\" says no format; it must be .npz or .safetensors.");
    BOOST_TEST(refused(file, model).find("it must be .npz or .safetensors") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
