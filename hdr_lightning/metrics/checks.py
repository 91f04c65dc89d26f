"""What no score may be computed of, because its number would look like any other and be wrong."""

import math

from torch import Tensor

from hdr_lightning.errors import InputError

SLACK = 0.5
"""How far values may lie outside [0, 1]: blended and resized images do by less, other scales by more."""
UNCLIPPED_SLACK = 50.0
"""The same for an image that is not clipped yet: a network in training may be far off, 255 is farther."""


def check_images(
    fused: Tensor, exposures: Tensor, side: int = 1, count: int = 1, finite: bool = True
) -> None:
    """Refuse what does not belong together or is on another scale.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        exposures: (B, K, 3, H, W) in [0, 1].
        side: Least side in pixels.
        count: Least K.
        finite: Refuse what is not, which would not show in every score. Losses want to see it.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].
    """
    if exposures.ndim != 5 or exposures.shape[1] < count or exposures.shape[2] != 3:
        raise InputError(
            f"Expected exposures of shape (B, K >= {count}, 3, H, W). Got {tuple(exposures.shape)}"
        )
    if fused.shape != exposures[:, 0].shape:
        expected = tuple(exposures[:, 0].shape)
        raise InputError(f"Expected a fused image of shape {expected}. Got {tuple(fused.shape)}")
    check_image(fused, side, finite)
    check_scale("exposures", exposures, finite=finite)


def check_reference(fused: Tensor, reference: Tensor, side: int = 1, finite: bool = True) -> None:
    """As `check_images`, for an image (B, 3, H, W) to compare with."""
    if fused.shape != reference.shape:
        shapes = f"{tuple(fused.shape)} and {tuple(reference.shape)}"
        raise InputError(f"Expected a fused image and a reference of one shape. Got {shapes}")
    check_image(fused, side, finite)
    check_scale("a reference", reference, finite=finite)


def check_image(fused: Tensor, side: int = 1, finite: bool = True) -> None:
    """As `check_images`, for scores of the fused image (B, 3, H, W) alone."""
    if fused.ndim != 4 or fused.shape[1] != 3:
        raise InputError(f"Expected a fused image of shape (B, 3, H, W). Got {tuple(fused.shape)}")
    height, width = fused.shape[-2:]
    if min(height, width) < side:
        raise InputError(f"Expected sides of at least {side} pixels for this score. Got {height} x {width}")
    check_scale("a fused image", fused, finite=finite)


def check_scale(what: str, images: Tensor, slack: float = SLACK, finite: bool = False) -> None:
    """Refuse integers, and values further outside [0, 1] than the slack.

    Raises:
        InputError: It says how to bring the values to [0, 1].
    """
    if not images.is_floating_point():
        raise InputError(
            f"Expected {what} of floats in [0, 1]. Got {images.dtype}: divide 8 bits by 255, 16 bits by 65535"
        )
    if images.numel() == 0:
        raise InputError(f"Expected {what} with pixels. Got shape {tuple(images.shape)}")
    low, high = (bound.item() for bound in images.detach().aminmax())
    far = -math.inf < low < -slack or 1 + slack < high < math.inf
    if far or (finite and not (math.isfinite(low) and math.isfinite(high))):
        raise InputError(f"Expected {what} in [0, 1]. Got values from {low:.4g} to {high:.4g}")
