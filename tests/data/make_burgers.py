"""What examples/beyond/burgers.cpp is compared with, by NumPy and SciPy, as tests/data/burgers.json.

The solution is that of the equation itself: Fourier modes in x, integrated in time with a tight tolerance, without the
transformation of Cole and Hopf. The residual of the network that is not trained yet is derived by hand.

Run: /usr/bin/python3 tests/data/make_burgers.py > tests/data/burgers.json
"""

import json

import numpy as np
from scipy.integrate import solve_ivp

NU = 0.05
HIDDEN = 20
MODES = 512


def grid(columns, rows):
    """The middles of the cells, row by row."""
    x = (2 * np.arange(columns) + 1) / columns - 1
    t = (np.arange(rows) + 0.5) / rows
    return np.tile(x, rows), np.repeat(t, columns)


def tanh_layer(w, b, h, h_x, h_t, h_xx):
    """tanh(h w + b) and its derivatives by x, by t, and the second one by x."""
    y = np.tanh(h @ w + b)
    slope, z_x = 1 - y**2, h_x @ w
    return y, slope * z_x, slope * (h_t @ w), slope * (h_xx @ w) - 2 * y * slope * z_x**2


def first_residual():
    """The mean square of the residual on the grid that is trained on, with the weights of seed 0."""
    random = np.random.RandomState(0)
    w1, b1 = random.randn(2, HIDDEN), random.randn(HIDDEN)
    w2, b2 = random.randn(HIDDEN, HIDDEN) / np.sqrt(HIDDEN), random.randn(HIDDEN)
    w3 = random.randn(HIDDEN) / np.sqrt(HIDDEN)
    x, t = grid(30, 15)
    one, zero = np.ones_like(x), np.zeros_like(x)
    inputs = [np.stack(columns, axis=1) for columns in ((x, t), (one, zero), (zero, one), (zero, zero))]
    n, n_x, n_t, n_xx = (each @ w3 for each in tanh_layer(w2, b2, *tanh_layer(w1, b1, *inputs)))

    q, q_x, q_xx = 1 - x**2, -2 * x, -2
    u = -np.sin(np.pi * x) + t * q * n
    u_x = -np.pi * np.cos(np.pi * x) + t * (q_x * n + q * n_x)
    u_t = q * n + t * q * n_t
    u_xx = np.pi**2 * np.sin(np.pi * x) + t * (q_xx * n + 2 * q_x * n_x + q * n_xx)
    return np.mean((u_t + u * u_x - NU * u_xx)**2)


def solution(columns, rows):
    """u on a grid. The solution is odd about the ends of the interval, too, so it has the period 2."""
    nodes = 2 * np.arange(MODES) / MODES - 1
    waves = 1j * np.pi * np.arange(MODES // 2 + 1)

    def rate(_, u):
        modes = np.fft.rfft(u)
        square = np.fft.rfft(u**2 / 2)
        square[MODES // 3:] = 0  # products of waves that the nodes do not resolve
        return np.fft.irfft(NU * waves**2 * modes - waves * square)

    x, t = (points.reshape(rows, columns) for points in grid(columns, rows))
    found = solve_ivp(rate, (0, 1), -np.sin(np.pi * nodes), method="BDF", t_eval=t[:, 0], rtol=1e-10, atol=1e-12)
    assert found.success, found.message
    modes = np.fft.rfft(found.y, axis=0) / MODES
    modes[1:-1] *= 2
    return np.real(np.exp(np.multiply.outer(x[0] + 1, waves)) @ modes).T


print(json.dumps({"first_residual": first_residual(), "solution": np.round(solution(100, 5), 9).tolist()}))
