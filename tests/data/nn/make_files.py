#!/usr/bin/python3
"""Files of arrays as NumPy and Python write them, and contents.json, which says what is in them.

    tests/data/nn/make_files.py

Made with NumPy 1.24.2. The safetensors files are put together here by the format's description.
"""
import io
import json
import os
import struct
import zipfile

import numpy as np

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files")
contents = {}
names = {"f2": "float32", "f4": "float32", "f8": "float64", "b1": "bool",
         **{f"{kind}{width}": f"{'u' if kind == 'u' else ''}int{8 * width}" for kind in "iu" for width in (1, 2, 4, 8)}}


def listed(value):
    if isinstance(value, (bool, int)):
        return int(value)
    return value if np.isfinite(value) else repr(value)


def note(file, name, array):
    array = np.asarray(array)
    contents.setdefault(file, []).append({
        "name": name, "type": names[array.dtype.str[1:]], "shape": list(array.shape),
        "values": [listed(v) for v in array.ravel().tolist()]})


def path(file):
    return os.path.join(folder, file)


def every_type():
    arrays = {}
    for code in names:
        if code == "b1":
            values = np.array([[True, False, True], [False, False, True]])
        elif code[0] == "f":
            values = np.array([[0.1, -2.5, np.inf], [np.nan, -0.0, 6e-5]]).astype(code)
        else:
            info = np.iinfo(code)
            values = np.array([[info.min, info.max, 0], [1, 2, 77]], dtype=code)
        arrays["little." + code] = values
        arrays["big." + code] = values.astype(values.dtype.newbyteorder(">"))
        arrays["fortran." + code] = np.asfortranarray(values)
    return arrays


def every_shape():
    cube = np.arange(24.0).reshape(2, 3, 4)
    return {"scalar": np.float64(2.5), "empty": np.zeros((0, 3), "f4"), "one": np.arange(3), "cube": cube,
            "fortran cube": np.asfortranarray(cube), "turned cube": cube.transpose(1, 2, 0),
            "fünf/deep.name": np.ones((1, 1, 1, 1, 1), "u1")}


def archives():
    for file, save in [("stored.npz", np.savez), ("deflated.npz", np.savez_compressed)]:
        arrays = {**every_type(), **every_shape()}
        save(path(file), **arrays)
        for name, array in arrays.items():
            note(file, name, array)
    np.savez(path("nothing.npz"))
    contents["nothing.npz"] = []

    class stream(io.RawIOBase):  # what cannot be gone back in: sizes follow behind the members
        def __init__(self):
            self.bytes = b""

        def writable(self):
            return True

        def write(self, data):
            self.bytes += bytes(data)
            return len(data)

    out = stream()
    np.savez(out, a=np.arange(5.0))
    with open(path("streamed.npz"), "wb") as f:
        f.write(out.bytes)
    note("streamed.npz", "a", np.arange(5.0))
    np.savez(path("objects.npz"), a=np.arange(3), b=np.array([None, {}], dtype=object))


def header(descr, shape):
    """The beginning of an array whose type is spelled by another hand than NumPy's."""
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}) + " \n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def archives_of_others():
    # What zip makes of a folder with arrays in it: entries for folders, and what else lies about.
    array = io.BytesIO()
    np.save(array, np.arange(3.0))
    with zipfile.ZipFile(path("folder.npz"), "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in [("README.md", b"# What is in here"), ("sub/", b""), ("sub/a.npy", array.getvalue()),
                           ("sub/empty", b""), ("b", array.getvalue()), ("C.NPY", array.getvalue()),
                           ("notes.txt", b"\x93NUMP")]:
            z.writestr(zipfile.ZipInfo(name), data)
    with np.load(path("folder.npz")) as z:
        for name in z.files:
            value = z[name]
            if isinstance(value, np.ndarray):
                note("folder.npz", name, value)

    # Types without a byte order, by their letters and by their names.
    spellings = [*names, *"?bhilqpBHILQPefd", *sorted(set(names.values())), "=f8", "|i2", "<d", ">h", ">?"]
    with zipfile.ZipFile(path("spellings.npz"), "w") as z:
        for spelling in spellings:
            values = np.array([0, 1, 1, 0]).astype(np.dtype(spelling))
            z.writestr(zipfile.ZipInfo(spelling + ".npy"), header(spelling, (2, 2)) + values.tobytes())
    with np.load(path("spellings.npz")) as z:
        for name in z.files:
            note("spellings.npz", name, z[name])


def single_arrays():
    matrix = np.arange(6, dtype="<i4").reshape(2, 3)
    for version in [(1, 0), (2, 0), (3, 0)]:
        file = f"version{version[0]}.npy"
        with open(path(file), "wb") as f:
            np.lib.format.write_array(f, matrix, version=version)
        note(file, "", matrix)
    halves = np.array([0x0000, 0x8000, 0x0001, 0x83ff, 0x0400, 0x3c00, 0xbc00, 0x7bff, 0x7c00, 0xfc00, 0x3555], "<u2")
    np.save(path("halves.npy"), halves.view("<f2"))
    note("halves.npy", "", halves.view("<f2"))
    np.save(path("complex.npy"), np.ones(2, complex))
    np.save(path("text.npy"), np.array(["a", "bc"]))
    np.save(path("records.npy"), np.zeros(2, dtype=[("a", "f8"), ("b", "i4")]))


def safetensors(file, entries, data, texts=None, pad=0):
    header = {"__metadata__": texts} if texts else {}
    header.update(entries)
    text = json.dumps(header).encode() + b" " * pad
    with open(path(file), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def tensors():
    codes = {"b1": "BOOL", "u1": "U8", "i1": "I8", "u2": "U16", "i2": "I16", "u4": "U32", "i4": "I32", "u8": "U64",
             "i8": "I64", "f2": "F16", "f4": "F32", "f8": "F64"}
    entries, data = {}, b""
    arrays = every_type()
    for code, dtype in reversed(codes.items()):
        array = arrays["little." + code]
        entries[code] = {"dtype": dtype, "shape": list(array.shape),
                         "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
        note("every_type.safetensors", code, array)
    upper_halves = np.array([1.0, -2.5, np.inf, 0.0, 3.140625], "f4")
    entries["bf16"] = {"dtype": "BF16", "shape": [5], "data_offsets": [len(data), len(data) + 10]}
    data += (upper_halves.view("u4") >> 16).astype("<u2").tobytes()
    note("every_type.safetensors", "bf16", upper_halves)
    safetensors("every_type.safetensors", entries, data, {"format": "np", "für": "x"}, pad=5)

    # The places need not be in the order of the names; nothing takes no place.
    safetensors("order.safetensors", {"z": {"dtype": "F32", "shape": [], "data_offsets": [8, 12]},
                                      "a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
                                      "none": {"dtype": "F64", "shape": [3, 0], "data_offsets": [12, 12]}},
                struct.pack("<qf", -7, 1.5))
    note("order.safetensors", "z", np.float32(1.5))
    note("order.safetensors", "a", np.array([-7]))
    note("order.safetensors", "none", np.zeros((3, 0)))


def main():
    os.makedirs(folder, exist_ok=True)
    archives()
    archives_of_others()
    single_arrays()
    tensors()
    with open(path("contents.json"), "w") as f:
        json.dump(contents, f, separators=(",", ":"))
        f.write("\n")


main()
