"""Mean shift: points move to the average that attention gives them, again and again."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from theory.setting.checks import finite_array, positive, whole
from theory.setting.pseudo_metrics import squared_distance

INFINITE = 1e300  # temperature: every score over it is 0, so all weights in a window are equal
MOVED = 1e-3  # of the bandwidth: a centre that moves less has arrived
MOST_STEPS = 300


def gaussian_mean_shift(points, bandwidth: float, n_steps: int, **engine) -> np.ndarray:
    """The points (n, D) after so many steps uphill in their own Gaussian density, (n, D).

    Queries are the moving points; keys and values stay the points. f = |x - y|^2, eps = 2 h^2
    (Fukunaga and Hostetler 1975; Cheng 1995). engine: options of `AttentionOperator`.
    """
    h, points = positive("bandwidth", bandwidth), finite_array("points", points, (None, None))
    moving = points
    for _ in range(whole("n_steps", n_steps, 1)):
        a = AttentionOperator(moving, squared_distance(1.0), 2 * h**2, keys=points, **engine)
        moving = a @ points
    return moving


def mean_shift(points, bandwidth: float) -> tuple[np.ndarray, np.ndarray]:
    """Centres (k, D), the most crowded first, and the centre of each point (n,), of flat mean shift.

    As above with a window of radius h, a closed ball, and infinite temperature, until a step is
    below h/1000 (Comaniciu and Meer 2002). Of centres closer than h the most crowded stays.
    """
    h, points = positive("bandwidth", bandwidth), finite_array("points", points, (None, None))
    centres, crowd = points.copy(), np.zeros(len(points))
    moving = np.arange(len(points))
    for _ in range(MOST_STEPS + 1):
        a = AttentionOperator(
            centres[moving], squared_distance(1.0), INFINITE, keys=points, window=h
        )
        after = a @ points
        step = np.linalg.norm(after - centres[moving], axis=1)
        centres[moving], crowd[moving] = after, np.rint(np.exp(a.log_partition))
        moving = moving[step > MOVED * h]
        if not len(moving):
            break
    centres = _apart(centres, crowd, h)
    return centres, np.argmin(squared_distance(1.0)(points, centres), axis=1)


def _apart(centres, crowd, distance):
    """The most crowded centres, none closer to a more crowded one than the distance."""
    # equal crowds: by the coordinates, the largest first, as scikit-learn does
    order = np.lexsort([*centres.T[::-1], crowd])[::-1]
    left, kept = centres[order], []
    while len(left):
        kept.append(left[0])
        left = left[np.linalg.norm(left - left[0], axis=1) > distance]
    return np.array(kept)
