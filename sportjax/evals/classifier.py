"""Classifiers of clips, trained on all subsets of labels at once."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from sportjax.align import pack
from sportjax.errors import InputError
from sportjax.evals import fit as fit_lib
from sportjax.evals.schedule import Schedule
from sportjax.nn.sequence import SequenceConfig, make_classifier

PREDICT = 128  # clips to one call of the device


class Examples(NamedTuple):
  """Clips padded to one length."""

  features: Float[Array, 'b t v d']
  lengths: Int[Array, 'b']
  labels: Int[Array, 'b']


class Labelled(NamedTuple):
  """Clips (t, v, d) or (t, d) and what they show."""

  clips: Sequence[np.ndarray]
  labels: np.ndarray


@dataclasses.dataclass(frozen=True)
class TrainConfig:
  """A classifier and how it is trained; with clips to validate on, the best of every so many epochs is kept."""

  network: SequenceConfig = SequenceConfig()
  schedule: Schedule = Schedule()
  val_every_epochs: int = 10
  patience_epochs: int | None = None  # VPD's code: a third of the epochs

  def __post_init__(self):
    if self.val_every_epochs < 1 or (self.patience_epochs is not None and self.patience_epochs < 1):
      raise InputError('val_every_epochs and patience_epochs must be at least 1')


@dataclasses.dataclass(frozen=True)
class Classifiers:
  """One trained classifier a subset."""

  classes: np.ndarray
  fitted: fit_lib.Fitted

  def probabilities(self, clips: Sequence[np.ndarray]) -> Float[np.ndarray, 's b k']:
    """Mean softmax of a clip as filmed and mirrored.

    Raises:
      InputError: a clip is empty, not finite, or of another width.
    """
    examples = _examples(clips, np.zeros(len(clips), int))
    return np.exp(_log_probabilities(self.fitted, examples))

  def predict(self, clips: Sequence[np.ndarray]) -> np.ndarray:
    """Labels, one row a subset."""
    return self.classes[self.probabilities(clips).argmax(-1)]


def train_classifiers(
  train: Labelled,
  subsets: list[Int[np.ndarray, 'b']],
  config: TrainConfig = TrainConfig(),
  *,
  val: Labelled | None = None,
  seed: int = 0,
) -> Classifiers:
  """A classifier for each subset of the training clips; a mirrored view of a clip is a further example.

  Source: VPD (arXiv 2109.01305), section 5.1 and supplement B1. Departure: epochs run on into each other, so that every
  batch is whole.

  Raises:
    InputError: a clip is empty, not finite, or of another width; one to validate on has a label of no class.
  """
  used: Int[np.ndarray, 'c'] = np.unique(np.concatenate(subsets))
  classes, targets = np.unique(np.asarray(train.labels)[used], return_inverse=True)
  examples = _examples([train.clips[i] for i in used], targets)
  rows = [np.searchsorted(used, subset) for subset in subsets]
  views, schedule = examples.features.shape[2], config.schedule
  count = views * max(len(row) for row in rows)
  fitted = fit_lib.fit(
    functools.partial(new_network, examples.features.shape[-1], len(classes), config.network),
    _loss,
    examples,
    list(_batches(rows, views, schedule.batch, schedule.steps(count), seed)),
    schedule.optimizer(count),
    networks=len(subsets),
    seed=seed,
    selection=None if val is None else _selection(val, classes, config, schedule.steps_per_epoch(count)),
  )
  return Classifiers(classes, fitted)


def by_network(
  train: Sequence[np.ndarray],
  labels: np.ndarray,
  subsets: list[Int[np.ndarray, 'b']],
  test: Sequence[np.ndarray],
  *,
  config: TrainConfig = TrainConfig(),
  val: Labelled | None = None,
  seed: int = 0,
) -> np.ndarray:
  """Predicted labels of the test clips, one row a subset: a `recognition.Classify`."""
  return train_classifiers(Labelled(train, labels), subsets, config, val=val, seed=seed).predict(test)


def new_network(d: int, classes: int, network: SequenceConfig, rngs: Any) -> Any:
  """A classifier of features d wide, before its first step."""
  return make_classifier(d, classes, network, rngs=rngs)


def _loss(examples: Examples, model: Any, batch: Int[Array, 'b 2']) -> Float[Array, '']:
  rows, views = batch[:, 0], batch[:, 1]
  logits = model(examples.features[rows, :, views], examples.lengths[rows])
  return optax.softmax_cross_entropy_with_integer_labels(logits, examples.labels[rows]).mean()


def _batches(
  rows: list[np.ndarray], views: int, size: int, steps: int, seed: int
) -> Iterator[Int[np.ndarray, 's b 2']]:
  """Per step and subset which clip and view; every example once an epoch."""
  streams = np.random.SeedSequence(seed).spawn(len(rows))
  order = [_order(row, views, size * steps, np.random.default_rng(s)) for row, s in zip(rows, streams, strict=True)]
  for step in range(steps):
    yield np.stack([each[step * size : (step + 1) * size] for each in order])


def _order(row: Int[np.ndarray, 'b'], views: int, count: int, rng: np.random.Generator) -> Int[np.ndarray, 'n 2']:
  pairs = np.stack(np.meshgrid(row, np.arange(views), indexing='ij'), -1).reshape(-1, 2).astype(np.int32)
  return np.concatenate([pairs[rng.permutation(len(pairs))] for _ in range(-(-count // len(pairs)))])[:count]


def _selection(val: Labelled, classes: np.ndarray, config: TrainConfig, epoch_steps: int) -> fit_lib.Selection:
  """By accuracy, then by cross-entropy, on clips as filmed and mirrored."""
  unknown = sorted(set(np.asarray(val.labels).tolist()) - set(classes.tolist()))
  if unknown:
    raise InputError(f'validation clips are labelled {unknown[0]!r}, which no training clip is; leave them out')
  targets = np.searchsorted(classes, val.labels)
  examples = _examples(val.clips, targets)

  def score(fitted: fit_lib.Fitted) -> tuple[np.ndarray, np.ndarray]:
    found = _log_probabilities(fitted, examples)
    loss = -np.take_along_axis(found, np.broadcast_to(targets[None, :, None], (*found.shape[:2], 1)), -1)
    return (found.argmax(-1) == targets[None]).mean(1), loss.mean((1, 2))

  patience = None if config.patience_epochs is None else config.patience_epochs * epoch_steps
  return fit_lib.Selection(score, config.val_every_epochs * epoch_steps, patience)


def _examples(clips: Sequence[np.ndarray], labels: np.ndarray) -> Examples:
  full = [clip if clip.ndim == 3 else clip[:, None] for clip in clips]
  pack.check_clips([clip.reshape(len(clip), -1) for clip in full], 'clip')
  lengths = np.array([len(clip) for clip in full])
  features = np.zeros((len(full), pack.padded_length(lengths.max()), *full[0].shape[1:]), np.float32)
  for row, clip in zip(features, full, strict=True):
    row[: len(clip)] = clip
  return Examples(jnp.asarray(features), jnp.asarray(lengths), jnp.asarray(labels))


@jax.jit
def _log_mean_softmax(fitted: fit_lib.Fitted, features: Array, lengths: Array) -> Float[Array, 's b k']:
  def one(model: Any) -> Float[Array, 'b k']:
    views = [jax.nn.log_softmax(model(features[:, :, v], lengths)) for v in range(features.shape[2])]
    return jax.scipy.special.logsumexp(jnp.stack(views), axis=0) - jnp.log(len(views))

  return fitted.apply(one)


def _log_probabilities(fitted: fit_lib.Fitted, examples: Examples) -> Float[np.ndarray, 's b k']:
  parts = range(0, len(examples.lengths), PREDICT)
  found = [_log_mean_softmax(fitted, *(x[i : i + PREDICT] for x in examples[:2])) for i in parts]
  return np.concatenate([np.asarray(part) for part in found], axis=1)
