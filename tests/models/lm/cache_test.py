"""The ring of a windowed layer beside all of its places."""

import pathlib

import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.models.lm.cache import extended, seen_places, slots
from sportjax.models.lm.load import load

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm'
WINDOW, ROOM = 6, 24


@pytest.mark.parametrize('parts', [(24,), (1,) * 24, (3, 1, 1, 5, 2, 12), (6, 6, 1, 7), (7, 1, 8)])
def test_every_place_in_the_window_is_seen_once_and_where_it_is_said_to_be(parts):
  kept, start = jnp.zeros((1, slots(ROOM, WINDOW), 1, 1)), 0
  for new in parts:
    at = jnp.asarray(start)
    places = np.asarray(seen_places(at, new, ROOM, WINDOW))
    values = jnp.arange(start, start + new, dtype=float).reshape(1, new, 1, 1) + 100
    seen, kept = extended(kept, values, at, ROOM)
    found = np.asarray(seen).ravel()
    assert found.shape == places.shape
    np.testing.assert_array_equal(found[places >= 0], places[places >= 0] + 100)
    for query in range(start, start + new):
      wanted = range(max(0, query - WINDOW + 1), query + 1)
      assert all((places == place).sum() == 1 for place in wanted)
    start += new
    assert kept.shape[1] == WINDOW


def test_a_layer_keeps_its_window_and_no_more_than_there_is_room_for():
  model = load(FIXTURES / 'gemma3')
  cache = model.empty_cache(2, 40, 'float32')
  assert [k.shape[1] for k, _ in cache.layers] == [6, 6, 40]
  assert [k.shape[1] for k, _ in model.empty_cache(2, 4, 'float32').layers] == [4, 4, 4]


@pytest.mark.slow
@pytest.mark.parametrize('name', ['gemma2', 'gemma3', 'qwen2_window'])
def test_the_sequence_in_parts_is_the_sequence_at_once(name):
  model = load(FIXTURES / name)
  tokens = jnp.asarray(np.random.default_rng(0).integers(3, 60, (2, ROOM)), jnp.int32)
  there = jnp.asarray(np.arange(ROOM)[None] >= np.array([[0], [4]]))
  embeds = model.embed(tokens)
  expected = model(embeds, there)
  cache, found, start = model.empty_cache(2, ROOM, 'float32'), [], 0
  for new in (9, 1, 1, 4, 8, 1):
    part = slice(start, start + new)
    hidden, cache = model.extend(embeds[:, part], there[:, part], cache)
    found.append(hidden)
    start += new
  np.testing.assert_allclose(jnp.concatenate(found, 1)[there], expected[there], atol=1e-5)
