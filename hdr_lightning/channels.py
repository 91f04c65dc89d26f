"""Images (H, W, 3), channel by channel: numpy takes up to forty times as long over an axis of three."""

from collections.abc import Callable

import cv2
import numpy as np


def in_unit(image: np.ndarray) -> np.ndarray:
    """An image as floats in [0, 1]: whole numbers of 8 or 16 bits as float32, floats as they are."""
    return image if image.dtype.kind == "f" else np.asarray(image, np.float32) / np.iinfo(image.dtype).max


def by_level(image: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A function of values at every pixel of an image; of whole numbers it is asked once for a level.

    Args:
        image: (H, W, ...) as `in_unit` takes it.
        function: Of values in [0, 1], each by itself.
    """
    if image.dtype.kind == "f":
        return function(image)
    values = function(in_unit(np.arange(np.iinfo(image.dtype).max + 1).astype(image.dtype)))
    return np.asarray(cv2.LUT(image, values) if image.dtype == np.uint8 else values[image])


def interpolated(image: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """A curve of every channel at the values of an image (H, W, 3), which `in_unit` takes; float32.

    Args:
        image: (H, W, 3).
        tables: (3, N), the values of the curves at N evenly spaced places of [0, 1], linear between them.
    """
    places = np.linspace(0, 1, tables.shape[1])
    curves = [lambda values, table=table: np.asarray(np.interp(values, places, table)) for table in tables]
    planes = (by_level(plane, curve) for plane, curve in zip(cv2.split(image), curves, strict=True))
    return cv2.merge([plane.astype(np.float32) for plane in planes])


def highest(image: np.ndarray) -> np.ndarray:
    """The largest of three channels, (H, W)."""
    one, two, three = cv2.split(image)
    return np.maximum(np.maximum(one, two), three)


def mean(image: np.ndarray) -> np.ndarray:
    """The mean of three channels of float32, (H, W)."""
    one, two, three = cv2.split(image)
    return (one + two + three) / np.float32(3)
