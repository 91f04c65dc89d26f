"""What a score depends on, as hashes: files, and modules with their settings, weights and code."""

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hdr_lightning.evaluation.code import of_code


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
    return {key: _plain(value) for key, value in sorted(vars(module).items())}


def _plain(value: Any) -> Any:
    """A setting as JSON takes it, spelled alike by every process."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Tensor | np.ndarray):
        return _hashed(torch.as_tensor(value).detach().cpu())
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, partial):
        return [_plain(value.func), _plain(value.args), _plain(value.keywords)]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return _name(value if hasattr(value, "__qualname__") else type(value))


def _hashed(tensor: Tensor) -> list[Any]:
    content = tensor.contiguous().reshape(-1).view(torch.uint8).numpy()
    return [str(tensor.dtype), *tensor.shape, hashlib.sha256(content.tobytes()).hexdigest()]


def _name(named: Any) -> str:
    return f"{getattr(named, '__module__', '')}.{named.__qualname__}"
