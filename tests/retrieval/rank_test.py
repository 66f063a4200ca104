"""Ranking against a plain loop over dtw-python, as the reference implementation does it."""

import numpy as np
import pytest
from dtw import dtw as oracle
from sklearn.metrics import pairwise_distances

from sportjax.errors import InputError
from sportjax.metrics import retrieval
from sportjax.retrieval import rank


def corpus(count, seed=0, views=2):
  rng = np.random.default_rng(seed)
  return [rng.normal(size=(rng.integers(17, 30), views, 4)).astype(np.float32) for _ in range(count)]


def reference_distance(x, y):
  """Of the VPD reference: Euclidean costs, symmetricP2, normalised, inf where there is no path."""
  try:
    return oracle(pairwise_distances(x, y), step_pattern='symmetricP2', distance_only=True).normalizedDistance
  except ValueError:
    return np.inf


def concat(clip):
  return clip.reshape(len(clip), -1)


def test_distances_match_the_reference_for_each_way_with_flips():
  queries, references = corpus(6), corpus(9, seed=1)
  expected = {
    'concat': [[reference_distance(concat(x), concat(y)) for y in references] for x in queries],
    'none': [[reference_distance(x[:, 0], y[:, 0]) for y in references] for x in queries],
    'min': [
      [min(reference_distance(x[:, a], y[:, b]) for a in (0, 1) for b in (0, 1)) for y in references] for x in queries
    ],
  }
  assert np.isinf(expected['min']).any()
  for flip, values in expected.items():
    np.testing.assert_allclose(rank.distances(queries, references, flip=flip), values, rtol=2e-6)


def test_rank_equals_sorting_the_full_matrix():
  queries, references = corpus(70, views=1), corpus(40, seed=1, views=1)
  index, scores = rank.rank(queries, references, k=12)
  full = rank.distances(queries, references)
  np.testing.assert_array_equal(index, retrieval.order(full, k=12))
  np.testing.assert_array_equal(scores, np.sort(full, axis=1)[:, :12])


def test_query_is_left_out_of_its_own_list():
  clips = corpus(15)
  index, scores = rank.rank(clips, clips, k=14, exclude_self=np.arange(15))
  assert not (index == np.arange(15)[:, None]).any()
  assert all(len(set(row)) == 14 for row in index)
  assert (np.diff(np.nan_to_num(scores, posinf=1e9), axis=1) >= 0).all()


def test_precision_equals_a_loop_written_as_the_reference():
  clips, labels = corpus(14, seed=2), np.arange(14) % 3
  expected = []
  for i, query in enumerate(clips):
    costs = [reference_distance(concat(query), concat(clip)) for clip in clips]
    near = [j for j in np.argsort(costs, kind='stable') if j != i][:5]
    expected.append(np.mean([labels[j] == labels[i] for j in near]))
  index, _ = rank.rank(clips, clips, k=5, flip='concat', exclude_self=np.arange(14))
  values = retrieval.precision_at_k(retrieval.relevance(index, labels, labels), 5)
  np.testing.assert_allclose(values, expected)


def test_ties_and_infinities_keep_the_order_of_the_references():
  clip = np.ones((20, 4), np.float32)
  references = [np.ones((60, 4), np.float32), clip, clip, np.ones((5, 4), np.float32), clip]
  index, scores = rank.rank([clip], references, k=5)
  assert index.tolist() == [[1, 2, 4, 0, 3]]
  assert scores.tolist() == [[0, 0, 0, np.inf, np.inf]]


@pytest.mark.parametrize(
  ('options', 'message'),
  [
    ({'k': 9}, 'k = 9 of 4'),
    ({'k': 4, 'exclude_self': np.arange(4)}, 'k = 4 of 4'),
    ({'k': 1, 'flip': 'max'}, "'max' is unknown"),
  ],
)
def test_bad_options_say_what_is_wrong(options, message):
  clips = corpus(4)
  with pytest.raises(InputError, match=message):
    rank.rank(clips, clips, **options)


def test_bad_clips_say_which():
  clips = corpus(3)
  with pytest.raises(InputError, match='clip 2 has shape'):
    rank.distances(clips, [*clips[:2], clips[2][:, :1]])
  with pytest.raises(InputError, match='query 1 has NaN'):
    rank.distances([clips[0], np.full_like(clips[1], np.nan)], clips)
