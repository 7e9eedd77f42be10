"""What a command finds when it starts: Ctrl-C while its modules are still being imported, which is
one line and not a traceback, and streams that whoever starts it has closed."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130  # the exit code of a program that was interrupted


def quietly() -> None:
    """From here on an interrupt ends the process with one line; nothing has begun that it could
    leave half done. To be called before whatever takes long to import."""
    signal.signal(signal.SIGINT, _leave)


def ready() -> None:
    """From here on an interrupt is a KeyboardInterrupt again, as far as `quietly` changed that, and
    what is said into a closed stream is lost."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(_number, _frame):
    # no exception: in the middle of an import other code may catch it, or chain it to its own
    os.write(2, b"interrupted: nothing was begun\n")
    os._exit(INTERRUPTED)
