"""Labels spread from few points to all by repeated attention."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from theory.setting.checks import InputError, finite_array, share, whole
from theory.setting.pseudo_metrics import squared_distance

UNKNOWN = -1  # the label of a point that has none


def label_propagation(
    points, labels, temperature: float, n_steps: int, *, exclude_self: bool = False
) -> np.ndarray:
    """Class probabilities (n, c) after so many steps of attention, known labels put back each time.

    f = |x - y|^2, each point attends to itself too; labels (n,) whole numbers, -1 where unknown;
    classes in the order of their numbers (Zhu and Ghahramani 2002).
    """
    points = finite_array("points", points, (None, None))
    known, start = one_hot(labels, len(points))
    a = AttentionOperator(points, squared_distance(1.0), temperature, exclude_self=exclude_self)
    h = start
    for _ in range(whole("n_steps", n_steps, 1)):
        h = np.where(known, start, _rows_of_one(a @ h))
    return _rows_of_one(h)


def label_spreading(
    points, labels, temperature: float, alpha: float, n_steps: int, *, exclude_self: bool = True
) -> np.ndarray:
    """Class probabilities (n, c) after n steps of h <- alpha S h + (1 - alpha) labels.

    S = D^(1/2) A D^(-1/2), A attention with f = |x - y|^2 to all points but itself, D its degrees:
    the conjugate of A by D^(1/2) (Zhou et al. 2004). labels as in `label_propagation`.
    """
    points = finite_array("points", points, (None, None))
    alpha = share("alpha", alpha)
    _, start = one_hot(labels, len(points))
    a = AttentionOperator(points, squared_distance(1.0), temperature, exclude_self=exclude_self)
    root = np.sqrt(a.degrees)[:, None]
    h = start
    for _ in range(whole("n_steps", n_steps, 1)):
        h = alpha * root * (a @ (h / root)) + (1 - alpha) * start
    return _rows_of_one(h)


def one_hot(labels, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Which points have a label (n, 1), and their classes as rows (n, c), 0 where unknown.

    Raises InputError unless the labels are whole numbers, at least two classes among them.
    """
    labels = np.asarray(labels)
    if labels.shape != (length,) or labels.dtype.kind not in "iu":
        raise InputError(
            f"labels: got {labels.dtype} of shape {labels.shape}, expected {length} whole numbers"
        )
    classes = np.unique(labels[labels != UNKNOWN])
    if len(classes) < 2:
        raise InputError(f"labels: got {len(classes)} classes, expected at least 2")
    return (labels != UNKNOWN)[:, None], (labels[:, None] == classes).astype(np.float64)


def _rows_of_one(h):
    total = h.sum(axis=1, keepdims=True)
    return h / np.where(total == 0, 1, total)
