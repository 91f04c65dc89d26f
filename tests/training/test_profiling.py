from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["simple", "advanced", "pytorch"])
def test_profile_of_the_training_is_kept_and_told(
    name: str, config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(config(f"trainer.profiler={name}", "trainer.max_epochs=4"), tmp_path / "run")
    table = (tmp_path / "run" / "profile" / f"fit-{name}.txt").read_text()
    assert {"simple": "run_training_batch", "advanced": "cumtime", "pytorch": "Self CPU"}[name] in table
    assert not list((tmp_path / "run" / "profile").glob("test-*"))
    told = capsys.readouterr().out
    assert f"profile/fit-{name}.txt: where the time went" in told
    assert ("run_training_batch" in told) == (name == "simple")
