#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace nn
{

/// How far a run is.
struct progress_figures
{
    std::size_t epoch;   ///< the one that is under way, from 1
    std::size_t epochs;  ///< all of them
    double part;         ///< of this epoch, 0 to 1
    double rate;         ///< steps per second; 0 where it is not known
    double seconds_left; ///< negative where it is not known
    std::string_view note;
};

/// `epoch  3/10 [======>       ]  850 steps/s  0:01:12 left  loss 0.4321`, cut off at the width.
std::string progress_line(const progress_figures& figures, std::size_t width);

/// Shows how far a training run is: one line that is written over on a terminal; elsewhere a plain line now and then.
class progress_bar
{
public:
    enum class style
    {
        automatic, ///< bar on a terminal, else lines
        bar,
        lines,
        silent
    };

    /// Epochs before `first_epoch` were done by an earlier run.
    progress_bar(std::size_t epochs, std::size_t first_epoch, style how = style::automatic, std::FILE* to = stderr);
    /// Shows the last epoch, if that is not done yet, and leaves a terminal's cursor on a line of its own.
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;

    /// A step was taken in the epoch of this number, from 0; `part` of it is done. Shown ten times a second.
    void step(std::size_t epoch, double part, std::string_view note);
    /// The epoch is complete. Shown ten times a second on a terminal, else once in a second.
    void epoch(std::size_t epoch, std::string_view note);

private:
    using clock = std::chrono::steady_clock;

    std::string line(std::size_t epoch, double part, std::string_view note) const;
    void show(const std::string& line);
    bool is_due(double seconds);

    std::size_t m_epochs;
    std::size_t m_first_epoch;
    style m_how;
    std::FILE* m_to;
    clock::time_point m_start = clock::now();
    clock::time_point m_shown;
    std::size_t m_steps = 0;
    std::string m_not_shown;
    bool m_line_is_open = false;
};

} // namespace nn
