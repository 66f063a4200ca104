"""The student of Video Pose Distillation: crops with flow to pose features, and the decoder that teaches it motion."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.errors import InputError
from sportjax.formats import files, torch_file
from sportjax.models import backbones, efficientnet
from sportjax.models.backbones import BackboneConfig
from sportjax.models.checkpoints.tensors import Arrays
from sportjax.models.rgb_statistics import RGB
from sportjax.nn import conv as conv_lib
from sportjax.nn.resnet import ResNetConfig

FLOW_ZERO = 128  # the byte of zero flow; 127 steps either way are the +-20 px of the format
_STEPS_PER_PX = 127 / 20
_REFERENCE_ZERO = 20 / 41 - 0.5 - 0.5 / 255  # what its files say of no flow, in the middle of what a byte stands for
# The byte that becomes 0, and how many bytes become 1.
_FLOW_BYTES = {
  'centred': (FLOW_ZERO, 254.0),
  'reference': (FLOW_ZERO - _REFERENCE_ZERO * 41 * _STEPS_PER_PX, 41 * _STEPS_PER_PX),
}
RGB_MEAN, RGB_STD = RGB['imagenet']


@dataclasses.dataclass(frozen=True)
class StudentConfig:
  """A student of a teacher with `d` dimensions, on square crops of `size_px`.

  `pool='mean'` is the paper's; 'flatten' keeps where in the crop each feature is, which a small network trained on
  little may need. `flow=False` and `motion=False` are the paper's ablations: RGB alone, and no decoder, the feature
  itself being held against p_t. `mean` and `std` are those of the dataset's RGB in [0, 1]. `flow_range='reference'`
  scales flow as the reference's files do, whose zero is the byte 124 of -20..21 px; its own weights need it.
  """

  backbone: BackboneConfig
  d: int = 26
  size_px: int = 128
  flow: bool = True
  motion: bool = True
  pool: Literal['mean', 'flatten'] = 'mean'
  flow_range: Literal['centred', 'reference'] = 'centred'
  decoder_width: int = 128
  mean: tuple[float, float, float] = RGB_MEAN
  std: tuple[float, float, float] = RGB_STD

  @property
  def channels(self) -> int:
    """Image planes that reach the network."""
    return 5 if self.flow else 3


_FULL_SIZE = ('resnet18', 'resnet34', 'resnet50', *efficientnet.PRESETS)
PRESETS = {f'vpd_{name}': StudentConfig(backbones.PRESETS[name]) for name in _FULL_SIZE} | {
  'small': StudentConfig(backbones.PRESETS['small'], size_px=64),
  'small_spatial': StudentConfig(backbones.PRESETS['small'], size_px=64, pool='flatten'),
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
    self.backbone = backbones.make(config.backbone, config.channels, rngs=rngs)
    cells = config.backbone.map_side(config.size_px) ** 2 if config.pool == 'flatten' else 1
    self.head = conv_lib.Dense(cells * config.backbone.features, config.d, axes=('conv_out', 'embed'), rngs=rngs)
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
  flow_zero, flow_unit = _FLOW_BYTES[config.flow_range]
  zero = jnp.array([255 * m for m in config.mean] + [flow_zero] * 2)[: config.channels]
  unit = jnp.array([255 * s for s in config.std] + [flow_unit] * 2)[: config.channels]
  return (planes - zero[None, None, None]) / unit[None, None, None]


def mirror(planes: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
  """The network's input with left and right swapped and horizontal flow negated, as in training."""
  return planes[:, :, ::-1] * jnp.array([1.0, 1.0, 1.0, -1.0, 1.0])[None, None, None, : planes.shape[-1]]


def embed(model: Student, frames: UInt8[Array, 'b h w 6'], *, mirrored: bool = False) -> Float[Array, 'b d']:
  """Features of stored frames, as filmed or mirrored."""
  return model(_input(model, frames, mirrored), train=False)


def decode_pose(model: Student, frames: UInt8[Array, 'b h w 6'], *, mirrored: bool = False) -> Float[Array, 'b d']:
  """The pose p_t that the decoder reads out of a frame's feature; the feature itself without a decoder."""
  return model.predict(_input(model, frames, mirrored), train=False)[:, : model.config.d]


