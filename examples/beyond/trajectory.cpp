// Which forces u on a cart swing up the pendulum on it with the least effort? With a cart of mass M at x, and a bob of
// mass m on a rod of length l that hangs at the angle q,
//
//     x'' = (u + m l q'^2 sin q + m g sin q cos q) / (M + m sin^2 q)
//     q'' = -((u + m l q'^2 sin q) cos q + (M + m) g sin q) / (l (M + m sin^2 q)).
//
// From rest at x = q = 0 the cart is to rest at a distance, with q = pi, two seconds later, with the least integral of
// u^2. (M. Kelly, "An introduction to trajectory optimization", SIAM Review 2017, whose numbers these are.)

#include "autograd/autograd.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/output_folder.hpp"
#include "nn/optimizer/lbfgs.hpp"

#include <fmt/format.h>

namespace
{

using autograd::variable;
constexpr double pi = xt::numeric_constants<double>::PI, M = 1, m = 0.3, l = 0.5, g = 9.81, h = 0.0625;
constexpr std::size_t steps = 32;
const std::filesystem::path unless_told{"output/trajectory.png"};

/// The rate of change of the state s = (x, q, v, w), with v = x' and w = q', under a force u.
variable<double> rate(variable<double> s, variable<double> u)
{
    const auto q = view(s, 1), v = view(s, 2), w = view(s, 3), sine = sin(q), cosine = cos(q);
    const auto mass = M + m * square(sine), push = u + m * l * square(w) * sine, fall = g * sine;
    return autograd::stack({v, w, (push + m * fall * cosine) / mass, -(push * cosine + (M + m) * fall) / (l * mass)});
}

/// The states from rest on, after each step of Runge and Kutta's method of order 4. Each force holds for a step.
std::vector<variable<double>> trajectory(variable<double> forces)
{
    std::vector<variable<double>> states{forces.tape().full({4}, 0.0)};
    for (std::size_t i = 0; i < steps; ++i)
    {
        const auto s = states.back(), u = view(forces, i), k1 = rate(s, u), k2 = rate(s + h / 2 * k1, u);
        const auto k3 = rate(s + h / 2 * k2, u), k4 = rate(s + h * k3, u);
        states.push_back(s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4));
    }
    return states;
}

constexpr auto panels = R"(
set multiplot layout 2,1; unset colorbox; set palette defined (0 '#56B4E9', 1 '#0072B2', 2 '#000000')
set size ratio -1; set xlabel 'position (m)'; set ylabel 'height (m)'; set ytics 0.5; set yrange [-0.6:0.6]
plot $states using ($1 + l * sin($2)):(-l * cos($2)):0 with points pointtype 7 linecolor palette notitle, \
  $states using 1:(0):(l * sin($2)):(-l * cos($2)):0 with vectors nohead linewidth 1.5 linecolor palette notitle
set size noratio; set xlabel 'time (s)'; set ylabel 'force (N)' textcolor rgb 0xD55E00; set ytics 5
set y2label 'angle (rad)' textcolor rgb 0x0072B2; set y2range [-pi:pi]; set y2tics ('−π' -pi, '0' 0, 'π' pi)
plot [0:2] [-15:15] $states using ($0 * h):3 with steps linewidth 2.5 linecolor rgb 0xD55E00 notitle, \
  $states using ($0 * h):2 axes x1y2 with lines linewidth 2.5 linecolor rgb 0x0072B2 notitle; unset multiplot)";

/// By the method of multipliers, each of them 2 penalty shift (Powell 1969; Nocedal & Wright 2006, section 17.3).
void swing_up(double distance, const std::filesystem::path& figure)
{
    const xt::xarray<double> goal{distance, pi, 0.0, 0.0};
    const auto error = [&](variable<double> u) { return trajectory(u).back() - goal; };
    const auto effort = [](variable<double> u) { return h * sum(square(u)); };
    xt::xarray<double> forces = xt::zeros<double>({steps}), shift = xt::zeros<double>({4});
    autograd::check_gradient(error, forces, {.order = 1, .coordinates = 5}).require();
    fmt::print("gradient  through {} steps of the integrator: that of finite differences\n", steps);
    autograd::tape<double> tape;
    for (double penalty = 100, growth = 3; penalty < 1e4; penalty *= growth)
    {
        const auto loss = [&](auto u) { return effort(u) + penalty * sum(square(error(u) + shift)); };
        nn::minimize(tape, nn::lbfgs{.iterations = 500, .gradient_tolerance = 1e-3}, forces, loss);
        const auto u = tape.constant(forces), e = error(u);
        shift = (shift + e.value()) / growth;
        fmt::print("penalty {:4}  effort {:.4f}, {:.6f} from the goal\n", penalty, effort(u).item(),
                   amax(abs(e)).item());
    }
    if (!figure.empty() && article::prepare_to_write({figure}, unless_told))
    {
        const auto s = stack(trajectory(tape.constant(forces))).value();
        std::string data = fmt::format("l = {}\nh = {}\n$states << END\n", l, h);
        for (std::size_t i = 0; i <= steps; ++i)
        {
            data += fmt::format("{:.5f} {:.5f} {:.5f}\n", s(i, 0), s(i, 1), forces(std::min(i, steps - 1)));
        }
        article::draw_and_report({1000, 900, 15, data + "END", std::string(article::graph_style) + panels}, figure);
    }
}

} // namespace

int main(int argc, char** argv)
{
    double distance = 1;
    std::filesystem::path figure = unless_told;
    article::command_line line("trajectory", R"(Finds the forces on a cart that swing up the pendulum on it.
In parentheses: what an option is unless given.)");
    line.number("--distance", distance, "where the cart is to rest in the end, in m", "a number from 0.5 to 2",
                [](double x) { return x >= 0.5 && x <= 2; });
    line.picture("--figure", figure, "draw the swing to this .png or .svg file, its script beside it; or none");
    return line.run(argc, argv, [&] { swing_up(distance, figure); });
}
