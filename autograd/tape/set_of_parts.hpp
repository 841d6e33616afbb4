#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace autograd::detail
{

/// Parts that are kept elsewhere, found by what they are: a hash table of pointers in which a search goes from place to
/// place. `Hash` takes a part for 64 bits, of which all count.
template <class Part, std::uint64_t (*Hash)(const Part&)>
class set_of_parts
{
public:
    /// The part for which is_it(part) holds, among those with this hash; null where there is none.
    template <class IsIt>
    const Part* find(std::uint64_t hash, IsIt is_it) const
    {
        if (m_count == 0)
        {
            return nullptr;
        }
        std::size_t place = place_of(hash);
        while (m_places[place] != nullptr && !is_it(*m_places[place]))
        {
            place = (place + 1) & m_last_place;
        }
        return m_places[place];
    }

    /// Adds one, unless there are as many as it takes. Throws std::bad_alloc, and is then what it was.
    void add(const Part& part)
    {
        if (m_count == most)
        {
            return;
        }
        if (2 * (m_count + 1) > m_places.size())
        {
            add_places();
        }
        put(part);
        ++m_count;
    }
    /// Forgets all, and keeps the memory.
    void clear()
    {
        if (m_count > 0)
        {
            std::fill(m_places.begin(), m_places.end(), nullptr);
            m_count = 0;
        }
    }

    /// Bytes held from the system.
    std::size_t memory() const { return m_places.capacity() * sizeof(const Part*); }

private:
    static constexpr std::size_t fewest_places = 64;
    static constexpr std::size_t most = 4096;

    void add_places()
    {
        std::vector<const Part*> all(std::max(fewest_places, 2 * m_places.size()));
        all.swap(m_places);
        m_last_place = m_places.size() - 1;
        for (const Part* part : all)
        {
            if (part != nullptr)
            {
                put(*part);
            }
        }
    }
    void put(const Part& part)
    {
        std::size_t place = place_of(Hash(part));
        while (m_places[place] != nullptr)
        {
            place = (place + 1) & m_last_place;
        }
        m_places[place] = &part;
    }

    /// Multiplied by 2^64 over the golden ratio, which spreads what is close.
    std::size_t place_of(std::uint64_t hash) const { return (hash * 0x9e3779b97f4a7c15 >> 32) & m_last_place; }

    std::vector<const Part*> m_places;
    std::size_t m_last_place = 0;
    std::size_t m_count = 0;
};

} // namespace autograd::detail
