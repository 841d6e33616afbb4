#!/usr/bin/python3
"""State_dicts as PyTorch saves them, in tests/data/nn/pytorch, and what their modules make of an input (expectations.json).

    tests/data/make_pytorch_files.py           # writes them; needs NumPy
    tests/data/make_pytorch_files.py --check   # needs PyTorch (python3-torch): do its modules have this form, and say the same?

Names, shapes and the order of gates are those of PyTorch's documentation, and so are the formulas, written down here with
NumPy alone. Wherever a matrix can be square it is. --check was run with PyTorch 1.13.1.
"""
import json
import os
import struct
import sys

import numpy as np

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nn", "pytorch")
draw = np.random.RandomState(11)


def numbers(*shape):
    return draw.uniform(-1, 1, shape)


# ------------------------------------------------------------------------------------------- state_dicts by module


def linear(inputs, outputs, bias=True):
    return {"weight": numbers(outputs, inputs), **({"bias": numbers(outputs)} if bias else {})}


def embedding(count, size):
    return {"weight": numbers(count, size)}


def layer_norm(*features):
    return {"weight": numbers(*features), "bias": numbers(*features)}


def batch_norm(channels):
    return {**layer_norm(channels), "running_mean": numbers(channels), "running_var": 0.1 + numbers(channels) ** 2,
            "num_batches_tracked": np.array(7, dtype=np.int64)}


def recurrent(gates, inputs, hidden, layers=1):
    result = {}
    for k in range(layers):
        result.update({f"weight_ih_l{k}": numbers(gates * hidden, inputs if k == 0 else hidden),
                       f"weight_hh_l{k}": numbers(gates * hidden, hidden),
                       f"bias_ih_l{k}": numbers(gates * hidden), f"bias_hh_l{k}": numbers(gates * hidden)})
    return result


def module(**parts):
    return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def part(state, name):
    return {key[len(name) + 1:]: array for key, array in state.items() if key.startswith(name + ".")}


# ------------------------------------------------------------------------------------------------------- formulas


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def of_linear(s, x):
    return x @ s["weight"].T + s.get("bias", 0)


def of_layer_norm(s, x):
    axes = tuple(range(-s["weight"].ndim, 0))
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5) * s["weight"] + s["bias"]


def of_batch_norm(s, x):
    return (x - s["running_mean"]) / np.sqrt(s["running_var"] + 1e-5) * s["weight"] + s["bias"]


def steps(s, x, k, state, step):
    """The states after all steps of layer k, from (steps, samples, inputs); step(part of x, part of h, state)."""
    result = []
    for x_t in x:
        a = x_t @ s[f"weight_ih_l{k}"].T + s[f"bias_ih_l{k}"]
        b = state[0] @ s[f"weight_hh_l{k}"].T + s[f"bias_hh_l{k}"]
        state = step(a, b, state)
        result.append(state)
    return result


def zeros(s, x, k):
    return np.zeros((x.shape[1], s[f"weight_hh_l{k}"].shape[1]))


def of_rnn(s, x, function=np.tanh):
    states = steps(s, x, 0, (zeros(s, x, 0),), lambda a, b, state: (function(a + b),))
    return np.stack([h for h, in states])


def of_lstm(s, x, k=0):
    def step(a, b, state):
        i, f, g, o = np.split(a + b, 4, axis=1)
        c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    return np.stack([h for h, c in steps(s, x, k, (zeros(s, x, k), zeros(s, x, k)), step)])


def of_gru(s, x):
    def step(a, b, state):
        (r, z, n), (r_h, z_h, n_h) = np.split(a, 3, axis=1), np.split(b, 3, axis=1)
        z = sigmoid(z + z_h)
        return ((1 - z) * np.tanh(n + sigmoid(r + r_h) * n_h) + z * state[0],)

    return np.stack([h for h, in steps(s, x, 0, (zeros(s, x, 0),), step)])


# ---------------------------------------------------------------------------------------------------------- files


def save_npz(file, state):
    np.savez(os.path.join(folder, file), **state)


def save_safetensors(file, state):
    """As safetensors.torch.save_file: wide elements first, then by name; the header filled up to 8 bytes with blanks.

    An array of pairs of bytes is bfloat16, which NumPy does not have."""
    codes = {"<f8": "F64", "<f4": "F32", "<f2": "F16", "<i8": "I64", "<u2": "BF16"}
    entries, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in sorted(state.items(), key=lambda each: (-each[1].itemsize, each[0])):
        entries[name] = {"dtype": codes[array.dtype.str], "shape": list(array.shape),
                         "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    with open(os.path.join(folder, file), "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header + data)


def upper_halves(array):
    """bfloat16: the sign, the exponent and the first 7 bits of float32, the others cut off."""
    return (array.astype("<f4").view("<u4") >> 16).astype("<u2")


def stored(state, dtype):
    return {name: array.astype(dtype) if array.dtype.kind == "f" else array for name, array in state.items()}


