"""Claim `classical`: attention and the classical methods are one thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import Claim, check_counts, option
from theory.setting.checks import whole
from theory.setting.datasets import Dataset, dataset, neighbour_edges

CLAIM = Claim(
    name="classical",
    rank=30,
    title="Attention and the classical methods are one thing",
    statement=(
        "Kernel density and regression, mean shift, k-means, mixtures, nearest neighbours, label "
        "propagation, diffusion maps, Laplacian eigenmaps, t-SNE's probabilities and the attention "
        "layers of deep learning are one operation: a pseudo-metric, a temperature, a "
        "normalisation and values."
    ),
    source="the libraries that people use; docs/theory.md, 'Classical methods'",
    hypotheses="none: exact identities, on real data",
    predicted="what the library computes, to rounding; its labels, exactly",
    order="none: exact",
    needs=("sklearn", "statsmodels", "torch", "torch_geometric", "pydiffmap"),
)


@dataclass(frozen=True)
class Method:
    """A classical method as attention: the conventions that make it exact, and a wrong one.

    checked_against: the function of a library that is the prediction. control: the wrong
    convention, in words.
    """

    name: str
    pseudo_metric: str
    temperature: str
    normalisation: str
    values: str
    checked_against: str
    control: str


_R2, _ROWS = "|x − y|²", "rows"
_PARAMETERS = "−(P m, −P/2)·(x, x xᵀ) − key bias, P = Σ⁻¹"
_DOT, _SDPA = "−q·k", "torch `scaled_dot_product_attention`"
DENSITY = "kernel density"
REGRESSION = "Nadaraya-Watson regression"
GAUSSIAN_SHIFT = "Gaussian mean shift"
SHIFT_CENTRES, SHIFT_LABELS = "flat mean shift: centres", "flat mean shift: labels"
SOFT = "soft k-means"
SPHERICAL, FULL = "mixture E-step, spherical", "mixture E-step, full"
MAXIMISATION = "mixture M-step, five EM steps"
KMEANS_LABELS, KMEANS_CENTRES = "k-means: labels", "k-means: centres"
UNIFORM, DISTANCE = "nearest neighbours, equal weights", "nearest neighbours, weights 1/r"
CALLABLE = "nearest neighbours, any weights"
CLASSES = "nearest neighbours: classes"
PROPAGATION, SPREADING = "label propagation", "label spreading"
DIFFUSION, DIFFUSION_1 = "diffusion map, α = 0", "diffusion map, α = 1"
LAPLACIAN = "Laplacian eigenmaps"
TSNE = "t-SNE conditional probabilities"
PLAIN, CAUSAL = "scaled dot product", "scaled dot product, causal"
ADDED = "scaled dot product, added mask"
MULTI, MASKED = "multi-head attention", "multi-head attention, masked"
GRAPH = "graph attention (GAT)"

METHODS = (
    Method(DENSITY, _R2, "2h²", "none: log-partition", "1", "sklearn `KernelDensity`", "ε = h²"),
    Method(
        REGRESSION, "Σ ((xₐ − yₐ)/hₐ)²", "2", _ROWS, "responses", "statsmodels `KernelReg`", "ε = 1"
    ),
    Method(
        GAUSSIAN_SHIFT, _R2, "2h²", _ROWS, "points", "statsmodels `KernelReg`, iterated", "ε = h²"
    ),
    Method(
        SHIFT_CENTRES, f"{_R2}, window h", "∞", _ROWS, "points", "sklearn `MeanShift`",
        "Gaussian in place of the window",
    ),
    Method(
        SHIFT_LABELS, _R2, "0", _ROWS, "centre numbers", "sklearn `MeanShift`", "dot product −x·m"
    ),
    Method(SOFT, _R2, "2s²", _ROWS, "one-hot", "sklearn `GaussianMixture`", "ε = s²"),
    Method(
        SPHERICAL, "|x − m|²/(2s²) + D log s − log w", "1", _ROWS, "one-hot",
        "sklearn `GaussianMixture`", "without D log s",
    ),
    Method(
        FULL, _PARAMETERS, "1", _ROWS, "one-hot", "sklearn `GaussianMixture`", "without log det Σ"
    ),
    Method(
        MAXIMISATION, "|x − m|²/(2s²) + D log s − log w", "1", "columns", "x, |x|², 1",
        "sklearn `GaussianMixture`", "rows normalised",
    ),
    Method(
        KMEANS_LABELS, _R2, "0", _ROWS, "centre numbers", "sklearn `KMeans`", "dot product −x·m"
    ),
    Method(KMEANS_CENTRES, _R2, "0", "columns", "points", "sklearn `KMeans`", "rows normalised"),
    Method(
        UNIFORM, "0 on the k nearest", "1", _ROWS, "responses", "sklearn `KNeighborsRegressor`",
        "k + 1",
    ),
    Method(
        DISTANCE, "log r on the k nearest", "1", _ROWS, "responses",
        "sklearn `KNeighborsRegressor`", "f = r",
    ),
    Method(
        CALLABLE, "−log w(r) on the k nearest", "1", _ROWS, "responses",
        "sklearn `KNeighborsRegressor`", "equal weights",
    ),
    Method(
        CLASSES, "log r on the k nearest", "1", _ROWS, "one-hot, the largest",
        "sklearn `KNeighborsClassifier`", "k = 1",
    ),
    Method(
        PROPAGATION, _R2, "1/γ", "rows; labels put back", "labels", "sklearn `LabelPropagation`",
        "diagonal removed",
    ),
    Method(
        SPREADING, f"{_R2}, no diagonal", "1/γ", "rows, conjugated by D^½", "labels",
        "sklearn `LabelSpreading`", "diagonal kept",
    ),
    Method(
        DIFFUSION, "|x − y|²/4", "ε", "rows; eigenfunctions", "points' coordinates",
        "pydiffmap `DiffusionMap`", "diagonal removed",
    ),
    Method(
        DIFFUSION_1, "|x − y|²/4", "ε", "columns, then rows; eigenfunctions",
        "points' coordinates", "pydiffmap `DiffusionMap`", "α = 0",
    ),
    Method(
        LAPLACIAN, f"{_R2}, no diagonal", "1/γ", "rows; eigenfunctions", "points' coordinates",
        "sklearn `SpectralEmbedding`", "diagonal kept",
    ),
    Method(
        TSNE, f"{_R2} in float32, no diagonal", "one a query, by its entropy", _ROWS, "one-hot",
        "sklearn `TSNE`'s probabilities", "one temperature for all",
    ),
    Method(PLAIN, _DOT, "√E", _ROWS, "v", _SDPA, "ε = 1"),
    Method(CAUSAL, f"{_DOT}, keys j ≤ i", "√E", _ROWS, "v", _SDPA, "no mask"),
    Method(ADDED, f"{_DOT} − √E mask", "√E", _ROWS, "v", _SDPA, "no mask"),
    Method(
        MULTI, "−(W_Q x + b_Q)·(W_K y + b_K), each head", "√(E/heads)", _ROWS, "W_V y + b_V",
        "torch `MultiheadAttention`", "without b_Q, b_K, b_V",
    ),
    Method(
        MASKED, "as above, masks, key bias_k", "√(E/heads)", _ROWS, "W_V y + b_V, bias_v",
        "torch `MultiheadAttention`", "no masks",
    ),
    Method(
        GRAPH, "−LeakyReLU(a·Wx + b·Wy) on edges", "1", _ROWS, "W y",
        "torch_geometric `GATConv`", "without loops",
    ),
)  # fmt: skip
CONTROLS = {method.name: method.control for method in METHODS}
ROUNDING = 1e-10  # relative: sums of at most a million terms, a thousand steps over

N_CENTRES, N_COORDINATES, N_HEADS, N_NEIGHBOURS = 4, 3, 4, 7
DENSITY_WIDTH, SHIFT_WIDTH, SHIFT_STEPS = 0.5, 1.5, 3
REGRESSION_COLUMNS, REGRESSION_WIDTHS = (2, 3, 8), (0.5, 0.7, 0.6)
COMPONENT_VARIANCES = (0.3, 0.8, 1.5, 2.5)
COMPONENT_WEIGHTS = (0.4, 0.3, 0.2, 0.1)
EM_STEPS, LABEL_STEPS, ALPHA = 5, 5, 0.8
PERPLEXITY = 20.0
EMBEDDING = 16  # features of a token of the layers
LAYER_TOKENS, KEY_TOKENS = 60, 80


@dataclass(frozen=True)
class Parameters:
    n_points: int = option(300, "Points taken of a data set, at most.", least=150, bytes=4000)
    seed: int = option(20241218, "Seed of the choice of points, centres and weights.")

    def __post_init__(self):
        check_counts(self)
        whole("seed", self.seed, 0)

    def data(self, name: str) -> Dataset:
        return dataset(name, self.n_points, self.seed)

    def halves(self, name: str) -> tuple[Dataset, Dataset]:
        """Points that answer and points that ask."""
        data = self.data(name)
        half = len(data.points) // 2
        return (
            Dataset(data.points[:half], data.target[:half]),
            Dataset(data.points[half:], data.target[half:]),
        )

    def rng(self, stream: int):
        return np.random.default_rng([self.seed, stream])

    def centres(self, points) -> np.ndarray:
        """Where centres start: some of the points."""
        return points[self.rng(1).permutation(len(points))[:N_CENTRES]]

    def covariances(self, dim: int) -> np.ndarray:
        """Covariance matrices of the components, (k, D, D), none of them diagonal."""
        factors = self.rng(2).standard_normal((N_CENTRES, dim, dim)) / 2
        spherical = np.array(COMPONENT_VARIANCES)[:, None, None] * np.eye(dim)
        return spherical + factors @ factors.transpose(0, 2, 1)

    def few_labels(self, target) -> np.ndarray:
        """Labels of which one in five is known, the others -1."""
        return np.where(self.rng(3).random(len(target)) < 0.2, target, -1)

    def tokens(self, count: int) -> np.ndarray:
        """Tokens of the layers, (count, E): digits, mapped to so many features."""
        points = self.data("digits").points[:count]
        return points @ self.rng(4).standard_normal((points.shape[1], EMBEDDING)) / 8

    def layer(self, *, with_keys: bool) -> dict[str, np.ndarray]:
        """The weights of a multi-head layer by the names of its state_dict."""
        rng, e = self.rng(5), EMBEDDING

        def weights(*shape):
            return rng.standard_normal(shape) / np.sqrt(shape[-1])

        state = {
            "in_proj_weight": 2 * weights(3 * e, e), "in_proj_bias": 4 * weights(3 * e),
            "out_proj.weight": weights(e, e), "out_proj.bias": weights(e),
        }  # fmt: skip
        return state | {name: 4 * weights(1, 1, e) for name in ("bias_k", "bias_v") if with_keys}

    def masks(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs (n, m) and keys (m,) that are hidden; of every query some key is left."""
        rng = self.rng(6)
        return rng.random((LAYER_TOKENS, KEY_TOKENS)) < 0.5, rng.random(KEY_TOKENS) < 0.3

    def distance_mask(self) -> np.ndarray:
        """Numbers (n, n) that a mask adds: less for tokens farther apart in number."""
        place = np.arange(LAYER_TOKENS)
        return -np.abs(place[:, None] - place) / 4.0

    def graph(self) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Features (n, E), edges (2, e), and weights of a graph-attention layer."""
        x, rng, c = self.data("wine").points, self.rng(7), 5
        state = {
            "lin.weight": rng.standard_normal((N_HEADS * c, x.shape[1])) / 2,
            "att_src": rng.standard_normal((1, N_HEADS, c)),
            "att_dst": rng.standard_normal((1, N_HEADS, c)),
            "bias": rng.standard_normal(N_HEADS * c),
        }
        return x, neighbour_edges(x, N_NEIGHBOURS), state


def width_of(points) -> float:
    """A temperature that is neither too cold nor too warm: half the dimension, a quarter of the
    mean squared distance of standardised points."""
    return points.shape[1] / 2


def weight_of_distance(r):
    """The weights of "any weights": a function of the distances, as a user would write one."""
    return np.exp(-r) / (1 + r**2)


SMALL = {"n_points": 150}
