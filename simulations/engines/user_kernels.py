"""Compile the user's part of a pseudo-metric, phi(s) or f(x, y), once a process; the dense engine calls it by address."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numba
import sympy as sp
from numba import carray, types
from sympy.printing.pycode import PythonCodePrinter

from theory.checks import InputError
from theory.pseudo_metrics import S

_POINTER = types.CPointer(types.float64)
_SIGNATURE = types.void(_POINTER, _POINTER, types.int64, types.int64, types.int64, _POINTER)


class _SquareRootPrinter(PythonCodePrinter):
    """Prints half-integer powers by square roots and products, which the processor has; a power is a call of a library."""

    def _print_Pow(self, expr, rational=False):
        exponent = expr.exp
        if exponent.is_Rational and exponent.q == 2 and abs(exponent.p) < 16:
            base = f"({self._print(expr.base)})"
            product = "*".join([f"math.sqrt({base})"] + [base] * (abs(exponent.p) // 2))
            return f"({product})" if exponent.p > 0 else f"(1.0/({product}))"
        return super()._print_Pow(expr, rational=rational)


@lru_cache(maxsize=256)
def compile_transform(expression: sp.Expr):
    """Compile phi, a SymPy expression in s, into a kernel that maps an array in place; returns a Numba CFunc.

    Raises InputError if Numba cannot compile it.
    """
    printer = _SquareRootPrinter({"fully_qualified_modules": True, "inline": True, "allow_unknown_functions": True})
    phi = numba.njit(sp.lambdify([S], expression, modules=[{"math": math}, "math"], printer=printer), error_model="numpy")

    def kernel(x, y, count, dim, swapped, out):
        s = carray(out, (count,))
        for k in range(count):
            s[k] = phi(s[k])

    return _compile(kernel, f"transform {expression}")


@lru_cache(maxsize=256)
def compile_point_function(function: Callable):
    """Compile f(x, y) of two points (D,) into a kernel over one query and many keys; returns a Numba CFunc.

    Raises InputError if Numba cannot compile it.
    """
    f = numba.njit(getattr(function, "py_func", function), error_model="numpy")

    def kernel(x, y, count, dim, swapped, out):
        query, keys, score = carray(x, (dim,)), carray(y, (count, dim)), carray(out, (count,))
        for k in range(count):
            score[k] = f(keys[k], query) if swapped else f(query, keys[k])

    return _compile(kernel, getattr(function, "__name__", "user function"))


def _compile(kernel, name):
    try:
        return numba.cfunc(_SIGNATURE, error_model="numpy")(kernel)
    except Exception as error:  # Numba's compiler raises far more than its own errors
        raise InputError(f"{name}: Numba cannot compile it ({_reason(error)}); expected a float from two points") from None


def _reason(error):
    lines = [line.strip() for line in str(error).splitlines()]
    skip = ("Failed in nopython", "During:", "File ", "<source", "^", "")
    return next((line for line in lines if line and not line.startswith(skip[:-1])), type(error).__name__)[:200]
