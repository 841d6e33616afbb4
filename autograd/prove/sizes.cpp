#include "autograd/prove/sizes.hpp"

#include "autograd/prove/fraction.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>
#include <sstream>

namespace autograd
{

namespace prove
{

namespace
{

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

fraction in_lowest_terms(std::int64_t numerator, std::int64_t denominator)
{
    const std::int64_t common = std::gcd(numerator, denominator);
    return {numerator / common, denominator / common};
}

/// Of "3", "-1/300"; nothing for other words.
std::optional<fraction> read_fraction(const std::string& word)
{
    fraction result{0, 1};
    const char* const end = word.data() + word.size();
    std::from_chars_result read = std::from_chars(word.data(), end, result.numerator);
    if (read.ec == std::errc() && read.ptr != end && *read.ptr == '/')
    {
        read = std::from_chars(read.ptr + 1, end, result.denominator);
    }
    const bool is_one = read.ec == std::errc() && read.ptr == end && result.denominator > 0;
    return is_one ? std::optional(result) : std::nullopt;
}

/// "N", "2 N", "N/3", "2 N/3"; or "1/N", "2/N", "2/(3 N)".
std::string text_with_size(const fraction& c, bool divided)
{
    const std::string sign = c.numerator < 0 ? "-" : "";
    const std::int64_t p = std::abs(c.numerator);
    const std::int64_t q = c.denominator;
    if (divided)
    {
        return q == 1 ? fmt::format("{}{}/N", sign, p) : fmt::format("{}{}/({} N)", sign, p, q);
    }
    const std::string multiple = p == 1 ? "N" : fmt::format("{} N", p);
    return sign + (q == 1 ? multiple : fmt::format("{}/{}", multiple, q));
}

bool are_all_equal(const std::vector<fraction>& these)
{
    return std::all_of(these.begin(), these.end(),
                       [&](const fraction& each)
                       { return each.numerator == these[0].numerator && each.denominator == these[0].denominator; });
}

/// One word of all the texts.
std::optional<std::string> word_in_terms_of_size(const std::vector<std::string>& words,
                                                 std::span<const std::size_t> sizes)
{
    if (std::all_of(words.begin(), words.end(), [&](const std::string& word) { return word == words[0]; }))
    {
        return words[0];
    }
    std::vector<fraction> by_size; // what is left of each when it is divided by its size, or multiplied with it
    std::vector<fraction> with_size;
    for (std::size_t k = 0; k < words.size(); ++k)
    {
        const std::optional<fraction> factor = read_fraction(words[k]);
        const auto n = static_cast<std::int64_t>(sizes[k]);
        if (!factor || n == 0)
        {
            return std::nullopt;
        }
        by_size.push_back(in_lowest_terms(factor->numerator, factor->denominator * n));
        with_size.push_back(in_lowest_terms(factor->numerator * n, factor->denominator));
    }
    return are_all_equal(by_size)     ? std::optional(text_with_size(by_size[0], false))
           : are_all_equal(with_size) ? std::optional(text_with_size(with_size[0], true))
                                      : std::nullopt;
}

} // namespace

std::optional<std::string> factor_in_terms_of_size(std::span<const std::string> factors,
                                                   std::span<const std::size_t> sizes)
{
    std::vector<std::vector<std::string>> words;
    std::transform(factors.begin(), factors.end(), std::back_inserter(words), words_of);
    std::vector<std::string> result;
    for (std::size_t i = 0; !words.empty() && i < words[0].size(); ++i)
    {
        std::vector<std::string> of_all;
        for (const std::vector<std::string>& each : words)
        {
            if (each.size() != words[0].size())
            {
                return std::nullopt;
            }
            of_all.push_back(each[i]);
        }
        const auto word = word_in_terms_of_size(of_all, sizes);
        if (!word)
        {
            return std::nullopt;
        }
        result.push_back(*word);
    }
    return fmt::format("{}", fmt::join(result, " "));
}

} // namespace prove

namespace
{

/// The factor of an array at all sizes.
std::string factor_at_sizes(const std::vector<certificate>& all, std::size_t array,
                            const std::vector<std::size_t>& sizes)
{
    std::vector<std::string> factors;
    std::vector<std::string> one_by_one;
    for (std::size_t k = 0; k < all.size(); ++k)
    {
        const std::string& factor = all[k].arrays[array].factor;
        factors.push_back(factor.empty() ? "1" : factor);
        one_by_one.push_back(fmt::format("{} at {}", factors.back(), sizes[k]));
    }
    const std::string factor =
        prove::factor_in_terms_of_size(factors, sizes).value_or(fmt::format("{}", fmt::join(one_by_one, ", ")));
    return factor == "1" ? "" : factor;
}

/// What was met at none of them.
void keep_common(std::vector<std::string>& these, const std::vector<std::string>& those)
{
    const auto last = std::remove_if(these.begin(), these.end(),
                                     [&](const std::string& each)
                                     { return std::find(those.begin(), those.end(), each) == those.end(); });
    these.erase(last, these.end());
}

} // namespace

certificate certify_at_sizes(const std::vector<std::size_t>& sizes,
                             const std::function<certificate(std::size_t)>& certify_at)
{
    if (sizes.empty())
    {
        throw error::value_error("certify_at_sizes", "there are no sizes; give one or more.");
    }
    std::vector<certificate> all;
    for (const std::size_t size : sizes)
    {
        certificate at_size = certify_at(size);
        at_size.sizes = {size};
        if (at_size.outcome != verdict::equal && at_size.outcome != verdict::equal_up_to_factor)
        {
            return at_size;
        }
        all.push_back(std::move(at_size));
        if (all.back().arrays.size() != all[0].arrays.size())
        {
            throw error::value_error("certify_at_sizes", "there are ", all[0].arrays.size(), " arrays at size ",
                                     sizes[0], " and ", all.back().arrays.size(), " at size ", size,
                                     "; the same formulas are certified at each size.");
        }
    }
    certificate result = all[0];
    result.sizes = sizes;
    result.outcome = verdict::equal;
    for (std::size_t i = 0; i < result.arrays.size(); ++i)
    {
        certified_array& array = result.arrays[i];
        array.factor = factor_at_sizes(all, i, sizes);
        array.outcome = array.factor.empty() ? verdict::equal : verdict::equal_up_to_factor;
        result.outcome = array.factor.empty() ? result.outcome : verdict::equal_up_to_factor;
    }
    for (const certificate& each : all)
    {
        result.bits = std::min(result.bits, each.bits);
        result.points = std::min(result.points, each.points);
        result.by_conjecture = result.by_conjecture || each.by_conjecture;
        keep_common(result.branches_not_met, each.branches_not_met);
    }
    return result;
}

} // namespace autograd
