"""Search in two stages, against the exact search it approximates."""

import jax
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.retrieval import candidates, corpus, search
from sportjax.retrieval.pooling import pool


def motions(count, seed, noise=0.2, classes=8):
  """Clips (t, 2, d) of a few smooth motions at varying tempo."""
  rng = np.random.default_rng(seed)
  shapes = np.random.default_rng(9).normal(size=(classes, 4, 6))
  clips = []
  for label in rng.integers(0, classes, count):
    phase = np.linspace(0, 2 * np.pi, rng.integers(14, 40))[:, None]
    waves = np.concatenate([np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)], 1)
    clip = waves @ shapes[label] + noise * rng.normal(size=(len(phase), 6))
    clips.append(np.stack([clip, clip[:, ::-1]], 1).astype(np.float32))
  return clips


def request(k=5, **options):
  references, queries = corpus.of_clips(motions(300, 0)), corpus.of_clips(motions(6, 1), 'query')
  return search.Request(references, queries, k, **options)


@pytest.mark.parametrize('t', [1, 2, 3, 4, 7, 40])
def test_pooled_vectors_are_means_of_equal_stretches(t):
  clip = np.random.default_rng(t).normal(size=(t, 2, 3)).astype(np.float32)
  stretches = np.repeat(clip, 4, axis=0).reshape(4, t, 2, 3)  # each frame in quarters, whatever t is
  expected = stretches.mean(1).transpose(1, 0, 2).reshape(2, -1)
  np.testing.assert_allclose(pool(clip), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('flip', ['min', 'concat', 'none'])
@pytest.mark.parametrize('dtype', [np.float16, np.float32])
def test_shortlist_holds_the_nearest_vectors(monkeypatch, flip, dtype):
  monkeypatch.setattr(candidates, 'BLOCK', 64)
  rng = np.random.default_rng(0)
  pooled, query = rng.normal(size=(200, 2, 5)).astype(dtype), rng.normal(size=(2, 5)).astype(dtype)
  allowed = rng.random(200) < 0.7
  x, y = query.astype(np.float64), pooled.astype(np.float64)
  pairs = np.square(x[None, :, None] - y[:, None]).sum(-1)
  expected = {'min': pairs.min((1, 2)), 'none': pairs[:, 0, 0], 'concat': pairs[:, 0, 0] + pairs[:, 1, 1]}[flip]
  nearest = np.argsort(np.where(allowed, expected, np.inf))[:20]
  found = candidates.Shortlist(pooled, flip).rows(query, 20, allowed)
  np.testing.assert_array_equal(np.sort(found), np.sort(nearest))
  everything = candidates.Shortlist(pooled, flip).rows(query, 500, allowed)
  np.testing.assert_array_equal(everything, np.flatnonzero(allowed))


def test_all_candidates_give_the_exact_answer():
  exact = search.search(request())
  found = candidates.search_in_two_stages(request(), candidates.vectors(request().corpus), candidates=300)
  np.testing.assert_array_equal(found.index, exact.index)
  np.testing.assert_array_equal(found.distance, exact.distance)


def test_recall_grows_with_candidates_and_is_far_above_chance():
  pooled, exact = candidates.vectors(request().corpus), search.search(request())
  few, more = (
    candidates.recall(candidates.search_in_two_stages(request(), pooled, candidates=n), exact).mean() for n in (20, 80)
  )
  assert few > 0.5  # by chance: 20 of about 200 that have a path
  assert more >= few
  assert more > 0.9
  shuffled = np.random.default_rng(0).permutation(pooled)
  assert candidates.recall(candidates.search_in_two_stages(request(), shuffled, candidates=20), exact).mean() < 0.4


def test_filters_exclusion_and_queries_with_few_paths_hold_in_two_stages():
  only = np.arange(300) % 2 == 0
  apart = search.Apart(np.zeros(6, int), np.arange(300) % 3)
  asked = request(only=only, apart=apart)
  found = candidates.search_in_two_stages(asked, candidates.vectors(asked.corpus), candidates=40)
  assert (found.index % 2 == 0).all()
  assert (found.index % 3 != 0).all()
  long = corpus.of_clips([np.concatenate(motions(3, 5))])
  alone = search.Request(asked.corpus, long, 3, infeasible='symmetric2')
  found = candidates.search_in_two_stages(alone, candidates.vectors(asked.corpus), candidates=300)
  np.testing.assert_array_equal(found.index, search.search(alone).index)


def test_recall_counts_what_has_a_path():
  exact = search.Found(np.array([[3, 1, 0], [2, 0, 1], [0, 1, 2]]), np.array([[0, 1, np.inf], [1, 2, 3], [np.inf] * 3]))
  found = search.Found(np.array([[1, 2, 0], [2, 0, 1], [0, 1, 2]]), exact.distance)
  np.testing.assert_array_equal(candidates.recall(found, exact), [0.5, 1, np.nan])


def test_bad_requests_say_what_is_wrong():
  asked = request(k=5)
  with pytest.raises(InputError, match='candidates=4 are fewer than k=5'):
    candidates.search_in_two_stages(asked, candidates.vectors(asked.corpus), candidates=4)
  with pytest.raises(InputError, match='299 pooled vectors for 300 references'):
    candidates.search_in_two_stages(asked, candidates.vectors(asked.corpus)[1:])
  with pytest.raises(InputError, match="for flip='none' cannot serve flip='min'"):
    candidates.search_in_two_stages(asked, candidates.Shortlist(candidates.vectors(asked.corpus), 'none'))
  wide = search.Request(asked.corpus, corpus.of_clips([np.zeros((20, 2, 7), np.float32)]), 5)
  with pytest.raises(InputError, match='the pooled query has 28 features, those of the index 24'):
    candidates.search_in_two_stages(wide, candidates.vectors(asked.corpus))


def test_shortlist_made_once_serves_many_searches():
  asked = request()
  pooled = candidates.vectors(asked.corpus)
  shortlist = candidates.Shortlist(pooled, 'min', jax.devices()[0])
  found = candidates.search_in_two_stages(asked, shortlist, candidates=50)
  np.testing.assert_array_equal(found.index, candidates.search_in_two_stages(asked, pooled, candidates=50).index)
