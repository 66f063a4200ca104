"""Networks over a few frames of a clip, spread over its length: TSN, multiscale TRN and GSM.

Source: Wang et al. 2016 (TSN, arXiv 1608.00859), Zhou et al. 2018 (TRN, arXiv 1711.08496), Sudhakaran et al. 2020 (GSM,
arXiv 1912.00381). VPD's baselines have an InceptionV3 as backbone.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from flax import nnx
from jaxtyping import Array, Float

from sportjax.models import backbones
from sportjax.models.backbones import BackboneConfig
from sportjax.nn import initial
from sportjax.nn.conv import Dense
from sportjax.nn.relations import Relations
from sportjax.nn.resnet import ResNetConfig

_FIRST_SD = 0.001  # of the weights of the last layer, in the released codes of TSN and GSM
_RELATION_WIDTH = 256  # of a frame's feature, in the released code of TRN


@dataclasses.dataclass(frozen=True)
class SegmentConfig:
  """`head` 'mean' averages class scores over frames, 'relations' is multiscale TRN; `gated` is GSM."""

  backbone: BackboneConfig
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
  tiny = SegmentConfig(ResNetConfig(stages=(1, 1), widths=(8, 16), stem='strided'), segments=4, size_px=64)
  small = SegmentConfig(backbones.PRESETS['small'], segments=8, size_px=64)
  large = ('resnet18', 'resnet34', 'resnet50', 'inception_v3')
  sizes = {name: SegmentConfig(backbones.PRESETS[name]) for name in large}
  found = {}
  for name, tsn in ({'tiny': tiny, 'small': small} | sizes).items():
    found[f'tsn_{name}'] = tsn
    found[f'trn_{name}'] = dataclasses.replace(tsn, head='relations')
    found[f'gsm_{name}'] = dataclasses.replace(tsn, gated=True)
  return found


PRESETS = _presets()


class SegmentNet(nnx.Module):
  """Standardised frames of clips to class scores."""

  def __init__(self, config: SegmentConfig, classes: int, *, rngs: nnx.Rngs):
    self.config = config
    frames = config.segments if config.gated else None
    self.backbone = backbones.make(config.backbone, config.channels, frames=frames, rngs=rngs)
    self.dropout = nnx.Dropout(config.dropout, rngs=rngs)
    width = _RELATION_WIDTH if config.head == 'relations' else classes
    self.dense = Dense(config.backbone.features, width, axes=('conv_out', 'embed'), rngs=rngs)
    self.dense.kernel[...] = _FIRST_SD * initial.normal(rngs.params(), self.dense.kernel.shape)
    self.dense.bias[...] = 0 * self.dense.bias[...]
    self.relations = Relations(width, config.segments, classes, rngs=rngs) if config.head == 'relations' else None

  def __call__(self, clips: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b k']:
    x = self.backbone(clips.reshape(-1, *clips.shape[2:]), train=train)
    x = self.dense(self.dropout(x, deterministic=not train)).reshape(len(clips), -1, self.dense.kernel.shape[1])
    return x.mean(1) if self.relations is None else self.relations(x, train=train)
