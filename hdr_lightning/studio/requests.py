"""What the page may ask of a session, as jobs for its process."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hdr_lightning.errors import InputError
from hdr_lightning.studio.sessions import Session, SessionJob
from hdr_lightning.studio.settings import FILE, LOOK, MANY, command_line, result_name, suffix_of, words_of

Asked = dict[str, Any]
_SLOTS = 2  # settings that are compared
_THUMBNAILS = 24


def open_files(session: Session, asked: Asked) -> SessionJob:
    """Find the brackets in what was uploaded, or in a folder of this machine."""
    folder, group = _text(asked, "folder"), _text(asked, "group") or None
    if folder:
        path = Path(folder).expanduser()
        if not path.is_absolute() or not path.is_dir():
            raise InputError(f"Expected a folder of this machine, its whole path. Got {folder}")
        session.own, session.inputs = False, [str(path)]
    elif session.own:
        session.inputs = sorted(str(path) for path in session.uploads.iterdir())
        loose = not any(path.is_dir() for path in session.uploads.iterdir())
        group = group or ("auto" if loose else None)
    session.group = group

    session.brackets = []

    def keep(result: dict[str, Any]) -> None:
        session.brackets = result["brackets"]

    return session.begin("find", lambda job: {"inputs": session.inputs, "group": group}, keep)


def demo(session: Session, asked: Asked) -> SessionJob:
    """Write the demo where uploads lie."""
    return session.begin("demo", lambda job: {"folder": str(session.uploads)})


def look(session: Session, asked: Asked) -> SessionJob:
    """A preview of one bracket by one of the settings that are compared."""
    slot = _slot(asked)
    inputs, _ = _bracket(session, asked)
    words = [*_as_one(session), *words_of(_settings(asked), LOOK), "--preview", "--", *inputs]
    return session.begin("look", lambda job: {"words": words, "folder": str(job.folder)}, slot=slot)


def thumbnails(session: Session, asked: Asked) -> SessionJob:
    """Small pictures of the photographs of some brackets, one after the other."""
    places = asked.get("brackets")
    if not isinstance(places, list) or len(places) > _THUMBNAILS:
        raise InputError(f"brackets: Expected at most {_THUMBNAILS} numbers. Got something else")
    files = [file for place in places for file in _bracket(session, {"bracket": place}, whole=False)[0]]
    return session.begin("thumbnails", lambda job: {"files": files, "folder": str(job.folder)})


def save(session: Session, asked: Asked) -> SessionJob:
    """One bracket in full size, as a file to download."""
    settings, slot = _settings(asked), _slot(asked)
    inputs, name = _bracket(session, asked)
    words = [*_as_one(session), *words_of(settings, (*LOOK, *FILE))]
    file = result_name(name, suffix_of(settings))

    def given(job: SessionJob) -> dict[str, Any]:
        (job.folder / "file").mkdir()
        output = ["-o", str(job.folder / "file" / file)]
        return {"words": [*words, *output, "--", *inputs], "folder": str(job.folder)}

    return session.begin("save", given, slot=slot)


def planned(session: Session, asked: Asked) -> SessionJob:
    """What a batch would do."""
    words = _many(session, asked)
    return session.begin("planned", lambda job: {"words": [*words, *_into(session, asked, job.folder)]})


def batch(session: Session, asked: Asked) -> SessionJob:
    """Every bracket that was opened, into a folder of this machine or a ZIP file to download."""
    words = _many(session, asked)

    def given(job: SessionJob) -> dict[str, Any]:
        pack = str(job.folder / "fused.zip") if session.own else None
        return {"words": [*words, *_into(session, asked, job.folder)], "pack": pack}

    return session.begin("batch", given)


def methods(session: Session, asked: Asked) -> SessionJob:
    """The methods and blendings there are; it also warms the process up."""
    return session.begin("methods", lambda job: {})


def networks(session: Session, asked: Asked) -> SessionJob:
    """The trained networks of a path."""
    path = _text(asked, "path")
    if not path:
        raise InputError("Expected the path of a network, a run or a sweep. Got none")
    return session.begin("networks", lambda job: {"path": path})


REQUESTS: dict[str, Callable[[Session, Asked], SessionJob]] = {
    "open": open_files,
    "demo": demo,
    "thumbnails": thumbnails,
    "look": look,
    "save": save,
    "planned": planned,
    "batch": batch,
    "methods": methods,
    "networks": networks,
}


def command(session: Session, asked: Asked) -> str:
    """The line for a shell that does what is set: of one bracket, or of all where none is named."""
    settings = _settings(asked)
    if asked.get("bracket") is None:
        output = "fused/" if session.own else _output(session, asked)
        words = [*_many(session, asked), "--sheet", str(Path(output, "sheet.html"))]
        return command_line([_shown(session, path) for path in session.inputs], output, words)
    inputs, name = _bracket(session, asked)
    plain = {name: value for name, value in settings.items() if name != "format"}  # the ending says it
    words = [*_as_one(session), *words_of(plain, (*LOOK, *FILE))]
    shown = [_shown(session, path) for path in inputs]
    return command_line(shown, result_name(name, suffix_of(settings)), words)


def _many(session: Session, asked: Asked) -> list[str]:
    grouping = [] if session.group is None else ["--group", session.group]
    return [*grouping, *words_of({"format": "jpg"} | _settings(asked), (*LOOK, *FILE, *MANY))]


def _into(session: Session, asked: Asked, folder: Path) -> list[str]:
    """Where the results of a batch go, and what is fused."""
    output = f"{folder}/fused/" if session.own else _output(session, asked)
    return ["-o", output, "--sheet", str(Path(output, "sheet.html")), "--", *session.inputs]


def _output(session: Session, asked: Asked) -> str:
    """The folder of the results of a batch."""
    given = _text(asked, "output")
    if not given:
        return f"{session.inputs[0].rstrip(chr(47))}-fused/"
    path = Path(given).expanduser()
    if not path.is_absolute():
        raise InputError(f"Expected the whole path of a folder. Got {given}")
    return f"{path}/"


def _bracket(session: Session, asked: Asked, whole: bool = True) -> tuple[list[str], str]:
    """Inputs and name of the bracket that is meant: as a `whole`, its folder where it is all of that."""
    place = asked.get("bracket")
    if not isinstance(place, int) or place not in range(len(session.brackets)):
        raise InputError("Expected one of the brackets that were found. Got another")
    bracket = session.brackets[place]
    beside = [other for other in session.brackets if other["folder"] == bracket["folder"]]
    is_all = bracket["folder"] and len(beside) == 1 and session.group is None
    return ([bracket["folder"]] if whole and is_all else bracket["files"]), bracket["name"]


def _as_one(session: Session) -> list[str]:
    """What lets photographs of one bracket be as different as they are, where they were taken as one."""
    return ["--group", "off"] if session.group == "off" else []


def _shown(session: Session, path: str) -> str:
    """A path as the user knows it."""
    return path.removeprefix(f"{session.uploads}{os.sep}")


def _settings(asked: Asked) -> dict[str, Any]:
    settings = asked.get("settings") or {}
    if not isinstance(settings, dict):
        raise InputError("settings: Expected names and values. Got something else")
    return settings


def _slot(asked: Asked) -> int:
    slot = asked.get("slot", 0)
    if not isinstance(slot, int) or slot not in range(_SLOTS):
        raise InputError(f"slot: Expected 0 or 1. Got {slot!r}")
    return slot


def _text(asked: Asked, name: str) -> str:
    value = asked.get(name) or ""
    if not isinstance(value, str) or "\0" in value:
        raise InputError(f"{name}: Expected text. Got something else")
    return value.strip()
