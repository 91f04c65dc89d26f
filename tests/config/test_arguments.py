"""What targets take, against what Python says when they are called."""

import pytest

from hdr_lightning.config.arguments import locate, refuse_unknown, taken_by
from hdr_lightning.config.choices import GROUP_CHOICES
from hdr_lightning.config.schema import Trainer
from hdr_lightning.errors import InputError


class Open:
    def __init__(self, first: int, **more: int) -> None:
        self.first, self.more = first, more


class Closed(Open):
    def __init__(self, second: int, **more: int) -> None:
        super().__init__(**more)


class Shut(Closed):
    def __init__(self, third: int) -> None:
        super().__init__(second=third, first=1)


def test_arguments_of_bases_count_where_they_are_passed_on() -> None:
    assert taken_by(f"{__name__}.Shut") == {"third"}
    assert taken_by(f"{__name__}.Closed") is None  # Open takes any
    assert taken_by(f"{__name__}.test_arguments_of_bases_count_where_they_are_passed_on") == set()


@pytest.mark.parametrize("name", ["amsgrad", "lr", "fused"])
def test_optimizer_takes_what_torch_documents(name: str) -> None:
    refuse_unknown("torch.optim.Adam", [name, "_partial_"], "optimizer")


def test_logger_passes_on_what_wandb_takes() -> None:
    target = "hdr_lightning.training.loggers.wandb_logger"
    refuse_unknown(target, ["entity", "log_model", "project", "notes"], "logger")
    with pytest.raises(InputError, match=r"logger\.entiti: .*did you mean entity\?"):
        refuse_unknown(target, ["entiti"], "logger")


def test_typo_is_told_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"trainer\.overfit_batch: .*did you mean overfit_batches\?"):
        refuse_unknown("lightning.Trainer", ["overfit_batch"], "trainer")


def test_what_cannot_be_imported_is_told() -> None:
    with pytest.raises(InputError, match=r"model: Expected the dotted path .* Got no\.such\.thing"):
        locate("no.such.thing", "model")
    assert locate(f"{__name__}.Shut", "model") is Shut


@pytest.mark.parametrize("kind", [*GROUP_CHOICES, Trainer], ids=lambda kind: kind.__name__)
def test_types_list_only_what_their_targets_take(kind: type) -> None:
    """Keys of a type are not checked again, so the type has to be right."""
    ours = {"_target_", "_partial_", "groups", "interval", "frequency", "monitor"}
    listed = set(kind.__dataclass_fields__) - ours  # type: ignore[attr-defined]
    target = kind._target_  # type: ignore[attr-defined]
    assert listed <= (taken_by(target) or listed)
