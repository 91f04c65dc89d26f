"""The pages in a real browser: Debian's chromium, driven by Selenium; skipped where it is not there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.comparison.report import compare_runs
from hdr_lightning.comparison.side_by_side import show_side_by_side
from hdr_lightning.evaluation.report import write_report
from hdr_lightning.evaluation.results import COLUMNS
from hdr_lightning.pages.pictures import data_uri
from tests.chromium import chromium

pytestmark = pytest.mark.slow
WriteRun = Callable[..., Path]
HOSTILE = '</script><img src=x onerror="document.title=1">'
CURVE = "#curves svg.plot .curve"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for all tests of this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def look(browser: Any) -> Iterator["Callable[[Path], Page]"]:
    """Opens a page; at the end, nothing may have been complained of in the console."""

    def opened(path: Path) -> Page:
        browser.get(path.as_uri())
        return Page(browser)

    yield opened
    assert browser.get_log("browser") == []


class Page:
    """What a reader does with a page."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def all(self, css: str) -> list[Any]:
        return list(self.browser.find_elements("css selector", css))

    def count(self, css: str, expected: int) -> bool:
        """Whether so many appear within five seconds: plots are drawn when their size is known."""
        from selenium.webdriver.support.wait import WebDriverWait

        return bool(WebDriverWait(self.browser, 5).until(lambda _: len(self.all(css)) == expected))

    def texts(self, css: str) -> list[str]:
        return [node.text for node in self.all(css)]

    def column(self, section: str, number: int) -> list[str]:
        return self.texts(f"#{section} tbody tr > :nth-child({number})")

    def click(self, css: str, text: str | None = None) -> None:
        (node,) = [node for node in self.all(css) if text is None or node.text == text]
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", node)
        node.click()

    def choose(self, label: str, option: str) -> None:
        from selenium.webdriver.support.select import Select

        (node,) = [node for node in self.all("label") if node.text.startswith(label)]
        Select(node.find_element("css selector", "select")).select_by_visible_text(option)


def picture(level: float) -> str:
    return data_uri(np.full((60, 90, 3), int(255 * level), np.uint8), 1e6)


@pytest.fixture
def evaluation(look: Callable[[Path], Page], tmp_path: Path) -> Page:
    """Three methods on three scenes; `low` is best in the share of clipped pixels only."""
    scores = {"high": (0.9, 0.8, 0.7), "low": (0.3, 0.2, 0.1), HOSTILE: (0.5, 0.6, 0.75)}
    table = {
        (method, scene): dict.fromkeys(COLUMNS, value) | {"memory_mb": None}
        for method, values in scores.items()
        for scene, value in zip(("a", "b", "c10"), values, strict=True)
    }
    pictures = {
        scene: {"(under)": picture(0.1), "(over)": picture(0.9), "high": picture(0.5), "low": picture(0.4)}
        for scene in ("a", "b")
    }
    write_report(tmp_path / "report.html", table, {"Paper": {"a": 0.95}}, pictures, [f"{HOSTILE}: broken"])
    return look(tmp_path / "report.html")


def test_methods_are_ranked_and_sort_by_a_click(evaluation: Page) -> None:
    assert evaluation.column("ranking", 1) == ["Paperpublished", "high", HOSTILE, "low"]
    assert evaluation.column("ranking", 2) == ["0.9500", "0.8000", "0.6167", "0.2000"]
    evaluation.click("#ranking th button", "minimum")
    assert evaluation.column("ranking", 5) == ["0.9500", "0.7000", "0.5000", "0.1000"]
    evaluation.click("#ranking th button", "minimum")
    assert evaluation.column("ranking", 5) == ["0.1000", "0.5000", "0.7000", "0.9500"]
    evaluation.click(".bar input[type=checkbox]")
    assert evaluation.column("ranking", 1) == ["high", HOSTILE, "low"]


def test_another_metric_changes_every_section(evaluation: Page) -> None:
    evaluation.choose("Metric", "Clipped pixels (fraction)")
    assert evaluation.column("ranking", 1) == ["low", HOSTILE, "high"]  # fewer are better
    assert "Lower is better" in evaluation.texts("#explain")[0]
    assert evaluation.texts("#heat td.best") == ["0.3000", "0.2000", "0.1000"]


def test_metric_that_is_best_near_one(evaluation: Page) -> None:
    evaluation.choose("Metric", "Chroma kept (CIELAB)")
    assert evaluation.column("ranking", 1) == ["high", HOSTILE, "low"]
    evaluation.choose("Metric", "Brightness minus the reference's")
    assert evaluation.column("ranking", 1) == ["low", HOSTILE, "high"]  # nearest to 0
    assert "Best near 0" in evaluation.texts("#explain")[0]
    assert evaluation.texts("#heat td.best") == ["0.3000", "0.2000", "0.1000"]
    assert evaluation.column("heat", 1) == ["a", "b", "c10"]


def test_scene_shows_its_pictures_side_by_side(evaluation: Page) -> None:
    evaluation.click("#heat button.link", "b")
    left, right = evaluation.all(".viewer .side")
    assert (left.text, right.text) == ("low", "high")
    evaluation.click('.strip button[data-caption="(over)"]')
    assert evaluation.texts(".viewer .side.right") == ["(over)"]
    slider = evaluation.all(".viewer .divider")[0]
    before = int(slider.get_attribute("aria-valuenow"))
    slider.send_keys("\ue014")  # arrow to the right
    assert int(slider.get_attribute("aria-valuenow")) == before + 2
    evaluation.click('#pictures button[aria-label="Zoom in"]')
    assert "scale(1.5)" in evaluation.all(".viewer img")[0].get_attribute("style")


