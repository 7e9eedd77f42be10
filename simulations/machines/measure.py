"""What a step over many machines costs, measured: time, memory of a worker, bytes between workers.

Tokens are uniform on the unit sphere, H is a coordinate, and the step is held against direct sums
over all tokens at a few queries.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from simulations.attention.sharded import ShardedAttention
from simulations.machines.files import dask_array, rows, slices, whole_file, write_rows
from simulations.store import provenance
from simulations.store.files import read_json, reading, write_json
from theory.setting.checks import count, positive, whole

WRITTEN = 2**20  # tokens that are made, or summed directly, at a time
QUERIES = 8  # at which the step is held against direct sums
MOST_TOKENS = 10**9


def make_tokens(folder: Path, n_tokens: int, seed: int) -> tuple[Path, Path]:
    """Files of points (n, 3) and features (n,); read as they are where an earlier call has made
    them."""
    points, values = (folder / f"{what}-{n_tokens}-{seed}.npy" for what in ("points", "values"))
    if points.exists() and values.exists():
        return points, values
    with whole_file(points, (n_tokens, 3)) as x, whole_file(values, (n_tokens,)) as h:
        for k, (a, b) in enumerate(slices(n_tokens, WRITTEN)):
            each = np.random.default_rng([seed, k]).standard_normal((b - a, 3))
            each /= np.linalg.norm(each, axis=1, keepdims=True)
            write_rows(x, a, each)
            write_rows(h, a, each[:, 2])
    return points, values


def measured_step(
    client, folder: Path, n_tokens: int, shards: int, temperature: float, tolerance: float, seed=1
) -> dict:
    """One step of n_tokens in so many shards on the cluster, and what it cost."""
    from simulations.machines.dask_attention import DaskAttention

    count("n_tokens", n_tokens, 1000, MOST_TOKENS)
    count("shards", shards, 1, n_tokens // 100)
    positive("temperature", temperature)
    whole("seed", seed, 0)
    points, values = make_tokens(folder, n_tokens, seed)
    shard = -(-n_tokens // shards)
    x, h = dask_array(points, shard), dask_array(values, shard)
    # what is imported and compiled once is no part of a step
    client.run(_warm)
    begin = time.perf_counter()
    attention = DaskAttention(client, x, temperature, tolerance)
    prepared, sent = time.perf_counter(), _sent(client)
    result = attention.apply(h, 1.0)
    with whole_file(folder / "out.npy", (n_tokens,)) as out:
        # the modes are on a worker when the first rows are written
        attention.write(result, out)
        after, moved = time.perf_counter(), _sent(client) - sent
    peaks = sorted(client.run(_peak_memory).values())
    modes = attention.attention.grid.modes
    return {
        "n_tokens": n_tokens,
        "shards": x.numblocks[0],
        "workers": len(peaks),
        "temperature": temperature,
        "tolerance": tolerance,
        "seconds_extent": round(prepared - begin, 2),
        "seconds_step": round(after - prepared, 2),
        "bytes_moved": int(moved),
        "bytes_of_modes": int(16 * np.prod(modes)),
        "modes": list(modes),
        "peak_memory_of_a_worker": int(peaks[-1]),
        "error_at_queries": error_at_queries(points, folder / "out.npy", temperature),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }


def error_at_queries(points: Path, found: Path, temperature: float) -> float:
    """The largest error of A H at the first tokens, H the last coordinate, against direct sums."""
    x, n = rows(points, 0, QUERIES), len(np.load(points, mmap_mode="r"))
    sums = np.zeros((2, QUERIES))
    for a, b in slices(n, WRITTEN // 8):
        y = rows(points, a, b)
        weights = np.exp(-((x[:, None] - y) ** 2).sum(axis=2) / (4 * temperature))
        sums += weights.sum(axis=1), weights @ y[:, 2]
    return float(np.abs(rows(found, 0, QUERIES) - sums[1] / sums[0]).max())


def record(row: dict, path: Path) -> None:
    """Put a row into a file of rows, in place of one of the same size."""
    key = ("n_tokens", "shards", "workers", "temperature", "tolerance")
    rows_ = []
    if path.exists():
        stored = read_json(path)
        with reading(path):
            rows_ = [r for r in stored if any(r[k] != row[k] for k in key)]
    write_json(path, sorted([*rows_, row], key=lambda r: [r[k] for k in key]))


def as_text(row: dict) -> str:
    """A row in a line."""
    return (
        f"{row['n_tokens']:.3g} tokens, {row['shards']} shards, {row['workers']} workers: "
        f"{row['seconds_step']:g} s a step, {row['bytes_moved'] / 1e6:.2f} MB between workers "
        f"(modes {row['bytes_of_modes'] / 1e6:.2f} MB), at most "
        f"{row['peak_memory_of_a_worker'] / 1e6:.0f} MB a worker, error {row['error_at_queries']:.1g}"
    )


def _warm():
    attention = ShardedAttention((-1.0,) * 3, (1.0,) * 3, 4.0)
    x = np.random.default_rng(0).uniform(-1, 1, (100, 3))
    attention.read(x, attention.partial_modes(x, x), 3)


def _sent(client) -> int:
    """Bytes that workers have sent to each other."""
    return sum(client.run(_sent_by).values())


def _sent_by(dask_worker):
    return dask_worker.transfer_outgoing_bytes_total


def _peak_memory():
    import resource

    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of Linux: in KiB
