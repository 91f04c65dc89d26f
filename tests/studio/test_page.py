"""The page of hdr-studio as people use it, in a real browser, served by the command itself."""

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import skimage.data
from PIL import Image

from tests.chromium import chromium

pytestmark = pytest.mark.slow
WEIGHTS = Path(__file__).parents[2] / "hdr_lightning" / "weights"
HOSTILE = "<img src=x onerror=alert(1)>"
SECONDS = 120.0
"""Until something appears, on a machine that is busy with other tests."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the address that it prints."""
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("studio"))}
    command = [sys.executable, "-m", "hdr_lightning.commands.studio", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.terminate()


class Page:
    """What somebody does with the page."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def until(self, true: Callable[[], Any]) -> Any:
        end = time.monotonic() + SECONDS
        while not (found := true()):
            assert time.monotonic() < end, self.browser.find_element("css selector", "body").text
            time.sleep(0.05)
        return found

    def js(self, script: str, *given: Any) -> Any:
        return self.browser.execute_script(f"return {script}", *given)

    def all(self, css: str) -> list[Any]:
        return list(self.browser.find_elements("css selector", css))

    def one(self, css: str, text: str | None = None) -> Any:
        def found() -> Any:
            return [node for node in self.all(css) if text is None or text in node.text]

        return self.until(found)[0]

    def click(self, text: str, css: str = "button") -> None:
        node = self.one(css, text)
        self.js("arguments[0].scrollIntoView({block: 'center'})", node)
        node.click()

    def choose(self, label: str, option: str) -> None:
        from selenium.webdriver.support.select import Select

        named = [node for node in self.all("select") if node.accessible_name.startswith(label)]
        Select(named[0]).select_by_visible_text(option)

    def result(self) -> str:
        """Address of the right picture, once it is new."""
        return str(self.js("document.querySelectorAll('.viewer .layer > img')[0].src"))

    def settled(self, before: str = "") -> str:
        self.until(lambda: self.all(".viewer:not(.stale)") and self.result() not in ("", before))
        self.until(lambda: self.js("document.querySelector('.viewer .layer > img').naturalWidth"))
        return self.result()

    def command(self) -> str:
        return str(self.one(".command code").text)


@pytest.fixture
def page(browser: Any, server: tuple[Any, str], tmp_path: Path) -> Iterator[Page]:
    browser.get(server[1])
    where = {"behavior": "allow", "downloadPath": str(tmp_path / "downloads")}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", where)
    yield Page(browser)
    assert [line for line in browser.get_log("browser") if "status of 400" not in line["message"]] == []


@pytest.fixture
def demo(page: Page) -> Page:
    page.click("Try the demo")
    page.settled()
    return page


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Two brackets in folders; the name of one is markup."""
    for name, photograph in (("cat", skimage.data.chelsea()), (HOSTILE, skimage.data.coffee())):
        (tmp_path / "card" / name).mkdir(parents=True)
        for level in (60, 140):
            dim = (photograph[::3, ::3] * (level / 140)).astype("uint8")
            Image.fromarray(dim).save(tmp_path / "card" / name / f"{level}.jpg")
    return tmp_path / "card"


def test_a_slider_changes_picture_command_and_histogram(demo: Page) -> None:
    before, drawn = demo.result(), demo.js("document.querySelector('.histogram').toDataURL()")
    slider = demo.one("input[name=brightness]")
    slider.send_keys("\ue014\ue014")  # arrow to the right, twice
    assert demo.one(".slider output").text == "+0.10"
    demo.until(lambda: "--brightness 0.1" in demo.command())
    demo.until(lambda: "brightness +0.1" in demo.one(".facts").text)
    assert demo.settled(before)
    demo.until(lambda: demo.js("document.querySelector('.histogram').toDataURL()") != drawn)
    demo.click("Reset")
    demo.until(lambda: "--brightness" not in demo.command())


def test_before_and_after_under_a_boundary(demo: Page) -> None:
    assert [node.text for node in demo.all(".side")] == ["garage_2.jpg", "Result"]
    demo.click("garage_1.jpg", ".strip button")
    assert demo.one(".side.left").text == "garage_1.jpg"
    divider = demo.one(".divider")
    divider.send_keys("\ue012")  # arrow to the left
    assert divider.get_attribute("aria-valuenow") == "48"
    demo.choose("Overlay", "Weight of garage_3.jpg")
    demo.until(lambda: demo.js("document.querySelector('.overlay').naturalWidth") == 640)
    assert not demo.all(".colours span")
    demo.choose("Overlay", "Which exposure counts")
    assert [node.text for node in demo.all(".colours span")] == [f"garage_{n}.jpg" for n in (1, 2, 3)]
    demo.choose("Overlay", "no overlay")
    assert not demo.one("img.overlay", "").is_displayed()


def test_two_settings_are_compared(demo: Page) -> None:
    first = demo.result()
    demo.click("Compare with another setting")
    demo.choose("Method", "mertens")
    demo.until(lambda: "mertens+multiband" in demo.one(".facts").text)
    assert demo.settled(first)
    assert [node.text for node in demo.all(".side")] == ["Setting A", "Setting B"]
    demo.click("Side by side")
    frame, *layers = (node.rect for node in demo.all(".viewer, .viewer .layer"))
    right, left = (layer["x"] - frame["x"] for layer in layers)
    assert not demo.one(".divider").is_displayed()
    assert left == 0 and right == pytest.approx(frame["width"] / 2, abs=2)
    demo.click("Side by side")
    assert demo.one(".divider").is_displayed()
    demo.click("Setting A", ".tabs button")
    demo.until(lambda: "--method" not in demo.command())
    demo.click("Setting B", ".tabs button")
    demo.until(lambda: "--method mertens" in demo.command())
    demo.click("Keep this one")
    assert demo.all(".side")[1].text == "Result"
    assert "--method mertens" in demo.command()


def test_saved_file_has_the_format_chosen(demo: Page, tmp_path: Path) -> None:
    demo.choose("Format", "TIFF")
    demo.choose("Depth", "16 bits")
    demo.until(lambda: demo.command().endswith("-o garage_1_fused.tif --bits 16"))
    demo.click("Save")
    file = tmp_path / "downloads" / "garage_1_fused.tif"
    demo.until(file.is_file)
    demo.until(lambda: file.stat().st_size > 2_000_000)
    demo.choose("Format", "JPEG")


def test_pixels_are_those_of_the_full_size(page: Page, tmp_path: Path) -> None:
    large = Image.fromarray(skimage.data.astronaut()).resize((1500, 1500))
    for name, level in (("under.jpg", 0.4), ("over.jpg", 1.0)):
        large.point(lambda value, level=level: int(value * level)).save(tmp_path / name)
    files = "\n".join(str(tmp_path / name) for name in ("under.jpg", "over.jpg"))
    page.js("document.querySelector('input[type=file]').removeAttribute('hidden')")
    page.one("input[type=file]").send_keys(files)
    page.settled()
    assert page.js("document.querySelector('.viewer .layer > img').naturalWidth") == 1280
    page.choose("Method", "average")
    page.until(lambda: "average" in page.one(".facts").text)
    page.click("100 %")
    page.until(lambda: page.js("document.querySelector('.viewer .layer > img').naturalWidth") == 1500)
    width = page.js("document.querySelector('.viewer').clientWidth * devicePixelRatio")

    def zoom() -> float:
        found = re.search(r"scale\((.*)\)", page.one(".layer > img").get_attribute("style"))
        return float(found[1]) if found else 0.0

    page.until(lambda: zoom() * width == pytest.approx(1500, rel=0.01))


def test_a_card_is_planned_and_fused(page: Page, card: Path, browser: Any) -> None:
    page.one("input[name=path]").send_keys(str(card))
    page.click("Open", "form button")
    assert page.until(lambda: [node.text for node in page.all(".brackets b")]) == [HOSTILE, "cat"]
    page.until(lambda: len(page.all(".small-exposures img")) == 4)
    page.click("Show the plan")
    page.until(lambda: page.all(".brackets .result")[1].text == "cat.jpg")
    assert page.one(".outcome").text == "2 of 2 would be fused."
    page.click("Fuse all")
    page.one(".outcome", f"Every bracket is fused, in {card}-fused.")
    assert sorted(path.name for path in (card.parent / "card-fused").glob("*.jpg")) == [
        f"{HOSTILE}.jpg",
        "cat.jpg",
    ]
    sheet = page.one(".links a").get_attribute("href")
    browser.get(sheet)
    assert len(page.all("section.bracket")) == 2


def test_photographs_are_dropped_and_grouped_otherwise(page: Page, card: Path) -> None:
    """Four of two scenes, without folders and without EXIF: they are told apart, and can be taken as one."""
    script = """
        const transfer = new DataTransfer();
        for (const [name, text] of arguments[0]) {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
        }
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
    """
    files = sorted(card.rglob("*.jpg"))
    texts = [base64.b64encode(file.read_bytes()).decode() for file in files]
    named = [[f"{number}.jpg", text] for number, text in enumerate([*texts[2:], *texts[:2]])]
    page.browser.execute_script(script, named)
    page.until(lambda: [node.text for node in page.all(".brackets b")] == ["0", "2"])
    page.choose("A bracket is", "every 4 photographs")
    page.until(lambda: page.one("h1").text == "0" and len(page.all(".brackets b")) == 0)
    assert "exposures of one size" in page.one(".complaint span").text
    page.click("All brackets")
    page.until(lambda: [node.text for node in page.all(".brackets b")] == ["0", "2"])


def test_a_network_is_found_by_its_path(demo: Page) -> None:
    before, network = demo.result(), next(WEIGHTS.glob("*.safetensors"))
    demo.choose("Method", "a trained network")
    demo.one(".network input").send_keys("/nowhere\n")
    assert "does not exist" in demo.one(".complaint span").text
    demo.one(".network input").clear()
    demo.one(".network input").send_keys(f"{network}\n")
    demo.until(lambda: f"--checkpoint {network}" in demo.command())
    demo.settled(before)
    demo.until(lambda: network.name in demo.one(".facts").text)


def test_a_crash_is_one_line_and_the_page_goes_on(demo: Page, server: tuple[Any, str]) -> None:
    demo.choose("Refine", "100 steps")
    demo.one(".progress .doing", "Refining")
    for child in psutil.Process(server[0].pid).children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    line = demo.one(".complaint").text
    assert "signal 9" in line
    before = demo.result()
    demo.choose("Refine", "no")
    demo.choose("Method", "mertens")
    demo.until(lambda: "mertens" in demo.one(".facts").text)
    assert demo.settled(before) and not demo.all(".complaint")


def test_errors_are_one_line(page: Page, tmp_path: Path) -> None:
    page.one("input[name=path]").send_keys("/nowhere\n")
    assert (
        page.one(".complaint span").text == "Expected a folder of this machine, its whole path. Got /nowhere"
    )
    page.click("\u00d7")
    assert not page.all(".complaint")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    page.js("document.querySelector('input[type=file]').removeAttribute('hidden')")
    page.one("input[type=file]").send_keys(str(tmp_path / "broken.jpg"))
    assert "broken.jpg" in page.one(".complaint span").text


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_screen(page: Page, width: int, card: Path, browser: Any) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.one("input[name=path]").send_keys(str(card))
        assert page.js("document.documentElement.scrollWidth") <= width
        page.click("Open", "form button")
        page.until(lambda: len(page.all(".small-exposures img")) == 4)
        assert page.js("document.documentElement.scrollWidth") <= width
        page.click("cat", ".brackets button")
        page.settled()
        assert page.js("document.documentElement.scrollWidth") <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    shutil.rmtree(card)
