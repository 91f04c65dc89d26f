"""Windows that keep the size of any image, however small."""

from torch import Tensor

from hdr_lightning.filters import Window


def same_size(size: int, sigma: float | None, images: Tensor) -> Window:
    """The window of `size` pixels, or the largest that images (..., H, W) hold, mirrored at the border."""
    smaller_side = min(images.shape[-2:])
    return Window(min(size, smaller_side - 1 + smaller_side % 2), sigma, "reflect")
