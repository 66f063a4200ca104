"""Decoding token by token: greedy and top-p, from tokens or embeddings, in chunks that a caller can watch."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from sportjax.errors import InputError
from sportjax.models.lm.cache import Cache
from sportjax.models.lm.model import LanguageModel
from sportjax.models.lm.prompt import Prompt, places


@dataclasses.dataclass(frozen=True)
class Decoding:
  """How tokens are chosen. Temperature 0 takes the most probable; `top_p` draws from the fewest that make up its share.

  A row ends with a token of `stop_ids`. `chunk` tokens are made between two looks at the result.

  Raises:
    InputError: a value out of range.
  """

  max_tokens: int = 128
  temperature: float = 0.0
  top_p: float = 1.0
  stop_ids: tuple[int, ...] = ()
  chunk: int = 16

  def __post_init__(self):
    if self.max_tokens < 1 or self.chunk < 1 or self.temperature < 0 or not 0 < self.top_p <= 1:
      raise InputError(f'{self}: max_tokens and chunk must be at least 1, temperature not negative, top_p in (0, 1]')


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class _Row:
  """Where decoding stands: the cache, scores of the next token, rows that are done, tokens made so far."""

  cache: Cache
  logits: Float[Array, 'b v']
  done: Bool[Array, 'b']
  made: Int[Array, '']


def stream(
  model: LanguageModel, prompt: Prompt, decoding: Decoding, *, seed: int = 0
) -> Iterator[Int[np.ndarray, 'b n']]:
  """Tokens as they are made, `chunk` at a time, until all rows are done; behind its end a row repeats the stop token.

  A row's draws follow from the seed and its place in the batch, not from the other rows.
  """
  graphdef, state = nnx.split(model)
  room = places(prompt.there.shape[1] + decoding.max_tokens + decoding.chunk)
  row = prefill(graphdef, state, prompt.inputs, prompt.there, room)
  row = _Row(*row, jnp.zeros(len(prompt.there), bool), jnp.zeros((), jnp.int32))
  key = jax.random.key(seed)
  for made in range(0, decoding.max_tokens, decoding.chunk):
    row, tokens = _chunk(graphdef, state, row, key, decoding)
    yield np.asarray(tokens)[:, : decoding.max_tokens - made]
    if bool(row.done.all()):
      return


def generate(model: LanguageModel, prompt: Prompt, decoding: Decoding, *, seed: int = 0) -> list[Int[np.ndarray, 'n']]:
  """The tokens of each row, without the stop token."""
  tokens = np.concatenate(list(stream(model, prompt, decoding, seed=seed)), axis=1)
  return [cut(row, decoding.stop_ids) for row in tokens]


def cut(tokens: Int[np.ndarray, 'n'], stop_ids: tuple[int, ...]) -> Int[np.ndarray, 'k']:
  """The tokens before the first stop token."""
  ends = np.flatnonzero(np.isin(tokens, stop_ids))
  return tokens[: ends[0]] if len(ends) else tokens


@functools.partial(jax.jit, static_argnums=(0, 4))
def prefill(
  graphdef: nnx.GraphDef, state: nnx.State, inputs: Array, there: Array, room: int
) -> tuple[Cache, Float[Array, 'b v']]:
  """A cache with the prompt in it, and the scores of what follows."""
  model = nnx.merge(graphdef, state)
  embeds = model.embed(inputs) if inputs.ndim == 2 else inputs
  hidden, cache = model.extend(embeds, there, model.empty_cache(len(embeds), room, embeds.dtype))
  return cache, model.logits(hidden[:, -1])


def extend_by_token(model: LanguageModel, tokens: Int[Array, 'b'], cache: Cache) -> tuple[Cache, Float[Array, 'b v']]:
  """One more token in each row of the cache, and the scores of what follows."""
  dtype = cache.layers[0][0].dtype
  hidden, cache = model.extend(model.embed(tokens[:, None], dtype), jnp.ones((len(tokens), 1), bool), cache)
  return cache, model.logits(hidden[:, 0])


@functools.partial(jax.jit, static_argnums=(0, 4), donate_argnums=2)
def _chunk(
  graphdef: nnx.GraphDef, state: nnx.State, row: _Row, key: jax.Array, decoding: Decoding
) -> tuple[_Row, Int[Array, 'b n']]:
  model = nnx.merge(graphdef, state)
  stop_ids = jnp.asarray(decoding.stop_ids or (0,), jnp.int32)

  def step(row: _Row, _: Any) -> tuple[_Row, Int[Array, 'b']]:
    token = _choose(row.logits, jax.random.fold_in(key, row.made), decoding)
    token = jnp.where(row.done, stop_ids[0], token)
    done = row.done | (token[:, None] == stop_ids[None]).any(1) if decoding.stop_ids else row.done
    cache, logits = extend_by_token(model, token, row.cache)
    return _Row(cache, logits, done, row.made + 1), token

  row, tokens = jax.lax.scan(step, row, length=decoding.chunk)
  return row, tokens.T


def _choose(logits: Float[Array, 'b v'], key: jax.Array, decoding: Decoding) -> Int[Array, 'b']:
  if decoding.temperature == 0:
    return logits.argmax(-1).astype(jnp.int32)
  logits = nucleus(logits / decoding.temperature, decoding.top_p)
  keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(jnp.arange(len(logits)))
  return jax.vmap(jax.random.categorical)(keys, logits).astype(jnp.int32)


def nucleus(logits: Float[Array, 'b v'], top_p: float) -> Float[Array, 'b v']:
  """Scores of the fewest tokens whose probabilities reach `top_p`, -inf for the others.

  Source: Holtzman et al. 2019 (arXiv 1904.09751).
  """
  if top_p == 1:
    return logits
  order = jnp.flip(jnp.argsort(logits, axis=-1), -1)
  probability = jax.nn.softmax(jnp.take_along_axis(logits, order, axis=-1), axis=-1)
  kept = jnp.cumsum(probability, axis=-1) - probability < top_p
  kept = jnp.put_along_axis(jnp.zeros_like(kept), order, kept, axis=-1, inplace=False)
  return jnp.where(kept, logits, -jnp.inf)
