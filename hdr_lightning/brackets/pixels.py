"""Images as people hold them in a program: arrays, tensors and Pillow images, as pixels of 8 or 16 bits."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from hdr_lightning.brackets.exposures import check_sizes, read_exposures
from hdr_lightning.brackets.transparency import filled
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles

Picture = str | Path | np.ndarray | Tensor | Image.Image
"""A file, a (H, W, 3) array of uint8, uint16 or floats in [0, 1], a (3, H, W) tensor of them, or Pillow's. A
fourth channel is opacity."""


def read_pictures(
    images: Sequence[Picture], names: Sequence[str]
) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
    """The photographs (H, W, 3) in sRGB, `filled`, and their opacity; the files are read as one bracket.

    Raises:
        InputError: One cannot be read or is no picture, or some are transparent and the sizes differ.
    """
    given = [pixels_of(image, name) for image, name in zip(images, names, strict=True)]
    files = [Path(name) for name, pixels in zip(names, given, strict=True) if pixels is None]
    read = iter(_in_srgb(files) if files else ())
    pairs = [next(read) if pixels is None else _apart(pixels) for pixels in given]
    photographs, alphas = [pixels for pixels, _ in pairs], [alpha for _, alpha in pairs]
    if len(files) < len(pairs) and any(alpha is not None for alpha in alphas):
        check_sizes([photograph.shape[:2] for photograph in photographs], names)
        photographs = filled(photographs, alphas)
    return photographs, alphas


def _in_srgb(files: Sequence[Path]) -> Iterable[tuple[np.ndarray, np.ndarray | None]]:
    """Photographs and their opacity in the colours that arrays of numbers are taken for."""
    found = read_exposures(files)
    if found.profile:
        photographs = [profiles.convert(pixels, found.profile, b"") for pixels in found.photographs]
        return zip(photographs, found.alphas, strict=True)
    return zip(found.photographs, found.alphas, strict=True)


def _apart(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """RGB and opacity; None where everything is opaque."""
    alpha = pixels[..., 3] if pixels.shape[2] == 4 else None
    if alpha is None or alpha.min(initial=np.iinfo(alpha.dtype).max) == np.iinfo(alpha.dtype).max:
        return np.ascontiguousarray(pixels[..., :3]), None
    return np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(alpha)


def pixels_of(image: Picture, name: str) -> np.ndarray | None:
    """The pixels (H, W, 3) or (H, W, 4), uint8 or uint16; floats have 16 bits. None for a file.

    Raises:
        InputError: Another shape, type or range.
    """
    if isinstance(image, str | Path):
        return None
    if isinstance(image, Image.Image):
        image = _of_pillow(image, name)
    if isinstance(image, Tensor):
        image = image.float() if image.dtype == torch.bfloat16 else image  # which numpy has not
        image = np.moveaxis(image.detach().cpu().numpy(), 0, -1) if image.ndim == 3 else image.cpu().numpy()
    if image.ndim != 3 or image.shape[2] not in (3, 4) or image.dtype.kind not in "uf" or image.itemsize > 8:
        raise InputError(
            "Expected (H, W, 3 or 4) arrays of uint8, uint16 or floats, or (3 or 4, H, W) tensors. "
            f"Got {name} with shape {image.shape} of {image.dtype}"
        )
    if image.dtype.kind == "f":
        return _of_floats(image, name)
    if image.dtype not in (np.uint8, np.uint16):
        raise InputError(f"Expected uint8, uint16 or floats. Got {name} of {image.dtype}")
    return np.ascontiguousarray(image)


def _of_pillow(image: Image.Image, name: str) -> np.ndarray:
    if image.mode in ("I", "F"):
        raise InputError(
            "Expected an image of Pillow with 8 bits, or gray with 16 (I;16). "
            f"Got {name} of mode {image.mode}, whose range is not known: an array says it"
        )
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        return np.dstack([np.array(upright, np.uint16)] * 3)
    return np.array(upright.convert("RGBA" if upright.has_transparency_data else "RGB"))


def _of_floats(image: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(image).all():
        raise InputError(f"Expected finite values in [0, 1]. Got {name} with others")
    low, high = float(image.min(initial=0)), float(image.max(initial=0))
    if low < -0.5 or high > 1.5:
        raise InputError(f"Expected floats in [0, 1]. Got {name} with values from {low:.4g} to {high:.4g}")
    return np.round(image.astype(np.float64).clip(0, 1) * 65535).astype(np.uint16)
