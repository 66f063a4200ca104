"""RAFT, optical flow from all-pairs correlation, large and small, with torchvision's weights.

Source: Teed & Deng 2020 (arXiv 2003.12039); torchvision.models.optical_flow.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.errors import InputError
from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.load import load as load_weights
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.models.checkpoints.tensors import open_tensors
from sportjax.nn import correlation
from sportjax.nn import flow as flow_lib
from sportjax.nn.flow import ConvGRU, FlowEncoder, MotionEncoder, Norm
from sportjax.nn.general_conv import GeneralConv

_MASK_GAIN = 0.25  # of the upsampling scores, as in the released code


@dataclasses.dataclass(frozen=True)
class RAFTConfig:
  """Widths of the parts. `mask` is the width before the upsampling scores; None upsamples bilinearly."""

  features: tuple[int, ...] = (64, 64, 96, 128, 256)
  context: tuple[int, ...] = (64, 64, 96, 128, 256)
  context_norm: Norm = 'batch'
  narrow: bool = False  # bottleneck blocks in the encoders
  levels: int = 4
  radius: int = 4
  corr: tuple[int, ...] = (256, 192)
  flow: tuple[int, int] = (128, 64)
  motion: int = 128
  hidden: int = 128
  kernels: tuple[tuple[int, int], ...] = ((1, 5), (5, 1))
  head: int = 256
  mask: int | None = 256
  updates: int = 20  # as in VPD's reference, whose weights are torchvision's C_T_V1; torchvision's own default is 12

  @property
  def looked_up(self) -> int:
    """Values that a place has of the correlation pyramid."""
    return self.levels * (2 * self.radius + 1) ** 2


PRESETS = {
  'raft_large': RAFTConfig(),
  'raft_small': RAFTConfig(
    features=(32, 32, 64, 96, 128),
    context=(32, 32, 64, 96, 160),
    context_norm='none',
    narrow=True,
    radius=3,
    corr=(96,),
    flow=(64, 32),
    motion=82,
    hidden=96,
    kernels=((3, 3),),
    head=128,
    mask=None,
  ),
}


class RAFT(nnx.Module):
  """Two images to the motion from the first to the second, in pixels."""

  def __init__(self, config: RAFTConfig, *, rngs: nnx.Rngs):
    self.config = config
    self.features = FlowEncoder(config.features, narrow=config.narrow, norm='instance', rngs=rngs)
    self.context = FlowEncoder(config.context, narrow=config.narrow, norm=config.context_norm, rngs=rngs)
    self.motion = MotionEncoder(config.looked_up, config.corr, config.flow, config.motion, rngs=rngs)
    inputs = config.motion + config.context[-1] - config.hidden
    self.cells = nnx.List([ConvGRU(inputs, config.hidden, size, rngs=rngs) for size in config.kernels])
    self.head = nnx.List([_conv3(config.hidden, config.head, rngs), _conv3(config.head, 2, rngs)])
    scores = 9 * flow_lib.FACTOR**2
    self.mask = (
      nnx.List([_conv3(config.hidden, config.mask, rngs), GeneralConv(config.mask, scores, (1, 1), rngs=rngs)])
      if config.mask is not None
      else None
    )

  def __call__(self, first: Float[Array, 'b h w 3'], second: Float[Array, 'b h w 3']) -> Float[Array, 'b h w 2']:
    """Images in -1..1, with sides that are multiples of 8 and large enough for the pyramid."""
    check_size(first.shape[1:3], self.config)
    maps = self.features(jnp.concatenate([first, second]))
    levels = correlation.pyramid(*jnp.split(maps, 2), self.config.levels)
    state, context = jnp.split(self.context(first), [self.config.hidden], axis=-1)
    start = (jnp.tanh(state), jnp.zeros((len(first), *maps.shape[1:3], 2)))
    grid = jnp.stack(jnp.meshgrid(*(jnp.arange(float(n)) for n in maps.shape[2:0:-1])), axis=-1)[None]
    update = functools.partial(self._update, levels=levels, context=jax.nn.relu(context), grid=grid)
    state, flow = jax.lax.scan(update, start, None, length=self.config.updates)[0]
    if self.mask is None:
      return flow_lib.upsample_bilinear(flow)
    scores = self.mask[1](jax.nn.relu(self.mask[0](state)))
    return flow_lib.upsample_convex(flow, _MASK_GAIN * scores)

  def _update(self, carry: tuple[Array, Array], _: None, *, levels: list[Array], context: Array, grid: Array):
    state, flow = carry
    flow = jax.lax.stop_gradient(flow)
    found = correlation.look_up(levels, grid + flow, self.config.radius)
    x = jnp.concatenate([context, self.motion(flow, found)], axis=-1)
    for cell in self.cells:
      state = cell(state, x)
    return (state, flow + self.head[1](jax.nn.relu(self.head[0](state)))), None


def _conv3(inputs: int, outputs: int, rngs: nnx.Rngs) -> GeneralConv:
  return GeneralConv(inputs, outputs, (3, 3), rngs=rngs)


def check_size(size: tuple[int, ...], config: RAFTConfig) -> None:
  """Whether images of this height and width can be read. Raises InputError where they cannot."""
  least = flow_lib.FACTOR * 2 ** (config.levels - 1)  # torchvision asks for twice that, as its sampling divides by 0
  if any(side % flow_lib.FACTOR or side < least for side in size):
    raise InputError(f'RAFT on {size[0]} x {size[1]} pixels: sides must be multiples of 8, and at least {least}')


def load(path: pathlib.Path, preset: str) -> RAFT:
  """The weights of torchvision's network of that preset, from a .pth or .safetensors file.

  Raises:
    InputError: the preset is unknown, or the file does not hold its weights.
  """
  if preset not in PRESETS:
    raise InputError(f'raft preset {preset!r} is unknown: choose one of {", ".join(PRESETS)}')
  config = PRESETS[preset]
  return load_weights(lambda: RAFT(config, rngs=nnx.Rngs(0)), open_tensors(path), name_map(config))


Flows = Callable[[UInt8[np.ndarray, 'b h w 3'], UInt8[np.ndarray, 'b h w 3']], Float[Array, 'b h w 2']]


def predictor(model: RAFT) -> Flows:
  """Motion from images to images as stored, in 0..255."""
  graphdef, state = nnx.split(model)

  @jax.jit
  def apply(state: nnx.State, first: Array, second: Array) -> Float[Array, 'b h w 2']:
    return nnx.merge(graphdef, state)(*(x.astype(jnp.float32) / 127.5 - 1 for x in (first, second)))

  return functools.partial(apply, state)


def name_map(config: RAFTConfig) -> NameMap:
  """Weights of torchvision.models.optical_flow's raft_large and raft_small."""
  update = 'update_block'
  rules = _encoder('feature_encoder', 'features', config) + _encoder('context_encoder', 'context', config)
  for i in range(len(config.corr)):
    rules += names.conv(f'{update}.motion_encoder.convcorr{i + 1}.0', f'motion.corr.{i}')
  for i in range(2):
    rules += names.conv(f'{update}.motion_encoder.convflow{i + 1}.0', f'motion.flow.{i}')
    rules += names.conv(f'{update}.flow_head.conv{i + 1}', f'head.{i}')
  rules += names.conv(f'{update}.motion_encoder.conv.0', 'motion.out')
  for i in range(len(config.kernels)):
    for theirs, ours in (('convz', 'update'), ('convr', 'reset'), ('convq', 'candidate')):
      rules += names.conv(f'{update}.recurrent_block.convgru{i + 1}.{theirs}', f'cells.{i}.{ours}')
  rules += names.conv('mask_predictor.convrelu.0', 'mask.0') + names.conv('mask_predictor.conv', 'mask.1')
  return NameMap(rules, ignored=('*.num_batches_tracked',))


def _encoder(theirs: str, ours: str, config: RAFTConfig) -> tuple[Rule, ...]:
  rules = _normed(f'{theirs}.convnormrelu', f'{ours}.stem') + names.conv(f'{theirs}.conv', f'{ours}.out')
  for s in range(3):
    block, there = f'{ours}.stages.{s}.{{}}', f'{theirs}.layer{s + 1}.{{}}'
    for i in range(3 if config.narrow else 2):
      rules += _normed(f'{there}.convnormrelu{i + 1}', f'{block}.layers.{i}')
    rules += _normed(f'{there}.downsample', f'{block}.shortcut')
  return rules


def _normed(theirs: str, ours: str) -> tuple[Rule, ...]:
  return names.conv(f'{theirs}.0', f'{ours}.conv') + names.norm(f'{theirs}.1', f'{ours}.norm')
