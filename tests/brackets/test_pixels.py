import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from hdr_lightning import fuse
from hdr_lightning.commands.fuse import main
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles

PAIR = [np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8) for seed in (0, 1)]


def test_every_kind_of_image_gives_the_same_picture() -> None:
    wanted = fuse(PAIR, "variance", align="never")
    tensors = [torch.from_numpy(np.moveaxis(image, -1, 0).copy()) for image in PAIR]
    for images in (tensors, [Image.fromarray(image) for image in PAIR], [PAIR[0], tensors[1]]):
        np.testing.assert_array_equal(fuse(images, "variance", align="never"), wanted)
    deep = fuse([image.astype(np.uint16) * 257 for image in PAIR], "variance", align="never")
    floats = [image.astype(np.float32) / 255 for image in PAIR]
    for images in (
        floats,
        [tensor.double() / 255 for tensor in tensors],
        [floats[0], PAIR[1].astype(np.uint16) * 257],
    ):
        np.testing.assert_array_equal(fuse(images, "variance", align="never"), deep)


def test_files_in_other_colours_come_as_srgb(tmp_path: Path) -> None:
    """As Pillow's LittleCMS brings them there."""
    wide = profiles.by_number(12)
    files = [tmp_path / f"{place}.png" for place in range(2)]
    for image, file in zip(PAIR, files, strict=True):
        Image.fromarray(image).save(file, icc_profile=wide)
    plain = ImageCms.createProfile("sRGB")
    wanted = [
        np.asarray(ImageCms.profileToProfile(Image.open(file), io.BytesIO(wide), plain, ImageCms.Intent(1)))
        for file in files
    ]
    expected = fuse(wanted, "average", align="never", deghost="off").astype(int)
    for images in (files, [files[0], wanted[1]]):
        assert np.abs(fuse(images, "average", align="never", deghost="off").astype(int) - expected).max() <= 2
    assert np.abs(fuse(PAIR, "average", align="never", deghost="off").astype(int) - expected).max() > 10


def test_short_floats_are_floats() -> None:
    tensors = [torch.full((3, 20, 30), level, dtype=torch.bfloat16) for level in (0.25, 0.75)]
    assert fuse(tensors, "average", align="never")[0, 0, 0] == round(0.5 * 65535)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pillow_images_of_unknown_range_are_refused(mode: str) -> None:
    images = [Image.new(mode, (30, 20), level) for level in (1, 2)]
    with pytest.raises(InputError, match=f"Got image 1 of mode {mode}"):
        fuse(images, "average", align="never")


def test_transparency_of_arrays_is_that_of_files(tmp_path: Path) -> None:
    """The command reads files, and what it writes is compared with what Python gives for arrays."""
    alphas = np.full((2, 48, 64), 255, np.uint8)
    alphas[:, :20, :30], alphas[1, 40:] = 0, 0
    clear = [np.dstack([image, alpha]) for image, alpha in zip(PAIR, alphas, strict=True)]
    files = [tmp_path / f"{place}.png" for place in range(2)]
    for image, file in zip(clear, files, strict=True):
        Image.fromarray(image).save(file)
    for words, options in (([], {}), (["--wrap"], {"wrap": True})):
        command = ["--method", "variance", "--align", "never", "--group", "off", "--force", *words]
        main([*map(str, files), "-o", str(tmp_path / "out.png"), *command])
        wanted = np.asarray(Image.open(tmp_path / "out.png"))
        assert wanted.shape == (48, 64, 4) and wanted[..., 3].min() == 0
        hidden = [np.where(image[..., 3:] > 0, image, [7, 99, 0, 0]).astype(np.uint8) for image in clear]
        tensors = [torch.from_numpy(np.moveaxis(image, -1, 0).copy()) for image in clear]
        pictures = [Image.fromarray(image) for image in clear]
        for images in (files, clear, hidden, tensors, pictures, [files[0], clear[1]]):
            found = fuse(images, "variance", align="never", **options)
            np.testing.assert_array_equal(found[..., 3], wanted[..., 3])
            opaque = wanted[..., 3] > 0
            np.testing.assert_array_equal(found[opaque], wanted[opaque])


def test_opaque_arrays_give_rgb() -> None:
    opaque = [np.dstack([image, np.full((48, 64), 255, np.uint8)]) for image in PAIR]
    wanted = fuse(PAIR, "variance", align="never")
    np.testing.assert_array_equal(fuse(opaque, "variance", align="never"), wanted)
    half = [np.dstack([PAIR[0], np.zeros((48, 64), np.uint8)]), opaque[1]]
    np.testing.assert_array_equal(fuse(half, "average+weighted_sum", align="never"), PAIR[1])


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (PAIR[0].astype(np.float32), "floats in \\[0, 1\\]. Got image 2 with values from 0 to 255"),
        (PAIR[0] / 255 * np.nan, "finite values"),
        (PAIR[0].astype(np.int32), "Got image 2 with shape"),
        (torch.rand(1, 3, 48, 64), "Got image 2 with shape"),
        (PAIR[0][..., 0], "Got image 2 with shape"),
    ],
)
def test_other_images_are_named(image: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fuse([PAIR[1], image], "variance", align="never")
