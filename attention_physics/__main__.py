"""Console script: attention-physics, or python -m attention_physics.

`attention-physics list`, `run` and the other commands are those of python -m simulations;
`attention-physics quick` and `attention-physics figures ...` are those of python -m figures.
"""

from __future__ import annotations

import sys

from attention_physics import add_to_path

PROGRAM = "attention-physics"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line that the first word belongs to; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    add_to_path()
    from simulations import starting

    starting.quietly()
    from simulations.__main__ import cli, guarded

    if words[:1] not in (["quick"], ["figures"]):
        return guarded(cli, words, PROGRAM)
    from figures.__main__ import cli as drawing

    if words[0] == "quick":
        return guarded(drawing, words, PROGRAM)
    return guarded(drawing, words[1:], f"{PROGRAM} figures")


if __name__ == "__main__":
    sys.exit(main())
