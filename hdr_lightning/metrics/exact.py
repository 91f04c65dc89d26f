"""Window means in float64, for scores whose definition cancels too much for float32."""

from torch import Tensor

from hdr_lightning.filters import Window


def smooth64(images: Tensor, window: Window) -> Tensor:
    """The mean of every whole window, by adding shifted images: in float64 seven times faster than a conv.

    Args:
        images: (..., H, W), float64.
        window: Its taps are used; positions where it leaves the image are left out.

    Returns:
        (..., H - size + 1, W - size + 1).
    """
    taps = window.taps()
    for dim in (-1, -2):
        size = images.shape[dim] - window.size + 1
        total = images.narrow(dim, 0, size) * taps[0]
        for offset, tap in enumerate(taps[1:], start=1):
            total.add_(images.narrow(dim, offset, size), alpha=tap)
        images = total
    return images
