"""VIPE* as a task: an embedding of 2D joints in which a pose is the same from all sides."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import grain
import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jax.sharding import Mesh
from jaxtyping import Array, Float

from sportjax.data.poses3d import PairBatches, PoseSequences
from sportjax.dist import arrays
from sportjax.errors import InputError
from sportjax.losses import vipe as losses
from sportjax.losses.alignment import contrastive_alignment_loss
from sportjax.models.vipe import Vipe, VipeConfig
from sportjax.nn import views as views_lib
from sportjax.nn.views import ViewConfig
from sportjax.pose.canonical import Angle
from sportjax.train.task import Batch, Input, Metrics


@dataclasses.dataclass(frozen=True)
class VipeTaskConfig:
  """The embedding and how it is trained; a weight of 0 leaves that loss out.

  The third is not the paper's: `movement` poses in a row, seen by two cameras, are told from the others of the batch by
  aligning their embeddings (soft-DTW with `gamma`).
  """

  net: VipeConfig = VipeConfig()
  views: ViewConfig = ViewConfig()
  angle: Angle = 'turns'  # how the 3D features tell a joint's; the paper says its cosine
  projected: float = 0.5  # how often a view that was filmed is replaced by a projection
  contrastive_weight: float = 1.0
  lifting_weight: float = 1.0
  movement_weight: float = 0.0
  movement: int = 8
  gamma: float = 0.1
  learning_rate: float = 1e-4
  weight_decay: float = 0.01

  def __post_init__(self):
    if not 0 <= self.projected <= 1 or min(self.contrastive_weight, self.lifting_weight, self.movement_weight) < 0:
      raise InputError('vipe: projected must be a share, and the weights of the losses 0 or more')
    if self.movement < 2 or self.gamma <= 0:
      raise InputError('vipe: movement must be at least 2 poses, and gamma above 0')


@dataclasses.dataclass(frozen=True)
class VipeTask:
  """Batches hold what `data.poses3d.PairBatches` gives.

  Optional are `filmed` (b, 2, 13, 3), an estimator's joints (pixels and confidence) from two cameras, and
  `negative_filmed` (b, 13, 3), each replaced by a projection where it is NaN, else as often as `projected` says; and
  `valid` (b), False for rows that only fill the batch. With `movement_weight` batches hold movements.
  """

  config: VipeTaskConfig
  heads: tuple[int, ...]  # widths of the 3D features of the data sets
  make_input: Callable[[str, bool], Input]

  def init(self, rngs: nnx.Rngs) -> Vipe:
    """A new embedding with its decoder."""
    return Vipe(self.config.net, self.heads, rngs=rngs)

  def loss(self, model: Vipe, batch: Batch, key: jax.Array, *, train: bool) -> tuple[Float[Array, ''], Metrics]:
    """Mean of the losses; validation draws views as training does, with a key of its own."""
    assert model.decoder is not None, 'the task makes its models with heads'
    one, other, negative = (model(pose, train=train) for pose in self.poses(batch, key))
    apart = losses.contrastive(one, other, negative, batch['negative_valid'])
    error = sum(losses.lifting(model.decoder(x), batch['features'], batch['source']) for x in (one, other))
    weight = batch['valid'].astype(jnp.float32) if 'valid' in batch else jnp.ones(len(apart))
    metrics = {name: (x * weight).sum() / weight.sum() for name, x in (('contrastive', apart), ('lifting', error))}
    config = self.config
    total = config.contrastive_weight * metrics['contrastive'] + config.lifting_weight * metrics['lifting']
    if config.movement_weight:
      n = batch['movement_length']
      seen = (self._embedded(model, movement, train) for movement in self.movements(batch, key))
      metrics['movement'] = contrastive_alignment_loss(*seen, n, n, weight=weight, gamma=config.gamma)
      total += config.movement_weight * metrics['movement']
    return total, metrics

  def movements(self, batch: Batch, key: jax.Array) -> list[Float[Array, 'b t 39']]:
    """The network's input for each movement, by two cameras that stand still."""
    b, t = batch['movement'].shape[:2]
    mirrored = jnp.repeat(batch['mirrored'], t)
    found = []
    for camera in jax.random.split(jax.random.fold_in(key, 1), 2):
      joints = views_lib.random_views(camera, batch['movement'].reshape(b * t, 13, 3), self.config.views, t)
      found.append(views_lib.vipe_input(joints, mirrored).reshape(b, t, -1))
    return found

  def _embedded(self, model: Vipe, movement: Float[Array, 'b t 39'], train: bool) -> Float[Array, 'b t d']:
    b, t = movement.shape[:2]
    return model(movement.reshape(b * t, -1), train=train).reshape(b, t, -1)

  def poses(self, batch: Batch, key: jax.Array) -> list[Float[Array, 'b 39']]:
    """The network's input: two views of each pose and one of its negative."""
    filmed = batch.get('filmed')
    given = (None, None) if filmed is None else (filmed[:, 0], filmed[:, 1])
    wanted = (
      (batch['xyz'], batch['mirrored'], given[0]),
      (batch['xyz'], batch['mirrored'], given[1]),
      (batch['negative'], batch['negative_mirrored'], batch.get('negative_filmed')),
    )
    keys = jax.random.split(key, len(wanted))
    return [self._view(k, *each) for k, each in zip(keys, wanted, strict=True)]

  def _view(self, key: jax.Array, xyz: Array, mirrored: Array, filmed: Array | None) -> Float[Array, 'b 39']:
    camera, which = jax.random.split(key)
    joints = views_lib.random_views(camera, xyz, self.config.views)
    if filmed is not None:
      replaced = jax.random.uniform(which, (len(xyz),)) < self.config.projected
      replaced |= jnp.isnan(filmed).any((1, 2))
      joints = jnp.where(replaced[:, None, None], joints, filmed)
    return views_lib.vipe_input(joints, mirrored)

  def optimizer(self) -> optax.GradientTransformation:
    """AdamW at a constant rate."""
    return optax.adamw(self.config.learning_rate, weight_decay=self.config.weight_decay)

  def input(self, split: str, *, train: bool) -> Input:
    """Batches of a split from the injected source."""
    return self.make_input(split, train)


def pair_input(
  splits: Mapping[str, Mapping[str, PoseSequences]],
  shares: Mapping[str, float],
  *,
  width: int,
  batch_size: int,
  val_batches: int,
  seed: int,
  mesh: Mesh,
  movement: int = 0,
  angle: Angle = 'turns',
) -> Callable[[str, bool], Input]:
  """Batches of pairs: endless for training; for validation the first so many that another seed draws.

  `movement` and `angle` as in `PairBatches`.

  Raises:
    InputError: a data set has no share.
  """
  shard = (jax.process_index(), jax.process_count())

  def make(split: str, train: bool) -> Input:
    seed_of = seed if train else seed + 1
    batches = PairBatches(splits[split], shares, width, batch_size, seed_of, shard, movement, angle)
    if train:
      iterator = iter(grain.MapDataset.source(batches).to_iter_dataset(grain.ReadOptions(num_threads=0)))
    else:
      iterator = (batches[i] for i in range(val_batches))
    return Input(iterator, lambda batch: arrays.put_batch(batch, mesh))

  return make
