// Clothes: the same network for a task of real size, trained within a few minutes.

#include "examples/beyond/classifier.hpp"

int main(int argc, char** argv)
{
    return beyond::run_classifier(
        argc, argv, "fashion",
        R"(Trains a network with two hidden layers to tell the ten sorts of clothes of Fashion-MNIST apart, 70000 pictures
of 28 x 28 pixels, which Debian's package dataset-fashion-mnist installs, and says how well it does on the 10000 to
test with. In parentheses: what an option is unless given.)",
        beyond::load_fashion,
        {.epochs = 40, .batch = 128, .rate = 2e-3, .dropout = 0.3, .figure = "output/fashion.png"});
}
