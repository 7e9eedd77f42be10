"""Compiled loops of the engine in single precision: powers of two of a block of scores."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulations.attention.engines.dense_kernels import wide_vectors
from theory.setting.compiled import njit

SMALLEST = np.float32(-126.0)  # below it 2^t is no normal float32
ROUND = np.float32(1.5 * 2.0**23)  # adding it leaves the nearest whole number in the low bits
# minimax polynomial of 2^r on [-1/2, 1/2], relative error 2e-9
P0, P1, P2, P3, P4, P5, P6 = (
    np.float32(p)
    for p in (
        1.0, 0.693147182464600, 0.240226507186890, 0.0555032721161842,
        0.00961817800998688, 0.00133979856967926, 0.000154345855116844,
    )
)  # fmt: skip


@intrinsic
def _fused(typing_context, a, b, c):
    """a b + c of float32, rounded once where the processor has an instruction for it."""

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType()] * 3)
        name = "llvm.fmuladd.f32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return types.float32(types.float32, types.float32, types.float32), generate


@intrinsic
def _larger(typing_context, a, b):
    """The larger of two float32, neither of them NaN: a reduction that becomes vectors."""

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType()] * 2)
        function = builder.module.declare_intrinsic("llvm.maxnum", [ir.FloatType()], kind)
        return builder.call(function, arguments, fastmath=("nnan", "nsz"))

    return types.float32(types.float32, types.float32), generate


@intrinsic
def _plus(typing_context, a, b):
    """a + b of float32 in any order of a sum: a reduction that becomes vectors."""

    def generate(context, builder, signature, arguments):
        return builder.fadd(*arguments, flags=("reassoc",))

    return types.float32(types.float32, types.float32), generate


@njit(error_model="numpy", inline="always")
def _exp2(t):
    """2^t of float32, exactly 0 below 2^-126; t is at most 126."""
    power = _exp2_inside(max(t, SMALLEST))
    return power if t >= SMALLEST else np.int32(0)


@njit(error_model="numpy", inline="always")
def _exp2_inside(t):
    """The bits of 2^t of float32, for t within +-126."""
    rounded = t + ROUND
    r = t - (rounded - ROUND)
    p = _fused(P6, r, P5)
    p = _fused(p, r, P4)
    p = _fused(p, r, P3)
    p = _fused(p, r, P2)
    p = _fused(p, r, P1)
    p = _fused(p, r, P0)
    whole = np.float32(rounded).view(np.int32) << np.int32(23)
    return np.float32(p).view(np.int32) + whole


@njit(error_model="numpy", cache=True, nogil=True)
def exp2_block(scores, base, shift):
    """scores_ij (n, m) becomes 2^(scores_ij + base_j - shift_i), exactly 0 below 2^-126.

    No exponent may be above 126.
    """
    wide_vectors()
    for i in range(scores.shape[0]):
        row, bits, least = scores[i], scores[i].view(np.int32), shift[i]
        for k in range(row.shape[0]):
            bits[k] = _exp2(row[k] + base[k] - least)


@njit(error_model="numpy", cache=True, nogil=True)
def exp2_sums(scores, base, totals):
    """scores_ij (n, m) becomes 2^(scores_ij + base_j), all exponents within +-126; totals (n,) gain
    the sums of the rows.
    """
    wide_vectors()
    for i in range(scores.shape[0]):
        row, bits = scores[i], scores[i].view(np.int32)
        total = np.float32(0.0)
        for k in range(row.shape[0]):
            bits[k] = _exp2_inside(row[k] + base[k])
            total = _plus(total, row[k])
        totals[i] += total


@njit(error_model="numpy", cache=True, nogil=True)
def exp2_both_sums(scores, base, shift, row_weight, column_weight, columns, rows, further):
    """scores_ij (n, m) becomes 2^(scores_ij + base_j - shift_i), exactly 0 below 2^-126; rows (n,)
    gain its sums over j with column_weight (m,), further (m,) those over i with row_weight (n,).

    columns (m,) is scratch. No exponent may be above 126.
    """
    wide_vectors()
    columns[:] = np.float32(0.0)
    for i in range(scores.shape[0]):
        row, bits, least, weight = scores[i], scores[i].view(np.int32), shift[i], row_weight[i]
        total = np.float32(0.0)
        for k in range(row.shape[0]):
            bits[k] = _exp2(row[k] + base[k] - least)
            total = _plus(total, column_weight[k] * row[k])
            columns[k] = _fused(weight, row[k], columns[k])
        rows[i] += total
    for k in range(columns.shape[0]):
        further[k] += columns[k]


@njit(error_model="numpy", cache=True, nogil=True)
def exp2_running(scores, base, largest, totals, sums):
    """scores_ij (n, m) becomes 2^(scores_ij + base_j - largest_i), once largest_i (n,) is the
    largest score_ij + base_j so far; totals (n,) and sums (n, c) of before follow it, and the
    totals gain the sums of the rows. A row without a finite score, largest -inf, becomes 0.
    """
    wide_vectors()
    for i in range(scores.shape[0]):
        row, bits, before = scores[i], scores[i].view(np.int32), largest[i]
        most = before
        for k in range(row.shape[0]):
            most = _larger(most, row[k] + base[k])
        if most > before:
            follow = 2.0 ** (np.float64(before) - np.float64(most))
            totals[i] *= follow
            sums[i] *= follow
            largest[i] = most
        # that of -inf from itself is no number
        least = most if most > -np.inf else np.float32(0.0)
        total = np.float32(0.0)
        for k in range(row.shape[0]):
            bits[k] = _exp2(row[k] + base[k] - least)
            total = _plus(total, row[k])
        totals[i] += total


@njit(error_model="numpy", cache=True, nogil=True)
def add(part, sums):
    """sums (n, c) of float64 gain part (n, c) of float32."""
    wide_vectors()
    for i in range(part.shape[0]):
        row, total = part[i], sums[i]
        for f in range(row.shape[0]):
            total[f] += row[f]


@njit(error_model="numpy", cache=True, nogil=True)
def divide(sums, totals, scale, out):
    """out (n, c) becomes scale_f sums_if/totals_i."""
    wide_vectors()
    for i in range(sums.shape[0]):
        row, found, total = sums[i], out[i], totals[i]
        for f in range(row.shape[0]):
            found[f] = scale[f] * (row[f] / total)


@njit(error_model="numpy", cache=True, nogil=True)
def largest_of_columns(values, out):
    """out (c,), not negative, becomes the largest |values_if| of values (n, c) too."""
    wide_vectors()
    for i in range(values.shape[0]):
        row = values[i]
        for f in range(row.shape[0]):
            out[f] = max(out[f], abs(row[f]))


@njit(error_model="numpy", cache=True, nogil=True)
def rounded(values, divisor, scale, out):
    """out (n, c) of float32 becomes values_if/scale_f/divisor_i."""
    wide_vectors()
    for i in range(values.shape[0]):
        row, found, by = values[i], out[i], divisor[i]
        for f in range(row.shape[0]):
            found[f] = (row[f] / scale[f]) / by
