#pragma once

#include "autograd/prove/compare.hpp"
#include "autograd/prove/point.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace autograd::prove
{

/// Which point is meant: the nth of its kind, always the same one.
struct site
{
    std::uint64_t n = 0;
    drawn how = drawn::nearby;
    std::shared_ptr<const drawn_numbers> given = nullptr; ///< of a point whose numbers are given
};

/// A recording of two sides, left outputs before right ones, and the points at which it is evaluated.
class trial
{
public:
    trial(const computation& of, std::uint64_t seed, bool free_constants);

    const computation& of() const { return m_recording; }
    std::size_t pairs() const { return m_recording.outputs().size() / 2; }
    std::size_t left(std::size_t pair) const { return m_recording.outputs()[pair]; }
    std::size_t right(std::size_t pair) const { return m_recording.outputs()[pairs() + pair]; }

    /// Calls f with a point, evaluated; with another drawn in its place while one is unlucky. What f throws counts as
    /// what evaluation throws. False where no point is lucky; then `unlucky` says why the last one was not. Throws
    /// undecidable.
    bool at_point(const site& where, bool keep_all, const std::function<void(point&)>& f,
                  const suppositions& supposed = {});

    /// Throws unlucky_point where an output is no number.
    void require_numbers(const point& at) const;

    const std::optional<unlucky_point>& unlucky() const { return m_unlucky; }
    /// The step at which evaluation threw last.
    std::size_t stopped_at() const { return m_stopped_at; }
    std::size_t levels() const { return m_levels; }

private:
    const computation& m_recording;
    std::uint64_t m_seed;
    bool m_free_constants;
    std::size_t m_levels = 2;
    /// With other constants: the attempt that was lucky, by point. Where some outcomes are drawn, it is the same point.
    std::map<std::uint64_t, std::uint64_t> m_lucky;
    std::optional<unlucky_point> m_unlucky;
    std::size_t m_stopped_at = 0;
};

} // namespace autograd::prove
