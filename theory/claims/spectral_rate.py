"""Claim `spectral_rate`: how fast the spectrum of a sample tends to that of the diffusion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, count, grows_to, whole, within
from theory.setting.densities import Density, density
from theory.setting.hypotheses import require_resolved
from theory.setting.manifolds import manifold
from theory.setting.references import scattered_probes

CLAIM = Claim(
    name="spectral_rate",
    rank=8.2,
    title="How fast the spectrum of a sample converges",
    statement=(
        r"With $N$ i.i.d. tokens at $\varepsilon \sim (\log N/N)^{1/(d/2+2)}$ the eigenvalues of "
        r"$(1 - \mu)/\tau$ tend to those of $-L$ at least as fast as $N^{-1/(d/2+2)}$, and at "
        r"$\varepsilon \sim (\log N/N)^{1/(d/2+3)}$ the eigenvectors at least as fast as "
        r"$N^{-1/(d/2+3)}$, up to logarithms."
    ),
    source="Cheng and Wu 2022 (arXiv 2101.09875); docs/theory.md, 'Rates of the spectrum'",
    hypotheses=(
        "i.i.d. tokens, Gaussian kernel, closed manifold; uniform tokens, or doubly normalised "
        "attention at any density (softmax at any density: not in the paper)"
    ),
    predicted=(
        r"eigenvalues $k^2$, $l(l+1)$, those of $L$; orders at least $1/(d/2+2)$ and $1/(d/2+3)$ "
        r"in $\log N/N$"
    ),
    order=r"at least $1/(d/2+2)$, eigenvectors $1/(d/2+3)$, in $\log N/N$",
    paper=Paper(
        NEW,
        "The paper's limit has no rate in the number of tokens; the eigenvalues follow from it.",
    ),
)

# --- the design ---

GROWTH = 4  # each number of tokens over the one before
LEAST_LEVELS, MOST_LEVELS, MOST_TOKENS = 3, 10, 200_000
LEAST_NEIGHBOURS = 6  # effective neighbours N p (4 pi eps)^(d/2) of a token: fewer fall apart
SAMPLES = {1: 2, 2: 1}  # over n_seeds: on the circle they scatter more, and cost less
SCALES = (0.01, 1.0)
N_PROBES = 48  # points at which projections are read
# functions that are projected on the first eigenvectors: smooth, off every symmetry
PROJECTED = {1: ("exp(x)", "exp(y/2 - x/3)"), 2: ("exp(x)", "exp(y/2 - z)")}


@dataclass(frozen=True)
class Setting:
    """Tokens and attention: manifold, alpha of the normalisation, over how many of the smallest
    eigenvalues above 0 means are taken, how many eigenvectors (the constant among them) make the
    projector."""

    manifold: str
    alpha: float
    means: tuple[int, ...]
    eigenvectors: int


SPHERE, CIRCLE = "sphere, uniform", "circle, uniform"
DRIFT, CORRECTED = "circle, any p, softmax", "circle, any p, doubly normalised"
# A sample splits eigenvalues that are equal or nearly so; a mean over so many has no bias from it.
# After as many eigenvectors comes a gap.
SETTINGS = {
    SPHERE: Setting("sphere", 0.0, (3, 8), 4),
    CIRCLE: Setting("circle", 0.0, (2, 4), 3),
    DRIFT: Setting("circle", 0.0, (2, 4), 3),
    CORRECTED: Setting("circle", 1.0, (2, 4), 3),
}

# --- the names ---


def eigenvalues(where: str) -> str:
    return f"{where}: eigenvalues, order in log N/N"


def eigenvectors(where: str) -> str:
    return f"{where}: eigenvectors, order in log N/N"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(
        500,
        "Tokens of the smallest samples on the circle, half of those on the sphere; the others four "
        "times as many each.",
        least=100,
        bytes=TOKEN_BYTES,
    )
    n_levels: int = option(3, "Numbers of tokens.")
    temperature_scale: float = option(
        0.2, "eps over (log N/N)^(1/(d/2+2)), of the eigenvectors over (log N/N)^(1/(d/2+3))."
    )
    density: str = option("exp(x + x*y/2)", "Token density on the circle, not uniform.")
    n_seeds: int = option(
        4,
        "Samples of each size on the sphere, half of those on the circle.",
        least=3,
        bytes=SAMPLE_BYTES,
    )
    seed: int = option(20220109, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        count("n_levels", self.n_levels, LEAST_LEVELS, MOST_LEVELS)
        within("temperature_scale", self.temperature_scale, *SCALES)
        whole("seed", self.seed, 0)
        largest = self.sizes(2)[-1]
        grows_to(largest, MOST_TOKENS, "tokens", n_levels=self.n_levels, n_tokens=self.n_tokens)
        if self.curve_density.is_uniform:
            raise InputError("density: got a uniform one, expected one that varies")
        require_resolved(self.curve_density, self.temperature(1, self.sizes(1)[-1], "eigenvalues"))
        for where in SETTINGS:
            self._require_neighbours(where)

    def _require_neighbours(self, where):
        p = self.density_of(where)
        d, u = p.manifold.dim, scattered_probes(p, N_PROBES)[0]
        n = self.sizes(d)[0]
        eps = self.temperature(d, n, "eigenvalues")
        neighbours = n * float(p(u).min()) * (4 * np.pi * eps) ** (d / 2)
        if neighbours < LEAST_NEIGHBOURS:
            raise InputError(
                f"temperature_scale: got {self.temperature_scale:g}, at which a token among {n} has "
                f"{neighbours:.2g} effective neighbours on the {where}, expected at least "
                f"{LEAST_NEIGHBOURS}: a higher one, or more tokens"
            )

    @cached_property
    def curve_density(self) -> Density:
        return density(manifold("circle"), self.density)

    def density_of(self, where: str) -> Density:
        """The token density of a setting."""
        if where in (DRIFT, CORRECTED):
            return self.curve_density
        return density(manifold(SETTINGS[where].manifold))

    def sizes(self, dim: int) -> list[int]:
        """Numbers of tokens of the levels in d dimensions."""
        return [dim * self.n_tokens * GROWTH**k for k in range(self.n_levels)]

    def steps(self, dim: int) -> np.ndarray:
        """log N/N of the levels: rates are stated up to logarithms, and these are theirs."""
        n = np.array(self.sizes(dim), dtype=np.float64)
        return np.log(n) / n

    def temperature(self, dim: int, n_tokens: int, kind: str) -> float:
        """eps of the eigenvalues or of the eigenvectors of N tokens in d dimensions."""
        power = 1 / (dim / 2 + {"eigenvalues": 2, "eigenvectors": 3}[kind])
        return float(self.temperature_scale * (np.log(n_tokens) / n_tokens) ** power)


SMALL = {"n_tokens": 190, "n_seeds": 3}
LONG = {"n_levels": 4, "n_seeds": 12}
