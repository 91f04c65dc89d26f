"""Pictures inside a page, together small enough for it."""

import base64
import io
import math

import cv2
import numpy as np
from PIL import Image

PAGE_MB = 24
"""About how large the pictures may make the page; the more there are, the smaller each."""
BYTES_PER_PIXEL = 0.2
"""Of a photograph as WebP in base64, at QUALITY."""
QUALITY = 82
LARGEST_SIDE, SMALLEST_SIDE = 1280, 240


def area_of_each(count: int) -> float:
    """Pixels that each of so many pictures may have."""
    return PAGE_MB * 2**20 / BYTES_PER_PIXEL / max(count, 1)


def data_uri(pixels: np.ndarray, area: float) -> str:
    """(H, W, 3) of 8 or 16 bits as WebP of about `area` pixels or fewer, as text for an image's address."""
    height, width = pixels.shape[:2]
    scale = min(1.0, math.sqrt(area / (height * width)), LARGEST_SIDE / max(height, width))
    scale = max(scale, min(1.0, SMALLEST_SIDE / max(height, width)))
    if pixels.dtype == np.uint16:
        pixels = (pixels // 257).astype(np.uint8)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=QUALITY, method=1)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
