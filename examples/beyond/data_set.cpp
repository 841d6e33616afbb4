#include "examples/beyond/data_set.hpp"

#include "autograd/tape/error.hpp"
#include "nn/data/csv.hpp"
#include "nn/data/idx.hpp"
#include "nn/data/rows.hpp"
#include "nn/data/split.hpp"
#include "nn/data/standardizer.hpp"

namespace beyond
{

namespace
{

namespace fs = std::filesystem;
using autograd::error::file_error;

/// The part of the pictures to train with that is set aside to validate.
constexpr double validated = 0.1;

/// The given place, or the package's if none is given.
fs::path place(const fs::path& given, const char* of_package, const char* package)
{
    const fs::path path = given.empty() ? fs::path(of_package) : given;
    if (!fs::exists(path))
    {
        throw file_error("data set", path.string(), " is not there; Debian's package ", package,
                         " installs it: apt install ", package, ".");
    }
    return path;
}

labelled_rows take(const labelled_rows& from, const xt::xarray<std::int64_t>& rows)
{
    return {nn::take_rows(from.inputs, rows), nn::take_rows(from.labels, rows)};
}

std::pair<labelled_rows, labelled_rows> split(const labelled_rows& all, double fraction,
                                              autograd::random::legacy_generator& stream)
{
    const nn::split_rows rows = nn::train_test_split(all.labels.size(), fraction, stream);
    return {take(all, rows.train), take(all, rows.test)};
}

/// All pixels together to mean 0 and deviation 1, as learnt from the pictures to train with. (One by one, a pixel that
/// is dark in nearly all pictures would be enormous in the few where it is not.)
void standardise(data_set& data)
{
    const std::vector<std::size_t> one_feature{data.train.inputs.size(), 1};
    const nn::standardizer standard(xt::xarray<float>(xt::reshape_view(data.train.inputs, one_feature)));
    for (labelled_rows* part : {&data.train, &data.validation, &data.test})
    {
        const std::vector<std::size_t> shape(part->inputs.shape().begin(), part->inputs.shape().end());
        part->inputs.reshape({part->inputs.size(), 1});
        part->inputs = standard.transform(part->inputs);
        part->inputs.reshape(shape);
    }
}

void require_labels(const fs::path& file, const xt::xarray<std::int64_t>& labels)
{
    for (const std::int64_t label : labels)
    {
        if (label < 0 || label > 9)
        {
            throw file_error("data set", file.string(), " has the label ", label, "; there are ten, 0 to 9.");
        }
    }
}

/// One of the two halves of Fashion-MNIST.
labelled_rows read_pictures(const fs::path& folder, const std::string& name)
{
    const fs::path labels_file = folder / (name + "-labels-idx1-ubyte.gz");
    const fs::path pictures_file = folder / (name + "-images-idx3-ubyte.gz");
    labelled_rows result{nn::read_idx(pictures_file).to<float>(), nn::read_idx(labels_file).to<std::int64_t>()};
    const auto& shape = result.inputs.shape();
    if (result.inputs.dimension() != 3 || shape[1] != 28 || shape[2] != 28 || result.labels.dimension() != 1 ||
        result.labels.size() != shape[0])
    {
        throw file_error("data set", pictures_file.string(), " and ", labels_file.string(),
                         " do not hold pictures of 28 x 28 pixels and as many labels.");
    }
    require_labels(labels_file, result.labels);
    result.inputs.reshape({result.labels.size(), std::size_t{28 * 28}});
    return result;
}

} // namespace

data_set load_digits(fs::path file)
{
    file = place(file, "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz", "python3-sklearn");
    const nn::csv_table table = nn::read_csv(file);
    if (table.values.shape()[1] != 65 || table.values.shape()[0] < 100)
    {
        throw file_error("data set", file.string(), " is ", table.values.shape()[0], " rows of ",
                         table.values.shape()[1], " numbers; the digits are 1797 rows of 64 pixels and a label.");
    }
    const labelled_rows all{xt::cast<float>(nn::columns(table.values, 0, 64)),
                            nn::any_array(nn::column(table.values, 64)).to<std::int64_t>()};
    require_labels(file, all.labels);

    autograd::random::legacy_generator stream(0);
    data_set data{"handwritten digits", {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, {}, {}, {}};
    std::tie(data.train, data.test) = split(all, 0.2, stream);
    std::tie(data.train, data.validation) = split(data.train, validated, stream);
    standardise(data);
    return data;
}

data_set load_fashion(fs::path folder)
{
    folder = place(folder, "/usr/share/datasets/fashion-mnist", "dataset-fashion-mnist");
    autograd::random::legacy_generator stream(0);
    data_set data{"Fashion-MNIST",
                  {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"},
                  {},
                  {},
                  {}};
    std::tie(data.train, data.validation) = split(read_pictures(folder, "train"), validated, stream);
    data.test = read_pictures(folder, "t10k");
    standardise(data);
    return data;
}

} // namespace beyond
