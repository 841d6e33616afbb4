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

void require_blocks(const std::optional<batch_blocks>& blocks, const team* across)
{
    if (blocks)
    {
        blocks->count(1);
    }
    else if (across != nullptr)
    {
        throw autograd::error::value_error("fit", "the training has no blocks for ranks to share (", across->size(),
                                           across->size() == 1 ? " now" : " of them",
                                           "); say how batches are cut: run.blocks = nn::batch_blocks{}.");
    }
}

void throw_not_by_blocks(std::string_view optimizer, std::string_view reason)
{
    throw autograd::error::value_error("fit", optimizer, " ", reason,
                                       ", which the mean over blocks does not allow; take another optimizer, or no "
                                       "blocks and no ranks.");
}

namespace
{
std::uint64_t checksum_of_all(const auto&... numbers)
{
    std::uint64_t sum = 0;
    ((sum = checksum(std::as_bytes(std::span(&numbers, 1)), sum)), ...);
    return sum;
}
} // namespace

std::uint64_t checksum_of(const training_progress& progress)
{
    const auto& plateau = progress.plateau;
    return checksum_of_all(progress.epochs, progress.steps, progress.best, progress.epochs_since_best, plateau.factor,
                           plateau.best, plateau.bad_epochs, plateau.cooldown_left);
}

std::uint64_t checksum_of(const autograd::random::legacy_state& random)
{
    return checksum_of_all(random.key, random.position, random.has_gauss, random.cached_gauss);
}

void add_checksum(std::vector<fact>& facts, std::string_view of, std::uint64_t checksum)
{
    facts.push_back({fmt::format("the checksum of {}", of), fmt::format("{:016x}", checksum)});
}

void add_array_fact(std::vector<fact>& facts, const part_path& path, autograd::shape_view shape, bool is_double)
{
    facts.push_back({fmt::format("{} of the model", path.text()),
                     fmt::format("{} {}", is_double ? "float64" : "float32", autograd::to_text(shape))});
}

std::string text_of(std::optional<std::size_t> patience, double least_improvement, bool validates, bool adjusts)
{
    return fmt::format("patience {}, least improvement {}, {} validation, gradients {}",
                       patience ? fmt::to_string(*patience) : "without end", least_improvement,
                       validates ? "with" : "without", adjusts ? "adjusted" : "as they are");
}

void add_facts(std::vector<fact>& facts, const std::string& settings, const std::string& options, std::size_t epochs)
{
    facts.push_back({"the training", fmt::format("\"{}\"", settings)});
    facts.push_back({"what the options say", options});
    facts.push_back({"the number of epochs", fmt::to_string(epochs)});
}

void add_data_facts(std::vector<fact>& facts, std::optional<std::size_t> batches, std::optional<std::size_t> rows,
                    std::span<const std::int64_t> order)
{
    const auto text = [](std::optional<std::size_t> count) { return count ? fmt::to_string(*count) : "unknown"; };
    facts.push_back({"the number of rows", text(rows)});
    facts.push_back({"the number of batches", text(batches)});
    add_checksum(facts, "the order of the rows", checksum(std::as_bytes(order)));
}

std::string place_of_step(std::size_t number, std::size_t rows, std::size_t blocks, double rate)
{
    return fmt::format("step {}, of {} rows in {} blocks, at the rate {}", number, rows, blocks, rate);
}

void take_from_leader(team& ranks, std::string_view where, std::span<double> numbers)
{
    ranks.meet(where);
    ranks.broadcast(std::as_writable_bytes(numbers));
}

} // namespace nn::detail
