"""Names where one looks for them."""

import pydoc
import subprocess
import sys
from importlib import import_module
from importlib.resources import files
from inspect import isclass, isfunction

import pytest

import hdr_lightning
from hdr_lightning import metrics
from hdr_lightning.metrics.per_scene import PerSceneMetric


@pytest.mark.parametrize(
    "module", ["hdr_lightning", *(f"hdr_lightning.{room}" for room in ("data", "training"))]
)
def test_every_public_name_is_there_and_shown(module: str) -> None:
    found = import_module(module)
    shown = pydoc.render_doc(found, renderer=pydoc.plaintext)
    for name in found.__all__:
        assert getattr(found, name) is not None
        assert name in dir(found)
        assert name in shown
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = found.nonsense


def test_what_people_write_works() -> None:
    from hdr_lightning import blending, cues, fuse, gammas, load_fusion, losses
    from hdr_lightning.data import SceneDataModule
    from hdr_lightning.training import FusionModule

    assert isfunction(fuse) and isfunction(load_fusion)
    assert isclass(SceneDataModule) and isclass(FusionModule)
    assert isclass(losses.WeightedSSIMLoss) and isclass(gammas.CueGamma)
    assert isfunction(cues.local_variance) and isfunction(blending.multiband)


def test_every_metric_is_a_function_and_a_class() -> None:
    for name, info in metrics.METRICS.items():
        function = getattr(metrics, name)
        assert isfunction(function)
        assert info.function in (function, getattr(info.function, "__wrapped__", None)) or (
            info.function.__wrapped__ is function
        )
    classes = [
        found for found in vars(metrics).values() if isclass(found) and issubclass(found, PerSceneMetric)
    ]
    made = [kind() for kind in classes if kind is not metrics.SceneScore]
    assert {getattr(metric, "name", type(metric).__name__) for metric in made} == (
        set(metrics.METRICS) - {"mef_ssim", "mef_ssim_d"} | {"MEFSSIM", "MEFSSIMd"}
    )


def test_types_are_for_users_too() -> None:
    assert files(hdr_lightning).joinpath("py.typed").is_file()


def test_looking_around_imports_nothing_heavy() -> None:
    look = "import sys, hdr_lightning, hdr_lightning.data, hdr_lightning.training; dir(hdr_lightning); "
    look += "sys.exit(', '.join({'torch', 'lightning', 'numpy'} & sys.modules.keys()) or 0)"
    subprocess.run([sys.executable, "-c", look], check=True)
