import numpy as np
import pytest
from scipy import stats

from hdr_lightning.evaluation.ranking import bootstrap_interval, compare, summarize


def test_interval_equals_scipy():
    values = np.random.default_rng(0).normal(0.9, 0.05, size=50)
    expected = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=9999, rng=1)
    assert bootstrap_interval(values) == pytest.approx(tuple(expected.confidence_interval), abs=1e-3)


def test_p_value_equals_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.5, 1, 12), rng.normal(0, 1, 12)
    expected = stats.permutation_test(
        (first, second), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf
    )
    found = compare(first, second)
    assert found.p == pytest.approx(expected.pvalue, abs=0.015)
    assert found.difference == pytest.approx(np.mean(first - second))
    assert (found.above, found.below) == (np.sum(first > second), np.sum(first < second))


def test_equal_methods_do_not_differ():
    scores = np.linspace(0, 1, 9)
    assert compare(scores, scores)[1:] == (0, 0, 0, 0, 0, 1)


def test_comparison_uses_the_scenes_of_both():
    found = compare(np.array([1, np.nan, 3.0]), np.array([0, 5.0, np.nan]))
    assert (found.scenes, found.difference) == (1, 1)
    assert compare(np.array([np.nan]), np.array([1.0])) is None


def test_summary_by_hand():
    scores = np.array([[0.5, 0.7, 0.9], [0.6, 0.7, np.nan], [np.nan] * 3])
    first, second, none = summarize(scores, "higher")
    assert first.scenes == 3
    assert (first.mean, first.minimum, first.wins) == pytest.approx((0.7, 0.5, 2))
    assert (second.scenes, second.minimum, second.wins) == (2, 0.6, 2)
    assert first.low < first.mean < first.high
    assert none is None


@pytest.mark.parametrize(
    ("better", "wins"),
    [("higher", [0, 1]), ("lower", [1, 0]), ("one", [1, 0]), ("zero", [1, 0]), ("neither", [None, None])],
)
def test_wins_follow_the_direction(better, wins):
    scores = np.array([[0.4], [1.7]])
    assert [summary.wins for summary in summarize(scores, better)] == wins


def test_wins_near_zero_go_by_the_distance():
    assert [summary.wins for summary in summarize(np.array([[-0.1], [0.2]]), "zero")] == [1, 0]
