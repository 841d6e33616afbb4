#include "nn/serialization/pytorch.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace nn::detail
{

namespace
{

constexpr auto who = "load_pytorch";

std::string joined(const std::string& whole, std::string_view part)
{
    return whole + (whole.empty() || part.empty() ? "" : ".") + std::string(part);
}

/// Texts one behind the other, the first of them if they are many.
class listing
{
public:
    void add(const std::string& text)
    {
        constexpr std::size_t most_shown = 20;
        m_text += m_count == most_shown ? ", ..." : m_count > most_shown ? "" : (m_count == 0 ? "" : ", ") + text;
        ++m_count;
    }
    bool empty() const { return m_count == 0; }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
    std::size_t m_count = 0;
};

/// What errors begin with: the file, if the arrays come from one.
std::string subject(const archive& from)
{
    return from.origin().empty() ? "" : from.origin() + ": ";
}

std::string quoted(const std::string& name)
{
    return "\"" + name + "\"";
}

autograd::shape_vector shape_there(const pytorch_leaf& leaf)
{
    autograd::shape_vector shape = leaf.shape;
    if (leaf.there.as == pytorch::layout::transposed)
    {
        std::reverse(shape.begin(), shape.end());
    }
    return shape;
}

/// Whether PyTorch calls so an array of another than the first layer, or of the other direction, of a recurrent module.
bool is_of_another_layer(std::string_view name)
{
    name.remove_prefix(name.rfind('.') + 1);
    const bool is_recurrent = name.starts_with("weight_ih_l") || name.starts_with("weight_hh_l") ||
                              name.starts_with("bias_ih_l") || name.starts_with("bias_hh_l");
    return is_recurrent && !name.ends_with("_l0");
}

/// Throws file_error for the first number that float does not have. (NaN is none, and stays.)
void require_floats(const archive& from, const pytorch_leaf& leaf, const autograd::array<double>& numbers)
{
    const auto rounded =
        std::find_if(numbers.data(), numbers.data() + numbers.size(),
                     [](double x) { return !std::isnan(x) && static_cast<double>(static_cast<float>(x)) != x; });
    if (rounded != numbers.data() + numbers.size())
    {
        throw autograd::error::file_error(
            who, subject(from), quoted(leaf.there.name), " has ", *rounded, " at element ", rounded - numbers.data(),
            " (float64), and the model is of float32, which has no such number; nothing is rounded. "
            "Load a model of double, or save float32.");
    }
}

void require_fit(const archive& from, const pytorch_leaf& leaf, const any_array& found)
{
    const autograd::shape_vector shape = shape_there(leaf);
    if (!(found.shape() == autograd::shape_view(shape)))
    {
        throw autograd::error::file_error(who, subject(from), quoted(leaf.there.name), " is ", described(found),
                                          "; for ", leaf.member, " ", autograd::shape_view(leaf.shape), " it must be ",
                                          autograd::shape_view(shape),
                                          leaf.there.as == pytorch::layout::transposed ? ", its transpose." : ".");
    }
    if (found.type() != element_type::float32 && found.type() != element_type::float64)
    {
        throw autograd::error::file_error(who, subject(from), quoted(leaf.there.name), " is ", described(found),
                                          "; for ", leaf.member, " it must be of floating-point numbers.");
    }
}

} // namespace

pytorch_place place_of_part(const pytorch_place& whole, const autograd::part_name& part,
                            std::span<const pytorch::entry> said)
{
    switch (part.is)
    {
    case autograd::part_name::kind::none:
        return whole;
    case autograd::part_name::kind::number:
        return {joined(whole.name, std::to_string(part.number)), whole.as};
    case autograd::part_name::kind::text:
        break;
    }
    const auto entry =
        std::find_if(said.begin(), said.end(), [&](const pytorch::entry& each) { return each.member == part.text; });
    return entry == said.end() ? pytorch_place{joined(whole.name, part.text), pytorch::layout::unsaid}
                               : pytorch_place{joined(whole.name, entry->name), entry->as};
}

void pytorch_walk::rename(pytorch_place& place, const part_path& path)
{
    if (const auto given = m_given.find(path.text()); given != m_given.end())
    {
        place.name = given->second;
        m_not_met.erase(given->first);
    }
}

void pytorch_walk::add_leaf(const part_path& path, pytorch_place place, autograd::shape_vector shape)
{
    const std::string member = path.text().empty() ? "the model" : path.text();
    if (place.as == pytorch::layout::unsaid && shape.size() > 1)
    {
        throw autograd::error::value_error(
            who, member, " ", autograd::shape_view(shape),
            " may be transposed in PyTorch or not, and its layer does not say. "
            "Put it into the layer's in_pytorch, as nn::pytorch::same or nn::pytorch::transposed.");
    }
    m_found.leaves.push_back({member, std::move(place), std::move(shape)});
}

void pytorch_walk::add_ignored(const pytorch_place& place, std::span<const pytorch::entry> said)
{
    for (const pytorch::entry& each : said)
    {
        if (each.member.empty())
        {
            m_found.ignored.push_back(joined(place.name, each.name));
        }
    }
}

pytorch_form pytorch_walk::found() &&
{
    if (!m_not_met.empty())
    {
        listing members;
        for (const pytorch_leaf& leaf : m_found.leaves)
        {
            members.add(leaf.member);
        }
        const auto& [ours, theirs] = *m_not_met.begin();
        throw autograd::error::value_error(who, "the names have ", quoted(theirs), " for ", quoted(ours),
                                           ", which the model does not have; its arrays are ", members.text(), ".");
    }
    return std::move(m_found);
}

void require_names(const archive& from, const pytorch_form& form)
{
    std::set<std::string, std::less<>> known(form.ignored.begin(), form.ignored.end());
    listing missing;
    for (const pytorch_leaf& leaf : form.leaves)
    {
        if (!from.contains(leaf.there.name))
        {
            missing.add(quoted(leaf.there.name) + " " + autograd::to_text(shape_there(leaf)) + " for " + leaf.member);
        }
        known.insert(leaf.there.name);
    }
    listing left_over;
    bool has_another_layer = false;
    for (const archive::item& each : from)
    {
        if (!known.contains(each.name))
        {
            left_over.add(quoted(each.name) + " " + autograd::to_text(each.array.shape()));
            has_another_layer = has_another_layer || is_of_another_layer(each.name);
        }
    }
    if (!missing.empty() || !left_over.empty())
    {
        throw autograd::error::file_error(
            who, subject(from), missing.empty() ? "" : "there is no ", missing.text(),
            missing.empty() || left_over.empty() ? "" : "; ", left_over.empty() ? "" : "the model has no place for ",
            left_over.text(),
            "; each array must have its place, by its name or by one that is given, as {{\"hidden\", \"fc1\"}}.",
            has_another_layer ? " A recurrent layer is one layer in one direction: each other is a layer of its own, "
                                "whose arrays are named one by one."
                              : "");
    }
}

template <class T>
autograd::array<T> array_for(const pytorch_leaf& leaf, const archive& from)
{
    const any_array& found = from.at(leaf.there.name);
    require_fit(from, leaf, found);
    if (std::is_same_v<T, float> && found.type() == element_type::float64)
    {
        require_floats(from, leaf, found.as<double>());
    }
    const autograd::array<T> numbers = converted<T>(found, who, leaf.there.name);
    if (leaf.there.as != pytorch::layout::transposed)
    {
        return numbers;
    }
    autograd::array<T> result = allocated<T>(leaf.shape, who);
    const auto transposed = xt::transpose(numbers);
    std::copy(transposed.begin(), transposed.end(), result.begin());
    return result;
}

template autograd::array<float> array_for(const pytorch_leaf&, const archive&);
template autograd::array<double> array_for(const pytorch_leaf&, const archive&);

} // namespace nn::detail
