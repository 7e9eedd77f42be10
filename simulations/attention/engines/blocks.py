"""The dense engine in many dimensions: blocks of scores and of weighted sums as matrix products,
exponentials between them.

Each block is one thread's, on a BLAS of one thread, and the order of every sum is fixed by the
sizes alone, so that results do not depend on the number of threads.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product

import numba
import numpy as np

from simulations.attention.engines.dense_kernels import exp2_rows
from simulations.blas import one_blas_thread

ROWS, KEYS = 256, 512  # a block of scores, a megabyte, stays in the second-level cache
# dimensions and features together from which matrix products win (measured: about equal at 32,
# twice as fast at 128)
FROM_WIDTH = 40
EVEN = 8  # the number of parts is a multiple of it: threads share them evenly
WHOLE = 16  # numbers of a vector register: products of whole ones are faster
LEFT = 4  # tapered slices are no longer than one part in so many of what is left
# of a symmetric score: parts of the tokens, so many that all threads have work in every round
LEAST_PART, PARTS = 512, 16


def block_sums(queries, keys, base, values, exclude_self: bool) -> np.ndarray:
    """Sums over keys of 2^(q_i.k_j + base_j) times 1 and each value: (n, 1 + c) of queries (n, D),
    keys (nk, D), base (nk,), values (nk, c).

    Exponents must be known to lie within +-1000. Memory: a block a thread.
    """
    columns = np.ascontiguousarray(keys.T)
    ones_first = np.column_stack([np.ones(len(keys)), values])
    out = np.zeros((len(queries), ones_first.shape[1]))

    def add(rows):
        for start in range(0, len(keys), KEYS):
            keys_ = slice(start, start + KEYS)
            weights = queries[rows] @ columns[:, keys_]
            exp2_rows(weights, base[keys_])
            if exclude_self:
                leave_out_own(weights, rows.start, start, 0.0)
            out[rows] += weights @ ones_first[keys_]

    in_threads(add, [slices(0, len(queries), ROWS, EVEN)])
    return out


def slices(start: int, end: int, most: int, multiple: int = 1) -> list[slice]:
    """start to end in slices of nearly one length, at most `most`, their number a multiple."""
    count = -(-(end - start) // (most * multiple)) * multiple
    ends = [start + (end - start) * k // count for k in range(count + 1)]
    return [slice(*pair) for pair in pairwise(ends) if pair[0] < pair[1]]


def tapered(n: int, most: int, least: int) -> list[slice]:
    """0 to n in slices that get shorter towards the end, from `most` to `least`: threads that take
    them one after another end at about the same time.
    """
    found, start = [], 0
    while start < n:
        count = min(most, max(least, (n - start) // LEFT // WHOLE * WHOLE), n - start)
        found.append(slice(start, start + count))
        start += count
    return found


def panels(n: int, most: int, least: int) -> list[slice]:
    """0 to n in slices of one length, at most `most`, but the last: EVEN of them or more, unless
    they would be shorter than `least`.
    """
    length = min(most, max(least, -(-n // (EVEN * WHOLE)) * WHOLE))
    return [slice(start, min(start + length, n)) for start in range(0, n, length)]


def symmetric_block_sums(queries, keys, base, values, bias, exclude_self: bool) -> np.ndarray:
    """As `block_sums`, of a score q_i.k_j that is symmetric, for the weights 2^(q_i.k_j + base_i +
    base_j + bias_j): every pair of blocks is evaluated once and serves both sides.

    queries and keys (n, D) of the same tokens, base and bias (n,), values (n, c). Exponents must be
    known to lie within +-1000.
    """
    columns = np.ascontiguousarray(keys.T)
    weighted = np.column_stack([np.ones(len(queries)), values]) * np.exp2(bias)[:, None]
    out = np.zeros_like(weighted)

    def add(rows, keys_, apart):
        weights = queries[rows] @ columns[:, keys_]
        weights += base[rows, None]
        exp2_rows(weights, base[keys_])
        if apart:
            out[keys_] += weights.T @ weighted[rows]
        elif exclude_self:
            leave_out_own(weights, rows.start, keys_.start, 0.0)
        out[rows] += weights @ weighted[keys_]

    over_pairs(len(queries), ROWS, KEYS, add)
    return out


def over_pairs(n: int, rows: int, keys: int, add) -> None:
    """add(rows, keys, apart) for slices of at most so many rows and keys that make up all pairs of
    parts of n tokens, a pair once; apart: its parts differ. No part is in two calls at once.
    """
    parts = slices(0, n, max(LEAST_PART, -(-n // PARTS)))

    def add_pair(pair):
        one, other = (parts[k] for k in pair)
        ours, theirs = slices(one.start, one.stop, rows), slices(other.start, other.stop, keys)
        for block in product(ours, theirs):
            add(*block, one != other)

    in_threads(add_pair, rounds(len(parts)))


def rounds(parts: int) -> list[list[tuple[int, int]]]:
    """All pairs of parts and each with itself, in rounds in which no part occurs twice: what the
    pairs of a round add to their two parts can be added at once. The circle method of tournaments.
    """
    ring, found = list(range(parts + parts % 2)), [[(k, k) for k in range(parts)]]
    for _ in range(len(ring) - 1):
        pairs = [(ring[k], ring[-1 - k]) for k in range(len(ring) // 2)]
        found.append([pair for pair in pairs if max(pair) < parts])
        ring = [ring[0], ring[-1], *ring[1:-1]]
    return found


def in_threads(task, rounds_) -> None:
    """Run a task on every item of a round in Numba's number of threads, of which the caller's is
    one; one round after another. What a task raises ends the rounds.
    """
    threads = numba.get_num_threads()
    with one_blas_thread(), ThreadPoolExecutor(max(1, threads - 1)) as pool:
        for items in rounds_:
            left = deque(items)
            beside = range(min(threads, len(left)) - 1)
            others = [pool.submit(_work, task, left) for _ in beside]
            _work(task, left)
            for other in others:
                other.result()


def _work(task, left):
    """Take items and run the task on them until none is left; the taking is one instruction."""
    try:
        while left:
            try:
                item = left.popleft()
            except IndexError:
                return  # another thread was faster
            task(item)
    except BaseException:
        left.clear()
        raise


def leave_out_own(block, first: int, start: int, value: float) -> None:
    """Of a block of queries first, first + 1, ... and keys start, start + 1, ...: what stands for a
    query and the key of its own number becomes `value`.
    """
    rows, keys = block.shape
    own = np.arange(max(first, start), min(first + rows, start + keys))
    block[own - first, own - start] = value
