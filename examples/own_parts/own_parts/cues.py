"""A cue: `loss.gamma=laplacian`, or `loss.gamma.cues=[laplacian,wellexp]` for a hybrid."""

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.filters import Window, smooth


def laplacian(gray: Tensor, window: Window) -> Tensor:
    """How much pixels differ from their four neighbours, averaged under the window.

    Args:
        gray: (B, K, 1, H, W) in [0, 1].
        window: That of the SSIM map that gamma weighs.

    Returns:
        (B, K, 1, H', W'), 0 or more, of the size that `smooth` gives.
    """
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype=gray.dtype, device=gray.device)
    framed = F.pad(gray.flatten(0, 1), (1, 1, 1, 1), mode="replicate")
    return smooth(F.conv2d(framed, kernel[None, None]).abs().view_as(gray), window)
