"""The transformer that image, text and video towers share: pre-norm blocks, with what families vary as settings."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, PRNGKeyArray

Rotary = tuple[Float[Array, 'l d'], Float[Array, 'l d']]  # cosines and sines, one row a token
Implementation = Literal['xla', 'cudnn']

INIT = jax.nn.initializers.truncated_normal(0.02)
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
  'gelu': functools.partial(jax.nn.gelu, approximate=False),
  'gelu_tanh': functools.partial(jax.nn.gelu, approximate=True),
  'quick_gelu': lambda x: x * jax.nn.sigmoid(1.702 * x),
  'relu': jax.nn.relu,
  'silu': jax.nn.silu,
}


class Encoded(NamedTuple):
  """What a tower makes of its input: one vector a token, and one for all."""

  tokens: Float[Array, 'b l d']
  pooled: Float[Array, 'b k']


@dataclasses.dataclass(frozen=True)
class TransformerConfig:
  """Shape of a stack of blocks.

  `biases` names the layers that have one: q, k, v, out, mlp. `qk_norm` is an RMS norm over all heads of a query or key
  at once. `drop_path` is the last block's rate; the first has 0 and those between lie on a line. The first `remat`
  blocks compute their activations again on the way back. Weights are float32 and `dtype` is what products are computed
  in; softmax and norms are float32 always.
  """

  width: int
  depth: int
  heads: int
  mlp_width: int
  head_dim: int | None = None  # width / heads
  activation: str = 'gelu'
  mlp: Literal['plain', 'gated'] = 'plain'
  norm: Literal['layer', 'rms'] = 'layer'
  epsilon: float = 1e-6
  biases: tuple[str, ...] = ('q', 'k', 'v', 'out', 'mlp')
  qk_norm: bool = False
  scale: float | None = None  # of the scores; 1 / sqrt(head_dim)
  layer_scale: float | None = None
  drop_path: float = 0.0
  remat: int = 0
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'
  attention: Implementation = 'xla'

  @property
  def drop_rates(self) -> list[float]:
    """One rate a block."""
    return [self.drop_path * i / max(self.depth - 1, 1) for i in range(self.depth)]


def linear(
  inputs: int, outputs: int, axes: tuple[str | None, str | None], *, bias: bool = True, dtype: Any, rngs: nnx.Rngs
) -> nnx.Linear:
  """An affine layer whose kernel's axes have logical names."""
  kernel_init = nnx.with_metadata(INIT, logical_axes=axes)
  return nnx.Linear(inputs, outputs, use_bias=bias, kernel_init=kernel_init, dtype=dtype, rngs=rngs)


def make_norm(kind: str, width: int, *, epsilon: float, dtype: Any, rngs: nnx.Rngs) -> nnx.LayerNorm | nnx.RMSNorm:
  """A norm in float32. The variance is that of the differences: the fast form cancels where means are large."""
  layer = {'layer': nnx.LayerNorm, 'rms': nnx.RMSNorm}[kind]
  return layer(width, epsilon=epsilon, dtype=dtype, use_fast_variance=False, rngs=rngs)


def drop_path(x: Float[Array, 'b ...'], rate: float, key: PRNGKeyArray | None) -> Float[Array, 'b ...']:
  """Whole examples of a residual branch dropped, the others scaled to the same mean; nothing without a key.

  Source: Huang et al. 2016 (arXiv:1603.09382).
  """
  if key is None or not rate:
    return x
  keep = jax.random.bernoulli(key, 1 - rate, (x.shape[0],) + (1,) * (x.ndim - 1))
  return jnp.where(keep, x / (1 - rate), 0)


def rotate(x: Float[Array, 'b l h d'], rotary: Rotary) -> Float[Array, 'b l h d']:
  """Each pair of neighbouring dimensions turned by its token's angle."""
  cos, sin = (table[None, :, None] for table in rotary)
  pairs = x.astype(jnp.promote_types(x.dtype, jnp.float32)).reshape(*x.shape[:-1], -1, 2)
  turned = jnp.stack([-pairs[..., 1], pairs[..., 0]], axis=-1).reshape(x.shape)
  return (x * cos + turned * sin).astype(x.dtype)


