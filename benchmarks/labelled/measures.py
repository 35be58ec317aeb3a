"""How well answers agree with labels."""

from collections.abc import Sequence

import numpy as np


def macro_f1(labels: Sequence[str], answers: Sequence[str]) -> float:
    """Return the mean over the labels' classes of the F1 of each."""
    pairs = list(zip(labels, answers, strict=True))
    scores = []
    for one in sorted(set(labels)):
        both = sum(label == answer == one for label, answer in pairs)
        either = sum((label == one) + (answer == one) for label, answer in pairs)
        scores.append(2 * both / either)
    return sum(scores) / len(scores)


def accuracy(labels: Sequence[str], answers: Sequence[str]) -> float:
    """Return the share of answers that are the label."""
    return sum(label == answer for label, answer in zip(labels, answers, strict=True)) / len(labels)


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of probability and share right, over bins of one size."""
    order = np.argsort(sure, kind="stable")
    gaps = [abs(sure[one].mean() - right[one].mean()) * len(one) for one in np.array_split(order, bins)]
    return float(sum(gaps) / len(sure))
