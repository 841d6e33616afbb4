#!/usr/bin/python3
"""The optimum of the example factorization by alternating least squares, as tests/data/factorization.json.

    tests/data/make_factorization.py > tests/data/factorization.json

With the films' factors fixed, those of each user are a ridge regression of a few numbers, which NumPy solves, and the
other way round; both by turns, until nothing moves. There is no gradient and no line search in it. The factors are not
unique (any rotation of both fits as well), their products are: it starts from several points and demands the same
products.
"""
import json
from pathlib import Path

import numpy as np

RANK, PENALTY = 2, 0.5

table = np.loadtxt(Path(__file__).parents[2] / "examples/beyond/ratings.csv", delimiter=",", skiprows=1)
user, film = table[:, :2].astype(int).T
kept = np.arange(len(table)) < len(table) * 4 // 5
mean = table[kept, 2].mean()
rating = table[:, 2] - mean
counts = user.max() + 1, film.max() + 1


def fitted(of, by, factors, count):
    """The factors of all users (or films) that are best with those of the films (or users)."""
    result = np.zeros((count, RANK))
    for i in range(count):
        mine = kept & (of == i)
        a = factors[by[mine]]
        result[i] = np.linalg.solve(a.T @ a + PENALTY * np.eye(RANK), a.T @ rating[mine])
    return result


def alternate(seed):
    p, q = (np.random.RandomState(seed).randn(n, RANK) for n in counts)
    for sweep in range(100000):
        before = p @ q.T
        p = fitted(user, film, q, counts[0])
        q = fitted(film, user, p, counts[1])
        if np.abs(p @ q.T - before).max() < 1e-14:
            break
    else:
        raise SystemExit("not converged")
    errors = (p[user] * q[film]).sum(1) - rating
    objective = (errors[kept] ** 2).sum() + PENALTY * ((p**2).sum() + (q**2).sum())
    return objective, p @ q.T + mean, errors, sweep


objective, product, errors, sweeps = min((alternate(seed) for seed in range(5)), key=lambda found: found[0])
for seed in range(5):
    other = alternate(seed)
    assert np.abs(other[1] - product).max() < 1e-9, (seed, other[0], objective)
print(json.dumps({
    "objective": objective,
    "fitted": np.sqrt(np.mean(errors[kept] ** 2)),
    "held_out": np.sqrt(np.mean(errors[~kept] ** 2)),
    "fitted_by_mean": np.sqrt(np.mean(rating[kept] ** 2)),
    "held_out_by_mean": np.sqrt(np.mean(rating[~kept] ** 2)),
    "first_user": product[0].tolist(),
}, indent=1))
