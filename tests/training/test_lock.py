from pathlib import Path

from hdr_lightning.training.lock import is_locked, lock, unlock


def test_folder_is_locked_from_lock_to_unlock_and_asking_changes_nothing(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    held = lock(tmp_path)
    assert held is not None
    assert lock(tmp_path) is None
    assert is_locked(tmp_path) and is_locked(tmp_path)
    unlock(held)
    assert not is_locked(tmp_path)
