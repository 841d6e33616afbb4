#include "nn/fit.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <fmt/format.h>

namespace nn::detail
{

void throw_no_batches(std::size_t epoch)
{
    throw autograd::error::value_error("fit", "epoch ", epoch,
                                       " has 0 batches; it must have one at least. A range that can be walked through "
                                       "only once must be made anew for each epoch.");
}

void require_fit(std::size_t checkpoint_every, double least_improvement, std::optional<std::size_t> patience)
{
    if (checkpoint_every == 0)
    {
        throw autograd::error::value_error("fit", "checkpoint_every is 0; it must be 1 at least.");
    }
    require_nonnegative("fit", "least_improvement", least_improvement);
    if (patience && *patience == 0)
    {
        throw autograd::error::value_error("fit", "patience is 0; it must be 1 at least.");
    }
}

void require_writable(const std::filesystem::path& checkpoint)
{
    const std::string reason = why_unwritable(checkpoint);
    if (!reason.empty())
    {
        throw autograd::error::file_error("fit", "no checkpoint can be written to ", checkpoint.string(), ": ", reason,
                                          ".");
    }
}

void require_function(const char* option, bool is_there)
{
    if (!is_there)
    {
        throw autograd::error::value_error("fit", option,
                                           " has an empty function; each must be one that can be called.");
    }
}

std::string note_of(double loss, std::optional<double> validation)
{
    return fmt::format("loss {:.4g}", loss) + (validation ? fmt::format("  validation {:.4g}", *validation) : "");
}

} // namespace nn::detail
