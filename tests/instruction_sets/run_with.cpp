// Runs a program with the kernels of one instruction set: run_with v3 program arguments. Where the machine lacks that
// set the exit code is 77, which CTest knows as skipped.

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/error.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

int main(int count, char** arguments)
{
    if (count < 3)
    {
        std::fprintf(stderr, "run_with SET PROGRAM [ARGUMENTS]\n");
        return 2;
    }
    ::setenv("XGRAD_INSTRUCTION_SET", arguments[1], 1);
    try
    {
        autograd::instruction_set();
    }
    catch (const autograd::error::value_error& e)
    {
        std::puts(e.what());
        return 77;
    }
    ::execvp(arguments[2], arguments + 2);
    std::perror(arguments[2]);
    return 2;
}
