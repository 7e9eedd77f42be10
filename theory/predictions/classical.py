"""Predictions of the claim `classical`: what the libraries say that people use."""

from __future__ import annotations

import contextlib
import math
import warnings

import numpy as np
import torch
from pydiffmap.diffusion_map import DiffusionMap
from sklearn.cluster import KMeans, MeanShift
from sklearn.exceptions import ConvergenceWarning
from sklearn.manifold import SpectralEmbedding
from sklearn.manifold._utils import _binary_search_perplexity
from sklearn.metrics import pairwise_distances
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, KNeighborsRegressor
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from statsmodels.nonparametric.kernel_regression import KernelReg
from torch.nn.functional import scaled_dot_product_attention
from torch_geometric.nn import GATConv

from theory.claims import classical as claim
from theory.predictions import Prediction, Same


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The array of each method by its library; the wrong conventions are wrong methods."""
    found = {}
    with quiet_libraries(), torch.no_grad():
        for study in STUDIES:
            found |= study(parameters)
    return {name: Same(np.asarray(array)) for name, array in found.items()}


@contextlib.contextmanager
def quiet_libraries():
    """Libraries warn where they are told to stop after so many steps, and of their next versions."""
    with warnings.catch_warnings():
        for category in (ConvergenceWarning, FutureWarning, DeprecationWarning):
            warnings.simplefilter("ignore", category)
        yield


def density(parameters):
    iris = parameters.data("iris").points
    keys, queries = parameters.halves("diabetes")
    x, asked = (d.points[:, claim.REGRESSION_COLUMNS] for d in (keys, queries))
    shift = MeanShift(bandwidth=claim.SHIFT_WIDTH).fit(iris)
    moving = iris
    for _ in range(claim.SHIFT_STEPS):
        widths = [claim.DENSITY_WIDTH] * iris.shape[1]
        moving = np.array([kernel_regression(iris, y, widths, moving) for y in iris.T]).T
    return {
        claim.DENSITY: KernelDensity(bandwidth=claim.DENSITY_WIDTH).fit(iris).score_samples(iris),
        claim.REGRESSION: kernel_regression(x, keys.target, claim.REGRESSION_WIDTHS, asked),
        claim.GAUSSIAN_SHIFT: moving,
        claim.SHIFT_CENTRES: shift.cluster_centers_,
        claim.SHIFT_LABELS: shift.labels_,
    }


def kernel_regression(points, values, widths, queries):
    kinds = "c" * points.shape[1]
    return KernelReg(values, points, kinds, reg_type="lc", bw=list(widths)).fit(queries)[0]


def mixtures(parameters):
    iris, wine = (parameters.data(name).points for name in ("iris", "wine"))
    n, dim = claim.N_CENTRES, iris.shape[1]
    equal, variances = np.ones(n), np.array(claim.COMPONENT_VARIANCES)
    weights = np.array(claim.COMPONENT_WEIGHTS)
    full = np.linalg.inv(parameters.covariances(dim))
    steps = {"max_iter": claim.EM_STEPS, "reg_covar": 0.0, "tol": 0.0}
    start = mixture("spherical", parameters.centres(wine), 1 / variances, weights, **steps)
    return {
        claim.SOFT: memberships("spherical", iris, parameters, equal, equal / n),
        claim.SPHERICAL: memberships("spherical", iris, parameters, 1 / variances, weights),
        claim.FULL: memberships("full", iris, parameters, full, weights),
        claim.MAXIMISATION: start.fit(wine).means_,
    }


def mixture(kind, means, precisions, weights, **options):
    return GaussianMixture(
        len(means), covariance_type=kind, means_init=means, precisions_init=precisions,
        weights_init=weights, **options,
    )  # fmt: skip


def memberships(kind, points, parameters, precisions, weights):
    """Probabilities of the components as they are given: they are set, not fitted."""
    model = mixture(kind, parameters.centres(points), precisions, weights)
    model.means_, model.weights_ = model.means_init, weights
    full = kind == "full"
    model.precisions_cholesky_ = (
        np.array([np.linalg.cholesky(p) for p in precisions]) if full else np.sqrt(precisions)
    )
    return model.predict_proba(points)


def kmeans(parameters):
    digits = parameters.data("digits").points
    start = parameters.centres(digits)
    model = KMeans(len(start), init=start, n_init=1, tol=0.0, algorithm="lloyd").fit(digits)
    return {
        claim.KMEANS_LABELS: model.labels_.astype(int),
        claim.KMEANS_CENTRES: model.cluster_centers_,
    }


def neighbours(parameters):
    keys, queries = parameters.halves("diabetes")
    numbers, asked = parameters.halves("digits")
    kinds = {
        claim.UNIFORM: "uniform", claim.DISTANCE: "distance",
        claim.CALLABLE: claim.weight_of_distance,
    }  # fmt: skip
    answers = {
        name: KNeighborsRegressor(claim.N_NEIGHBOURS, weights=weights)
        .fit(keys.points, keys.target)
        .predict(queries.points)
        for name, weights in kinds.items()
    }
    voters = KNeighborsClassifier(claim.N_NEIGHBOURS, weights="distance")
    classes = voters.fit(numbers.points, numbers.target).predict(asked.points)
    return answers | {claim.CLASSES: classes}


def labels(parameters):
    data = parameters.data("breast_cancer")
    known, gamma = parameters.few_labels(data.target), 1 / claim.width_of(data.points)
    options = {"gamma": gamma, "max_iter": claim.LABEL_STEPS, "tol": 0.0}
    propagation = LabelPropagation(**options)
    spreading = LabelSpreading(alpha=claim.ALPHA, **options)
    return {
        claim.PROPAGATION: propagation.fit(data.points, known).label_distributions_,
        claim.SPREADING: spreading.fit(data.points, known).label_distributions_,
    }


def embeddings(parameters):
    x, c = parameters.data("wine").points, claim.N_COORDINATES
    eps = claim.width_of(x)
    eigenmaps = SpectralEmbedding(c, affinity="rbf", gamma=1 / (4 * eps), random_state=0)
    squares = pairwise_distances(x, metric="euclidean", squared=True).astype(np.float32)
    return {
        claim.DIFFUSION: diffusion_map(x, eps, c, 0.0),
        claim.DIFFUSION_1: diffusion_map(x, eps, c, 1.0),
        claim.LAPLACIAN: eigenmaps.fit_transform(x),
        claim.TSNE: _binary_search_perplexity(squares, claim.PERPLEXITY, 0),
    }


def diffusion_map(points, eps, count, alpha):
    """Coordinates mu phi: pydiffmap's eigenvectors, of norm 1 in the stationary law and with their
    largest entry positive."""
    model = DiffusionMap.from_sklearn(alpha=alpha, k=len(points), epsilon=eps, n_evecs=count)
    model.fit(points)
    law = model.right_norm_vec * (model.kernel_matrix @ model.right_norm_vec)
    phi = model.evecs / np.sqrt((law / law.sum()) @ model.evecs**2)
    largest = phi[np.abs(phi).argmax(axis=0), np.arange(count)]
    return (1 + eps * model.evals) * phi * np.sign(largest)


def dot_products(parameters):
    x = torch.tensor(parameters.tokens(claim.LAYER_TOKENS))[None]
    mask = torch.tensor(parameters.distance_mask())
    return {
        claim.PLAIN: scaled_dot_product_attention(x, x, x)[0],
        claim.CAUSAL: scaled_dot_product_attention(x, x, x, is_causal=True)[0],
        claim.ADDED: scaled_dot_product_attention(x, x, x, attn_mask=mask)[0],
    }


def heads(parameters):
    x, y = (
        torch.tensor(parameters.tokens(n))[None] for n in (claim.LAYER_TOKENS, claim.KEY_TOKENS)
    )
    pairs, keys = (torch.tensor(mask) for mask in parameters.masks())
    plain, crossed = (layer(parameters, with_keys) for with_keys in (False, True))
    masked, _ = crossed(x, y, y, attn_mask=pairs, key_padding_mask=keys[None])
    return {claim.MULTI: plain(x, x, x)[0][0], claim.MASKED: masked[0]}


def layer(parameters, with_keys):
    module = torch.nn.MultiheadAttention(
        claim.EMBEDDING, claim.N_HEADS, add_bias_kv=with_keys, batch_first=True, dtype=torch.float64
    )
    return loaded(module, parameters.layer(with_keys=with_keys))


def loaded(module, state):
    """A module of a library with the given weights."""
    module = module.double().eval()
    module.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    return module


def graph(parameters):
    features, edges, state = parameters.graph()
    channels = math.prod(state["att_src"].shape[2:])
    module = GATConv(features.shape[1], channels, heads=claim.N_HEADS)
    return {claim.GRAPH: loaded(module, state)(torch.tensor(features), torch.tensor(edges))}


# each of the parameters, to arrays by the name of the method
STUDIES = (density, mixtures, kmeans, neighbours, labels, embeddings, dot_products, heads, graph)
