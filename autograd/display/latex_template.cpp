#include "autograd/display/latex_template.hpp"

#include <algorithm>
#include <cctype>
#include <span>

namespace autograd::display
{

namespace
{

enum class sign : std::uint8_t
{
    operand,
    symbol,
    command,
    open, ///< a bracket, \left(, \begin{cases}
    close,
    brace_open,
    brace_close,
    script, ///< ^ or _
    plus,
    minus,
    product,
    slash,
    relation,
    separator,
    space
};

struct token
{
    sign is;
    std::string_view text;
    std::size_t partner = 0;                ///< of open and close signs: the other
    std::size_t number = 0;                 ///< of an operand
    binding needs = binding::relation;      ///< of an operand
    bool no_sign = false;                   ///< of an operand
    bool needs_braces = false;              ///< of an operand: it is an exponent or index
    std::size_t factor = latex_piece::none; ///< of an operand beside \cdot: the other, by its number
    bool is_behind = false;                 ///< of an operand: \cdot is in front of it
};

/// The place of the number among the attributes.
constexpr std::string_view attribute_number = "#0";

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

// ---------------------------------------------------------------------------------------------------------- tokens

sign kind_of_command(std::string_view name)
{
    if (is_one_of(name, {"left", "begin", "lfloor", "lceil", "langle", "lvert", "lVert", "lbrace"}))
    {
        return sign::open;
    }
    if (is_one_of(name, {"right", "end", "rfloor", "rceil", "rangle", "rvert", "rVert", "rbrace"}))
    {
        return sign::close;
    }
    if (is_one_of(name, {"cdot", "times", "odot", "otimes", "oslash", "circ", "ast", "star", "div"}))
    {
        return sign::product;
    }
    if (is_one_of(name, {"le", "leq", "ge", "geq", "ne", "neq", "in", "approx", "equiv", "to", "mid", "bmod", "wedge",
                         "land", "vee", "lor"}))
    {
        return sign::relation;
    }
    return is_one_of(name, {"pm", "mp"})        ? sign::plus
           : is_one_of(name, {"quad", "qquad"}) ? sign::separator
                                                : sign::command;
}

sign kind_of_character(char c)
{
    switch (c)
    {
    case '(':
    case '[':
        return sign::open;
    case ')':
    case ']':
        return sign::close;
    case '{':
        return sign::brace_open;
    case '}':
        return sign::brace_close;
    case '^':
    case '_':
        return sign::script;
    case '+':
        return sign::plus;
    case '-':
        return sign::minus;
    case '*':
        return sign::product;
    case '/':
        return sign::slash;
    case '<':
    case '>':
    case '=':
        return sign::relation;
    case ',':
    case ';':
    case ':':
    case '&':
        return sign::separator;
    default:
        return std::isspace(static_cast<unsigned char>(c)) ? sign::space : sign::symbol;
    }
}

/// What \, \{ \\ and the like are.
sign kind_of_escape(char c)
{
    switch (c)
    {
    case '{':
        return sign::open;
    case '}':
        return sign::close;
    case '\\':
        return sign::separator;
    default:
        return std::string_view(",;:!> ").find(c) != std::string_view::npos ? sign::space : sign::symbol;
    }
}

std::size_t end_of_letters(std::string_view text, std::size_t from)
{
    while (from < text.size() && is_letter(text[from]))
    {
        ++from;
    }
    return from;
}

/// The command that begins at a backslash; with \left and \right their delimiter, with \begin and \end the environment.
token read_command(std::string_view text, std::size_t from)
{
    if (from + 1 == text.size() || !is_letter(text[from + 1]))
    {
        return {from + 1 == text.size() ? sign::symbol : kind_of_escape(text[from + 1]), text.substr(from, 2)};
    }
    std::size_t end = end_of_letters(text, from + 1);
    const std::string_view name = text.substr(from + 1, end - from - 1);
    if (is_one_of(name, {"left", "right"}) && end < text.size())
    {
        end += text[end] != '\\'                          ? 1
               : end_of_letters(text, end + 1) == end + 1 ? 2
                                                          : end_of_letters(text, end + 1) - end;
    }
    else if (is_one_of(name, {"begin", "end"}))
    {
        end = std::min(text.find('}', end), text.size() - 1) + 1;
    }
    return {kind_of_command(name), text.substr(from, end - from)};
}

token read_token(std::string_view text, std::size_t from)
{
    const char c = text[from];
    if (c == '\\')
    {
        return read_command(text, from);
    }
    if (c == '#' && from + 1 < text.size() && is_digit(text[from + 1]) && text[from + 1] != '0')
    {
        token operand{sign::operand, text.substr(from, 2)};
        operand.number = static_cast<std::size_t>(text[from + 1] - '1');
        return operand;
    }
    if (c == '#' && text.substr(from, 2) == attribute_number)
    {
        return {sign::symbol, text.substr(from, 2)};
    }
    std::size_t end = from + 1;
    while (is_digit(c) && end < text.size() && (is_digit(text[end]) || text[end] == '.'))
    {
        ++end;
    }
    return {kind_of_character(c), text.substr(from, end - from)};
}

bool is_bar(std::string_view text)
{
    return text == "|" || text == R"(\|)";
}

/// Finds what closes what. Brackets that nothing closes are symbols; so are those that open nothing.
void match(std::vector<token>& tokens)
{
    std::vector<std::size_t> open;
    const auto close = [&](std::size_t i)
    {
        tokens[open.back()].partner = i;
        tokens[i].partner = open.back();
        open.pop_back();
    };
    for (std::size_t i = 0; i < tokens.size(); ++i)
    {
        token& t = tokens[i];
        if (is_bar(t.text))
        {
            t.is = !open.empty() && tokens[open.back()].text == t.text ? sign::close : sign::open;
        }
        if (t.is == sign::brace_close)
        {
            while (!open.empty() && tokens[open.back()].is != sign::brace_open)
            {
                tokens[open.back()].is = sign::symbol;
                open.pop_back();
            }
        }
        if (t.is == sign::open || t.is == sign::brace_open)
        {
            open.push_back(i);
        }
        else if (t.is == sign::close || t.is == sign::brace_close)
        {
            const sign opening = t.is == sign::close ? sign::open : sign::brace_open;
            if (!open.empty() && tokens[open.back()].is == opening)
            {
                close(i);
            }
            else
            {
                t.is = sign::symbol;
            }
        }
    }
    for (std::size_t i : open)
    {
        tokens[i].is = sign::symbol;
    }
}

std::vector<token> read_tokens(std::string_view text)
{
    std::vector<token> tokens;
    for (std::size_t at = 0; at < text.size(); at += tokens.back().text.size())
    {
        tokens.push_back(read_token(text, at));
    }
    match(tokens);
    return tokens;
}

// ---------------------------------------------------------------------------------------------------------- reading

constexpr std::size_t none = latex_template::none;

/// A factor, or an operator between factors.
struct item
{
    sign is;                       ///< symbol for all factors
    binding level = binding::atom; ///< of a factor
    std::size_t operand = none;    ///< the token, where the factor is a bare operand
    bool is_head = false;          ///< a command, which is applied to the factor behind it
    bool is_big = false;           ///< \sum and the like
    bool is_bracketed = false;     ///< (...)
    bool has_index = false;        ///< _ has been given
    std::size_t end = 0;           ///< the token behind the operator, or the command and its arguments

