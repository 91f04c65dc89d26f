from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.data.patches import Batch
from hdr_lightning.errors import InputError


def make_scenes(folder: Path, count: int = 6, names: tuple[str, str] = ("1.png", "2.png")) -> Path:
    random = np.random.default_rng(len(folder.name))
    for scene in range(count):
        (folder / f"s{scene}").mkdir(parents=True)
        for level, name in enumerate(names):
            pixels = random.integers(100 * level, 100 * level + 99, (40, 52, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"s{scene}" / name.replace("X", f"s{scene}"))
    return folder


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    source = {"layout": "folder", "root": str(make_scenes(tmp_path / "data"))}
    return {"sources": [source], "cache_dir": str(tmp_path / "cache"), "patch_size": 16, "batch_size": 8}


@pytest.fixture
def benchmark_source(tmp_path: Path) -> dict[str, str]:
    return {"layout": "mefb", "root": str(make_scenes(tmp_path / "mefb", 3, ("X_A.png", "X_B.jpg")))}


class Recorder(L.LightningModule):
    """Keeps the names of the patches that it was given in each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.seen: dict[int, list[str]] = {}
        self.tested: list[str] = []

    def training_step(self, batch: Batch) -> Tensor:
        assert isinstance(batch, Batch)
        self.seen.setdefault(self.current_epoch, []).extend(batch.names)
        return self.layer(batch.exposures.mean().reshape(1, 1)).sum()

    def validation_step(self, batch: Batch) -> None:
        assert batch.exposures.shape == (1, 2, 3, 40, 52)

    def test_step(self, batch: Batch) -> None:
        self.tested += batch.names

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def trainer(root: Path, epochs: int) -> L.Trainer:
    return L.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        default_root_dir=root,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        use_distributed_sampler=False,
        log_every_n_steps=1,
    )


pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*treespec"),
    pytest.mark.filterwarnings("ignore:.*dataloader is not resumable"),
]


def test_stages_serve_patches_and_whole_scenes(options: dict[str, Any]) -> None:
    data = SceneDataModule(**options, val_fraction=0.2, test_fraction=0.3)
    data.prepare_data()
    data.setup("fit")
    data.setup("fit")
    names = [
        {scene.name for scene in part} for part in (data.train_scenes, data.val_scenes, data.test_scenes)
    ]
    assert [len(part) for part in names] == [3, 1, 2] and len(set.union(*names)) == 6
    patches = [name for batch in data.train_dataloader() for name in batch.names]
    assert len(patches) == 3 * 3 * 4 and {name.split("[")[0] for name in patches} == names[0]
    for loader, expected in ((data.val_dataloader(), names[1]), (data.test_dataloader(), names[2])):
        batches = list(loader)
        assert {name for batch in batches for name in batch.names} == expected
        assert all(batch.exposures.shape == (1, 2, 3, 40, 52) for batch in batches)


def test_resumed_epoch_draws_what_an_uninterrupted_run_draws(options: dict[str, Any], tmp_path: Path) -> None:
    whole, start, rest = Recorder(), Recorder(), Recorder()
    trainer(tmp_path, 4).fit(whole, datamodule=SceneDataModule(**options, augment=True))
    first = trainer(tmp_path, 2)
    first.fit(start, datamodule=SceneDataModule(**options, augment=True))
    first.save_checkpoint(tmp_path / "half.ckpt", weights_only=False)
    trainer(tmp_path, 4).fit(
        rest, datamodule=SceneDataModule(**options, augment=True), ckpt_path=tmp_path / "half.ckpt"
    )
    assert start.seen | rest.seen == whole.seen
    assert sorted(rest.seen) == [2, 3] and whole.seen[2] != whole.seen[3]


class Interrupted(Recorder):
    """Saves after the second batch of the second epoch, and is lost after the third."""

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        if self.current_epoch == 1 and batch_idx == 1:
            self.trainer.save_checkpoint(
                Path(self.trainer.default_root_dir) / "middle.ckpt", weights_only=False
            )
        if self.current_epoch == 1 and batch_idx == 2:
            raise KeyError


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_epoch_goes_on_in_its_middle(workers: int, options: dict[str, Any], tmp_path: Path) -> None:
    options |= {"augment": True, "num_workers": workers}
    whole, start, rest = Recorder(), Interrupted(), Recorder()
    trainer(tmp_path, 3).fit(whole, datamodule=SceneDataModule(**options))
    with pytest.raises(KeyError):
        trainer(tmp_path, 3).fit(start, datamodule=SceneDataModule(**options))
    trainer(tmp_path, 3).fit(rest, datamodule=SceneDataModule(**options), ckpt_path=tmp_path / "middle.ckpt")
    assert rest.seen == {1: whole.seen[1][16:], 2: whole.seen[2]}
    assert len(rest.seen[1]) > 8


def test_only_test_scenes_are_enough(
    options: dict[str, Any], benchmark_source: dict[str, str], tmp_path: Path
) -> None:
    options |= {"sources": [], "test_sources": [benchmark_source]}
    module = Recorder()
    trainer(tmp_path, 1).test(module, datamodule=SceneDataModule(**options), verbose=False)
    assert module.tested == ["s0", "s1", "s2"]


def test_testing_decodes_the_test_scenes_alone(options: dict[str, Any], tmp_path: Path) -> None:
    trainer(tmp_path, 1).test(Recorder(), datamodule=SceneDataModule(**options), verbose=False)
    assert len(list((tmp_path / "cache" / "stacks").iterdir())) == 1


def test_benchmark_does_not_train(options: dict[str, Any], benchmark_source: dict[str, str]) -> None:
    data = SceneDataModule(**options | {"sources": [benchmark_source]})
    assert len(data.test_scenes) == 3
    with pytest.raises(InputError, match=r"scenes to train on in data\.sources. Got none, or only scenes to"):
        data.setup("fit")
    with pytest.raises(InputError, match=r"scenes to test on. Got none"):
        SceneDataModule(**options, test_fraction=0.0).setup("test")


def test_training_photographs_do_not_test(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"other photographs.*Got .*\.png in both"):
        SceneDataModule(**options, test_sources=options["sources"]).setup("fit")


def test_sources_join_and_the_file_splits_them(options: dict[str, Any], tmp_path: Path) -> None:
    pairs = make_scenes(tmp_path / "twos", 2, ("under.png", "over.png"))
    options["sources"].append({"layout": "pairs", "root": str(pairs), "exposures": "stack"})
    table = tmp_path / "split.csv"
    rows = [f"data,s{k},{split}" for k, split in enumerate(["train", "train", "val", "val", "test", "test"])]
    table.write_text("\n".join(["dataset,scene,split", *rows, "twos,s0,train", "twos,s1,test"]))
    data = SceneDataModule(**options, split_file=str(table))
    assert [scene.name for scene in data.train_scenes] == ["data-s0", "data-s1", "twos-s0"]
    assert [scene.name for scene in data.val_scenes] == ["data-s2", "data-s3"]
    assert [scene.name for scene in data.test_scenes] == ["data-s4", "data-s5", "twos-s1"]


@pytest.mark.slow
def test_demo_lands_in_the_cache_and_splits_by_photograph(tmp_path: Path) -> None:
    data = SceneDataModule(
        [{"layout": "demo"}], val_fraction=0.17, test_fraction=0.34, cache_dir=str(tmp_path / "cache")
    )
    groups = [{s.group for s in part} for part in (data.train_scenes, data.val_scenes, data.test_scenes)]
    assert [len(part) for part in groups] == [3, 1, 2] and len(set.union(*groups)) == 6
    assert data.train_scenes[0].files[0].is_relative_to(tmp_path / "cache")


def test_ranks_take_their_share(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    shares = []
    for rank in range(2):
        monkeypatch.setattr(SceneDataModule, "_place", (rank, 2))
        data = SceneDataModule(**options, val_fraction=0.5, test_fraction=0.0)
        trained = [batch.names for batch in data.train_dataloader()]
        shares.append((trained, [name for batch in data.val_dataloader() for name in batch.names]))
    assert [len(names) for names in shares[0][0]] == [len(names) for names in shares[1][0]]
    assert shares[0][1] + shares[1][1] == [scene.name for scene in data.val_scenes]  # each once
    assert len(shares[0][1]) == 2 and len(shares[1][1]) == 1
    assert not {n for names in shares[0][0] for n in names} & {n for names in shares[1][0] for n in names}
