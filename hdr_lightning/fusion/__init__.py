"""Exposures to one image: the whole way, in tiles where it is large, and refined where that is asked for."""

from hdr_lightning.fusion.fusion import Fused, Fusion, finish

__all__ = ["Fused", "Fusion", "finish"]
