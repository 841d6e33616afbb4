#include "autograd/display/latex.hpp"

#include "autograd/display/excerpt.hpp"
#include "autograd/display/latex_template.hpp"
#include "autograd/tape/leaves.hpp"
#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <unordered_set>

namespace autograd::display
{

namespace
{

/// What stands beside a part of a formula must know of it.
struct look
{
    binding level = binding::atom;
    bool begins_with_minus = false;
    bool is_tall = false;
    bool begins_with_number = false; ///< times something
};

struct symbol
{
    std::string text;
    look seen;
};

template <class T>
symbol symbol_of_number(T number)
{
    const bool negative = std::signbit(number) && !std::isnan(number);
    symbol result{"", {negative ? binding::minus : binding::atom, negative, false}};
    if (std::isnan(number))
    {
        result.text = R"(\mathrm{NaN})";
    }
    else if (std::isinf(number))
    {
        result.text = negative ? R"(-\infty)" : R"(\infty)";
    }
    else
    {
        const std::string digits = detail::print_number(number);
        const std::size_t e = digits.find('e');
        result.text = digits;
        if (e != std::string::npos)
        {
            const std::string factor = digits.substr(0, e);
            const bool is_one = factor == "1" || factor == "-1";
            result.text = (is_one ? factor.substr(0, factor.size() - 1) : factor + R"( \cdot )") + "10^{" +
                          std::to_string(std::stoi(digits.substr(e + 1))) + "}";
            result.seen.level = std::min(result.seen.level, is_one ? binding::power : binding::product);
        }
    }
    return result;
}

/// The number in "exponent 3", as the 3 of a formula.
std::string number_among(const std::string& attributes)
{
    const std::string word = attributes.substr(attributes.rfind(' ') + 1);
    char* end = nullptr;
    const double number = std::strtod(word.c_str(), &end);
    return word.empty() || *end != '\0' ? upright(word) : symbol_of_number(number).text;
}

bool is_greek(std::string_view name)
{
    static constexpr std::string_view letters[] = {
        "alpha", "beta",  "gamma",  "delta", "epsilon", "zeta",  "eta",     "theta", "iota", "kappa", "lambda", "mu",
        "nu",    "xi",    "pi",     "rho",   "sigma",   "tau",   "upsilon", "phi",   "chi",  "psi",   "omega",  "Gamma",
        "Delta", "Theta", "Lambda", "Xi",    "Pi",      "Sigma", "Upsilon", "Phi",   "Psi",  "Omega"};
    return std::find(std::begin(letters), std::end(letters), name) != std::end(letters);
}

/// Takes the accent off a name, if there is one: "x_bar" is x under a bar.
std::string_view take_accent(std::string& name)
{
    for (const std::string_view accent : {"bar", "dot", "hat", "tilde"})
    {
        const std::size_t end = name.size() - std::min(name.size(), accent.size() + 1);
        if (end > 0 && name[end] == '_' && std::string_view(name).substr(end + 1) == accent)
        {
            name.resize(end);
            return accent;
        }
    }
    return "";
}

/// A letter, with what is a number behind it (or a letter behind "_") as an index, and what is put above it: x, w_{1},
/// \alpha_{2}, b_{w}, \bar{x}; else an upright word.
symbol symbol_of_name(const std::string& full_name)
{
    std::string name = full_name;
    const std::string_view accent = take_accent(name);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const std::size_t letters =
        static_cast<std::size_t>(std::find_if_not(name.begin(), name.end(), is_letter) - name.begin());
    const std::string base = name.substr(0, letters);
    const std::size_t digits = letters + (letters < name.size() && name[letters] == '_' ? 1 : 0);
    const bool is_numbered =
        digits < name.size() && std::all_of(name.begin() + static_cast<std::ptrdiff_t>(digits), name.end(), is_digit);
    const bool is_indexed =
        is_numbered || (digits == letters + 1 && digits + 1 == name.size() && is_letter(name.back()));
    if ((base.size() == 1 || is_greek(base)) && (letters == name.size() || is_indexed))
    {
        std::string letter = base.size() == 1 ? base : "\\" + base;
        letter = accent.empty() ? letter : fmt::format("\\{}{{{}}}", accent, letter);
        return is_indexed ? symbol{letter + "_{" + name.substr(digits) + "}", {binding::subscripted}}
                          : symbol{letter, {}};
    }
    return {upright(full_name), {}};
}

template <class T>
class formula
{
public:
    formula(const excerpt<T>& program, const latex_options& options)
        : m_program(program),
          m_options(options),
          m_shown(program.size()),
          m_is_array(program.size()),
          m_uses(program.size(), 0),
          m_is_line(program.size(), no_line),
          m_symbols(program.size()),
          m_looks(program.size())
    {
        for (std::size_t i = 0; i < program.size(); ++i)
        {
            const std::uint32_t behind = seen_behind(i);
            m_shown[i] = behind == i ? behind : m_shown[behind];
            m_is_array[i] = m_program[i].dimension() > 0 && (behind == i ? !is_number(i) : m_is_array[behind] != 0);
        }
        count_uses();
        choose_lines();
        choose_symbols();
        choose_looks();
    }

