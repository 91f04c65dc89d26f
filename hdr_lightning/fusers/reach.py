"""How far the weights of a network look, for those who compute them piece by piece."""

from typing import NamedTuple


class Reach(NamedTuple):
    """How far a weight looks: the grid that its poolings lie on, and the margin around a cell of that grid.

    Attributes:
        grid: Tiles have to begin at multiples of this, or the poolings would pair other pixels.
        margin: Pixels outside its cell of the grid that may change a weight, a multiple of `grid`.
    """

    grid: int
    margin: int
