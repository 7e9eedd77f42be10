"""The options of the command line, and refusals that name them as they were typed."""

from __future__ import annotations

import contextlib
import dataclasses
import re

import click

from simulations.config import ANSWERS, PRINT, as_toml, config_options
from simulations.store.folders import own_folder
from theory import claims as claims_
from theory.setting.checks import InputError, shown


class Folder(click.ParamType):
    """A folder of its own: not the current one, ~ for the home."""

    name = "folder"

    def convert(self, value, param, context):
        return own_folder(param.opts[0] if param else "results", value)


ROOT_OPTION = click.Option(
    ["--results", "root"],
    type=Folder(),
    default="results",
    show_default=True,
    help="Folder of the results.",
)
QUIET_OPTION = click.Option(
    ["--quiet"], is_flag=True, help="No progress bars, nor a line where they would be."
)
FORCE_OPTION = click.Option(
    ["--force"], is_flag=True, help="Measure again even if the result is there."
)
ANSWER_OPTIONS = (
    click.Option(
        ["--resolution"],
        help="Draw as many samples as this takes, such as 5%: the smallest error that every "
        "sampled row should refute. A pilot says how many, fresh samples measure.",
    ),
    click.Option(["--budget"], help="At most about this long for it, such as 90s or 2m."),
)


def options_of(claim: str) -> list[click.Option]:
    """An option for every parameter of a claim."""
    return [_option(f) for f in dataclasses.fields(claims_.load(claim).Parameters)]


def list_options_of(claim: str) -> list[click.Option]:
    """An option for every parameter of a claim that takes a list of values as text."""
    kind = claims_.load(claim).Parameters
    return [
        click.Option(
            [f"--{claims_.option_name(f)}", f.name],
            metavar="LIST",
            help=f"{f.metadata.get('help', '')} By default {_listed(f.default)}.",
        )
        for f in dataclasses.fields(kind)
    ]


def _listed(default):
    return f"[{','.join(map(str, default))}]" if isinstance(default, tuple) else str(default)


def run_options(claim: str) -> list[click.Option]:
    """The options of a run of a claim."""
    return [
        *options_of(claim), *ANSWER_OPTIONS, *config_options(claim), ROOT_OPTION, FORCE_OPTION,
        QUIET_OPTION,
    ]  # fmt: skip


def _option(field):
    repeated = isinstance(field.default, tuple)
    # of an option that may be left out altogether: texts
    example = (field.default or ("",))[0] if repeated else field.default
    text = field.metadata.get("help", "") + (" May be repeated." if repeated else "")
    return click.Option(
        [f"--{claims_.option_name(field)}", field.name], type=type(example), default=field.default,
        multiple=repeated, show_default=True, help=text,
    )  # fmt: skip


def parameters(claim: str, values: dict):
    """The parameters of a run from the values of its options; raises InputError that names one that
    was changed: a count that makes another one impossible is told how far it may go."""
    kind = claims_.load(claim).Parameters
    try:
        return kind(**values)
    except InputError as refused:
        changed = [f for f in dataclasses.fields(kind) if values[f.name] != f.default]
        options = map(_option, changed)
        if str(refused).partition(":")[0] not in {n for o in options for n in _names(o)}:
            for f in changed:
                if isinstance(f.default, int) and (bound := _bound(kind, values, f)) is not None:
                    way = "at most" if values[f.name] > f.default else "at least"
                    raise InputError(
                        f"{f.name}: got {shown(values[f.name])}, expected {way} {bound} with the other "
                        f"options as they are ({refused})"
                    ) from refused
        raise


def _bound(kind, values, field):
    """The accepted value nearest to the refused one, from the default on; None if there is none."""

    def accepted(value):
        try:
            kind(**values | {field.name: value})
        except InputError:
            return False
        return True

    good, bad = field.default, values[field.name]
    if not accepted(good):
        return None
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if accepted(middle) else (good, middle)
    return good


class Command(click.Command):
    """A command whose refusals name its options as they are typed, whoever raises them."""

    def invoke(self, context):
        with _named_by(self.params):
            return super().invoke(context)


class Experiment(Command):
    """A run of the claim that it is named by, which --print-config turns into a file."""

    def parse_args(self, context, args):
        rest = super().parse_args(context, args)
        if context.meta.get(PRINT) and not context.resilient_parsing:
            fields = {f.name for f in dataclasses.fields(claims_.load(self.name).Parameters)}
            # an argument that was not given is the parameter's default
            found = {name: value for name, value in context.params.items() if name in fields}
            given = {name: value for name, value in found.items() if value is not None}
            answers = {name: context.params[name] for name in ANSWERS}
            with _named_by(self.params):
                click.echo(as_toml(self.name, parameters(self.name, given), answers))
            context.exit()
        return rest


class Group(click.Group):
    """Commands whose refusals name their options."""

    command_class = Command


def typed(claim: str):
    """Refusals in the block name the options of a run of a claim as they are typed: --n-tokens."""
    return _named_by(run_options(claim))


@contextlib.contextmanager
def _named_by(options):
    try:
        yield
    except InputError as error:
        # the same error: a kind of its own need not be made from its message
        error.args = InputError(as_typed(str(error), options)).args
        raise


def as_typed(message: str, options) -> str:
    """A message about parameters in the words of the command line."""
    names = {name: option.opts[0] for option in options for name in _names(option)}
    head, colon, rest = message.partition(":")
    message = names.get(head, head) + colon + rest
    for name, option in names.items():
        # a word such as density also stands for the thing itself
        if "_" in name:
            message = re.sub(rf"(?<![\w-]){name}\b", option, message)
    return message


def _names(option):
    """How messages call what an option sets: by its name, or as the option, in the singular."""
    return option.name, option.opts[0].lstrip("-").replace("-", "_")
