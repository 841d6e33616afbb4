#include "nn/distributed/build.hpp"

#include "nn/distributed/sources.hpp"

#include <dlfcn.h>

namespace nn::distributed
{

std::string build()
{
    return sources;
}

std::string blas_kernel()
{
    // Asked at run time: which library stands behind BLAS is the machine's choice.
    using text = char*();
    const auto core = reinterpret_cast<text*>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    const auto config = reinterpret_cast<text*>(::dlsym(RTLD_DEFAULT, "openblas_get_config"));
    if (core == nullptr || config == nullptr)
    {
        return "unknown";
    }
    // "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64"
    const std::string all = config();
    return all.substr(0, all.find(' ', all.find(' ') + 1)) + " " + core();
}

} // namespace nn::distributed
