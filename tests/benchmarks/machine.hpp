#pragma once

#include <dlfcn.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace measure
{

namespace detail
{
/// The name of the processor, and which core it has where a number tells it: many are named "AMD EPYC".
inline std::string cpu_model()
{
    std::map<std::string, std::string> first;
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line) && !line.empty();)
    {
        const std::size_t end = line.find_first_of("\t:"), value = line.find(": ");
        first[line.substr(0, end)] = value == std::string::npos ? "" : line.substr(value + 2);
    }
    const auto name = first.find("model name"), family = first.find("cpu family"), model = first.find("model");
    std::string text = name == first.end() ? "unknown" : name->second;
    if (family != first.end() && model != first.end())
    {
        text += ", family " + family->second + ", model " + model->second;
    }
    return text;
}

inline std::string compiler()
{
#ifdef __clang__
    return __VERSION__;
#else
    return "g++ " __VERSION__;
#endif
}

/// A function of OpenBLAS, or null where the program does not use it.
template <class Function>
Function* openblas(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}
} // namespace detail

/// Sees to it that OpenBLAS uses one thread, whatever the environment says, and tells the machine: names and values.
inline std::vector<std::pair<std::string, std::string>> use_one_thread()
{
    std::vector<std::pair<std::string, std::string>> machine{{"cpu", detail::cpu_model()},
                                                             {"compiler", detail::compiler()}};
    if (auto* const set_threads = detail::openblas<void(int)>("openblas_set_num_threads"))
    {
        set_threads(1);
        machine.emplace_back("openblas_core", detail::openblas<char*()>("openblas_get_corename")());
        machine.emplace_back("openblas_threads", std::to_string(detail::openblas<int()>("openblas_get_num_threads")()));
    }
    return machine;
}

} // namespace measure
