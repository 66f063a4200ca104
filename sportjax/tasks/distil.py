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

from sportjax.errors import InputError
from sportjax.losses.alignment import alignment_loss
from sportjax.losses.distil import distil_loss
from sportjax.models import vpd
from sportjax.nn import augment as augment_lib
from sportjax.train.task import Batch, Input, Metrics


@dataclasses.dataclass(frozen=True)
class DistilConfig:
  """The student and how it is trained. `augment_eval` makes validation as random as training, as the reference does.

  With `gamma`, that of soft-DTW, examples are windows of frames: the student's are aligned with the teacher's, whose
  timing may be off by some frames. Without, each frame is held against its own, as in the paper.
  """

  student: vpd.StudentConfig
  augment: augment_lib.AugmentConfig | None = augment_lib.AugmentConfig()
  augment_eval: bool = False
  learning_rate: float = 5e-4
  weight_decay: float = 0.01
  gamma: float | None = None

  def __post_init__(self):
    if self.gamma is not None and self.gamma <= 0:
      raise InputError(f'gamma={self.gamma}: must be above 0, or left out to compare frame by frame')


@dataclasses.dataclass(frozen=True)
class DistilTask:
  """Batches hold `frames` uint8 (b, h, w, 6) and `target` (b, v, 2d), as filmed and mirrored; windows (b, t, ...).

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
    frames, target = (_in_one_row(batch[name], axes) for name, axes in (('frames', 3), ('target', 2)))
    window = len(frames) // len(batch['frames'])
    planes, mirrored = prepare(frames, student, augment, key, window)
    target = jnp.where(mirrored[:, None], target[:, 1], target[:, 0])
    prediction = model.predict(planes, train=train)
    dims = {'pose': slice(student.d)} | ({'motion': slice(student.d, None)} if student.motion else {})
    weight = _weight(batch)
    compare = functools.partial(self._compare, weight=weight, window=window)
    metrics = {name: compare(prediction[:, part], target[:, part]) for name, part in dims.items()}
    return functools.reduce(operator.add, metrics.values()), metrics

  def _compare(
    self, prediction: Float[Array, 'f k'], target: Float[Array, 'f k'], *, weight: Array | None, window: int
  ) -> Float[Array, '']:
    if self.config.gamma is None:
      return distil_loss(prediction, target, None if weight is None else jnp.repeat(weight, window))
    rows = (x.reshape(-1, window, x.shape[1]) for x in (prediction, target))
    return alignment_loss(*rows, weight=weight, gamma=self.config.gamma)

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
  window: int = 1,
) -> tuple[Float[Array, 'b h w c'], Bool[Array, 'b']]:
  """The network's input and which of it is mirrored, in the paper's order: colour, noise, mirror, crop.

  So many frames in a row as `window` says are mirrored alike; all else is drawn for each.
  """
  if augment is None:
    return vpd.normalise(frames, student), jnp.zeros(len(frames), bool)
  colour, noise, flip, crop = jax.random.split(key, 4)
  planes = frames[..., : student.channels].astype(jnp.float32)
  rgb = 255 * augment_lib.jitter_colour(colour, planes[..., :3] / 255, augment)
  planes = vpd.normalise(jnp.concatenate([rgb, planes[..., 3:]], -1), student)
  rgb = augment_lib.add_noise(noise, planes[..., :3], frames[..., 5] > 127, augment)
  mirrored = jnp.repeat(jax.random.uniform(flip, (len(frames) // window,)) < augment.mirror, window)
  flow = (
    planes[..., 3:] * jnp.where(mirrored[:, None], jnp.array([[-1.0, 1.0]]), 1)[:, None, None, : student.channels - 3]
  )
  boxes = augment_lib.crop_boxes(crop, len(frames), augment)
  return augment_lib.resample(jnp.concatenate([rgb, flow], -1), boxes, mirrored), mirrored


def _in_one_row(x: Array, axes: int) -> Array:
  """Examples of one frame as they are, the frames of windows one after the other; `axes` are those of a frame."""
  return x.reshape(-1, *x.shape[x.ndim - axes :])


def _weight(batch: Batch) -> Float[Array, 'b'] | None:
  given = [batch[name].astype(jnp.float32) for name in ('weight', 'valid') if name in batch]
  return math.prod(given) if given else None
