"""Networks as folders, read by the mixin of huggingface_hub itself, and what becomes of an upload."""

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from huggingface_hub import ModelCard, PyTorchModelHubMixin
from torch import Tensor, nn

from hdr_lightning.commands.export import main as export
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import VGG
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import SHIPPED, build_fusion, load_fusion
from hdr_lightning.networks.method import resolve

RECIPE = {
    "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.04},
    "blending": {"_target_": "hdr_lightning.blending.WeightedSum", "colour": "ycbcr"},
}


class Foreign(nn.Module, PyTorchModelHubMixin):
    """What another program that knows the mixin would write."""

    def __init__(self, fuser: dict[str, Any], blending: dict[str, Any]) -> None:
        super().__init__()
        built = build_fusion({"fuser": fuser, "blending": blending})
        self.fuser, self.blending = built.fuser, built.blending

    def forward(self, exposures: Tensor) -> Tensor:
        blended: Tensor = self.blending(exposures, self.fuser(exposures))
        return blended.clamp(0, 1)


@pytest.fixture
def fusion() -> Fusion:
    torch.manual_seed(0)
    return build_fusion(RECIPE).eval()


@pytest.fixture
def exposures() -> Tensor:
    return torch.rand(1, 2, 3, 32, 40)


def test_folder_holds_the_network(fusion: Fusion, exposures: Tensor, tmp_path: Path) -> None:
    fusion.save_pretrained(tmp_path / "net")
    again = Fusion.from_pretrained(tmp_path / "net")
    assert not again.training and again.recipe == RECIPE
    assert torch.equal(again(exposures).image, fusion(exposures).image)
    alone = load_fusion(tmp_path / "net" / "model.safetensors")
    assert torch.equal(alone(exposures).image, fusion(exposures).image)


def test_the_mixin_reads_what_we_write(fusion: Fusion, exposures: Tensor, tmp_path: Path) -> None:
    fusion.save_pretrained(tmp_path)
    foreign = Foreign.from_pretrained(tmp_path)
    torch.testing.assert_close(foreign(exposures), fusion(exposures).image)


def test_model_card_tells_what_it_is(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save_pretrained(tmp_path, name="owner/net")
    card = ModelCard.load(tmp_path / "README.md")
    assert card.data.library_name == "hdr-lightning" and "hdr" in card.data.tags
    assert 'Fusion.from_pretrained("owner/net")' in card.text
    assert "hdr_lightning.fusers.VGG" in card.text and "109,906" not in card.text
    load_fusion(SHIPPED).save_pretrained(tmp_path)
    assert "* Static scenes" in (tmp_path / "README.md").read_text()


def test_what_has_no_recipe_is_refused(tmp_path: Path) -> None:
    by_hand = Fusion(VGG(0.04), nn.Identity())
    for fusion in (by_hand, resolve(f"{SHIPPED}+multiband"), resolve(f"{SHIPPED}+refine:1")):
        with pytest.raises(InputError, match="Expected a network built from its recipe"):
            fusion.save_pretrained(tmp_path)
    assert not list(tmp_path.iterdir())


def test_damaged_folders_are_refused(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save_pretrained(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**RECIPE, "fuser": {"_target_": "os.system"}}))
    with pytest.raises(InputError, match=r"Expected the recipe of model\.safetensors beside it"):
        Fusion.from_pretrained(tmp_path)
    config.write_text("{")
    with pytest.raises(InputError, match="Expected a recipe as JSON"):
        Fusion.from_pretrained(tmp_path)
    with pytest.raises(InputError, match="Expected a folder, or a repository on the Hub"):
        Fusion.from_pretrained("no such/folder")


def test_upload_sends_the_folder(fusion: Fusion, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}

    def upload_folder(repo_id: str, folder_path: str, token: str | None) -> str:
        sent[repo_id] = sorted(file.name for file in Path(folder_path).iterdir())
        return "https://hub/commit"

    monkeypatch.setattr(huggingface_hub, "create_repo", lambda *_, **__: None)
    monkeypatch.setattr(huggingface_hub, "upload_folder", upload_folder)
    assert fusion.push_to_hub("owner/net") == "https://hub/commit"
    assert sent == {"owner/net": ["README.md", "config.json", "model.safetensors"]}


def test_export_writes_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export([str(SHIPPED), "-o", str(tmp_path / "net")])
    assert "net: 4" in capsys.readouterr().out  # hundred kB
    Fusion.from_pretrained(tmp_path / "net")
    with pytest.raises(SystemExit, match="exists: --force overwrites it"):
        export([str(SHIPPED), "-o", str(tmp_path / "net")])
    export([str(SHIPPED), "-o", str(tmp_path / "net"), "--force"])
