"""The decoder that all families share: embeddings in, hidden states and logits out, with or without a cache."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from sportjax.models.lm.cache import Cache, KeyValue, extended, seen_places, slots
from sportjax.models.lm.config import LMConfig
from sportjax.nn.attention import attend, causal_mask
from sportjax.nn.blocks import ANYWHERE, Placement, scan_blocks
from sportjax.nn.linear import GatedMLP, Linear
from sportjax.nn.norm import RMSNorm
from sportjax.nn.rotary import Rope, rotate, rotation

Kind = tuple[int | None, Rope]  # of a layer: its window and its rotation


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class View:
  """What a layer's queries see of the sequence: where they stand, which keys, and by which angles they turn.

  `room` counts all places of the cache, where there is one.
  """

  start: Int[Array, '']
  mask: Bool[Array, 'b l m']
  angles: tuple[Float[Array, 'b l k'], Float[Array, 'b l k']]  # cosines and sines
  room: int = dataclasses.field(default=0, metadata={'static': True})


class Attention(nnx.Module):
  """Causal self-attention with rotary positions, its heads of keys and values shared by groups of queries."""

  def __init__(self, config: LMConfig, *, rngs: nnx.Rngs):
    d, wide, narrow = config.width, config.heads * config.head_dim, config.kv_heads * config.head_dim
    self.query = Linear(d, wide, axes=('embed', 'heads'), bias=config.qkv_bias, rngs=rngs)
    self.key = Linear(d, narrow, axes=('embed', 'heads'), bias=config.qkv_bias, rngs=rngs)
    self.value = Linear(d, narrow, axes=('embed', 'heads'), bias=config.qkv_bias, rngs=rngs)
    self.out = Linear(wide, d, axes=('heads', 'embed'), bias=config.out_bias, rngs=rngs)
    self.query_norm = _norm(config, config.head_dim, None) if config.qk_norm else None
    self.key_norm = _norm(config, config.head_dim, None) if config.qk_norm else None
    self.config = config

  def __call__(self, x: Float[Array, 'b l d'], view: View, cache: KeyValue | None, *, train: bool):
    config = self.config
    q, k, v = (
      part(x, train=train).reshape(*x.shape[:2], -1, config.head_dim) for part in (self.query, self.key, self.value)
    )
    if self.query_norm is not None and self.key_norm is not None:
      q, k = self.query_norm(q), self.key_norm(k)
    q, k = rotate(q, view.angles), rotate(k, view.angles)
    kept = k, v
    if cache is not None:
      (k, v), kept = zip(
        *(extended(a, b, view.start, view.room) for a, b in zip(cache, kept, strict=True)), strict=True
      )
    y = attend(q, k, v, view.mask, scale=config.score_scale, softcap=config.attention_softcap)
    return self.out(y.reshape(*x.shape[:2], -1), train=train), kept


class Block(nnx.Module):
  """Attention and MLP, each added to what came in; Gemma's norms stand behind each too."""

  def __init__(self, config: LMConfig, *, rngs: nnx.Rngs):
    self.attention_norm, self.mlp_norm = _norm(config), _norm(config)
    self.attention_post_norm = _norm(config) if config.gemma_norms else None
    self.mlp_post_norm = _norm(config) if config.gemma_norms else None
    self.attention = Attention(config, rngs=rngs)
    self.mlp = GatedMLP(config.width, config.mlp_width, activation=config.activation, bias=config.mlp_bias, rngs=rngs)

  def __call__(self, x: Float[Array, 'b l d'], view: View, cache: KeyValue | None, *, train: bool):
    y, cache = self.attention(self.attention_norm(x), view, cache, train=train)
    x = x + (y if self.attention_post_norm is None else self.attention_post_norm(y))
    y = self.mlp(self.mlp_norm(x), train=train)
    return x + (y if self.mlp_post_norm is None else self.mlp_post_norm(y)), cache


