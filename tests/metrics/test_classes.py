import inspect

import pytest
import torch

from hdr_lightning.metrics import classes
from hdr_lightning.metrics.registry import METRICS, SceneScore

CLASSES = [kind for _, kind in inspect.getmembers(classes, inspect.isclass) if kind is not SceneScore]


@pytest.mark.parametrize("kind", CLASSES)
def test_class_is_the_mean_of_its_function(kind: type[SceneScore]) -> None:
    exposures = torch.rand(2, 2, 3, 48, 50, generator=torch.Generator().manual_seed(0))
    fused, metric = exposures.mean(dim=1), kind()
    info = METRICS[metric.name]
    assert metric.name.replace("_", "") == kind.__name__.lower()
    other = exposures if info.against == "exposures" else exposures[:, 0]
    metric.update(fused, other)
    torch.testing.assert_close(metric.compute(), info.function(fused, other).mean().float())
