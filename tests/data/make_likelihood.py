#!/usr/bin/python3
"""The maximum likelihood of the example likelihood by SciPy, as tests/data/likelihood.json.

    tests/data/make_likelihood.py > tests/data/likelihood.json

The test is drawn by NumPy as the example draws it. The likelihood is that of SciPy's Weibull distribution; its gradient
(the score) and the observed information are formulas derived by hand, which are compared with differences.
"""
import json

import numpy as np
from scipy.optimize import minimize, root
from scipy.stats import weibull_min

BEARINGS, HOURS, SEED = 100, 3000.0, 0
TRUE = np.array([np.log(40000), -3.0, np.log(1.5)])

random = np.random.RandomState(SEED)
x = np.log(1.5 + 3.5 * random.rand(BEARINGS))
u = random.rand(BEARINGS)
life = np.exp(TRUE[0] + TRUE[1] * x) * (-np.log(u)) ** (1 / np.exp(TRUE[2]))
failed = life < HOURS
time = np.minimum(life, HOURS)


def misfit(p):
    law = weibull_min(np.exp(p[2]), scale=np.exp(p[0] + p[1] * x))
    return -np.where(failed, law.logpdf(time), law.logsf(time)).sum()


def score(p):
    """The gradient of minus the logarithm of the likelihood."""
    k = np.exp(p[2])
    z = k * (np.log(time) - p[0] - p[1] * x)
    w = failed - np.exp(z)
    return np.array([(k * w).sum(), (k * w * x).sum(), -(failed + z * w).sum()])


def information(p):
    """Its Hessian."""
    k = np.exp(p[2])
    z = k * (np.log(time) - p[0] - p[1] * x)
    e = np.exp(z)
    w = failed - e
    scale = k * k * e
    mixed = k * (w - z * e)
    return np.array([
        [scale.sum(), (scale * x).sum(), mixed.sum()],
        [(scale * x).sum(), (scale * x * x).sum(), (mixed * x).sum()],
        [mixed.sum(), (mixed * x).sum(), (z * z * e - z * w).sum()],
    ])


start = np.array([np.log(time).mean(), 0, 0])
coarse = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 10000, "xatol": 1e-8, "fatol": 1e-8})
found = root(score, coarse.x, jac=information, method="hybr", options={"xtol": 1e-15}).x
assert np.abs(score(found)).max() < 1e-9, score(found)
assert np.abs(found - coarse.x).max() < 1e-4, (found, coarse.x)

for derivative, of in ((score, misfit), (information, score)):
    differences = [(of(found + h) - of(found - h)) / 2e-5 for h in 1e-5 * np.eye(3)]
    assert np.abs(derivative(found) - differences).max() < 1e-4, of

covariance = np.linalg.inv(information(found))
shape = np.exp(found[2])
log_median = found[0] + np.log(np.log(2)) / shape
slope = np.array([1, 0, -np.log(np.log(2)) / shape])
print(json.dumps({
    "failed": int(failed.sum()),
    "misfit": misfit(found),
    "a": [found[0], np.sqrt(covariance[0, 0])],
    "b": [found[1], np.sqrt(covariance[1, 1])],
    "log_shape": [found[2], np.sqrt(covariance[2, 2])],
    "log_median": [log_median, np.sqrt(slope @ covariance @ slope)],
}, indent=1))
