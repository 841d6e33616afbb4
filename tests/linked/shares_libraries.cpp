// A program and its plug-in share one library: one description of an operation, one tape for both, errors that are
// caught on the other side.

#include "tests/linked/loaded.hpp"
#include "tests/linked/plug_in.hpp"

#include "autograd/autograd.hpp"
#include "autograd/define_operation.hpp"

#include <cmath>
#include <string_view>

int main(int, char** arguments)
{
    const loaded plug_in(arguments[1]);
    checks check;
    check(plug_in.function<description_function>("description_of_tanh")() ==
              &autograd::description<autograd::tanh_rule, double>::instance,
          "one description of tanh");
    check(std::abs(plug_in.function<slope_function>("slope_of_tanh")(0.0) - 1) < 1e-15, "the slope of tanh");
    check(plug_in.function<parameters_function>("parameters_of_layer")() == 8, "the parameters of a layer");

    autograd::tape<double> tape;
    bool caught = false;
    try
    {
        plug_in.function<failing_function>("add_what_does_not_fit")(&tape);
    }
    catch (const autograd::error::shape_error& e)
    {
        caught = std::string_view(e.what()).find("plug_in.cpp:") != std::string_view::npos;
    }
    check(caught, "an error of the plug-in, with its line");
    check(tape.size() == 2, "what the plug-in recorded is on the program's tape");
    const auto x = tape.variable(0.5);
    check(gradient(tanh(x), x).item() == plug_in.function<slope_function>("slope_of_tanh")(0.5), "the same numbers");
    return check.exit_code();
}
