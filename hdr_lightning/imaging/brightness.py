"""How bright a photograph is: what sorts the exposures of a bracket from dark to bright."""

import numpy as np

RGB_TO_GRAY = (0.298936021293775, 0.587043074451121, 0.114020904255103)
"""Coefficients of Matlab's rgb2gray, which the official MEF-SSIM is defined on."""


def mean_luma(pixels: np.ndarray) -> float:
    """Mean of the luma (Matlab's rgb2gray) of a photograph.

    Args:
        pixels: (H, W, 3) RGB, uint8 or uint16.

    Returns:
        In [0, 1].
    """
    import cv2  # which a network can be loaded without

    means = np.array(cv2.mean(pixels)[:3])
    return float(means @ np.array(RGB_TO_GRAY) / np.iinfo(pixels.dtype).max)
