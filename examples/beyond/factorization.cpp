// Which films would users like who have rated some, when others have rated others? Each user u has a few numbers p_u
// for what the user likes, each film f as many, q_f, for what it is. They are those for which
//     sum over ratings (mean + p_u q_f - rating)^2  +  penalty (|P|^2 + |Q|^2)
// is least, and mean + p_u q_f is expected of the ratings that are missing (Y. Koren, R. Bell and C. Volinsky, Matrix
// factorization techniques for recommender systems, 2009). The gradient by P adds up, in each row, what comes back from
// all ratings that looked it up.

#include "autograd/autograd.hpp"
#include "examples/beyond/short_program.hpp"
#include "nn/nn.hpp"

#include <fmt/format.h>

namespace
{

using autograd::variable;
using array = xt::xarray<double>;

template <class Leaf>
struct factors
{
    Leaf users; ///< P, shape (users, rank)
    Leaf films; ///< Q, shape (films, rank)
    NN_MEMBERS(users, films)
};

/// Lines of user, film and rating.
array read(const std::filesystem::path& file)
{
    const array table = nn::read_csv(file, {.has_header = true}).values;
    if (table.shape(0) < 5 || table.shape(1) != 3 || xt::amin(table)() < 0 || xt::amax(table)() > 1999)
    {
        throw std::runtime_error(file.string() + ": must be five lines or more of user, film, rating, from 0 to 1999");
    }
    return table;
}

constexpr auto plots = R"(
set palette defined (0 '#440154', 1 '#3B528B', 2 '#21918C', 3 '#5EC962', 4 '#FDE725'); set cbrange [0.5:5]; unset grid
set xlabel 'film'; set ylabel 'user'; set xtics 10; set autoscale fix; set yrange [*:*] reverse; unset key
set multiplot layout 1, 2 margins 0.1, 0.9, 0.14, 0.9 spacing 0.12
set title 'ratings in the file'; unset colorbox
plot $ratings using 2:1:(0.5):(0.5):3 with boxxyerror fillstyle solid noborder linecolor palette
set title 'ratings expected of all'; set colorbox
plot $expected matrix with image
unset multiplot)";

void run(const array& table, std::size_t rank, double penalty, const beyond::short_program& program)
{
    const auto ids = [&](std::size_t k) { return nn::any_array(nn::column(table, k)).to<std::int64_t>(); };
    const xt::xarray<std::int64_t> user = ids(0), film = ids(1);
    const std::size_t count = user.size(), fitted = count * 4 / 5; // the others are held out
    autograd::tape<double> tape;
    const auto rating = tape.constant(nn::column(table, 2));
    const double mean = autograd::mean(slice(rating, 0, 0, fitted)).item();
    const array centred = (rating - mean).value();

    const auto errors = [&](const factors<variable<double>>& m)
    {
        auto& t = m.users.tape();
        return sum(gather(m.users, t.index(user)) * gather(m.films, t.index(film)), 1) - centred;
    };
    const auto objective = [&](const factors<variable<double>>& m)
    { return norm_sq(slice(errors(m), 0, 0, fitted)) + penalty * (norm_sq(m.users) + norm_sq(m.films)); };
    const auto count_of = [](const auto& numbers) { return static_cast<std::size_t>(xt::amax(numbers)()) + 1; };
    autograd::random::legacy_generator stream(program.seed());
    factors<array> model{stream.randn({count_of(user), rank}), stream.randn({count_of(film), rank})};
    const auto of_two = [&](auto p, auto q) { return objective({p, q}); };
    autograd::check_gradient(of_two, {model.users, model.films}, {.order = 1}).require();
    const auto end = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-6, .change_tolerance = 0}, model, objective);
    fmt::print("ratings    {}, the last {} of them held out\n", count, count - fitted);
    fmt::print("L-BFGS     {} iterations, {} evaluations: {}\n", end.iterations, end.evaluations, to_text(end.end));
    fmt::print("objective  {:.6f}\n\nroot mean square error   fitted  held out\n", end.value);

    const auto m = nn::on_tape(tape, model);
    const auto rms = [](auto e) { return sqrt(autograd::mean(square(e))).item(); };
    for (const auto& [name, e] : {std::pair("of the mean", rating - mean), std::pair("of the factors", errors(m))})
    {
        fmt::print("{:23} {:7.4f} {:9.4f}\n", name, rms(slice(e, 0, 0, fitted)), rms(slice(e, 0, fitted, count)));
    }
    const array expected = (matmul(m.users, transpose(m.films)) + mean).value();
    program.draw(plots, beyond::data_block("$ratings", {table}) + beyond::data_block("$expected", {expected}));
}

} // namespace

int main(int argc, char** argv)
{
    std::filesystem::path file{RATINGS};
    std::size_t rank = 2;
    double penalty = 0.5;
    beyond::short_program program("factorization", "Finds ratings that are missing.", "the first factors", "ratings");
    program.input("--ratings", file, "CSV file of users, films and ratings, with names above");
    program.integer("--rank", rank, "factors of a user, and of a film", std::size_t{1}, std::size_t{20});
    program.number("--penalty", penalty, "penalty", "a number from 0.001 to 1000",
                   [](double x) { return x >= 1e-3 && x <= 1e3; });
    return program.run(argc, argv, [&] { run(read(file), rank, penalty, program); });
}
