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

    program = PROGRAM
    if words[:1] in (["quick"], ["figures"]):
        from figures.__main__ import cli as drawing

        cli = drawing
        if words[0] == "figures":
            program, words = f"{PROGRAM} figures", words[1:]
    return guarded(cli, words, program)


if __name__ == "__main__":
    sys.exit(main())
