#!/usr/bin/python3
"""Expected values of the layers, losses and starting weights of nn, by PyTorch and NumPy.

Reads what make_nn_expectations.cpp prints (see there) and adds formulas of NumPy: the losses that PyTorch lacks, and the
starting weights, drawn from NumPy's legacy stream. Numbers are written so that they read back to the last bit.
"""
import json
import sys

import numpy as np


def listed(x):
    x = np.asarray(x, dtype=np.float64)
    return {"shape": list(x.shape), "values": [float(v) for v in x.flatten()]}


def arrays(case):
    return {k: np.array(v["values"]).reshape(v["shape"]) for k, v in case["inputs"].items()}


def reduced(losses, gradient_y, gradient_t, y, t):
    """A case of a loss by element: its three reductions, and the gradients of their sum times cotangents."""
    n = losses.size
    g = np.cos(np.arange(n)).reshape(losses.shape)
    flow = g + 0.5 - 0.25 / n  # none: g, sum: 0.5, mean: -0.25
    return {
        "inputs": {"y": listed(y), "t": listed(t)},
        "outputs": {"none": listed(losses), "sum": listed(losses.sum()), "mean": listed(losses.mean())},
        "cotangents": {"none": listed(g), "sum": listed(0.5), "mean": listed(-0.25)},
        "gradients": {"y": listed(flow * gradient_y), "t": listed(flow * gradient_t)},
    }


def starting_weights(initializer):
    shape, fan_in, fan_out = (4, 6), 20, 30
    draw = np.random.RandomState(7)
    glorot, he = np.sqrt(2 / (fan_in + fan_out)), np.sqrt(2 / (1.01 * fan_in))
    return {
        "zeros": lambda: np.zeros(shape),
        "constant": lambda: np.full(shape, 0.25),
        "uniform": lambda: draw.uniform(-0.5, 2.0, shape),
        "normal": lambda: draw.normal(1.0, 0.1, shape),
        "glorot_uniform": lambda: draw.uniform(-np.sqrt(3) * 1.5 * glorot, np.sqrt(3) * 1.5 * glorot, shape),
        "glorot_normal": lambda: draw.normal(0, 1.5 * glorot, shape),
        "he_uniform": lambda: draw.uniform(-np.sqrt(3) * he, np.sqrt(3) * he, shape),
        "he_normal": lambda: draw.normal(0, he, shape),
        "lecun_normal": lambda: draw.randn(*shape) / np.sqrt(fan_in),
        "fan_in_uniform": lambda: draw.uniform(-1 / np.sqrt(fan_in), 1 / np.sqrt(fan_in), shape),
    }[initializer]()


def main():
    cases = json.load(sys.stdin)

    pair = arrays(cases["mean_squared_error"])
    y, t = pair["y"], pair["t"]
    cases["l2_norm"] = reduced(0.5 * (y - t) ** 2, y - t, t - y, y, t)
    s = np.where(t > 0, 1.0, -1.0)
    inside = s * y < 1
    cases["hinge"] = reduced(np.maximum(0, 1 - s * y), np.where(inside, -s, 0), np.where(inside, -y, 0), y, s)

    names = ["zeros", "constant", "uniform", "normal", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
             "lecun_normal", "fan_in_uniform"]
    cases["starting_weights"] = {name: listed(starting_weights(name)) for name in names}

    json.dump(cases, sys.stdout, indent=0, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
