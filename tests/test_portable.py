"""No module of the package needs what only POSIX systems have, as far as its source tells."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "hdr_lightning"
FILES = sorted(PACKAGE.rglob("*.py"))
POSIX_MODULES = frozenset(
    {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog", "crypt", "readline"}
)
POSIX_NAMES = frozenset(
    {
        *("os.fork", "os.getuid", "os.geteuid", "os.getgid", "os.killpg", "os.mkfifo", "os.statvfs"),
        *("os.sched_getaffinity", "os.sysconf", "os.uname", "os.chown", "os.setsid", "os.nice"),
        *("signal.SIGUSR1", "signal.SIGUSR2", "signal.SIGKILL", "signal.SIGHUP", "signal.SIGALRM"),
        *("os.register_at_fork", "os.posix_fadvise", "os.sendfile", "os.wait", "os.pread", "os.pwrite"),
        *("signal.alarm", "signal.pause", "signal.setitimer", "select.poll", "time.tzset"),
    }
)


def posix_only(source: str) -> Iterator[str]:
    """What a module names that Windows lacks, and does not ask for by `getattr` or `hasattr`."""
    asked = set(re.findall(r'hasattr\((\w+), "(\w+)"\)', source))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in POSIX_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            yield node.module
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in POSIX_NAMES and (node.value.id, node.attr) not in asked:
                yield name


def test_what_is_looked_for_is_found() -> None:
    source = "import fcntl\nfrom resource import getrusage\nsignal.signal(signal.SIGUSR1, f)\nos.kill(1, 2)\n"
    assert sorted(posix_only(source)) == ["fcntl", "resource", "signal.SIGUSR1"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_module_names_nothing_that_windows_lacks(file: Path) -> None:
    assert not list(posix_only(file.read_text(encoding="utf-8")))


def test_stopping_and_locks_import_where_those_signals_and_modules_are_missing() -> None:
    code = """
import signal, sys
for name in ("SIGUSR1", "SIGUSR2", "SIGKILL"):
    delattr(signal, name)
from hdr_lightning.training.stopping import SIGNALS, Stopping
with Stopping().listening() as stopping:
    assert not stopping.asked
assert SIGNALS == (signal.SIGTERM,)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_types_hold_on_other_systems(platform: str) -> None:
    mypy = [sys.executable, "-m", "mypy", "--platform", platform, "--cache-dir", f".mypy_cache/{platform}"]
    result = subprocess.run(mypy, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
