#include "nn/data/batches.hpp"

#include "autograd/tape/error.hpp"

#include <numeric>

namespace nn::detail
{

void require_batches(const std::vector<std::size_t>& row_counts, batch_options options)
{
    if (options.size == 0)
    {
        throw autograd::error::value_error("batches", "a batch is to have 0 rows; it must have one at least.");
    }
    const std::size_t rows = row_counts.front();
    for (const std::size_t count : row_counts)
    {
        if (count != rows)
        {
            throw autograd::error::shape_error("batches", "one array has ", rows, " rows and another has ", count,
                                               "; all must have the same number.");
        }
    }
}

std::size_t batch_count(std::size_t rows, batch_options options)
{
    const std::size_t whole = rows / options.size;
    return options.drop_last || rows % options.size == 0 ? whole : whole + 1;
}

template void load_rows(const autograd::array<float>&, const autograd::array<std::int64_t>&, std::size_t, std::size_t,
                        autograd::array<float>&);
template void load_rows(const autograd::array<double>&, const autograd::array<std::int64_t>&, std::size_t, std::size_t,
                        autograd::array<double>&);
template void load_rows(const autograd::array<std::int64_t>&, const autograd::array<std::int64_t>&, std::size_t,
                        std::size_t, autograd::array<std::int64_t>&);

autograd::array<std::int64_t> in_order(std::size_t count)
{
    autograd::array<std::int64_t> rows = autograd::array<std::int64_t>::from_shape({count});
    std::iota(rows.data(), rows.data() + count, std::int64_t{0});
    return rows;
}

} // namespace nn::detail
