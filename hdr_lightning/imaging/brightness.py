"""How bright a photograph is: what sorts the exposures of a bracket from dark to bright."""

import cv2
import numpy as np

from hdr_lightning.cues import RGB_TO_GRAY


def mean_luma(pixels: np.ndarray) -> float:
    """Mean of the luma (Matlab's rgb2gray) of a photograph.

    Args:
        pixels: (H, W, 3) RGB, uint8 or uint16.

    Returns:
        In [0, 1].
    """
    means = np.array(cv2.mean(pixels)[:3])
    return float(means @ np.array(RGB_TO_GRAY) / np.iinfo(pixels.dtype).max)
