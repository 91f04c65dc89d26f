"""Batch normalisation over the batch of all ranks, for processors that torch's own does not know."""

from typing import Any

import torch
import torch.distributed as dist
from lightning.pytorch.plugins.layer_sync import TorchSyncBatchNorm
from torch import Tensor, nn
from torch.autograd import Function


class SyncBatchNorm(TorchSyncBatchNorm):
    """Lightning's plugin, and layers of our own where the ranks are on CPUs, which torch's refuse."""

    def apply(self, model: nn.Module) -> nn.Module:
        """Let the batch normalisations of a model count the patches of all ranks."""
        if dist.get_backend() != "gloo":
            return super().apply(model)
        return _exchanged(model, nn.BatchNorm2d, BatchNormOverRanks)

    def revert(self, model: nn.Module) -> nn.Module:
        """Make them ordinary layers again."""
        return _exchanged(super().revert(model), BatchNormOverRanks, nn.BatchNorm2d)


def _exchanged(model: nn.Module, old: type[nn.BatchNorm2d], new: type[nn.BatchNorm2d]) -> nn.Module:
    """The model with `new` layers in the place of `old` ones, which keep their parameters and moments."""
    for parent in list(model.modules()):
        for name, layer in parent.named_children():
            if type(layer) is old:
                setattr(parent, name, _like(layer, new))
    return model


def _like(layer: nn.BatchNorm2d, kind: type[nn.BatchNorm2d]) -> nn.BatchNorm2d:
    settings = (layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
    made = kind(layer.num_features, *settings)
    made._parameters, made._buffers = layer._parameters, layer._buffers
    return made.train(layer.training)


class BatchNormOverRanks(nn.BatchNorm2d):
    """Batch normalisation (B, C, H, W) by the moments of the batches of all ranks, by sums over them."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise the batch of this rank; all ranks call this alike while training."""
        if not self.training or not dist.is_initialized():
            return super().forward(input)
        values = input.to(torch.promote_types(input.dtype, torch.float32))
        dims = [d for d in range(input.dim()) if d != 1]
        own = values.new_tensor([values.numel() / values.shape[1]])
        total = _over_ranks(torch.cat([values.sum(dims), own]))
        count, mean = total[-1].detach(), total[:-1] / total[-1].detach()
        centred = values - _per_channel(mean, values)
        variance = _over_ranks(centred.square().sum(dims)) / count
        self._track(mean.detach(), variance.detach() * count / (count - 1))
        scale = (variance + self.eps).rsqrt() * (1 if self.weight is None else self.weight)
        shift = 0 if self.bias is None else _per_channel(self.bias, values)
        return (centred * _per_channel(scale, values) + shift).to(input.dtype)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


class _Sum(Function):
    """The sum over the ranks, and of the gradients of all of them."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


def _over_ranks(values: Tensor) -> Tensor:
    return _Sum.apply(values)  # type: ignore[no-untyped-call]


def _per_channel(values: Tensor, images: Tensor) -> Tensor:
    return values.view(1, -1, *[1] * (images.dim() - 2))
