"""The documentation site in a real browser: diagrams are drawn, and nothing is requested from other hosts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.documentation.pages import DOCS
from tests.examples import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

pytestmark = pytest.mark.slow

DIAGRAM = re.compile(r"^```mermaid$", re.MULTILINE)
WITH_DIAGRAMS = sorted(page for page in DOCS.rglob("*.md") if DIAGRAM.search(page.read_text()))
OTHERS = [DOCS / "index.md", DOCS / "reference" / "ecs-deploy.md", DOCS / "checks.md"]
# Material for MkDocs draws diagrams into closed shadow roots, into which no script can look.
OPEN_SHADOW_ROOTS = """
    const attachShadow = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) { return attachShadow.call(this, {...options, mode: "open"}); };
"""
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site."""
    missing = [name for name in ("chromium", "npm") if shutil.which(name) is None]
    if missing:
        assert "CI" not in os.environ, missing
        pytest.skip(f"not installed: {missing}; as root on Debian, scripts/test installs them")
    directory = tmp_path_factory.mktemp("site")
    built = subprocess.run([ROOT / "scripts" / "docs", "build", "--site-dir", directory], check=False)
    assert built.returncode == 0
    with serve(directory) as address:
        yield address


@contextmanager
def serve(directory: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Page]:
    """A page that notes what it asks other hosts for, and what it reports."""
    page = browser.new_page()
    page.add_init_script(OPEN_SHADOW_ROOTS)
    reported: list[str] = []

    def requested(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            reported.append(request.url)

    def failed(error: Error) -> None:
        reported.append(str(error))

    def printed(message: ConsoleMessage) -> None:
        if message.type == "error":
            reported.append(message.text)

    page.on("request", requested)
    page.on("pageerror", failed)
    page.on("console", printed)
    yield page
    page.close()
    assert reported == []


def address_of(page: Path) -> str:
    name = page.relative_to(DOCS).with_suffix("")
    return f"/{name.parent if name.name in ('index', 'README') else name}/".replace("/./", "/")


@pytest.mark.parametrize("source", WITH_DIAGRAMS, ids=lambda page: str(page.relative_to(DOCS)))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_diagram_is_drawn(source: Path, scheme: str, site: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(site + address_of(source))
    count = len(DIAGRAM.findall(source.read_text()))
    for number in range(count):
        drawn = page.locator("div.mermaid svg").nth(number)
        drawn.wait_for(state="visible", timeout=20_000)
        box = drawn.bounding_box()
        assert box is not None
        assert box["width"] > 200
        assert drawn.get_attribute("aria-roledescription") != "error"
    assert page.locator("div.mermaid svg").count() == count
    assert page.locator("pre.mermaid").count() == 0


@pytest.mark.parametrize("source", OTHERS, ids=lambda page: page.stem)
def test_a_page_fits_a_narrow_screen(source: Path, site: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(site + address_of(source))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").first.is_visible()


def test_search_finds_a_check(site: str, page: Page) -> None:
    page.goto(site)
    page.locator("input.md-search__input").click()
    page.keyboard.type("secret-plaintext")
    page.locator(".md-search-result__link", has_text="secret-plaintext").first.wait_for(timeout=20_000)


def test_there_are_diagrams_of_the_stages_the_stacks_and_the_code() -> None:
    names = {page.relative_to(DOCS).as_posix() for page in WITH_DIAGRAMS}
    assert {
        "explanation/deployments.md",
        "files/services.md",
        "explanation/what-happens-when-you-render.md",
    } <= names