    bool is_factor() const { return is == sign::symbol; }
};

/// Reads the tokens between two brackets, and what is inside of them, down to what each operand needs.
class reader
{
public:
    explicit reader(std::vector<token>& tokens) : m_tokens(tokens) {}

    binding read(std::size_t first, std::size_t last)
    {
        std::vector<item> items;
        for (std::size_t at = first; at < last;)
        {
            at = read_item(items, at, last);
        }
        m_attributes_at = place_for_attributes(items);
        apply_heads(items);
        for (std::size_t i = 0; i < items.size(); ++i)
        {
            constrain(items, i);
            pair_factors(items, i);
        }
        m_begins_with_minus = !items.empty() && items[0].is == sign::minus;
        m_begins_with_number =
            items.size() > 1 && items[0].is_factor() && items[0].operand == none && items[1].is == sign::product;
        m_first_operand = items.empty() ? none : items[0].operand;
        return level(items);
    }

    // Of what was read last:
    std::size_t attributes_at() const { return m_attributes_at; }
    bool begins_with_minus() const { return m_begins_with_minus; }
    bool begins_with_number() const { return m_begins_with_number; }
    std::size_t first_operand() const { return m_first_operand; }

private:
    void need(std::size_t operand, binding level, bool no_sign)
    {
        m_tokens[operand].needs = std::max(m_tokens[operand].needs, level);
        m_tokens[operand].no_sign = m_tokens[operand].no_sign || no_sign;
    }

    std::size_t skip_spaces(std::size_t at, std::size_t last) const
    {
        while (at < last && m_tokens[at].is == sign::space)
        {
            ++at;
        }
        return at;
    }