def test_two_methods_are_compared_by_scene(evaluation: Page) -> None:
    evaluation.choose("Compare", "high")
    evaluation.choose("with", HOSTILE)
    facts = evaluation.texts("#comparison .tally > div")
    assert facts[0] == "+0.1833\nmean difference"
    assert facts[2:5] == ["2\nscenes higher", "1\nscenes lower", "0\nequal"]
    assert evaluation.count("#comparison rect.above", 2)
    assert evaluation.count("#comparison rect.below", 1)
    evaluation.choose("Compare", "low")
    evaluation.choose("with", "high")
    assert evaluation.texts("#comparison .tally > div")[0] == "\u22120.6000\nmean difference"


def test_names_are_text_and_never_markup(evaluation: Page) -> None:
    assert evaluation.browser.title == "Fusion of 3 scenes"
    assert evaluation.texts(".failed pre") == [f"{HOSTILE}: broken"]
    assert not evaluation.all("img[src=x]")


@pytest.fixture
def side_by_side(look: Callable[[Path], Page], tmp_path: Path) -> Page:
    """Two evaluations of a scene each; the second has a reference, and one method less."""
    for name, methods in (("mefb", ("low", HOSTILE)), ("sice", ("low",))):
        (tmp_path / name).mkdir()
        table = {(method, "a"): dict.fromkeys(COLUMNS, 0.5 + place) for place, method in enumerate(methods)}
        shots = {"(under)": picture(0.1), "(reference)": picture(0.6)} | dict.fromkeys(methods, picture(0.5))
        if name == "mefb":
            del shots["(reference)"]
        write_report(tmp_path / name / "report.html", table, {}, {"a": shots}, [])
    show_side_by_side([tmp_path / "mefb", tmp_path / "sice"], tmp_path / "page.html")
    return look(tmp_path / "page.html")


def test_evaluations_lie_side_by_side(side_by_side: Page) -> None:
    assert side_by_side.browser.title == "mefb and sice, side by side"
    assert side_by_side.texts("section h2") == ["mefb", "sice"]
    assert side_by_side.texts("figcaption b") == ["low", HOSTILE, "low", "(reference)"]
    # near 1 both are as good; clipped, CIEDE2000 and brightness are best low, MEF-SSIM and PSNR high
    assert side_by_side.texts("#set-0 dd.best") == 4 * ["0.5000"] + 3 * ["1.5000"]
    assert side_by_side.column("set-1", 2) == ["0.5000"]


def test_a_picture_is_compared_over_the_page(side_by_side: Page) -> None:
    side_by_side.click('#set-1 button[title="Show (reference) of a large"]')
    assert side_by_side.texts("dialog .side") == ["low", "(reference)"]
    assert side_by_side.texts("dialog .strip b") == ["low", "(reference)", "(under)"]
    side_by_side.click("dialog .heading button")
    assert not side_by_side.all("dialog[open]")


@pytest.fixture
def comparison(look: Callable[[Path], Page], write_run: WriteRun, sweep: Path) -> Page:
    """Two gammas, one of them with two seeds and pictures; the third run was interrupted."""
    for name, gamma, seed, curve in (
        ("1", "var", 0, (0.5, 0.9)),
        ("2", "var", 1, (0.5, 0.7)),
        ("3", "grad", 0, (0.4, 0.6)),
    ):
        run = write_run(name, gamma=gamma, seed=seed, curve=curve, test={"a": curve[-1], "b": 0.5})
        folder = run / "images" / "test" / "a"
        folder.mkdir(parents=True)
        for kind in ("fused", "weight_1", "average"):
            Image.fromarray(np.full((30, 40, 3), 99, np.uint8)).save(folder / f"{kind}.png")
    write_run("4", gamma="grad", seed=1, curve=(0.3,), state="interrupted")
    compare_runs([sweep], sweep / "page.html")
    return look(sweep / "page.html")


def test_runs_are_listed_by_what_varies(comparison: Page) -> None:
    assert comparison.column("settings", 1) == ["var", "grad"]
    assert comparison.texts("#settings td.best")[0] == "0.8000 \u00b1 0.1414"
    assert sorted(comparison.texts("#runs .state")) == ["finished", "finished", "finished", "interrupted"]
    assert "1 interrupted" in comparison.texts("main > p.quiet")[0]
    comparison.click("#runs th button", "best val")
    assert comparison.column("runs", 3)[0] == "0.3000"


def test_curves_hide_by_their_name(comparison: Page) -> None:
    assert comparison.count(CURVE, 4)
    comparison.click("#curves .legend button", "grad")
    assert comparison.count(CURVE, 2)
    comparison.choose("colour by", "run")
    assert len(comparison.all("#curves .legend button")) == 4
    comparison.choose("over", "minutes")
    assert comparison.count(CURVE, 4)
    assert comparison.texts("#curves svg.plot > text")[-1] == "minutes"


def test_a_small_picture_is_shown_large(comparison: Page) -> None:
    assert len(comparison.all("#pictures .matrix tbody tr")) == 3
    comparison.click("#pictures .matrix tbody tr:first-child td:nth-child(3) button")
    assert comparison.texts("#pictures .viewer .side.right") == ["var, seed 0"]


def test_differences_of_two_runs(comparison: Page) -> None:
    comparison.choose("Compare", "var, seed 0")
    comparison.choose("with", "grad, seed 0")
    rows = dict(zip(*(comparison.column("differences", number) for number in (1, 2)), strict=True))
    assert (rows["loss.gamma"], "seed" in rows) == ("var", False)
    comparison.choose("Compare", "grad, seed 0")
    assert comparison.texts("#differences p.quiet")[-1] == "Both have the same settings."
