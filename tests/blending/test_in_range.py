"""Values brought back into [0, 1] against a literal transcription, cell by cell and pixel by pixel."""

import colorsys

import cv2
import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand, clip, into_range, soft_clip
from hdr_lightning.imaging.brightness import RGB_TO_GRAY


@pytest.mark.slow
def test_gradient_of_into_range() -> None:
    torch.manual_seed(4)
    fused = (torch.rand(1, 3, 20, 18, dtype=torch.float64) * 1.6 - 0.3).requires_grad_()
    assert torch.autograd.gradcheck(into_range, (fused,))
    assert torch.autograd.gradcheck(soft_clip, (fused[:, :1].clamp(-0.02, 1.02),))


def shifted_cell_by_cell(image: np.ndarray) -> np.ndarray:
    """The shift of `into_range` for one image (3, H, W), literally; smoothed and resized by OpenCV."""
    height, width = image.shape[1:]
    rows, columns = -(-height // 16), -(-width // 16)
    padded = np.pad(image, ((0, 0), (0, rows * 16 - height), (0, columns * 16 - width)), mode="edge")
    shifts, ones = np.zeros((rows, columns)), np.ones((rows, columns))
    for row, column in np.ndindex(rows, columns):
        cell = padded[:, row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
        for sign, side in ((1, cell - 1), (-1, -cell)):
            gray = np.tensordot(RGB_TO_GRAY, side, 1).clip(0)
            colour = side.max(0).clip(0)
            shifts[row, column] += sign * max(min(4 * gray.mean(), gray.max()), colour.mean())
    around = {"ksize": (3, 3), "normalize": False, "borderType": cv2.BORDER_CONSTANT}
    smooth = cv2.boxFilter(shifts, -1, **around) / cv2.boxFilter(ones, -1, **around)
    wide = cv2.resize(smooth, (columns * 16, rows * 16), interpolation=cv2.INTER_LINEAR)
    return image - wide[:height, :width]


def paled_one_by_one(image: np.ndarray) -> np.ndarray:
    """How `into_range` brings each colour of an image (3, H, W) to its gray, literally."""
    pale = np.empty_like(image)
    for row, column in np.ndindex(image.shape[1:]):
        colour = image[:, row, column]
        gray = np.dot(RGB_TO_GRAY, colour)
        share = 1.0
        for value in colour:
            if value > 1:
                share = min(share, max(1 - gray, 0) / (value - gray))
            if value < 0:
                share = min(share, max(gray, 0) / (gray - value))
        pale[:, row, column] = gray + share * (colour - gray)
    return pale


@pytest.mark.parametrize("size", [(1, 1), (5, 90), (16, 32), (75, 61)])
def test_into_range_is_the_literal_shift_of_cells_and_paling_of_pixels(size: tuple[int, int]) -> None:
    torch.manual_seed(3)
    fused = torch.rand(2, 3, *size, dtype=torch.float64) * 1.6 - 0.3
    expected = [paled_one_by_one(shifted_cell_by_cell(image.numpy())) for image in fused]
    assert_close(into_range(fused), torch.from_numpy(np.array(expected)), rtol=0, atol=1e-6)


def test_into_range_keeps_hues() -> None:
    torch.manual_seed(5)
    fused = (torch.rand(1, 3, 40, 40, dtype=torch.float64) - 0.5) * 1.6 + torch.rand(1, 1, 40, 40)
    moved = into_range(fused)
    assert ((fused - moved).std(1) > 1e-3).double().mean() > 0.3  # colours did change
    strong = (moved.amax(1) - moved.amin(1)).flatten() > 1e-3
    before, after = (
        torch.tensor([colorsys.rgb_to_hsv(*pixel)[0] for pixel in (image + 2).flatten(2)[0].T.tolist()])
        for image in (fused, moved)
    )
    turned = (before - after + 0.5).remainder(1) - 0.5
    assert turned[strong].abs().max() < 1e-6


def test_into_range_leaves_what_is_in_range_and_levels_a_plateau() -> None:
    inside = torch.rand(1, 3, 40, 50)
    assert_close(into_range(inside), inside, rtol=0, atol=0)
    assert_close(into_range(torch.full((1, 3, 40, 50), 1.3)), torch.ones(1, 3, 40, 50))
    half = torch.cat([inside, inside + 0.5], dim=-1)
    assert_close(into_range(half)[..., :10], inside[..., :10], rtol=0, atol=0)


def test_into_range_loses_less_contrast_to_clipping() -> None:
    torch.manual_seed(0)
    detail = 0.9 + 0.1 * torch.randn(1, 1, 64, 64, dtype=torch.float64).expand(1, 3, 64, 64)
    lost = [(image - image.clamp(0, 1)).abs().mean() for image in (detail, into_range(detail))]
    assert lost[1] < 0.6 * lost[0]
    alone = torch.ones_like(detail[:, :1]).unsqueeze(1)
    assert_close(MultiBand(in_range=True)(detail.unsqueeze(1), alone), into_range(detail))


def bent_one_by_one(gray: np.ndarray) -> np.ndarray:
    """`soft_clip` of one gray image (H, W), literally; the room between cells by OpenCV."""
    height, width = gray.shape
    rows, columns = -(-height // 16), -(-width // 16)
    far = np.zeros((rows, columns))
    for row, column in np.ndindex(gray.shape):
        outside = max(gray[row, column] - 1, -gray[row, column])
        far[row // 16, column // 16] = max(far[row // 16, column // 16], min(outside, 0.01))
    room = cv2.dilate(far, np.ones((3, 3)), borderType=cv2.BORDER_REPLICATE)
    room = cv2.resize(room, (columns * 16, rows * 16), interpolation=cv2.INTER_LINEAR)
    bent = gray.copy()
    for row, column in np.ndindex(gray.shape):
        dark = gray[row, column] < 0.5
        inside, e = gray[row, column] if dark else 1 - gray[row, column], room[row, column]
        if inside <= -e:
            inside += e
        elif inside < 2 * e:
            inside = (inside + e) ** 2 / (9 * e) + (inside + e) / 3
        bent[row, column] = inside if dark else 1 - inside
    return bent


@pytest.mark.parametrize("size", [(1, 1), (16, 33), (75, 61)])
def test_soft_clip_is_the_literal_parabola(size: tuple[int, int]) -> None:
    torch.manual_seed(3)
    gray = torch.rand(2, 1, *size, dtype=torch.float64) * 1.03 - 0.015
    gray[..., : size[0] // 3, :] = gray[..., : size[0] // 3, :].clamp(0, 1)
    expected = [bent_one_by_one(image[0].numpy())[None] for image in gray]
    assert_close(soft_clip(gray), torch.from_numpy(np.array(expected)), rtol=0, atol=1e-9)


def test_soft_clip_saves_what_is_near_and_leaves_what_is_in_range() -> None:
    inside = torch.rand(1, 1, 40, 50)
    assert torch.equal(soft_clip(inside), inside)
    bent = soft_clip(torch.rand(1, 1, 60, 70) * 1.02 - 0.01)
    assert bent.min() > -1e-6
    assert bent.max() < 1 + 1e-6
    steps = soft_clip(torch.linspace(-0.01, 1.01, 500).expand(1, 1, 16, 500))[0, 0, 0].diff()
    assert steps.min() > 0  # order is kept


def test_clip_counts_what_it_changes() -> None:
    fused = torch.tensor([[-0.5, 0.0, 0.5, 1.0], [1.1, 2.0, -3.0, 0.2]]).view(2, 1, 2, 2)
    clipped, outside = clip(fused)
    assert_close(clipped.flatten(), torch.tensor([0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 0.0, 0.2]))
    assert_close(outside, torch.tensor([0.25, 0.75]))


def test_16_bits_of_autocast_change_nothing() -> None:
    torch.manual_seed(5)
    fused = torch.rand(1, 3, 40, 50) * 1.6 - 0.3
    expected = into_range(fused), soft_clip(fused[:, :1] / 8)
    with torch.autocast("cpu", torch.bfloat16):
        found = into_range(fused), soft_clip(fused[:, :1] / 8)
    assert_close(found, expected, rtol=0, atol=0)
