#pragma once

#include "autograd/tape/tape.hpp"

#include <nlohmann/json.hpp>

#include <iosfwd>
#include <optional>
#include <string>

namespace gradbench
{

/// A session of GradBench's protocol: messages are lines of JSON, and each is answered by a line.
class session
{
public:
    /// The answer to a line, or none where the line has no id that an answer could repeat: what is wrong with it goes
    /// to `log` then. What is wrong with a message that has one is its answer. Throws nothing.
    std::optional<nlohmann::json> answer(const std::string& line, std::ostream& log);

    /// Answers the lines of `in` until it ends. Each answer is flushed, for who asks waits for it.
    void run(std::istream& in, std::ostream& out, std::ostream& log);

private:
    /// All calls record on it, one after the other: its memory is kept.
    autograd::tape<double> m_tape;
};

} // namespace gradbench
