#include "autograd/operations/cumulative.hpp"

namespace autograd
{

std::string detail::print_chain(const kernels::chain& how)
{
    using enum kernels::chain_nodes;
    return how.output == end ? "of prod, " + print_walk(how.axis, how.reverse)
           : how.input == end
               ? "of cumprod, " + print_cumulation({how.axis, how.reverse, how.output == before})
               : "of linear_recurrence, " + print_recurrence({how.axis, how.reverse, how.output == before});
}

kernels::chain detail::reversed_chain(const kernels::chain& how)
{
    using enum kernels::chain_nodes;
    const auto from_the_other_end = [](kernels::chain_nodes nodes) {
        return nodes == before ? behind : nodes == behind ? before : end;
    };
    return {how.axis, !how.reverse, from_the_other_end(how.output), from_the_other_end(how.input)};
}

} // namespace autograd
