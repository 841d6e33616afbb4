// Two threads beside what two processes reach, each with one: times of calls by the clock, not of processors. Two
// processes do two calls at a time, so what each call takes counts half.

#include "tests/benchmarks/programs_network.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <numeric>
#include <stdexcept>

namespace
{

using namespace programs;
using seconds = std::chrono::duration<double>;

constexpr auto subject_of_threads = "threads";
constexpr auto one_thread = "one_thread";
constexpr auto two_processes = "two_processes";
constexpr seconds time_of_measurement(0.5);

/// What is called again and again.
using work = std::function<void()>;

/// How many seconds a call takes, after one that is not counted: of so many seconds.
double seconds_of_call(const work& call)
{
    using clock = std::chrono::steady_clock;
    call();
    std::size_t calls = 0;
    const auto begin = clock::now();
    seconds passed(0);
    while (passed < time_of_measurement)
    {
        call();
        ++calls;
        passed = clock::now() - begin;
    }
    return passed.count() / static_cast<double>(calls);
}

/// A process that measures itself, beginning when it is told to.
class measured_process
{
public:
    explicit measured_process(const std::function<work()>& prepare)
    {
        if (::pipe(m_begin) != 0 || ::pipe(m_result) != 0 || (m_process = ::fork()) < 0)
        {
            throw std::runtime_error("no other process");
        }
        if (m_process == 0)
        {
            autograd::set_threads(1);
            const work call = prepare();
            call();
            char now = 0;
            tell(m_result, now);
            ask(m_begin, now);
            const double result = seconds_of_call(call);
            tell(m_result, result);
            ::_exit(0);
        }
        char ready = 0;
        ask(m_result, ready);
    }
    void begin() { tell(m_begin, '!'); }
    double result()
    {
        double seconds_of_its_calls = 0;
        ask(m_result, seconds_of_its_calls);
        ::waitpid(m_process, nullptr, 0);
        for (const int end : {m_begin[0], m_begin[1], m_result[0], m_result[1]})
        {
            ::close(end);
        }
        return seconds_of_its_calls;
    }

private:
    template <class Value>
    static void tell(const int (&through)[2], const Value& value)
    {
        if (::write(through[1], &value, sizeof value) != sizeof value)
        {
            throw std::runtime_error("a process that measures does not listen");
        }
    }
    template <class Value>
    static void ask(const int (&through)[2], Value& value)
    {
        if (::read(through[0], &value, sizeof value) != sizeof value)
        {
            throw std::runtime_error("a process that measures does not answer");
        }
    }

    int m_begin[2];
    int m_result[2];
    pid_t m_process;
};

/// For each of two processes at one time, half of what a call takes in the mean.
double seconds_of_two_processes(const std::function<work()>& prepare)
{
    measured_process one(prepare);
    measured_process other(prepare);
    one.begin();
    other.begin();
    const double first = one.result();
    const double second = other.result();
    return 1 / (1 / first + 1 / second);
}

double seconds_of_threads(std::int64_t count, const std::function<work()>& prepare)
{
    autograd::set_threads(count);
    const double result = seconds_of_call(prepare());
    autograd::set_threads(1);
    return result;
}

/// The figure is that of one of the items that a call treats.
void add_work(const std::string& name, const std::string& unit, std::size_t items, const std::function<work()>& prepare)
{
    const auto all = static_cast<double>(items);
    measure::add_figure(subject_of_threads, name, measure::xgrad, unit,
                        [=] { return seconds_of_threads(2, prepare) / all; });
    measure::add_figure(subject_of_threads, name, one_thread, unit,
                        [=] { return seconds_of_threads(1, prepare) / all; });
    measure::add_figure(subject_of_threads, name, two_processes, unit,
                        [=] { return seconds_of_two_processes(prepare) / all; });
}

// -------------------------------------------------------------------------------------------------------------- works

constexpr std::size_t elements = 1'000'000;

arrays<double> elementwise_inputs()
{
    return {autograd::array<double>(xt::adapt(even(-3, 3, elements), {elements}))};
}

variables<double> tanh_and_exp(const variables<double>& x)
{
    return {tanh(x[0]) * exp(-square(x[0]))};
}

arrays<float> inputs_of_network()
{
    return network_inputs(1024);
}

template <class T>
work recording_of(function<T> f, const arrays<T>& inputs)
{
    const auto tape = std::make_shared<autograd::tape<T>>();
    return [=]
    {
        tape->clear();
        f(on_tape(*tape, inputs));
    };
}

template <class T>
work program_of(function<T> f, const arrays<T>& inputs)
{
    const auto program = std::make_shared<compiled<T>>(f, inputs);
    return [=] { program->run(); };
}

} // namespace

void measure::register_benchmarks()
{
    add_work("tanh_and_exp_1000000_recorded", "ns/element", elements,
             [] { return recording_of(tanh_and_exp, elementwise_inputs()); });
    add_work("tanh_and_exp_1000000", "ns/element", elements,
             [] { return program_of(tanh_and_exp, elementwise_inputs()); });
    add_work("network_batch_1024_recorded", "us/pass", 1,
             [] { return recording_of(network_pass, inputs_of_network()); });
    add_work("network_batch_1024", "us/pass", 1, [] { return program_of(network_pass, inputs_of_network()); });
}
