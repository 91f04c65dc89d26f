"""The nearest rising values, against SciPy."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from hdr_lightning.rising import rising


@pytest.mark.parametrize("count", [1, 2, 64, 300])
def test_rising_is_isotonic_regression(count: int) -> None:
    random = np.random.default_rng(count)
    values = np.linspace(0, 1, count) + random.normal(size=count)
    weights = random.random(count) + 0.01
    expected = isotonic_regression(values, weights=weights).x
    np.testing.assert_allclose(rising(values, weights), expected, atol=1e-12)
