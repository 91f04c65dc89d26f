"""How patches are loaded in a run that may have been interrupted."""

from collections.abc import Callable, Iterator
from typing import Any

from torch.utils.data import DataLoader

from hdr_lightning.data.patches import Batch
from hdr_lightning.data.sampling import PatchSampler


class PatchLoader(DataLoader[Batch]):
    """Starts reading with the first batch that is asked for, from where the epoch stands.

    Lightning tells the sampler the epoch of a resumed run after it has created the iterator, when the workers
    of a plain loader have begun to read another epoch's patches; and it leaves out none of those that the
    run had before it was interrupted.

    Args:
        done: Tells how many batches of the epoch are done.
        options: Of the loader of torch.
    """

    sampler: PatchSampler

    def __init__(self, *options: Any, done: Callable[[], int], **named: Any) -> None:
        super().__init__(*options, **named)
        self._done = done

    def __iter__(self) -> Iterator[Batch]:  # type: ignore[override]
        self.sampler.start = self._done()
        yield from super().__iter__()