class Attention(nnx.Module):
  """Multi-head attention, to itself or to a context; `outputs=0` leaves the output projection out.

  Source: Vaswani et al. 2017 (arXiv:1706.03762).
  """

  def __init__(self, config: TransformerConfig, *, outputs: int | None = None, rngs: nnx.Rngs):
    width, biases = config.width, config.biases
    inner = config.heads * (config.head_dim or width // config.heads)
    layer = functools.partial(linear, dtype=config.dtype, rngs=rngs)
    self.query, self.key, self.value = (layer(width, inner, ('embed', 'heads'), bias=b in biases) for b in 'qkv')
    outputs = width if outputs is None else outputs
    self.out = layer(inner, outputs, ('heads', 'embed'), bias='out' in biases) if outputs else None
    norm = functools.partial(make_norm, 'rms', inner, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs)
    self.query_norm, self.key_norm = (norm(), norm()) if config.qk_norm else (None, None)
    self.config = config

  def __call__(
    self,
    x: Float[Array, 'b l d'],
    *,
    context: tuple[Array, Array] | None = None,  # what keys and what values are made from
    rotary: Rotary | None = None,
    bias: Float[Array, '1 h l m'] | None = None,
    mask: Bool[Array, 'b #h #l m'] | None = None,
  ) -> Float[Array, 'b l k']:
    query, key, value = self.project(x, context)
    if rotary is not None:
      query, key = rotate(query, rotary), rotate(key, rotary)
    return self.merge(self.attend(query, key, value, bias=bias, mask=mask))

  def project(self, x: Array, context: tuple[Array, Array] | None = None) -> tuple[Array, Array, Array]:
    """Queries, keys and values by head."""
    for_key, for_value = context or (x, x)
    query, key, value = self.query(x), self.key(for_key), self.value(for_value)
    if self.query_norm is not None and self.key_norm is not None:
      query, key = self.query_norm(query), self.key_norm(key)

    def by_head(y: Array) -> Array:
      return y.reshape(*y.shape[:-1], self.config.heads, -1)

    return by_head(query), by_head(key), by_head(value)

  def attend(self, query: Array, key: Array, value: Array, *, bias=None, mask=None) -> Array:
    """The values that queries see; scores and softmax in float32."""
    return jax.nn.dot_product_attention(
      query, key, value, bias, mask, scale=self.config.scale, implementation=self.config.attention
    )

  def merge(self, x: Float[Array, 'b l h d']) -> Float[Array, 'b l k']:
    """The output projection of all heads."""
    x = x.reshape(*x.shape[:-2], -1)
    return x if self.out is None else self.out(x)


class Mlp(nnx.Module):
  """Two layers, the first gated by a third where the config says so. Source of the gate: arXiv:2002.05202."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    layer = functools.partial(linear, bias='mlp' in config.biases, dtype=config.dtype, rngs=rngs)
    self.gate = layer(config.width, config.mlp_width, ('embed', 'mlp')) if config.mlp == 'gated' else None
    self.up = layer(config.width, config.mlp_width, ('embed', 'mlp'))
    self.down = layer(config.mlp_width, config.width, ('mlp', 'embed'))
    self.activation = config.activation

  def __call__(self, x: Float[Array, 'b l d']) -> Float[Array, 'b l d']:
    act = ACTIVATIONS[self.activation]
    return self.down(act(self.up(x)) if self.gate is None else act(self.gate(x)) * self.up(x))


class Block(nnx.Module):
  """Attention and MLP, each behind a norm and beside a shortcut. Source: Dosovitskiy et al. 2021 (arXiv:2010.11929)."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    norm = functools.partial(make_norm, config.norm, config.width, epsilon=config.epsilon, dtype=config.dtype)
    self.norm1, self.norm2 = norm(rngs=rngs), norm(rngs=rngs)
    self.attention = Attention(config, rngs=rngs)
    self.mlp = Mlp(config, rngs=rngs)
    start = config.layer_scale
    self.scale1, self.scale2 = (None if start is None else nnx.Param(jnp.full(config.width, start)) for _ in range(2))

  def __call__(self, x: Array, *, rate: float = 0.0, key: PRNGKeyArray | None = None, **attention: Any) -> Array:
    key1, key2 = (None, None) if key is None else jax.random.split(key)
    x = x + drop_path(scaled(self.attention(self.norm1(x), **attention), self.scale1), rate, key1)
    return x + drop_path(scaled(self.mlp(self.norm2(x)), self.scale2), rate, key2)


def scaled(x: Float[Array, 'b l d'], scale: nnx.Param | None) -> Float[Array, 'b l d']:
  """Layer scale, in float32. Source: Touvron et al. 2021 (arXiv:2103.17239)."""
  return x if scale is None else (x * scale[...][None, None]).astype(x.dtype)


def run_blocks(
  blocks: nnx.List, x: Array, config: TransformerConfig, key: PRNGKeyArray | None = None, *, grid: Any = None, **arrays
) -> Array:
  """The blocks one after another, called as `block(x, rate=, key=, **arrays)`, and with `grid=` where one is given."""
  static = {} if grid is None else {'grid': grid}
  for i, (block, rate) in enumerate(zip(blocks, config.drop_rates, strict=True)):
    here = None if key is None else jax.random.fold_in(key, i)
    if i < config.remat:
      x = _recomputed(block, rate, static)(nnx.state(block), x, here, arrays)
    else:
      x = block(x, rate=rate, key=here, **static, **arrays)
  return x


def _recomputed(block: nnx.Module, rate: float, static: dict[str, Any]) -> Callable[..., Array]:
  graph = nnx.graphdef(block)

  def call(state: nnx.State, x: Array, key: PRNGKeyArray | None, arrays: dict[str, Any]) -> Array:
    return nnx.merge(graph, state)(x, rate=rate, key=key, **static, **arrays)

  return jax.checkpoint(call)


class Transformer(nnx.Module):
  """Blocks and the norm after them."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    self.blocks = nnx.List([Block(config, rngs=rngs) for _ in range(config.depth)])
    self.norm = make_norm(config.norm, config.width, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs)
    self.config = config

  def __call__(self, x: Float[Array, 'b l d'], *, key: PRNGKeyArray | None = None, **attention) -> Array:
    return self.norm(self.states(x, key=key, **attention))

  def states(self, x: Float[Array, 'b l d'], *, key: PRNGKeyArray | None = None, **attention) -> Array:
    """What the last block makes, before the norm."""
    return run_blocks(self.blocks, x.astype(self.config.dtype), self.config, key, **attention)
