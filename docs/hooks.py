"""What the site needs beyond Markdown: equations without JavaScript, and the pages that live elsewhere."""

import json
import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "model-card.md": "hdr_lightning/weights/MODEL_CARD.md",
}
NOTEBOOK = re.compile(r"\]\(\.\./notebooks/(\w+)\.ipynb")
MATH = re.compile(r"^```math\n(.*?)^```$|^\$\$(.*?)\$\$$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take in the pages that have to lie where GitHub or the wheel looks for them, and the notebooks."""
    for name, source in ELSEWHERE.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        text = "\n\n".join(part for cell in cells for part in _parts(cell))
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Turn what GitHub shows into what the site shows: ```math blocks and $$ of notebooks, links to files."""
    for name, source in ELSEWHERE.items():
        markdown = markdown.replace(f"](../{source}", f"]({name}")
    markdown = NOTEBOOK.sub(r"](notebooks/\1.md", markdown)
    return MATH.sub(lambda block: convert((block[1] or block[2]).strip(), display="block"), markdown)


def _parts(cell: dict[str, Any]) -> list[str]:
    """A cell as Markdown: its source, then its outputs."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return [source]
    return [f"```python\n{source}\n```", *(_shown(output) for output in cell["outputs"])]


def _shown(output: dict[str, Any]) -> str:
    for kind, data in output.get("data", {}).items():
        if kind.startswith("image/"):
            return f'<img alt="Output of the cell above" src="data:{kind};base64,{"".join(data).strip()}">'
    return f"```text\n{''.join(output.get('text', '')).rstrip()}\n```"
