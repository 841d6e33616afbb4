#pragma once

#include <autograd/tape/error.hpp>

#include <iostream>
#include <string>

/// Prints the error that f ends with, without the line behind it: its path is another one in each build.
template <class F>
void print_error_of(F f)
{
    try
    {
        static_cast<void>(f());
    }
    catch (const autograd::error::exception& error)
    {
        const std::string text = error.what();
        std::cout << text.substr(0, text.find("  [")) << '\n';
    }
}
