"""Claim `self_attention`: W = c I + eps B on the sphere, where S tilts the density and K rotates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import whole, within
from theory.setting.densities import Density
from theory.setting.geometry import drift_terms
from theory.setting.heads import symmetric_and_rotation, tilted_rotation
from theory.setting.hypotheses import check_levels, require_resolved, require_varying
from theory.setting.nodes import MOST_KEYS, as_typed, nodes_for
from theory.setting.references import probe_features, reference_density, scattered_points
from theory.setting.scores import Score, bilinear

CLAIM = Claim(
    name="self_attention",
    rank=7.3,
    title="Self-attention near the identity: a tilt and a rotation",
    statement=(
        r"Dot-product attention with $W = c I + \varepsilon B$ at temperature $\varepsilon$ on the "
        r"unit sphere has the clock $\tau = \varepsilon/(2c)$ and the generator $L H = \Delta H + "
        r"2 \langle \nabla \log p + P_x B^T x, \nabla H \rangle$. With $B = S + K$, $P_x B^T x = "
        r"\nabla(x^T S x/2) - K x$: $S$ tilts the density to $p\, e^{x^T S x/2}$ and stays "
        r"reversible, $K$ rotates."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Dot products near the identity'",
    hypotheses=r"unit sphere, smooth positive density, $\varepsilon \to 0$",
    predicted=r"drift coefficients 2, 2 and 2, clock $\varepsilon/(2c)$",
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "The first-order form of one head without a window, derived here; the abstract does "
        "not say it.",
    ),
)

STRENGTH = 1.5  # c: not 1, so that it is seen
N_PROBES = 200  # queries of the limit, at fixed places
N_ARROWS = 220  # of the figure, nearly equidistant
TEMPERATURES, TORQUES = (0.005, 1.0), (0.05, 10.0)  # laws near their limits, far from rounding

ROTATION = "eps -> 0: coefficient of the rotation K"
TILT = "eps -> 0: coefficient of the tilt S"
DENSITY = "eps -> 0: drift up the density"
CLOCK = "eps -> 0: clock/eps"
ORDER = "order of the bias in tau"
CONSENSUS = "S alone, eps -> 0: consensus of x^T S x"
ROTATION_SAMPLED = "stratified tokens at eps: coefficient of K"
TILT_SAMPLED = "stratified tokens at eps: coefficient of S"
DENSITY_SAMPLED = "stratified tokens at eps: drift up the density"
SAMPLED = (DENSITY_SAMPLED, TILT_SAMPLED, ROTATION_SAMPLED)


@dataclass(frozen=True)
class Parameters:
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    temperature: float = option(0.1, "Temperature eps of the samples, largest of the levels.")
    torque: float = option(2.0, "Frobenius norm of S and of K, the two parts of B.")
    n_levels: int = option(5, "Temperatures, each half the one before.")
    n_tokens: int = option(6000, "Tokens of a sample, stratified.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(24, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers, B included.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, *TEMPERATURES)
        within("torque", self.torque, *TORQUES)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        require_varying(self.tokens_density, CLAIM.name)
        with as_typed(
            "temperature", self.temperature, "n_levels", self.n_levels, TEMPERATURES[1]
        ) as ask:
            ask(self.temperatures(), self.nodes)
        require_resolved(self.tokens_density, self.temperatures()[-1] / (2 * STRENGTH))

    @cached_property
    def tokens_density(self) -> Density:
        return reference_density("sphere", self.density)

    @cached_property
    def matrix(self) -> np.ndarray:
        """B = S + K, (3, 3)."""
        return tilted_rotation(np.random.default_rng([self.seed, 4, 0]), self.torque, 3)

    @cached_property
    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """S and K."""
        return symmetric_and_rotation(self.matrix)

    @cached_property
    def features(self) -> list:
        return probe_features(self.tokens_density.manifold)

    @cached_property
    def drifts(self) -> list[tuple]:
        """P_x S x and -P_x K x, as covectors in the chart: the slopes of x^T S x/2 and of K."""
        return [
            tuple(-e for e in bilinear(part).key_slope(self.tokens_density.manifold))
            for part in self.parts
        ]

    @cached_property
    def terms(self):
        """u (n, 2) -> [Laplacian H, drift up the density, along S, along K], each (n, c)."""
        return drift_terms(self.tokens_density, self.drifts, self.features)

    @cached_property
    def probes(self) -> np.ndarray:
        """Queries of the limit, chart points (n, 2)."""
        axes = self.tokens_density.manifold.axes
        return scattered_points([(a.low, a.high) for a in axes], N_PROBES)

    def score(self, temperature: float, matrix=None) -> Score:
        """-x^T (c I + eps B) y, or with another matrix in place of B."""
        b = self.matrix if matrix is None else matrix
        return bilinear(STRENGTH * np.eye(3) + temperature * b)

    def temperatures(self) -> np.ndarray:
        return self.temperature / 2.0 ** np.arange(self.n_levels)

    def nodes(self, temperature: float) -> tuple[int, ...]:
        """Quadrature nodes per axis: the weights are near Gaussians of variance eps/c, those of
        the Gaussian kernel at eps/(2 c)."""
        kernel = temperature / (2 * STRENGTH)
        return nodes_for(self.tokens_density.manifold, kernel, MOST_KEYS)


def arrows() -> np.ndarray:
    """Chart points (n, 2) of the arrows, nearly equidistant on the sphere: Fibonacci's lattice."""
    k = np.arange(N_ARROWS)
    turn = np.pi * (1 + 5**0.5) * k % (2 * np.pi)
    return np.stack([np.arccos(1 - (2 * k + 1) / N_ARROWS), turn], axis=1)


SMALL = {"n_levels": 4, "n_tokens": 3000, "n_seeds": 16}
LONG = {"n_levels": 7, "n_tokens": 20_000, "n_seeds": 100}