class LanguageModel(nnx.Module):
  """A decoder. It computes in the dtype of the embeddings it is given; norms, softmax and logits are float32.

  With `remat`, for large models, a pass over whole rows is a loop over the blocks: one is compiled, and only what goes
  from block to block is kept for the backward pass. `placement` then gathers the weights block by block where they are
  divided over devices.
  """

  def __init__(self, config: LMConfig, *, remat: bool = False, placement: Placement = ANYWHERE, rngs: nnx.Rngs):
    self.config = config
    self.remat = remat
    self.placement = placement
    table = 0.02 * jax.random.normal(rngs.params(), (config.vocab, config.width))
    self.embedding = nnx.Param(table, logical_axes=('vocab', 'embed'))
    self.layers = nnx.List([Block(config, rngs=rngs) for _ in range(config.layers)])
    self.norm = _norm(config)
    self.head = None if config.tied else Linear(config.width, config.vocab, axes=('embed', 'vocab'), rngs=rngs)

  def embed(self, tokens: Int[Array, 'b l'], dtype: Any = None) -> Float[Array, 'b l d']:
    """Input embeddings, after Gemma's scale; soft tokens put among them are of this form. `dtype`: to compute in."""
    table = self.embedding[...]
    x = self.placement.rows(table[tokens])
    if self.config.scale_embeddings:
      x = x * jnp.asarray(self.config.width**0.5, table.dtype)  # rounded to the table's dtype, as in the original
    return x.astype(dtype or table.dtype)

  def __call__(
    self, embeds: Float[Array, 'b l d'], there: Bool[Array, 'b l'] | None = None, *, train: bool = False
  ) -> Float[Array, 'b l d']:
    """Hidden states behind the last norm. `there` is False where a row is padded, on either side."""
    there = self.placement.rows(jnp.ones(embeds.shape[:2], bool) if there is None else there)
    views = self._views(there, there, None)
    if self.remat:
      return self.norm(self._scan(embeds, views, train))
    x = embeds
    for layer, kind in zip(self.layers, self.config.kinds, strict=True):
      x, _ = layer(x, views[kind], None, train=train)
    return self.norm(x)

  def _scan(self, x: Array, views: dict[Kind, View], train: bool) -> Array:
    kinds = list(views)
    stacked = jax.tree.map(lambda *parts: jnp.stack(parts), *views.values())

    def run(layer: Block, x: Array, kind: Array) -> Array:
      return layer(x, jax.tree.map(lambda part: part[kind], stacked), None, train=train)[0]

    each = jnp.asarray([kinds.index(kind) for kind in self.config.kinds])
    return scan_blocks(self.layers, run, x, each, self.placement)

  def extend(
    self, embeds: Float[Array, 'b l d'], there: Bool[Array, 'b l'], cache: Cache
  ) -> tuple[Float[Array, 'b l d'], Cache]:
    """Hidden states of what follows on the cache, and the cache with it. There must be room for it."""
    at = cache.length
    known = jax.lax.dynamic_update_slice(cache.there, there, (0, at))
    views = self._views(there, known, at)
    x, layers = embeds, []
    for layer, kind, old in zip(self.layers, self.config.kinds, cache.layers, strict=True):
      x, new = layer(x, views[kind], old, train=False)
      layers.append(new)
    return self.norm(x), Cache(tuple(layers), known, at + embeds.shape[1])

  def logits(self, hidden: Float[Array, '*b d']) -> Float[Array, '*b v']:
    """Scores of each token coming next, float32."""
    hidden = self.placement.rows(hidden)
    if self.head is None:
      table = self.placement.gather(self.embedding)[...].astype(hidden.dtype)
      y = jnp.matmul(hidden, table.T, preferred_element_type=jnp.float32)
    else:
      graphdef, state = nnx.split(self.head)
      y = nnx.merge(graphdef, self.placement.gather(state))(hidden).astype(jnp.float32)
    cap = self.config.logit_softcap
    return y if cap is None else cap * jnp.tanh(y / cap)

  def empty_cache(self, rows: int, places: int, dtype: Any) -> Cache:
    """Room for `places` tokens in each row."""
    config = self.config
    shapes = [(rows, slots(places, window), config.kv_heads, config.head_dim) for window, _ in config.kinds]
    layers = tuple((jnp.zeros(shape, dtype), jnp.zeros(shape, dtype)) for shape in shapes)
    return Cache(layers, jnp.zeros((rows, places), bool), jnp.zeros((), jnp.int32))

  def _views(self, there: Array, known: Array, start: Array | None) -> dict[Kind, View]:
    """What layers of each kind see; `there` of the new places, `known` of all, `start` is None without a cache."""
    new, room = there.shape[1], known.shape[1]
    before = known.sum(1) - there.sum(1)
    positions = jnp.maximum(jnp.cumsum(there, axis=1) - 1, 0) + before[:, None]
    at = jnp.zeros((), jnp.int32) if start is None else start

    def view(window: int | None, rope: Rope) -> View:
      keys = jnp.arange(room) if start is None else seen_places(start, new, room, window)
      mask = causal_mask(at + jnp.arange(new), keys, known[:, keys] & (keys >= 0)[None], window)
      return View(at, mask, rotation(rope, positions, self.config.head_dim), room)

    return {kind: view(*kind) for kind in dict.fromkeys(self.config.kinds)}


def _norm(config: LMConfig, features: int | None = None, axis: str | None = 'embed') -> RMSNorm:
  return RMSNorm(features or config.width, epsilon=config.norm_epsilon, unit_offset=config.gemma_norms, axis=axis)
