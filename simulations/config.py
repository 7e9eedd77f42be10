"""Parameters of an experiment as a TOML file: read and checked, and written.

A file holds values by the names of parameters, as the record of a result has them (`n_tokens`,
`manifolds`), or by those of options (`n-tokens`, `manifold`), and may name its claim.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import tomllib
from pathlib import Path

import click

from theory import claims as claims_
from theory.setting.checks import InputError, shown

CLAIM = "claim"  # the key by which a file says which experiment it is of
ANSWERS = ("resolution", "budget")  # options of a run that a file may hold too
MOST_BYTES = 10**6  # of a file of parameters: more is something else
SAID = {int: "a whole number", float: "a number", str: "a text"}
SAID_MANY = {int: "whole numbers", float: "numbers", str: "texts"}


def config_options(claim: str) -> list[click.Option]:
    """The options --config and --print-config of a run of a claim."""
    return [
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path),
            metavar="FILE.toml",
            is_eager=True,
            expose_value=False,
            callback=lambda context, _, path: _take(context, claim, path),
            help="Parameters from a file; what is typed here wins.",
        ),
        click.Option(
            ["--print-config"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda context, _, asked: context.meta.update({PRINT: asked}),
            help="Print all parameters as such a file, and run nothing.",
        ),
    ]


PRINT = f"{__name__}.print"


def _take(context, claim, path):
    """Make the values of a file the defaults of the options, as click keeps them."""
    if path is not None:
        context.default_map = {**(context.default_map or {}), **read_config(claim, path)}


def read_config(claim: str, path: Path) -> dict:
    """The values of a file by the names of parameters; raises InputError, which names file and key."""
    where = f"config {path}"
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{where}: has {size} bytes, expected a file of parameters (TOML)")
        # an editor may begin a file with the mark of its encoding
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or error})") from None
    except InputError:
        raise
    except (ValueError, RecursionError) as error:  # also of a number of thousands of digits
        raise InputError(f"{where}: is no TOML ({error})") from None
    if (named := found.pop(CLAIM, claim)) != claim:
        raise InputError(f"{where}: is of the claim {shown(named)}, expected {claim}")
    fields = {f.name: f for f in dataclasses.fields(claims_.load(claim).Parameters)}
    names = {name: name for name in (*fields, *ANSWERS)}
    names |= {claims_.option_name(f).replace("-", "_"): name for name, f in fields.items()}
    values = {}
    for key, value in found.items():
        name = names.get(key.replace("-", "_"))
        if name is None:
            raise InputError(
                f"{where}: unknown key {shown(key)}{_nearest(key, [*fields, *ANSWERS])}"
            )
        if name in values:
            raise InputError(f"{where}: {name} is there twice, the second time as {shown(key)}")
        default = fields[name].default if name in fields else ""
        values[name] = _checked(f"{where}: {key}", value, default)
    return values


def _nearest(key, names):
    near = difflib.get_close_matches(key.replace("-", "_"), names, 1, 0.5)
    if near:
        return f", the nearest is {near[0]}"
    return f", expected one of {', '.join(names)}"


def _checked(what, value, default):
    """The value if it is of the default's type; whole numbers are numbers too, 1 is not true."""
    if isinstance(default, tuple):
        kind = type(default[0]) if default else str
        if not isinstance(value, list) or not all(_is(v, kind) for v in value):
            raise InputError(f"{what}: got {shown(value)}, expected a list of {SAID_MANY[kind]}")
        return [kind(v) for v in value]
    kind = type(default)
    if not _is(value, kind):
        raise InputError(f"{what}: got {shown(value)}, expected {SAID[kind]}")
    return kind(value)


def _is(value, kind):
    if isinstance(value, bool):
        return False
    if kind is float:
        return isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**300)
    return isinstance(value, kind)


def as_toml(claim: str, parameters, answers: dict | None = None) -> str:
    """All parameters of a run as a file that `read_config` reads; answers: of ANSWERS."""
    values = dataclasses.asdict(parameters)
    values |= {key: value for key, value in (answers or {}).items() if value is not None}
    lines = [f"{key} = {_written(value)}" for key, value in {CLAIM: claim, **values}.items()]
    return "\n".join(lines)


def _written(value):
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str):
        # a basic string of TOML is one of JSON, but for one control character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
