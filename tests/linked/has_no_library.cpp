// A program that knows nothing of xgrad loads a plug-in that has it inside, as Python does with its modules.

#include "tests/linked/loaded.hpp"
#include "tests/linked/plug_in.hpp"

#include <cmath>

int main(int, char** arguments)
{
    const loaded plug_in(arguments[1]);
    checks check;
    const double y = std::tanh(0.5);
    check(std::abs(plug_in.function<slope_function>("slope_of_tanh")(0.5) - (1 - y * y)) < 1e-15, "the slope of tanh");
    check(plug_in.function<parameters_function>("parameters_of_layer")() == 8, "the parameters of a layer");
    return check.exit_code();
}
