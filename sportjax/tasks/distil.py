"""Video Pose Distillation as a task: a student learns a weak teacher's pose and its change."""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jaxtyping import Array, Bool, Float, UInt8

from sportjax.losses.distil import distil_loss
from sportjax.models import vpd
from sportjax.nn import augment as augment_lib
from sportjax.train.task import Batch, Input, Metrics


@dataclasses.dataclass(frozen=True)
class DistilConfig:
  """The student and how it is trained. `augment_eval` makes validation as random as training, as the reference does."""

  student: vpd.StudentConfig
  augment: augment_lib.AugmentConfig | None = augment_lib.AugmentConfig()
  augment_eval: bool = False
  learning_rate: float = 5e-4
  weight_decay: float = 0.01


@dataclasses.dataclass(frozen=True)
class DistilTask:
  """Batches hold `frames` uint8 (b, h, w, 6) and `target` (b, v, 2d), as filmed and mirrored.

  A target row is [p_t, p_t - p_{t-1}] of its view. Optional are `weight` (b), of the examples in the mean, and `valid`
  (b), False for rows that only fill the batch.
  """

  config: DistilConfig
  make_input: Callable[[str, bool], Input]

  def init(self, rngs: nnx.Rngs) -> vpd.Student:
    """A new student."""
    return vpd.Student(self.config.student, rngs=rngs)

  def loss(self, model: vpd.Student, batch: Batch, key: jax.Array, *, train: bool) -> tuple[Float[Array, ''], Metrics]:
    """Loss (1) on one draw of the augmentation, and its parts: `pose` and, where there is a decoder, `motion`."""
    student = self.config.student
    augment = self.config.augment if train or self.config.augment_eval else None
    planes, mirrored = prepare(batch['frames'], student, augment, key)
    target = jnp.where(mirrored[:, None], batch['target'][:, 1], batch['target'][:, 0])
    prediction = model.predict(planes, train=train)
    dims = {'pose': slice(student.d)} | ({'motion': slice(student.d, None)} if student.motion else {})
    weight = _weight(batch)
    metrics = {name: distil_loss(prediction[:, part], target[:, part], weight) for name, part in dims.items()}
    return functools.reduce(operator.add, metrics.values()), metrics

  def optimizer(self) -> optax.GradientTransformation:
    """AdamW at a constant rate."""
    return optax.adamw(self.config.learning_rate, weight_decay=self.config.weight_decay)

  def input(self, split: str, *, train: bool) -> Input:
    """Batches of a split from the injected source."""
    return self.make_input(split, train)


def prepare(
  frames: UInt8[Array, 'b h w 6'],
  student: vpd.StudentConfig,
  augment: augment_lib.AugmentConfig | None,
  key: jax.Array,
) -> tuple[Float[Array, 'b h w c'], Bool[Array, 'b']]:
  """The network's input and which of it is mirrored, in the paper's order: colour, noise, mirror, crop."""
  if augment is None:
    return vpd.normalise(frames, student), jnp.zeros(len(frames), bool)
  colour, noise, flip, crop = jax.random.split(key, 4)
  planes = frames[..., : student.channels].astype(jnp.float32)
  rgb = 255 * augment_lib.jitter_colour(colour, planes[..., :3] / 255, augment)
  planes = vpd.normalise(jnp.concatenate([rgb, planes[..., 3:]], -1), student)
  rgb = augment_lib.add_noise(noise, planes[..., :3], frames[..., 5] > 127, augment)
  mirrored = jax.random.uniform(flip, (len(frames),)) < augment.mirror
  flow = (
    planes[..., 3:] * jnp.where(mirrored[:, None], jnp.array([[-1.0, 1.0]]), 1)[:, None, None, : student.channels - 3]
  )
  boxes = augment_lib.crop_boxes(crop, len(frames), augment)
  return augment_lib.resample(jnp.concatenate([rgb, flow], -1), boxes, mirrored), mirrored


def _weight(batch: Batch) -> Float[Array, 'b'] | None:
  given = [batch[name].astype(jnp.float32) for name in ('weight', 'valid') if name in batch]
  return math.prod(given) if given else None
