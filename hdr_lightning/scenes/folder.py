"""Layout ``folder``: one folder a scene, any number of exposures in it, under any names."""

from pathlib import Path

from hdr_lightning.scenes.scene import Scene, existing_root, folders_in, images_in, scene_from


def find(root: Path | None) -> list[Scene]:
    """The scenes ``<root>/<scene>/<any>.{jpg,png,tif}``.

    Raises:
        InputError: A scene folder holds fewer than two images.
    """
    top = existing_root(root, "folder")
    return [scene_from(folder, images_in(folder, top)) for folder in folders_in(top, top)]
