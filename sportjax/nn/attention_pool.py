"""One vector for many tokens by attention: a learned probe's, or that of the tokens' own mean."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float

from sportjax.nn.vit import INIT, Attention, Mlp, TransformerConfig, make_norm


class ProbePool(nnx.Module):
  """A learned query attends to all tokens, then an MLP. Source: Zhai et al. 2022 (arXiv:2106.04560), the MAP head."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    self.probe = nnx.Param(INIT(rngs.params(), (config.width,)))
    self.attention = Attention(config, rngs=rngs)
    self.norm = make_norm('layer', config.width, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs)
    self.mlp = Mlp(config, rngs=rngs)

  def __call__(self, tokens: Float[Array, 'b l d'], mask: Bool[Array, 'b l'] | None = None) -> Float[Array, 'b d']:
    probe = jnp.broadcast_to(self.probe[...].astype(tokens.dtype), (len(tokens), 1, tokens.shape[-1]))
    seen = None if mask is None else mask[:, None, None]
    x = self.attention(probe, context=(tokens, tokens), mask=seen)
    return (x + self.mlp(self.norm(x)))[:, 0]


class MeanPool(nnx.Module):
  """The mean token attends to all, each role behind a norm of its own. Source: arXiv:2403.15377 (InternVideo2)."""

  def __init__(self, config: TransformerConfig, outputs: int, *, rngs: nnx.Rngs):
    norm = functools.partial(make_norm, 'layer', config.width, epsilon=1e-5, dtype=config.dtype, rngs=rngs)
    self.query_norm, self.key_norm, self.value_norm = norm(), norm(), norm()
    self.attention = Attention(config, outputs=outputs, rngs=rngs)

  def __call__(self, tokens: Float[Array, 'b l d']) -> Float[Array, 'b k']:
    mean = tokens.mean(1, keepdims=True, dtype=jnp.promote_types(tokens.dtype, jnp.float32)).astype(tokens.dtype)
    context = self.key_norm(tokens), self.value_norm(tokens)
    return self.attention(self.query_norm(mean), context=context)[:, 0]


def mean_tokens(tokens: Float[Array, 'b l d']) -> Float[Array, 'b d']:
  """The mean, summed in float32."""
  return tokens.mean(1, dtype=jnp.promote_types(tokens.dtype, jnp.float32)).astype(tokens.dtype)


def l2_normalise(x: Float[Array, 'b d']) -> Float[Array, 'b d']:
  """Unit vectors, in float32."""
  x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
  return x * jax.lax.rsqrt(jnp.maximum(jnp.square(x).sum(-1, keepdims=True), 1e-24))
