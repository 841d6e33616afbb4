#include "tests/benchmarks/gradbench/protocol/message_id.hpp"

namespace gradbench
{

namespace
{

using nlohmann::json;

/// Reads until the id was found.
class id_reader : public json::json_sax_t
{
public:
    std::optional<json> id;

    bool number_integer(number_integer_t number) override { return found(number); }
    bool number_unsigned(number_unsigned_t number) override { return found(number); }
    bool key(string_t& name) override
    {
        m_is_next = m_depth == 1 && name == "id";
        return true;
    }
    bool start_object(std::size_t) override { return enter(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

private:
    template <class Number>
    bool found(Number number)
    {
        if (m_is_next && m_depth == 1)
        {
            id = number;
        }
        return !id;
    }
    bool enter()
    {
        ++m_depth;
        return true;
    }
    bool leave()
    {
        --m_depth;
        return true;
    }

    std::size_t m_depth = 0;
    bool m_is_next = false;
};

} // namespace

std::optional<json> id_of(const std::string& line)
{
    id_reader reader;
    json::sax_parse(line, &reader);
    return reader.id;
}

} // namespace gradbench