    std::string print()
    {
        std::vector<std::pair<symbol, std::size_t>> lines = m_output_lines;
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (m_is_line[i] == inner_line)
            {
                lines.emplace_back(m_symbols[i], i);
            }
        }
        std::string text;
        if (lines.size() == 1)
        {
            const auto& [left, i] = lines.front();
            text = m_program.is_leaf(i) || m_program.name(i).empty() ? "" : left.text + " = ";
            write(text, i);
            return text;
        }
        for (std::size_t k = 0; k < lines.size(); ++k)
        {
            text += k == 0 ? "\\begin{aligned}\n" : " \\\\\n";
            text += k == m_output_lines.size() ? R"(\text{where}\quad )" : "";
            text += lines[k].first.text + " &= ";
            write(text, lines[k].second);
        }
        return lines.empty() ? "" : text + "\n\\end{aligned}";
    }

private:
    // -------------------------------------------------------------------------------------------- what is to be seen

    /// The operand that is seen in place of step i: broadcasts, reshapes and the like are not. i where it is seen
    /// itself.
    std::uint32_t seen_behind(std::size_t i) const
    {
        const operation<T>& op = *m_program[i].op;
        const auto operands = m_program.operands(i);
        const std::string_view form = op.latex == nullptr ? "" : op.latex;
        const bool is_seen = !m_program.name(i).empty() || operands.empty() ||
                             (op.latex == nullptr ? op.storage == storage_kind::own : form != "#1");
        return is_seen ? static_cast<std::uint32_t>(i) : op.latex == nullptr ? operands.back() : operands[0];
    }

    /// Whether step i is a symbol that no line explains.
    bool is_given(std::size_t i) const
    {
        return m_program.is_leaf(i) ||
               (!m_options.definitions && !m_program.name(i).empty() && m_is_line[i] != output_line);
    }

    bool is_number(std::size_t i) const { return m_program[i].op == &leaves<T>::full && m_program.name(i).empty(); }

    /// How often each step is written: for each place in the forms of those that are written themselves.
    void count_uses()
    {
        for (std::uint32_t output : m_program.outputs())
        {
            const std::size_t i = m_shown[output];
            m_is_line[i] = m_program.is_leaf(i) ? no_line : output_line;
            m_uses[i] = 1;
        }
        for (std::size_t i = m_program.size(); i-- > 0;)
        {
            if (m_uses[i] == 0 || is_given(i))
            {
                continue;
            }
            for (const latex_piece& piece : form_of(i).pieces)
            {
                if (piece.is == latex_piece::operand)
                {
                    ++m_uses[shown_operand(i, piece)];
                }
            }
        }
    }

