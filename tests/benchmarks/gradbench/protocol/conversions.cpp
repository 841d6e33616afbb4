#include "tests/benchmarks/gradbench/protocol/conversions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gradbench
{

// ----------------------------------------------------------------------------------------------------------- inputs

void read(const json& from, hello::input& in)
{
    const json message{{"input", from}};
    in.x = fields(message, "message").number("input");
}

void read(const json& from, gmm::input& in)
{
    const fields given(from);
    const std::size_t d = given.count("d", 1), k = given.count("k", 1), n = given.count("n", 1);
    in.x = given.numbers("x", {n, d});
    in.at = {given.numbers("alpha", {k}), given.numbers("mu", {k, d}), given.numbers("q", {k, d}),
             given.numbers("l", {k, d * (d - 1) / 2})};
    in.m = static_cast<double>(given.count("m"));
    in.gamma = given.positive("gamma");
}

void read(const json& from, kmeans::input& in)
{
    const fields given(from);
    in.points = given.numbers("points", {any, any});
    in.centroids = given.numbers("centroids", {any, in.points.shape(1)});
    if (in.centroids.size() == 0)
    {
        throw message_error("input.centroids is empty; there must be one at least, of one coordinate at least");
    }
}

namespace
{
/// A vector of one number at least.
array not_empty(const char* name, const fields& given)
{
    array vector = given.numbers(name, {any});
    if (vector.size() == 0)
    {
        throw message_error(fmt::format("input.{} is empty; there must be one number at least", name));
    }
    return vector;
}
} // namespace

void read(const json& from, lse::input& in)
{
    in.x = not_empty("x", fields(from));
}

void read(const json& from, llsq::input& in)
{
    const fields given(from);
    in.x = not_empty("x", given);
    in.n = given.count("n", 2);
}

void read(const json& from, lstm::input& in)
{
    const fields given(from);
    in.extra_params = given.numbers("extra_params", {3, any});
    const std::size_t b = in.extra_params.shape(1);
    in.main_params = given.numbers("main_params", {any, 4 * b});
    in.state = given.numbers("state", {in.main_params.shape(0), b});
    in.sequence = given.numbers("sequence", {any, b});
    if (b == 0 || in.state.shape(0) == 0 || in.state.shape(0) % 2 != 0 || in.sequence.shape(0) < 2)
    {
        throw message_error(
            fmt::format("input has {} bits, {} rows of main_params and {} characters; there must be bits, "
                        "two rows for each layer, and two characters",
                        b, in.state.shape(0), in.sequence.shape(0)));
    }
}

namespace
{
/// The same column `count` times.
array repeated(const array& column, std::size_t count)
{
    array result = array::from_shape({column.size(), count});
    for (std::size_t row = 0; row < column.size(); ++row)
    {
        std::fill_n(result.data() + row * count, count, column.data()[row]);
    }
    return result;
}
} // namespace

void read(const json& from, ba::input& in)
{
    const fields given(from);
    const std::size_t n = given.count("n", 1), m = given.count("m", 1), p = given.count("p", 1);
    constexpr std::size_t most = std::numeric_limits<int>::max();
    if (n > most / 11 || m > most / 3 || p > most / 31 || 11 * n + 3 * m + p > most)
    {
        throw message_error(
            "input.n, input.m and input.p are more than the columns of a matrix are counted to, 2^31 - 1");
    }
    in.cameras = repeated(given.numbers("cam", {11}), n);
    in.points = repeated(given.numbers("x", {3}), m);
    in.weights = array::from_shape({p});
    in.weights.fill(given.number("w"));
    in.features = repeated(given.numbers("feat", {2}), p);
}

namespace
{
ht::hand hand_in(const fields& model)
{
    const std::size_t bones = model.count("bone_count", 21); // of these the fingers have 1 to 20
    ht::hand hand;
    hand.parents = model.integers("parents", {bones}, {-1, static_cast<std::int64_t>(bones)});
    for (std::size_t b = 0; b < bones; ++b)
    {
        if (hand.parents[b] >= static_cast<int>(b))
        {
            throw message_error(fmt::format("input.data.model.parents[{}] is {}; a parent must come before its child",
                                            b, hand.parents[b]));
        }
    }
    hand.base_relatives = model.numbers("base_relatives", {bones, 4, 4});
    hand.inverse_base_absolutes = model.numbers("inverse_base_absolutes", {bones, 4, 4});
    hand.base_positions = model.numbers("base_positions", {any, 4});
    const std::size_t vertices = hand.base_positions.shape(0);
    hand.weights = model.numbers("weights", {vertices, bones});
    hand.triangles = model.integers("triangles", {any, 3}, {0, static_cast<std::int64_t>(vertices)});
    hand.is_mirrored = model.flag("is_mirrored");
    return hand;
}
} // namespace

void read(const json& from, ht::input& in)
{
    const fields given(from), data = given.object("data");
    in.theta = given.numbers("theta", {26});
    in.model = hand_in(data.object("model"));
    const bool between = given.numbers("us", {any, any}).size() > 0;
    const std::size_t ends = between ? in.model.triangles.size() / 3 : in.model.base_positions.shape(0);
    in.correspondences = data.integers("correspondences", {any}, {0, static_cast<std::int64_t>(ends)});
    const std::size_t count = in.correspondences.size();
    in.points = data.numbers("points", {count, 3});
    in.us = between ? given.numbers("us", {count, 2}) : array::from_shape({count, 0});
}

void read(const json& from, ode::input& in)
{
    const fields given(from);
    in.x = not_empty("x", given);
    in.s = given.count("s", 1);
}

void read(const json& from, det::input& in)
{
    const fields given(from);
    const std::size_t l = given.count("ell", 1);
    in.A = given.numbers("A", {l * l});
    in.A.reshape({l, l});
}

void read(const json& from, saddle::input& in)
{
    in.start = fields(from).numbers("start", {2});
}

void read(const json& from, particle::input& in)
{
    in.w = fields(from).number("w");
}

// ---------------------------------------------------------------------------------------------------------- outputs

json written(double number)
{
    return number;
}

namespace
{
/// The list of what the axes from `axis` on have, from `next` on; that is moved behind it.
json nested(const array& numbers, std::size_t axis, const double*& next)
{
    if (axis == numbers.dimension())
    {
        return *next++;
    }
    json list = json::array();
    for (std::size_t i = 0; i < numbers.shape(axis); ++i)
    {
        list.push_back(nested(numbers, axis + 1, next));
    }
    return list;
}
} // namespace

json written(const array& numbers)
{
    const double* first = numbers.data();
    return nested(numbers, 0, first);
}

json written(const gmm::parameters& by)
{
    return {{"alpha", written(by.alpha)}, {"mu", written(by.mu)}, {"q", written(by.q)}, {"l", written(by.l)}};
}

json written(const ba::errors& errors)
{
    const std::size_t p = errors.weight.size();
    const double* const first = errors.reprojection.data();
    return {{"reproj_error", {{"elements", {first[0], first[1]}}, {"repeated", p}}},
            {"w_err", {{"element", errors.weight(0)}, {"repeated", p}}}};
}

namespace
{
/// The first 30 elements of a list, and its last one.
template <class T>
json ends_of(const std::vector<T>& list)
{
    const auto first = static_cast<std::ptrdiff_t>(std::min(list.size(), std::size_t{30}));
    json ends = std::vector<T>(list.begin(), list.begin() + first);
    ends.push_back(list.back());
    return ends;
}
} // namespace

json written(const ba::sparse_matrix& J)
{
    return {{"rows", ends_of(J.rows)}, {"cols", ends_of(J.cols)}, {"vals", ends_of(J.vals)}};
}

} // namespace gradbench