    std::size_t read_item(std::vector<item>& items, std::size_t at, std::size_t last)
    {
        const token& t = m_tokens[at];
        switch (t.is)
        {
        case sign::space:
            return at + 1;
        case sign::operand:
            items.push_back({.is = sign::symbol, .operand = at});
            return at + 1;
        case sign::script:
            return read_script(items, at, last);
        case sign::command:
            return read_command_item(items, at, last);
        case sign::brace_open:
            items.push_back(read_braces(at));
            return t.partner + 1;
        case sign::open:
            read(at + 1, t.partner);
            items.push_back({.is = sign::symbol,
                             .level = t.text == R"(\begin{cases})" ? binding::relation : binding::atom,
                             .is_bracketed = true});
            return t.partner + 1;
        default:
            if (t.text == "'" && !items.empty() && items.back().is_factor())
            {
                return read_prime(items.back(), at);
            }
            items.push_back({.is = t.is, .end = at + 1});
            return at + 1;
        }
    }

    /// \tanh' is a function as \tanh is.
    std::size_t read_prime(item& base, std::size_t at)
    {
        if (base.operand != none)
        {
            need(base.operand, binding::subscripted, false);
            base.operand = none;
        }
        return base.end = at + 1;
    }

    /// {#1} is as good as #1 to what stands beside it, and the braces are not needed.
    item read_braces(std::size_t at)
    {
        const std::size_t end = m_tokens[at].partner;
        const std::size_t inside = skip_spaces(at + 1, end);
        const binding inner = read(at + 1, end);
        if (m_tokens[inside].is == sign::operand && skip_spaces(inside + 1, end) == end)
        {
            m_tokens[at].text = m_tokens[end].text = "";
            return {.is = sign::symbol, .operand = inside};
        }
        return {.is = sign::symbol, .level = inner};
    }

    /// How many arguments in braces a command takes.
    static std::size_t arguments_of(std::string_view name)
    {
        if (is_fraction(name) || name == "binom")
        {
            return 2;
        }
        return is_one_of(name, {"sqrt", "operatorname", "text", "mathrm", "mathbf", "mathit", "mathsf", "mathcal",
                                "mathbb", "boldsymbol", "hat", "bar", "tilde", "vec", "overline", "underline"});
    }

    static bool is_fraction(std::string_view name) { return is_one_of(name, {"frac", "dfrac", "tfrac", "cfrac"}); }

    std::size_t read_command_item(std::vector<item>& items, std::size_t at, std::size_t last)
    {
        const std::string_view name = m_tokens[at].text.substr(1);
        std::size_t end = at + 1;
        if (name == "sqrt" && end < last && m_tokens[end].text == "[" && m_tokens[end].is == sign::open)
        {
            read(end + 1, m_tokens[end].partner);
            end = m_tokens[end].partner + 1;
        }
        for (std::size_t k = arguments_of(name); k > 0; --k)
        {
            const std::size_t brace = skip_spaces(end, last);
            if (brace == last || m_tokens[brace].is != sign::brace_open)
            {
                break;
            }
            read(brace + 1, m_tokens[brace].partner);
            end = m_tokens[brace].partner + 1;
        }
        items.push_back({.is = sign::symbol,
                         .level = is_fraction(name) ? binding::product : binding::atom,
                         .is_head = !is_fraction(name) && name != "sqrt" && name != "binom",
                         .is_big = is_one_of(name, {"sum", "prod", "int"}),
                         .end = end});
        return end;
    }

    std::size_t read_script(std::vector<item>& items, std::size_t at, std::size_t last)
    {
        const bool is_index = m_tokens[at].text == "_";
        if (items.empty() || !items.back().is_factor())
        {
            items.push_back({.is = sign::symbol});
        }
        item& base = items.back();
        if (base.operand != none)
        {
            need(base.operand, is_index ? binding::atom : binding::subscripted, false);
            base.operand = none;
        }
        base.level = std::min(base.level, binding::power);
        base.has_index = base.has_index || is_index;

        std::size_t end = skip_spaces(at + 1, last);
        if (end < last)
        {
            if (m_tokens[end].is == sign::brace_open)
            {
                read(end + 1, m_tokens[end].partner);
                end = m_tokens[end].partner;
            }
            m_tokens[end].needs_braces = m_tokens[end].is == sign::operand;
            ++end;
        }
        base.end = end;
        return end;
    }

