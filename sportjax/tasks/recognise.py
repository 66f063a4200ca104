"""Recognition end to end as a task: a network's own frames or skeletons to classes, without features between."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import grain
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.sharding import Mesh
from jaxtyping import Array, Bool, Float

from sportjax.data import segments as segments_lib
from sportjax.data.clip_input import ClipBatches, ClipSource
from sportjax.dist import arrays
from sportjax.models import msg3d, stgcn, tsn, vpd
from sportjax.models.msg3d import MSG3D, MSG3DConfig
from sportjax.models.stgcn import STGCN, STGCNConfig
from sportjax.models.tsn import SegmentConfig, SegmentNet
from sportjax.nn import augment as augment_lib
from sportjax.train.optim import OptimConfig, make_optimizer
from sportjax.train.task import Batch, Input, Metrics
from sportjax.typing import Int

NetworkConfig = STGCNConfig | MSG3DConfig | SegmentConfig
PRESETS: Mapping[str, NetworkConfig] = MappingProxyType({**stgcn.PRESETS, **msg3d.PRESETS, **tsn.PRESETS})
_FLOW_SPAN = 254.0  # bytes from -20 to 20 px


@dataclasses.dataclass(frozen=True)
class RecogniseTask:
  """Batches hold `clip`, (b, s, v, j, 3) or uint8 (b, s, h, w, 6), and `label` (b)."""

  network: NetworkConfig
  classes: int
  optim: OptimConfig
  make_input: Callable[[str, bool], Input]
  augment: augment_lib.AugmentConfig | None = augment_lib.AugmentConfig()

  def init(self, rngs: nnx.Rngs) -> nnx.Module:
    """A new network."""
    return make_network(self.network, self.classes, rngs=rngs)

  def loss(self, model: Any, batch: Batch, key: jax.Array, *, train: bool) -> tuple[Float[Array, ''], Metrics]:
    """Cross-entropy on one draw of the augmentation, and the accuracy."""
    logits = model(network_input(batch['clip'], self.network, self.augment if train else None, key), train=train)
    weight = batch['valid'].astype(jnp.float32) if 'valid' in batch else jnp.ones(len(logits))
    share = weight / weight.sum()
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, batch['label'])
    correct = (logits.argmax(-1) == batch['label']).astype(jnp.float32)
    return (losses * share).sum(), {'accuracy': (correct * share).sum()}

  def optimizer(self) -> optax.GradientTransformation:
    """As configured."""
    return make_optimizer(self.optim)

  def input(self, split: str, *, train: bool) -> Input:
    """Batches of a split from the injected source."""
    return self.make_input(split, train)


def make_network(config: NetworkConfig, classes: int, *, rngs: nnx.Rngs) -> STGCN | MSG3D | SegmentNet:
  """The network of a config."""
  if isinstance(config, STGCNConfig):
    return STGCN(config, classes, rngs=rngs)
  if isinstance(config, MSG3DConfig):
    return MSG3D(config, classes, rngs=rngs)
  return SegmentNet(config, classes, rngs=rngs)


def network_input(
  clip: Array, network: NetworkConfig, augment: augment_lib.AugmentConfig | None, key: jax.Array
) -> Float[Array, 'b s *d']:
  """What the network reads of stored clips: as filmed without `augment`, else mirrored and changed at random.

  All frames of a clip are changed alike. Skeletons are mirrored only.
  """
  if augment is None:
    return standardised(clip, network, jnp.zeros(len(clip), bool))
  flip, colour, crop = jax.random.split(key, 3)
  mirrored = jax.random.uniform(flip, (len(clip),)) < augment.mirror
  if not isinstance(network, SegmentConfig):
    return standardised(clip, network, mirrored)
  if network.stream == 'rgb':
    rgb = clip[..., :3].astype(jnp.float32) / 255
    tall = rgb.reshape(len(rgb), -1, *rgb.shape[3:])  # one image a clip, so that its frames keep their colours
    clip = 255 * augment_lib.jitter_colour(colour, tall, augment).reshape(rgb.shape)
  return _cropped(standardised(clip, network, mirrored), augment_lib.crop_boxes(crop, len(clip), augment))


def standardised(clip: Array, network: NetworkConfig, mirrored: Bool[Array, 'b']) -> Float[Array, 'b s *d']:
  """Joints or bones, as they are; or standardised RGB, or flow in -0.5..0.5; mirrored where told."""
  if not isinstance(network, SegmentConfig):
    return jnp.where(mirrored[:, None, None, None], clip[:, :, 1], clip[:, :, 0])
  if network.stream == 'rgb':
    scale = 255.0 * jnp.array([vpd.RGB_MEAN, vpd.RGB_STD]).reshape(2, 1, 1, 1, 1, 3)
    planes, sign = (clip[..., :3] - scale[0]) / scale[1], jnp.ones((1, 1, 1, 1, 3))
  else:
    planes = (clip[..., 3:5].astype(jnp.float32) - vpd.FLOW_ZERO) / _FLOW_SPAN
    sign = jnp.array([-1.0, 1.0]).reshape(1, 1, 1, 1, 2)
  return jnp.where(mirrored[:, None, None, None, None], sign * planes[:, :, :, ::-1], planes)


def _cropped(planes: Float[Array, 'b s h w c'], boxes: Float[Array, 'b 4']) -> Float[Array, 'b s h w c']:
  count, frames, height, width, channels = planes.shape
  flat = jnp.moveaxis(planes, 1, 3).reshape(count, height, width, frames * channels)
  flat = augment_lib.resample(flat, boxes, jnp.zeros(count, bool))
  return jnp.moveaxis(flat.reshape(count, height, width, frames, channels), 3, 1)


def clip_input(
  source: ClipSource,
  rows: Int[np.ndarray, 'b'],
  labels: Int[np.ndarray, 'b'],
  *,
  segments: int,
  batch_size: int,
  seed: int,
  mesh: Mesh,
) -> Callable[[str, bool], Input]:
  """Endless batches of some clips of a source for training; there is no other split."""
  shard = (jax.process_index(), jax.process_count())

  def make(split: str, train: bool) -> Input:
    assert train, f'nothing is held out to evaluate on, asked for split {split}'
    size = arrays.local_batch_size(batch_size)
    batches = ClipBatches(source, rows, labels, segments, size, seed, shard)
    iterator = iter(grain.MapDataset.source(batches).to_iter_dataset(grain.ReadOptions(num_threads=2)))
    return Input(iterator, lambda batch: arrays.put_batch(batch, mesh))

  return make


def probabilities(
  model: nnx.Module,
  network: NetworkConfig,
  source: ClipSource,
  rows: Int[np.ndarray, 'b'],
  *,
  clips: int,
  batch_size: int,
) -> Float[np.ndarray, 'b k']:
  """Mean softmax over `clips` draws of frames, each as filmed and mirrored."""
  graphdef, state = nnx.split(model)

  @jax.jit
  def predict(state: nnx.State, clip: Array) -> Float[Array, 'b k']:
    merged: Any = nnx.merge(graphdef, state)
    both = standardised(jnp.tile(clip, (2,) + (1,) * (clip.ndim - 1)), network, jnp.arange(2 * len(clip)) >= len(clip))
    return jax.nn.softmax(merged(both, train=False)).reshape(2, len(clip), -1).mean(0)

  found = []
  for start in range(0, len(rows), batch_size):
    part = rows[start : start + batch_size]
    filled = np.resize(part, batch_size)  # whole batches, so that it compiles once
    drawn = np.stack([segments_lib.spread(length, network.segments, clips) for length in source.lengths[filled]])
    each = [np.asarray(predict(state, source.read(filled, drawn[:, c]))) for c in range(clips)]
    found.append(np.mean(each, axis=0)[: len(part)])
  return np.concatenate(found)
