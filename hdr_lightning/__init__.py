"""Multi-exposure fusion: fuse differently exposed photographs, and train networks that do it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr_lightning.brackets.bracket import fuse

__all__ = ["__version__", "fuse"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import `fuse`, and torch with it, when it is asked for: commands that need neither answer at once."""
    if name == "fuse":
        from hdr_lightning.brackets.bracket import fuse

        return fuse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
