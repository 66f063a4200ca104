"""The BiGRU classifier of few-shot recognition, trained on all subsets of labels at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import tqdm
from flax import nnx
from jaxtyping import Array, Float, Int, PyTree

from sportjax.align import pack
from sportjax.nn import recurrent

PREDICT = 128  # test clips to one call of the device


@dataclasses.dataclass(frozen=True)
class Schedule:
  """How one classifier is trained: AdamW, the rate falling to 0 along a cosine, examples drawn with replacement."""

  steps: int = 300
  batch: int = 50
  learning_rate: float = 1e-3
  weight_decay: float = 0.01
  hidden: int = 128


class Examples(NamedTuple):
  """Clips padded to one length."""

  features: Float[Array, 'b t v d']
  lengths: Int[Array, 'b']
  labels: Int[Array, 'b']


class State(NamedTuple):
  """What training changes; each leaf has one row a subset."""

  params: PyTree
  rest: PyTree  # BatchNorm statistics, counters of the dropout streams
  moments: PyTree


def bigru(
  train: Sequence[np.ndarray],
  labels: np.ndarray,
  subsets: list[Int[np.ndarray, 'b']],
  test: Sequence[np.ndarray],
  *,
  schedule: Schedule = Schedule(),
  seed: int = 0,
) -> np.ndarray:
  """Predicted labels of the test clips, one row a subset of the training clips.

  A mirrored view of a clip (t, v, d) is a further training example; a prediction is the mean of the views' softmax.
  Source: VPD (arXiv 2109.01305), section 5.1. Departures: one fixed schedule without warm restarts and without choosing
  the best epoch, since no labels are left to choose by.

  Raises:
    InputError: a clip is empty, not finite, or of another width.
  """
  used: Int[np.ndarray, 'c'] = np.unique(np.concatenate(subsets))
  classes, targets = np.unique(np.asarray(labels)[used], return_inverse=True)
  examples = _examples([train[i] for i in used], targets)
  places = [np.searchsorted(used, subset) for subset in subsets]
  sizes = np.array([len(place) for place in places])
  rows = np.stack([np.resize(place, sizes.max()) for place in places])

  graph, state = _init(examples.features.shape[-1], len(classes), len(subsets), schedule, seed)
  step = jax.jit(lambda *args: _step(graph, schedule, examples, *args), donate_argnums=0)
  key = jax.random.fold_in(jax.random.key(seed), 1)
  for i in tqdm.trange(schedule.steps, desc='training the classifiers', leave=False, disable=schedule.steps < 100):
    state = step(state, rows, sizes, jax.random.fold_in(key, i))
  return classes[_predict(graph, state, _examples(test, np.zeros(len(test), int)))]


def _examples(clips: Sequence[np.ndarray], labels: np.ndarray) -> Examples:
  full = [clip if clip.ndim == 3 else clip[:, None] for clip in clips]
  pack.check_clips([clip.reshape(len(clip), -1) for clip in full], 'clip')
  lengths = np.array([len(clip) for clip in full])
  features = np.zeros((len(full), pack.padded_length(lengths.max()), *full[0].shape[1:]), np.float32)
  for row, clip in zip(features, full, strict=True):
    row[: len(clip)] = clip
  return Examples(jnp.asarray(features), jnp.asarray(lengths), jnp.asarray(labels))


def _optimizer(schedule: Schedule) -> optax.GradientTransformation:
  rate = optax.cosine_decay_schedule(schedule.learning_rate, schedule.steps)
  return optax.adamw(rate, weight_decay=schedule.weight_decay)


def _init(d: int, classes: int, subsets: int, schedule: Schedule, seed: int) -> tuple[nnx.GraphDef, State]:
  def one(key: Array) -> tuple[nnx.GraphDef, PyTree, PyTree]:
    model = recurrent.SequenceClassifier(d, classes, hidden=schedule.hidden, rngs=nnx.Rngs(key))
    graph, params, rest = nnx.split(model, nnx.Param, ...)
    return graph, params, rest

  graph = one(jax.random.key(seed))[0]
  params, rest = jax.jit(jax.vmap(lambda key: one(key)[1:]))(jax.random.split(jax.random.key(seed), subsets))
  return graph, State(params, rest, jax.vmap(_optimizer(schedule).init)(params))


def _step(
  graph: nnx.GraphDef, schedule: Schedule, examples: Examples, state: State, rows: Array, sizes: Array, key: Array
) -> State:
  """One update of every subset's classifier."""
  views = examples.features.shape[2]

  def one(state: State, rows: Array, size: Array, key: Array) -> State:
    which, view = jax.random.split(key)
    picked = rows[jax.random.randint(which, (schedule.batch,), 0, size)]
    x = examples.features[picked, :, jax.random.randint(view, (schedule.batch,), 0, views)]

    def loss(params: PyTree) -> tuple[Array, PyTree]:
      model = nnx.merge(graph, params, state.rest, copy=True)
      logits = model(x, examples.lengths[picked])
      error = optax.softmax_cross_entropy_with_integer_labels(logits, examples.labels[picked])
      return error.mean(), nnx.split(model, nnx.Param, ...)[2]

    gradient, rest = jax.grad(loss, has_aux=True)(state.params)
    update, moments = _optimizer(schedule).update(gradient, state.moments, state.params)
    return State(optax.apply_updates(state.params, update), rest, moments)

  return jax.vmap(one)(state, rows, sizes, jax.random.split(key, len(sizes)))


def _predict(graph: nnx.GraphDef, state: State, test: Examples) -> Int[np.ndarray, 's b']:
  @jax.jit
  def classify(features: Array, lengths: Array) -> Array:
    def one(params: PyTree, rest: PyTree) -> Array:
      model = nnx.merge(graph, params, rest, copy=True)
      model.eval()
      views = [jax.nn.softmax(model(features[:, :, v], lengths)) for v in range(features.shape[2])]
      return jnp.argmax(sum(views), axis=-1)

    return jax.vmap(one)(state.params, state.rest)

  parts = range(0, len(test.lengths), PREDICT)
  return np.concatenate(
    [classify(test.features[i : i + PREDICT], test.lengths[i : i + PREDICT]) for i in parts], axis=1
  )
