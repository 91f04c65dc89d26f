"""Docstrings: the examples of the documented functions hold."""

import doctest
import inspect
from importlib import import_module

import pytest
import torch

import hdr_lightning

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
