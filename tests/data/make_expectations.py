#!/usr/bin/python3
"""What NumPy and SciPy say to every sample of every operation.

    build/tests/list_samples | tests/data/make_expectations.py > tests/data/expectations.json

The samples carry their inputs and the expression in NumPy, so this script knows no operation. Numbers are written so
that they read back to the last bit; NaN and infinities as strings.
"""
import json
import sys

import numpy as np
import scipy.linalg as la
import scipy.special as sp


def array_of(given, dtype):
    values = [float(v) for v in given["values"]]
    return np.array(values, dtype=np.float64).reshape(given["shape"]).astype(dtype)


def number(value):
    value = float(value)
    return value if np.isfinite(value) else repr(value)


def main():
    np.seterr(all="ignore")
    expectations = {}
    for sample in json.load(sys.stdin):
        names = dict(zip("xyz", (array_of(a, np.float64) for a in sample["reals"])))
        names.update(zip("ij", (array_of(a, np.int64) for a in sample["integers"])))
        try:
            result = np.asarray(eval(sample["numpy"], {"np": np, "sp": sp, "la": la, **names}), dtype=np.float64)
        except Exception as error:
            sys.exit(f"{sample['name']}: {sample['numpy']}: {error}")
        expectations[sample["name"]] = {
            "shape": list(result.shape),
            "values": [number(v) for v in result.flatten()],
        }
    json.dump(expectations, sys.stdout, indent=0, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
