"""The configuration: its types, what it computes, its sweeps and its errors."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
CONF = _PACKAGE / "conf" if (_PACKAGE / "conf").is_dir() else _PACKAGE.parent / "conf"
"""The Hydra tree: inside an installed package, beside the package in a checkout."""
