"""What examples/beyond/trajectory.cpp is compared with, by NumPy and SciPy, as tests/data/trajectory.json.

The same steps of time, with derivatives by complex steps; the end is a constraint, which SLSQP meets without penalties
and multipliers. The first round of the example, a penalty of 100 alone, is minimized by BFGS.

Run: /usr/bin/python3 tests/data/make_trajectory.py > tests/data/trajectory.json
"""

import json

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

CART, BOB, LENGTH, GRAVITY = 1.0, 0.3, 0.5, 9.81
STEPS, DURATION = 32, 2.0
STEP = DURATION / STEPS
GOAL = np.array([1.0, np.pi, 0.0, 0.0])
PENALTY = 100


def rate(s, u):
    """The equations as Kelly writes them."""
    _, q, v, w = s
    push = (LENGTH * BOB * np.sin(q) * w**2 + u + BOB * GRAVITY * np.cos(q) * np.sin(q)) / (
        CART + BOB * (1 - np.cos(q)**2))
    turn = -(LENGTH * BOB * np.cos(q) * np.sin(q) * w**2 + u * np.cos(q) + (CART + BOB) * GRAVITY * np.sin(q)) / (
        LENGTH * CART + LENGTH * BOB * (1 - np.cos(q)**2))
    return np.array([v, w, push, turn])


def states(forces):
    """Runge and Kutta's method of order 4. Forces may have further axes, for several runs at once."""
    all_states = [np.zeros((4,) + forces.shape[1:], forces.dtype)]
    for u in forces:
        s = all_states[-1]
        k1 = rate(s, u)
        k2 = rate(s + STEP / 2 * k1, u)
        k3 = rate(s + STEP / 2 * k2, u)
        k4 = rate(s + STEP * k3, u)
        all_states.append(s + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(all_states)


def miss(forces):
    return states(forces)[-1] - GOAL


def miss_slope(forces):
    """The Jacobian (4, STEPS), to the last digit."""
    tiny = 1e-30
    return states(forces[:, None] + tiny * 1j * np.eye(STEPS))[-1].imag / tiny


def effort(forces):
    return STEP * forces @ forces


best = minimize(effort, np.zeros(STEPS), jac=lambda u: 2 * STEP * u, method="SLSQP",
                constraints={"type": "eq", "fun": miss, "jac": miss_slope},
                options={"maxiter": 1000, "ftol": 1e-13})
slope = miss_slope(best.x)
multipliers = np.linalg.lstsq(slope.T, 2 * STEP * best.x, rcond=None)[0]
assert best.success and np.abs(miss(best.x)).max() < 1e-12, best
assert np.abs(2 * STEP * best.x - slope.T @ multipliers).max() < 1e-6, "no stationary point"

penalized = minimize(lambda u: effort(u) + PENALTY * miss(u) @ miss(u), np.zeros(STEPS),
                     jac=lambda u: 2 * STEP * u + 2 * PENALTY * miss(u) @ miss_slope(u), method="BFGS",
                     options={"gtol": 1e-7, "maxiter": 10000})
assert np.abs(penalized.jac).max() < 1e-5, penalized

# How far the steps are from the equations themselves: the same forces, integrated with a tight tolerance.
s = np.zeros(4)
for u in best.x:
    s = solve_ivp(lambda _, at: rate(at, u), (0, STEP), s, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]

print(json.dumps({
    "effort": best.fun, "forces": best.x.tolist(), "states": states(best.x)[:, :2].tolist(),
    "penalized": {"effort": effort(penalized.x), "miss": np.abs(miss(penalized.x)).max()},
    "error_of_the_steps": np.abs(s - GOAL).tolist(),
}))
