#include "headers.hpp"

// Models and trainings.

template <class Leaf>
struct two_layers
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

template <class Leaf>
struct without_members
{
    nn::linear<Leaf> hidden;
};

template <class Leaf>
struct members_behind_pointers
{
    std::unique_ptr<nn::linear<Leaf>> hidden;
    NN_MEMBERS(hidden)
};

template <class Leaf>
struct members_of_what_may_change
{
    Leaf weight;
    auto members() { return std::tie(weight); }
};

struct without_leaf_type
{
    xarray weight;
    NN_MEMBERS(weight)
};

using matrix = xt::xtensor<double, 2>;

void on_tapes(tape& t, variable loss)
{
    const two_layers<xarray> model;
    const auto m = nn::on_tape(t, model);
    const auto a = nn::on_tape(t, without_members<xarray>()); // mistake: list their members: NN_MEMBERS(weight, bias)
    const auto c = nn::on_tape(t, members_behind_pointers<xarray>());    // mistake: no pointers to them
    const auto e = nn::on_tape(t, members_of_what_may_change<xarray>()); // mistake: list their members: NN_MEMBERS
    const auto d = nn::on_tape(t, without_leaf_type());             // mistake: model<autograd::array<T>> on tape<T>
    const auto f = nn::on_tape(t, two_layers<xt::xarray<float>>()); // mistake: model<autograd::array<T>> on tape<T>
    const auto h = gradient(loss, model); // mistake (in 20 lines): by the model that nn::on_tape(tape, model) gives
    const auto i = jacobian(loss, model); // mistake (in 20 lines): by the model that nn::on_tape(tape, model) gives
    const auto j = hessian(loss, model);  // mistake (in 20 lines): by the model that nn::on_tape(tape, model) gives
    const auto o = nn::number_of_parameters(without_members<xarray>()); // mistake (in 25 lines): list their members
    const auto p = nn::number_of_parameters(nn::linear<matrix>());      // mistake (in 50 lines): autograd::array<T>
    nn::save_model("model.npz", without_members<xarray>());             // mistake (in 25 lines): list their members
    const auto k = gradient(loss, m);
    const auto l = nn::values(model); // mistake: The values are those of a model of variables
    const auto n = nn::values(m);
}

void losses(variable y, const xarray& truth, const xt::xarray<int>& labels)
{
    variable loss;
    loss = nn::cross_entropy(y, labels); // mistake: tape.index(labels) for labels
    loss = nn::cross_entropy(y, y.tape().index(labels));
    loss = nn::mean_squared_error(y, truth); // mistake: tape.constant(array) for numbers
    loss = nn::mean_squared_error(y, y.tape().constant(truth));
}

void trainings(tape& t, two_layers<xarray> model, variable x, const xarray& a)
{
    const auto m = nn::on_tape(t, model);
    const auto batches = [&](auto& random) { return nn::shuffled_batches({64}, random, a, a); };
    const auto loss = [](const auto& net, auto u, auto v) { return nn::mean_squared_error(net(u), v); };
    const auto number = [](const auto& net, auto u, auto v) { return nn::mean_squared_error(net(u), v).item(); };
    const auto of_one = [](const auto& net, auto u) { return sum(net(u)); };
    const auto on_tape = [=] { return std::vector{std::tuple(x, x)}; };
    const nn::adam adam;
    nn::training of_variables(m, adam);                       // mistake: A training starts from a model of arrays
    nn::training of_nothing{without_members<xarray>(), adam}; // mistake: which lists its members
    nn::training run(model, adam);
    nn::fit(model, 20, batches, loss); // mistake: What is fitted is a training
    nn::fit(run, 20, a, loss);         // mistake: returns the batches of an epoch: a range
    nn::fit(run, 20, on_tape, loss);   // mistake: A batch is an array or a tuple of arrays
    nn::fit(run, 20, batches, of_one); // mistake: [](const auto& m, auto x, auto y)
    nn::fit(run, 20, batches, number); // mistake: A loss returns one variable
    nn::fit(run, 20, batches, loss);
    auto state = adam.start(model);
    nn::take_step(t, adam, model, state, [&](const auto& net) { return net(x).item(); }); // mistake: A loss returns one
    nn::take_step(t, adam, model, state, [&](const auto& net) { return sum(net(x)); });
}
