import json
import re

import pytest

from hdr_lightning.pages.page import WEB, data_of, page


def test_scripts_never_write_html():
    for script in WEB.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text()
        )


def test_title_is_escaped_and_numbers_that_are_none_become_null(elements):
    text = page("<b>", ("viewer", "evaluation/page"), {"x": [float("nan"), float("inf"), 1.0]})
    assert "<b>" not in text
    assert json.loads(elements(text).data) == {"x": [None, None, 1.0]}


def test_data_come_back_from_a_page(elements):
    text = page("%%DATA%%", ("viewer",), {"</script>": ["<b>", "\u2028", 0.25]})
    assert data_of(text) == json.loads(elements(text).data) == {"</script>": ["<b>", "\u2028", 0.25]}


@pytest.mark.parametrize("text", ["", "<html></html>", '<script type="application/json" id="data">{'])
def test_data_of_another_page_are_refused(text):
    with pytest.raises(ValueError, match="no data"):
        data_of(text)
