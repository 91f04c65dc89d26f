"""A training run: what is trained, watched, logged and left behind."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr_lightning.training.module import FusionModule

__all__ = ["FusionModule"]


def __getattr__(name: str) -> Any:
    """Import `FusionModule`, and Lightning with it, when it is asked for."""
    if name == "FusionModule":
        from hdr_lightning.training.module import FusionModule

        return FusionModule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
