from pathlib import Path

import pytest
from omegaconf import OmegaConf

from hdr_lightning.config.resolvers import job_name, sweep_name, varied


@pytest.mark.parametrize(
    ("words", "params", "expected"),
    [
        (["loss.gamma=glob(*)", "seed=1,2", "model.width=0.1"], {}, ["loss.gamma", "seed"]),
        (["experiment=table2"], {"seed": "1,2", "loss.gamma": "glob(*)"}, ["seed", "loss.gamma"]),
        (["experiment=table2", "seed=3"], {"seed": "1,2", "loss.gamma": "glob(*)"}, ["seed", "loss.gamma"]),
        (["+x=range(1,4)", "optimizer.lr=interval(0,1)", "data.sources=[1,2]"], {}, ["x", "optimizer.lr"]),
    ],
)
def test_what_varies(words: list[str], params: dict[str, str], expected: list[str]) -> None:
    assert varied(words, params) == expected


def test_same_command_has_the_same_folder_and_no_other_has_it() -> None:
    name = sweep_name(["loss.gamma=glob(*)", "seed=1,2"])
    assert name.startswith("loss.gamma,seed,")
    assert name == sweep_name(["loss.gamma=glob(*)", "seed=1,2"])
    others = [["loss.gamma=glob(*)", "seed=1,3"], ["loss.gamma=glob(*)", "seed=1,2", "model.width=0.1"]]
    assert len({name, *map(sweep_name, others)}) == 3


def test_job_is_named_by_what_varies(tmp_path: Path) -> None:
    OmegaConf.save({"varies": ["loss.gamma", "seed", "x"]}, tmp_path / "sweep.yaml")
    overrides = ["loss.gamma=var", "model.width=0.1", "+x=a/b", "seed=1"]
    assert job_name(str(tmp_path), overrides, 7) == "loss.gamma=var,x=a_b,seed=1"
    assert job_name(str(tmp_path), ["model.width=0.1"], 7) == "7"
    long = [job_name(str(tmp_path), [f"x={'a' * 300}{end}"], 7) for end in "bc"]
    assert long[0] != long[1] and max(map(len, long)) < 255
