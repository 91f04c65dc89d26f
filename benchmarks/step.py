"""Where the time of a training step goes, and what Lightning, metrics and logging add to a bare PyTorch loop.

    python -m benchmarks.step [--steps 24] [OVERRIDE ...]    # overrides as those of train.py

Before every step of a real run, a twin of its network takes the same step in a bare loop: same patches, same
loss, same optimizer. In the end both have to have the same weights, bit for bit. What the run needs from one
step to the next, its reading, logging and progress bar included, is compared with the twin's step before it.
"""

import argparse
import copy
import tempfile
from collections.abc import Callable
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import Any

import lightning as L
import torch

from benchmarks.measuring import Cost, clock, note, ratio, since, table, typical
from benchmarks.running import composed, run
from hdr_lightning.data.patches import Batch
from hdr_lightning.training.module import FusionModule

DEFAULTS = ("model.width=0.25", "trainer=cpu", "data.val_fraction=0", "data.test_fraction=0")
PARTS = ("loader", "network", "loss", "optimizer")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE")
    args = parser.parse_args(words)
    config = composed(*DEFAULTS, *args.overrides)
    config["trainer"]["max_epochs"] = 1
    config["data"]["patches_per_epoch"] = (args.steps + 2) * config["data"]["batch_size"]
    twin = Twin(config["trainer"]["precision"] == "bf16-mixed")
    note(f"{args.steps} steps in turn with a bare loop")
    with tempfile.TemporaryDirectory() as folder:
        run(config, Path(folder), twin)
    report(twin, config)


class Twin(L.Callback):
    """The same steps in a bare loop, each just before that of the trainer; notes the costs of both."""

    def __init__(self, autocast: bool) -> None:
        self.autocast = autocast
        self.parts: dict[str, list[Cost]] = {name: [] for name in PARTS}
        self.bare: list[Cost] = []
        self.framework: list[Cost] = []
        self.logging: list[Cost] = []
        self._left: Cost | None = None

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        for teller, names in (
            (pl_module, ("log", "log_dict")),
            *((x, ("log_metrics",)) for x in trainer.loggers),
        ):
            for name in names:
                setattr(teller, name, self._timed(getattr(teller, name)))

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, FusionModule)
        self.module = pl_module
        self.fusion = copy.deepcopy(pl_module.fusion)
        self.optimizer = pl_module._optimizer(self.fusion)
        batches = iter(trainer.datamodule.train_dataloader())  # type: ignore[attr-defined]
        self.batches = chain([next(batches)], batches)  # a loader begins where the run's epoch stands: now

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        if self._left:
            self.framework.append(since(self._left))
        else:
            self.logging.clear()
        self._step(batch)
        self._told = Cost(0, 0)
        self._left = clock()

    def on_train_batch_end(self, *_: Any) -> None:
        self.logging.append(self._told)

    def _step(self, expected: Batch) -> None:
        marks = [clock()]
        batch = next(self.batches)
        exposures = batch.exposures.to(expected.exposures.device)
        marks.append(clock())
        self.optimizer.zero_grad()
        with torch.autocast(exposures.device.type, torch.bfloat16, enabled=self.autocast):
            blended, _ = self.fusion.blend(exposures)
            marks.append(clock())
            loss = self.module.loss(blended, exposures)["loss"]
        blended.register_hook(
            lambda _: marks.append(clock())
        )  # on the way back, from the loss to the network
        loss.backward()
        marks.append(clock())
        self.optimizer.step()
        marks.append(clock())
        if batch.names != expected.names:
            raise SystemExit(f"Expected the patches of the run, {expected.names}. Got {batch.names}")
        read, ahead, judged, back, optimized = map(_minus, marks[1:], marks)
        spent = (read, Cost(ahead.wall + back.wall, ahead.cpu + back.cpu), judged, optimized)
        for name, cost in zip(PARTS, spent, strict=True):
            self.parts[name].append(cost)
        self.bare.append(_minus(marks[-1], marks[0]))

    def _timed(self, tell: Callable[..., None]) -> Callable[..., None]:
        @wraps(tell)
        def timed(*arguments: Any, **named: Any) -> None:
            start = clock()
            tell(*arguments, **named)
            spent = since(start)
            self._told = Cost(self._told.wall + spent.wall, self._told.cpu + spent.cpu)

        self._told = Cost(0, 0)
        return timed


def _minus(end: Cost, start: Cost) -> Cost:
    return Cost(end.wall - start.wall, end.cpu - start.cpu)


def report(twin: Twin, config: dict[str, Any]) -> None:
    for name, value in twin.module.fusion.state_dict().items():
        if not torch.equal(value, twin.fusion.state_dict()[name]):
            raise SystemExit(f"Expected the same weights in both loops. Got others in {name}")
    count = len(twin.framework)
    bare = twin.bare[:count]
    overhead = ratio(twin.framework[1:], bare[1:])
    rows = [
        [name, *(f"{100 * share:.1f}" for share in ratio(costs[1:count], bare[1:]))]
        for name, costs in {**twin.parts, "logging": twin.logging}.items()
    ]
    rows.append(["**whole step of the run**", *(f"**{100 * share:.1f}**" for share in overhead)])
    data, step = config["data"], typical(bare[1:])
    title = (
        f"Parts of a step, % of a bare PyTorch step of {step.cpu:.2f} s of the processor: medians of "
        f"{count - 1} steps, width {config['model'].get('width', '')}, {data['batch_size']} patches of "
        f"{data['patch_size']} x {data['patch_size']}, {torch.get_num_threads()} threads"
    )
    table(title, ["part", "by the clock", "of the processor"], rows)


if __name__ == "__main__":
    main()
