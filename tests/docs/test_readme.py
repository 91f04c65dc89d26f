"""What the front door says is there, is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Where GitHub shows the page: `docs/hooks.py` makes them lead to pages of the site."""
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    beside = (ROOT / name).parent
    missing = [link for link in links if link and not (beside / link).exists()]
    assert not missing


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


def test_map_of_the_code_names_every_room() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "hdr_lightning").glob("*/__init__.py")]
    files = [path.stem for path in (ROOT / "hdr_lightning").glob("*.py") if path.stem != "__init__"]
    shown = text.split("## The map of the code")[1].split("```")[1]
    assert not [room for room in rooms if f"{room}/" not in shown]
    assert not [file for file in files if not re.search(rf"\b{file}\b", shown)]


def test_every_room_is_in_the_api_reference() -> None:
    shown = " ".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "api").glob("*.md"))
    rooms = {path.parent.name for path in (ROOT / "hdr_lightning").glob("*/__init__.py")} - {"commands"}
    assert not [room for room in rooms if f"::: hdr_lightning.{room}\n" not in shown + "\n"]
