"""Multi-exposure fusion: fuse differently exposed photographs, and train networks that do it.

Everything here is imported, and torch with it, when it is asked for: commands that need none of it answer
at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr_lightning import blending, cues, data, fusers, gammas, losses, metrics, scenes, training
    from hdr_lightning.brackets.bracket import fuse
    from hdr_lightning.fusion import Fusion
    from hdr_lightning.networks.checkpoints import load_fusion
    from hdr_lightning.networks.method import resolve

__version__ = "0.1.0"
__all__ = [
    "Fusion",
    "__version__",
    "blending",
    "cues",
    "data",
    "fuse",
    "fusers",
    "gammas",
    "load_fusion",
    "losses",
    "metrics",
    "resolve",
    "scenes",
    "training",
]
_HOMES = {
    "Fusion": "fusion",
    "fuse": "brackets.bracket",
    "load_fusion": "networks.checkpoints",
    "resolve": "networks.method",
}


def __getattr__(name: str) -> Any:
    """A room, or what one of them holds."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOMES.get(name, name)}")
    return getattr(module, name) if name in _HOMES else module


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
