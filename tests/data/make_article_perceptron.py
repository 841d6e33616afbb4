#!/usr/bin/python3
"""The perceptron of the article's first part as NumPy computes it.

    tests/data/make_article_perceptron.py > tests/data/article_perceptron.json

Once with the derivative of the half squared error, once with the article's rule, which takes the derivative of the
sigmoid at the output in place of the activation; the predictions that the article prints are those of the second.
"""
import json

import numpy as np

X = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 1, 0]], dtype=float)
T = np.array([[1, 0, 0, 1, 1, 0, 1]], dtype=float).T
ALL = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=float)
PASSES = 25000
RATE = 0.05


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def run(slope):
    np.random.seed(42)
    weights = np.random.rand(3, 1)
    bias = np.random.rand(1)
    start = {"initial_weights": weights.ravel().tolist(), "initial_bias": bias.tolist()}
    for _ in range(PASSES):
        z = sigmoid(X @ weights + bias)
        delta = (z - T) * slope(z)
        weights = weights - RATE * X.T @ delta
        bias = bias - RATE * delta.sum(axis=0)
    return start | {
        "weights": weights.ravel().tolist(),
        "bias": bias.tolist(),
        "predictions": sigmoid(ALL @ weights + bias).ravel().tolist(),
    }


print(json.dumps({
    "passes": PASSES,
    "rate": RATE,
    "by_gradient": run(lambda z: z * (1 - z)),
    "by_article": run(lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "printed_by_article": {"[1, 0, 0]": 0.02262959, "[0, 1, 0]": 0.98778682},
}, indent=1))
