import torch

from hdr_lightning.filters import Window, smooth
from hdr_lightning.fusers.windows import same_size


def test_window_shrinks_with_the_image_and_stays_odd() -> None:
    for side, expected in ((20, 11), (11, 11), (10, 9), (2, 1), (1, 1)):
        images = torch.rand(1, 1, side, 30)
        assert same_size(11, None, images) == Window(expected, None, "reflect")
        assert smooth(images, same_size(11, None, images)).shape == images.shape
