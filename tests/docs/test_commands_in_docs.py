"""Every command and every import that the README and the docs show is one that exists."""

import argparse
import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from hdr_lightning.config import CONF, schema

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "hdr_lightning/weights/MODEL_CARD.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
            yield page.name, block


def commands(*programs: str) -> list[tuple[str, str]]:
    """Page and command line of those programs, continued lines joined and comments gone."""
    found = []
    for page, block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            part = re.split(r" \| ", line.strip())[-1] if line.startswith("ls ") else line.strip()
            if part.startswith(programs) and (page, part) not in found:
                found.append((page, part))
    return found


def words_of(line: str) -> list[str]:
    return shlex.split(line, comments=True)


class Parsed(BaseException):
    """The words of a command were understood."""


@pytest.mark.parametrize(("page", "line"), commands("hdr-"))
def test_options_exist(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = argparse.ArgumentParser.parse_args

    def only_parse(
        parser: argparse.ArgumentParser, words: list[str] | None = None, names: object = None
    ) -> None:
        try:
            parse(parser, words)
        except SystemExit as end:
            assert end.code == 0, f"{page}: {line}"
        raise Parsed

    program, *words = words_of(line)
    if program in ("hdr-train", "hdr-evaluate"):
        return check_hydra(program.removeprefix("hdr-"), words)
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_parse)
    module = importlib.import_module(f"hdr_lightning.commands.{program.removeprefix('hdr-')}")
    with pytest.raises(Parsed):
        module.main(words)


@pytest.mark.parametrize(("page", "line"), commands("python train.py", "python evaluate.py"))
def test_settings_exist(page: str, line: str) -> None:
    words = words_of(line.split("  #")[0])
    check_hydra(words[1].removesuffix(".py"), words[2:])


def check_hydra(name: str, words: list[str]) -> None:
    importlib.import_module(f"hdr_lightning.commands.{name}")  # which registers its schema
    settings = [word for word in words if not word.startswith(("-", "hydra", "...")) and word != "job"]
    parsed = OverridesParser.create().parse_overrides(settings)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose(name, [single(override) for override in parsed])
    if name == "train":
        schema.plain(cfg)


def single(override: object) -> str:
    """The override, or one value of those that a sweep goes through."""
    if not override.is_sweep_override():  # type: ignore[attr-defined]
        return override.input_line  # type: ignore[attr-defined, no-any-return]
    key, values = override.input_line.split("=", 1)  # type: ignore[attr-defined]
    if values.startswith("glob"):
        return f"{key}=grad"
    first = re.sub(r"^(choice|tag\(log,interval|interval)\(", "", values).split(",")[0].rstrip(")")
    return f"{key}={first}"


@pytest.mark.parametrize(
    ("page", "line"), commands("make ", "python -m benchmarks.", "OMP_NUM_THREADS=1 python")
)
def test_targets_and_modules_exist(page: str, line: str) -> None:
    if line.startswith("make "):
        assert re.search(rf"^{words_of(line)[1]}:", (ROOT / "Makefile").read_text(), re.M), page
    else:
        (module,) = re.findall(r"-m (benchmarks\.\w+)", line)
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), page


@pytest.mark.parametrize(("page", "code"), list(blocks("python")))
def test_imports_exist(page: str, code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hdr_lightning"):
            module = importlib.import_module(node.module or "")
            for name in node.names:
                assert hasattr(module, name.name), f"{page}: {node.module}.{name.name}"
