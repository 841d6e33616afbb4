#!/usr/bin/python3
"""The fit of the example least_squares by SciPy, as tests/data/least_squares.json.

    tests/data/make_least_squares.py > tests/data/least_squares.json

SciPy's curve_fit gives parameters and covariance, which are those that NIST certifies; the data that are drawn anew are
NumPy's, and each set is fitted by itself.
"""
import json

import numpy as np
from scipy.optimize import curve_fit

DRAWN, SEED = 1000, 0
X = np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0])
Y = np.array([10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78])
CERTIFIED = {  # NIST, Statistical Reference Datasets, Misra1a
    "b": [2.3894212918e2, 5.5015643181e-4],
    "error": [2.7070075241e0, 7.2668688436e-6],
    "s": 1.0187876330e-1,
}


def curve(x, b1, b2):
    return -b1 * np.expm1(-b2 * x)


def slopes(x, b1, b2):
    return np.stack([-np.expm1(-b2 * x), b1 * x * np.exp(-b2 * x)], axis=1)


def fitted(y, start):
    tolerances = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 0}
    return curve_fit(curve, X, y, start, jac=slopes, method="lm", **tolerances)


b, covariance = fitted(Y, [250, 5e-4])
error = np.sqrt(np.diag(covariance))
s = np.sqrt(np.sum((Y - curve(X, *b)) ** 2) / (len(Y) - 2))
assert np.allclose(b, CERTIFIED["b"], rtol=1e-9, atol=0)
assert np.allclose(error, CERTIFIED["error"], rtol=1e-7, atol=0)
assert np.isclose(s, CERTIFIED["s"], rtol=1e-9, atol=0)

noise = np.random.RandomState(SEED).randn(DRAWN, len(Y))
cloud = np.array([fitted(curve(X, *b) + s * each, b)[0] for each in noise])
away = cloud - b
print(json.dumps({
    "b": list(b),
    "error": list(error),
    "s": s,
    "scatter": list(cloud.std(axis=0)),
    "inside": int(np.sum(np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away) < 5.991)),
}, indent=1))
