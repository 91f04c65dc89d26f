from hdr_lightning.data.loading import PatchLoader
from hdr_lightning.data.sampling import PatchSampler
from hdr_lightning.data.specs import SceneSize, Share


class Shares:
    """Serves the shares themselves."""

    def __getitem__(self, share: Share) -> Share:
        return share


def test_epoch_goes_on_behind_the_batches_that_are_done() -> None:
    done = [0]
    sampler = PatchSampler([SceneSize(2, 50, 61)], 20, batch_size=2)
    loader = PatchLoader(Shares(), sampler=sampler, batch_size=None, done=lambda: done[0])
    sampler.set_epoch(0)
    first = list(loader)
    sampler.set_epoch(1)
    every = list(loader)
    begun = iter(loader)  # before Lightning tells the epoch, and how far it is
    sampler.set_epoch(0)
    done[0] = 3
    assert list(begun) == first[3:]
    assert len(first) == len(every) == len(sampler) and first != every
