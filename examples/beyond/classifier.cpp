// A classifier of small pictures, from the files to the confusion matrix: a multilayer perceptron with two hidden
// layers, trained by Adam in mini-batches, with dropout; the training can be stopped at any moment and taken up again.

#include "examples/beyond/command_line.hpp"
#include "examples/beyond/confusion_figure.hpp"
#include "examples/beyond/data_set.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>

using namespace beyond;

namespace
{

struct options
{
    std::string data;
    std::filesystem::path place;
    std::size_t epochs = 60;
    std::size_t hidden = 256;
    std::size_t batch = 32;
    double rate = 1e-3;
    double dropout = 0.4;
    std::size_t patience = 10;
    std::size_t seed = 0;
    std::filesystem::path checkpoint;
    std::filesystem::path figure;
};

auto make_model(const data_set& data, const options& o, nn::random_stream stream)
{
    const std::size_t features = data.train.inputs.shape()[1];
    const std::size_t classes = data.classes.size();
    return nn::make_sequential(nn::make_linear<float>(features, o.hidden, stream), nn::activation::relu(),
                               nn::dropout{o.dropout}, nn::make_linear<float>(o.hidden, o.hidden, stream),
                               nn::activation::relu(), nn::dropout{o.dropout},
                               nn::make_linear<float>(o.hidden, classes, stream));
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

template <class Training>
void train(Training& run, const data_set& data, const options& o)
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
        nn::load_checkpoint(o.checkpoint, run);
        fmt::print("going on after epoch {}, from {}\n", run.progress.epochs, o.checkpoint.string());
    }
    nn::fit(run, o.epochs, batches, loss,
            {.validation = validation, .patience = o.patience, .checkpoint = o.checkpoint});
    for (const nn::epoch_report& each : run.progress.history)
    {
        fmt::print("epoch {:3}: loss {:.4f}, validation {:.4f}\n", each.epoch, each.loss, each.validation.value());
    }
}

void report(const xt::xarray<std::int64_t>& truth, const xt::xarray<std::int64_t>& predicted, const data_set& data,
            const options& o)
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
    if (!o.figure.empty())
    {
        const bool is_drawn = draw_confusion(confusion, data.classes, title, o.figure);
        fmt::print("{} {}\n", is_drawn ? "picture:" : "gnuplot is not installed; its script is beside",
                   o.figure.string());
    }
}

void classify(const options& o)
{
    const data_set data = o.data == "digits" ? load_digits(o.place) : load_fashion(o.place);
    const auto seed = static_cast<std::int64_t>(o.seed);
    const auto model = make_model(data, o, nn::random_stream(seed));
    fmt::print("{}: {} pictures to train with, {} to validate, {} to test\n\n{}\n", data.title,
               data.train.labels.size(), data.validation.labels.size(), data.test.labels.size(), nn::summary(model));

    nn::training run(model, nn::adam{.learning_rate = o.rate}, {}, seed);
    run.plateau = nn::reduce_on_plateau{.factor = 0.3, .patience = 3};
    train(run, data, o);
    report(data.test.labels, predictions(run.model, data.test.inputs), data, o);
}

} // namespace

int main(int argc, char** argv)
{
    options o;
    command_line line(
        "classifier",
        R"(Trains a network with two hidden layers to tell small pictures apart, and says how well it does on others:
  digits   1797 handwritten digits of 8 x 8 pixels (Debian's package python3-sklearn)
  fashion  70000 pictures of clothes of 28 x 28 pixels (Debian's package dataset-fashion-mnist)
In parentheses: what an option is unless given.)");
    line.choice("data", o.data, {"digits", "fashion"}, "the pictures");
    line.input("--data", o.place,
               "where they are: digits.csv.gz, or the folder of Fashion-MNIST's four files (the package's)");
    line.number("--epochs", o.epochs, 1, 100000, "passes over the data, those of a checkpoint included");
    line.number("--hidden", o.hidden, 1, 10000, "units in each hidden layer");
    line.number("--batch", o.batch, 1, 100000, "pictures in a batch");
    line.number("--rate", o.rate, 1e-9, 10, "learning rate of Adam; less once the validation stands still");
    line.number("--dropout", o.dropout, 0, 0.95, "how many of the hidden units are left out in a step");
    line.number("--patience", o.patience, 1, 100000, "epochs without a better validation, before the training ends");
    line.number("--seed", o.seed, 0, 4294967295, "seed of the weights, the order of the batches and the dropout");
    line.output("--checkpoint", o.checkpoint,
                "keep the training in this .npz file after each epoch, and go on from it if it is there");
    line.figure("--figure", o.figure, "draw the confusion matrix to this .png or .svg file");
    return line.run(argc, argv, [&] { classify(o); });
}
