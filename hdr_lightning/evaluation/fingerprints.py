"""What a score depends on, as hashes: files, and modules with their settings, weights and code."""

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hdr_lightning.evaluation.code import of_code

_TELLING = (bytes, complex, range, slice, PurePath, torch.device, torch.dtype)
"""Types that say all that they hold."""


def of_parts(*parts: Any) -> str:
    """A hash of hashes, names and numbers."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def of_files(files: Iterable[Path]) -> str:
    """A hash of the bytes of files, in this order, wherever they lie."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def of_function(function: Callable[..., Any]) -> str:
    """A hash of what a function computes: its name, bound arguments and all code that it uses."""
    inner = inspect.unwrap(function)
    if isinstance(inner, nn.Module):
        return of_module(inner)
    named = inner.func if isinstance(inner, partial) else inner
    return of_parts(_plain(inner), of_code(named.__module__))


def of_module(module: nn.Module) -> str:
    """A hash of what a module computes: its classes with all code that they use, settings and weights."""
    parts = {name: [_name(type(part)), _settings(part)] for name, part in module.named_modules()}
    return of_parts(parts, of_code(*sorted({type(part).__module__ for part in module.modules()})))


def _settings(module: nn.Module) -> Any:
    return {key: _plain(value, _package(type(module))) for key, value in sorted(vars(module).items())}


def _plain(value: Any, package: str = "", around: tuple[int, ...] = ()) -> Any:
    """A setting as JSON takes it, spelled alike by every process.

    Args:
        value: The setting.
        package: Whose objects are looked into; of others the type counts, for what they hold may be the time.
        around: The objects that it is in.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return _hashed(torch.as_tensor(value).detach().cpu())
    if isinstance(value, _TELLING):
        return repr(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    inner = partial(_plain, package=package, around=(*around, id(value)))
    if isinstance(value, dict):
        return {str(key): inner(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [inner(held) for held in value]
    if isinstance(value, partial):
        return [inner(value.func), inner(value.args), inner(value.keywords)]
    if hasattr(value, "__qualname__"):
        return _name(value)
    known = isinstance(value, nn.Module) or id(value) in around  # a module in a module is listed by itself
    return [_name(type(value)), None if known else inner(_state(value, package))]


def _state(value: Any, package: str) -> dict[str, Any]:
    """What an object holds, as far as it is looked into."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return dict(sorted(getattr(value, "__dict__", {}).items())) if _package(type(value)) == package else {}


def _package(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _hashed(tensor: Tensor) -> list[Any]:
    content = tensor.contiguous().reshape(-1).view(torch.uint8).numpy()
    return [str(tensor.dtype), *tensor.shape, hashlib.sha256(content.tobytes()).hexdigest()]


def _name(named: Any) -> str:
    return f"{getattr(named, '__module__', '')}.{named.__qualname__}"
