"""What the controls of the page say, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from theory.setting.checks import InputError, count, one_of, shown, whole, within
from theory.setting.densities import Density
from theory.setting.hypotheses import require_function
from theory.setting.manifolds import Manifold, manifold
from theory.setting.pseudo_metrics import PseudoMetric, transformed_distance
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density, scattered_points

SOFTMAX, HALF, DOUBLE, SINKHORN = (
    "softmax", "alpha = 1/2", "doubly normalised", "doubly stochastic (Sinkhorn)"
)  # fmt: skip
ALPHAS = {SOFTMAX: 0.0, HALF: 0.5, DOUBLE: 1.0}
NORMALISATIONS = (*ALPHAS, SINKHORN)
# what the page offers; anything that `manifold` reads may be typed
MANIFOLDS = {
    "circle": "circle",
    "ellipse": "ellipse(a=2, b=1)",
    "bean": "((1.5 + cos(u)/2)*cos(u), (1.5 + cos(u)/2)*sin(u)/2 + cos(u)**2/2)",
    "sphere": "sphere",
    "torus": "torus",
    "bumpy torus": "((2 + (1 + sin(3*u)/5)*cos(v))*cos(u), "
    "(2 + (1 + sin(3*u)/5)*cos(v))*sin(u), (1 + sin(3*u)/5)*sin(v))",
}  # fmt: skip
STEPS = 24  # of attention that are measured, from which the page shows one
LEAST_TOKENS, MOST_TOKENS = 200, 10_000  # beyond, a page does not answer while one waits
TEMPERATURES = (1e-3, 10.0)
PLACES = {1: 48, 2: 160}  # at which the drift is looked at, by dimension
DISTANCES = 400  # at which phi is looked at

# --- the names of what is measured and predicted ---

DRIFT = "drift coefficient of i.i.d. tokens at eps"
CLOCK = "clock of i.i.d. tokens at eps"
TAKEN = "drift of softmax less drift of this normalisation"


@dataclass(frozen=True)
class Choice:
    """A manifold with its tokens, and attention on them.

    manifold: a closed curve or surface, a name or an embedding; density: of the tokens, a formula;
    features: H at time 0, a formula; phi: f = phi(r), a formula in the distance r. Raises
    InputError, one line that names the control, for anything else.
    """

    manifold: str = MANIFOLDS["sphere"]
    density: str = "reference"
    features: str = "sin(3*x1/2) + cos(2*x2)/2"
    phi: str = "r**2/4"
    normalisation: str = SOFTMAX
    temperature: float = 0.04
    n_tokens: int = 3000
    seed: int = 20241218

    def __post_init__(self):
        for name in ("manifold", "density", "features", "phi"):
            if not isinstance(text := getattr(self, name), str) or not text.strip():
                raise InputError(f"{name}: got {shown(text)}, expected a formula")
        one_of("normalisation", self.normalisation, NORMALISATIONS)
        within("temperature", self.temperature, *TEMPERATURES)
        count("tokens", self.n_tokens, LEAST_TOKENS, MOST_TOKENS)
        whole("seed", self.seed, 0)
        m = curve_or_surface(self.manifold)
        p = token_density(self.manifold, self.density)
        if not require_function(m, "features", self.features).free_symbols:
            raise InputError(f"features: got {shown(self.features)}, expected one that varies")
        require_least_at_zero(self.phi, extent(p))

    @property
    def p(self) -> Density:
        """The density of the tokens, which knows its manifold."""
        return token_density(self.manifold, self.density)

    @cached_property
    def score(self) -> PseudoMetric:
        return transformed_distance(self.phi)

    @cached_property
    def places(self) -> np.ndarray:
        """Chart points (n, d) all over the manifold, about as dense as its volume."""
        m = self.p.manifold
        u = scattered_points([(axis.low, axis.high) for axis in m.axes], 8 * PLACES[m.dim])
        volume = m.volume(u)
        # heights as even as the points would leave stripes
        height = np.random.default_rng(len(u)).random(len(u))
        return u[height < volume / volume.max()][: PLACES[m.dim]]


@lru_cache(maxsize=64)
def curve_or_surface(spec: str) -> Manifold:
    """The manifold of that specification; InputError unless it is a closed curve or surface."""
    m = manifold(spec)
    if not m.closed or m.dim > 2:
        kind = "a boundary or no end" if not m.closed else f"dimension {m.dim}"
        raise InputError(
            f"manifold: got {shown(spec)}, which has {kind}, expected a closed curve or surface"
        )
    return m


@lru_cache(maxsize=64)
def token_density(spec: str, formula: str) -> Density:
    """The density of the tokens on a manifold, normalised; InputError unless it is one."""
    return reference_density(curve_or_surface(spec), formula)


@lru_cache(maxsize=64)
def extent(p: Density) -> float:
    """At least the largest distance of two points: the diagonal of the box around the manifold."""
    x = p.manifold.embed(chart_quadrature(p.manifold, 64)[0])
    return float(np.linalg.norm(np.ptp(x, axis=0)))


@lru_cache(maxsize=64)
def require_least_at_zero(phi: str, reach: float) -> None:
    """Refuse a phi that is not finite, or not least at distance 0, up to the distance `reach`."""
    r = np.linspace(0.0, reach, DISTANCES)[:, None]
    values = transformed_distance(phi).paired(np.zeros_like(r), r)
    if not (np.isfinite(values).all() and (values[1:] > values[0]).all()):
        raise InputError(
            f"phi: {shown(phi)} is not finite or not least at r = 0 for all r up to {reach:.3g}, "
            f"expected it to be, such as r**2/4"
        )