    void choose_lines()
    {
        std::vector<std::size_t> operations(m_program.size(), 0);
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (m_uses[i] == 0 || m_is_line[i] == output_line)
            {
                continue;
            }
            if (is_given(i))
            {
                const bool is_named_number = m_program[i].op == &leaves<T>::full && !m_program.name(i).empty();
                m_is_line[i] = is_named_number && m_options.definitions ? inner_line : no_line;
                continue;
            }
            operations[i] = 1;
            for (std::uint32_t operand : m_program.operands(i))
            {
                const std::uint32_t x = m_shown[operand];
                operations[i] += m_is_line[x] ? 0 : operations[x];
            }
            const bool stands_out =
                m_uses[i] > 1 || !m_program.name(i).empty() || operations[i] >= m_options.longest_line;
            m_is_line[i] = stands_out ? inner_line : no_line;
        }
    }

    // ------------------------------------------------------------------------------------------------------- symbols

    /// A symbol that nothing has yet: the letter, or where there are many the letter with a number.
    symbol fresh(const std::string& letter, bool is_one_of_many)
    {
        symbol result = symbol_of_name(letter);
        bool is_new = !is_one_of_many && m_taken.insert(result.text).second;
        while (!is_new)
        {
            result = symbol_of_name(letter + std::to_string(++m_counts[letter]));
            is_new = m_taken.insert(result.text).second;
        }
        return result;
    }

