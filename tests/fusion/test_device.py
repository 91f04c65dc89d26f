"""Where fusion runs."""

import pytest
import torch
from torch import Tensor

from hdr_lightning.blending import MultiBand
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Average
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.device import device_of, fuse_on

STACK = torch.rand(1, 2, 3, 20, 30, generator=torch.Generator().manual_seed(0))


class Small(Average):
    """A fuser on a device with too little memory."""

    def forward(self, exposures: Tensor) -> Tensor:
        if exposures.device.type != "cpu":
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(exposures)


def test_names() -> None:
    assert device_of("cpu") == torch.device("cpu")
    assert device_of("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(InputError, match="Expected one of auto, cpu, cuda, mps"):
        device_of("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a CUDA device")
def test_a_device_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"that this machine has \(cpu.*\)\. Got cuda"):
        device_of("cuda")


def test_the_processor_fuses_as_ever() -> None:
    fusion = Fusion(Average(), MultiBand()).eval()
    for found, expected in zip(fuse_on(fusion, STACK, torch.device("cpu")), fusion(STACK), strict=True):
        assert torch.equal(found, expected)


def test_too_little_memory_leaves_it_to_the_processor() -> None:
    """The meta device stands for one that is there and has no memory."""
    fusion = Fusion(Small(), MultiBand()).eval()
    with pytest.warns(UserWarning, match="Expected more memory on meta"):
        fused = fuse_on(fusion, STACK, torch.device("meta"))
    torch.testing.assert_close(fused.image, Fusion(Average(), MultiBand())(STACK).image)
