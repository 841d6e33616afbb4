"""What examples/beyond/sampling.cpp is compared with, by NumPy and SciPy, as tests/data/sampling.json.

Means and deviations by adaptive quadrature over tau alone: given tau, mu is normal, and its moments are formulas. And the
draws themselves once more, with the same random numbers and a gradient derived by hand.

Run: /usr/bin/python3 tests/data/make_sampling.py > tests/data/sampling.json
"""

import json

import numpy as np
from scipy.integrate import quad

Y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SIGMA = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
CHAINS, WARM_UP, DRAWS, LEAPS, STEP = 100, 20, 500, 10, 0.4


def given(log_tau):
    """The logarithm of the density of log tau, and mean and variance of mu, given log tau."""
    tau = np.exp(log_tau)
    variance = SIGMA**2 + tau**2
    precision = 1 / 25 + np.sum(1 / variance)
    mean = np.sum(Y / variance) / precision
    log_density = (log_tau - np.log1p(tau**2 / 25) - np.sum(np.log(variance)) / 2 - np.log(precision) / 2
                   - np.sum(Y**2 / variance) / 2 + precision * mean**2 / 2)
    return log_density, mean, 1 / precision


def average(f):
    def weighted(log_tau):
        log_density, mean, variance = given(log_tau)
        return np.exp(log_density + 30) * f(log_tau, mean, variance)
    return quad(weighted, -30, 10, epsabs=1e-13, epsrel=1e-12, limit=1000, points=[0, 2])[0]


def by_quadrature():
    total = average(lambda *_: 1)
    mu = average(lambda _, mean, __: mean) / total
    log_tau = average(lambda log_tau, *_: log_tau) / total
    mu_square = average(lambda _, mean, variance: variance + mean**2) / total
    log_tau_square = average(lambda log_tau, *_: log_tau**2) / total
    return {"mean": [mu, log_tau], "deviation": [np.sqrt(mu_square - mu**2), np.sqrt(log_tau_square - log_tau**2)]}


def log_density(q):
    mu, log_tau = q
    variance = SIGMA[:, None]**2 + np.exp(2 * log_tau)
    return (log_tau - np.log1p(np.exp(2 * log_tau) / 25) - mu**2 / 50
            - np.sum(np.log(variance) + (Y[:, None] - mu)**2 / variance, axis=0) / 2)


def slope(q):
    mu, log_tau = q
    tau_square = np.exp(2 * log_tau)
    variance = SIGMA[:, None]**2 + tau_square
    error = Y[:, None] - mu
    return np.array([
        np.sum(error / variance, axis=0) - mu / 25,
        1 - 2 * tau_square / (25 + tau_square) + tau_square * np.sum(error**2 / variance**2 - 1 / variance, axis=0)])


def by_sampling():
    random = np.random.RandomState(0)
    q = np.zeros((2, CHAINS))
    draws = []
    for _ in range(WARM_UP + DRAWS):
        x, p = q.copy(), random.randn(2, CHAINS)
        before = np.sum(p**2, axis=0) / 2 - log_density(x)
        for _ in range(LEAPS):
            p += STEP / 2 * slope(x)
            x += STEP * p
            p += STEP / 2 * slope(x)
        after = np.sum(p**2, axis=0) / 2 - log_density(x)
        q = np.where(random.rand(CHAINS) < np.exp(before - after), x, q)
        draws.append(q)
    draws = np.array(draws[WARM_UP:])
    moved = np.any(draws[1:] != draws[:-1], axis=1)
    error = np.std(np.mean(draws, axis=0), axis=1) / np.sqrt(CHAINS)
    deviation = np.std(draws, axis=(0, 2))
    return {"accepted": 100 * np.mean(moved), "mean": np.mean(draws, axis=(0, 2)).tolist(), "error": error.tolist(),
            "deviation": deviation.tolist(), "effective": ((deviation / error)**2).tolist(),
            "last": draws[99, :, -1].tolist()}


print(json.dumps({"quadrature": by_quadrature(), "sampling": by_sampling()}))
