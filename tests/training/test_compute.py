"""Switches that change how a network is computed: the same results, weights and checkpoints."""

from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.testing import CompileCounterWithBackend
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.fusers import VGG, BandNet
from hdr_lightning.networks.checkpoints import load_fusion
from hdr_lightning.training.assembly import build_module
from hdr_lightning.training.compute import configure
from hdr_lightning.training.experiment import run

OFF = {"channels_last": False, "compile": False, "gradient_checkpointing": False}
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "vgg": lambda: VGG(width=1 / 16),
    "bandnet": lambda: BandNet(features=4, codes=4),
}


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> CompileCounterWithBackend:
    """Captures the network as torch.compile does, without the translation to C++, which takes a minute."""
    counter = CompileCounterWithBackend("eager")
    monkeypatch.setattr(nn.Module, "compile", partialmethod(nn.Module.compile, backend=counter))
    return counter


def built(name: str, **switches: bool) -> nn.Module:
    torch.manual_seed(0)
    network = NETWORKS[name]()
    if name == "bandnet":  # else all gains are 1, and the convolutions get no gradient
        nn.init.normal_(network.head[1].weight, std=0.1)
    configure(network, **{**OFF, **switches})
    return network.double().train()  # rounding grows over twenty layers of batch normalisation


def trained(network: nn.Module) -> dict[str, Tensor]:
    """Output, gradients and buffers of a step in training mode."""
    images = torch.rand(2, 2, 3, 33, 40, generator=torch.Generator().manual_seed(1), dtype=torch.double)
    weights = network(images)
    maps = [weights] if isinstance(weights, Tensor) else weights
    sum((part[:, 0] ** 2).mean() for part in maps).backward()
    gradients = {name: parameter.grad for name, parameter in network.named_parameters()}
    return {"weights": maps[0].detach(), **gradients, **dict(network.named_buffers())}


def test_compiler_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match=r"compute\.compile=true: .*compiler"):
        built("vgg", compile=True)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    "switch", ["channels_last", "gradient_checkpointing", pytest.param("compile", marks=pytest.mark.slow)]
)
def test_switch_changes_no_result(name: str, switch: str, compiler: CompileCounterWithBackend) -> None:
    expected = trained(built(name))
    network = built(name, **{switch: True})
    found = trained(network)
    assert network.state_dict().keys() == built(name).state_dict().keys()
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert_close(found[key], value, rtol=1e-4, atol=1e-9, msg=lambda text, key=key: f"{key}: {text}")
    assert compiler.frame_count == (switch == "compile")


@pytest.mark.parametrize("on", [False, True])
def test_gradient_checkpointing_computes_blocks_twice(on: bool) -> None:
    network, calls = built("vgg", gradient_checkpointing=on), []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    trained(network)
    assert len(calls) == (41 if on else 21)  # the head is no block
    calls.clear()
    with torch.no_grad():
        network(torch.rand(1, 2, 3, 16, 16, dtype=torch.double))
    assert len(calls) == 21


def test_compiled_blocks_are_checkpointed_too() -> None:
    def trained_blocks(**switches: bool) -> list[Tensor]:
        torch.manual_seed(0)
        layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
        network = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Sequential(*layers))
        configure(network, **{**OFF, **switches})
        loss = torch.compile(network, backend="aot_eager")(torch.ones(2, 3, 9, 9).cumsum(3)).square().sum()
        loss.backward()
        return [loss.detach(), *(parameter.grad for parameter in network.parameters()), *network.buffers()]

    assert_close(trained_blocks(gradient_checkpointing=True), trained_blocks())


@pytest.mark.parametrize("on", [False, True])
def test_channels_last_is_the_layout_of_weights_and_feature_maps(on: bool) -> None:
    network, layouts = built("vgg", channels_last=on), []
    for block in network.encoder:
        block.register_forward_hook(lambda *seen: layouts.append(seen[2].stride(1) == 1))
    network(torch.rand(1, 2, 3, 16, 16, dtype=torch.double))
    assert layouts == [on] * 4
    assert network.encoder[1][0].weight.is_contiguous(
        memory_format=torch.channels_last if on else torch.contiguous_format
    )


@pytest.mark.slow
def test_run_with_switches_is_continued_and_read_without(
    config: Callable[..., dict[str, Any]], compiler: CompileCounterWithBackend, tmp_path: Path
) -> None:
    switches = ["compute.compile=true", "compute.channels_last=false"]
    run(config(*switches, "trainer.max_epochs=1", "trainer.precision=bf16-mixed"), tmp_path / "run")
    assert compiler.frame_count == 1  # whole scenes, which are no two of a size, are not compiled
    plain = build_module(config()).fusion
    fusion = load_fusion(tmp_path / "run" / "checkpoints" / "best.ckpt")
    assert fusion.state_dict().keys() == plain.state_dict().keys()
    run(config("trainer.max_epochs=2", "resume=true"), tmp_path / "run")
    last = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert last["epoch"] == 1
