"""The turning surface: places on it, and what attention and equation make of the features there,
as bytes that a script draws."""

from __future__ import annotations

import base64

import numpy as np
from matplotlib import colormaps

from figures import style
from simulations.verdict.join import Judged
from theory.claims import evolution as claim

CLAIM = claim.CLAIM.name
STEP = 1e-4  # of the differences along the chart that give the normals
SHADES = 256


def surface(judged: Judged) -> dict | None:
    """What the script of the page draws, with base64 of: points, int16 (places, 3) over the largest
    coordinate; normals, int8; features and differences, uint8 (steps, places) over their ranges.

    None where the run did not measure it.
    """
    if "surface_points" not in judged.arrays:
        return None
    equation = judged.curves["surface_equation"]
    attention, without = (
        judged.arrays[f"surface_{name}"] for name in ("attention", "doubly_normalised")
    )
    features = {"attention": attention, "equation": equation, "without": without}
    differences = {"difference": attention - equation, "missed": without - equation}
    low, high = (function(list(features.values())) for function in (np.min, np.max))
    largest = np.max(np.abs(list(differences.values())))
    points = judged.arrays["surface_points"].astype(np.float64)
    parameters = judged.parameters
    return {
        "places": len(points),
        "tokens": parameters.n_tokens,
        "steps": list(claim.SURFACE_STEPS),
        "step": parameters.time / parameters.n_steps,
        "points": encoded(points / np.abs(points).max(), np.int16),
        "normals": encoded(normals(judged), np.int8),
        "fields": {name: shades(v, low, high) for name, v in features.items()}
        | {name: shades(v, -largest, largest) for name, v in differences.items()},
        "scales": {
            "features": scale(low, high, style.SEQUENTIAL),
            "differences": scale(-largest, largest, style.DIVERGING),
        },
        "root_mean_squares": {
            name: [float(f"{np.sqrt(np.mean(v**2)):.2g}") for v in values]
            for name, values in differences.items()
        },
    }


def normals(judged: Judged) -> np.ndarray:
    """Unit normals at the places, (places, 3), outwards: the mean of <x, n> over the area is > 0."""
    p = judged.parameters.tokens_density(claim.SURFACE)
    u, embed = claim.surface_places(p), p.manifold.embed
    along = [embed(u + STEP * axis) - embed(u - STEP * axis) for axis in np.eye(2)]
    cross = np.cross(*along)
    unit = cross / np.linalg.norm(cross, axis=1, keepdims=True)
    # places are as dense as p
    outwards = np.sum(embed(u) * unit, axis=1) / p(u)
    return np.sign(outwards.sum()) * unit


def scale(low: float, high: float, palette: str) -> dict:
    """A scale of colours: its ends, and base64 of its colours, uint8 (shades, 3)."""
    colours = colormaps[palette](np.linspace(0, 1, SHADES))[:, :3]
    ends = [float(f"{low:.3g}"), float(f"{high:.3g}")]
    return {"ends": ends, "colours": _base64((255 * colours).round().astype(np.uint8))}


def shades(values: np.ndarray, low: float, high: float) -> str:
    """Base64 of values as numbers of shades from the lowest to the highest, uint8."""
    part = (np.asarray(values) - low) / (high - low)
    return _base64((part * (SHADES - 1)).round().astype(np.uint8))


def encoded(values: np.ndarray, kind: type) -> str:
    """Base64 of values in [-1, 1] as whole numbers of little-endian bytes."""
    most = np.iinfo(kind).max
    return _base64((values * most).round().astype(np.dtype(kind).newbyteorder("<")))


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
