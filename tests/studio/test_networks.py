"""Trained networks by what people have of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.studio.networks import networks_in


def test_networks_of_a_file_a_run_and_a_sweep(write_run: Callable[..., Path], sweep: Path) -> None:
    for name, gamma in (("1", "var"), ("2", "grad")):
        folder = write_run(name, gamma=gamma) / "checkpoints"
        folder.mkdir()
        (folder / "best.ckpt").write_bytes(b"")
    best = sweep / "1" / "checkpoints" / "best.ckpt"
    found = networks_in(sweep)
    assert [network["label"] for network in found] == ["var (1), 0.9000", "grad (2), 0.9000"]
    assert found[0]["file"] == str(best)
    assert networks_in(sweep / "1") == [{"file": str(best), "label": "1, 0.9000"}]
    assert networks_in(best) == [{"file": str(best), "label": "best.ckpt"}]


def test_what_is_no_network(write_run: Callable[..., Path], sweep: Path) -> None:
    run = write_run("1")
    for path, message in (
        (sweep / "no", "does not exist"),
        (run / "run.yaml", "a network, .ckpt"),
        (run, "a run with checkpoints/best.ckpt"),
    ):
        with pytest.raises(InputError, match=message):
            networks_in(path)