def read(state):
    """The numbers of a state_dict as doubles, whatever they are stored as."""
    halves = lambda array: (array.astype("<u4") << 16).view("<f4") if array.dtype.str == "<u2" else array
    return {name: halves(array).astype("<f8") for name, array in state.items()}


# ---------------------------------------------------------------------------------------------------------- cases


def perceptron(s, x):
    return of_linear(part(s, "fc2"), np.tanh(of_linear(part(s, "fc1"), x)))


def sequence(s, x):
    x = np.maximum(of_batch_norm(part(s, "1"), of_linear(part(s, "0"), x)), 0)  # 3: dropout, for predictions
    return of_layer_norm(part(s, "5"), of_linear(part(s, "4"), x))


def reader(s, i):
    memory = part(s, "memory")
    return of_linear(part(s, "next"), of_lstm(memory, of_lstm(memory, part(s, "letters")["weight"][i]), 1))


def cases():
    """name, file, state_dict, input, function, and the module as a function of torch.nn."""
    yield ("perceptron", "perceptron.npz", module(fc1=linear(4, 4), fc2=linear(4, 4, bias=False)), numbers(5, 4),
           perceptron, lambda nn: named(nn, fc1=nn.Linear(4, 4), tanh=nn.Tanh(), fc2=nn.Linear(4, 4, bias=False)))
    parts = {"0": linear(4, 4), "1": batch_norm(4), "4": linear(4, 4, bias=False), "5": layer_norm(4)}
    yield ("sequence", "sequence.safetensors", module(**parts), numbers(5, 4), sequence,
           lambda nn: nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5),
                                    nn.Linear(4, 4, bias=False), nn.LayerNorm(4)))
    yield ("layer_norm", "layer_norm.npz", layer_norm(4, 4), numbers(3, 4, 4), of_layer_norm,
           lambda nn: nn.LayerNorm((4, 4)))
    yield "rnn", "rnn.npz", recurrent(1, 3, 3), numbers(4, 2, 3), of_rnn, lambda nn: nn.RNN(3, 3)
    yield ("rnn_relu", "rnn_relu.npz", recurrent(1, 3, 3), numbers(4, 2, 3),
           lambda s, x: of_rnn(s, x, lambda a: np.maximum(a, 0)), lambda nn: nn.RNN(3, 3, nonlinearity="relu"))
    yield "lstm", "lstm.npz", recurrent(4, 8, 2), numbers(4, 2, 8), of_lstm, lambda nn: nn.LSTM(8, 2)
    yield "gru", "gru.npz", recurrent(3, 6, 2), numbers(4, 2, 6), of_gru, lambda nn: nn.GRU(6, 2)
    state = module(letters=embedding(8, 8), memory=recurrent(4, 8, 2, layers=2), next=linear(2, 2))
    yield ("reader", "reader.safetensors", stored(state, "<f4"), draw.randint(0, 8, (4, 2)), reader,
           lambda nn: named(nn, letters=nn.Embedding(8, 8), memory=nn.LSTM(8, 2, num_layers=2), next=nn.Linear(2, 2)))
    halves = linear(4, 4)
    halves = {"weight": halves["weight"].astype("<f2"), "bias": upper_halves(halves["bias"])}
    yield "halves", "halves.safetensors", halves, numbers(5, 4), of_linear, lambda nn: nn.Linear(4, 4)


def listed(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": array.ravel().tolist()}


def write():
    os.makedirs(folder, exist_ok=True)
    expected = {}
    for name, file, state, x, function, _ in cases():
        (save_npz if file.endswith(".npz") else save_safetensors)(file, state)
        expected[name] = {"file": file, "x": listed(x), "y": listed(function(read(state), x))}
    with open(os.path.join(folder, "expectations.json"), "w") as f:
        json.dump(expected, f, separators=(",", ":"))
        f.write("\n")


# ----------------------------------------------------------------------------------------------------------- check


def named(nn, **parts):
    """A module with these attributes, called one after the other."""

    class chain(nn.Module):
        def __init__(self):
            super().__init__()
            for name, each in parts.items():
                setattr(self, name, each)

        def forward(self, x):
            for each in self.children():
                x = each(x)
                x = x[0] if isinstance(x, tuple) else x
            return x

    return chain()


def check():
    import torch

    for name, _, state, x, function, make in cases():
        net = make(torch.nn).double().eval()
        wanted = {key: (list(value.shape), value.dtype.is_floating_point) for key, value in net.state_dict().items()}
        given = {key: (list(value.shape), value.dtype.kind != "i") for key, value in state.items()}
        if list(wanted.items()) != list(given.items()):
            sys.exit(f"{name}: the state_dict of the module is {wanted}, the file has {given}")
        net.load_state_dict({key: torch.tensor(value) for key, value in read(state).items()})
        y = net(torch.tensor(x))
        y = (y[0] if isinstance(y, tuple) else y).detach().numpy()
        difference = np.abs(y - function(read(state), x)).max()
        print(f"{name}: {difference:.1e}")
        if not difference < 1e-14:
            sys.exit(f"{name}: PyTorch says something else")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else write()
