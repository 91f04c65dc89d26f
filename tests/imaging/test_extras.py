from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.extras import wanted


def test_library_is_given_or_the_extra_is_named() -> None:
    assert wanted("math", "heif", Path("a.heic")).pi > 3
    with pytest.raises(InputError, match=r"no_such_library to read a\.heic.*'hdr-lightning\[heif\]'"):
        wanted("no_such_library", "heif", Path("a.heic"))
