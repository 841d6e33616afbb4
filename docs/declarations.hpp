#pragma once

#include <istream>
#include <string>
#include <vector>

// What headers declare, with the comments in front of it, as the preprocessor leaves it: macros are expanded, and
// comments are kept (-E -C).

namespace docs
{

struct parameter
{
    std::string name;          ///< "slices..." of a pack; "" where it has none
    std::string default_value; ///< "" where it has none
    std::string type;          ///< "solve_options", "variable<T>"
};

/// A function that users may call: not in a namespace detail, and not private.
struct declared_function
{
    std::string header;   ///< "autograd/operations/power.hpp"
    std::string of_class; ///< "" for a function of a namespace
    std::string name;     ///< "pow", "operator+"
    std::vector<parameter> parameters;
    std::string documentation; ///< the comment in front of it, line by line
    std::string body;
};

/// A comment in front of a namespace or of a class; or, without a name, in front of nothing.
struct documented_scope
{
    std::string header;
    std::string name;
    std::string documentation;
};

/// A field of a structure that all can see, with what is said behind it.
struct documented_field
{
    std::string of_class;
    std::string name;
    std::string default_value; ///< "" where it has none, or {}
    std::string meaning;
};

struct declarations
{
    std::vector<declared_function> functions;
    std::vector<documented_scope> scopes;
    std::vector<documented_field> fields;
};

/// The declarations of the headers under root's autograd/, header after header. `preprocessed` is a source with its
/// line markers. The location, which operations take last and users do not give, is not among the parameters.
declarations read_declarations(std::istream& preprocessed, const std::string& root);

} // namespace docs
