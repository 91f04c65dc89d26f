"""Parts by name: those of this package, those that installed packages bring, and any by its dotted path.

A package brings parts by entry points, a group for each kind:

    [project.entry-points."hdr_lightning.fusers"]
    texture = "my_package.fusers:Texture"

Nothing is imported before a part is used, so lists of names cost nothing.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from hdr_lightning.errors import InputError, nearest, one_line

GROUP = "hdr_lightning"
"""First part of the groups of entry points."""
Part = TypeVar("Part")


@cache
def _all() -> Any:
    return entry_points()


@cache
def installed(kind: str) -> dict[str, EntryPoint]:
    """The entry points of a kind of part by name, of all installed packages.

    Raises:
        InputError: Two packages bring one name.
    """
    entries: dict[str, EntryPoint] = {}
    for entry in _all().select(group=f"{GROUP}.{kind}"):
        other = entries.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise InputError(
                f"{kind}: Expected one installed package with the name {entry.name}. "
                f"Got {other.value} and {entry.value}"
            )
    return entries


class Parts(Mapping[str, Part], Generic[Part]):
    """Parts of one kind by name, imported when they are asked for.

    Args:
        kind: The last part of the group of entry points, such as `fusers`.
        what: What to call one of them in errors, such as `a method`.
        ours: Those of this package.

    Raises:
        InputError: An installed package brings a name of ours.
    """

    def __init__(self, kind: str, what: str, ours: Mapping[str, Part]) -> None:
        self.kind, self.what, self._ours = kind, what, dict(ours)
        if clash := self._ours.keys() & installed(kind).keys():
            name = min(clash)
            value = installed(kind)[name].value
            raise InputError(f"{kind}: Expected other names than ours. Got {value} as {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._ours, *installed(self.kind)]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in self._ours or name in installed(self.kind)

    def __getitem__(self, name: str) -> Part:
        return self._ours[name] if name in self._ours else _load(installed(self.kind)[name])

    def find(self, name: str, place: str = "", more: str = "") -> Part:
        """The part of a name, or of a dotted path such as `my_package.fusers.Texture`.

        Args:
            name: The name or path.
            place: What names it, for errors: a key of the configuration.
            more: What else could be named there, for errors.

        Raises:
            InputError: There is none, or its package cannot be imported.
        """
        if name in self:
            return self[name]
        module, _, attribute = name.rpartition(".")
        if all(word.isidentifier() for word in name.split(".")) and module and _exists(module):
            return _load(EntryPoint(name, f"{module}:{attribute}", f"{GROUP}.{self.kind}"))
        prefix = f"{place}: " if place else ""
        raise InputError(
            f"{prefix}Expected {self.what} out of {', '.join(self)}. "
            f"Got {name!r}{nearest(name, self)}{more and ' '}{more}"
        )


def _exists(module: str) -> bool:
    return find_spec(module.partition(".")[0]) is not None


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:  # a stranger's package may raise anything
        package = f" of {entry.dist.name}" if entry.dist else ""
        raise InputError(
            f"{entry.name}: Expected a part{package} that can be imported. "
            f"Got {entry.value}: {one_line(error)}"
        ) from error