    /// Behind the last of the commands that the formula begins with and that is applied to something: \log \sum_{...}
    /// #1.
    static std::size_t place_for_attributes(const std::vector<item>& items)
    {
        const auto argument = std::find_if_not(items.begin(), items.end(), [](const item& i) { return i.is_head; });
        const bool is_applied = argument != items.begin() && argument != items.end() && argument->is_factor();
        return is_applied && !argument[-1].has_index ? argument[-1].end : none;
    }

    /// \log(#1) is as good as an atom; in \log #1 the operand must hold together.
    void apply_heads(std::vector<item>& items)
    {
        for (std::size_t i = items.size(); i-- > 0;)
        {
            if (!items[i].is_head || i + 1 == items.size() || !items[i + 1].is_factor())
            {
                continue;
            }
            const item argument = items[i + 1];
            if (argument.operand != none)
            {
                need(argument.operand, items[i].is_big ? binding::product : binding::power, true);
            }
            items[i].level = argument.is_bracketed && !items[i].is_big ? binding::atom : binding::prefix;
            items.erase(items.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
    }

    void constrain(const std::vector<item>& items, std::size_t i)
    {
        const std::size_t operand = items[i].operand;
        if (operand == none)
        {
            return;
        }
        if (i > 0)
        {
            switch (items[i - 1].is)
            {
            case sign::plus:
                need(operand, binding::sum, true);
                break;
            case sign::minus:
                need(operand, binding::prefix, true);
                break;
            case sign::symbol:
                need(operand, binding::power, true);
                break;
            case sign::product:
                need(operand, binding::product, true);
                break;
            case sign::slash:
                need(operand, binding::power, true);
                break;
            case sign::relation:
                need(operand, binding::sum, false);
                break;
            default:
                break;
            }
        }
        if (i + 1 < items.size())
        {
            switch (items[i + 1].is)
            {
            case sign::plus:
            case sign::minus:
            case sign::relation:
                need(operand, binding::sum, false);
                break;
            case sign::symbol:
                need(operand, binding::juxtaposition, false);
                break;
            case sign::product:
            case sign::slash:
                // In front, -a b is as good as (-a) b.
                need(operand, i == 0 ? binding::minus : binding::product, false);
                break;
            default:
                break;
            }
        }
    }

    /// Notes of #1 \cdot #2 which its factors are.
    void pair_factors(const std::vector<item>& items, std::size_t i)
    {
        if (items[i].is != sign::product || i == 0 || i + 1 == items.size())
        {
            return;
        }
        token& times = m_tokens[items[i].end - 1];
        const std::size_t left = items[i - 1].operand;
        const std::size_t right = items[i + 1].operand;
        if (times.text == R"(\cdot)" && left != none && right != none)
        {
            times.number = m_tokens[left].number;
            times.factor = m_tokens[left].factor = m_tokens[right].number;
            m_tokens[right].factor = m_tokens[left].number;
            m_tokens[right].is_behind = true;
        }
    }

    static binding level(const std::vector<item>& items)
    {
        binding result = binding::atom;
        for (std::size_t i = 0; i < items.size(); ++i)
        {
            switch (items[i].is)
            {
            case sign::relation:
            case sign::separator:
                result = std::min(result, binding::relation);
                break;
            case sign::plus:
                result = std::min(result, binding::sum);
                break;
            case sign::minus:
                result = std::min(result, i > 0 && items[i - 1].is_factor() ? binding::sum : binding::minus);
                break;
            case sign::product:
            case sign::slash:
                result = std::min(result, binding::product);
                break;
            default:
                const bool juxtaposed = i > 0 && items[i - 1].is_factor();
                result = std::min({result, items[i].level, juxtaposed ? binding::juxtaposition : binding::atom});
            }
        }
        return result;
    }

    std::vector<token>& m_tokens;
    std::size_t m_attributes_at = none;
    bool m_begins_with_minus = false;
    bool m_begins_with_number = false;
    std::size_t m_first_operand = none;
};

// ----------------------------------------------------------------------------------------------------------- pieces

void add_text(std::vector<latex_piece>& pieces, std::string_view text)
{
    if (text.empty())
    {
        return;
    }
    if (pieces.empty() || pieces.back().is != latex_piece::text)
    {
        pieces.push_back({.is = latex_piece::text, .literal = {}});
    }
    pieces.back().literal += text;
}

void add_token(std::vector<latex_piece>& pieces, const std::vector<token>& tokens, const token& t)
{
    if (t.is == sign::operand)
    {
        add_text(pieces, t.needs_braces ? "{" : "");
        pieces.push_back({latex_piece::operand, {}, t.number, t.needs, t.no_sign, t.factor, t.is_behind});
        add_text(pieces, t.needs_braces ? "}" : "");
    }
    else if (t.factor != none)
    {
        pieces.push_back({.is = latex_piece::times, .literal = {}, .number = t.number, .factor = t.factor});
    }
    else if (t.text == attribute_number)
    {
        pieces.push_back({.is = latex_piece::attribute, .literal = {}});
    }
    else if (t.is == sign::open && t.text == "(" && tokens[t.partner].text == ")")
    {
        pieces.push_back({.is = latex_piece::open, .literal = {}});
    }
    else if (t.is == sign::close && t.text == ")" && tokens[t.partner].text == "(")
    {
        pieces.push_back({.is = latex_piece::close, .literal = {}});
    }
    else
    {
        add_text(pieces, t.text);
    }
}

} // namespace

latex_template::latex_template(std::string_view text)
{
    std::vector<token> tokens = read_tokens(text);
    reader whole(tokens);
    level = whole.read(0, tokens.size());
    begins_with_minus = whole.begins_with_minus();
    begins_with_number = whole.begins_with_number();
    first_operand = whole.first_operand() == none ? none : tokens[whole.first_operand()].number;
    const bool shows_number = text.find(attribute_number) != std::string_view::npos;
    shows_attributes = shows_number || whole.attributes_at() != none;
    for (std::size_t i = 0; i < tokens.size(); ++i)
    {
        if (i == whole.attributes_at() && !shows_number)
        {
            pieces.push_back({.is = latex_piece::attributes, .literal = {}});
        }
        add_token(pieces, tokens, tokens[i]);
        operands = std::max(operands, tokens[i].is == sign::operand ? tokens[i].number + 1 : 0);
        const std::string_view name = tokens[i].text.substr(0, tokens[i].text.find('{'));
        is_tall = is_tall || is_one_of(name, {R"(\frac)", R"(\dfrac)", R"(\cfrac)", R"(\binom)", R"(\sum)", R"(\prod)",
                                              R"(\int)", R"(\begin)"});
    }
}

latex_template latex_template::of_operation(std::string_view latex, std::string_view attributes)
{
    const std::string_view usual = latex.substr(0, latex.find('\n'));
    while (!attributes.empty() && latex.find('\n') != std::string_view::npos)
    {
        latex.remove_prefix(latex.find('\n') + 1);
        const std::string_view line = latex.substr(0, latex.find('\n'));
        if (line.starts_with(attributes) && line.substr(attributes.size()).starts_with(": "))
        {
            latex_template own(line.substr(attributes.size() + 2));
            own.shows_attributes = true;
            return own;
        }
    }
    return latex_template(usual);
}

latex_template latex_template::call(std::string_view name, std::size_t operands)
{
    latex_template result;
    result.operands = operands;
    const std::string word = upright(name);
    add_text(result.pieces, R"(\operatorname)");
    add_text(result.pieces, std::string_view(word).substr(std::string_view(R"(\mathrm)").size()));
    result.pieces.push_back({.is = latex_piece::attributes, .literal = {}});
    result.pieces.push_back({.is = latex_piece::open, .literal = {}});
    for (std::size_t k = 0; k < operands; ++k)
    {
        if (k > 0)
        {
            add_text(result.pieces, ", ");
        }
        result.pieces.push_back({.is = latex_piece::operand, .literal = {}, .number = k});
    }
    result.pieces.push_back({.is = latex_piece::close, .literal = {}});
    result.shows_attributes = true;
    return result;
}

// ------------------------------------------------------------------------------------------------------------- text

std::string upright(std::string_view text)
{
    std::string result = R"(\mathrm{)";
    for (char c : text)
    {
        switch (c)
        {
        case '_':
        case '%':
        case '#':
        case '&':
        case '$':
        case '{':
        case '}':
            result += {'\\', c};
            break;
        case '\\':
            result += R"(\backslash{})";
            break;
        case '^':
            result += R"({\wedge})";
            break;
        case '~':
            result += R"({\sim})";
            break;
        case '\'':
            result += R"({\prime})";
            break;
        case ' ':
        case '\n':
        case '\t':
            result += '~';
            break;
        default:
            result += c;
        }
    }
    return result + '}';
}

void append_latex(std::string& formula, std::string_view part)
{
    std::size_t word = formula.size();
    while (word > 0 && is_letter(formula[word - 1]))
    {
        --word;
    }
    const bool ends_with_command = word > 0 && word < formula.size() && formula[word - 1] == '\\';
    if (ends_with_command && !part.empty() && is_letter(part[0]))
    {
        formula += ' ';
    }
    formula += part;
}

} // namespace autograd::display
