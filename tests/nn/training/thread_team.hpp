#pragma once

#include "nn/team.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// A team whose ranks are threads of the test.
namespace threads
{

/// Where they meet: each brings a text, and takes those of all.
class table
{
public:
    explicit table(std::size_t ranks) : m_brought(ranks) {}

    std::shared_ptr<const std::vector<std::string>> share(std::size_t rank, std::string text)
    {
        std::unique_lock lock(m_mutex);
        const std::size_t round = m_round;
        m_brought[rank] = std::move(text);
        if (++m_arrived == m_brought.size())
        {
            m_shared = std::make_shared<const std::vector<std::string>>(m_brought);
            m_arrived = 0;
            ++m_round;
            m_changed.notify_all();
        }
        m_changed.wait(lock, [&] { return m_round != round; });
        return m_shared;
    }
    std::size_t ranks() const { return m_brought.size(); }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::string> m_brought;
    std::shared_ptr<const std::vector<std::string>> m_shared;
    std::size_t m_arrived = 0;
    std::size_t m_round = 0;
};

class rank_of_table : public nn::team
{
public:
    rank_of_table(table& at, std::size_t rank) : m_table(at), m_rank(rank) {}

    std::size_t rank() const override { return m_rank; }
    std::size_t size() const override { return m_table.ranks(); }

    void meet(std::string_view where) override
    {
        const auto all = m_table.share(m_rank, "at " + std::string(where));
        if (const auto failure = failure_in(*all))
        {
            throw *failure;
        }
        if (std::any_of(all->begin(), all->end(), [&](const std::string& each) { return each != all->front(); }))
        {
            std::vector<std::string> places;
            for (const std::string& each : *all)
            {
                places.push_back(each.substr(std::string_view("at ").size()));
            }
            const nn::detail::fault found = nn::detail::elsewhere(places);
            throw nn::rank_failed(found.rank, size(), found.cause);
        }
    }
    nn::rank_failed tell_failure(std::string_view cause) override
    {
        return *failure_in(*m_table.share(m_rank, "failed " + std::string(cause)));
    }
    void exchange(std::span<const sent> out, std::span<const received> in) override
    {
        std::vector<std::string> letters(size());
        for (const sent& each : out)
        {
            bytes_sent += each.bytes.size();
            letters[each.to].append(reinterpret_cast<const char*>(each.bytes.data()), each.bytes.size());
        }
        std::vector<std::string> mine(size());
        for (std::size_t to = 0; to < size(); ++to)
        {
            const auto all = m_table.share(m_rank, std::move(letters[to]));
            mine = to == m_rank ? *all : mine;
        }
        for (const received& each : in)
        {
            std::memcpy(each.bytes.data(), mine[each.from].data(), each.bytes.size());
            mine[each.from].erase(0, each.bytes.size());
        }
    }
    void gather(std::span<std::byte> bytes, std::span<const std::size_t> ends) override
    {
        const auto begin = [&](std::size_t rank) { return rank == 0 ? 0 : ends[rank - 1]; };
        const auto all = m_table.share(m_rank, std::string(reinterpret_cast<const char*>(bytes.data()) + begin(m_rank),
                                                           ends[m_rank] - begin(m_rank)));
        for (std::size_t rank = 0; rank < size(); ++rank)
        {
            std::memcpy(bytes.data() + begin(rank), (*all)[rank].data(), (*all)[rank].size());
        }
    }
    void broadcast(std::span<std::byte> bytes) override
    {
        const auto all = m_table.share(m_rank, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
        std::memcpy(bytes.data(), all->front().data(), bytes.size());
    }

    std::size_t bytes_sent = 0; ///< by exchange()

private:
    /// Of the first rank that says so.
    std::optional<nn::rank_failed> failure_in(const std::vector<std::string>& all) const
    {
        constexpr std::string_view word = "failed ";
        for (std::size_t rank = 0; rank < all.size(); ++rank)
        {
            if (all[rank].starts_with(word))
            {
                return nn::rank_failed(rank, size(), all[rank].substr(word.size()));
            }
        }
        return std::nullopt;
    }

    table& m_table;
    std::size_t m_rank;
};

/// f(team) on so many ranks. What each threw, as text; nothing where all went well.
inline std::vector<std::string> errors_of(std::size_t ranks, const std::function<void(rank_of_table&)>& f)
{
    table at(ranks);
    std::vector<std::string> errors(ranks);
    std::vector<std::thread> all;
    for (std::size_t rank = 0; rank < ranks; ++rank)
    {
        all.emplace_back(
            [&, rank]
            {
                rank_of_table self(at, rank);
                try
                {
                    f(self);
                }
                catch (const std::exception& e)
                {
                    const std::string text = e.what();
                    errors[rank] = text.substr(0, text.find("  ["));
                }
            });
    }
    for (std::thread& each : all)
    {
        each.join();
    }
    return errors;
}

} // namespace threads
