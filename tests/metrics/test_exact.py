import torch
from scipy.ndimage import correlate

from hdr_lightning.filters import Window
from hdr_lightning.metrics.exact import smooth64


def test_means_of_whole_windows_equal_scipys() -> None:
    image = torch.rand(20, 23, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for window in (Window(5, sigma=1.5), Window(7, sigma=None)):
        taps = torch.as_tensor(window.taps(), dtype=torch.float64)
        kernel, size = torch.outer(taps, taps).numpy(), window.size
        expected = correlate(image.numpy(), kernel, mode="constant")
        low, high = size // 2, size - size // 2 - 1
        found = smooth64(image[None], window)[0]
        torch.testing.assert_close(
            found, torch.from_numpy(expected[low : 20 - high, low : 23 - high]), rtol=0, atol=1e-14
        )
