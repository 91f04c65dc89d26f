"""Scenes on the disk to batches of a Lightning run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr_lightning.data.datamodule import SceneDataModule

__all__ = ["SceneDataModule"]


def __getattr__(name: str) -> Any:
    """Import `SceneDataModule`, and Lightning with it, when it is asked for."""
    if name == "SceneDataModule":
        from hdr_lightning.data.datamodule import SceneDataModule

        return SceneDataModule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
