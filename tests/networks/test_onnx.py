"""Networks as ONNX files, run by onnxruntime itself and by hdr-fuse in a process without Lightning."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.fusion.tiling import fuse_in_tiles
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.networks.checkpoints import load_fusion
from hdr_lightning.networks.method import Method, resolve
from hdr_lightning.networks.onnx import load_onnx
from hdr_lightning.networks.onnx_export import save_onnx

SIZES = [(64, 96), (45, 61), (131, 38)]


def exposures(count: int, height: int, width: int) -> Tensor:
    return torch.rand(1, count, 3, height, width, generator=torch.Generator().manual_seed(height))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["whole", "bands"])
def test_onnxruntime_computes_what_pytorch_does(
    files: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    session = onnxruntime.InferenceSession(files[name].with_suffix(".onnx"))
    count = 2 if name == "whole" else 3
    images = torch.cat([exposures(count, *size), exposures(count, *size).flip(3)])
    with torch.inference_mode():
        expected = load_fusion(files[name])(images)
    found = session.run(None, {"exposures": images.numpy()})
    assert expected.weights.std() > 0.05
    assert_close(torch.from_numpy(found[0]), expected.weights, atol=1e-4, rtol=0)
    if name == "whole":
        assert_close(torch.from_numpy(found[1]), expected.image, atol=1e-4, rtol=0)
    assert len(found) == (2 if name == "whole" else 1)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["whole", "bands"])
@torch.inference_mode()
def test_fusion_of_the_file_is_that_of_the_checkpoint(
    files: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    images = exposures(2 if name == "whole" else 3, *size)
    fusion = resolve(str(files[name].with_suffix(".onnx")))
    for part, expected in zip(fusion(images), load_fusion(files[name])(images), strict=True):
        assert_close(part, expected, atol=1e-4, rtol=0)
    assert Method.parse(str(files[name].with_suffix(".onnx")) + "+multiband").checkpoint is not None


@pytest.mark.slow
@torch.inference_mode()
def test_large_photographs_go_through_in_tiles(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    fusion = load_onnx(files["whole"].with_suffix(".onnx"))
    assert fusion.fuser.reach == load_fusion(files["whole"]).fuser.reach
    images = exposures(2, 301, 275)
    whole = fusion(images)
    seen = []
    run = fusion.fuser.forward
    monkeypatch.setattr(fusion.fuser, "forward", lambda part: seen.append(part.shape[-2:]) or run(part))
    for part, expected in zip(fuse_in_tiles(fusion, images, tile=64), whole, strict=True):
        assert_close(part, expected, atol=1e-4, rtol=0)
    assert len(seen) == 25 and max(max(size) for size in seen) <= 64 + 2 * fusion.fuser.reach.margin


@pytest.mark.slow
def test_hdr_fuse_takes_the_file_without_lightning(files: dict[str, Path], tmp_path: Path) -> None:
    from PIL import Image

    for number, image in enumerate(exposures(2, 45, 61)[0], start=1):
        pixels = (255 * image).byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    pair = [str(tmp_path / "1.png"), str(tmp_path / "2.png")]
    onnx_file = str(files["whole"].with_suffix(".onnx"))
    code = (
        "import sys; from hdr_lightning.commands.fuse import main; main(sys.argv[1:]); "
        "sys.exit(', '.join({'lightning', 'torchmetrics', 'wandb', 'onnxscript'} & sys.modules.keys()) or 0)"
    )
    words = [
        *pair,
        "-o",
        str(tmp_path / "fused.png"),
        "--checkpoint",
        onnx_file,
        "--align",
        "never",
        "--group",
        "off",
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"2 exposures, {onnx_file}" in done.stdout
    stack = torch.stack([to_float(read_image(Path(file))) for file in pair])[None]
    mean = [float(image.mean()) for image in stack[0]]
    with torch.inference_mode():
        expected = load_fusion(files["whole"])(stack if mean[0] <= mean[1] else stack.flip(1)).image[0]
    found = to_float(read_image(tmp_path / "fused.png"))
    assert_close(found, expected, atol=1 / 255, rtol=0)


@pytest.mark.slow
def test_another_number_of_exposures_and_tiny_images_are_told(files: dict[str, Path]) -> None:
    fuser = load_onnx(files["whole"].with_suffix(".onnx")).fuser
    with pytest.raises(InputError, match=r"Expected 2 exposures.*Got 3: hdr-export --exposures 3"):
        fuser(exposures(3, 20, 20))
    with pytest.raises(InputError, match=r"at least 8 x 8 .*Got 30 x 7"):
        fuser(exposures(2, 7, 30))


@pytest.mark.slow
def test_missing_extra_is_named(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    load_onnx(files["whole"].with_suffix(".onnx"))  # which fuses, and exports nothing
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    for use in (
        lambda: save_onnx(files["whole"], tmp_path / "net.onnx"),
        lambda: load_onnx(files["whole"].with_suffix(".onnx")),
    ):
        with pytest.raises(InputError, match=r"the extra onnx: pip install 'hdr-lightning\[onnx\]'"):
            use()


def _without_metadata(model: onnx.ModelProto) -> None:
    del model.metadata_props[:]


def _put_elsewhere(weight: onnx.TensorProto) -> None:
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", "4")):
        weight.external_data.add(key=key, value=value)


def _with_weights_elsewhere(model: onnx.ModelProto) -> None:
    _put_elsewhere(model.graph.initializer[0])


def _with_a_constant_elsewhere(model: onnx.ModelProto) -> None:
    held = onnx.helper.make_tensor("c", onnx.TensorProto.FLOAT, [1], [0.0])
    _put_elsewhere(held)
    model.graph.node.append(onnx.helper.make_node("Constant", [], ["c"], value=held))


def _with_a_graph_inside(model: onnx.ModelProto) -> None:
    inner = onnx.helper.make_graph([], "inner", [], [])
    model.graph.node.append(onnx.helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner))


def _with(key: str, value: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        facts = {entry.key: entry.value for entry in model.metadata_props} | {key: value}
        onnx.helper.set_model_props(model, facts)

    return change


def _with_another_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = "x"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_without_metadata, "no file of hdr-export"),
        (_with_weights_elsewhere, "refers to other files"),
        (_with_a_constant_elsewhere, "refers to other files"),
        (_with_a_graph_inside, "parts that hdr-export does not write"),
        (_with("exposures", "two"), "invalid literal"),
        (_with("grid", "0"), "grid=0"),
        (_with("fusion", "{"), "property name"),
        (_with("fusion", '{"blending": {"_target_": "os.system", "command": "touch harmed"}}'), "network"),
        (_with("fusion", "{}"), "blending"),
        (_with_another_input, "Invalid"),
    ],
)
def test_a_strangers_file_is_named(
    files: dict[str, Path], tmp_path: Path, change: Callable, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(b"1234")
    (tmp_path / "in").mkdir()
    model = onnx.load(files["whole"].with_suffix(".onnx"))
    change(model)
    Path("in/net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=rf"in/net\.onnx: Expected an ONNX file .*{reason}") as error:
        load_onnx(Path("in/net.onnx"))
    assert "\n" not in str(error.value)
    assert not Path("harmed").exists()


@pytest.mark.parametrize("content", [b"", b"hello", np.random.default_rng(0).bytes(1000)], ids=len)
def test_what_is_no_onnx_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(InputError, match=r"net\.onnx: Expected an ONNX file .*damaged or foreign"):
        load_onnx(tmp_path / "net.onnx")
    with pytest.raises(InputError, match=r"no\.onnx: Expected an ONNX file\. Got no such file"):
        load_onnx(tmp_path / "no.onnx")
