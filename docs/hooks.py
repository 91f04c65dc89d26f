"""What the site needs beyond Markdown: equations without JavaScript, and the pages that live elsewhere."""

import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "model-card.md": "hdr_lightning/weights/MODEL_CARD.md",
}
MATH = re.compile(r"^```math\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take in the pages that have to lie where GitHub or the wheel looks for them."""
    for name, source in ELSEWHERE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Turn ```math blocks, which GitHub shows too, into MathML, which browsers show by themselves."""
    return MATH.sub(lambda block: convert(block[1].strip(), display="block"), markdown)
