"""Which frames show an action: an ensemble of frame classifiers, one left out of each fold of the videos."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import pack
from sportjax.errors import InputError
from sportjax.evals import fit as fit_lib
from sportjax.nn.sequence import FrameClassifier, SequenceConfig


@dataclasses.dataclass(frozen=True)
class FrameConfig:
  """The network and how its ensemble is trained. Source: VPD (arXiv 2109.01305), supplement D.

  `members` is how many of the folds a member is trained without; all where None. `drawn='longer'` draws windows as the
  reference does, none of a video that is no longer than a window.
  """

  network: SequenceConfig = SequenceConfig()
  folds: int = 5
  members: int | None = None
  window_frames: int = 250
  drawn: Literal['all', 'longer'] = 'all'
  steps: int = 10_000
  batch: int = 100
  learning_rate: float = 1e-3
  weight_decay: float = 0.01
  val_every_steps: int = 50
  patience_steps: int | None = 2500

  def __post_init__(self):
    if min(self.folds - 1, self.window_frames, self.steps, self.batch, self.val_every_steps) < 1:
      raise InputError('frames: folds must be at least 2; window_frames, steps, batch and val_every_steps at least 1')
    if self.members is not None and not 1 <= self.members <= self.folds:
      raise InputError(f'frames.members={self.members}: must be 1 to the {self.folds} folds')
    if self.network.backbone == 'cnn' or self.network.attention:
      raise InputError('frames: the network must be recurrent and without attention: backbone gru or lstm')


class Videos(NamedTuple):
  """Whole videos, padded to one length."""

  features: Float[Array, 'b t v d']
  lengths: Int[Array, 'b']
  active: Int[Array, 'b t']


@dataclasses.dataclass(frozen=True)
class Ensemble:
  """The trained members."""

  fitted: fit_lib.Fitted

  def activations(self, video: Float[np.ndarray, 't v d']) -> Float[np.ndarray, 't']:
    """Mean probability, over members and views, that a frame is part of an action."""
    videos = _videos([video], [np.zeros(len(video), bool)])
    return np.asarray(_activations(self.fitted, videos.features, videos.lengths))[:, 0, : len(video)].mean(0)


def split_folds(count: int, folds: int, seed: int) -> Int[np.ndarray, 'b']:
  """The fold of each video: shuffled, and as even as can be; as many folds as videos where there are fewer.

  Raises:
    InputError: there are fewer than two videos.
  """
  if count < 2:
    raise InputError(f'{count} training videos: an ensemble over folds needs at least two')
  of = np.empty(count, np.int64)
  for fold, members in enumerate(np.array_split(np.random.default_rng(seed).permutation(count), min(folds, count))):
    of[members] = fold
  return of


def train_ensemble(
  videos: Sequence[Float[np.ndarray, 't v d']],
  active: Sequence[Bool[np.ndarray, 't']],
  config: FrameConfig = FrameConfig(),
  *,
  folds: Int[np.ndarray, 'b'] | None = None,
  seed: int = 0,
) -> Ensemble:
  """Trains one member without each fold, and keeps of each the step that is best on the fold it has not seen.

  Departures from VPD's reference: videos are drawn by how many windows they have (`drawn`), so that those of a window's
  length or less are drawn too; members are validated on whole videos instead of random windows.

  Args:
    videos: features of whole videos.
    active: which of their frames are part of an action.
    config: of the training.
    folds: the fold of each video; drawn where None. Both views of a video are in one fold.
    seed: of everything that is drawn.

  Raises:
    InputError: features are not finite or differ in width, all videos are in one fold, no frame is active, or the
      videos that a member is trained on are too short to draw from.
  """
  folds = split_folds(len(videos), config.folds, seed) if folds is None else np.asarray(folds)
  if len(np.unique(folds)) < 2 or len(folds) != len(videos):
    raise InputError(
      f'{len(videos)} videos in {len(np.unique(folds))} folds: name the fold of each video, two folds at least'
    )
  names = np.unique(folds)[: config.members]
  if not any(each.any() for each in active):
    raise InputError('no frame of the training videos is part of an action: their labels lie elsewhere in time')
  data = _videos(videos, active)
  fitted = fit_lib.fit(
    functools.partial(_make, data.features.shape[-1], config.network),
    functools.partial(_loss, config.window_frames),
    data,
    list(_windows([len(v) for v in videos], folds, data.features.shape[2], config, seed)),
    optax.adamw(config.learning_rate, weight_decay=config.weight_decay),
    networks=len(names),
    seed=seed,
    selection=fit_lib.Selection(
      functools.partial(_score, data, folds[None] == names[:, None]), config.val_every_steps, config.patience_steps
    ),
  )
  return Ensemble(fitted)


def _make(d: int, network: SequenceConfig, rngs: Any) -> FrameClassifier:
  return FrameClassifier(d, 2, network, rngs=rngs)


def _windows(
  lengths: Sequence[int], folds: Int[np.ndarray, 'b'], views: int, config: FrameConfig, seed: int
) -> Iterator[Int[np.ndarray, 's b 3']]:
  """Per step and member: video, view and first frame of each window."""
  starts = np.maximum(np.array(lengths) - config.window_frames, 0) + (config.drawn == 'all')
  names = np.unique(folds)[: config.members]
  if not all((starts * (folds != name)).any() for name in names):
    raise InputError(
      f"frames.drawn='longer': no video to train on has more than {config.window_frames} frames; lower window_frames"
    )
  streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(len(names))]
  for _ in range(config.steps):
    drawn = []
    for name, rng in zip(names, streams, strict=True):
      weight = starts * (folds != name)
      video = rng.choice(len(lengths), config.batch, p=weight / weight.sum())
      drawn.append(np.stack([video, rng.integers(views, size=config.batch), rng.integers(starts[video])], 1))
    yield np.stack(drawn).astype(np.int32)


def _loss(window: int, data: Videos, model: FrameClassifier, batch: Int[Array, 'b 3']) -> Float[Array, '']:
  video, view, start = batch.T
  window = min(window, data.features.shape[1])
  frames = start[:, None] + jnp.arange(window)[None]
  logits = model(data.features[video[:, None], frames, view[:, None]], jnp.minimum(data.lengths[video] - start, window))
  error = optax.softmax_cross_entropy_with_integer_labels(logits, data.active[video[:, None], frames])
  there = frames < data.lengths[video][:, None]
  return jnp.where(there, error, 0).sum() / there.sum()


def _score(
  data: Videos, held_out: Bool[np.ndarray, 's b'], fitted: fit_lib.Fitted
) -> tuple[Float[np.ndarray, 's'], Float[np.ndarray, 's']]:
  """Accuracy and cross-entropy of each member over the frames of its fold."""
  active = np.asarray(data.active)
  there = held_out[:, :, None] & (np.arange(active.shape[1]) < np.asarray(data.lengths)[:, None])[None]
  found = np.clip(np.asarray(_activations(fitted, data.features, data.lengths), np.float64), 1e-7, 1 - 1e-7)
  right = (found > 0.5) == active[None]
  loss = -np.log(np.where(active[None] == 1, found, 1 - found))
  frames = there.sum((1, 2))
  return (right * there).sum((1, 2)) / frames, (loss * there).sum((1, 2)) / frames


@jax.jit
def _activations(fitted: fit_lib.Fitted, features: Array, lengths: Array) -> Float[Array, 's b t']:
  def one(model: FrameClassifier) -> Float[Array, 'b t']:
    views = [jax.nn.softmax(model(features[:, :, v], lengths))[..., 1] for v in range(features.shape[2])]
    return jnp.mean(jnp.stack(views), axis=0)

  return fitted.apply(one)


def _videos(videos: Sequence[np.ndarray], active: Sequence[np.ndarray]) -> Videos:
  pack.check_clips([video.reshape(len(video), -1) for video in videos], 'video')
  lengths = np.array([len(video) for video in videos])
  features = np.zeros((len(videos), pack.padded_length(lengths.max()), *videos[0].shape[1:]), np.float32)
  labels = np.zeros(features.shape[:2], np.int32)
  for i, (video, shown) in enumerate(zip(videos, active, strict=True)):
    features[i, : len(video)], labels[i, : len(video)] = video, shown
  return Videos(jnp.asarray(features), jnp.asarray(lengths), jnp.asarray(labels))
