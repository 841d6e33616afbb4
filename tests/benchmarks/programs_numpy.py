#!/usr/bin/python3
"""Of the work of programs what is whole arrays, in NumPy, with derivatives by hand.

    programs_numpy.py [--benchmark_min_time=S] [--benchmark_repetitions=N] [--benchmark_filter=PATTERN]
                      [--benchmark_out=FILE.json]

It takes the options of the other benchmarks and writes what benchmark_table reads of theirs. Derivatives are compared
with differences before anything is timed.
"""
import argparse
import datetime
import json
import os
import re
import statistics
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded
import numpy as np

# As in programs_inputs.hpp and programs_loops.hpp.
LAYERS, BATCHES, RATE, IMAGE_SCALE, PARAMETER_SCALE = (784, 512, 512, 10), (32, 128, 1024), 0.01, 1, 0.1
SIDES, FACTOR, SHIFT = (1000, 100), 1.25, 0.5
POINTS = 2000
EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def expect_derivative(value, x, gradients):
    """Refuses gradients of value(*x) by the first of x that are not those of differences along a random direction near
    theirs."""
    random = np.random.RandomState(0)
    steps = [1e-8 * (g / np.max(np.abs(g)) + 0.1 * random.randn(*np.shape(g))) for g in gradients]
    moved = [[a + sign * s for a, s in zip(x, steps)] + list(x[len(steps):]) for sign in (1, -1)]
    difference = (value(*moved[0]) - value(*moved[1])) / 2
    expected = sum(np.sum(g * s) for g, s in zip(gradients, steps))
    if not abs(difference - expected) <= 1e-5 * abs(expected):
        raise SystemExit(f"programs: a derivative is {expected} times a step, and differences say {difference}")


# --------------------------------------------------------------------------------------------------- a network of relu

def network_numbers(shape, scale):
    i = np.arange(np.prod(shape)) % 9973
    return (scale * (np.fmod(np.float32(0.618034) * i.astype(np.float32), 1) - 0.5)).astype(np.float32).reshape(shape)


def network_inputs(batch):
    """Weights and biases, images, targets."""
    shapes = [(rows, columns) for above, columns in zip(LAYERS, LAYERS[1:]) for rows in (above, 1)]
    targets = np.zeros((batch, LAYERS[3]), np.float32)
    targets[np.arange(batch), np.arange(batch) % LAYERS[3]] = 1
    return ([network_numbers(shape, PARAMETER_SCALE) for shape in shapes],
            network_numbers((batch, LAYERS[0]), IMAGE_SCALE), targets)


