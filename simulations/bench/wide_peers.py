"""Steps in R^64 with 64 features, where matrix products win: engines "dense" and "single" beside
PyTorch and ONNX Runtime, for tokens that attend to themselves and to other keys.
"""

from __future__ import annotations

import contextlib

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.rows import compared
from simulations.bench.samples import exact, sphere_points
from simulations.bench.timing import timed
from theory.setting.pseudo_metrics import dot_product

TEMPERATURE = 0.3  # of the dot product on the sphere of R^64
SINGLE_TOLERANCE = 1e-6
DIM = 64


def torch_sdpa(x, keys, h, temperature: float, single: bool = True):
    """A call of scaled_dot_product_attention; raises ImportError without PyTorch."""
    import torch

    kind = torch.float32 if single else torch.float64
    q, k, v = (torch.as_tensor(a, dtype=kind)[None, None] for a in (x, keys, h))
    attend = torch.nn.functional.scaled_dot_product_attention
    return lambda: attend(q, k, v, scale=1 / temperature)[0, 0].numpy()


def onnx_attention(x, keys, h, temperature: float):
    """A call of ONNX Runtime's MultiHeadAttention of one head on the CPU, in float32; raises
    ImportError without onnx and onnxruntime.
    """
    import onnxruntime
    from onnx import TensorProto, helper

    arrays = dict(zip(("query", "key", "value"), (x, keys, h), strict=True))
    feed = {name: np.asarray(a, dtype=np.float32)[None] for name, a in arrays.items()}
    node = helper.make_node(
        "MultiHeadAttention", list(feed), ["out"], domain="com.microsoft", num_heads=1,
        scale=1 / temperature,
    )  # fmt: skip
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, a.shape) for name, a in feed.items()
    ]
    shape = (1, len(x), h.shape[1])
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(
        helper.make_graph([node], "attention", inputs, outputs), opset_imports=opsets, ir_version=8
    )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, feed)[0][0]


def wide_rows(quick: bool = False, n: int = 8192) -> list[dict]:
    """dense against float64, single once it is set up against float32."""
    n = 2000 if quick else n
    x, other = sphere_points(n, DIM), sphere_points(n, DIM, seed=2)
    h = np.random.default_rng(1).standard_normal((n, DIM))
    for keys in (None, other[:200]):
        # nor is compilation
        for engine in ("dense", "single"):
            _operator(x[:200], keys, engine) @ h[:200]
    rows = []
    for keys, what in ((None, ""), (other, ", other keys")):
        problem = f"N = {n}, R^{DIM}, {DIM} features{what}"
        truth = exact(x, h, TEMPERATURE, keys)
        rows += [
            wide_row(problem, "dense", "PyTorch SDPA float64", _double, x, keys, h, truth),
            wide_row(problem, "single", "PyTorch SDPA float32", torch_sdpa, x, keys, h, truth),
            wide_row(problem, "single", "ONNX Runtime float32", onnx_attention, x, keys, h, truth),
        ]
    return rows


def wide_row(problem, engine, name, peer, x, keys, h, truth) -> dict:
    """One peer; keys None for the tokens themselves."""
    operator = _operator(x, keys, engine)
    row = {"group": "attention step", "engine": engine, "problem": problem, "peer_name": name}
    first, step = timed(lambda: operator @ h)[0], timed(lambda: operator @ h)[0]
    others = x if keys is None else keys

    def make():
        return peer(x, others, h, TEMPERATURE)

    with contextlib.suppress(ImportError):
        make()  # imports are no part of a set-up
    return compared(row, lambda: operator @ h, make, lambda: truth, 5, setup=max(0.0, first - step))


def _double(x, keys, h, temperature):
    return torch_sdpa(x, keys, h, temperature, single=False)


def _operator(x, keys, engine):
    tolerance = {"tolerance": SINGLE_TOLERANCE} if engine == "single" else {}
    return AttentionOperator(x, dot_product(), TEMPERATURE, keys=keys, engine=engine, **tolerance)
