"""Configurations that cannot be meant: of the wrong type, out of range, or at odds with each other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

QUICK = ("data=folder", "data.root=data", "trainer=cpu", "logger=none", "run_dir=out")

GAMMAS = ("grad", "grad_wellexp", "var", "var_grad", "var_wellexp", "wellexp")

WORDS: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "text for a number": ("trainer.max_epochs=abc", ("trainer.max_epochs", "'abc'", "Integer")),
    "text for a fraction": ("optimizer.lr=fast", ("optimizer.lr", "'fast'", "Float")),
    "text for a switch": ("data.augment=maybe", "augment"),
    "key of another choice": ("blending.in_range=true", ("in_range", "WeightedSum")),
    "text for a list": ("loss.windows=abc", "windows"),
    "unknown key": ("data.patchsize=3", "patchsize"),
    "key without its group": ("lr=0.1", "did you mean optimizer.lr?"),
    "network that is not installed": ("model._target_=nowhere.Net", "nowhere.Net"),
    "key of another time": ("trainer.epochs=3", "epochs"),
    "unknown key below a choice": ("loss.gamma.sigmma=1", "sigmma"),
    "added key": ("+gamma=grad", "gamma"),
    "added key below": ("+data.patchsize=3", "patchsize"),
    "unknown choice": ("optimizer=adamm", ("optimizer/adamm", "adam", "adamw", "sgd")),
    "unknown gamma": ("loss.gamma=vra", ("loss.gamma/vra", *GAMMAS)),
    "unknown word": ("model.inputs=both", ("model.inputs", "shared", "stacked")),
    "unknown exposures": (
        "data.exposures=all",
        ("data.exposures", "pair", "wide_pairs", "all_pairs", "stack"),
    ),
    "bad syntax": ("a=b=c", "a=b=c"),
    "word that is no override": ("grad", "grad"),
    "sweep without -m": ("seed=1,2", "seed=1,2"),
    "missing value": ("seed=???", "seed"),
    "deleted part": ("~data.patch_size", "data.patch_size"),
    "interpolation to nowhere": ("data.root=${nowhere}", "data.root"),
    "interpolation to itself": ("data.root=${data.root}", "data.root"),
    "unknown resolver": ("data.root=${shell:ls}", "shell"),
    "unknown launcher": ("hydra/launcher=rocket", "basic"),
    "unknown option": ("--nope", "--nope"),
    "missing folder of configurations": ("--config-dir=nowhere", "nowhere"),
    "run folder in a file": ("run_dir=file/run", "file/run"),
    "value out of range": ("optimizer.lr=-1", "optimizer"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_train_names_the_word(refused: Any, tmp_path: Path, kind: str) -> None:
    word, names = WORDS[kind]
    (tmp_path / "file").write_text("precious")
    refused("train", *QUICK, word, names=names)
    assert {path.name for path in tmp_path.iterdir()} <= {"file", "out"}


def test_two_ways_to_run_and_a_circle_are_named(refused: Any) -> None:
    refused("train", "--info=config", "--cfg=job", names="--cfg")
    refused("train", "data.root=${data.cache_dir}", "data.cache_dir=${data.root}", names="data.")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("methods=average", "written as '[a,b]'"),
        ("methods=[]", "methods"),
        ("methods=[avrage]", "average"),
        ("device=tpu", "device"),
        ("data.split=some", "split"),
        ("+output.dir=x", "output"),
        ("output=file/out", "file/out"),
    ],
)
def test_evaluate_names_the_word(refused: Any, tmp_path: Path, word: str, names: str) -> None:
    (tmp_path / "file").write_text("precious")
    refused("evaluate", "methods=[average]", "output=out", word, names=names)


VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"seed": -1}, "seed"),
    "patch of no size": ({"data.patch_size": 0}, "patch_size"),
    "batch of nothing": ({"data.batch_size": -2}, "batch_size"),
    "no patches": ({"data.patches_per_epoch": 0}, "patches_per_epoch"),
    "stride": ({"data.stride": 0}, "stride"),
    "workers": ({"data.num_workers": -1}, "num_workers"),
    "fraction above 1": ({"data.val_fraction": 1.5}, "val_fraction"),
    "fraction below 0": ({"data.test_fraction": -0.1}, "test_fraction"),
    "fraction that is none": ({"data.val_fraction": float("nan")}, "val_fraction"),
    "nothing left to train on": ({"data.val_fraction": 0.99}, "val_fraction"),
    "patch larger than a scene": ({"data.patch_size": 512, "data.small_scenes": "refuse"}, "512"),
    "width": ({"model.width": 0}, "model.width"),
    "width that is none": ({"model.width": float("nan")}, "width"),
    "poolings": ({"model.poolings": 9}, "model.poolings"),
    "exposures": ({"model.inputs": "stacked", "model.exposures": 1}, "model.exposures"),
    "exposures of other data": ({"model.inputs": "stacked", "model.exposures": 3}, "exposures=3"),
    "no class": ({"model._target_": "hdr_lightning.nothing"}, "hdr_lightning.nothing"),
    "no network": ({"model._target_": "os.system"}, "os.system"),
    "colour": ({"blending.colour": "cmyk"}, "cmyk"),
    "windows of no size": ({"loss.windows": [0]}, "window"),
    "windows of even size": ({"loss.windows": [4]}, "window"),
    "no windows": ({"loss.windows": []}, "windows"),
    "window larger than a patch": ({"loss.windows": [99]}, "99"),
    "sigma": ({"loss.sigma": -1}, "sigma"),
    "unknown cue": ({"loss.gamma.cues": ["colour"]}, "colour"),
    "no cues": ({"loss.gamma.cues": []}, "cues"),
    "sigma of a cue": ({"loss.gamma.sigma": 0}, "sigma"),
    "betas": ({"optimizer.betas": [2, 3]}, "optimizer"),
    "weight decay": ({"optimizer.weight_decay": -1}, "optimizer"),
    "epochs": ({"trainer.max_epochs": -3}, "max_epochs"),
    "devices": ({"trainer.devices": 0}, "trainer"),
    "devices of no number": ({"trainer.devices": "many"}, "trainer"),
    "accelerator": ({"trainer.accelerator": "abacus"}, "abacus"),
    "precision": ({"trainer.precision": "7"}, "precision"),
    "strategy": ({"trainer.strategy": "luck"}, "luck"),
    "batches": ({"trainer.limit_train_batches": -1}, "limit_train_batches"),
    "time": ({"trainer.max_time": "soon"}, "trainer"),
    "profiler": ({"trainer.profiler": "guess"}, "profiler"),
    "accumulation": ({"trainer.accumulate_grad_batches": 0}, "accumulate_grad_batches"),
    "validation": ({"trainer.check_val_every_n_epoch": 0}, "check_val_every_n_epoch"),
    "clipping": ({"trainer.gradient_clip_val": -1}, "gradient_clip_val"),
    "pictures": ({"pictures": -1}, "pictures"),
    "cache without room": ({"data.cache_gb": 0}, "cache_gb"),
    "cache in a file": ({"data.cache_dir": "data/a/1.png"}, "cache"),
    "start from nowhere": ({"start_from": "nowhere.ckpt"}, "start_from: nowhere.ckpt"),
    "start from another network": ({"start_from": "bandnet"}, "start_from"),
    "start from no network": ({"start_from": "data/a/1.png"}, "1.png"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three scenes of two exposures."""
    random = np.random.default_rng(0)
    for scene in ("a", "b", "c"):
        (tmp_path / "data" / scene).mkdir(parents=True)
        for number in (1, 2):
            pixels = random.integers(0, 128 * number, (64, 64, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / scene / f"{number}.png")
    return tmp_path / "data"


@pytest.mark.parametrize("kind", VALUES)
def test_run_names_the_value(data: Path, refused_run: Any, kind: str) -> None:
    changes, names = VALUES[kind]
    refused_run(changes, names=names)
