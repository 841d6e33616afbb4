#pragma once

#include "nn/block_tree.hpp"
#include "nn/optimizer/step.hpp"

#include <span>
#include <vector>

/// Steps whose gradient is the mean over blocks of a batch, one run for each, of this process or of the ranks of a
/// team.
namespace nn::detail
{

/// Where the numbers of a block are: of each leaf the gradient of a parameter or the new buffer, and the loss behind
/// them all.
template <class T>
class block_numbers
{
public:
    template <class Recorded>
    block_numbers(autograd::variable<T> loss, const Recorded& gradients, const Recorded& with_buffers)
    {
        zip_leaves([&](const part_path&, role as, const auto& gradient, const auto& leaf)
                   { add(as == role::parameter ? gradient : leaf); },
                   gradients, with_buffers);
        add(loss);
    }

    operator std::span<const std::span<const T>>() const { return m_pieces; }

private:
    void add(const autograd::variable<T>& x) { m_pieces.push_back({x.data(), x.size()}); }

    std::vector<std::span<const T>> m_pieces;
};

/// How many numbers that are: all elements of the model, and the loss.
template <class Model>
std::size_t size_of_block(const Model& model)
{
    std::size_t size = 1;
    zip_leaves([&](const part_path&, role, const auto& leaf) { size += leaf.size(); }, model);
    return size;
}

/// Runs the own blocks, and adds what they come to to the tree. loss(m, block) is what a loss function gives.
///
/// Two blocks that are a subtree stay on the tape together, so that their numbers are read once and not copied. (More
/// of them would leave the cache.)
template <class T, class Model, class Loss>
void run_blocks(autograd::tape<T>& tape, const Model& model, Loss& loss, block_tree<T>& tree, autograd::location where)
{
    for (std::size_t block = tree.own_blocks().first; block < tree.own_blocks().last;)
    {
        const rewinding<T> at_the_end(tape);
        const auto m = recorded_as_if_at(where, tape, [&] { return lend(tape, model); });
        const auto run = [&]
        {
            const auto [value, with_buffers] = loss_and_model(loss(m, block++), m);
            const typename autograd::tape<T>::as_if_at at(tape, where);
            const auto gradients = autograd::gradient(value, m, autograd::unconnected::error, where);
            require_finite_loss(value.item(), where);
            return block_numbers<T>(value, gradients, with_buffers);
        };
        const bool are_two = tree.is_pair_next();
        const block_numbers<T> first = run();
        if (are_two)
        {
            tree.add(first, run());
        }
        else
        {
            tree.add(first);
        }
    }
}

/// A model on a tape whose leaves of one role are parts of a list, which the tape reads in place; the others are those
/// of `m`.
template <class T, class Recorded>
Recorded with_leaves(autograd::tape<T>& tape, const Recorded& m, role which, const T* next)
{
    return map_leaves_by_path(
        [&](const part_path&, role as, const autograd::variable<T>& leaf)
        {
            const autograd::borrowed<T> numbers = autograd::borrow(next, leaf.shape());
            next += leaf.size();
            return as == which ? tape.constant(numbers) : leaf;
        },
        m);
}

/// take_step by blocks: `adjust` and the optimizer see the mean of the gradients over all rows, on every rank, and the
/// model gets the mean of the buffers. Parameters take whole gradients. Returns the mean of the losses. Throws as
/// take_step, before it hears of other ranks where the loss of an own block is not finite.
template <class T, class Optimizer, class Model, class Loss, class Adjust>
T step_by_blocks(autograd::tape<T>& tape, const Optimizer& optimizer, Model& model, state_of<Optimizer, Model>& state,
                 Loss& loss, double rate, Adjust& adjust, block_tree<T>& tree, team* ranks, const std::string& place,
                 autograd::location where)
{
    run_blocks(tape, model, loss, tree, where);
    if (ranks != nullptr)
    {
        ranks->meet(place);
    }
    const std::span<const T> mean = tree.mean(size_of_block(model), ranks);

    const rewinding<T> at_the_end(tape);
    const typename autograd::tape<T>::as_if_at at(tape, where);
    const auto m = lend(tape, model);
    const auto gradients = with_leaves(tape, m, role::parameter, mean.data());
    move_on(tape, optimizer, model, state, with_leaves(tape, m, role::buffer, mean.data()), adjusted(adjust, gradients),
            rate, rows_of_step<T>(), where);
    return mean.back();
}

} // namespace nn::detail
