"""Classical methods as attention: each says its queries, keys, values, pseudo-metric, temperature
and normalisation, and nothing else (docs/theory.md, "Classical methods").

Points are arrays (n, D). Names and conventions are those of the libraries that people use; the
claim `classical` holds every function against them.
"""

from simulations.classical.clusters import kmeans, mixture, mixture_step
from simulations.classical.density import kernel_density, nadaraya_watson
from simulations.classical.embeddings import (
    diffusion_map,
    laplacian_eigenmaps,
    tsne_conditionals,
)
from simulations.classical.labels import label_propagation, label_spreading
from simulations.classical.layers import (
    graph_attention,
    multi_head_attention,
    scaled_dot_product,
)
from simulations.classical.mean_shift import gaussian_mean_shift, mean_shift
from simulations.classical.neighbours import k_nearest
from simulations.classical.pairs import pair_attention

__all__ = [
    "diffusion_map",
    "gaussian_mean_shift",
    "graph_attention",
    "k_nearest",
    "kernel_density",
    "kmeans",
    "label_propagation",
    "label_spreading",
    "laplacian_eigenmaps",
    "mean_shift",
    "mixture",
    "mixture_step",
    "multi_head_attention",
    "nadaraya_watson",
    "pair_attention",
    "scaled_dot_product",
    "tsne_conditionals",
]
