#!/usr/bin/python3
"""The most likely parameters of the example kalman by SciPy, as tests/data/kalman.json.

    tests/data/make_kalman.py > tests/data/kalman.json

There is no filter here: all that is seen is one vector, normal with a mean and a covariance that follow from the model at
once, and the likelihood is that of SciPy's multivariate normal distribution. Its gradient is the formula with traces.
"""
import json

import numpy as np
from scipy.optimize import minimize, root
from scipy.stats import multivariate_normal

TIMES, SEED = 200, 0
TRUE = np.array([0.1, 1.0, 3.0])

random = np.random.RandomState(SEED)
a = TRUE[0] * random.randn(TIMES, 2)
v = TRUE[1:] * random.randn(TIMES, 2)
speed = 1 + np.cumsum(a[:, 0])
before = np.concatenate([[1], speed[:-1]])
position = np.cumsum(before + a[:, 0] / 2 + a[:, 1] / np.sqrt(12))
seen = (position[:, None] + v).reshape(-1)

# The position at time t is a sum of what the first state and the accelerations before it contribute.
t = np.arange(1, TIMES + 1)
of_first = 100 + 1.0 * np.outer(t, t)
of_accelerations = np.zeros((TIMES, TIMES))
for s in t:  # those between s - 1 and s move position by w1, velocity by w2: cov 1/3, 1/2, 1
    later = np.where(t >= s, 1.0, 0.0)
    by_velocity = np.where(t >= s, t - s, 0.0)
    of_accelerations += (np.outer(later, later) / 3 + np.outer(by_velocity, by_velocity)
                         + (np.outer(later, by_velocity) + np.outer(by_velocity, later)) / 2)
both = np.ones((2, 2))
K = np.kron(of_first, both)
parts = [np.kron(of_accelerations, both), np.kron(np.eye(TIMES), np.diag([1.0, 0.0])),
         np.kron(np.eye(TIMES), np.diag([0.0, 1.0]))]


def covariance(p):
    return K + sum(np.exp(2 * q) * part for q, part in zip(p, parts))


def misfit(p):
    return -multivariate_normal(np.zeros(2 * TIMES), covariance(p)).logpdf(seen)


def gradient(p):
    inverse = np.linalg.inv(covariance(p))
    alpha = inverse @ seen
    return np.array([np.exp(2 * q) * (np.sum(inverse * part) - alpha @ part @ alpha) for q, part in zip(p, parts)])


def hessian(p):
    return np.array([(gradient(p + h) - gradient(p - h)) / 2e-5 for h in 1e-5 * np.eye(3)])


start = np.zeros(3)
coarse = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 10000, "xatol": 1e-8, "fatol": 1e-8})
found = root(gradient, coarse.x, method="hybr", options={"xtol": 1e-14}).x
assert np.abs(gradient(found)).max() < 1e-7, gradient(found)
assert np.abs(found - coarse.x).max() < 1e-4, (found, coarse.x)
differences = [(misfit(found + h) - misfit(found - h)) / 2e-4 for h in 1e-4 * np.eye(3)]
assert np.allclose(gradient(found), differences, atol=1e-4)

# The last position, given all that was seen.
total = covariance(found)
own = K + np.exp(2 * found[0]) * parts[0]
last = own[-1]
value = np.exp(found)
print(json.dumps({
    "log_likelihood": -misfit(found),
    "value": list(value),
    "error": list(value * np.sqrt(np.diag(np.linalg.inv(hessian(found))))),
    "position": [last @ np.linalg.solve(total, seen), np.sqrt(own[-1, -1] - last @ np.linalg.solve(total, last))],
    "true_position": position[-1],
}, indent=1))
