"""Every command and every import that the README and the docs show is one that exists."""

import argparse
import ast
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

ROOT = Path(__file__).parents[2]
HYDRA = ("python train.py", "python evaluate.py", "hdr-train", "hdr-evaluate")
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


@pytest.mark.parametrize(("page", "line"), [c for c in commands("hdr-") if not c[1].startswith(HYDRA)])
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
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_parse)
    module = importlib.import_module(f"hdr_lightning.commands.{program.removeprefix('hdr-')}")
    with pytest.raises(Parsed):
        module.main(words)


@pytest.mark.slow
def test_settings_exist(tmp_path: Path) -> None:
    """In one process of its own, with the parts of `examples/own_parts` as if they were installed."""
    lines = commands(*HYDRA)
    asked = [(name_of(line), settings_of(line)) for _, line in lines]
    parts = ROOT / "examples" / "own_parts"
    project = tomllib.loads((parts / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = tmp_path / "own_parts-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: own-parts\nVersion: 0.1.0\n")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (installed / "entry_points.txt").write_text("\n".join(groups))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(parts), str(ROOT)])}
    script = [sys.executable, str(Path(__file__).with_name("print_configurations.py"))]
    printed = subprocess.run(
        script,
        input=json.dumps(asked),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    faults = zip(lines, json.loads(printed.stdout), strict=True)
    assert not [(page, line, fault) for (page, line), fault in faults if fault]


def name_of(line: str) -> str:
    """`train` or `evaluate`."""
    return "train" if "train" in line.split()[0] + line.split()[1] else "evaluate"


def settings_of(line: str) -> list[str]:
    """What the command sets, without launchers, and of a sweep one value each."""
    words = words_of(line)[1 if line.startswith("hdr-") else 2 :]
    settings = [
        word for word in words if "=" in word and not word.startswith(("-", "hydra/", "hydra.launcher"))
    ]
    return [single(override) for override in OverridesParser.create().parse_overrides(settings)]


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
