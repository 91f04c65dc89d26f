import torch

from hdr_lightning import fusers
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.networks.method import Method


def test_who_says_nothing_is_weighed_at_once_and_takes_any_number() -> None:
    fuser = Fuser()
    assert (fuser.blending, fuser.exposures, fuser.reach) == ("multiband", None, None)


def test_every_fuser_keeps_the_contract() -> None:
    exposures = torch.rand(1, 2, 3, 40, 48, generator=torch.Generator().manual_seed(0))
    for kind in (getattr(fusers, name) for name in fusers.__all__):
        if not (isinstance(kind, type) and issubclass(kind, Fuser)) or kind is Fuser:
            continue
        fuser = kind().eval()
        assert Method.parse(f"average+{fuser.blending}").blending
        if fuser.reach is not None:
            assert fuser.reach.margin % fuser.reach.grid == 0
        found = fuser(exposures)
        weights = found[-1] if isinstance(found, list) else found
        torch.testing.assert_close(weights.sum(1), torch.ones_like(weights[:, 0]))
