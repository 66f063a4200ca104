"""The student of Video Pose Distillation: crops with flow to pose features, and the decoder that teaches it motion."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.nn import conv as conv_lib
from sportjax.nn import resnet as resnet_lib

FLOW_ZERO = 128  # the byte of zero flow; 127 steps either way are the +-20 px of the format
RGB_MEAN = (0.485, 0.456, 0.406)
RGB_STD = (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True)
class StudentConfig:
  """A student of a teacher with `d` dimensions, on square crops of `size_px`.

  `pool='mean'` is the paper's; 'flatten' keeps where in the crop each feature is, which a small network trained on
  little may need. `flow=False` and `motion=False` are the paper's ablations: RGB alone, and no decoder, the feature
  itself being held against p_t. `mean` and `std` are those of the dataset's RGB in [0, 1].
  """

  resnet: resnet_lib.ResNetConfig
  d: int = 26
  size_px: int = 128
  flow: bool = True
  motion: bool = True
  pool: Literal['mean', 'flatten'] = 'mean'
  decoder_width: int = 128
  mean: tuple[float, float, float] = RGB_MEAN
  std: tuple[float, float, float] = RGB_STD

  @property
  def channels(self) -> int:
    """Image planes that reach the network."""
    return 5 if self.flow else 3


PRESETS = {
  'vpd_resnet18': StudentConfig(resnet_lib.PRESETS['resnet18']),
  'vpd_resnet34': StudentConfig(resnet_lib.PRESETS['resnet34']),
  'vpd_resnet50': StudentConfig(resnet_lib.PRESETS['resnet50']),
  'small': StudentConfig(resnet_lib.PRESETS['small'], size_px=64),
  'small_spatial': StudentConfig(resnet_lib.PRESETS['small'], size_px=64, pool='flatten'),
}


class Decoder(nnx.Module):
  """[p_t, p_t - p_{t-1}] from the student's feature, in training only. Source: VPD, supplement, "Auxiliary decoder"."""

  def __init__(self, d: int, *, width: int, rngs: nnx.Rngs):
    sizes = (d, width, width, 2 * d)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    self.layers = nnx.List([conv_lib.Dense(i, o, axes=('embed', 'mlp'), rngs=rngs) for i, o in pairs])

  def __call__(self, x: Float[Array, 'b d']) -> Float[Array, 'b k']:
    for layer in self.layers[:-1]:
      x = jax.nn.relu(layer(x))
    return self.layers[-1](x)


class Student(nnx.Module):
  """The network F that stays after training, and with `motion` the decoder D that does not."""

  def __init__(self, config: StudentConfig, *, rngs: nnx.Rngs):
    self.config = config
    backbone = dataclasses.replace(config.resnet, in_channels=config.channels)
    self.backbone = resnet_lib.ResNet(backbone, rngs=rngs)
    cells = backbone.map_side(config.size_px) ** 2 if config.pool == 'flatten' else 1
    self.head = conv_lib.Dense(cells * backbone.features, config.d, axes=('conv_out', 'embed'), rngs=rngs)
    self.decoder = Decoder(config.d, width=config.decoder_width, rngs=rngs) if config.motion else None

  def __call__(self, planes: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b d']:
    if self.config.pool == 'mean':
      return self.head(self.backbone(planes, train=train))
    maps = self.backbone.maps(planes, train=train)
    return self.head(maps.reshape(len(maps), -1).astype(jnp.promote_types(maps.dtype, jnp.float32)))

  def predict(self, planes: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b k']:
    """What the loss compares with the teacher: [p_t, delta p_t], or p_t alone without `motion`."""
    feature = self(planes, train=train)
    return feature if self.decoder is None else self.decoder(feature)


def normalise(frames: UInt8[Array, 'b h w 6'], config: StudentConfig) -> Float[Array, 'b h w c']:
  """The network's input from stored frames: standardised RGB, and flow in -0.5..0.5 with zero at exactly 0."""
  planes = frames[..., : config.channels].astype(jnp.float32)
  zero = jnp.array([255 * m for m in config.mean] + [FLOW_ZERO] * 2)[: config.channels]
  unit = jnp.array([255 * s for s in config.std] + [254.0] * 2)[: config.channels]
  return (planes - zero[None, None, None]) / unit[None, None, None]


def embed(model: Student, frames: UInt8[Array, 'b h w 6']) -> Float[Array, 'b d']:
  """Features of stored frames, as filmed; mirror the frames first for the other view."""
  return model(normalise(frames, model.config), train=False)


def decode_pose(model: Student, frames: UInt8[Array, 'b h w 6']) -> Float[Array, 'b d']:
  """The pose p_t that the decoder reads out of a frame's feature; the feature itself without a decoder."""
  return model.predict(normalise(frames, model.config), train=False)[:, : model.config.d]


def mirror(frames: UInt8[Array, 'b h w 6']) -> UInt8[Array, 'b h w 6']:
  """Stored frames with left and right swapped and horizontal flow negated (bytes about 128)."""
  flipped = frames[:, :, ::-1]
  u = jnp.clip(2 * FLOW_ZERO - flipped[..., 3].astype(jnp.int16), 1, 255).astype(jnp.uint8)
  return flipped.at[..., 3].set(u)
