#include "autograd/display/print.hpp"

#include "autograd/tape/tape.hpp"
#include "autograd/tape/xtensor_io.hpp"

#include <ostream>

namespace autograd
{

namespace
{

template <class Element, class T>
std::ostream& print(std::ostream& out, const handle<T>& x, const char* kind)
{
    const instruction<T>& of = x.checked("<<");
    const std::string name = x.name();
    out << (name.empty() ? kind : name) << ' ' << to_text(of.shape());
    if (x.tape().keeps() == recording::shapes)
    {
        return out << ", without values";
    }
    // Not by data(): what is only looked at is not read by a rule.
    const auto* const elements = static_cast<const Element*>(x.tape().dense(x.index()));
    return out << (x.dimension() == 0 ? "" : "\n")
               << detail::adapted(elements, x.size(), variable<T>::extents_of(x.shape()));
}

} // namespace

template <class T>
std::ostream& operator<<(std::ostream& out, const variable<T>& x)
{
    return print<T>(out, x, "variable");
}

template <class T>
std::ostream& operator<<(std::ostream& out, const indices<T>& x)
{
    return print<std::int64_t>(out, x, "indices");
}

template std::ostream& operator<<(std::ostream&, const variable<float>&);
template std::ostream& operator<<(std::ostream&, const variable<double>&);
template std::ostream& operator<<(std::ostream&, const indices<float>&);
template std::ostream& operator<<(std::ostream&, const indices<double>&);

} // namespace autograd
