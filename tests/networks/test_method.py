import subprocess
import sys

import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand, WeightedSum, weighted_sum
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Adaptive, Average
from hdr_lightning.fusion.refinement import Refined
from hdr_lightning.networks.checkpoints import RECIPE, build_fusion
from hdr_lightning.networks.method import FUSERS, Method, Refinement, resolve


def exposures():
    return torch.rand(1, 2, 3, 24, 20, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", FUSERS)
def test_every_name_fuses(name):
    fused = resolve(name)(exposures())
    assert fused.image.shape == (1, 3, 24, 20)
    assert_close(fused.weights.sum(1), torch.ones(1, 1, 24, 20))


def test_blending_is_the_methods_best_or_the_one_asked_for():
    assert isinstance(resolve("variance").blending, MultiBand)
    assert isinstance(resolve("average").blending, WeightedSum)
    assert isinstance(resolve("variance+weighted_sum").blending, WeightedSum)


def test_variant_of_a_method():
    expected = weighted_sum(exposures(), Adaptive(weight="second")(exposures()))
    assert_close(resolve("adaptive:second+weighted_sum")(exposures()).image, expected)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("varience", r"out of bandnet.*Got 'varience'; did you mean variance\?"),
        ("variance+multibrand", r"multibrand'; did you mean multiband\?"),
        ("variance+", "Expected a blending"),
        ("variance+refine:some", r"such as 30 or 30:0\.5\. Got 'some'"),
        ("variance+refine:0", r"such as 30 or 30:0\.5\. Got '0'"),
        ("variance+refine:3:-1", r"such as 30 or 30:0\.5\. Got '3:-1'"),
        ("variance+refine:3:inf", r"such as 30 or 30:0\.5\. Got '3:inf'"),
        ("variance+weighted_sum+refine:3", "Expected the blending multiband to refine"),
        ("", "Expected a method"),
        ("nowhere/best.ckpt", "nowhere/best.ckpt: Expected a checkpoint. Got no such file"),
    ],
)
def test_wrong_names_say_what_there_is(spec, message):
    with pytest.raises(InputError, match=message):
        resolve(spec)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("bandnet", Method("bandnet")),
        ("adaptive:first+weighted_sum", Method("adaptive:first", "weighted_sum")),
        ("average+multiband:ycbcr+refine:2", Method("average", "multiband:ycbcr", Refinement(2))),
        ("runs/a=1,b/best.ckpt+refine:30:0.25", Method("runs/a=1,b/best.ckpt", None, Refinement(30, 0.25))),
    ],
)
def test_what_is_printed_can_be_typed(text, method):
    assert Method.parse(text) == method
    assert str(method) == text


def test_explicit_method_names_the_blending_that_is_used():
    assert str(Method.parse("variance+refine:3").explicit()) == "variance+multiband+refine:3"
    assert Method("average", "multiband").explicit() == Method("average", "multiband")


def test_refinement_can_follow_any_multiband_method():
    images = torch.rand(1, 2, 3, 50, 60, generator=torch.Generator().manual_seed(0))
    refined = resolve("average+multiband:ycbcr+refine:2")
    assert (refined.fuser.steps, refined.fuser.pixels) == (2, 2**20)
    assert resolve("average+multiband+refine:2:0.25").fuser.pixels == 2**18
    assert refined.blending.colour == "ycbcr"
    expected = Refined(Average(), MultiBand(colour="ycbcr"), 2)(images)
    assert_close(refined.fuser(images), expected)


@pytest.mark.parametrize("folder", ["plain", "with+plus"])
def test_checkpoint_with_and_without_another_blending(tmp_path, folder):
    recipe = {
        "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.02},
        "blending": {"_target_": "hdr_lightning.blending.WeightedSum"},
    }
    trained = build_fusion(recipe).eval()
    weights = {f"fusion.{key}": value for key, value in trained.state_dict().items()}
    path = tmp_path / folder / "best.ckpt"
    path.parent.mkdir()
    torch.save({RECIPE: recipe, "state_dict": weights}, path)
    assert_close(resolve(str(path))(exposures()).image, trained(exposures()).image)
    assert isinstance(resolve(f"{path}+multiband").blending, MultiBand)
    assert Method.parse(f"{path}+multiband").checkpoint == Method.parse(str(path)).checkpoint == path
    assert Method.parse("variance+multiband").checkpoint is None


def test_network_with_fewer_levels_is_not_refined(tmp_path):
    recipe = {
        "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.02},
        "blending": {"_target_": "hdr_lightning.blending.MultiBand", "levels": 4},
    }
    weights = {f"fusion.{key}": value for key, value in build_fusion(recipe).state_dict().items()}
    torch.save({RECIPE: recipe, "state_dict": weights}, tmp_path / "best.ckpt")
    with pytest.raises(InputError, match=r"blending\.levels=null to refine weights\. Got 4"):
        resolve(f"{tmp_path / 'best.ckpt'}+refine:1")


def test_network_fuses_without_the_training_packages():
    code = (
        "import sys; from hdr_lightning.networks.method import resolve; resolve('bandnet'); "
        "print(sorted({'lightning', 'torchmetrics', 'kornia', 'wandb'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
