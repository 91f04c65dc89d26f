"""What Python code computes, as a hash: that of a module and of all that it imports, without its comments."""

import ast
import hashlib
import inspect
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, resolve_name
from pathlib import Path
from secrets import token_hex

_OWN = __name__.partition(".")[0]
_STARTED = time.time()


def of_code(*modules: str) -> str:
    """A hash of modules and of those that they import, without comments, docstrings and layout.

    Followed are this package, the packages of the modules, and whatever is not installed, such as a module
    in the working folder. Of other packages the version counts. What cannot be read counts as changed, and so
    does what was edited since this process began: nobody can tell which of the two computes.

    Args:
        modules: Their names, with dots.
    """
    packages = frozenset({_OWN, *(_top(name) for name in modules)} - {"torch"})
    found = {name: _code(name) if _is_followed(name, packages) else _version(name) for name in modules}
    waiting = [name for name in modules if _is_followed(name, packages)]
    while waiting:
        for name in _imported(waiting.pop(), packages):
            followed = _is_followed(name, packages)
            known = name if followed else _top(name)
            if known not in found:
                found[known] = _code(name) if followed else _version(known)
                waiting += [name] if followed else []
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()


def _top(name: str) -> str:
    return name.partition(".")[0]


@cache
def _is_followed(name: str, packages: frozenset[str]) -> bool:
    top = _top(name)
    if top in packages:
        return True
    file = None if top in sys.stdlib_module_names else _file(top)
    return file is not None and not {"site-packages", "dist-packages"} & set(file.parts)


@cache
def _spec(name: str) -> ModuleSpec | None:
    with suppress(ImportError, ValueError, AttributeError):
        return find_spec(name)
    return None


def _is_package(name: str) -> bool:
    spec = _spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _file(name: str) -> Path | None:
    """The file of a module; None for one that is built in, a mere folder or typed at a prompt."""
    spec = _spec(name)
    return Path(spec.origin) if spec and spec.origin and spec.has_location else None


@cache
def _tree(name: str) -> ast.Module | None:
    """The source of a module without texts that nothing reads; None where there is no source."""
    file = _file(name)
    if file is None or file.suffix != ".py":
        return None
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_text(line)]
    return tree


def _is_text(line: ast.stmt) -> bool:
    value = line.value if isinstance(line, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


@cache
def _code(name: str) -> str:
    file, tree = _file(name), _tree(name)
    if file is None:
        return "" if _is_package(name) else token_hex()
    if file.stat().st_mtime > _STARTED:
        return token_hex()
    content = file.read_bytes() if tree is None else ast.dump(tree).encode()
    return hashlib.sha256(content).hexdigest()


@cache
def _version(package: str) -> str:
    if package in sys.stdlib_module_names:
        return ""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(package)
    return ",".join(metadata.version(name) for name in _distributions().get(package, []))


@cache
def _distributions() -> dict[str, list[str]]:
    return {package: sorted(set(names)) for package, names in metadata.packages_distributions().items()}


@cache
def _imported(name: str, packages: frozenset[str]) -> frozenset[str]:
    """The modules that hold what a module imports."""
    tree = _tree(name)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, name)
            found |= {holder for alias in node.names for holder in _holders(base, alias.name, packages)}
    return frozenset(found)


def _absolute(node: ast.ImportFrom, name: str) -> str:
    package = name if _is_package(name) else name.rpartition(".")[0]
    return resolve_name("." * node.level + (node.module or ""), package)


def _holders(base: str, name: str, packages: frozenset[str]) -> Iterator[str]:
    """The modules behind `from base import name`: not a package that only hands it on."""
    value = None
    with suppress(Exception):  # it may be of an extra that is not installed
        value = getattr(sys.modules.get(base), name, None)
    if inspect.ismodule(value):
        yield value.__name__
    elif _is_followed(base, packages) and _is_package(base) and _file(f"{base}.{name}"):
        yield f"{base}.{name}"
    elif inspect.isclass(value) or inspect.isfunction(value):
        yield value.__module__
        if getattr(sys.modules.get(value.__module__), value.__name__, None) is not value:
            yield base  # which made something else of it
    else:
        yield base
