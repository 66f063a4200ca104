"""Search against rankings by a plain loop over dtw-python."""

import functools

import jax
import numpy as np
import pytest
from dtw import dtw as oracle
from scipy.spatial.distance import cdist

from sportjax.errors import InputError
from sportjax.retrieval import blocks, corpus, search

SETTINGS = [
  ('symmetricP2', 'min'),
  ('symmetricP2', 'concat'),
  ('symmetricP1', 'none'),
  ('symmetric2', 'min'),
  ('symmetric1', 'concat'),
]


def clips(count, seed, longest=40, d=3):
  rng = np.random.default_rng(seed)
  return [rng.normal(size=(rng.integers(8, longest), 2, d)).astype(np.float32) for _ in range(count)]


def pair(x, y, pattern):
  try:
    result = oracle(cdist(x, y), step_pattern=pattern, distance_only=True)
  except ValueError:  # dtw-python's way to say that there is no path
    return np.inf
  return result.distance if pattern == 'symmetric1' else result.normalizedDistance


def by_loop(queries, references, pattern, flip):
  """Distances as the paper and the reference compute them, one pair at a time."""
  views = {
    'none': lambda clip: [clip[:, 0]],
    'min': lambda clip: [clip[:, 0], clip[:, 1]],
    'concat': lambda clip: [clip.reshape(len(clip), -1)],
  }[flip]
  return np.array([[min(pair(a, b, pattern) for a in views(x) for b in views(y)) for y in references] for x in queries])


@functools.cache
def world():
  """Queries, references and all distances of symmetricP2 as filmed: the corpus of most tests."""
  queries, references = clips(9, 0), clips(70, 1)
  return queries, references, by_loop(queries, references, 'symmetricP2', 'none')


def request(queries=None, references=None, k=5, **options):
  known_queries, known, _ = world()
  answering = corpus.of_clips(known if references is None else references)
  asking = corpus.of_clips(known_queries if queries is None else queries, 'query')
  return search.Request(answering, asking, k, **{'flip': 'none', **options})


def ranked(distances, k):
  return np.argsort(distances, axis=1, kind='stable')[:, :k]


@pytest.mark.parametrize(('pattern', 'flip'), SETTINGS)
def test_rankings_are_those_of_dtw_python(pattern, flip):
  queries, references = clips(5, 2), clips(24, 3)
  expected = by_loop(queries, references, pattern, flip)
  found = search.search(request(queries, references, k=24, pattern=pattern, flip=flip))
  np.testing.assert_array_equal(found.index, ranked(expected, 24))
  np.testing.assert_allclose(found.distance, np.sort(expected, axis=1), rtol=3e-6)


def test_filter_and_exclusion_leave_the_rest_of_the_ranking():
  rng = np.random.default_rng(0)
  only, (asking, answering) = rng.random(70) < 0.6, (rng.integers(0, 4, n) for n in (9, 70))
  names = np.array(['ann', 'bea', 'cyd', 'dot', 'eve'])
  apart = search.Apart(names[asking + 1], names[answering])  # eve has no clip among the references
  found = search.search(request(only=only, apart=apart, k=12))
  barred = ~only | ((asking + 1)[:, None] == answering)
  expected = np.where(barred, np.nan, world()[2])  # sorts behind infinity
  np.testing.assert_array_equal(found.index, ranked(expected, 12))


def test_clips_of_a_corpus_find_all_but_themselves():
  known = world()[1][:30]
  everything = np.arange(30)
  both = corpus.of_clips(known)
  found = search.search(search.Request(both, both, 29, flip='none', apart=search.Apart(everything, everything)))
  np.testing.assert_array_equal(np.sort(found.index), [[j for j in everything if j != i] for i in everything])


def test_references_without_a_path_come_last_in_their_order():
  found = search.search(request(k=70))
  expected = world()[2]
  assert np.isinf(expected).any(axis=1).all()
  np.testing.assert_array_equal(found.index, ranked(expected, 70))
  np.testing.assert_array_equal(np.isinf(found.distance), np.isinf(np.sort(expected, axis=1)))


def test_symmetric2_answers_only_queries_without_any_path():
  references = clips(20, 4, longest=20)
  queries = [*clips(2, 5, longest=20), np.concatenate(clips(4, 6))]
  assert np.isinf(by_loop(queries[2:], references, 'symmetricP2', 'none')).all()
  found = search.search(request(queries, references, infeasible='symmetric2', k=4))
  last = search.search(request(queries, references, k=4))
  np.testing.assert_array_equal(found.index[:2], last.index[:2])
  np.testing.assert_array_equal(found.index[2:], ranked(by_loop(queries[2:], references, 'symmetric2', 'none'), 4))
  assert last.index[2].tolist() == [0, 1, 2, 3]


