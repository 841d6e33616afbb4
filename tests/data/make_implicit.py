#!/usr/bin/python3
"""The best penalty of the example implicit by SciPy, as tests/data/implicit.json.

    tests/data/make_implicit.py > tests/data/implicit.json

The points are drawn by NumPy as scikit-learn's make_regression(shuffle=False) draws them. By the singular values of
X = U S V^T the weights are

    w(s) = V diag(S / (S^2 + n exp(s))) U^T y,

a formula in s, which is differentiated by hand: neither a linear system nor its adjoint is solved. The best penalty is
where SciPy's brentq finds the slope to be 0.
"""
import json

import numpy as np
from scipy.optimize import brentq

POINTS, OTHERS, FEATURES, INFORMATIVE, NOISE, SEED = 30, 300, 20, 5, 100.0, 0

random = np.random.RandomState(SEED)
all_x = random.randn(POINTS + OTHERS, FEATURES)
all_y = all_x[:, :INFORMATIVE] @ (100 * random.rand(INFORMATIVE))
all_y = (all_y + random.normal(scale=NOISE, size=all_y.shape)) / 100
x, y, other_x, other_y = all_x[:POINTS], all_y[:POINTS], all_x[POINTS:], all_y[POINTS:]
u, singular, v = np.linalg.svd(x, full_matrices=False)


def weights(s):
    """w and its first and second derivative by s."""
    p = POINTS * np.exp(s)
    a = singular**2
    factors = [singular / (a + p), -singular * p / (a + p) ** 2, singular * p * (p - a) / (a + p) ** 3]
    return [v.T @ (f * (u.T @ y)) for f in factors]


def loss(s):
    """The loss on other points and its first and second derivative by s."""
    w, first, second = weights(s)
    rest = other_x @ w - other_y
    move = other_x @ first
    return np.mean(rest**2), 2 * np.mean(rest * move), 2 * np.mean(move**2 + rest * (other_x @ second))


def descended(s, steps):
    """The slope of the loss after so many steps of gradient descent from 0, by differences of the imaginary part."""
    h = 1e-100
    w = np.zeros(FEATURES, dtype=complex)
    for _ in range(steps):
        w = w - (x.T @ (x @ w - y) / POINTS + np.exp(s + 1j * h) * w) / (4 + np.exp(s))
    return np.mean((other_x @ w - other_y) ** 2).imag / h


for s in (-5.0, -1.0, 2.0):  # the formulas against a solver and differences
    w = np.linalg.solve(x.T @ x / POINTS + np.exp(s) * np.eye(FEATURES), x.T @ y / POINTS)
    assert np.allclose(weights(s)[0], w, rtol=1e-10, atol=1e-12)
    for k in (0, 1):
        assert np.isclose((loss(s + 1e-5)[k] - loss(s - 1e-5)[k]) / 2e-5, loss(s)[k + 1], rtol=1e-6, atol=1e-9)

start = np.log(0.01)
best = brentq(lambda s: loss(s)[1], -5, 3, xtol=1e-14)
print(json.dumps({
    "slope": loss(start)[1],
    "slope_through": {steps: descended(start, steps) for steps in (10, 100, 1000)},
    "penalty": np.exp(best),
    "loss": loss(best)[0],
    "curvature": loss(best)[2],
}, indent=1))
