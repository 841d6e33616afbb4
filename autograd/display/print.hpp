#pragma once

#include "autograd/tape/variable.hpp"

#include <iosfwd>

namespace autograd
{

/// The name, the shape and the values, as xtensor prints them:
///
///     w (2, 3)
///     {{ 0.5 , -0.25,  0.75},
///      { 1.  ,  0.5 , -1.5 }}
///
/// A variable without a name is called "variable", and a tape without values says so. (Formulas are to_text's.) Throws
/// tape_error for an empty variable and for one that was cleared or rewound.
template <class T>
std::ostream& operator<<(std::ostream& out, const variable<T>& x);
template <class T>
std::ostream& operator<<(std::ostream& out, const indices<T>& x);

/// By mistake an array is printed without xtensor's header for it.
mistake::array_to_print operator<<(std::ostream&, detail::any_array);

extern template std::ostream& operator<<(std::ostream&, const variable<float>&);
extern template std::ostream& operator<<(std::ostream&, const variable<double>&);
extern template std::ostream& operator<<(std::ostream&, const indices<float>&);
extern template std::ostream& operator<<(std::ostream&, const indices<double>&);

} // namespace autograd
