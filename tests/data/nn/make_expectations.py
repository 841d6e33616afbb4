#!/usr/bin/python3
"""What scikit-learn says to our data sets, splits, scalings and metrics.

    tests/data/nn/make_expectations.py > tests/data/nn/expectations.json

Made with scikit-learn 1.2.1 and NumPy 1.24.2. Numbers read back to the last bit.
"""
import json
import sys
import warnings

import numpy as np
from sklearn import datasets, metrics
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")


def array(values):
    values = np.asarray(values)
    return {"shape": list(values.shape), "values": values.ravel().tolist()}


def circles():
    for seed, count, noise, factor in [(0, 1, None, 0.8), (1, 2, None, 0.8), (42, 7, 0.05, 0.5), (3, 40, None, 0.3),
                                       (4, 41, 0.0, 0.0), (2**32 - 1, 60, 0.2, 0.99)]:
        x, y = datasets.make_circles(count, noise=noise, factor=factor, random_state=seed)
        yield {"seed": seed, "count": count, "noise": noise, "factor": factor, "points": array(x), "labels": array(y)}


def moons():
    for seed, count, noise in [(0, 2, None), (7, 41, 0.0), (42, 60, 0.2)]:
        x, y = datasets.make_moons(count, noise=noise, random_state=seed)
        yield {"seed": seed, "count": count, "noise": noise, "points": array(x), "labels": array(y)}


def blobs():
    for seed, count, classes, dimension, deviation in [(0, 1, 3, 2, 1.0), (1, 20, 3, 2, 1.0), (42, 23, 4, 5, 0.25),
                                                       (5, 10, 1, 1, 0.0)]:
        x, y, c = datasets.make_blobs(count, dimension, centers=classes, cluster_std=deviation, random_state=seed,
                                      return_centers=True)
        yield {"seed": seed, "count": count, "deviation": deviation, "points": array(x), "labels": array(y),
               "centers": array(c)}


def blobs_around():
    centers = np.array([[0.0, 1.0, -3.5], [5.0, 0.25, 100.0]])
    for seed, count, deviations in [(0, 9, [0.5, 2.0]), (11, 30, [1e-3, 1e3])]:
        x, y = datasets.make_blobs(count, centers=centers, cluster_std=deviations, random_state=seed)
        yield {"seed": seed, "count": count, "deviations": deviations, "points": array(x), "labels": array(y),
               "centers": array(centers)}


def regressions():
    for seed, options in [
        (0, dict(n_samples=12, n_features=5, n_informative=2)),
        (1, dict(n_samples=7, n_features=3, n_informative=10, n_targets=2, bias=-4.5, noise=3.0)),
        (42, dict(n_samples=30, n_features=20, n_informative=4, noise=0.1, bias=2.0)),
        (9, dict(n_samples=9, n_features=4, n_informative=3, shuffle=False, noise=1.0)),
        (5, dict(n_samples=6, n_features=2, n_informative=0, noise=1.0)),
    ]:
        x, y, c = datasets.make_regression(**options, coef=True, random_state=seed)
        yield {"seed": seed, "options": options, "points": array(x), "targets": array(y), "coefficients": array(c)}


def splits():
    for seed, count, fraction in [(0, 2, 0.1), (1, 10, 0.25), (42, 11, 0.5), (3, 100, 0.29), (4, 7, 0.85)]:
        train, test = train_test_split(np.arange(count), test_size=fraction, random_state=seed)
        yield {"seed": seed, "count": count, "fraction": fraction, "train": array(train), "test": array(test)}


def scalings():
    r = np.random.RandomState(3)
    tilted = r.randn(50, 3) * [1e-3, 1.0, 1e6] + [1e3, 0.0, -1.0]
    constant = np.column_stack([np.full(7, 0.1), np.arange(7.0), np.full(7, 1e9) + [0, 0, 0, 0, 0, 0, 1e-7]])
    for data in [tilted, constant, np.array([[3.0, -2.0]])]:
        scaler = StandardScaler().fit(data)
        yield {"data": array(data), "mean": array(scaler.mean_), "scale": array(scaler.scale_),
               "transformed": array(scaler.transform(data))}


def classifications():
    r = np.random.RandomState(8)
    for classes, truth, predicted in [
        (3, [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]),
        (2, [1, 1, 1], [1, 1, 1]),
        (4, [0, 0, 1, 1], [2, 2, 2, 2]),
        (5, [0, 1, 1], [0, 1, 1]),
        (2, [0, 1], [1, 0]),
        (10, r.randint(0, 10, 500), r.randint(0, 10, 500)),
        (7, np.repeat(np.arange(7), 9), (np.repeat(np.arange(7), 9) + (r.rand(63) < 0.2)) % 6),
    ]:
        labels = range(classes)
        entry = {"classes": classes, "truth": array(truth), "predicted": array(predicted),
                 "accuracy": metrics.accuracy_score(truth, predicted),
                 "confusion": array(metrics.confusion_matrix(truth, predicted, labels=labels)), "scores": []}
        for zero_division in [0, 1]:
            score = lambda average: metrics.precision_recall_fscore_support(
                truth, predicted, labels=labels, average=average, zero_division=zero_division)
            precision, recall, f1, support = score(None)
            entry["scores"].append({
                "zero_division": zero_division, "precision": array(precision), "recall": array(recall), "f1": array(f1),
                "support": array(support), "macro": list(score("macro")[:3]), "micro": list(score("micro")[:3])})
        yield entry


def regression_scores():
    r = np.random.RandomState(2)
    y = r.randn(40, 3)
    for truth, predicted in [
        ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]),
        ([2.0, 2.0], [2.0, 2.0]),
        ([2.0, 2.0], [2.0, 3.0]),
        (y, y + 0.1 * r.randn(40, 3)),
        (np.column_stack([y[:, 0], np.full(40, 0.5)]), np.column_stack([y[:, 0], np.full(40, 0.25)])),
    ]:
        yield {"truth": array(truth), "predicted": array(predicted), "r2": float(metrics.r2_score(truth, predicted))}


def main():
    makers = [moons, circles, blobs, blobs_around, regressions, splits, scalings, classifications, regression_scores]
    json.dump({maker.__name__: list(maker()) for maker in makers}, sys.stdout, indent=None, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
