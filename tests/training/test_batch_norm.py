from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from hdr_lightning.training.batch_norm import BatchNormOverRanks, SyncBatchNorm


@pytest.fixture
def one_rank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("one_rank")
@pytest.mark.parametrize("momentum", [0.1, None])
def test_one_rank_normalises_as_torch_does(momentum: float | None) -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, momentum=momentum), nn.ReLU())
    other = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, momentum=momentum), nn.ReLU())
    other.load_state_dict(plain.state_dict())
    SyncBatchNorm().apply(other)
    assert type(other[1]) is BatchNormOverRanks
    for _ in range(2):
        images = torch.rand(5, 3, 6, 7)
        for network in (plain, other):
            network.zero_grad()
            network(images).square().sum().backward()
        torch.testing.assert_close(other(images), plain(images))
    for mine, expected in zip(other.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, expected.grad, atol=1e-3, rtol=1e-3)
    for mine, expected in zip(other.buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(mine, expected)
    SyncBatchNorm().revert(other)
    assert type(other[1]) is nn.BatchNorm2d
    torch.testing.assert_close(other.eval()(images), plain.eval()(images))
