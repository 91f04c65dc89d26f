import base64
import io

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.pages.pictures import BYTES_PER_PIXEL, PAGE_MB, SMALLEST_SIDE, area_of_each, data_uri


def decoded(uri: str) -> np.ndarray:
    head, data = uri.split(",")
    assert head == "data:image/webp;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_picture_is_shrunk_to_its_area_and_keeps_its_shape(kind: type) -> None:
    pixels = np.full((600, 900, 3), np.iinfo(kind).max // 2, kind)
    found = decoded(data_uri(pixels, area=300 * 450))
    assert found.shape == (300, 450, 3)
    assert abs(found.mean() - 127) < 2
    assert decoded(data_uri(pixels, area=1)).shape == (SMALLEST_SIDE * 2 // 3, SMALLEST_SIDE, 3)
    assert decoded(data_uri(pixels[:30, :40], area=1e9)).shape == (30, 40, 3)  # never enlarged


def test_pictures_of_a_page_share_its_room() -> None:
    assert area_of_each(40) * 40 * BYTES_PER_PIXEL == PAGE_MB * 2**20
