#include "nn/team.hpp"

#include <algorithm>

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

namespace nn
{

namespace
{

/// A message without the name of this library, which stands in front of what it becomes a part of.
std::string_view without_prefix(std::string_view message)
{
    constexpr std::string_view prefix = "autograd: ";
    message.remove_prefix(message.starts_with(prefix) ? prefix.size() : 0);
    return message;
}

/// In one line: a message of several processes is one.
std::string in_one_line(std::string_view text)
{
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(), [](unsigned char c) { return c < ' '; }, ' ');
    return result;
}

/// The text of rank 0, on all.
std::string text_of_leader(team& ranks, std::string text)
{
    std::uint64_t size = text.size();
    ranks.broadcast(std::as_writable_bytes(std::span(&size, 1)));
    text.resize(size);
    ranks.broadcast(std::as_writable_bytes(std::span(text.data(), text.size())));
    return text;
}

// Facts as one text: lines and columns by characters that they do not have.
constexpr char end_of_fact = '\x1e';
constexpr char end_of_name = '\x1f';

std::string to_text(const std::vector<fact>& facts)
{
    std::string text;
    for (const fact& each : facts)
    {
        text += each.what + end_of_name + each.value + end_of_fact;
    }
    return text;
}

std::vector<fact> facts_in(std::string_view text)
{
    std::vector<fact> facts;
    while (!text.empty())
    {
        const std::size_t end = text.find(end_of_fact);
        const std::size_t middle = text.find(end_of_name);
        facts.push_back({std::string(text.substr(0, middle)), std::string(text.substr(middle + 1, end - middle - 1))});
        text.remove_prefix(end + 1);
    }
    return facts;
}

/// What differs, in words; nothing where nothing does.
std::string difference(const std::vector<fact>& here, const std::vector<fact>& there)
{
    const auto value_among = [](const std::vector<fact>& facts, const std::string& what)
    {
        const auto found = std::find_if(facts.begin(), facts.end(), [&](const fact& f) { return f.what == what; });
        return found == facts.end() ? std::string("nothing") : found->value;
    };
    const auto compare = [&](const std::vector<fact>& names) -> std::string
    {
        for (const fact& each : names)
        {
            const std::string ours = value_among(here, each.what);
            const std::string theirs = value_among(there, each.what);
            if (ours != theirs)
            {
                return fmt::format("{} is {} here and {} on rank 0; all ranks must have the same.", each.what, ours,
                                   theirs);
            }
        }
        return {};
    };
    const std::string found = compare(here);
    return found.empty() ? compare(there) : found;
}

} // namespace

rank_failed::rank_failed(std::size_t rank, std::size_t ranks, std::string_view cause)
    : exception(fmt::format("rank {} of {}", rank, ranks), in_one_line(without_prefix(cause))), m_rank(rank)
{
}

void require_same(team& ranks, std::string_view where, const std::vector<fact>& facts)
{
    ranks.meet("a comparison of what must be the same");
    const std::string found = difference(facts, facts_in(text_of_leader(ranks, to_text(facts))));
    if (!found.empty())
    {
        ranks.fail(fmt::format("{}: {}", where, found));
    }
    ranks.meet("the end of a comparison");
}

namespace detail
{

fault elsewhere(std::span<const std::string> places)
{
    const auto found = std::find_if(places.begin(), places.end(), [&](const auto& each) { return each != places[0]; });
    return {static_cast<std::size_t>(found - places.begin()),
            fmt::format("the ranks do different things: this one is at {}, and rank 0 at {}; all must call the same "
                        "functions, for batches of as many rows.",
                        found == places.end() ? places[0] : *found, places[0])};
}

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t before)
{
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), before);
}

} // namespace detail

} // namespace nn
