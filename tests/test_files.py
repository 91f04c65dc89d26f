import csv
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.files import file_names, replacing, write_bytes, write_csv


def test_file_names_are_harmless_and_distinct():
    names = ["../../etc/passwd", "a/b", "a_b", "A_B", "..", "<script>", "x+y", "é"]
    files = file_names(names)
    assert len({file.lower() for file in files.values()}) == len(names)
    assert all("/" not in file and not file.startswith(".") for file in files.values())
    assert files["x+y"] == "x+y"


def test_csv_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    write_csv(file, ["a"], [[1]])
    with pytest.raises(csv.Error):
        write_csv(file, ["a"], [[2], None])  # type: ignore[list-item]
    assert file.read_text().split() == ["a", "1"]


def test_what_fails_half_way_leaves_the_file_before_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "result.png"
    write_bytes(file, b"before")
    with pytest.raises(RuntimeError), replacing(file) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_folder_is_made_and_a_refusal_names_the_file(tmp_path: Path) -> None:
    write_bytes(tmp_path / "new" / "file", b"content")
    assert (tmp_path / "new" / "file").read_bytes() == b"content"
    with pytest.raises(InputError, match=r"new/file/below: Expected|Expected a writable place for .*below"):
        write_bytes(tmp_path / "new" / "file" / "below", b"content")
