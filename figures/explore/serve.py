"""Start the page on this machine alone.

As an app, not as an editor: the browser sends values of controls, and no code. So there is nothing
to guard with a token, and none that an address, a history or a log could leak.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import click

from simulations.store.sources import ROOT
from theory.setting.checks import InputError, shown

HOST = "127.0.0.1"  # the loopback interface: no other machine reaches it
PORTS = (1024, 65535)
PAGE = Path(__file__).with_name("page.py")
PATIENCE = 600  # seconds that a page without a visitor is kept


def start(port: int, no_browser: bool = False) -> None:
    """Serve the page until an interrupt. Raises InputError where it cannot start."""
    require_library()
    require_free(port)
    click.echo(f"http://{HOST}:{port} (this machine alone; Ctrl-C ends it)")
    sys.stdout.flush()
    arguments = command(port, no_browser)
    # in a session of its own: the interrupt is ours, and ends the server without its traceback
    server = subprocess.Popen(arguments, env=os.environ | environment(), start_new_session=True)
    try:
        code = server.wait()
    except KeyboardInterrupt:
        return
    finally:
        server.terminate()
        server.wait()
    if code:
        raise InputError(f"explore: the server ended with the code {code}, expected none")


def require_library() -> None:
    """Raise InputError where marimo is not installed."""
    if importlib.util.find_spec("marimo") is None:
        raise InputError("explore: needs marimo, not installed here; `make explore` installs it")


def require_free(port: int) -> int:
    """The port, or InputError unless it may be used and nothing listens there."""
    if not PORTS[0] <= port <= PORTS[1]:
        raise InputError(f"port: got {shown(port)}, expected {PORTS[0]} to {PORTS[1]}")
    with socket.socket() as probe:
        # as servers do: a port whose connections are just closing is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(
                f"port: got {port}, which cannot be used ({error.strerror}), expected a free one"
            ) from None
    return port


def command(port: int, no_browser: bool) -> list[str]:
    """What runs the page."""
    options = ["--host", HOST, "--port", str(port), "--no-token", "--no-sandbox"]
    options += ["--session-ttl", str(PATIENCE)]
    headless = ["--headless"] if no_browser else []
    return [sys.executable, "-m", "marimo", "--quiet", "run", str(PAGE), *options, *headless]


def environment() -> dict[str, str]:
    """The page finds the suite, and asks no other machine for anything."""
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, (str(ROOT), known)))
    return {"PYTHONPATH": path, "MARIMO_SKIP_UPDATE_CHECK": "1"}
