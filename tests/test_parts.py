"""Parts that a package brings: one file of each kind, named by an entry point or by its dotted path."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from hdr_lightning.brackets.preparing import print_methods
from hdr_lightning.config import CONF, schema
from hdr_lightning.config.building import build
from hdr_lightning.config.installed import installed_choices, names_of
from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma
from hdr_lightning.metrics.registry import METRICS, SceneScore
from hdr_lightning.networks.checkpoints import build_fusion
from hdr_lightning.networks.method import resolve
from hdr_lightning.scenes import find_scenes

Install = Callable[[str, str, str, str], None]


def composed(*words: str) -> dict[str, Any]:
    """The configuration with the choices of the packages that are installed now."""
    store = ConfigStore.instance()
    for group, name, node in installed_choices():
        store.store(group=group, name=name, node=OmegaConf.create(node, flags=schema.OPEN))
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return schema.plain(compose("train", list(words)))


CUE = """
from hdr_lightning.filters import smooth

def bright(gray, window):
    return smooth(gray, window)
"""


def test_cue(install: Install) -> None:
    install("cue_package", CUE, "cues", "bright = cue_package:bright")
    gamma = build(composed("loss.gamma=bright")["loss"]["gamma"], "loss.gamma")
    exposures = torch.stack([torch.full((3, 20, 20), 0.1), torch.full((3, 20, 20), 0.3)])[None]
    expected = torch.tensor([0.25, 0.75]).view(1, 2, 1, 1, 1).expand(-1, -1, -1, 10, 10)
    torch.testing.assert_close(gamma(exposures, Window(11)), expected)
    torch.testing.assert_close(CueGamma(["cue_package.bright"])(exposures, Window(11)), expected)


NETWORK = """
import torch
from hdr_lightning.fusers import Fuser

class Net(Fuser):
    blending = "weighted_sum"

    def __init__(self, first: float = 0.5):
        super().__init__()
        self.first = torch.nn.Parameter(torch.tensor(first))

    def forward(self, exposures):
        one = self.first * torch.ones_like(exposures[:, :1, :1])
        return torch.cat([one, 1 - one], dim=1)
"""


def test_network(install: Install) -> None:
    install("net_package", NETWORK, "networks", "net = net_package:Net")
    for words in (["model=net"], ["model=[]", "model._target_=net_package.Net"]):
        config = composed(*words, "model.first=0.25")
        assert config["model"] == {"_target_": "net_package.Net", "first": 0.25}  # and nothing of VGG
        fusion = build_fusion({"fuser": config["model"], "blending": config["blending"]})
        exposures = torch.stack([torch.zeros(3, 4, 4), torch.ones(3, 4, 4)])[None]
        assert fusion(exposures).image.mean().item() == pytest.approx(0.75)
    with pytest.raises(InputError, match=r"model\.frist: .*did you mean first\?"):
        composed("model=net", "model.frist=1")


def test_network_has_to_be_a_fuser(install: Install) -> None:
    source = "import torch\n\nclass Net(torch.nn.Module):\n    pass\n"
    install("plain_package", source, "networks", "plain = plain_package:Net")
    with pytest.raises(InputError, match=r"hdr_lightning\.fusers\.Fuser\. Got plain_package\.Net"):
        build_fusion({"fuser": {"_target_": "plain_package.Net"}, "blending": {}})


def test_loss(install: Install) -> None:
    source = "import torch\n\nclass Loss(torch.nn.Module):\n    def forward(self, fused, exposures):\n"
    install(
        "loss_package",
        source + "        return {'loss': fused.mean()}\n",
        "losses",
        "own = loss_package:Loss",
    )
    config = composed("loss=own")
    assert config["loss"] == {"_target_": "loss_package.Loss"}
    assert build(config["loss"], "loss")(torch.ones(1, 3, 2, 2), None)["loss"] == 1


def test_layout(install: Install, tmp_path: Path, brackets: Path) -> None:
    source = "from hdr_lightning.scenes import folder\n\ndef find(root):\n    return folder.find(root)[:2]\n"
    install("layout_package", source, "layouts", "two = layout_package:find")
    assert composed("data=two", f"data.root={brackets}")["data"]["sources"][0]["layout"] == "two"
    for name in ("two", "layout_package.find"):
        assert [scene.name for scene in find_scenes(name, brackets)] == ["scene_0", "scene_1"]
    with pytest.raises(InputError, match=r"data\.layout: .*mefb, two\. Got 'tow'; did you mean two\?"):
        find_scenes("tow", brackets)


def test_metric(install: Install) -> None:
    source = (
        "from hdr_lightning.metrics.registry import ScoreInfo\n"
        "ZERO = ScoreInfo('Zero', lambda fused, exposures: fused.flatten(1).mean(1), 'higher', 'Nothing.')\n"
    )
    install("metric_package", source, "metrics", "zero = metric_package:ZERO")
    assert list(METRICS)[-1] == "zero"
    metric = SceneScore("zero")
    metric.update(torch.full((1, 3, 8, 8), 0.5), torch.zeros(1, 2, 3, 8, 8), ["a"])
    assert metric.compute().item() == 0.5


def test_blending_and_method(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    blending = "import torch\n\nclass First(torch.nn.Module):\n    def forward(self, exposures, weights):\n"
    install(
        "blend_package",
        blending + "        return exposures[:, 0]\n",
        "blendings",
        "first = blend_package:First",
    )
    fuser = NETWORK.replace('"weighted_sum"', '"first"').replace(
        "class Net(Fuser):", "class Net(Fuser):\n    '''Halves.'''"
    )
    install("fuser_package", fuser, "fusers", "halves = fuser_package:Net")
    assert composed("blending=first")["blending"] == {"_target_": "blend_package.First"}
    exposures = torch.rand(1, 2, 3, 8, 8)
    for name in ("halves", "mertens+first", "fuser_package.Net"):
        torch.testing.assert_close(resolve(name)(exposures).image, exposures[:, 0])
    print_methods()
    shown = capsys.readouterr().out
    assert "halves           Halves. Blending: first." in shown and "or first" in shown
    assert names_of("fusers") == ", halves"


def test_package_that_cannot_be_imported_hides_nothing(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("broken_package", "import nothing_of_this_name\n", "fusers", "broken = broken_package:Net")
    print_methods()
    shown = capsys.readouterr().out
    assert "mertens" in shown
    assert "cannot be used: broken: Expected a part of broken_package that can be imported." in shown
    with pytest.raises(InputError, match="nothing_of_this_name"):
        resolve("broken")


def test_experiment_in_a_folder_of_ones_own_names_a_target(install: Install, tmp_path: Path) -> None:
    install("yaml_package", NETWORK, "fusers", "yaml_net = yaml_package:Net")
    file = tmp_path / "conf" / "experiment" / "mine.yaml"
    file.parent.mkdir(parents=True)
    model = "model:\n  _target_: yaml_package.Net\n  first: 0.25\n"
    file.write_text(f"# @package _global_\ndefaults:\n  - override /model: []\n\n{model}")
    config = composed(f"hydra.searchpath=[file://{tmp_path / 'conf'}]", "experiment=mine")
    assert config["model"] == {"_target_": "yaml_package.Net", "first": 0.25}
