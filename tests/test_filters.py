import cv2
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Border, Window, filter_planes, smooth


def opencv_blur(image: torch.Tensor, window: Window) -> torch.Tensor:
    size = (window.size, window.size)
    if window.sigma is None:
        blurred = cv2.blur(image.numpy(), size, borderType=cv2.BORDER_REFLECT_101)
    else:
        blurred = cv2.GaussianBlur(image.numpy(), size, window.sigma, borderType=cv2.BORDER_REFLECT_101)
    return torch.from_numpy(blurred)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sigma", [1.5, None])
@pytest.mark.parametrize("size", [1, 3, 11])
def test_smooth_equals_opencv(size: int, sigma: float | None, dtype: torch.dtype) -> None:
    images = torch.rand(2, 9, 17, 23, dtype=dtype)  # more planes than are filtered together
    reflected = smooth(images, Window(size, sigma, "reflect"))
    expected = torch.stack([opencv_blur(plane, Window(size, sigma)) for plane in images.flatten(0, 1)])
    assert_close(reflected, expected.view_as(images))
    radius = size // 2
    inner = reflected[..., radius : 17 - radius, radius : 23 - radius]
    assert_close(smooth(images, Window(size, sigma)), inner)


def test_padded_filter_is_the_transpose() -> None:
    taps = Window(7).taps()
    image = torch.rand(3, 12, 15, dtype=torch.float64, requires_grad=True)
    maps = filter_planes(image, taps)
    slope = torch.rand_like(maps)
    (expected,) = torch.autograd.grad(maps, image, slope)
    assert_close(filter_planes(slope, taps, padding=6), expected)


@pytest.mark.parametrize("border", ["valid", "reflect"])
def test_smooth_gradient(border: str) -> None:
    images = torch.rand(2, 7, 6, dtype=torch.float64, requires_grad=True)
    window = Window(5, 1.5, border)  # type: ignore[arg-type]
    assert torch.autograd.gradcheck(lambda x: smooth(x, window), images)


def test_smooth_ignores_autocast() -> None:
    image = torch.rand(1, 16, 16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = smooth(image, Window(5))
    assert_close(inside, smooth(image, Window(5)), rtol=0, atol=0)


@pytest.mark.parametrize(
    "arguments", [(4,), (0,), (-3,), (3, 0.0), (3, float("nan")), (3, 1.5, "wrap")], ids=str
)
def test_window_raises(arguments: tuple[object, ...]) -> None:
    with pytest.raises(InputError, match="Expected"):
        Window(*arguments)  # type: ignore[arg-type]


def test_smooth_raises_on_small_images() -> None:
    with pytest.raises(InputError, match=r"at least 11 x 11 pixels. Got 10 x 40"):
        smooth(torch.rand(1, 10, 40), Window(11))


@pytest.mark.parametrize("border", ["valid", "reflect"])
@pytest.mark.parametrize(("size", "sigma"), [(11, 1.5), (5, None), (1, 1.0)])
def test_where_no_gradient_is_wanted_values_are_the_same(
    border: Border, size: int, sigma: float | None
) -> None:
    torch.manual_seed(0)
    images, window = torch.rand(2, 3, 20, 33), Window(size, sigma, border)
    slow = smooth(images.clone().requires_grad_(), window)
    assert_close(smooth(images, window), slow.detach(), atol=1e-6, rtol=0)
