import json
import os
from pathlib import Path

import onnx
import onnxruntime
import pytest

from hdr_lightning import __version__
from hdr_lightning.errors import InputError
from hdr_lightning.networks import onnx as exchange
from hdr_lightning.networks.checkpoints import SHIPPED
from hdr_lightning.networks.onnx_export import save_onnx


@pytest.mark.slow
def test_metadata_tell_what_a_fuser_needs(files: dict[str, Path]) -> None:
    facts = onnxruntime.InferenceSession(files["bands"].with_suffix(".onnx")).get_modelmeta()
    held = facts.custom_metadata_map
    assert (held["hdr_lightning"], held["exposures"]) == (__version__, "3")
    assert "sRGB" in held["input"] and "dark to bright" in held["input"]
    assert json.loads(held["fusion"])["blending"] == {
        "_target_": "hdr_lightning.blending.MultiBand",
        "colour": "ycbcr",
    }


@pytest.mark.slow
def test_file_is_whole_and_tells_nothing_of_this_machine(files: dict[str, Path]) -> None:
    content = files["whole"].with_suffix(".onnx").read_bytes()
    assert os.path.dirname(exchange.__file__).encode() not in content
    model = onnx.load_model_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert not any(part.external_data for part in model.graph.initializer)
    names = {dim.dim_param for dim in model.graph.input[0].type.tensor_type.shape.dim}
    assert names == {"", "batch", "height", "width"}


@pytest.mark.slow
def test_what_cannot_be_exported_says_what_can(files: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--exposures: Expected none for BandNet.*Got 3"):
        save_onnx(SHIPPED, tmp_path / "net.onnx", exposures=3)
    with pytest.raises(InputError, match=r"Expected 3 exposures.*Got 2"):
        save_onnx(files["bands"], tmp_path / "net.onnx", exposures=2)
    for count in (1, 0, -3):
        with pytest.raises(InputError, match=f"--exposures: Expected at least 2. Got {count}"):
            save_onnx(files["whole"], tmp_path / "net.onnx", exposures=count)
    with pytest.raises(InputError, match=r"whole\.onnx: Expected a checkpoint"):
        save_onnx(tmp_path / "whole.onnx", tmp_path / "net.onnx")
    with pytest.raises(InputError, match=r"Sum\.onnx: Expected a checkpoint"):
        save_onnx(files["whole"].with_suffix(".onnx"), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
