// Prints which instruction set's kernels run, and a sum that they computed, or why not: choice.cpp reads it.

#include "autograd/autograd.hpp"

#include <iostream>

namespace
{

autograd::tape<double> tape; // made before main, where nothing may be thrown
const autograd::variable<double> x = tape.variable(1.0);

template <class F>
void say(F f)
{
    try
    {
        std::cout << f() << "\n";
    }
    catch (const autograd::error::value_error& e)
    {
        std::cout << e.what() << "\n";
    }
}

} // namespace

int main()
{
    say([] { return autograd::instruction_set(); });
    const std::size_t before = tape.size();
    say([] { return (x + 2).item(); });
    if (tape.size() == before)
    {
        std::cout << "nothing was recorded\n";
    }
}
