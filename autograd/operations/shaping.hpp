#pragma once

#include "autograd/operations/record.hpp"

namespace autograd
{

struct broadcast_rule : linear
{
    static constexpr auto name = "broadcast";
    static constexpr auto latex = "#1";
    static constexpr auto storage = storage_kind::broadcast;
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g);
    static void samples(auto& s)
    {
        s.call("row", "np.broadcast_to(x, (2, 3))", [](auto x) { return broadcast(x, {2, 3}); }, s.numbers({3}));
    }
};
AUTOGRAD_OPERATION(broadcast_rule)

} // namespace autograd
