import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning import fuse
from hdr_lightning.errors import InputError

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
