"""One grammar of errors, and one way for commands to leave."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError, command, is_text, one_line

PACKAGE = Path(__file__).parents[1] / "hdr_lightning"


def messages(file: Path) -> list[str]:
    """The last words of every `InputError` that a file raises, with what is computed as `{}`."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "InputError"]
    return [text for call in named if call.args and (text := _text(call.args[0]))]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return ""


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.stem)
def test_messages_end_without_a_full_stop(file: Path) -> None:
    assert not [text for text in messages(file) if text.endswith(".")]


def test_most_messages_say_what_was_expected_and_what_was_found() -> None:
    every = [text for file in PACKAGE.rglob("*.py") for text in messages(file) if " " in text]
    alike = [text for text in every if "Expected" in text and "Got" in text]
    assert len(every) > 100
    assert len(alike) / len(every) > 0.9


@pytest.mark.parametrize(
    ("raised", "status", "printed"),
    [
        ("InputError('root: Expected a folder. Got none')", 1, "error: root: Expected a folder. Got none\n"),
        ("KeyboardInterrupt()", 130, ""),
        ("BrokenPipeError()", 141, ""),
        (
            "PermissionError(13, 'Permission denied', 'in/a.png')",
            1,
            "error: Expected a file or folder that can be used. Got in/a.png: Permission denied\n",
        ),
    ],
)
def test_command_leaves_without_a_traceback(raised: str, status: int, printed: str) -> None:
    code = (
        "from hdr_lightning.errors import InputError, command\n"
        f"@command\ndef main():\n    raise {raised}\nmain()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (status, printed)


def test_names_that_are_no_text_are_printed() -> None:
    code = r"""
import os
from hdr_lightning.errors import command
command(lambda: print(os.fsdecode(b"caf\xe9.png")))()
"""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert (ended.returncode, ended.stdout) == (0, "caf\\udce9.png\n")


def test_command_without_an_error_returns() -> None:
    assert command(lambda: None)() is None


def test_one_line_of_an_error_without_words_is_its_type() -> None:
    assert one_line(ValueError("two\n  lines")) == "two lines"
    assert one_line(KeyError()) == "KeyError"
    assert issubclass(InputError, ValueError)


def test_bytes_that_are_no_utf8_are_no_text() -> None:
    assert is_text("über.jpg")
    assert not is_text(os.fsdecode(b"\xff.jpg"))
