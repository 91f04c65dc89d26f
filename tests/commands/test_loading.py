import gc
import sys

import pytest

from hdr_lightning.commands.loading import loading


def test_no_garbage_is_looked_for_while_modules_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    try:
        with pytest.raises(ZeroDivisionError), loading():
            assert not gc.isenabled()
            _ = 1 // 0
        assert gc.isenabled() and gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_what_is_loaded_already_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", sys)
    before = gc.get_freeze_count()
    with loading():
        assert gc.isenabled()
    assert gc.get_freeze_count() == before
