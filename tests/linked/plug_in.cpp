#include "tests/linked/plug_in.hpp"

#include "autograd/autograd.hpp"
#include "autograd/define_operation.hpp"
#include "nn/nn.hpp"

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED slope_function slope_of_tanh;
EXPORTED description_function description_of_tanh;
EXPORTED failing_function add_what_does_not_fit;
EXPORTED parameters_function parameters_of_layer;

double slope_of_tanh(double at)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(at);
    return gradient(tanh(x), x).item();
}

const void* description_of_tanh()
{
    return &autograd::description<autograd::tanh_rule, double>::instance;
}

void add_what_does_not_fit(void* of)
{
    auto& tape = *static_cast<autograd::tape<double>*>(of);
    static_cast<void>(tape.variable(autograd::array<double>{1.0, 2.0}) +
                      tape.variable(autograd::array<double>{1.0, 2.0, 3.0}));
}

std::size_t parameters_of_layer()
{
    nn::random_stream stream(0);
    std::size_t count = 0;
    nn::zip_parameters([&](const std::string&, const auto& array) { count += array.size(); },
                       nn::make_linear<double>(3, 2, stream));
    return count;
}
