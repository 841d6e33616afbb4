"""The minimum of a logistic regression with a penalty, by SciPy, as tests/data/lbfgs.json.

Run: /usr/bin/python3 tests/data/make_lbfgs_expectations.py > tests/data/lbfgs.json
"""

import json

import numpy as np
from scipy.optimize import minimize

PENALTY = 0.1

random = np.random.RandomState(7)
x = random.randn(40, 3)
y = (x @ [1.0, -2.0, 0.5] + 0.7 * random.randn(40) > 0.3).astype(float)


def loss_and_gradient(p):
    w, b = p[:3], p[3]
    z = x @ w + b
    loss = np.mean(np.logaddexp(0, z) - y * z) + PENALTY * w @ w
    slope = (1 / (1 + np.exp(-z)) - y) / len(y)
    return loss, np.append(x.T @ slope + 2 * PENALTY * w, slope.sum())


found = minimize(loss_and_gradient, np.zeros(4), jac=True, method="L-BFGS-B",
                 options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 1000})
assert np.abs(found.jac).max() < 1e-7, found
print(json.dumps({
    "penalty": PENALTY, "x": x.tolist(), "y": y.tolist(),
    "weight": found.x[:3].tolist(), "bias": found.x[3], "loss": found.fun,
}, indent=1))
