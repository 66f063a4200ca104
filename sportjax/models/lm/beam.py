"""Beam search, whole and jitted, in the form of transformers' generate."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from sportjax.errors import InputError
from sportjax.models.lm.cache import Cache
from sportjax.models.lm.generate import cut, extend_by_token, prefill
from sportjax.models.lm.model import LanguageModel
from sportjax.models.lm.prompt import Prompt, places

_NEVER = -1e9


@dataclasses.dataclass(frozen=True)
class BeamSearch:
  """How many beams, how far, and the exponent of the length by which scores are divided.

  Raises:
    InputError: a value out of range.
  """

  beams: int = 4
  max_tokens: int = 128
  length_penalty: float = 1.0
  stop_ids: tuple[int, ...] = ()

  def __post_init__(self):
    if self.beams < 1 or self.max_tokens < 1:
      raise InputError(f'{self}: beams and max_tokens must be at least 1')


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class _Search:
  """Running beams with what they know, and the best finished ones."""

  made: Int[Array, '']
  cache: Cache
  logits: Float[Array, 'bk v']
  tokens: Int[Array, 'b k n']
  scores: Float[Array, 'b k']
  finished: Int[Array, 'b k n']
  finished_scores: Float[Array, 'b k']
  is_finished: Bool[Array, 'b k']
  improvable: Bool[Array, 'b']


def beam_search(model: LanguageModel, prompt: Prompt, search: BeamSearch) -> list[Int[np.ndarray, 'n']]:
  """The best finished sequence of each row, without the stop token.

  Source: the search of transformers 5 with its default of early stopping, by which a row ends when no running beam, at
  its present length, scores above the worst of the finished.
  """
  graphdef, state = nnx.split(model)
  room = places(prompt.there.shape[1] + search.max_tokens)
  tokens = np.asarray(_search(graphdef, state, prompt.inputs, prompt.there, search, room))
  return [cut(row[row >= 0], search.stop_ids) for row in tokens]


@functools.partial(jax.jit, static_argnums=(0, 4, 5))
def _search(graphdef, state, inputs: Array, there: Array, search: BeamSearch, room: int) -> Int[Array, 'b n']:
  model = nnx.merge(graphdef, state)
  cache, logits = prefill(graphdef, state, inputs, there, room)
  rows, k = len(there), search.beams
  cache, logits = _reordered(cache, logits, jnp.repeat(jnp.arange(rows), k))
  empty = jnp.full((rows, k, search.max_tokens), -1, jnp.int32)
  scores = jnp.full((rows, k), _NEVER).at[:, 0].set(0)  # all beams start alike: only the first may branch
  begin = _Search(
    jnp.zeros((), jnp.int32), cache, logits, empty, scores, empty, jnp.full((rows, k), _NEVER),
    jnp.zeros((rows, k), bool), jnp.ones(rows, bool),
  )  # fmt: skip

  def step(now: _Search) -> _Search:
    return _advance(model, now, search)

  found = jax.lax.while_loop(lambda now: (now.made < search.max_tokens) & now.improvable.any(), step, begin)
  return jnp.where(found.is_finished.any(1)[:, None], found.finished[:, 0], found.tokens[:, 0])


def _advance(model: LanguageModel, now: _Search, search: BeamSearch) -> _Search:
  rows, k = now.scores.shape
  total = jax.nn.log_softmax(now.logits, axis=-1).reshape(rows, k, -1) + now.scores[..., None]
  # So many that enough go on even where every beam's best are the stop tokens.
  scores, flat = jax.lax.top_k(total.reshape(rows, -1), max(2, 1 + len(search.stop_ids)) * k)
  source, token = flat // total.shape[-1], (flat % total.shape[-1]).astype(jnp.int32)
  tokens = _take(now.tokens, source).at[:, :, now.made].set(token)
  ends = jnp.isin(token, jnp.asarray(search.stop_ids, jnp.int32)) | (now.made + 1 == search.max_tokens)
  running, pick = jax.lax.top_k(scores + ends * _NEVER, k)
  finished = _finish(now, tokens, scores, ends, search)
  order = (jnp.arange(rows)[:, None] * k + _take(source, pick)).reshape(-1)
  cache, logits = _reordered(now.cache, now.logits, order)
  cache, logits = extend_by_token(model, _take(token, pick).reshape(-1), cache)
  worst = jnp.where(finished[2], finished[1].min(1, keepdims=True), _NEVER)
  possible = running[:, :1] / (now.made + 1).astype(jnp.float32) ** search.length_penalty
  improvable = now.improvable & (possible > worst).any(1)
  return _Search(now.made + 1, cache, logits, _take(tokens, pick), running, *finished, improvable)


def _finish(now: _Search, tokens: Array, scores: Array, ends: Array, search: BeamSearch) -> tuple[Array, Array, Array]:
  """The best finished sequences, their scores and whether they are any, with those that end now."""
  k = search.beams
  ends = ends & (jnp.arange(ends.shape[1]) < k)[None]
  scores = scores / (now.made + 1).astype(jnp.float32) ** search.length_penalty
  scores = scores + ~now.improvable[:, None] * _NEVER + ~ends * _NEVER
  merged, best = jax.lax.top_k(jnp.concatenate([now.finished_scores, scores], 1), k)
  return (
    _take(jnp.concatenate([now.finished, tokens], 1), best),
    merged,
    _take(jnp.concatenate([now.is_finished, ends], 1), best),
  )


def _take(x: Array, index: Int[Array, 'b k']) -> Array:
  return jnp.take_along_axis(x, index.reshape(index.shape + (1,) * (x.ndim - 2)), axis=1)


def _reordered(cache: Cache, logits: Array, order: Int[Array, 'r']) -> tuple[Cache, Array]:
  layers, there, logits = jax.tree.map(lambda x: x[order], (cache.layers, cache.there, logits))
  return Cache(layers, there, cache.length), logits
