"""For the API reference: describe what a package passes on only where it is defined."""

from typing import Any

from griffe import Extension, Module


class Once(Extension):
    """Forget what `__init__` modules export; the modules below them are shown anyway."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Called when a package has been read."""
        for module in _packages(pkg):
            module.exports = None


def _packages(module: Module) -> list[Module]:
    inner = [
        package for child in module.modules.values() if not child.is_alias for package in _packages(child)
    ]
    return [module, *inner] if module.is_init_module else inner
