"""`tests/` mirrors `hdr_lightning/`: the tests of a module lie where one looks for them."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "hdr_lightning"
TESTS = Path(__file__).parent
ELSEWHERE = {
    "config/choices.py": "types without behaviour, see config/test_schema.py",
    "runs/folder.py": "names without behaviour, see runs/test_record.py and runs/test_reading.py",
}
"""Modules without a file of tests of their own, and why."""


def test_every_module_has_its_tests() -> None:
    modules = {str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py") if file.name != "__init__.py"}
    missing = {module for module in modules if not _tests_of(module).is_file()}
    assert missing == set(ELSEWHERE)


def _tests_of(module: str) -> Path:
    file = TESTS / module
    return file.with_name(f"test_{file.name}")
