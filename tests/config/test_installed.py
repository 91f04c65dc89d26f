from collections.abc import Callable

import pytest

from hdr_lightning.config.installed import installed_choices
from hdr_lightning.errors import InputError
from hdr_lightning.parts import Parts

Install = Callable[[str, str, str, str], None]


def test_names_are_taken_once(install: Install) -> None:
    install("clash_package", "", "fusers", "mertens = clash_package:Net")
    with pytest.raises(InputError, match=r"other names than ours\. Got clash_package:Net as mertens"):
        Parts("fusers", "a method", {"mertens": None})
    install("other_package", "", "networks", "vgg = other_package:Net")
    with pytest.raises(InputError, match=r"in installed packages than ours\. Got vgg"):
        list(installed_choices())
