#include "autograd/tape/system_memory.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace autograd
{

detail::system_memory detail::memory_from_system(std::size_t bytes)
{
    const std::size_t boundary = bytes >= large_page ? large_page : cache_line;
    system_memory memory(static_cast<std::byte*>(::operator new(bytes, std::align_val_t(boundary))),
                         system_memory_release{boundary});
    if (boundary == large_page)
    {
        advise_large_pages(memory.get(), bytes - bytes % large_page);
    }
    return memory;
}

void detail::advise_large_pages([[maybe_unused]] std::byte* memory, [[maybe_unused]] std::size_t bytes)
{
#if defined(__linux__)
    ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

} // namespace autograd
