"""Formulas: parse them from text, differentiate them with SymPy, evaluate them with NumPy."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp

from theory.setting.checks import InputError
from theory.setting.pickling import WithoutCaches

FUNCTIONS = tuple(
    "exp log sqrt sin cos tan sinh cosh tanh asin acos atan Abs".split()  # as SymPy names them
)
_LOCALS = {name: getattr(sp, name) for name in FUNCTIONS} | {"abs": sp.Abs, "pi": sp.pi}
_OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)
_NODES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Tuple)
_ALLOWED = (*_OPERATIONS, *_NODES, ast.Constant)


def parse(name: str, text: str, symbols: dict[str, sp.Expr]) -> sp.Expr | sp.Tuple:
    """Parse `text` into a SymPy expression in the given symbols.

    Only arithmetic, the functions of FUNCTIONS and pi are understood, so a formula from a command
    line can run no code. Raises InputError naming what was not understood.
    """
    if not isinstance(text, str):
        raise InputError(f"{name}: got {text!r}, expected a formula as a string")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise InputError(f"{name}: cannot read the formula {text!r}") from None
    known = _LOCALS | symbols
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or (
            isinstance(node, ast.Constant)
            and (isinstance(node.value, bool) or not isinstance(node.value, int | float))
        ):
            raise InputError(
                f"{name}: {text!r} is not plain arithmetic ({type(node).__name__} is not allowed)"
            )
        if isinstance(node, ast.Name) and node.id not in known:
            raise InputError(
                f"{name}: unknown name {node.id!r} in {text!r}; known are {', '.join(symbols)}, pi "
                f"and {', '.join(FUNCTIONS)}"
            )
        if isinstance(node, ast.Call) and (
            not isinstance(node.func, ast.Name) or node.func.id not in _LOCALS
        ):
            raise InputError(f"{name}: {ast.unparse(node)!r} is not a call of a known function")
    try:
        return sp.sympify(eval(compile(tree, "<formula>", "eval"), {"__builtins__": {}}, known))
    except (TypeError, ZeroDivisionError, OverflowError, AttributeError) as error:
        raise InputError(f"{name}: cannot read the formula {text!r} ({error})") from None


def compile_array(symbols, expressions, shape: tuple[int, ...]) -> ArrayFunction:
    """Compile SymPy expressions into a function of points u, shape (n, d), returning shape (n,
    *shape).

    `expressions` is flat, in C order of `shape`; constants are broadcast.
    """
    compiled = ArrayFunction(tuple(symbols), tuple(map(sp.sympify, expressions)), tuple(shape))
    _ = compiled.evaluate  # what cannot be compiled is refused here
    return compiled


@dataclass(frozen=True)
class ArrayFunction(WithoutCaches):
    """Expressions in symbols as a function of points, made by `compile_array`."""

    symbols: tuple[sp.Symbol, ...]
    expressions: tuple[sp.Expr, ...]
    shape: tuple[int, ...]

    @cached_property
    def evaluate(self):
        """d arrays (n,) to a list of arrays (n,) or numbers, one an expression."""
        return sp.lambdify(list(self.symbols), list(self.expressions), modules="numpy", cse=True)

    def __call__(self, u) -> np.ndarray:
        u = np.asarray(u, dtype=np.float64)
        with np.errstate(all="ignore"):
            values = self.evaluate(*u.T)
        out = np.empty((u.shape[0], len(self.expressions)))
        for k, value in enumerate(values):
            out[:, k] = value
        return out.reshape((u.shape[0], *self.shape))
