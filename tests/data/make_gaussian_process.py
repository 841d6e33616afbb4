#!/usr/bin/python3
"""The most likely Gaussian process of the example gaussian_process by SciPy, as tests/data/gaussian_process.json.

    tests/data/make_gaussian_process.py > tests/data/gaussian_process.json

The likelihood is that of SciPy's multivariate normal distribution; its gradient and its Hessian are the formulas with
traces, by the inverse of the covariance, and are compared with differences. Predictions are those of a normal
distribution some of whose variables are known.
"""
import json

import numpy as np
from scipy.optimize import minimize, root
from scipy.stats import multivariate_normal

POINTS, SEED = 40, 0


def truth(x):
    return np.sin(x) + 0.1 * x


random = np.random.RandomState(SEED)
u = random.uniform(0, 8, POINTS)
X = np.where(u < 5, u, u + 2)
Y = truth(X) + 0.2 * random.randn(POINTS)


def covariance(p, a, b):
    return np.exp(2 * p[0] - (a[:, None] - b[None, :]) ** 2 / 2 * np.exp(-2 * p[1]))


def of_observations(p):
    return covariance(p, X, X) + np.exp(2 * p[2]) * np.eye(POINTS)


def misfit(p):
    return -multivariate_normal(np.zeros(POINTS), of_observations(p)).logpdf(Y)


def derivatives(p):
    """Of the covariance by the parameters, and by pairs of them."""
    k = covariance(p, X, X)
    d = (X[:, None] - X[None, :]) ** 2 * np.exp(-2 * p[1])
    none = np.zeros_like(k)
    noise = np.exp(2 * p[2]) * np.eye(POINTS)
    first = [2 * k, d * k, 2 * noise]
    second = [[4 * k, 2 * d * k, none], [2 * d * k, d * d * k - 2 * d * k, none], [none, none, 4 * noise]]
    return first, second


def gradient(p):
    inverse = np.linalg.inv(of_observations(p))
    alpha = inverse @ Y
    return np.array([(np.trace(inverse @ d) - alpha @ d @ alpha) / 2 for d in derivatives(p)[0]])


def hessian(p):
    inverse = np.linalg.inv(of_observations(p))
    alpha = inverse @ Y
    first, second = derivatives(p)
    return np.array([[
        (np.trace(inverse @ second[i][j] - inverse @ first[i] @ inverse @ first[j])
         - alpha @ second[i][j] @ alpha + 2 * alpha @ first[i] @ inverse @ first[j] @ alpha) / 2
        for j in range(3)] for i in range(3)])


start = np.array([0.0, 0.0, -1.0])
coarse = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 10000, "xatol": 1e-8, "fatol": 1e-10})
found = root(gradient, coarse.x, jac=hessian, method="hybr", options={"xtol": 1e-14}).x
assert np.abs(gradient(found)).max() < 1e-8, gradient(found)
assert np.abs(found - coarse.x).max() < 1e-4, (found, coarse.x)
for derivative, of in ((gradient, misfit), (hessian, gradient)):
    for p in (start, found):
        differences = [(of(p + h) - of(p - h)) / 2e-5 for h in 1e-5 * np.eye(3)]
        assert np.allclose(derivative(p), differences, rtol=1e-5, atol=1e-5), of

others = np.array([3.0, 6.0, 11.0])
between = covariance(found, X, others)
inverse = np.linalg.inv(of_observations(found))
value = np.exp(found)
print(json.dumps({
    "log_likelihood": -misfit(found),
    "value": list(value),
    "error": list(value * np.sqrt(np.diag(np.linalg.inv(hessian(found))))),
    "mean": list(between.T @ inverse @ Y),
    "deviation": list(np.sqrt(np.diag(covariance(found, others, others) - between.T @ inverse @ between))),
    "truth": list(truth(others)),
}, indent=1))
