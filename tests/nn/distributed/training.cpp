// A training over MPI, small, with all that may depend on who computes what: batch norm, dropout, clipping, a last
// batch that is smaller. What else it does its arguments say; see test.sh.
//
//     training FILE [WHAT...]     trains, and writes the model to FILE
//
//     epochs=N          until N epochs are complete
//     checkpoint=FILE   with checkpoints, from which it goes on
//     bad_batch=R       a label that is no class, on rank R
//     nan=R             points that are no numbers, on rank R
//     no_memory=R       an exception outside of fit, on rank R
//     busy=R            rank R does something else for a minute behind fit, and does not listen
//     killed=R          rank R is killed in the second epoch
//     full_disk=N       no file grows any more from epoch N on
//     rows=R            one more row, on rank R
//     units=R           another model, on rank R
//     second=R          a second communicator, on rank R

#include "nn/distributed/communicator.hpp"
#include "nn/nn.hpp"

#include <csignal>
#include <map>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

namespace
{

/// The arguments behind the file.
std::map<std::string, std::string> options_of(int argc, char** argv)
{
    std::map<std::string, std::string> options;
    for (int k = 2; k < argc; ++k)
    {
        const std::string argument = argv[k];
        const std::size_t equals = argument.find('=');
        options[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
    return options;
}

class experiment
{
public:
    experiment(nn::distributed::communicator& world, std::string file, std::map<std::string, std::string> options)
        : m_world(world), m_file(std::move(file)), m_options(std::move(options))
    {
        nn::random_stream stream(0);
        auto [points, labels] = nn::make_moons(is_at("rows") ? 331 : 330, 0.1, stream);
        m_points = points;
        m_labels = labels;
        if (is_at("second"))
        {
            const nn::distributed::communicator second;
        }
        if (is_at("bad_batch"))
        {
            m_labels.fill(7);
        }
        if (is_at("nan"))
        {
            m_points.fill(std::numeric_limits<double>::quiet_NaN());
        }
    }

    void train()
    {
        nn::random_stream stream(4);
        const std::size_t units = is_at("units") ? 7 : 6;
        const nn::sequential network{nn::make_linear(2, units, stream), nn::make_batch_norm(units),
                                     nn::activation::tanh(), nn::dropout{0.25}, nn::make_linear(units, 2, stream)};
        nn::training run(network, nn::adam{.learning_rate = 0.05}, nn::warm_up(3), 7);
        run.blocks = nn::batch_blocks{8};
        using model = decltype(run.model);
        nn::fit_options<model> options{.checkpoint = text("checkpoint"),
                                       .adjust_gradients = [](const auto& g) { return nn::clip_by_norm(g, 0.05); },
                                       .progress = nn::progress_bar::style::silent,
                                       .across = &m_world};
        options.validation = [&](const model& m) { return error_of(m); };
        options.on_epoch = {[&](const nn::epoch_report& report)
                            {
                                after(report);
                                run.optimizer.learning_rate /= is_at("slower") ? 2 : 1;
                            }};
        if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint))
        {
            nn::load_checkpoint(options.checkpoint, run);
        }
        const auto batches = [&](auto& random)
        {
            in_epoch(run.progress.epochs + 1);
            return nn::shuffled_batches({.size = 136}, random, m_points, m_labels);
        };
        const auto loss = [](const auto& m, auto x, auto y, const auto& random)
        {
            const auto [scores, next] = m.on_batch(x, random);
            return std::pair(nn::cross_entropy(scores, y), next);
        };
        nn::fit(run, std::stoul(m_options.contains("epochs") ? m_options["epochs"] : "4"), batches, loss, options);
        if (is_at("busy"))
        {
            std::this_thread::sleep_for(std::chrono::minutes(1));
        }
        if (is_at("no_memory"))
        {
            throw std::bad_alloc();
        }
        if (m_world.leads())
        {
            nn::save_model(m_file, run.model);
        }
    }

private:
    bool is_at(const char* option) const
    {
        const auto found = m_options.find(option);
        return found != m_options.end() && found->second == std::to_string(m_world.rank());
    }
    std::string text(const char* option) const
    {
        const auto found = m_options.find(option);
        return found == m_options.end() ? "" : found->second;
    }

    void in_epoch(std::size_t epoch) const
    {
        if (epoch == 2 && is_at("killed"))
        {
            std::raise(SIGKILL);
        }
    }
    void after(const nn::epoch_report& report) const
    {
        if (std::to_string(report.epoch) == text("full_disk"))
        {
            std::signal(SIGXFSZ, SIG_IGN); // the limit stands for a disk without room: writing fails
            const rlimit least{.rlim_cur = 100, .rlim_max = 100};
            ::setrlimit(RLIMIT_FSIZE, &least);
        }
    }

    template <class Model>
    double error_of(const Model& model) const
    {
        autograd::tape<double> tape;
        const auto scores = nn::on_tape(tape, model)(tape.constant(m_points));
        return nn::cross_entropy(scores, tape.index(m_labels)).item();
    }

    nn::distributed::communicator& m_world;
    std::string m_file;
    std::map<std::string, std::string> m_options;
    xt::xarray<double> m_points;
    xt::xarray<std::int64_t> m_labels;
};

} // namespace

int main(int argc, char** argv)
{
    return nn::distributed::run([&](nn::distributed::communicator& world)
                                { experiment(world, argv[1], options_of(argc, argv)).train(); });
}