def network_loss_and_gradients(parameters, images, targets):
    values = [images]
    for k in (0, 2, 4):
        y = values[-1] @ parameters[k] + parameters[k + 1]
        values.append(np.maximum(y, 0) if k < 4 else y)
    shifted = y - y.max(1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(1, keepdims=True)
    loss = -np.sum(targets * (shifted - np.log(totals))) / len(images)
    slope = (exponentials / totals - targets) / np.float32(len(images))
    gradients = [None] * 6
    for k in (4, 2, 0):
        gradients[k], gradients[k + 1] = values[k // 2].T @ slope, slope.sum(0, keepdims=True)
        if k > 0:
            slope = (slope @ parameters[k].T) * (values[k // 2] > 0)
    return loss, gradients


def network(batch):
    few, *data = network_inputs(32)  # the more rows, the more units are within a step of relu's kink
    few, data = [p.astype(float) for p in few], [each.astype(float) for each in data]
    expect_derivative(lambda *p: network_loss_and_gradients(p, *data)[0], few,
                      network_loss_and_gradients(few, *data)[1])

    parameters, images, targets = network_inputs(batch)

    def descend():
        for parameter, gradient in zip(parameters, network_loss_and_gradients(parameters, images, targets)[1]):
            parameter -= np.float32(RATE) * gradient
    return descend


# --------------------------------------------------------------------------------------------------- element by element

def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elementwise_value(x, a, b):
    return np.sum(np.tanh(x * a + b) * sigmoid(x) + np.exp(-x * x))


def elementwise_gradients(x, a, b):
    t, s = np.tanh(x * a + b), sigmoid(x)
    inner = (1 - t * t) * s
    return inner * a + t * s * (1 - s) - 2 * x * np.exp(-x * x), np.sum(inner * x), np.sum(inner)


def elementwise(side):
    x = np.linspace(-3, 3, side * side).reshape(side, side)
    expect_derivative(elementwise_value, [x, FACTOR, SHIFT], elementwise_gradients(x, FACTOR, SHIFT))
    return lambda: elementwise_gradients(x, FACTOR, SHIFT)


# ------------------------------------------------------------------------------------------------------------ all pairs

def pairs():
    return (np.linspace(-2, 2, 3 * POINTS).reshape(3, POINTS), np.linspace(-1, 3, 3 * POINTS).reshape(3, POINTS),
            np.linspace(0, 1, POINTS))


def all_pairs_value(x, y, w):
    return np.sum(np.exp(-np.sum((x[:, :, None] - y[:, None, :]) ** 2, 0)) * w)


def all_pairs_gradient(x, y, w):
    differences = x[:, :, None] - y[:, None, :]
    return -2 * np.sum(differences * (np.exp(-np.sum(differences ** 2, 0)) * w), 2)


def all_pairs_value_and_gradients(x, y, w):
    differences = x[:, :, None] - y[:, None, :]
    exponentials = np.exp(-np.sum(differences ** 2, 0))
    terms = exponentials * w
    slopes = 2 * differences * terms
    return np.sum(terms), (-np.sum(slopes, 2), np.sum(slopes, 1), np.sum(exponentials, 0))


def all_pairs():
    expect_derivative(all_pairs_value, pairs(), [all_pairs_gradient(*pairs())])
    x = pairs()
    return lambda: all_pairs_gradient(*x)


def all_pairs_by_all():
    expect_derivative(all_pairs_value, pairs(), all_pairs_value_and_gradients(*pairs())[1])
    x = pairs()
    return lambda: all_pairs_value_and_gradients(*x)


# ------------------------------------------------------------------------------------------------- a posterior density

def schools_density(q):
    mu, log_tau, z = q[0], q[1], q[2:]
    return (log_tau - np.log1p(np.exp(2 * log_tau) / 25) - mu * mu / 50 - np.sum(z * z) / 2
            - np.sum(((EFFECTS - mu - np.exp(log_tau) * z) / ERRORS) ** 2) / 2)


def schools_gradient(q):
    mu, tau, z = q[0], np.exp(q[1]), q[2:]
    slopes = (EFFECTS - mu - tau * z) / ERRORS ** 2
    result = np.empty(10)
    result[0] = np.sum(slopes) - mu / 25
    result[1] = 1 - 2 * tau * tau / (25 + tau * tau) + tau * np.dot(slopes, z)
    result[2:] = tau * slopes - z
    return result


def eight_schools():
    q = np.array([4.5, 0.8, 1.2, 0.3, -0.7, 0.1, -0.4, -0.2, 0.9, 0.2])
    expect_derivative(schools_density, [q], [schools_gradient(q)])
    return lambda: schools_gradient(q)


WORKS = {f"network_batch_{batch}": ("us/pass", lambda batch=batch: network(batch)) for batch in BATCHES}
WORKS |= {f"elementwise_gradient_{n}x{n}": ("us/gradient", lambda n=n: elementwise(n)) for n in SIDES}
WORKS |= {"all_pairs_2000": ("us/gradient", all_pairs),
          "all_pairs_2000_value_and_gradients": ("us/gradient", all_pairs_by_all),
          "eight_schools": ("us/gradient", eight_schools)}


# ------------------------------------------------------------------------------------------------------------ measuring

def seconds(work, least):
    """The processor time of one call, of as many as take the least time."""
    calls = 1
    while True:
        start = time.process_time()
        for _ in range(calls):
            work()
        taken = time.process_time() - start
        if taken >= least:
            return taken / calls
        calls = max(2 * calls, int(1.2 * calls * least / max(taken, 1e-6)))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--benchmark_min_time", type=float, default=0.5)
    options.add_argument("--benchmark_repetitions", type=int, default=1)
    options.add_argument("--benchmark_filter", default="")
    options.add_argument("--benchmark_out")
    options.add_argument("--benchmark_out_format", choices=["json"], default="json")
    given = options.parse_args()
    runs = []
    for name, (unit, prepare) in WORKS.items():
        full_name = f"programs/{name}/numpy"
        if re.search(given.benchmark_filter, full_name):
            work = prepare()
            figure = statistics.median(seconds(work, given.benchmark_min_time)
                                       for _ in range(given.benchmark_repetitions))
            print(f"{full_name:60} {figure:.4g} s  {unit}", flush=True)
            runs.append({"name": full_name, "run_name": full_name, "run_type": "iteration", "label": unit,
                         "figure": figure})
    if given.benchmark_out:
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        with open(given.benchmark_out, "w", encoding="utf-8") as out:
            json.dump({"context": {"date": now, "numpy": np.__version__}, "benchmarks": runs}, out, indent=1)


if __name__ == "__main__":
    main()
