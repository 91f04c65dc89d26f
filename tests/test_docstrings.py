"""Docstrings: the examples of the documented functions hold, and all are in Google's style."""

import ast
import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
import torch

import hdr_lightning

PACKAGE = Path(hdr_lightning.__file__).parent
ROOMS = ("cues", "gammas", "losses", "metrics", "blending")


def _is_of(part: object, module: str) -> bool:
    return getattr(part, "__module__", "") == module


def documented() -> dict[str, object]:
    """The functions and classes of the documented API, by name."""
    parts = {name: getattr(hdr_lightning, name) for name in ("Fusion", "fuse", "load_fusion", "resolve")}
    for room in ROOMS:
        module = import_module(f"hdr_lightning.{room}")
        own = [
            name for name, part in vars(module).items() if _is_of(part, module.__name__) and name[0] != "_"
        ]
        for name in getattr(module, "__all__", own):
            parts[f"{room}.{name}"] = getattr(module, name)
    return {name: part for name, part in parts.items() if inspect.isroutine(part) or inspect.isclass(part)}


@pytest.mark.parametrize("name", sorted(documented()))
def test_examples_hold(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    part = documented()[name]
    names = {**vars(inspect.getmodule(part)), "torch": torch}
    (found,) = doctest.DocTestFinder(recurse=False).find(part, name, globs=names)
    assert found.examples or inspect.isclass(part)
    result = doctest.DocTestRunner().run(found)
    assert result.failed == 0, capsys.readouterr().out


def test_docstrings_are_in_googles_style() -> None:
    for file, text in ((path, text) for path in sorted(PACKAGE.rglob("*.py")) for text in docstrings(path)):
        assert "``" not in text and not re.search(r":(class|func|meth|mod|attr):`", text), file
        section = ""
        for line in text.splitlines():
            if found := re.fullmatch(r"(\w+):", line):
                section = found[1]
            elif section in ("Args", "Attributes", "Raises") and (entry := re.match(r" {4}\w+: (.)", line)):
                assert not entry[1].islower(), f"{file}: {line.strip()!r} begins in lower case"


def docstrings(file: Path) -> list[str]:
    """Those of a module, its classes and its functions."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return [ast.get_docstring(node) or "" for node in nodes if isinstance(node, kinds)]
