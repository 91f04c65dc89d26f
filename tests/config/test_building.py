from typing import Any

import pytest
import torch

from hdr_lightning.config.building import build
from hdr_lightning.errors import InputError


def test_target_gets_its_arguments() -> None:
    made = build({"_target_": "torch.nn.Linear", "in_features": 2, "bias": False}, "model", out_features=3)
    assert isinstance(made, torch.nn.Linear) and made.weight.shape == (3, 2)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"_target_": "torch.nn.Nothing"}, r"model: Expected settings that torch\.nn\.Nothing accepts"),
        ({"_target_": "torch.nn.Linear"}, r"model: Expected settings that torch\.nn\.Linear accepts"),
        (
            {"_target_": "hdr_lightning.fusers.BandNet", "layers": 1},
            "^model: Expected features, .* Got",
        ),
    ],
)
def test_what_a_target_refuses_is_told_under_its_key(part: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(part, "model")
