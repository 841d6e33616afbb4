#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

/// A plug-in, loaded as long as the program runs. A program that cannot have it, or a function of it, ends.
class loaded
{
public:
    explicit loaded(const char* file) : m_library(dlopen(file, RTLD_NOW | RTLD_LOCAL)) { require(m_library); }

    template <class F>
    F* function(const char* name) const
    {
        void* const found = dlsym(m_library, name);
        require(found);
        return reinterpret_cast<F*>(found);
    }

private:
    static void require(const void* what)
    {
        if (what == nullptr)
        {
            std::fprintf(stderr, "%s\n", dlerror());
            std::exit(1);
        }
    }

    void* m_library;
};

/// Says which check failed, and keeps that for the exit code.
class checks
{
public:
    void operator()(bool good, const char* what)
    {
        if (!good)
        {
            std::fprintf(stderr, "failed: %s\n", what);
            m_failed = true;
        }
    }
    int exit_code() const { return m_failed ? 1 : 0; }

private:
    bool m_failed = false;
};
