import os
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from hdr_lightning.evaluation.fingerprints import of_files, of_function, of_module
from hdr_lightning.fusers import VGG, Adaptive, Average, Mertens
from hdr_lightning.metrics.registry import METRICS
from hdr_lightning.networks.method import resolve


def test_settings_and_weights_of_a_module_count() -> None:
    torch.manual_seed(0)
    network = VGG(width=0.07)
    modules: list[nn.Module] = [
        *(Average(), Mertens(), Mertens(exposedness=0.5), Adaptive(), Adaptive(weight="first")),
        *(network, VGG(width=0.07), VGG(width=0.07, upsampling="nearest")),
    ]
    assert len({of_module(module) for module in modules}) == len(modules)
    again = VGG(width=0.07)
    again.load_state_dict(network.state_dict())
    assert of_module(again) == of_module(network)
    next(again.parameters()).data[0] += 1e-6
    assert of_module(again) != of_module(network)


def test_any_kind_of_setting_counts() -> None:
    def holding(setting: object) -> nn.Module:
        module = nn.Identity()
        module.setting = setting  # type: ignore[assignment]
        return module

    kinds = [
        *(1, 1.5, "1", None, [1], {"a": 1}, {1, 2}, torch.ones(2), torch.ones(2, dtype=torch.bfloat16)),
        *(torch.zeros(()), partial(max, 1), partial(max, 2), max, min, object()),
        *(Path("a"), Path("b"), torch.float32, torch.float64, b"a", b"b", np.float32(1), np.float32(2)),
    ]
    assert len({of_module(holding(kind)) for kind in kinds}) == len(kinds)
    assert of_module(holding(object())) == of_module(holding(object()))


def test_what_an_object_holds_counts() -> None:
    one, other, again = (resolve(f"average+deghost:{sensitivity}") for sensitivity in (0.3, 0.9, 0.3))
    assert of_module(one) != of_module(other)
    assert of_module(one) == of_module(again)
    one.deghost.itself = one.deghost  # type: ignore[union-attr]
    assert of_module(one) != of_module(again)
    one.deghost = again.deghost = SimpleNamespace(opened=1)  # type: ignore[assignment]
    before = of_module(one)
    one.deghost.opened = 2  # of another package: it may be a time
    assert of_module(one) == before


def test_every_metric_has_a_hash_of_its_own() -> None:
    hashes = {of_function(info.function) for info in METRICS.values()}
    assert len(hashes) == len(METRICS)


def test_files_count_by_their_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"a")
    other.write_bytes(b"b")
    assert of_files([one, other]) != of_files([other, one])
    before = of_files([one])
    os.utime(one, (1, 1))
    assert of_files([one.rename(tmp_path / "3")]) == before
