"""Weights of one head from a safetensors file, read without pickle.

The format: eight bytes with the length of a JSON header, the header (name, dtype, shape and place of
each tensor), then the numbers themselves (https://github.com/huggingface/safetensors).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from simulations.heads.head import Head
from theory.setting.checks import InputError, finite_array, one_of, shown, whole

LONGEST_HEADER = 100_000_000  # bytes, as the format says
# how the tensors of one layer end, by what they are: of BERT, Llama, plain names, and GPT-2's one
QUERY = ("query.weight", "q_proj.weight", "q_lin.weight", "w_q", "W_Q")
OTHERS = {
    "query.weight": ("key.weight", "query.bias", "key.bias"),
    "q_proj.weight": ("k_proj.weight", "q_proj.bias", "k_proj.bias"),
    "q_lin.weight": ("k_lin.weight", "q_lin.bias", "k_lin.bias"),
    "w_q": ("w_k", "b_q", "b_k"),
    "W_Q": ("W_K", "b_Q", "b_K"),
}
FUSED = "c_attn.weight"
# tensors that add positions, or anything else, to a score: a head without them would be another
REFUSED = {
    "alibi": "ALiBi biases",
    "relative_attention_bias": "relative position biases",
    "distance_embedding": "relative position embeddings",
    "q_norm": "normalised queries",
    "q_a_proj": "compressed queries",
}
TURNED = ("q_proj.weight", "rotary", "inv_freq")  # of models whose queries and keys are turned


class Tensors(Mapping):
    """The tensors of a file by name, each read where it is asked for, as float64.

    None stands for a tensor of 8 bits.
    """

    def __init__(self, path: Path, origin: int, places: dict):
        self._path, self._origin, self._places = path, origin, places

    def __getitem__(self, name):
        place = self._places[name]
        with self._path.open("rb") as handle:
            return _tensor(handle, self._origin, place)

    def __iter__(self):
        return iter(self._places)

    def __len__(self):
        return len(self._places)


def read(path) -> Tensors:
    """The tensors of a safetensors file by name.

    Raises InputError for a file that is none: in one line, whatever is wrong.
    """
    path = Path(path)
    with path.open("rb") as handle:
        size = path.stat().st_size
        start = handle.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or not 2 <= length <= min(size - 8, LONGEST_HEADER):
            raise InputError(f"{path}: is no safetensors file (no header)")
        try:
            header = json.loads(handle.read(length).decode("utf-8"))
            places = {k: v for k, v in header.items() if k != "__metadata__"}
            room = size - 8 - length
            for name, place in places.items():
                _check(path, name, place, room)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path}: is no safetensors file (unreadable header)") from None
    return Tensors(path, 8 + length, places)


_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
}
_OTHER_SIZES = {"I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1}


def _check(path, name, place, room):
    kind, shape, (begin, end) = place["dtype"], place["shape"], place["data_offsets"]
    numbers = (begin, end, *shape)
    each = np.dtype(_TYPES[kind]).itemsize if kind in _TYPES else _OTHER_SIZES.get(kind)
    good = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers)
    if not good or end > room or (each and end - begin != prod(shape) * each):
        raise InputError(f"{path}: the tensor {shown(name)} does not fit into the file; cut short?")


def _tensor(handle, origin, place):
    if place["dtype"] not in _TYPES:
        return None
    begin, end = place["data_offsets"]
    handle.seek(origin + begin)
    flat = np.frombuffer(handle.read(end - begin), _TYPES[place["dtype"]])
    if place["dtype"] == "BF16":
        # the upper half of a float32
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    return flat.reshape(place["shape"]).astype(np.float64)


def head_of(
    tensors: Mapping, head: int = 0, n_heads: int = 1, layer: str = "", rotary: bool | None = None
) -> Head:
    """Head number `head` of `n_heads` from the tensors of a file.

    layer: what the names of its tensors begin with, or contain, where there are several layers.
    rotary: whether positions are turned by the caller; where names tell of rotary positions it must
    be said. Keys may have fewer heads than queries (grouped). Raises InputError.
    """
    n_heads, head = whole("n_heads", n_heads, 1), whole("head", head, 0)
    if head >= n_heads:
        raise InputError(f"head: got {head}, expected less than the {n_heads} heads (--n-heads)")
    names = [n for n in tensors if _inside(n, layer)]
    for name in names:
        for word, what in REFUSED.items():
            if word in name.lower():
                raise InputError(f"weights: {shown(name)} adds {what} to the score: not supported")
    if rotary is None and (turned := [n for n in names if any(t in n for t in TURNED)]):
        raise InputError(
            f"weights: {shown(turned[0])} is of a model with rotary positions; say --rotary-base "
            "BASE (10000 as a rule), or --rotary-base 0 where there are none"
        )
    w_q, w_k, b_q, b_k = _fused(tensors, names) or _separate(tensors, names, layer)
    d_k, left = divmod(len(w_q), n_heads)
    n_keys, left_of_keys = divmod(len(w_k), d_k) if d_k else (0, 1)
    if left or left_of_keys or not n_keys or n_heads % n_keys:
        raise InputError(
            f"n_heads: got {n_heads} for queries of {len(w_q)} rows and keys of {len(w_k)}, "
            "expected a number that divides both into heads of one width"
        )
    q = slice(head * d_k, (head + 1) * d_k)
    # a group of queries shares a key
    k_head = head // (n_heads // n_keys)
    k = slice(k_head * d_k, (k_head + 1) * d_k)
    return Head(w_q[q], w_k[k], b_q[q], b_k[k])


def _inside(name, layer):
    return not layer or f".{layer.strip('.')}." in f".{name}."


def _fused(tensors, names):
    """GPT-2's one tensor (D, 3 D), with inputs in rows, cut into queries and keys; or None."""
    found = [n for n in names if n.endswith(FUSED)]
    if not found:
        return None
    name = _only(found)
    w = _weights(tensors, name)
    if w.shape[1] != 3 * w.shape[0]:
        raise InputError(f"{name}: got shape {w.shape}, expected ({len(w)}, {3 * len(w)})")
    w_q, w_k, _ = np.split(w.T, 3)
    bias = _bias(tensors, name.removesuffix("weight") + "bias", 3 * len(w))
    return w_q, w_k, *np.split(bias, 3)[:2]


