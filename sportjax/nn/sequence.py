"""Networks that read a class off a sequence of features, or off each of its frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from sportjax.nn.recurrent import BiRNN


@dataclasses.dataclass(frozen=True)
class SequenceConfig:
  """A head on features: what reads the sequence, and how its frames become one vector."""

  backbone: Literal['gru', 'lstm', 'cnn'] = 'gru'
  attention: bool = False  # instead of the maximum over time
  hidden: int = 128
  layers: int = 2
  input_dropout: float = 0.2
  dropout: float = 0.5


# Those of VPD's Table 8 that are trained.
ARCHITECTURES: Mapping[str, SequenceConfig] = MappingProxyType(
  {
    'bigru': SequenceConfig(),
    'bilstm': SequenceConfig('lstm'),
    'bigru_attention': SequenceConfig(attention=True),
    'bilstm_attention': SequenceConfig('lstm', attention=True),
    'cnn': SequenceConfig('cnn'),
  }
)


class DenseHead(nnx.Module):
  """BatchNorm-dropout-dense-ReLU-BatchNorm-dropout-dense. Source: VPD (arXiv 2109.01305), supplement B1."""

  def __init__(self, width: int, classes: int, *, dropout: float, rngs: nnx.Rngs):
    self.norm1, self.norm2 = (nnx.BatchNorm(width, momentum=0.9, rngs=rngs) for _ in range(2))
    self.dropout1, self.dropout2 = (nnx.Dropout(dropout, rngs=rngs) for _ in range(2))
    self.dense = nnx.Linear(width, width, rngs=rngs)
    self.out = nnx.Linear(width, classes, rngs=rngs)

  def __call__(self, x: Float[Array, '*b w'], mask: Bool[Array, '*b 1'] | None = None) -> Float[Array, '*b k']:
    x = nnx.relu(self.dense(self.dropout1(self.norm1(x, mask=mask))))
    return self.out(self.dropout2(self.norm2(x, mask=mask)))


class Attention(nnx.Module):
  """The mean of outputs by their product with a query made of the last states.

  Source: VPD's reference implementation. Departure: padding is left out of the softmax, where there it takes part with
  a score of 0, so that a clip's weights depend on what it is batched with.
  """

  def __init__(self, states: int, width: int, *, rngs: nnx.Rngs):
    self.query = nnx.Linear(states, width, rngs=rngs)

  def __call__(
    self, outputs: Float[Array, 'b t w'], last: Float[Array, 'b s'], mask: Bool[Array, 'b t']
  ) -> Float[Array, 'b w']:
    scores = jnp.einsum('btw,bw->bt', outputs, nnx.relu(self.query(last)))
    weights = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf), axis=1)
    return jnp.einsum('bt,btw->bw', weights, jnp.where(mask[..., None], outputs, 0))


class RecurrentClassifier(nnx.Module):
  """Dropout, a bidirectional recurrent network, one vector of its outputs, and the dense head.

  Source: VPD (arXiv 2109.01305), section 5.1 and supplement B1, with the sizes of its reference implementation.
  """

  def __init__(self, d: int, classes: int, config: SequenceConfig = SequenceConfig(), *, rngs: nnx.Rngs):
    assert config.backbone != 'cnn', 'this network is recurrent'
    self.input_dropout = nnx.Dropout(config.input_dropout, rngs=rngs)
    self.rnn = BiRNN(config.backbone, d, config.hidden, config.layers, rngs=rngs)
    width = 2 * config.hidden
    self.attention = Attention(config.layers * width, width, rngs=rngs) if config.attention else None
    self.head = DenseHead(width, classes, dropout=config.dropout, rngs=rngs)

  def __call__(self, x: Float[Array, 'b t d'], lengths: Int[Array, 'b']) -> Float[Array, 'b k']:
    mask = _there(x, lengths)
    outputs, last = self.rnn(self.input_dropout(x), mask)
    if self.attention is None:
      return self.head(_masked_max(outputs, mask))
    return self.head(self.attention(outputs, last, mask))


class FrameClassifier(nnx.Module):
  """The recurrent network with the dense head on each frame. Source: VPD (arXiv 2109.01305), supplement D."""

  def __init__(self, d: int, classes: int, config: SequenceConfig = SequenceConfig(), *, rngs: nnx.Rngs):
    assert config.backbone != 'cnn', 'a convolution without padding has no output for the frames at either end'
    assert not config.attention, 'frames are classified one by one: nothing is pooled'
    self.input_dropout = nnx.Dropout(config.input_dropout, rngs=rngs)
    self.rnn = BiRNN(config.backbone, d, config.hidden, config.layers, rngs=rngs)
    self.head = DenseHead(2 * config.hidden, classes, dropout=config.dropout, rngs=rngs)

  def __call__(self, x: Float[Array, 'b t d'], lengths: Int[Array, 'b']) -> Float[Array, 'b t k']:
    mask = _there(x, lengths)
    outputs, _ = self.rnn(self.input_dropout(x), mask)
    return self.head(outputs, mask[..., None])


_KERNELS = (3, 5, 7)  # frames


class CNNClassifier(nnx.Module):
  """Convolutions over 3, 5 and 7 frames, each one's maximum over time, and two dense layers.

  Source: Kim 2014 (arXiv 1408.5882), with the sizes of VPD's reference implementation. Departure: windows that reach
  into the padding of a batch do not count; a clip shorter than a kernel has one window, filled up with zeros.
  """

  def __init__(self, d: int, classes: int, config: SequenceConfig = SequenceConfig('cnn'), *, rngs: nnx.Rngs):
    self.input_dropout = nnx.Dropout(config.input_dropout, rngs=rngs)
    self.convs = nnx.List([nnx.Conv(d, config.hidden, (k,), padding='VALID', rngs=rngs) for k in _KERNELS])
    self.dropout1, self.dropout2 = (nnx.Dropout(config.dropout, rngs=rngs) for _ in range(2))
    self.dense = nnx.Linear(len(_KERNELS) * config.hidden, config.hidden, rngs=rngs)
    self.out = nnx.Linear(config.hidden, classes, rngs=rngs)

  def __call__(self, x: Float[Array, 'b t d'], lengths: Int[Array, 'b']) -> Float[Array, 'b k']:
    x = self.input_dropout(jnp.where(_there(x, lengths)[..., None], x, 0))
    x = jnp.pad(x, ((0, 0), (0, max(0, max(_KERNELS) - x.shape[1])), (0, 0)))
    pooled = []
    for size, conv in zip(_KERNELS, self.convs, strict=True):
      found = nnx.relu(conv(x))
      pooled.append(_masked_max(found, _there(found, jnp.maximum(lengths - size + 1, 1))))
    x = nnx.relu(self.dense(self.dropout1(jnp.concatenate(pooled, axis=-1))))
    return self.out(self.dropout2(x))


def make_classifier(
  d: int, classes: int, config: SequenceConfig, *, rngs: nnx.Rngs
) -> RecurrentClassifier | CNNClassifier:
  """The network of a config."""
  made = CNNClassifier if config.backbone == 'cnn' else RecurrentClassifier
  return made(d, classes, config, rngs=rngs)


def _there(x: Float[Array, 'b t d'], lengths: Int[Array, 'b']) -> Bool[Array, 'b t']:
  return jnp.arange(x.shape[1])[None] < lengths[:, None]


def _masked_max(x: Float[Array, 'b t w'], mask: Bool[Array, 'b t']) -> Float[Array, 'b w']:
  return jnp.max(jnp.where(mask[..., None], x, -jnp.inf), axis=1)
