"""Claim `antipodal_clusters`: how fast two antipodal clusters on a circle leave each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, Claim, Paper, check_counts, option
from theory.setting.checks import whole, within
from theory.setting.hypotheses import check_levels

CLAIM = Claim(
    name="antipodal_clusters",
    rank=10.7,
    title="Two antipodal clusters are a saddle, left at a rate that the normalisation decides",
    statement=(
        r"Tokens on $S^1$ move by attention with the score $x^T K y$, $K = \mathrm{diag}(a, b)$, and "
        r"stay on the circle. Of two equal clusters at $\pm(\cos\phi, \sin\phi)$, "
        r"$\gamma = a \cos^2\phi + b \sin^2\phi$, the angle by which they fail to be antipodal grows "
        r"at the rate $e^{-\gamma}$ where weights are divided by $N$, and at $1 - \tanh\gamma$ under "
        r"softmax; within a cluster tokens gather at the rate $\sinh\gamma$ and $\tanh\gamma$."
    ),
    source=(
        "Menon and Murray, metastability of attention (weights over N); softmax derived in "
        "docs/theory.md, 'Antipodal clusters'"
    ),
    hypotheses="two clusters of equal mass, symmetric K, steps h -> 0",
    predicted=r"escape $e^{-\gamma}$ or $1 - \tanh\gamma$, gathering $\sinh\gamma$ or $\tanh\gamma$",
    order=r"1 in the step $h$",
    paper=Paper(NEW, "The paper moves features by the limit of attention, not tokens on a sphere."),
)

# --- the design ---

SOFTMAX, OVER_N = "softmax", "weights over N"
NORMALISATIONS = (SOFTMAX, OVER_N)
ANGLES = {"0": 0.0, "pi/5": np.pi / 5, "2 pi/5": 2 * np.pi / 5, "pi/2": np.pi / 2}
INDEFINITE = (2.0, -0.5)  # a second K, for which gamma changes its sign between the angles
GATHERING = ("pi/5",)  # where the rate within a cluster is judged
TIME, FIRST_STEPS = 0.5, 4  # of a run, and its steps at the coarsest level
DISPLACED = 0.04  # angle of the disturbance at the coarsest level, halved with the step
LIFE_START, LIFE_TIME, LIFE_STEPS = 1e-3, 60.0, 1200  # one long run, for the figure
LIFE_SEEN = 4  # of its steps one in so many is kept
LEAST, MOST = 0.1, 5.0  # of a and b: both normalisations agree at gamma = 0

# --- the names ---


def matrices(parameters: Parameters) -> dict[str, tuple[float, float]]:
    """The diagonals (a, b) by name."""
    own = (parameters.a, parameters.b)
    return {f"K = diag({a:g}, {b:g})": (a, b) for a, b in (own, INDEFINITE)}


def escape(normalisation: str, matrix: str, angle: str) -> str:
    return f"{normalisation}, {matrix}, phi = {angle}: rate of escape"


def gathering(normalisation: str, matrix: str, angle: str) -> str:
    return f"{normalisation}, {matrix}, phi = {angle}: rate of gathering"


@dataclass(frozen=True)
class Parameters:
    a: float = option(1.5, "First entry of K = diag(a, b).")
    b: float = option(0.5, "Second entry of K.")
    n_each: int = option(8, "Tokens of a cluster.", least=2, bytes=100_000)
    n_levels: int = option(6, "Steps h, each half the one before.")
    seed: int = option(0, "Not used: nothing here is random.")

    def __post_init__(self):
        check_counts(self)
        within("a", self.a, LEAST, MOST)
        within("b", self.b, LEAST, MOST)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)


SMALL = {"n_levels": 5, "n_each": 3}
