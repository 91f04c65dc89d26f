import json
import re

from hdr_lightning.pages.page import WEB, page


def test_scripts_never_write_html():
    for script in WEB.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text()
        )


def test_title_is_escaped_and_numbers_that_are_none_become_null(elements):
    text = page("<b>", ("viewer", "evaluation/page"), {"x": [float("nan"), float("inf"), 1.0]})
    assert "<b>" not in text
    assert json.loads(elements(text).data) == {"x": [None, None, 1.0]}
