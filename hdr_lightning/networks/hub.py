"""Networks as folders in the form of `huggingface_hub`'s mixin: for others, and for the Hugging Face Hub.

Such a folder has the recipe, `config.json`, the weights, `model.safetensors`, and a model card, `README.md`.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from safetensors.torch import save

from hdr_lightning.errors import InputError, one_line
from hdr_lightning.files import write_bytes
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import SHIPPED, read_checkpoint, restored, same_weights

CONFIG, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
_HEAD = """\
---
library_name: hdr-lightning
pipeline_tag: image-to-image
tags:
- multi-exposure-fusion
- exposure-fusion
- hdr
- pytorch
---

"""
_CARD = """\
# {name}

A network that fuses differently exposed photographs of one scene into one image: `{network}`,
{count:,} weights, blended by `{blending}`.

```python
from hdr_lightning.fusion import Fusion

fusion = Fusion.from_pretrained("{name}")
fused = fusion(exposures).image  # exposures (B, K, 3, H, W) in [0, 1], sorted dark to bright
```

`hdr-fuse under.jpg over.jpg --checkpoint {weights}` takes the file of the weights after a download.

## Settings

```json
{recipe}
```
"""


def save_folder(fusion: Fusion, folder: Path, name: str | None = None) -> None:
    """Write a network as a folder.

    Args:
        fusion: Built from a recipe: loaded from a checkpoint, or by `checkpoints.build_fusion`.
        folder: Where to; what lies there under the three names is replaced.
        name: What the model card calls it; by default the name of the folder.

    Raises:
        InputError: The fusion has no recipe, or the folder cannot be written.
    """
    if fusion.recipe is None:
        raise InputError("Expected a network built from its recipe to save. Got one put together otherwise")
    weights = {key: value.contiguous().cpu() for key, value in fusion.state_dict().items()}
    # The recipe is in the weights too, so that this file alone is a checkpoint.
    write_bytes(folder / WEIGHTS, save(weights, {"fusion": json.dumps(fusion.recipe), "format": "pt"}))
    write_bytes(folder / CONFIG, json.dumps(fusion.recipe, indent=2).encode())
    write_bytes(folder / CARD, card(fusion, name or folder.name).encode())


def load_folder(name: str | Path, revision: str | None = None) -> Fusion:
    """The network of a folder or of a repository on the Hugging Face Hub, in evaluation mode on the CPU.

    No code of the repository is run: its recipe may only name networks that are installed here.

    Args:
        name: A folder, or the `owner/name` of a repository, which needs the extra `hub`.
        revision: Branch, tag or commit of the repository.

    Raises:
        InputError: There is none, or it is no network of this project.
    """
    folder = Path(name) if Path(name).is_dir() else _download(str(name), revision)
    content = read_checkpoint(folder / WEIGHTS)
    try:
        recipe = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / CONFIG}: Expected a recipe as JSON. Got: {one_line(error)}") from error
    if recipe != content["fusion"]:
        raise InputError(f"{folder / CONFIG}: Expected the recipe of {WEIGHTS} beside it. Got another")
    return restored(folder / WEIGHTS, content)


def push(fusion: Fusion, repository: str, private: bool = False, token: str | None = None) -> str:
    """Upload a network to the Hugging Face Hub; the repository is made where there is none.

    Args:
        fusion: As for `save_folder`.
        repository: `owner/name`.
        private: Whether a new repository is.
        token: Of the account; by default that of `hf auth login`.

    Returns:
        The address of the commit.

    Raises:
        InputError: The extra `hub` is not installed, or the Hub refuses it.
    """
    from tempfile import TemporaryDirectory

    hub = _hub()
    with TemporaryDirectory() as folder:
        save_folder(fusion, Path(folder), repository)
        try:
            hub.create_repo(repository, private=private, token=token, exist_ok=True)
            return str(hub.upload_folder(repo_id=repository, folder_path=folder, token=token))
        except Exception as error:  # of the network, of its client, of the account
            raise InputError(f"{repository}: Expected an upload. Got: {one_line(error)}") from error


def card(fusion: Fusion, name: str) -> str:
    """The model card of a network; that of the shipped one tells how it was made."""
    recipe = fusion.recipe or {}
    text = _CARD.format(
        name=name,
        network=recipe["fuser"]["_target_"],
        blending=recipe["blending"]["_target_"],
        count=sum(parameter.numel() for parameter in fusion.parameters()),
        recipe=json.dumps(recipe, indent=2),
        weights=WEIGHTS,
    )
    shipped = SHIPPED.with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    return _HEAD + text + (f"\n{shipped}" if same_weights(fusion, SHIPPED) else "")


def _download(repository: str, revision: str | None) -> Path:
    try:
        folder = _hub().snapshot_download(repository, revision=revision, allow_patterns=[CONFIG, WEIGHTS])
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{repository}: Expected a folder, or a repository on the Hub. Got: {one_line(error)}"
        ) from error
    return Path(folder)


def _hub() -> Any:
    try:
        return import_module("huggingface_hub")
    except ImportError as error:
        raise InputError("Expected the extra hub: pip install 'hdr-lightning[hub]'") from error
