// Handwritten digits: a network that is trained within two seconds.

#include "examples/beyond/classifier.hpp"

int main(int argc, char** argv)
{
    return beyond::run_classifier(
        argc, argv, "digits",
        R"(Trains a network with two hidden layers to read scikit-learn's 1797 handwritten digits of 8 x 8 pixels, which
Debian's package python3-sklearn installs, and says how well it reads a fifth of them that it was not trained with.
In parentheses: what an option is unless given.)",
        beyond::load_digits, {.figure = "output/digits.png"});
}
