"""Networks over a few frames of a clip, spread over its length: TSN, multiscale TRN and GSM on a residual network.

Source: Wang et al. 2016 (TSN, arXiv 1608.00859), Zhou et al. 2018 (TRN, arXiv 1711.08496), Sudhakaran et al. 2020 (GSM,
arXiv 1912.00381). Departure: a ResNet is the backbone; VPD's baselines have an InceptionV3, which is not here.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn import resnet as resnet_lib
from sportjax.nn.conv import Dense
from sportjax.nn.gate_shift import GatedResNet
from sportjax.nn.relations import Relations

_FIRST_SD = 0.001  # of the weights of the last layer, in the released codes of TSN and GSM
_RELATION_WIDTH = 256  # of a frame's feature, in the released code of TRN


@dataclasses.dataclass(frozen=True)
class SegmentConfig:
  """`head` 'mean' averages class scores over frames, 'relations' is multiscale TRN; `gated` is GSM."""

  resnet: resnet_lib.ResNetConfig
  segments: int = 16
  head: Literal['mean', 'relations'] = 'mean'
  gated: bool = False
  dropout: float = 0.5
  stream: Literal['rgb', 'flow'] = 'rgb'
  size_px: int = 128

  @property
  def channels(self) -> int:
    """Image planes that reach the network."""
    return 3 if self.stream == 'rgb' else 2


def _presets() -> dict[str, SegmentConfig]:
  small = SegmentConfig(resnet_lib.PRESETS['small'], segments=8, size_px=64)
  sizes = {name: SegmentConfig(resnet_lib.PRESETS[name]) for name in ('resnet18', 'resnet34', 'resnet50')}
  found = {}
  for name, tsn in ({'small': small} | sizes).items():
    found[f'tsn_{name}'] = tsn
    found[f'trn_{name}'] = dataclasses.replace(tsn, head='relations')
    found[f'gsm_{name}'] = dataclasses.replace(tsn, gated=True)
  return found


PRESETS = _presets()


class SegmentNet(nnx.Module):
  """Standardised frames of clips to class scores."""

  def __init__(self, config: SegmentConfig, classes: int, *, rngs: nnx.Rngs):
    self.config = config
    shape = dataclasses.replace(config.resnet, in_channels=config.channels)
    self.backbone = (
      GatedResNet(shape, config.segments, rngs=rngs) if config.gated else resnet_lib.ResNet(shape, rngs=rngs)
    )
    self.dropout = nnx.Dropout(config.dropout, rngs=rngs)
    width = _RELATION_WIDTH if config.head == 'relations' else classes
    self.dense = Dense(shape.features, width, axes=('conv_out', 'embed'), rngs=rngs)
    self.dense.kernel[...] = _FIRST_SD * jax.random.normal(rngs.params(), self.dense.kernel.shape)
    self.dense.bias[...] = 0 * self.dense.bias[...]
    self.relations = Relations(width, config.segments, classes, rngs=rngs) if config.head == 'relations' else None

  def __call__(self, clips: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b k']:
    x = self.backbone(clips.reshape(-1, *clips.shape[2:]), train=train)
    x = self.dense(self.dropout(x, deterministic=not train)).reshape(len(clips), -1, self.dense.kernel.shape[1])
    return x.mean(1) if self.relations is None else self.relations(x, train=train)
