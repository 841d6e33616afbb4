#pragma once

#include "docs/declarations.hpp"

#include <set>
#include <string>
#include <vector>

// Functions as users call them: the overloads of each together, without their types.

namespace docs
{

/// A function, or the operators that record a rule.
struct documented_function
{
    std::string header;
    std::string name;                      ///< "clip"; "" of operators
    std::vector<std::string> signatures;   ///< "clip(x, lo, hi)"; what is in brackets may be left out
    std::string summary;                   ///< the first sentence of the comment in front of the overload of variables
    std::vector<documented_field> options; ///< the fields of the structure that its options are
    std::vector<std::string> groups;       ///< that the comment names
    std::vector<std::string> rules;        ///< "clip_rule": those whose names stand in its bodies
};

/// What somebody may look for.
struct group
{
    std::string name;  ///< "elements"
    std::string title; ///< "Pick elements"
    std::string about;
};

/// Those of some headers; those of classes whose comments name a group, on the object that the example in this comment
/// makes; and operators, by the rule that they record. Functions that nobody documented are left out. Throws
/// std::runtime_error for a class without an example, and for a parameter without a name.
std::vector<documented_function> documented_functions(const declarations& all, const std::set<std::string>& headers);

/// In the order of their definitions (\defgroup).
std::vector<group> groups(const declarations& all);

/// Of a comment: the names behind \ingroup, all but that line, and the first sentence.
std::vector<std::string> groups_in(const std::string& documentation);
std::string without_groups(const std::string& documentation);
std::string summary_of(const std::string& documentation);

} // namespace docs
