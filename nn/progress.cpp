#include "nn/progress.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nn
{

namespace
{

constexpr std::size_t bar_width = 20;
constexpr std::size_t usual_width = 100;

std::string duration(double seconds)
{
    const auto whole = static_cast<long long>(std::ceil(seconds));
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// The longest beginning of a UTF-8 text that has so many characters at most, whole ones.
std::string beginning(std::string text, std::size_t characters)
{
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (starts_character(text[i]) && count++ == characters)
        {
            text.resize(i);
        }
    }
    return text;
}

/// What the clock says is nothing to show if it is no number, negative, or longer than a human life.
bool is_shown(double seconds)
{
    constexpr double longest = 3e9;
    return seconds >= 0 && seconds < longest;
}

std::size_t width_of(std::FILE* terminal)
{
    winsize size{};
    return ::ioctl(::fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : usual_width;
}

} // namespace

std::string progress_line(const progress_figures& figures, std::size_t width)
{
    const std::string all = fmt::format("{}", figures.epochs);
    const auto filled = static_cast<std::size_t>((figures.part > 0 ? std::min(figures.part, 1.0) : 0.0) *
                                                 static_cast<double>(bar_width));
    std::string bar = std::string(filled, '=') + (filled < bar_width ? ">" : "");
    bar.resize(bar_width, ' ');
    std::string line = fmt::format("epoch {:>{}}/{} [{}]", figures.epoch, all.size(), all, bar);
    line += figures.rate > 0 && std::isfinite(figures.rate) ? fmt::format("  {:.4g} steps/s", figures.rate) : "";
    line += is_shown(figures.seconds_left) ? fmt::format("  {} left", duration(figures.seconds_left)) : "";
    line += figures.note.empty() ? "" : fmt::format("  {}", figures.note);
    return beginning(std::move(line), width);
}

progress_bar::progress_bar(std::size_t epochs, std::size_t first_epoch, style how, std::FILE* to)
    : m_epochs(epochs),
      m_first_epoch(first_epoch),
      m_how(how != style::automatic       ? how
            : ::isatty(::fileno(to)) == 1 ? style::bar
                                          : style::lines),
      m_to(to)
{
}

progress_bar::~progress_bar()
{
    if (!m_not_shown.empty())
    {
        show(m_not_shown);
    }
    if (m_line_is_open)
    {
        std::fputs("\n", m_to);
        std::fflush(m_to);
    }
}

bool progress_bar::is_due(double seconds)
{
    const clock::time_point now = clock::now();
    if (m_shown != clock::time_point() && std::chrono::duration<double>(now - m_shown).count() < seconds)
    {
        return false;
    }
    m_shown = now;
    return true;
}

void progress_bar::step(std::size_t epoch, double part, std::string_view note)
{
    ++m_steps;
    if (m_how == style::bar && is_due(0.1))
    {
        show(line(epoch, part, note));
    }
}

void progress_bar::epoch(std::size_t epoch, std::string_view note)
{
    if (m_how == style::silent)
    {
        return;
    }
    m_not_shown = line(epoch, 1, note);
    if (is_due(m_how == style::bar ? 0.1 : 1.0))
    {
        show(m_not_shown);
        m_not_shown.clear();
    }
}

std::string progress_bar::line(std::size_t epoch, double part, std::string_view note) const
{
    const double seconds = std::chrono::duration<double>(clock::now() - m_start).count();
    const double done = static_cast<double>(epoch - m_first_epoch) + part;
    const double left = static_cast<double>(m_epochs - epoch) - part;
    const progress_figures figures{epoch + 1,
                                   m_epochs,
                                   part,
                                   seconds > 0 ? static_cast<double>(m_steps) / seconds : 0,
                                   done > 0 ? seconds / done * left : -1,
                                   note};
    return progress_line(figures, m_how == style::bar ? width_of(m_to) : std::string::npos);
}

void progress_bar::show(const std::string& line)
{
    const bool is_bar = m_how == style::bar;
    // \x1b[K erases what is left of a longer line.
    std::fputs((is_bar ? "\r" + line + "\x1b[K" : line + "\n").c_str(), m_to);
    std::fflush(m_to);
    m_line_is_open = is_bar;
}

} // namespace nn
