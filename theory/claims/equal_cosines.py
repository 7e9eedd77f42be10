"""Claim `equal_cosines`: at which inverse temperature attention over a long context neither averages
nor copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, Claim, Paper, check_counts, option
from theory.setting.checks import count, whole, within

CLAIM = Claim(
    name="equal_cosines",
    rank=10.8,
    title="A long context has a critical inverse temperature: below it tokens collapse",
    statement=(
        r"Of $n$ unit tokens at pairwise cosine $\rho$ and the inverse temperature "
        r"$\beta = \gamma \log n$, one step of attention leaves pairs at a cosine that tends to 1 for "
        r"$\gamma < 1/(1-\rho)$, to $4\rho/(1 + 3\rho)$ at $\gamma = 1/(1-\rho)$, and to $\rho$ above."
    ),
    source=(
        "Chen, Lin, Polyanskiy and Rigollet (arXiv 2510.05554); docs/theory.md, "
        "'A critical inverse temperature'"
    ),
    hypotheses=r"all pairs of tokens at one cosine $0 < \rho < 1$; score $x^T y$; no residual",
    predicted=(
        r"$1$, $4\rho/(1 + 3\rho)$, $\rho$; exponents $-2(1 - \gamma(1-\rho))$ below and "
        r"$-(\gamma(1-\rho) - 1)$ above, in $n$"
    ),
    order=r"1 in $1/n$ at $\gamma = 1/(1-\rho)$",
    paper=Paper(
        NEW,
        "The paper's temperature is fixed or tends to 0; here it is tied to the number of tokens.",
    ),
)

# --- the design ---

GROWTH, SMALLEST = 4, 4  # sizes 4, 16, 64, ...: 1/sqrt(n) halves from one to the next
LEAST_LEVELS, MOST_LEVELS = 5, 6  # one more holds 2 GB of coordinates
# gamma over 1/(1 - rho): as far below as above, and so that cosines are series in 1/sqrt(n)
PHASES = {"below": 0.5, "at": 1.0, "above": 1.5}
N_QUERIES = 4  # tokens of which all pairs are taken: by symmetry any will do
JUDGED_SIZE, JUDGED = 1024, (0.9, 1.0, 1.1)  # n and gamma (1 - rho) of rows at size
ALL_PAIRS = 256  # tokens of the check that any pair will do
DRAWN_SIZES, DRAWN = (16, 64, 256, 1024), np.linspace(0.3, 2.0, 35)
SEARCHED = (0.01, 100.0)  # gamma within which half the attention is looked for

# --- the names ---


def limit(phase: str) -> str:
    return f"gamma (1 - rho) = {PHASES[phase]:g}: output cosine, n -> infinity"


def at_size(share: float) -> str:
    return f"gamma (1 - rho) = {share:g}: output cosine, n = {JUDGED_SIZE}"


COLLAPSE = f"gamma (1 - rho) = {PHASES['below']:g}: order of 1 - cosine in 1/n"
CRITICAL = f"gamma (1 - rho) = {PHASES['at']:g}: order of the cosine in 1/n"
KEPT = f"gamma (1 - rho) = {PHASES['above']:g}: order of cosine - rho in 1/n"
HALF = f"gamma at which a token gives itself half its attention, n = {JUDGED_SIZE}"
SYMMETRY = f"n = {ALL_PAIRS}: spread of the output cosines over all pairs"


@dataclass(frozen=True)
class Parameters:
    cosine: float = option(0.4, "Cosine rho of all pairs of tokens.")
    n_levels: int = option(6, "Sizes n = 4, 16, 64, ..., each four times the one before.")
    seed: int = option(20251007, "Seed of the random reflection of the tokens.")

    def __post_init__(self):
        check_counts(self)
        within("cosine", self.cosine, 0.1, 0.8)
        whole("n_levels", self.n_levels, LEAST_LEVELS)
        count("n_levels", self.n_levels, LEAST_LEVELS, MOST_LEVELS)
        whole("seed", self.seed, 0)

    def sizes(self) -> list[int]:
        return [SMALLEST * GROWTH**k for k in range(self.n_levels)]

    def gamma(self, share: float) -> float:
        """gamma of gamma (1 - rho) = share."""
        return share / (1 - self.cosine)


SMALL = {"n_levels": 5}
