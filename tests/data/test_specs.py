from hdr_lightning.data.specs import PatchSpec


def test_shrunk_scene_gives_the_patch_from_a_larger_part() -> None:
    spec = PatchSpec(scene=0, top=3, left=5, turn=0)
    assert spec.place(10) == (slice(3, 13), slice(5, 15))
    assert spec._replace(scale=0.5).reach(10) == 20
    assert spec._replace(scale=0.5).place(10) == (slice(3, 23), slice(5, 25))


def test_whole_scene_is_read_whole() -> None:
    assert PatchSpec(0, 0, 0, 0, whole=True).place(10) == (slice(None), slice(None))
