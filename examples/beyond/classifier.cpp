#include "examples/beyond/classifier.hpp"

#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"
#include "examples/beyond/confusion_figure.hpp"
#include "examples/beyond/ranks.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <limits>

namespace beyond
{

namespace
{

using options = classifier_options;

/// A multilayer perceptron. In training, so many of the hidden units are left out in a step (dropout), at random.
auto make_model(const data_set& data, const options& o, nn::random_stream stream)
{
    const std::size_t features = data.train.inputs.shape()[1];
    const std::size_t classes = data.classes.size();
    return nn::sequential{
        nn::make_linear<float>(features, o.hidden, stream), nn::activation::relu(), nn::dropout{o.dropout},
        nn::make_linear<float>(o.hidden, o.hidden, stream), nn::activation::relu(), nn::dropout{o.dropout},
        nn::make_linear<float>(o.hidden, classes, stream)};
}

/// The class with the highest score, for each row.
template <class Model>
xt::xarray<std::int64_t> predictions(const Model& model, const xt::xarray<float>& inputs)
{
    std::vector<std::int64_t> classes;
    autograd::tape<float> tape;
    for (const auto& [x] : nn::batches_in_order({.size = 1000}, inputs))
    {
        tape.clear();
        const auto best = argmax(nn::on_tape(tape, model)(tape.constant(x)), 1);
        classes.insert(classes.end(), best.data(), best.data() + best.size());
    }
    return xt::adapt(classes);
}

/// What stands behind a word of the settings that a checkpoint keeps: 0.4 behind "dropout(".
std::string number_behind(const std::string& settings, const std::string& word)
{
    const std::size_t place = settings.find(word);
    const std::size_t begin = place == std::string::npos ? settings.size() : place + word.size();
    return settings.substr(begin, settings.find_first_of(",; )", begin) - begin);
}

[[noreturn]] void refuse_to_go_on(const options& o, const std::string& option, const std::string& begun_with)
{
    throw std::runtime_error(fmt::format("{}: {} was begun with {}; give that, or another --checkpoint", option,
                                         o.checkpoint.string(), begun_with));
}

/// Tells other data, or data in another order, by a checksum.
std::string fingerprint(const data_set& data)
{
    uLong sum = ::crc32(0, nullptr, 0);
    const auto add = [&](const auto& array)
    {
        const auto* bytes = reinterpret_cast<const Bytef*>(array.data());
        sum = ::crc32_z(sum, bytes, array.size() * sizeof(*array.data()));
    };
    for (const labelled_rows* part : {&data.train, &data.validation})
    {
        add(part->inputs);
        add(part->labels);
    }
    return fmt::format("{:08x}", sum);
}

/// A training goes on only as it began: names the first option that is another.
void require_same_options(const nn::archive& kept, const std::string& now, const options& o)
{
    if (!kept.contains("settings") || !kept.contains("model/0.weight") || kept.at("model/0.weight").shape().size() != 2)
    {
        return; // no checkpoint of this program: load_checkpoint says so
    }
    const std::size_t hidden = kept.at("model/0.weight").shape()[1];
    if (hidden != o.hidden)
    {
        refuse_to_go_on(o, fmt::format("--hidden {}", o.hidden), fmt::to_string(hidden));
    }
    const auto text = kept.get<std::int64_t>("settings");
    const std::string before(text.begin(), text.end());
    for (const auto& [option, word] : {std::pair("--dropout", "rate "), std::pair("--rate", "learning_rate "),
                                       std::pair("--seed", "seed "), std::pair("--batch", "batch ")})
    {
        const std::string begun_with = number_behind(before, word);
        const std::string given = number_behind(now, word);
        if (begun_with != given)
        {
            refuse_to_go_on(o, fmt::format("{} {}", option, given), begun_with);
        }
    }
    if (number_behind(before, "data ") != number_behind(now, "data "))
    {
        refuse_to_go_on(o, o.data.empty() ? "the data" : "--data " + o.data.string(), "other pictures");
    }
}

/// Whether this process is the one that prints and draws.
bool leads(const nn::team* ranks)
{
    return ranks == nullptr || ranks->leads();
}

template <class Training>
void train(Training& run, const data_set& data, const options& o, nn::team* ranks)
{
    const auto batches = [&](auto& random)
    { return nn::shuffled_batches({.size = o.batch}, random, data.train.inputs, data.train.labels); };
    const auto loss = [](const auto& m, auto x, auto y, const auto& random)
    { return nn::cross_entropy(m(x, random), y); };
    // Without randomness nothing is dropped: the network is judged as it will be used.
    const auto validation = [&](const auto& model)
    {
        autograd::tape<float> tape;
        const auto m = nn::on_tape(tape, model);
        const auto scores = m(tape.constant(data.validation.inputs));
        return static_cast<double>(nn::cross_entropy(scores, tape.index(data.validation.labels)).item());
    };

    if (!o.checkpoint.empty() && std::filesystem::exists(o.checkpoint))
    {
        const nn::archive kept = nn::load_npz(o.checkpoint);
        require_same_options(kept, run.settings(), o);
        nn::load_checkpoint(kept, run);
        if (run.progress.epochs > o.epochs)
        {
            throw std::runtime_error(fmt::format("--epochs {}: {} has {} already; --epochs counts them, too", o.epochs,
                                                 o.checkpoint.string(), run.progress.epochs));
        }
        if (leads(ranks))
        {
            fmt::print("going on after epoch {}, from {}\n", run.progress.epochs, o.checkpoint.string());
        }
    }
    nn::fit(run, o.epochs, batches, loss,
            {.validation = validation, .patience = o.patience, .checkpoint = o.checkpoint, .across = ranks});
}

void report_epochs(const nn::training_progress& progress)
{
    for (const nn::epoch_report& each : progress.history)
    {
        fmt::print("epoch {:3}: loss {:.4f}, validation {:.4f}\n", each.epoch, each.loss,
                   each.validation.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
}

void report(const xt::xarray<std::int64_t>& truth, const xt::xarray<std::int64_t>& predicted, const data_set& data,
            const options& o, const std::filesystem::path& usual_figure)
{
    const double accuracy = nn::accuracy(truth, predicted);
    const auto confusion = nn::confusion_matrix(truth, predicted, data.classes.size());
    const nn::class_scores scores = nn::scores_by_class(confusion);
    fmt::print("\n{:<10} precision  recall      f1\n", "class");
    for (std::size_t k = 0; k < data.classes.size(); ++k)
    {
        fmt::print("{:<10} {:9.3f} {:7.3f} {:7.3f}\n", data.classes[k], scores.precision(k), scores.recall(k),
                   scores.f1(k));
    }
    fmt::print("\ntest accuracy {:.2f} %\n", 100 * accuracy);
    const std::string title = fmt::format("{}: {:.2f} % of {} are right", data.title, 100 * accuracy, truth.size());
    if (!o.figure.empty() && article::prepare_to_write({o.figure}, usual_figure))
    {
        article::report_pictures(draw_confusion(confusion, data.classes, title, o.figure), {o.figure},
                                 article::script_of(o.figure));
    }
}

void classify(const data_set& data, const options& o, const std::filesystem::path& usual_figure, nn::team* ranks)
{
    const auto model = make_model(data, o, nn::random_stream(o.seed));
    if (leads(ranks))
    {
        fmt::print("{}: {} pictures to train with, {} to validate, {} to test\n\n{}\n", data.title,
                   data.train.labels.size(), data.validation.labels.size(), data.test.labels.size(),
                   nn::summary(model));
    }

    nn::training run(model, nn::adam{.learning_rate = o.rate}, {}, o.seed);
    run.plateau = nn::reduce_on_plateau{.factor = 0.3, .patience = 3};
    run.context = fmt::format("batch {}; data {}", o.batch, fingerprint(data));
    if (ranks != nullptr)
    {
        run.blocks = nn::batch_blocks{};
    }
    train(run, data, o, ranks);
    if (leads(ranks))
    {
        report_epochs(run.progress);
        report(data.test.labels, predictions(run.best_model(), data.test.inputs), data, o, usual_figure);
    }
}

void add_options(article::command_line& line, options& o)
{
    constexpr std::size_t one = 1;
    line.integer("--epochs", o.epochs, "passes over the data, those of a checkpoint included", one,
                 std::size_t{100000});
    line.integer("--hidden", o.hidden, "units in each hidden layer", one, std::size_t{10000});
    line.integer("--batch", o.batch, "pictures in a batch", one, std::size_t{100000});
    line.number("--rate", o.rate, "learning rate of Adam; it is lowered when the validation stands still",
                "a number above 0, at most 10", [](double x) { return x > 0 && x <= 10; });
    line.number("--dropout", o.dropout, "the part of the hidden units that is left out in a step",
                "a number from 0 to 0.95", [](double x) { return x >= 0 && x <= 0.95; });
    line.integer("--patience", o.patience, "epochs without a better validation before the training ends", one,
                 std::size_t{100000});
    article::add_seed(line, "--seed", o.seed, "seed of the weights, the order of the pictures and the dropout");
    line.integer("--ranks", o.ranks,
                 "processes that train together, over MPI; the numbers are the same for any; 0: no such training",
                 std::size_t{0}, std::size_t{1000});
    line.input("--data", o.data, "the data set, if it is not where Debian's package puts it");
    line.file("--checkpoint", o.checkpoint,
              "keep the training in this .npz file after each epoch, and go on from it if it is there");
    line.picture("--figure", o.figure,
                 "draw the confusion matrix to this .png or .svg file, its script beside it; or none");
}

} // namespace

int run_classifier(int argc, const char* const* argv, const std::string& program, const std::string& description,
                   const std::function<data_set(const std::filesystem::path&)>& load,
                   const classifier_options& unless_told)
{
    options o = unless_told;
    article::command_line line(program, description);
    add_options(line, o);
    const auto work = [&](nn::team* ranks) { classify(load(o.data), o, unless_told.figure, ranks); };
    int of_ranks = 0;
    const int code = line.run(argc, argv, [&] { of_ranks = on_ranks(o.ranks, work); });
    return code == 0 ? of_ranks : code;
}

} // namespace beyond
