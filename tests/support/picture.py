"""One picture of a page: what it shows, how it is taken, where it is saved.

Pictures that README.md or docs/ show are saved in docs/images, all others in screenshots/, which is
not in version control.
"""

import io
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from etl_monitor.i18n.translator import Translator
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.portal_process import PortalProcess

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
SCREENSHOTS = ROOT / "screenshots"
ARTIFACTS = ROOT / "test-artifacts"
VARIANTS = tuple(itertools.product(("ko", "en"), ("light", "dark"), (1440, 400)))
HEIGHTS = {1440: 1000, 400: 1600}
COLOURS = 256  # of a picture; a page has fewer, but for the edges of its letters

Ready = Callable[[Page, Translator], None]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The page at `path`. `ready` waits until it shows what the picture is of."""

    name: str
    path: str
    ready: Ready


def take(
    browser: Browser, portal: PortalProcess, pictures: list[Picture], names: list[str]
) -> None:
    """Take each picture in all variants; only those with one of `names`, if there are any."""
    selected = [picture for picture in pictures if not names or picture.name in names]
    for picture, (language, theme, width) in itertools.product(selected, VARIANTS):
        separator = "&" if "?" in picture.path else "?"
        address = f"{portal.url}{picture.path}{separator}lang={language}"
        name = f"{picture.name}-{language}-{theme}-{width}"
        with (
            opened(browser, address, theme, width, HEIGHTS[width]) as page,
            evidence(page, name),
        ):
            picture.ready(page, Translator(language))
            page.wait_for_load_state("networkidle")
            save(page, name)


def shown_images() -> set[str]:
    """Return the names, without suffix, of the pictures that README.md and docs/*.md show."""
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    texts = [document.read_text("utf-8") for document in documents]
    return {name for text in texts for name in re.findall(r"\(\S*images/([\w-]+)\.png\)", text)}


def picture_path(name: str) -> Path:
    folder = IMAGES if name in shown_images() else SCREENSHOTS
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


@contextmanager
def evidence(page: Page, name: str) -> Iterator[None]:
    """Leave a screenshot in test-artifacts/ if the page does not get ready."""
    try:
        yield
    except Exception:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png")
        raise


def save(page: Page, name: str) -> None:
    """Save a screenshot with few colours, small enough for the repository."""
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        reduced = taken.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        reduced.save(picture_path(name), optimize=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, theme: str, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(
        timezone_id="Asia/Seoul",
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    yield page
    context.close()
