"""The volume element of moved tokens: how much a step squeezes a piece of the manifold that is marked by tokens."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array, positive, whole


def fourier_derivative(values, length: float, axis: int = 0) -> np.ndarray:
    """d/du of values on an odd number of equispaced points of a period `length` along `axis`; same shape.

    Raises InputError for an even number, whose highest wave has no derivative on the points.
    """
    values = np.asarray(values, dtype=np.float64)
    n = values.shape[axis]
    if n % 2 == 0:
        raise InputError(f"number of nodes: got {n}, expected an odd one")
    waves = 2j * np.pi / positive("length", length) * np.fft.rfftfreq(n, 1 / n)
    shape = [-1 if k == axis % values.ndim else 1 for k in range(values.ndim)]
    return np.fft.irfft(waves.reshape(shape) * np.fft.rfft(values, axis=axis), n, axis=axis)


def volume_element(points, counts, lengths) -> np.ndarray:
    """sqrt(det(J^T J)), J = dX/du, of points X (n, D) on a product grid of periodic axes; shape (n,).

    counts, lengths: per axis, the (odd) number of nodes and the period; the last axis runs fastest.
    """
    counts = [whole("number of nodes", n, 3) for n in counts]
    points = finite_array("points", points, (int(np.prod(counts)), None))
    grid = points.reshape(*counts, -1)
    jacobian = np.stack(
        [fourier_derivative(grid, length, axis) for axis, length in enumerate(lengths)], axis=-1
    )
    metric = np.einsum("...Da,...Db->...ab", jacobian, jacobian)
    return np.sqrt(np.linalg.det(metric)).ravel()
