#pragma once

#include "autograd/prove/exact.hpp"

#include <cstdint>
#include <vector>

namespace autograd::prove
{

/// An array of exact values, or of integers: what an instruction computes at a point. Residues stand level by level, so
/// that kernels run over one level at a time.
class exact_array
{
public:
    exact_array() = default;
    explicit exact_array(const shape_vector& shape);

    const shape_vector& shape() const { return m_shape; }
    std::size_t size() const { return m_size; }
    std::size_t low() const { return m_low; }
    std::size_t high() const { return m_high; }
    bool constant() const { return m_constant; }
    bool extended() const { return !m_b.empty(); }
    bool has_torsion() const { return !m_torsion.empty(); }
    const degree& its_degree() const { return m_degree; }

    exact get(std::size_t i) const;
    void set(std::size_t i, const exact& value);

    /// For those who write whole levels: all residues of one level, their parts of rho (empty where all are 0), the
    /// torsions (empty where all are 0). \{
    std::span<std::uint64_t> residues_of(std::size_t level) { return {m_a.data() + level * m_size, m_size}; }
    std::span<const std::uint64_t> residues_of(std::size_t level) const
    {
        return {m_a.data() + level * m_size, m_size};
    }
    std::span<std::uint64_t> roots_of(std::size_t level) { return {m_b.data() + level * m_size, m_size}; }
    std::span<const std::uint64_t> roots_of(std::size_t level) const { return {m_b.data() + level * m_size, m_size}; }
    std::span<tower::torsion> torsions_of(std::size_t level) { return {m_torsion.data() + level * m_size, m_size}; }
    std::span<const tower::torsion> torsions_of(std::size_t level) const
    {
        return {m_torsion.data() + level * m_size, m_size};
    }
    void extend();
    void add_torsion();
    void set_levels(std::size_t low, std::size_t high);
    void set_constant(bool constant) { m_constant = constant; }
    void set_degree(const degree& d) { m_degree = d; }
    std::vector<double> numbers;
    std::vector<double> errors;
    /// \}

    /// In place of residues and numbers, for labels and positions.
    std::vector<std::int64_t> integers;

    /// The same values in another shape of as many elements.
    exact_array reshaped(const shape_vector& shape) const;
    /// Repeated along axes, as NumPy broadcasts.
    exact_array broadcast(const shape_vector& shape) const;

private:
    shape_vector m_shape;
    std::size_t m_size = 0;
    std::size_t m_low = 0;
    std::size_t m_high = 0;
    bool m_constant = true;
    degree m_degree;
    std::vector<std::uint64_t> m_a;
    std::vector<std::uint64_t> m_b;
    std::vector<tower::torsion> m_torsion;
};

} // namespace autograd::prove
