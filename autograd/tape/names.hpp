#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace autograd::detail
{

/// An allocator that keeps account of the bytes that are held through it.
template <class X>
class counting_allocator
{
public:
    using value_type = X;

    explicit counting_allocator(std::size_t* bytes) : m_bytes(bytes) {}
    template <class Y>
    counting_allocator(const counting_allocator<Y>& other) : m_bytes(other.bytes())
    {
    }

    X* allocate(std::size_t count)
    {
        X* const memory = std::allocator<X>().allocate(count);
        *m_bytes += count * sizeof(X);
        return memory;
    }
    void deallocate(X* memory, std::size_t count)
    {
        *m_bytes -= count * sizeof(X);
        std::allocator<X>().deallocate(memory, count);
    }

    std::size_t* bytes() const { return m_bytes; }
    friend bool operator==(const counting_allocator& a, const counting_allocator& b) { return a.m_bytes == b.m_bytes; }

private:
    std::size_t* m_bytes;
};

/// The names on a tape: of variables, and of the scopes that they were recorded in. They go with what was recorded: a
/// rewind forgets those that came after the mark, except for scopes that are still open. A scope is known by a number,
/// 0 outside of all; looking one up by its name takes the same time however many there are.
class names
{
public:
    names();
    ~names();
    names(const names&) = delete;

    /// The scope that recording goes into.
    std::uint32_t scope() const { return m_scope; }
    /// How many scopes are known, the outermost among them: what a mark remembers.
    std::uint32_t scope_count() const { return static_cast<std::uint32_t>(m_scopes.size()); }

    /// Opens a scope inside of the one that recording goes into; an empty name adds nothing to it. Gives what closes
    /// it.
    std::uint64_t open(std::string_view name);
    /// Closes a scope, in any order: recording goes into that of the open ones that was opened last.
    void close(std::uint64_t opened);

    /// Names an instruction; an empty name takes it away.
    void name(std::uint32_t index, std::string_view name);
    /// The name of an instruction behind those of its scopes, "encoder.w"; "" where it has none.
    std::string full_name(std::uint32_t index, std::uint32_t scope) const;

    /// Forgets all but the names of the first instructions, and all but the first scopes and those that are open.
    void rewind(std::size_t instructions, std::size_t scopes);

    /// Bytes held from the system.
    std::size_t memory() const { return m_bytes; }

private:
    using text = std::basic_string<char, std::char_traits<char>, counting_allocator<char>>;
    struct hash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };
    template <class Key, class Value>
    using entries = counting_allocator<std::pair<const Key, Value>>;
    struct open_scope
    {
        std::uint64_t opened;
        std::uint32_t scope;
    };

    std::uint32_t number_of(std::string_view full_name);
    bool is_open(std::uint32_t scope) const;
    void forget_scopes(std::size_t from);
    void renumber(std::uint32_t from, std::uint32_t to);

    std::size_t m_bytes = 0;
    counting_allocator<char> m_allocator{&m_bytes};
    std::map<std::uint32_t, text, std::less<>, entries<std::uint32_t, text>> m_of_instructions;
    /// The number of each scope, by its full name; and the full names by number, which are the keys.
    std::unordered_map<text, std::uint32_t, hash, std::equal_to<>, entries<text, std::uint32_t>> m_numbers;
    std::vector<const text*, counting_allocator<const text*>> m_scopes;
    std::vector<open_scope, counting_allocator<open_scope>> m_open;
    std::uint64_t m_opened = 0; ///< how many have been opened
    std::uint32_t m_scope = 0;
};

} // namespace autograd::detail
