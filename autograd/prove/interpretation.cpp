#include "autograd/prove/interpretation.hpp"

#include <memory>
#include <unordered_map>

namespace autograd::prove
{

namespace
{

/// Keyed by the descriptions for both types. Users' rules are added before main; after it the table is only read.
struct interpretations
{
    std::vector<std::unique_ptr<const interpretation>> kept;
    std::unordered_map<const void*, const interpretation*> by_operation;

    interpretations()
    {
        for (const interpretation& of : interpretations_of_the_library())
        {
            add(of);
        }
    }
    void add(const interpretation& of)
    {
        const interpretation* own = kept.emplace_back(std::make_unique<const interpretation>(of)).get();
        by_operation[of.on_float] = own;
        by_operation[of.on_double] = own;
    }
};

interpretations& table()
{
    static interpretations all;
    return all;
}

const interpretation* find(const void* op)
{
    const auto found = table().by_operation.find(op);
    return found == table().by_operation.end() ? nullptr : found->second;
}

} // namespace

const interpretation* interpretation_of(const operation<float>* op)
{
    return find(op);
}

const interpretation* interpretation_of(const operation<double>* op)
{
    return find(op);
}

added_interpretation::added_interpretation(const interpretation& of)
{
    table().add(of);
}

} // namespace autograd::prove