def _separate(tensors, names, layer):
    found = [(n, e) for n in names for e in QUERY if n == e or n.endswith(f".{e}")]
    if not found:
        among = f" among those of {shown(layer)}" if layer else ""
        raise InputError(
            f"weights: no queries{among}, expected a tensor named w_q, query.weight, "
            f"q_proj.weight or c_attn.weight; got {shown(', '.join(sorted(tensors)), 100)}"
        )
    query = _only([n for n, _ in found])
    ending = dict(found)[query]
    key, b_q, b_k = (query.removesuffix(ending) + other for other in OTHERS[ending])
    if key not in tensors:
        raise InputError(f"weights: the tensor {shown(key)} is missing, expected beside {query}")
    w_q, w_k = _weights(tensors, query), _weights(tensors, key)
    if w_q.shape[1] != w_k.shape[1]:
        raise InputError(
            f"weights: {query} has shape {w_q.shape} and {key} {w_k.shape}, expected equal widths"
        )
    return w_q, w_k, _bias(tensors, b_q, len(w_q)), _bias(tensors, b_k, len(w_k))


def _only(names):
    if len(names) > 1:
        raise InputError(
            f"weights: {len(names)} layers, such as {shown(names[0])} and {shown(names[1])}; "
            "say which with --layer"
        )
    return names[0]


def _weights(tensors, name):
    return finite_array(name, _of_16_bits(tensors, name), (None, None))


def _bias(tensors, name, length):
    if name not in tensors:
        return np.zeros(length)
    return finite_array(name, _of_16_bits(tensors, name), (length,))


def _of_16_bits(tensors, name):
    values = tensors[name]
    if values is None:
        raise InputError(f"weights: {shown(name)} has numbers of 8 bits, expected 16 at least")
    return values


def read_tokens(path, width: int) -> list[np.ndarray]:
    """The texts of an .npy file: (n, D) is one text, (texts, n, D) several of one length.

    Raises InputError for anything else; object arrays, which would need pickle, are refused.
    """
    path = Path(path)
    try:
        with path.open("rb") as handle:
            given = np.load(handle, allow_pickle=False)
    except (ValueError, EOFError):
        raise InputError(f"{path}: is no .npy file of numbers") from None
    if not isinstance(given, np.ndarray):
        raise InputError(f"{path}: is an archive, expected one array (.npy)")
    one_of("dimensions of the tokens", given.ndim, (2, 3))
    texts = list(given[None] if given.ndim == 2 else given)
    if not texts or 0 in given.shape:
        raise InputError(f"{path}: got shape {given.shape}: an empty text, expected tokens")
    return [finite_array("tokens", text, (None, width)) for text in texts]
