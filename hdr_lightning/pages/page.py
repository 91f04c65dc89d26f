"""A page from its parts in `web/` and its data."""

import html
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hdr_lightning import __version__

WEB = Path(__file__).parent / "web"
_DATA = '<script type="application/json" id="data">'


def page(title: str, scripts: Sequence[str], data: Mapping[str, Any]) -> str:
    """Assemble a page of `web/`; its scripts find the data in `DATA` and write names only as text.

    Args:
        title: Any text.
        scripts: Scripts in `web/` that build the body, without ".js", in their order after the common one.
        data: Plain types; numbers that are not finite become null.
    """
    # In HTML only "<" could end the element that holds the data.
    embedded = json.dumps(_finite(data), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = {
        "TITLE": html.escape(title),
        "MADE": f"{datetime.now():%Y-%m-%d %H:%M}, hdr-lightning {__version__}",
        "STYLE": (WEB / "style.css").read_text(encoding="utf-8"),
        "SCRIPT": "".join((WEB / f"{name}.js").read_text(encoding="utf-8") for name in ("common", *scripts)),
        "DATA": embedded,
    }
    text = (WEB / "page.html").read_text(encoding="utf-8")
    pieces = text.split("%%")  # names of parts stand between pairs of %%, so that no part is searched itself
    pieces[1::2] = [parts[name] for name in pieces[1::2]]
    return "".join(pieces)


def data_of(text: str) -> Any:
    """The data of a page that `page` has assembled.

    Raises:
        ValueError: It is none.
    """
    _, start, rest = text.partition(_DATA)
    embedded, end, _ = rest.partition("</script>")
    if not start or not end:
        raise ValueError("no data in the page")
    return json.loads(embedded)


def _finite(value: Any) -> Any:
    """The same with None for NaN and infinity, which JSON does not have, and six digits for numbers."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return value