def _input(model: Student, frames: UInt8[Array, 'b h w 6'], mirrored: bool) -> Float[Array, 'b h w c']:
  planes = normalise(frames, model.config)
  return mirror(planes) if mirrored else planes


def is_reference(folder: pathlib.Path) -> bool:
  """Whether a folder is one that VPD's code trained into."""
  return (folder / 'best_epoch.encoder.pt').is_file()


def load_reference(folder: pathlib.Path, epoch: str = 'best_epoch') -> Student:
  """A student that VPD's code trained: `config.json`, `<epoch>.encoder.pt` and, with motion, `<epoch>.decoder.pt`.

  Raises:
    InputError: a file is absent, of another network, or the network is none of ours (EfficientNet B5 to B7).
  """
  config = _reference_config(folder / 'config.json')
  model = nnx.eval_shape(lambda: Student(config, rngs=nnx.Rngs(0)))
  path = folder / f'{epoch}.encoder.pt'
  prefix, fc = ('resnet.', 'fc') if isinstance(config.backbone, ResNetConfig) else ('effnet.', '_fc')
  encoder = _arrays(path, prefix)
  model.backbone = backbones.read(config.backbone, config.channels, Arrays(path, encoder))
  _fill(model.head, {name: encoder.get(f'{fc}.{name}') for name in ('weight', 'bias')}, folder, f'{prefix}{fc}')
  if model.decoder is not None:
    decoder = _arrays(folder / f'{epoch}.decoder.pt', 'layers.')
    for layer, at in zip(model.decoder.layers, _REFERENCE_DECODER, strict=True):
      _fill(layer, {name: decoder.get(f'{at}.{name}') for name in ('weight', 'bias')}, folder, f'layers.{at}')
  return model


_REFERENCE_DECODER = (0, 2, 5)  # its linear layers among ReLU and dropout


def _reference_config(path: pathlib.Path) -> StudentConfig:
  stored: Any = files.read_json(path)
  try:
    preset = 'vpd_' + re.sub('effnet(?=.$)', 'tf_efficientnet_b', stored['encoder_arch'])
    mean, std = (tuple(float(x) for x in values) for values in stored['rgb_mean_std'])
    size, d, flow = int(stored['img_dim']), int(stored['emb_dim']), bool(stored['use_flow'])
    motion = bool(stored['motion'] if 'motion' in stored else stored['embed_time'])
  except (KeyError, TypeError, ValueError) as error:
    raise InputError(
      f'{path}: not the config of a student of VPD ({error!r}); give the folder of its training'
    ) from error
  if preset not in PRESETS or len(mean) != 3 or len(std) != 3:
    raise InputError(f'{path}: encoder {stored["encoder_arch"]} is not one of ours: {", ".join(PRESETS)}')
  return dataclasses.replace(
    PRESETS[preset], d=d, size_px=size, flow=flow, motion=motion, mean=mean, std=std, flow_range='reference'
  )  # fmt: skip


def _arrays(path: pathlib.Path, prefix: str) -> dict[str, np.ndarray]:
  """Tensors of a file by what follows the prefix. Raises InputError where one has another name."""
  state = torch_file.read_state_dict(path)
  other = [name for name in state if not name.startswith(prefix)]
  if other:
    raise InputError(f'{path}: {other[0]} is not of a student of VPD; give the folder of its training')
  return {name.removeprefix(prefix): np.asarray(tensor.map()) for name, tensor in state.items()}


def _fill(layer: conv_lib.Dense, given: dict[str, np.ndarray | None], folder: pathlib.Path, name: str) -> None:
  weight, bias = given['weight'], given['bias']
  if weight is None or bias is None or weight.T.shape != layer.kernel.shape:
    raise InputError(f'{folder}: {name} is absent or does not fit its config.json; give the files of one training')
  for variable, value in ((layer.kernel, weight.T), (layer.bias, bias)):
    variable.set_value(jnp.asarray(value, jnp.float32))
