"""Exposures to one image: the whole way, in tiles where it is large, and refined where that is asked for."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr_lightning.fusion.fusion import Fused, Fusion, finish

__all__ = ["Fused", "Fusion", "finish"]


def __getattr__(name: str) -> Any:
    """What fuses, and torch with it, once it is asked for: what moves can be looked for without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hdr_lightning.fusion import fusion

    return getattr(fusion, name)
