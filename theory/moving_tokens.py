"""What tokens do when they are moved by their own attention, X <- A X: velocity, density, and two
closed forms.

Source: "Moving tokens" in docs/theory.md. Nothing here knows the attention operator.
"""

from __future__ import annotations

import numpy as np

from theory.exact import sphere_eigenvalues
from theory.setting.checks import InputError, positive, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.geometry import generator_terms, laplacian


def velocity_terms(density: Density):
    """The normal and the tangential part of the velocity, Hvec + 2 grad log p, without coefficients.

    Returns a function u (n, d) -> (Hvec, grad log p), each (n, D), as vectors of R^D.
    Hvec = Laplacian_g x, the trace of the second fundamental form, is normal to M.
    """
    return generator_terms(density, list(density.manifold.embedding))


def density_terms(density: Density):
    """The two terms of d log p/dt = |Hvec|^2 - 2 Laplacian_g log p, following a token, without
    coefficients: a function u (n, d) -> (|Hvec|^2, Laplacian_g log p), each (n,)."""
    m = density.manifold
    curvature = sum(laplacian(m, x) ** 2 for x in m.embedding)
    bending = laplacian(m, density.log_expression)
    both = compile_array(m.symbols, [curvature, bending], (2,))

    def evaluate(u):
        return tuple(both(u).T)

    return evaluate


def sphere_radius_squared(radius: float, dim: int, time) -> np.ndarray:
    """R^2 = R_0^2 - 2 d t: the radius of a uniform sphere S^d, a solution of the mean curvature
    flow (Huisken 1984, section 1), until it vanishes."""
    radius, dim = positive("radius", radius), whole("dim", dim, 1)
    time = np.asarray(time, dtype=np.float64)
    squared = radius**2 - 2 * dim * time
    if squared.min() < 0:
        raise InputError(
            f"time: got {time.max():g}, expected at most {radius**2 / (2 * dim):g}, "
            f"when the sphere vanishes"
        )
    return squared


def sphere_radii(radius: float, dim: int, temperature: float, steps: int) -> np.ndarray:
    """R after 0, 1, ..., `steps` steps of a uniform sphere S^d at any temperature, f = |x-y|^2/4.

    One step multiplies the coordinates by mu_1 = I_{(d+1)/2}(z)/I_{(d-1)/2}(z), z = R^2/(2 eps).
    """
    radii = [positive("radius", radius)]
    for _ in range(whole("steps", steps, 0)):
        shrinking = sphere_eigenvalues(dim, radii[-1], 2 * temperature, 2)[1]
        radii.append(radii[-1] * shrinking)
    return np.array(radii)


def gaussian_widths(deviation: float, temperature: float, steps: int) -> np.ndarray:
    """Standard deviation of Gaussian tokens on the line after 0, 1, ..., `steps` steps, exactly:
    s -> s^3/(s^2 + 2 eps)."""
    eps, widths = positive("temperature", temperature), [positive("deviation", deviation)]
    for _ in range(whole("steps", steps, 0)):
        widths.append(widths[-1] ** 3 / (widths[-1] ** 2 + 2 * eps))
    return np.array(widths)
