"""What a sample of N i.i.d. tokens does to attention, exactly at any N: noise, clock, best temperature.

Attention of a query to N i.i.d. keys is a ratio of two sums over the keys. All its moments are one
integral over u, by 1/S = int_0^inf e^(-u S) du (docs/theory.md, "Finite samples"), and the keys
enter through the law of one of them only. Gaussian kernel f = |x-y|^2/4 throughout.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gamma

from theory.population import population
from theory.setting.checks import positive, whole
from theory.setting.densities import Density
from theory.setting.geometry import gradient_product
from theory.setting.nodes import nodes_for

_STEP, _TOGETHER = 0.09, 12  # of the double exponential rule in log u, exact to 1e-12
_FIRST, _LAST = -4.5, 150.0  # where it starts, and where K = e^-u is no more
_DONE = -45.0  # in the logarithm: 3e-20
_ANGLES, _RADII = 400, 600  # Gauss-Legendre nodes of integrals over the sphere, in flat space
_gauss = cache(np.polynomial.legendre.leggauss)


# --- a ratio of two sums over i.i.d. keys ---


def sample_average(kernel, mass, values, n_keys: int, own: float = 0.0, squares=None):
    """Moments of R = sum_j K_j h_j/(own + sum_j K_j) over n i.i.d. keys: E[R], E[|R|^2] of each h.

    kernel: (m,), K at quadrature nodes of the law of one key; mass: (m,), that law; values: (m, c),
    h there; squares: (m, c), h^2, by default of `values` (for vectors h with E[K h] along one
    direction: `values` the component along it, `squares` the squared length). own: the kernel of
    the query itself where it is a key too. Returns two arrays (c,). With phi = E e^(-u K),
      E[R]   = int e^(-own u) n E[K h e^(-u K)] phi^(n-1) du,
      E[R^2] = int u e^(-own u) (n E[K^2 h^2 e^(-u K)] phi^(n-1)
                                 + n (n-1) E[K h e^(-u K)]^2 phi^(n-2)) du.
    """
    n, squares = n_keys, values**2 if squares is None else squares
    mean, second = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for u, du in _rule(1 / (own + n * (mass @ kernel))):
        absent = np.expm1(-np.outer(u, kernel))
        present = (1 + absent) * (kernel * mass)
        once, twice = present @ values, (present * kernel) @ squares
        # phi reaches 0 where the range of the keys is finite; then its powers have long vanished
        log_phi = np.log1p(np.maximum(absent @ mass, -1 + 1e-16))
        left = np.exp((n - 1) * log_phi - own * u) * du
        mean += n * left @ once
        pairs = (n - 1) * np.exp(-log_phi)[:, None] * once**2
        second += n * (left * u) @ (twice + pairs)
        if (n - 1) * log_phi[-1] - own * u[-1] < _DONE:
            break
    return mean, second


def _rule(scale):
    """Blocks (u, du) of the double exponential rule on (0, inf), coarse where u is far from scale."""
    for start in np.arange(_FIRST, _LAST, _TOGETHER * _STEP):
        w = start + _STEP * np.arange(_TOGETHER)
        u = scale * np.exp(w - np.exp(-w))
        yield u, _STEP * u * (1 + np.exp(-w))


# --- noise ---


def noise(p: Density, u, temperature: float, n_tokens: int) -> np.ndarray:
    """N Var[A x] at queries u (m, d) that are no tokens, mean over the coordinate functions x: (m,).

    Exact at any N, by quadrature over the law of a key ("Finite samples").
    """
    n = whole("n_tokens", n_tokens, 2)
    tokens = population(p, temperature, nodes=nodes_for(p.manifold, temperature))
    found = []
    for query in p.manifold.embed(u):
        r2 = ((tokens.x - query) ** 2).sum(axis=1)
        kernel = np.exp(-r2 / (4 * temperature))
        # values are centred, so that the variance is no small difference of large numbers
        centre = (tokens.mass * kernel) @ tokens.x / (tokens.mass @ kernel)
        mean, second = _near(kernel, tokens.mass, tokens.x - centre, n)
        found.append(n * (second - mean**2).mean())
    return np.array(found)


def _near(kernel, mass, values, n):
    """`sample_average` over the keys that count: elsewhere 1 - e^(-u K) vanishes."""
    near = kernel > math.exp(_DONE)
    return sample_average(kernel[near], mass[near], values[near], n)


def noise_law(p: Density, u, power: float = 8.0) -> np.ndarray:
    """N eps^(d/2 - 1) Var[A x] at u (m, d) as eps -> 0, mean over the coordinates x: (m,).

    |grad x|^2 (8 pi)^(-d/2)/p ("Sampling noise"); another `power` than 8 is a rival.
    """
    m = p.manifold
    gradients = [m.function(gradient_product(m, x, x))(u) for x in m.embedding]
    return (power * math.pi) ** (-m.dim / 2) * np.mean(gradients, axis=0) / p(u)


# --- the clock of a sample of uniform tokens on the unit sphere S^d ---


def noise_of_steps(dim: int, temperature: float, steps: int, n_tokens: int) -> float:
    """N i.i.d. tokens: variance of A^k H(x) over |grad H|^2/p there, to leading order in 1/N, eps.

    2 eps (4 pi eps)^(-d/2) sum_{a,b=1..k} (a+b)^(-1-d/2)/N ("Evolution"). For features that have
    flattened in the meantime it is an upper bound.
    """
    d, eps = whole("dim", dim, 1), positive("temperature", temperature)
    a = np.arange(1, whole("steps", steps, 1) + 1)
    pairs = float(((a[:, None] + a) ** (-1 - d / 2)).sum())
    return 2 * eps * (4 * math.pi * eps) ** (-d / 2) * pairs / whole("n_tokens", n_tokens, 2)


def sphere_clock(dim: int, temperature: float, n_tokens: int, average: str = "plain") -> float:
    """Expected clock over eps of N i.i.d. uniform tokens, half their mean squared jump a dimension.

    average: "plain" over the tokens; "masked", plain with no token among its own keys; "stationary"
    weighted by the degrees. The plain ones are exact at any N ("The clock of a sample at any
    size"). The last is a ratio of sums over pairs, to second order in their scatter, 1/N^2.
    """
    n, (angle, kernel, mass) = whole("n_tokens", n_tokens, 3), _sphere(dim, temperature)
    jump = (1 - np.cos(angle)) / (dim * temperature)
    if average != "stationary":
        own = 1.0 if average == "plain" else 0.0
        mean, _ = sample_average(kernel, mass, jump[:, None], n - 1, own)
        return float(mean[0])
    pair, jumped, both = mass @ kernel, mass @ (kernel * jump), mass @ (kernel**2 * jump)
    degree = 1 + (n - 1) * pair
    ratio = (n - 1) * jumped / degree
    # pairs that share a token are uncorrelated on a homogeneous space: 2/(n (n-1)) of a pair's own
    variance = 2 * (n - 1) / n * (mass @ kernel**2 - pair**2) / degree**2
    covariance = 2 / n * (both - pair * jumped) / (degree * jumped)
    return float(ratio * (1 + variance - covariance))


def population_clock(dim: int, temperature: float) -> float:
    """The clock over eps of infinitely many uniform tokens on the unit sphere S^d."""
    angle, kernel, mass = _sphere(dim, temperature)
    jump = (1 - np.cos(angle)) / (dim * temperature)
    return float((mass * kernel) @ jump / (mass @ kernel))


def flat_clock(s: float, dim: int, average: str = "plain") -> float:
    """Clock over tau of a Poisson cloud of keys in flat space ("The clock of a sample at any size").

    The limit of a sample as eps -> 0 at fixed s: 1/(1 + s) weighted by the stationary law, else
    (1/s) int_0^inf e^(-delta u) Psi(u) e^(-Phi(u)/s) du, delta = 1 with the token itself among the
    keys and 0 without; Phi(u) = int (1 - e^(-u K)), Psi(u) = int K r^2 e^(-u K), both over
    (4 pi eps)^(d/2) and Psi(0) = 1.
    """
    s, half = positive("s", s), whole("dim", dim, 1) / 2
    if average == "stationary":
        return 1 / (1 + s)
    x, w = _gauss(_RADII)
    # r^2 = 4 eps z^2 takes the singularity of q^(d/2-1) away; K = exp(-z^2)
    reach = math.sqrt(_LAST)
    z, dz = reach * (x + 1) / 2, reach * w / 2
    kernel, shell = np.exp(-(z**2)), 2 * z ** (2 * half - 1) * dz
    delta, total = 1.0 if average == "plain" else 0.0, 0.0
    for u, du in _rule(s):
        absent = np.expm1(-np.outer(u, kernel))
        phi = -absent @ shell / gamma(half)
        psi = (1 + absent) @ (kernel * z**2 * shell) / gamma(half + 1)
        total += float(psi * np.exp(-delta * u - phi / s) @ du) / s
        if -phi[-1] / s - delta * u[-1] < _DONE:
            break
    return total


def flat_participation(s: float, dim: int, own: bool = True) -> float:
    """E sum_j a_ij^2 over a Poisson cloud of keys in flat space, the query a key too with `own`.

    One over it is the number of keys that share the weight: 2^(d/2)/s for small s, 1 for large.
    (1/s) int u e^(-u) Psi e^(-Phi/s) + int u e^(-u) e^(-Phi/s), Psi(u) = int K^2 e^(-u K); without
    `own` the first alone, and no e^(-u). In d = 2 without: Bruno et al. 2026 (arXiv 2605.08505).
    """
    s, half = positive("s", s), whole("dim", dim, 1) / 2
    x, w = _gauss(_RADII)
    reach = math.sqrt(_LAST)
    z, dz = reach * (x + 1) / 2, reach * w / 2
    kernel, shell = np.exp(-(z**2)), 2 * z ** (2 * half - 1) * dz / gamma(half)
    delta, total = float(own), 0.0
    for u, du in _rule(s):
        absent = np.expm1(-np.outer(u, kernel))
        phi, pairs = -absent @ shell, (1 + absent) @ (kernel**2 * shell)
        left = u * np.exp(-delta * u - phi / s) * du
        total += float(left @ (pairs / s + delta))
        if -phi[-1] / s - delta * u[-1] < _DONE:
            break
    return total


def flat_clock_first_order(s: float, dim: int, average: str = "plain") -> float:
    """The same to first order in s ("Finite samples")."""
    ratio_bias = positive("s", s) * 2 ** (-whole("dim", dim, 1) / 2 - 1)
    return {"stationary": 1 - s, "plain": 1 + ratio_bias - s, "masked": 1 + ratio_bias}[average]


# --- the best temperature, for second harmonics of uniform tokens on the unit sphere S^d ---


def harmonic_error(dim: int, temperature: float, n_tokens: int, own: bool = False) -> float:
    """Mean squared error of (A H - H)/eps against L H, over (L H)^2, exactly at any N.

    H the harmonics of degree 2 together, L H = -2 (d+1) H. Queries are no keys, or with `own` are
    tokens among the N. Over all harmonics H(x).H(y) is the zonal one, Z = ((d+1) cos^2 - 1)/d of
    the angle, so H(y) - H(x) has the component Z - 1 along H(x) and the squared length 2 (1 - Z),
    and E[K (H - H(x))] points along H(x) by symmetry ("Best temperature").
    """
    n, (angle, kernel, mass) = whole("n_tokens", n_tokens, 2), _sphere(dim, temperature)
    others, self_kernel = (n - 1, 1.0) if own else (n, 0.0)
    along = ((dim + 1) * np.cos(angle)[:, None] ** 2 - 1) / dim - 1
    mean, second = sample_average(kernel, mass, along, others, self_kernel, squares=-2 * along)
    step = 2 * (dim + 1) * temperature
    return float(second[0] / step**2 + 2 * mean[0] / step + 1)


def best_temperature(dim: int, n_tokens: int, own: bool = False) -> tuple[float, float]:
    """The temperature of the least `harmonic_error` at N tokens, and the root of that error."""
    found = minimize_scalar(
        lambda log_eps: math.log(harmonic_error(dim, math.exp(log_eps), n_tokens, own)),
        bounds=(math.log(1e-4), math.log(1.0)), method="bounded", options={"xatol": 1e-7},
    )  # fmt: skip
    return math.exp(found.x), math.exp(found.fun / 2)


def _sphere(dim, temperature):
    """Angles (n,) to a query on S^d, the kernel there, and masses of the uniform law.

    Angles end where the kernel is e^-600 or the sphere is; beyond, 1 - e^(-u K) vanishes.
    """
    d, eps = whole("dim", dim, 1), positive("temperature", temperature)
    x, w = _gauss(_ANGLES)
    reach = math.acos(max(-1.0, 1 - 4 * _LAST * 2 * eps))
    angle = reach * (x + 1) / 2
    surface = math.sqrt(math.pi) * math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2))
    mass = reach * w / 2 * np.sin(angle) ** (d - 1) / surface
    return angle, np.exp((np.cos(angle) - 1) / (2 * eps)), mass
