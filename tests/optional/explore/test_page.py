"""The page of `make explore` in a headless Chromium: controls move, pictures change, mistakes are a
line. Skipped where marimo, Playwright or a browser is missing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from figures.explore import serve
from simulations.store.sources import ROOT
from tests.chromium import launched

PATIENCE = 240  # seconds: the first kernels may have to be compiled, on a machine that is busy
PICTURE = 'img[alt*="tokens on"]'


def free_port() -> int:
    with serve.socket.socket() as probe:
        probe.bind((serve.HOST, 0))
        return probe.getsockname()[1]


def started(port: int) -> subprocess.Popen:
    """The server that `make explore` starts, once it answers."""
    command = [sys.executable, "-m", "figures", "explore", "--port", str(port), "--no-browser"]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address(port), timeout=5).close()
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    pytest.fail(f"the page did not start: {server.communicate()[0]}")


def address(port: int) -> str:
    return f"http://{serve.HOST}:{port}/"


@pytest.fixture(scope="module")
def port():
    pytest.importorskip("marimo", reason="marimo is not installed")
    port = free_port()
    server = started(port)
    yield port
    server.send_signal(signal.SIGINT)
    server.wait(PATIENCE)


@pytest.fixture(scope="module")
def page(port):
    with launched() as chromium:
        page = chromium.new_page(viewport={"width": 1200, "height": 1400})
        page.set_default_timeout(1000 * PATIENCE)
        page.asked, page.failed = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.failed.append(str(error)))
        page.goto(address(port))
        page.wait_for_selector(PICTURE)
        yield page


def alt(page) -> str:
    return page.locator(PICTURE).first.get_attribute("alt")


def pixels(page) -> bytes:
    """The picture of the tokens, as the browser has it."""
    return page.locator(PICTURE).first.evaluate(
        "async (i) => Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()))"
    )


def until_changed(page, before: str) -> str:
    page.wait_for_function(
        "([image, before]) => { const i = document.querySelector(image);"
        " return i && i.alt !== before; }",
        arg=[PICTURE, before],
    )
    return alt(page)


def slider(page, name: str):
    return page.locator("marimo-slider", has_text=name).get_by_role("slider")


def field(page, name: str):
    return page.locator("marimo-text", has_text=name).get_by_role("textbox")


def chosen(page, name: str):
    return page.locator("marimo-dropdown", has_text=name).get_by_role("combobox")


def test_it_listens_on_the_loopback_interface_alone(port):
    psutil = pytest.importorskip("psutil")
    listening = [
        c.laddr.ip for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr.port == port
    ]  # fmt: skip
    assert listening == [serve.HOST]


def test_nothing_that_is_sent_is_run_and_no_code_is_given_away(port, tmp_path):
    trace = tmp_path / "trace"
    html = urllib.request.urlopen(address(port)).read().decode()
    assert "access_token" not in html and "answers.answer" not in html
    token = re.search(r'data-token="([^"]+)"', html).group(1)
    sent = json.dumps({"cellIds": ["a"], "codes": [f"open({str(trace)!r}, 'w')"]}).encode()
    for path in ("kernel/run", "kernel/scratchpad/run", "kernel/read_code"):
        request = urllib.request.Request(
            f"{address(port)}api/{path}",
            sent,
            {"Content-Type": "application/json", "Marimo-Server-Token": token},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code in (401, 403, 404, 405), path
    assert not trace.exists()


def test_a_slider_moves_the_picture(page):
    before, old = alt(page), pixels(page)
    slider(page, "steps k shown").press("ArrowRight")
    after = until_changed(page, before)
    assert "after 8 steps" in before and "after 9 steps" in after
    assert pixels(page) != old


def test_temperature_changes_what_is_measured_and_predicted(page):
    before = alt(page)
    table = page.locator("table").inner_text()
    slider(page, "temperature").press("ArrowRight")
    until_changed(page, before)
    page.wait_for_function("(old) => document.querySelector('table').innerText !== old", arg=table)
    assert "drift coefficient" in page.locator("table").inner_text()


def test_another_manifold_is_shown(page):
    before = alt(page)
    chosen(page, "manifold").select_option(label="circle")
    assert "on circle" in until_changed(page, before)


@pytest.mark.parametrize(
    ("control", "typed", "line"),
    [
        ("density of the tokens", "x", "density: 'x' is"),
        ("density of the tokens", "1 +", "density: '1 +' cannot be read as a formula"),
        ("pseudo-metric", "__import__('os')", "phi:"),
        ("or your own", "(u, v)", "manifold:"),
    ],
)
def test_a_mistake_is_one_line_and_is_mended(page, control, typed, line):
    box = field(page, control)
    right = box.input_value()
    box.fill(typed)
    box.press("Enter")
    page.get_by_text(line).first.wait_for()
    assert page.locator(PICTURE).count() == 0
    assert "Traceback" not in page.locator("body").inner_text()
    box.fill(right)
    box.press("Enter")
    page.wait_for_selector(PICTURE)


def test_the_page_asks_no_other_machine_and_fails_nowhere(page, port):
    others = [
        url for url in page.asked if not url.startswith((address(port), "data:", "blob:", "ws:"))
    ]
    assert others == [] and page.failed == []


def test_an_interrupt_ends_the_server_and_frees_the_port():
    pytest.importorskip("marimo", reason="marimo is not installed")
    port = free_port()
    server = started(port)
    server.send_signal(signal.SIGINT)
    said, _ = server.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    assert serve.require_free(port) == port
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)
