"""The gate-shift module, and a residual network whose blocks read gated and shifted features.

Source: Sudhakaran et al. 2020 (GSM, arXiv 1912.00381). The paper puts it into Inception branches; into residual blocks,
before the first convolution and on a quarter of its channels, as the author of VPD did later (E2E-Spot, Hong et al.
2022, arXiv 2207.10213).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn import resnet as resnet_lib
from sportjax.nn.conv import BatchNorm
from sportjax.nn.general_conv import GeneralConv

_SHARE = 4  # one channel in four passes the gate


def gated_channels(channels: int) -> int:
  """A quarter of the channels, in multiples of four."""
  return -(-(channels // _SHARE) // 4) * 4


class GateShift(nnx.Module):
  """A gate in space and time sends half of the channels one frame back, the other half one frame on.

  What the gate holds back stays where it is. Starts with the gate closed, where it is the identity but for the order of
  channels.
  """

  def __init__(self, channels: int, *, rngs: nnx.Rngs):
    self.norm = BatchNorm(channels)
    self.gate = GeneralConv(channels, 2, (3, 3, 3), groups=2, rngs=rngs)
    nnx.update(self.gate, jax.tree.map(jnp.zeros_like, nnx.state(self.gate)))

  def __call__(self, x: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b t h w c']:
    normed = self.norm(x.reshape(-1, *x.shape[2:]), train=train).reshape(x.shape)
    gates = jnp.tanh(self.gate(jax.nn.relu(normed)))
    halves = [self._half(gates[..., i : i + 1], part, i) for i, part in enumerate(jnp.split(x, 2, axis=-1))]
    return jnp.concatenate(halves, axis=-1)

  def _half(self, gate: Float[Array, 'b t h w 1'], x: Float[Array, 'b t h w c'], back: int) -> Array:
    passed = gate * x
    rest = x - passed
    ends = ((0, 0), (1, 0) if back else (0, 1), *((0, 0),) * 3)
    shifted = jnp.pad(passed, ends)
    shifted = (shifted[:, :-1] if back else shifted[:, 1:]) + rest
    # The two quarters of a half alternate, so that the next module's halves hold some of each.
    return shifted.reshape(*shifted.shape[:-1], 2, -1).swapaxes(-1, -2).reshape(shifted.shape)


class GatedBlock(resnet_lib.Block):
  """A residual block whose first convolution reads through the gate; the shortcut does not.

  The first axis holds clips of `frames` frames, one after the other.
  """

  def __init__(self, block: resnet_lib.Block, frames: int, *, rngs: nnx.Rngs):
    self.convs, self.norms = block.convs, block.norms
    self.shortcut_conv, self.shortcut_norm = block.shortcut_conv, block.shortcut_norm
    self.channels = gated_channels(block.convs[0].kernel.shape[2])
    self.shift = GateShift(self.channels, rngs=rngs)
    self.frames = frames

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q k']:
    gated = x[..., : self.channels]
    gated = self.shift(gated.reshape(-1, self.frames, *gated.shape[1:]), train=train).reshape(gated.shape)
    y = jnp.concatenate([gated, x[..., self.channels :]], axis=-1)
    if self.shortcut_conv is not None and self.shortcut_norm is not None:
      x = self.shortcut_norm(self.shortcut_conv(x), train=train)
    for conv, norm in zip(self.convs[:-1], self.norms[:-1], strict=True):
      y = jax.nn.relu(norm(conv(y), train=train))
    return jax.nn.relu(self.norms[-1](self.convs[-1](y), train=train) + x)


class GatedResNet(resnet_lib.ResNet):
  """A residual network over the frames of clips, every block gated; torch's weights are loaded as into any other."""

  def __init__(self, config: resnet_lib.ResNetConfig, frames: int, *, rngs: nnx.Rngs):
    super().__init__(config, rngs=rngs)
    for stage in self.stages:
      for i, block in enumerate(stage):
        stage[i] = GatedBlock(block, frames, rngs=rngs)
