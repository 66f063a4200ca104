"""Metrics against scikit-learn and by hand; intervals against what resampling must give."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sklearn.metrics

from sportjax.errors import InputError
from sportjax.metrics import bootstrap, classification, mean, retrieval


def test_order_puts_infinities_last_and_the_query_nowhere():
  distances = np.array([[np.inf, 2.0, 0.0, 2.0], [1.0, np.inf, np.inf, 0.5]])
  assert retrieval.order(distances).tolist() == [[2, 1, 3, 0], [3, 0, 1, 2]]
  assert retrieval.order(distances, np.array([2, -1])).tolist() == [[1, 3, 0, -1], [3, 0, 1, 2]]
  assert retrieval.order(distances, k=2).tolist() == [[2, 1], [3, 0]]
  with pytest.raises(InputError, match='NaN'):
    retrieval.order(np.array([[np.nan]]))


def test_retrieval_metrics_by_hand():
  relevant = np.array([[1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
  assert retrieval.precision_at_k(relevant, 2).tolist() == [0.5, 0, 0]
  assert retrieval.precision_at_k(relevant, 8).tolist() == [0.25, 0.125, 0]
  assert retrieval.hit_at_k(relevant, 3).tolist() == [1, 0, 0]
  np.testing.assert_array_equal(retrieval.recall_at_k(relevant, 2), [0.5, 0, np.nan])
  np.testing.assert_allclose(retrieval.recall_at_k(relevant, 4, [4, 2, 1]), [0.5, 0.5, 0])


def test_average_precision_matches_scikit_learn():
  rng = np.random.default_rng(0)
  distances, relevant = rng.uniform(size=(5, 30)), rng.uniform(size=(5, 30)) < 0.3
  expected = [sklearn.metrics.average_precision_score(r, -d) for r, d in zip(relevant, distances, strict=True)]
  ranked = np.take_along_axis(relevant, retrieval.order(distances), 1)
  np.testing.assert_allclose(retrieval.average_precision(ranked), expected)


def test_relevance_of_no_reference_is_false():
  labels = np.array(['axel', 'lutz'])
  assert retrieval.relevance(np.array([[1, -1]]), labels[1:], labels).tolist() == [[True, False]]


def test_classification_metrics_match_scikit_learn():
  rng = np.random.default_rng(1)
  labels, predicted, scores = rng.integers(4, size=60), rng.integers(4, size=60), rng.uniform(size=(60, 4))
  halves = [classification.Confusion.of(predicted[part], labels[part], 5) for part in (slice(25), slice(25, 60))]
  whole = halves[0].merge(halves[1])
  expected = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(5))
  np.testing.assert_array_equal(whole.counts, expected)
  assert whole.accuracy() == sklearn.metrics.accuracy_score(labels, predicted)
  recall = sklearn.metrics.recall_score(labels, predicted, average=None)
  np.testing.assert_allclose(whole.per_class(), [*recall, np.nan])
  assert classification.correct(predicted, labels).mean() == whole.accuracy()
  expected = sklearn.metrics.top_k_accuracy_score(labels, scores, k=2)
  assert classification.top_k_correct(scores, labels, 2).mean() == expected


def test_report_per_class_matches_scikit_learn():
  rng = np.random.default_rng(2)
  names = np.array(['axel', 'flip', 'loop', 'lutz'])
  labels, predicted = names[rng.integers(3, size=60)], names[rng.integers(1, 4, size=60)]  # no lutz; axel never said
  report = classification.per_class(predicted, labels)
  expected = sklearn.metrics.precision_recall_fscore_support(labels, predicted, zero_division=np.nan)
  assert [each.label for each in report] == names.tolist()
  for column, values in zip(('precision', 'recall', 'f1', 'examples'), expected, strict=True):
    np.testing.assert_allclose([getattr(each, column) for each in report], values)


def test_confusion_refuses_classes_it_does_not_have():
  with pytest.raises(InputError, match='outside 0..2'):
    classification.Confusion.of(np.array([3]), np.array([0]), 3)


def test_mean_of_parts_is_the_mean_of_the_whole():
  values, mask = jnp.arange(10.0), jnp.arange(10) < 7
  update = jax.jit(lambda state, v, m: state.merge(mean.Mean.of(v, m)))
  state = update(update(mean.Mean.zero(), values[:4], mask[:4]), values[4:].at[-1].set(jnp.nan), mask[4:])
  assert state.compute() == 3
  assert np.isnan(mean.Mean.zero().compute())


def test_bootstrap_resamples_groups_and_not_examples():
  rng = np.random.default_rng(2)
  groups = np.repeat(np.arange(20), 50)
  values = rng.normal(size=20)[groups]  # all examples of a group are alike
  interval = bootstrap.bootstrap(values, groups, n=4000)
  error = values.reshape(20, 50)[:, 0].std() / np.sqrt(20)
  assert interval.mean == pytest.approx(values.mean())
  assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.1)
  naive = bootstrap.bootstrap(values, np.arange(1000), n=1000)
  assert naive.high - naive.low < 0.3 * (interval.high - interval.low)


def test_bootstrap_is_fixed_by_its_seed_and_exact_without_variation():
  values, groups = np.random.default_rng(3).normal(size=30), np.arange(30) // 3
  assert bootstrap.bootstrap(values, groups, seed=1) == bootstrap.bootstrap(values, groups, seed=1)
  assert bootstrap.bootstrap(values, groups, seed=1) != bootstrap.bootstrap(values, groups, seed=2)
  one = bootstrap.bootstrap(np.ones(4), np.arange(4))
  assert (one.mean, one.low, one.high) == (1, 1, 1)


def test_paired_difference_is_narrower_than_its_rows():
  rng = np.random.default_rng(4)
  groups, hard = np.arange(200) // 10, rng.normal(size=20)
  ours, theirs = hard[groups] + 0.1, hard[groups]
  difference = bootstrap.paired_difference(ours, theirs, groups)
  assert difference.low == pytest.approx(0.1)
  assert bootstrap.bootstrap(ours, groups).low < 0


@pytest.mark.parametrize(('values', 'groups'), [([], []), ([1.0], [0, 1]), ([np.nan], [0])])
def test_bootstrap_refuses_what_it_cannot_average(values, groups):
  with pytest.raises(InputError, match='bootstrap of'):
    bootstrap.bootstrap(np.array(values), np.array(groups))


def test_bootstrap_of_a_statistic_is_that_of_the_mean_where_it_is_one():
  rng = np.random.default_rng(0)
  values = rng.normal(size=30)
  of_mean = bootstrap.bootstrap(values, np.arange(30), n=400, seed=1)
  same = bootstrap.of_statistic(lambda drawn: float(values[drawn].mean()), 30, n=400, seed=1)
  assert same.mean == pytest.approx(of_mean.mean)
  assert (same.low, same.high) == pytest.approx((of_mean.low, of_mean.high), abs=0.08)


def test_draws_without_a_value_count_in_nothing():
  one = bootstrap.of_statistic(lambda drawn: 1.0 if 0 in drawn else float('nan'), 3, n=50, seed=0)
  assert (one.mean, one.low, one.high) == (1, 1, 1)
  never = bootstrap.of_statistic(lambda drawn: float('nan'), 3, n=5, seed=0)
  assert np.isnan([never.mean, never.low, never.high]).all()
  with pytest.raises(InputError, match='bootstrap of no groups'):
    bootstrap.of_statistic(lambda drawn: 0.0, 0)
