import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma

HYBRIDS = [("var", "grad"), ("grad", "wellexp"), ("var", "wellexp")]
CHOICES = [("var",), ("grad",), ("wellexp",), *HYBRIDS]
COEFFICIENTS = [0.298936021293775, 0.587043074451121, 0.114020904255103]


def exposures_like_photographs() -> torch.Tensor:
    """A smooth scene with fine texture seen at three exposures: variance is about 1e-3 as on photographs."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(2, 1, 3, 5, 6, generator=generator, dtype=torch.float64).flatten(0, 1)
    scene = torch.nn.functional.interpolate(coarse, (40, 48), mode="bicubic").clamp(0.01, 1)
    scene = scene * (0.9 + 0.2 * torch.rand(scene.shape, generator=generator, dtype=torch.float64))
    return torch.stack([(scene * gain).clamp(0, 1) ** 0.6 for gain in (0.1, 0.6, 3.0)], dim=1)


def literal_cue(name: str, gray: np.ndarray, top: int, left: int, taps: np.ndarray) -> float:
    """Cue of the window whose corner is (top, left), straight from the words of the paper."""
    size = len(taps)
    inside = (slice(top, top + size), slice(left, left + size))
    if name == "var":
        patch = gray[inside]
        return float((taps * (patch - (taps * patch).sum()) ** 2).sum())
    if name == "grad":
        vertical, horizontal = np.gradient(gray)
        return float((taps * np.hypot(vertical, horizontal)[inside]).sum())
    return float((taps * np.exp(-((gray[inside] - 0.5) ** 2) / (2 * 0.2**2))).sum())


@pytest.mark.parametrize("cues", CHOICES, ids="_".join)
@pytest.mark.parametrize("sigma", [1.5, None])
def test_gamma_equals_equations(cues: tuple[str, ...], sigma: float | None) -> None:
    exposures, window = exposures_like_photographs(), Window(7, sigma)
    taps = np.outer(window.taps(), window.taps())
    gamma = CueGamma(cues, normalize=False)(exposures, window)
    grays = np.tensordot(exposures[1].numpy(), COEFFICIENTS, (1, 0))
    trusts = []
    for gray in grays:
        values = [literal_cue(name, gray, 20, 11, taps) for name in cues]
        value = values[0]
        for other in values[1:]:
            value = value * other / np.sqrt(value**2 + other**2)
        trusts.append(max(value, 1e-4))
    assert gamma.shape == (2, 3, 1, 34, 42)
    assert_close(gamma[1, :, 0, 20, 11].numpy(), np.array(trusts) / sum(trusts))


@pytest.mark.parametrize("border", ["valid", "reflect"])
@pytest.mark.parametrize("cues", CHOICES, ids="_".join)
def test_gamma_sums_to_one(cues: tuple[str, ...], border: str) -> None:
    kinds = torch.stack([torch.zeros(3, 20, 22), torch.ones(3, 20, 22), torch.rand(3, 20, 22)])
    exposures = torch.stack([kinds, kinds.flip(0), torch.zeros_like(kinds)])
    gamma = CueGamma(cues)(exposures, Window(11, 1.5, border))  # type: ignore[arg-type]
    assert gamma.isfinite().all()
    assert (gamma > 0).all()
    assert_close(gamma.sum(dim=1), torch.ones_like(gamma[:, 0]))
    assert_close(gamma[2], torch.full_like(gamma[2], 1 / 3))
    assert gamma.shape[-2:] == ((20, 22) if border == "reflect" else (10, 12))


@pytest.mark.parametrize("cues", [("var", "grad"), ("var", "wellexp")], ids="_".join)
def test_raw_variance_hybrids_collapse_and_normalised_do_not(cues: tuple[str, ...]) -> None:
    exposures, window = exposures_like_photographs(), Window(11)
    variance = CueGamma(("var",))(exposures, window)
    raw = CueGamma(cues, normalize=False)(exposures, window)
    normalised = CueGamma(cues)(exposures, window)
    apart_raw, apart = (raw - variance).abs().mean(), (normalised - variance).abs().mean()
    assert apart_raw < 0.005
    assert apart > 5 * apart_raw


@pytest.mark.parametrize("cues", HYBRIDS, ids="_".join)
def test_normalised_hybrids_are_not_the_least_cue(cues: tuple[str, str]) -> None:
    exposures, window = exposures_like_photographs(), Window(11)
    first, second = (CueGamma((name,), floor=1e-12)(exposures, window) for name in cues)
    hybrid = CueGamma(cues, floor=1e-12)(exposures, window)
    assert (hybrid - first).abs().mean() > 0.01
    assert (hybrid - second).abs().mean() > 0.01


@pytest.mark.parametrize("cues", HYBRIDS, ids="_".join)
def test_normalised_hybrids_do_not_depend_on_the_order_of_cues(cues: tuple[str, str]) -> None:
    exposures, window = exposures_like_photographs(), Window(11)
    forward, backward = (CueGamma(order, floor=1e-12)(exposures, window) for order in (cues, cues[::-1]))
    assert_close(forward, backward)


def test_samples_do_not_depend_on_their_batch() -> None:
    exposures, window = exposures_like_photographs(), Window(5)
    gamma = CueGamma(("var", "grad"))
    assert_close(gamma(exposures[1:], window), gamma(exposures, window)[1:])


def test_permuted_exposures_permute_gamma() -> None:
    exposures, window = exposures_like_photographs(), Window(5)
    gamma = CueGamma(("grad", "wellexp"))
    assert_close(gamma(exposures[:, [2, 0, 1]], window), gamma(exposures, window)[:, [2, 0, 1]])


@pytest.mark.parametrize(
    "arguments",
    [{"cues": []}, {"cues": ["vra"]}, {"sigma": 0}, {"floor": 0}, {"floor": float("nan")}],
    ids=str,
)
def test_gamma_raises(arguments: dict[str, object]) -> None:
    with pytest.raises(
        InputError, match=r"Expected gamma|loss\.gamma\.cues: Expected a cue .* did you mean var"
    ):
        CueGamma(**arguments)  # type: ignore[arg-type]
