"""The report in a headless Chromium: nothing is asked for, nothing overflows, the surface reacts.

Not among the tests of `make test`: `make browser` runs these, and skips them without a Chromium.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from figures import report
from simulations.verdict.join import Judged
from simulations.verdict.reference import shipped
from simulations.verdict.rows import row_from_dict
from simulations.verdict.verdicts import read_verdicts
from tests.chromium import launched
from theory.claims import claims
from theory.claims import evolution as evolution_claim

VIEWS = {
    "wide": {"viewport": {"width": 1400, "height": 1000}},
    "phone": {"viewport": {"width": 400, "height": 800}},
    "dark": {"viewport": {"width": 1400, "height": 1000}, "color_scheme": "dark"},
    "dark phone": {"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"},
}
CONTRAST = 4.5  # WCAG's of text


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The report of the shipped verdicts and figures, with made-up numbers on the surface."""
    records = {r["claim"]: r for r in read_verdicts(report.PICTURES.parent / "verdicts.json")}
    judgements = {
        name: Judged(shipped(name), tuple(map(row_from_dict, records[name]["checks"])))
        for name in claims()
    }
    judgements["evolution"] = with_surface(judgements["evolution"])
    page = tmp_path_factory.mktemp("report") / "report.html"
    page.write_text(report.html(judgements, report.PICTURES), encoding="utf-8")
    assert page.stat().st_size < 4_000_000
    return page.as_uri()


def with_surface(judged: Judged) -> Judged:
    p = judged.parameters.tokens_density("torus")
    u = evolution_claim.surface_places(p)
    steps = np.array(evolution_claim.SURFACE_STEPS)[:, None]
    equation = np.cos(u[:, 0] + u[:, 1]) * np.exp(-steps / 10)
    arrays = {
        "surface_points": p.manifold.embed(u).astype(np.float32),
        "surface_attention": equation + 0.01 * np.sin(3 * u[:, 0]),
        "surface_doubly_normalised": equation + 0.1 * np.cos(u[:, 1]) * (1 - np.exp(-steps / 10)),
    }
    result = replace(judged.result, arrays=arrays)
    evolved = replace(judged, result=result)
    evolved.__dict__["curves"] = {"surface_equation": equation}
    return evolved


@pytest.fixture
def opened(browser, address):
    """A function that opens the page and gives it, with all it asked for and said."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_asked_for_said_or_cut_off(opened, address, view):
    page = opened(**VIEWS[view])
    assert overflow(page) == 0
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    page.wait_for_timeout(300)
    assert overflow(page) == 0
    assert [url for url in page.asked if not url.startswith("data:")] == [address]
    assert page.said == []


def test_a_phone_shows_every_verdict_without_scrolling_sideways(opened):
    page = opened(**VIEWS["phone"])
    badges = page.locator("#verdicts .badge")
    assert badges.count() == len(claims())
    for box in (badges.nth(k).bounding_box() for k in range(badges.count())):
        assert box["x"] >= 0 and box["x"] + box["width"] <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_page(opened, scheme):
    page = opened(color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(paper) > 0.5) == (scheme == "light")
    for selector in ("main p", "nav .word", ".paper", "figcaption", "main a", "summary"):
        ink = page.eval_on_selector(selector, "(e) => getComputedStyle(e).color")
        light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= CONTRAST, selector
    # figures are drawn on white
    card = page.eval_on_selector("button.card", "(e) => getComputedStyle(e).backgroundColor")
    assert luminance(card) == 1


def luminance(colour: str) -> float:
    channels = np.array(re.findall(r"[\d.]+", colour)[:3], dtype=float) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_list_of_claims_stays_and_leads_to_each(opened):
    page = opened(**VIEWS["wide"])
    page.click("nav a[href='#lift']")
    page.wait_for_timeout(200)
    top = page.locator("#lift").bounding_box()["y"]
    assert -5 < top < 200
    assert page.locator("nav").bounding_box()["y"] == 0


def test_a_figure_enlarges_and_closes(opened):
    page = opened(**VIEWS["phone"])
    card = page.locator("#generator button.card").first
    small = card.locator("img").bounding_box()["width"]
    card.click()
    large = page.locator("dialog.zoom img")
    assert large.is_visible() and large.bounding_box()["width"] > small
    page.keyboard.press("Escape")
    assert not large.is_visible()


def test_the_surface_steps_turns_and_shows_what_is_asked_for(opened):
    page = opened(**VIEWS["wide"], reduced_motion="reduce")
    section = page.locator("#surface")
    seen = {picture(page)}

    def shows(what, k):
        assert section.get_attribute("data-show") == what
        assert section.get_attribute("data-k") == str(k)
        now = picture(page)
        assert now not in seen
        seen.add(now)

    page.locator("input.step").fill("4")
    shows("attention", evolution_claim.SURFACE_STEPS[4])
    for what in ("equation", "difference", "without", "missed"):
        page.check(f"input[value={what}]")
        shows(what, evolution_claim.SURFACE_STEPS[4])
    box = page.locator("canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 90, middle[1] + 20)
    page.mouse.up()
    shows("missed", evolution_claim.SURFACE_STEPS[4])
    page.click("button.play")
    page.wait_for_timeout(1500)
    assert section.get_attribute("data-k") != str(evolution_claim.SURFACE_STEPS[4])


def picture(page) -> str:
    return page.eval_on_selector("canvas", "(c) => c.toDataURL()")


def test_it_turns_by_itself_unless_motion_is_unwelcome(opened):
    for motion, turns in (("no-preference", True), ("reduce", False)):
        page = opened(**VIEWS["wide"], reduced_motion=motion)
        page.locator("canvas").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        before = picture(page)
        page.wait_for_timeout(500)
        assert (picture(page) != before) == turns


def test_without_scripts_a_still_picture_stands_in(opened):
    page = opened(**VIEWS["wide"], java_script_enabled=False)
    assert page.locator("#surface noscript img").is_visible()
    assert not page.locator("canvas").is_visible()


def test_paper_has_all_of_it(opened, tmp_path):
    """Folded parts are open, and nothing is wider than the sheet."""
    page = opened(**VIEWS["wide"])
    sheet = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert sheet.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", sheet))
    # a row in twenty lines or more of a page: all rows are there, and no page is left empty
    assert 30 < pages < 150
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('details')].every((d) => d.open)")
    assert overflow(page) == 0
    wider = page.evaluate(
        "[...document.querySelectorAll('main table, main figure, main pre, main math')]"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map((e) => e.closest('section').id)"
    )
    assert wider == []
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.evaluate("[...document.querySelectorAll('details')].some((d) => d.open)")
