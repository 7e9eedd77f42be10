"""Layers of deep-learning libraries from their own weights, in double precision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulations.attention import AttentionOperator
from simulations.classical.pairs import pair_attention
from theory.setting.checks import InputError, finite_array, flag, positive, real, whole
from theory.setting.pseudo_metrics import dot_product


def scaled_dot_product(
    queries, keys, values, mask=None, *, causal: bool = False, scale: float | None = None
) -> np.ndarray:
    """softmax(q k^T scale + mask) v, as torch.nn.functional.scaled_dot_product_attention.

    queries (..., n, E), keys (..., m, E), values (..., m, c) with equal leading axes (batch, heads).
    f = -q.k at eps = 1/scale, by default sqrt(E) (Vaswani et al. 2017). mask (n, m): True where a
    query may attend, or numbers that are added, -inf for never; causal: only keys up to the query's
    own number.
    """
    q, k, v = (np.asarray(a) for a in (queries, keys, values))
    if q.ndim > 2:
        if not (q.shape[:-2] == k.shape[:-2] == v.shape[:-2]):
            raise InputError(
                f"queries: got {q.shape}, {k.shape}, {v.shape}, expected equal leading axes"
            )
        parts = [
            scaled_dot_product(a, b, c, mask, causal=causal, scale=scale)
            for a, b, c in zip(q, k, v, strict=True)
        ]
        return np.array(parts)
    q = finite_array("queries", q, (None, None))
    k = finite_array("keys", k, (None, q.shape[1]))
    v = finite_array("values", v, (len(k), None))
    eps = np.sqrt(q.shape[1]) if scale is None else 1 / positive("scale", scale)
    if mask is None and not flag("causal", causal):
        return AttentionOperator(q, dot_product(), eps, keys=k) @ v
    added = added_mask(mask, causal, (len(q), len(k)))
    i, j = np.nonzero(added > -np.inf)
    exponents = (q[i] * k[j]).sum(axis=1) / eps + added[i, j]
    return pair_attention(exponents, i, j, added.shape) @ v


def added_mask(mask, causal: bool, shape) -> np.ndarray:
    """What a mask adds to the exponents, (n, m): 0 where a query may attend, -inf where not."""
    added = np.zeros(shape)
    if mask is not None:
        mask = np.asarray(mask)
        if mask.shape != shape:
            raise InputError(f"mask: got shape {mask.shape}, expected {shape}")
        added = np.where(mask, 0.0, -np.inf) if mask.dtype == bool else mask.astype(np.float64)
        if np.isnan(added).any() or (added == np.inf).any():
            raise InputError("mask: got nan or inf, expected finite numbers or -inf")
    if causal:
        added = np.where(np.tri(*shape, dtype=bool), added, -np.inf)
    return added


def multi_head_attention(
    queries, keys, values, state: Mapping, n_heads: int, mask=None, key_mask=None
) -> np.ndarray:
    """The output (n, E) of torch.nn.MultiheadAttention for one sequence each, (n, E), (m, E_k),
    (m, E_v).

    state: the arrays of its state_dict by their names: `in_proj_weight` (or `q_proj_weight`,
    `k_proj_weight`, `v_proj_weight`), `in_proj_bias`, `out_proj.weight`, `out_proj.bias`, `bias_k`,
    `bias_v`; all biases are optional. Masks as the library has them: mask (n, m) True where a query
    may NOT attend, or numbers that are added; key_mask (m,) True for keys that nobody sees.
    """
    x = [finite_array(name, a, (None, None)) for name, a in
         (("queries", queries), ("keys", keys), ("values", values))]  # fmt: skip
    dim, n_heads = x[0].shape[1], whole("n_heads", n_heads, 1)
    if dim % n_heads:
        raise InputError(f"n_heads: got {n_heads} for {dim} features, expected a divisor")
    q, k, v = (a @ w.T + b for a, (w, b) in zip(x, _projections(state, dim), strict=True))
    shape = (len(q), len(k))
    added = added_mask(_allowed(mask), False, shape)
    if key_mask is not None:
        hidden = np.asarray(key_mask)
        if hidden.shape != shape[1:] or hidden.dtype != bool:
            raise InputError(f"key_mask: got shape {hidden.shape}, expected ({len(k)},) of bool")
        added = np.where(hidden, -np.inf, added)
    if "bias_k" in state:
        more = (_matrix(state, name, (1, 1, dim))[0] for name in ("bias_k", "bias_v"))
        k, v = (np.vstack([a, row]) for a, row in zip((k, v), more, strict=True))
        added = np.hstack([added, np.zeros((len(q), 1))])
    heads = (np.split(a, n_heads, axis=1) for a in (q, k, v))
    free = None if not added.any() else added
    out = np.hstack([scaled_dot_product(*qkv, free) for qkv in zip(*heads, strict=True)])
    return out @ _matrix(state, "out_proj.weight", (dim, dim)).T + _bias(
        state, "out_proj.bias", dim
    )


def _allowed(mask):
    """A mask of the layer, True = hidden, as the function has it, True = seen."""
    return ~np.asarray(mask) if mask is not None and np.asarray(mask).dtype == bool else mask


def _projections(state, dim):
    """Weights and biases of queries, keys and values."""
    if "in_proj_weight" in state:
        weights = np.split(_matrix(state, "in_proj_weight", (3 * dim, dim)), 3)
    else:
        weights = [_matrix(state, f"{a}_proj_weight", (dim, None)) for a in "qkv"]
    return zip(weights, np.split(_bias(state, "in_proj_bias", 3 * dim), 3), strict=True)


def _matrix(state, name, shape):
    if name not in state:
        raise InputError(f"state: has no {name}, expected one of shape {shape}")
    return finite_array(name, state[name], shape)


def _bias(state, name, length):
    return finite_array(name, state[name], (length,)) if name in state else np.zeros(length)


def graph_attention(
    features, edges, state: Mapping, n_heads: int, slope: float = 0.2, *, self_loops: bool = True
) -> np.ndarray:
    """The output (n, heads x c) of a graph-attention layer, torch_geometric.nn.GATConv.

    features (n, E). edges (2, e): numbers of sources (keys) and of targets (queries). state: its
    arrays by their names, `lin.weight` (heads x c, E), `att_src` and `att_dst` (1, heads, c),
    `bias`. f = -LeakyReLU(a_dst.W x + a_src.W y) at eps = 1 on the edges, a loop at every node among
    them; values W y (Velickovic et al. 2018).
    """
    x = finite_array("features", features, (None, None))
    source, target = _edges(edges, len(x), self_loops)
    w, n_heads = _matrix(state, "lin.weight", (None, x.shape[1])), whole("n_heads", n_heads, 1)
    if len(w) % n_heads:
        raise InputError(f"n_heads: got {n_heads} for {len(w)} features, expected a divisor")
    shape = (1, n_heads, len(w) // n_heads)
    of_keys, of_queries = (_matrix(state, name, shape)[0] for name in ("att_src", "att_dst"))
    values = np.split(x @ w.T, n_heads, axis=1)
    outputs = []
    for v, of_key, of_query in zip(values, of_keys, of_queries, strict=True):
        s = (v @ of_query)[target] + (v @ of_key)[source]
        exponents = np.where(s > 0, s, real("slope", slope) * s)
        outputs.append(pair_attention(exponents, target, source, (len(x), len(x))) @ v)
    return np.hstack(outputs) + _bias(state, "bias", len(w))


def _edges(edges, n_nodes, self_loops):
    """Sources and targets, with one loop at every node in place of those that are given."""
    edges = np.asarray(edges)
    if edges.ndim != 2 or len(edges) != 2 or edges.dtype.kind not in "iu":
        raise InputError(
            f"edges: got {edges.dtype} of shape {edges.shape}, expected whole numbers (2, e)"
        )
    if edges.size and not (0 <= edges.min() and edges.max() < n_nodes):
        raise InputError(
            f"edges: got numbers from {edges.min()} to {edges.max()}, expected 0 to {n_nodes - 1}"
        )
    if not self_loops:
        return edges
    loops = np.tile(np.arange(n_nodes), (2, 1))
    return np.hstack([edges[:, edges[0] != edges[1]], loops])