    void choose_symbols()
    {
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (!m_program.name(i).empty())
            {
                m_symbols[i] = symbol_of_name(m_program.name(i));
                if (!m_taken.insert(m_symbols[i].text).second) // x1 and x_1: the second as it is written
                {
                    m_symbols[i] = {upright(m_program.name(i)), {}};
                    m_taken.insert(m_symbols[i].text);
                }
            }
        }
        choose_output_symbols();
        std::map<std::string, std::size_t> nameless;
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            ++nameless[letter_for(i)];
        }
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (is_number(i))
            {
                m_symbols[i] = symbol_of_number(m_program.number(i));
            }
            else if (const std::string letter = letter_for(i); !letter.empty())
            {
                m_symbols[i] = fresh(letter, nameless[letter] > 1);
            }
        }
    }

    /// Outputs, each once, are called y, or where they are several y_1, y_2 and so on in their order. A leaf has a
    /// symbol of its own beside that.
    void choose_output_symbols()
    {
        std::unordered_set<std::size_t> seen;
        for (std::uint32_t output : m_program.outputs())
        {
            if (seen.insert(m_shown[output]).second)
            {
                m_output_lines.emplace_back(symbol(), m_shown[output]);
            }
        }
        const auto is_called_y = [&](std::size_t i) { return m_program.is_leaf(i) || m_program.name(i).empty(); };
        const auto count = std::count_if(m_output_lines.begin(), m_output_lines.end(),
                                         [&](const auto& line) { return is_called_y(line.second); });
        for (auto& [left, i] : m_output_lines)
        {
            left = is_called_y(i) ? fresh("y", count > 1) : m_symbols[i];
            m_symbols[i] = m_program.is_leaf(i) ? m_symbols[i] : left;
        }
    }

    /// What a nameless step that is not an output is called, or "" if it needs no symbol.
    std::string letter_for(std::size_t i) const
    {
        const operation<T>* op = m_program[i].op;
        const bool needs_symbol = m_uses[i] > 0 && m_program.name(i).empty() && !is_number(i);
        return !needs_symbol                ? ""
               : op == &leaves<T>::constant ? "c"
               : op == &leaves<T>::index    ? "i"
               : m_program.is_leaf(i)       ? "x"
               : m_is_line[i] == inner_line ? "t"
                                            : "";
    }

    // ------------------------------------------------------------------------------------------------------- writing

    /// The LaTeX of the operation of step i; as a call where it has none, or no place for the attributes of i.
    const latex_template& form_of(std::size_t i)
    {
        const operation<T>& op = *m_program[i].op;
        const std::string attributes = m_program.attributes(i);
        const auto key = std::make_tuple(&op, m_program.operands(i).size(), attributes);
        const auto known = m_forms.find(key);
        if (known != m_forms.end())
        {
            return known->second;
        }
        latex_template form = latex_template::call(op.name, m_program.operands(i).size());
        if (op.latex != nullptr)
        {
            latex_template own = latex_template::of_operation(op.latex, attributes);
            if (own.operands <= m_program.operands(i).size() && (attributes.empty() || own.shows_attributes))
            {
                form = std::move(own);
            }
        }
        return m_forms.emplace(key, std::move(form)).first->second;
    }

    bool is_symbol(std::size_t i) const { return is_given(i) || m_is_line[i]; }

    /// Whether operand k of step i is an array, and not one number, in all that it goes through.
    bool is_array(std::size_t i, std::size_t k) const { return m_is_array[m_program.operands(i)[k]] != 0; }

    /// Whether the factors of a product were made a column and a row for it: outer multiplies each element with each.
    bool is_outer(std::size_t i, const latex_piece& times) const
    {
        const auto extents_of = [&](std::size_t k, bool as_it_is_shown) -> shape_view
        {
            std::uint32_t x = m_program.operands(i)[k];
            while (m_program[x].op->storage == storage_kind::broadcast)
            {
                x = m_program.operands(x)[0];
            }
            return m_program[as_it_is_shown ? m_shown[x] : x].shape();
        };
        const shape_view column = extents_of(times.number, false);
        const shape_view row = extents_of(times.factor, false);
        return column.size() == 2 && row.size() == 2 && column[1] == 1 && row[0] == 1 &&
               !(column == extents_of(times.number, true) && row == extents_of(times.factor, true));
    }

    /// The operand of step i at a place: a symbol for what has one, else how it looks.
    symbol operand_at(std::size_t i, const latex_piece& place) const
    {
        const std::uint32_t x = shown_operand(i, place);
        if (!is_symbol(x))
        {
            return {"", m_looks[x]};
        }
        if (!is_number(x) || !m_program.needs_shape(i, place.number))
        {
            return m_symbols[x];
        }
        const instruction<T>& as_used = m_program[m_program.operands(i)[place.number]];
        return array_of(m_symbols[x], (m_program[x].size() == as_used.size() ? m_program[x] : as_used).shape());
    }

    /// A number in every element: 1_{2 \times 3}.
    static symbol array_of(const symbol& number, shape_view shape)
    {
        const std::string once = number.seen.level == binding::atom ? number.text : "(" + number.text + ")";
        return {fmt::format(R"({}_{{{}}})", once, fmt::join(shape, R"( \times )")), {binding::subscripted}};
    }

    /// Beside \odot, and where they are numbers, products of matrices get some although they hold together; so that
    /// no \odot stands in front of a number, its products do.
    bool needs_parentheses(std::size_t i, const latex_piece& place, const look& x) const
    {
        const bool is_factor = place.factor != latex_piece::none;
        const bool is_beside_array = is_factor && is_array(i, place.factor);
        const bool is_one_number = is_factor && !is_array(i, place.number);
        return x.level < place.needs || (place.no_sign && x.begins_with_minus) ||
               (x.level == binding::juxtaposition && (is_beside_array || is_one_number)) ||
               (x.begins_with_number && place.is_behind && is_beside_array && !is_one_number);
    }

    /// How each step looks written out, from its operation and its operands.
    void choose_looks()
    {
        for (std::size_t i = 0; i < m_program.size(); ++i)
        {
            if (m_uses[i] == 0 || is_given(i))
            {
                continue;
            }
            const latex_template& form = form_of(i);
            look& y = m_looks[i];
            y = {form.level, form.begins_with_minus, form.is_tall, form.begins_with_number};
            for (const latex_piece& piece : form.pieces)
            {
                if (piece.is == latex_piece::operand)
                {
                    const look x = operand_at(i, piece).seen;
                    const bool is_bare = !needs_parentheses(i, piece, x);
                    y.is_tall = y.is_tall || x.is_tall;
                    // What \sum begins goes on to the end: -\sum a holds together no better than \sum a.
                    const bool goes_on = x.level == binding::prefix && is_bare;
                    y.level = form.level == binding::minus && goes_on ? binding::prefix : y.level;
                    if (piece.number == form.first_operand && &piece == &form.pieces.front())
                    {
                        const bool is_factor = piece.factor != latex_piece::none;
                        y.begins_with_minus = x.begins_with_minus && is_bare;
                        y.begins_with_number =
                            is_factor && (!is_array(i, piece.number) || (x.begins_with_number && is_bare));
                    }
                }
            }
        }
    }

    std::uint32_t shown_operand(std::size_t i, const latex_piece& place) const
    {
        return m_shown[m_program.operands(i)[place.number]];
    }

    /// Appends step i, written out. A stack of its own keeps track of what is open.
    void write(std::string& text, std::size_t i)
    {
        if (m_program.is_leaf(i))
        {
            text +=
                m_program[i].op == &leaves<T>::full ? symbol_of_number(m_program.number(i)).text : m_symbols[i].text;
            return;
        }
        struct unfinished
        {
            std::size_t step;
            const latex_template* form;
            std::size_t next;
            std::string_view end;
        };
        std::vector<unfinished> stack = {{i, &form_of(i), 0, ""}};
        while (!stack.empty())
        {
            unfinished& top = stack.back();
            if (top.next == top.form->pieces.size())
            {
                text += top.end;
                stack.pop_back();
                continue;
            }
            const latex_piece& piece = top.form->pieces[top.next++];
            if (piece.is != latex_piece::operand)
            {
                write_piece(text, top.step, piece);
                continue;
            }
            const std::uint32_t x = shown_operand(top.step, piece);
            const symbol written = operand_at(top.step, piece);
            const bool in_parentheses = needs_parentheses(top.step, piece, written.seen);
            const std::string_view end = in_parentheses ? closing(written.seen) : "";
            text += in_parentheses ? opening(written.seen) : "";
            if (is_symbol(x))
            {
                append_latex(text, written.text);
                text += end;
            }
            else
            {
                stack.push_back({x, &form_of(x), 0, end});
            }
        }
    }

    void write_piece(std::string& text, std::size_t i, const latex_piece& piece)
    {
        if (piece.is == latex_piece::attributes)
        {
            const std::string attributes = m_program.attributes(i);
            text += attributes.empty() ? "" : "_{" + upright(attributes) + "}";
        }
        else if (piece.is == latex_piece::times)
        {
            const bool of_arrays = is_array(i, piece.number) && is_array(i, piece.factor);
            text += !of_arrays ? R"(\cdot)" : is_outer(i, piece) ? R"(\otimes)" : R"(\odot)";
        }
        else if (piece.is == latex_piece::attribute)
        {
            append_latex(text, number_among(m_program.attributes(i)));
        }
        else
        {
            append_latex(text, piece.is == latex_piece::open    ? opening(m_looks[i])
                               : piece.is == latex_piece::close ? closing(m_looks[i])
                                                                : std::string_view(piece.literal));
        }
    }

    static std::string_view opening(const look& inside) { return inside.is_tall ? R"(\left()" : "("; }
    static std::string_view closing(const look& inside) { return inside.is_tall ? R"(\right))" : ")"; }

    static constexpr char no_line = 0;
    static constexpr char inner_line = 1;
    static constexpr char output_line = 2;

    const excerpt<T>& m_program;
    const latex_options& m_options;
    std::vector<std::uint32_t> m_shown;
    std::vector<char> m_is_array;
    std::vector<std::uint32_t> m_uses; ///< 0 for what is not seen
    std::vector<char> m_is_line;
    std::vector<symbol> m_symbols;                              ///< of leaves and lines
    std::vector<look> m_looks;                                  ///< of the others
    std::vector<std::pair<symbol, std::size_t>> m_output_lines; ///< what is left of the =, and the step
    std::unordered_set<std::string> m_taken;
    std::map<std::string, std::size_t> m_counts;
    std::map<std::tuple<const operation<T>*, std::size_t, std::string>, latex_template> m_forms;
};

} // namespace

template <class T>
std::string latex(std::span<const handle<T>> outputs, const latex_options& options)
{
    const excerpt<T> program(outputs, "to_latex", true);
    return formula<T>(program, options).print();
}

template std::string latex(std::span<const handle<float>>, const latex_options&);
template std::string latex(std::span<const handle<double>>, const latex_options&);

} // namespace autograd::display
