import pytest
import torch
from torch import nn

from hdr_lightning.errors import InputError
from hdr_lightning.fusers import VGG

OPTIONS = [
    {},
    {"inputs": "stacked"},
    {"skips": False},
    {"poolings": 0},
    {"poolings": 4},
    {"upsampling": "nearest"},
]


def small(**options: object) -> VGG:
    torch.manual_seed(0)
    return VGG(width=1 / 16, **options)


def exposures(k: int = 2, h: int = 21, w: int = 34, batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, k, 3, h, w, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("options", [{}, {"inputs": "stacked"}, {"skips": False}, {"poolings": 4}])
def test_filter_counts_are_the_papers(options: dict) -> None:
    with torch.device("meta"):
        network = VGG(**options)
    filters = [layer.out_channels for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    down = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512]
    ups = [layer for layer in network.decoder][::-1]
    assert filters[:10] == down
    assert [layer.out_channels for group in ups for layer in group if isinstance(layer, nn.Conv2d)] == down[
        ::-1
    ]
    kinds = [type(layer) for group in [*network.encoder, *network.decoder] for layer in group]
    assert kinds == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 20
    assert all(layer.kernel_size == (3, 3) for group in network.encoder for layer in group[::3])


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("size", [(8, 8), (21, 34), (1, 5), (16, 3)])
def test_weights_sum_to_one_at_any_size(options: dict, size: tuple[int, int]) -> None:
    weights = small(**options).eval()(exposures(2, *size))
    assert weights.shape == (1, 2, 1, *size)
    torch.testing.assert_close(weights.sum(1), torch.ones(1, 1, *size))
    assert weights.std() > 0


@pytest.mark.parametrize("k", [2, 3, 5])
def test_shared_network_takes_any_number_of_exposures_in_any_order(k: int) -> None:
    network, images = small().eval(), exposures(k)
    order = torch.randperm(k, generator=torch.Generator().manual_seed(k))
    torch.testing.assert_close(network(images[:, order]), network(images)[:, order])


def test_stacked_network_refuses_another_number_of_exposures() -> None:
    assert small(inputs="stacked", exposures=3)(exposures(3, batch=2)).shape == (2, 3, 1, 21, 34)
    with pytest.raises(InputError, match=r"Expected 3 exposures.*Got 2"):
        small(inputs="stacked", exposures=3)(exposures(2))


@pytest.mark.parametrize("options", OPTIONS)
def test_scores_do_not_depend_on_the_batch_in_eval_mode(options: dict) -> None:
    network, images = small(**options), exposures(batch=3)
    network(images)  # moves the running statistics off their initial values
    network.eval()
    together = network(images)
    alone = torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(together, alone)


def test_weights_have_the_precision_of_the_network_and_never_16_bits() -> None:
    torch.manual_seed(0)
    network, images = VGG(width=0.05).eval(), torch.rand(1, 2, 3, 16, 24)
    with torch.autocast("cpu", torch.bfloat16):
        assert network(images).dtype == torch.float32
    weights = network.double()(images.double())
    assert weights.dtype == torch.float64
    assert (weights.sum(1) - 1).abs().max() < 1e-14


def test_cropped_back_exactly_where_the_padding_was() -> None:
    network = small().eval()
    images = exposures(2, 16, 16)
    torch.testing.assert_close(
        network(images[..., :13, :11])[..., :1, :1].shape, network(images)[..., :1, :1].shape
    )
    reflected = torch.nn.functional.pad(images[0, ..., :13, :11], (0, 5, 0, 3), mode="reflect")[None]
    torch.testing.assert_close(network(images[..., :13, :11]), network(reflected)[..., :13, :11])


def test_every_parameter_is_trained() -> None:
    network = small()
    (network(exposures(batch=2))[:, 0] ** 2).mean().backward()
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [({"width": 0}, "width"), ({"poolings": 5}, "0 to 4"), ({"exposures": 1}, "at least 2")],
)
def test_bad_options_are_named(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        VGG(**options)
