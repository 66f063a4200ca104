"""The weak teacher as a task: heatmaps of 17 joints from clean crops of one person."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jaxtyping import Array, Float

from sportjax.models import pose_net
from sportjax.nn import augment as augment_lib
from sportjax.pose.skeletons import get_skeleton
from sportjax.train.task import Batch, Input, Metrics

_MIRROR = tuple(get_skeleton('coco17').mirror.tolist())


@dataclasses.dataclass(frozen=True)
class PoseTeacherConfig:
  """The network and how it is trained. `zoom` is the share of a stored picture's side that a training crop has."""

  net: pose_net.PoseNetConfig = pose_net.PoseNetConfig()
  zoom: tuple[float, float] = (0.68, 0.95)
  sigma_cells: float = 0.8  # of the target's Gaussian
  learning_rate: float = 2e-3
  total_steps: int = 2500


@dataclasses.dataclass(frozen=True)
class PoseTeacherTask:
  """Batches hold `image` uint8 (b, h, w, 3) and `keypoints` (b, 17, 3) in the image's pixels."""

  config: PoseTeacherConfig
  make_input: Callable[[str, bool], Input]

  def init(self, rngs: nnx.Rngs) -> pose_net.PoseNet:
    """A new network."""
    return pose_net.PoseNet(self.config.net, rngs=rngs)

  def loss(self, model: pose_net.PoseNet, batch: Batch, key: jax.Array, *, train: bool) -> tuple[Array, Metrics]:
    """Cross-entropy of the heatmaps, over joints within the crop; and the error of the decoded joints in pixels."""
    image, joints = self._crop(batch, key, train)
    logits = model(image, train=train)
    inside = ((joints >= 0) & (joints <= self.config.net.size_px - 1)).all(-1)
    if 'valid' in batch:
      inside &= batch['valid'][:, None]
    target = self._heatmaps(joints, logits.shape[1])
    cross_entropy = optax.sigmoid_binary_cross_entropy(logits, target).sum((1, 2))
    error = jnp.linalg.norm(pose_net.decode(logits, self.config.net.stride)[..., :2] - joints, axis=-1)
    share = inside / jnp.maximum(inside.sum(), 1)
    return (cross_entropy * share).sum(), {'error_px': (error * share).sum()}

  def optimizer(self) -> optax.GradientTransformation:
    """AdamW, warmed up and brought down along a cosine."""
    steps = self.config.total_steps
    rate = optax.warmup_cosine_decay_schedule(0.0, self.config.learning_rate, max(steps // 20, 1), max(steps, 2))
    return optax.adamw(rate, weight_decay=1e-4)

  def input(self, split: str, *, train: bool) -> Input:
    """Batches of a split from the injected source."""
    return self.make_input(split, train)

  def _crop(self, batch: Batch, key: jax.Array, train: bool) -> tuple[Float[Array, 'b h w 3'], Float[Array, 'b j 2']]:
    """A crop of the network's size, random in place, size, side and colour where `train`; the middle otherwise."""
    count, size = len(batch['image']), self.config.net.size_px
    place, side, colour = jax.random.split(key, 3)
    low, high = self.config.zoom
    share, at = jnp.full((count, 1), (low + high) / 2), jnp.full((count, 2), 0.5)
    mirrored = jnp.zeros(count, bool)
    image = batch['image'].astype(jnp.float32)
    if train:
      draw = jax.random.uniform(place, (count, 3))
      share, at = low + (high - low) * draw[:, :1], 0.5 + 0.5 * (draw[:, 1:] - 0.5)
      mirrored = jax.random.bernoulli(side, 0.5, (count,))
      image = 255 * augment_lib.jitter_colour(colour, image / 255, augment_lib.AugmentConfig(saturation=0.3))
    corner = at * (1 - share)
    boxes = jnp.concatenate([corner, share, share], axis=1)
    joints = (batch['keypoints'][..., :2] + 0.5) / image.shape[1]
    joints = (joints - corner[:, None]) / share[:, None] * size - 0.5
    flipped = (joints * jnp.array([-1.0, 1.0])[None, None] + jnp.array([size - 1.0, 0.0])[None, None])[:, _MIRROR, :]
    joints = jnp.where(mirrored[:, None, None], flipped, joints)
    return augment_lib.resample(image, boxes, mirrored, size), joints

  def _heatmaps(self, joints: Float[Array, 'b j 2'], cells: int) -> Float[Array, 'b y x j']:
    centre = (joints + 0.5) / self.config.net.stride - 0.5
    axis = jnp.arange(cells, dtype=jnp.float32)[None, None]
    bells = jnp.exp(-0.5 * ((axis[..., None] - centre[:, :, None]) / self.config.sigma_cells) ** 2)  # b j cell xy
    return jnp.einsum('bjy,bjx->byxj', bells[..., 1], bells[..., 0])
