import os
import signal

import pytest

from hdr_lightning.training.stopping import Stopped, Stopping


def test_wish_is_handed_on_to_who_listened_before() -> None:
    """As submitit does to ask the cluster to start the job again, by a signal of its own."""
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR2, lambda number, _: heard.append(number))
    try:
        with Stopping().listening() as stopping:
            stopping.patient = True
            os.kill(os.getpid(), signal.SIGUSR2)
            assert not heard and stopping.asked == signal.SIGUSR2
            with pytest.raises(Stopped):
                stopping.check()
        assert heard == [signal.SIGUSR2]
    finally:
        signal.signal(signal.SIGUSR2, before)
