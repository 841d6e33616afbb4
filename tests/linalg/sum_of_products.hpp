#pragma once

#include "support.hpp"

#include <map>
#include <string>
#include <vector>

/// einsum as it is defined: for each choice of a number for every index, products are added up, in one loop.
namespace support
{

/// Subscripts that stand for themselves, taken apart by other means than the library's: an ellipsis is replaced by the
/// digits 9, 8, ..., counted from its last axis.
class sum_of_products
{
public:
    sum_of_products(const std::string& subscripts, const std::vector<extents>& shapes)
    {
        std::string text;
        for (const char c : subscripts)
        {
            text += c == ' ' ? "" : std::string(1, c);
        }
        const std::size_t arrow = text.find("->");
        std::string inputs = text.substr(0, arrow) + ",";
        std::size_t most = 0;
        for (std::size_t end = inputs.find(','); end != std::string::npos; end = inputs.find(','))
        {
            const std::string one = inputs.substr(0, end);
            inputs.erase(0, end + 1);
            const std::size_t dots = one.find("...");
            const std::size_t named = dots == std::string::npos ? one.size() : one.size() - 3;
            const std::size_t unnamed = shapes[operands.size()].size() - named;
            most = std::max(most, unnamed);
            operands.push_back(spelled(one, unnamed));
        }
        if (arrow != std::string::npos)
        {
            result = spelled(text.substr(arrow + 2), most);
        }
        else
        {
            result = spelled("...", most);
            std::map<char, int> counts;
            for (const std::string& each : operands)
            {
                for (const char name : each)
                {
                    ++counts[name];
                }
            }
            for (const auto& [name, count] : counts)
            {
                result += count == 1 && (name < '0' || name > '9') ? std::string(1, name) : "";
            }
        }
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            for (std::size_t axis = 0; axis < operands[k].size(); ++axis)
            {
                std::size_t& extent = m_extents.try_emplace(operands[k][axis], 1).first->second;
                extent = shapes[k][axis] == 1 ? extent : shapes[k][axis];
            }
        }
    }

    extents shape() const
    {
        extents of;
        for (const char name : result)
        {
            of.push_back(m_extents.at(name));
        }
        return of;
    }

    array value(const std::vector<array>& xs) const
    {
        array y = xt::zeros<double>(shape());
        for_each_choice([&](const choice& at) { y.data()[place(shape(), result, at)] += product(xs, xs.size(), at); });
        return y;
    }

    /// The gradient of sum(g y) by operand k.
    array pulled(const std::vector<array>& xs, std::size_t k, const array& g) const
    {
        array x_bar = xt::zeros<double>(xs[k].shape());
        for_each_choice(
            [&](const choice& at)
            {
                x_bar.data()[place(extents_of(xs[k]), operands[k], at)] +=
                    g.data()[place(shape(), result, at)] * product(xs, k, at);
            });
        return x_bar;
    }

    std::vector<std::string> operands;
    std::string result;

private:
    using choice = std::map<char, std::size_t>;

    static std::string spelled(const std::string& one, std::size_t unnamed)
    {
        const std::size_t dots = one.find("...");
        if (dots == std::string::npos)
        {
            return one;
        }
        std::string digits;
        for (std::size_t k = unnamed; k-- > 0;)
        {
            digits += static_cast<char>('9' - static_cast<int>(k));
        }
        return one.substr(0, dots) + digits + one.substr(dots + 3);
    }

    template <class F>
    void for_each_choice(F f) const
    {
        choice at;
        for (const auto& [name, extent] : m_extents)
        {
            if (extent == 0)
            {
                return;
            }
            at[name] = 0;
        }
        for (bool more = true; more;)
        {
            f(at);
            more = false;
            for (auto step = at.begin(); step != at.end() && !more; ++step)
            {
                more = ++step->second < m_extents.at(step->first);
                step->second = more ? step->second : 0;
            }
        }
    }

    static extents extents_of(const array& x) { return {x.shape().begin(), x.shape().end()}; }

    /// Where an element stands in an array that is repeated along its axes of extent 1.
    static std::size_t place(const extents& shape, const std::string& names, const choice& at)
    {
        std::size_t result = 0;
        for (std::size_t axis = 0; axis < names.size(); ++axis)
        {
            result = result * shape[axis] + (shape[axis] == 1 ? 0 : at.at(names[axis]));
        }
        return result;
    }

    /// Of the elements of all operands but one.
    double product(const std::vector<array>& xs, std::size_t but, const choice& at) const
    {
        double product = 1;
        for (std::size_t k = 0; k < xs.size(); ++k)
        {
            product *= k == but ? 1 : xs[k].data()[place(extents_of(xs[k]), operands[k], at)];
        }
        return product;
    }

    std::map<char, std::size_t> m_extents;
};

} // namespace support
