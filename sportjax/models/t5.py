"""T5's encoder. Source: Raffel et al. 2020 (arXiv:1910.10683), v1.1's gated MLP; weights by Hugging Face's names."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from flax import nnx
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.vit import INIT, Transformer, TransformerConfig
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class T5Config:
  """The encoder; distances of `distance` tokens and more share the last of `buckets`, half of them each way."""

  transformer: TransformerConfig
  vocab: int = 32128
  buckets: int = 32
  distance: int = 128


def stack(
  width: int, depth: int, heads: int, mlp_width: int, head_dim: int = 64, gated: bool = True
) -> TransformerConfig:
  """T5's blocks: RMS norms, no biases, scores that are not scaled."""
  return TransformerConfig(
    width,
    depth,
    heads,
    mlp_width,
    head_dim=head_dim,
    activation='gelu_tanh' if gated else 'relu',
    mlp='gated' if gated else 'plain',
    norm='rms',
    biases=(),
    scale=1.0,
  )


PRESETS = {
  't5_base': T5Config(stack(768, 12, 12, 3072, gated=False)),
  't5_v1_1_base': T5Config(stack(768, 12, 12, 2048)),
  't5_v1_1_large': T5Config(stack(1024, 24, 16, 2816)),
  't5_v1_1_xl': T5Config(stack(2048, 24, 32, 5120)),
}


class T5Encoder(nnx.Module):
  """Tokens to features, one a token."""

  def __init__(self, config: T5Config, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.embedding = nnx.Param(INIT(rngs.params(), (config.vocab, stack.width)), logical_axes=('vocab', 'embed'))
    self.distances = nnx.Param(INIT(rngs.params(), (config.buckets, stack.heads)), logical_axes=(None, 'heads'))
    self.transformer = Transformer(stack, rngs=rngs)
    self.config = config

  def __call__(
    self, ids: Int[Array, 'b l'], mask: Bool[Array, 'b l'] | None = None, *, key: PRNGKeyArray | None = None
  ) -> Float[Array, 'b l d']:
    """Features of texts; masked tokens are seen by none."""
    bias = self.distances[...][buckets(ids.shape[1], self.config.buckets, self.config.distance)]
    seen = None if mask is None else mask[:, None, None]
    return self.transformer(self.embedding[...][ids], bias=bias.transpose(2, 0, 1)[None], mask=seen, key=key)


def buckets(length: int, count: int, distance: int) -> Int[np.ndarray, 'l l']:
  """The bucket of each pair's distance: one each for near tokens, growing as the logarithm for far ones."""
  offset = np.arange(length)[None] - np.arange(length)[:, None]
  half, exact = count // 2, count // 4
  near = np.abs(offset)
  # In float32, as the original: on a bucket's edge the rounding decides.
  ratio = np.log(np.maximum(near, 1).astype(np.float32) / np.float32(exact)) / np.float32(math.log(distance / exact))
  far = np.minimum(exact + (ratio * np.float32(half - exact)).astype(np.int64), half - 1)
  return np.where(near < exact, near, far) + half * (offset > 0)


def name_map(config: T5Config) -> NameMap:
  """Weights of T5EncoderModel, or of the encoder of T5ForConditionalGeneration."""
  layer, block = 'encoder.block.{}.layer', 'transformer.blocks.{}'
  attention = tower_names.separate_attention(
    f'{layer}.0.SelfAttention', f'{block}.attention', ('q', 'k', 'v', 'o'), biases=''
  )
  gated = config.transformer.mlp == 'gated'
  mlp = (('wi_0', 'gate'), ('wi_1', 'up'), ('wo', 'down')) if gated else (('wi', 'up'), ('wo', 'down'))
  return NameMap(
    (
      Rule('shared.weight', 'embedding'),
      Rule('encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight', 'distances'),
      *tower_names.norm(f'{layer}.0.layer_norm', f'{block}.norm1', bias=False),
      *attention,
      *tower_names.norm(f'{layer}.1.layer_norm', f'{block}.norm2', bias=False),
      *sum((tower_names.affine(f'{layer}.1.DenseReluDense.{t}', f'{block}.mlp.{o}', bias=False) for t, o in mlp), ()),
      *tower_names.norm('encoder.final_layer_norm', 'transformer.norm', bias=False),
    ),
    ignored=('decoder.*', 'lm_head.weight', 'encoder.embed_tokens.weight'),
  )


def from_hf(raw: JSON) -> T5Config:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 't5')
  found = hf_config.values(raw, _DEFAULTS)
  name = found['feed_forward_proj']
  # 'gated-gelu' has always meant the tanh form.
  act = hf_config.activation({'gated-gelu': 'gelu_new'}.get(name, name.removeprefix('gated-')))
  blocks = stack(
    found['d_model'], found['num_layers'], found['num_heads'], found['d_ff'], found['d_kv'], name.startswith('gated-')
  )
  return T5Config(
    dataclasses.replace(blocks, activation=act, epsilon=found['layer_norm_epsilon']),
    found['vocab_size'],
    found['relative_attention_num_buckets'],
    found['relative_attention_max_distance'],
  )


_DEFAULTS = {
  'd_model': 512, 'num_layers': 6, 'num_heads': 8, 'd_ff': 2048, 'd_kv': 64, 'vocab_size': 32128,
  'relative_attention_num_buckets': 32, 'relative_attention_max_distance': 128, 'layer_norm_epsilon': 1e-6,
  'feed_forward_proj': 'relu',
}  # fmt: skip