def test_ties_keep_the_order_of_the_corpus():
  same = np.ones((20, 1, 2), np.float32)
  mixed = [same if i % 3 else np.ones((21, 1, 2), np.float32) for i in range(300)]
  found = search.search(request([same], mixed, k=40))
  assert found.index[0].tolist() == list(range(40))
  assert not found.distance.any()


def test_half_precision_corpora_find_themselves_at_no_distance():
  queries, references, _ = world()
  known = corpus.of_clips([x.astype(np.float16) for x in references])
  found = search.search(search.Request(known, corpus.of_clips(references[:9]), 1, flip='none'))
  assert found.index[:, 0].tolist() == list(range(9))
  assert found.distance.max() < 1e-3
  with pytest.raises(InputError, match='leaves the range of the references, float16'):
    search.search(search.Request(known, corpus.of_clips([queries[0] * 1e5]), 1, flip='none'))


def test_four_devices_and_a_corpus_on_a_device_answer_as_one():
  one = search.search(request())
  four = search.search(request(), devices=jax.devices()[:4])
  np.testing.assert_array_equal(one.index, four.index)
  np.testing.assert_array_equal(one.distance, four.distance)
  asked = request()
  there = corpus.resident(asked.corpus, jax.devices()[0])
  again = search.search(search.Request(there, asked.queries, 5, flip='none'))
  np.testing.assert_array_equal(one.index, again.index)


def test_shapes_on_the_device_are_one_for_each_pair_of_groups_of_lengths(monkeypatch):
  shapes, align = [], blocks.dtw.bucket_scores

  def recorded(queries, bucket, **options):
    shapes.append((len(queries), bucket.frames.shape))
    return align(queries, bucket, **options)

  monkeypatch.setattr(blocks.dtw, 'bucket_scores', recorded)
  rng = np.random.default_rng(0)
  many = [rng.normal(size=(n, 1, 2)).astype(np.float32) for n in rng.integers(10, 24, 150)]
  references = [rng.normal(size=(n, 1, 2)).astype(np.float32) for n in [12] * 700 + [20] * 700]
  search.search(request(many, references, k=3))
  assert len(shapes) > 6
  assert len(set(shapes)) == 2


def test_queries_of_any_length_make_at_most_12_groups():
  lengths = np.arange(1, 49_153)
  asked = corpus.Corpus(np.zeros((0, 1, 1)), lengths, np.arange(len(lengths)), np.cumsum(lengths) - lengths)
  groups = {}
  for batch in blocks.batches(asked):
    groups.setdefault(int(np.ceil(np.log2(max(lengths[batch.rows].max() / blocks.SHORT, 1)))), set()).add(batch.size)
  assert len(groups) == 12
  assert all(len(sizes) == 1 for sizes in groups.values())


def test_degenerate_sizes():
  single = [np.ones((1, 1, 1), np.float32)]
  found = search.search(request(single, single, k=1))
  assert found.index.tolist() == [[0]]
  assert found.distance.tolist() == [[0]]
  assert search.search(request([], k=3)).index.shape == (0, 3)
  one_view = [clip[:, 0] for clip in world()[0]]
  found = search.search(request(one_view, flip='min'))
  assert found.index.shape == (9, 5)


@pytest.mark.parametrize(
  ('options', 'message'),
  [
    ({'k': 71}, 'k = 71 of 70 references, of which a query may find 70'),
    ({'k': 0}, 'k = 0 of 70'),
    ({'k': 2, 'only': np.arange(70) == 3}, 'may find 1'),
    ({'k': 70, 'apart': search.Apart(np.arange(9), np.arange(70))}, 'may find 69'),
    ({'only': np.ones(3, bool)}, 'one bool for each of 70'),
    ({'apart': search.Apart(np.arange(9), np.arange(7))}, '7 codes for 9 queries and 70'),
    ({'flip': 'max'}, "'max' is unknown"),
    ({'infeasible': 'drop'}, "'drop' is unknown"),
    ({'pattern': 'P3'}, "'P3' is unknown"),
    ({'cost': 'l7'}, "'l7' is unknown"),
  ],
)
def test_bad_requests_say_what_is_wrong(options, message):
  with pytest.raises(InputError, match=message):
    request(**options)


def test_features_of_another_width_are_refused():
  with pytest.raises(InputError, match='queries have 4 features a frame, references 3'):
    search.search(request(clips(1, 0, d=4)))


def test_long_searches_show_progress_on_a_terminal(monkeypatch, capsys):
  monkeypatch.setattr(search, 'PROGRESS_PAIRS', 1)
  search.search(request())
  assert not capsys.readouterr().err
  monkeypatch.setattr(search.sys.stderr, 'isatty', lambda: True, raising=False)
  search.search(request())
  assert 'aligning' in capsys.readouterr().err
