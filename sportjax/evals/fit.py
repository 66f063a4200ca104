"""Small networks trained side by side, one on each subset or fold, with the choice of each one's best step."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import tqdm
from flax import nnx
from jaxtyping import Array, Bool, Float, PyTree

_SHOWN = 100  # steps from which on a bar tells how far training is


class State(NamedTuple):
  """What training changes; each leaf has one row a network."""

  params: PyTree
  rest: PyTree  # BatchNorm statistics, counters of the dropout streams
  moments: PyTree


@dataclasses.dataclass(frozen=True)
class Fitted:
  """The networks, as they are to be applied."""

  graph: nnx.GraphDef
  params: PyTree
  rest: PyTree

  def apply(self, function: Callable[..., Any], *args: Any) -> Any:
    """`function(network, *args)` of every network, in a leading axis; jit around it."""

    def one(params: PyTree, rest: PyTree) -> Any:
      model = nnx.merge(self.graph, params, rest, copy=True)
      model.eval()
      return function(model, *args)

    return jax.vmap(one)(self.params, self.rest)


jax.tree_util.register_dataclass(Fitted, ['params', 'rest'], ['graph'])


@dataclasses.dataclass(frozen=True)
class Selection:
  """Which step is kept: that of the highest accuracy, then of the lowest loss, the later one of equals.

  Source: VPD's reference implementation, of which `patience_steps` too: what comes longer after the best is not seen.
  """

  score: Callable[[Fitted], tuple[Float[np.ndarray, 's'], Float[np.ndarray, 's']]]  # accuracy and loss
  every_steps: int
  patience_steps: int | None = None


def fit(
  make: Callable[[nnx.Rngs], nnx.Module],
  loss: Callable[[PyTree, Any, PyTree], Float[Array, '']],
  data: PyTree,
  batches: Iterable[PyTree],
  optimizer: optax.GradientTransformation,
  *,
  networks: int,
  seed: int,
  selection: Selection | None = None,
) -> Fitted:
  """Trains `networks` networks, each from its own start.

  Args:
    make: a new network.
    loss: of the data, one network and its batch.
    data: what all networks and batches share. It is an argument of the step and no part of its program, so that the
      same program serves, and is found again on disk, for other data of its shape.
    batches: one a step; each leaf has one row a network.
    optimizer: the update rule of each.
    networks: how many.
    seed: of parameters and dropout.
    selection: how the best step is chosen; the last one where None.
  """
  first = start(make, networks, seed)
  graph, state = first.graph, State(first.params, first.rest, jax.vmap(optimizer.init)(first.params))
  step = jax.jit(functools.partial(_step, graph, loss, optimizer), donate_argnums=1)
  batches = list(batches) if not isinstance(batches, list) else batches
  best = _Best(selection, networks)
  silent = len(batches) < _SHOWN or None  # None: where there is no terminal
  for i, batch in enumerate(tqdm.tqdm(batches, desc='classifiers', leave=False, disable=silent), 1):
    state = step(data, state, batch)
    if selection is not None and (i % selection.every_steps == 0 or i == len(batches)):
      best.see(i, Fitted(graph, state.params, state.rest))
      if best.over:
        break
  return best.kept or Fitted(graph, state.params, state.rest)


class _Best:
  """The best state of each network so far."""

  def __init__(self, selection: Selection | None, networks: int):
    self._selection = selection
    self._accuracy, self._loss = np.full(networks, -np.inf), np.full(networks, np.inf)
    self._step = np.zeros(networks, int)
    self.kept: Fitted | None = None
    self.over = False

  def see(self, step: int, fitted: Fitted) -> None:
    """Takes over the networks that are better than before."""
    assert self._selection is not None, 'nothing is chosen by'
    accuracy, loss = map(np.asarray, self._selection.score(fitted))
    better = (accuracy > self._accuracy) | ((accuracy == self._accuracy) & (loss <= self._loss))
    if self._selection.patience_steps is not None:
      waiting = step - self._step <= self._selection.patience_steps
      better &= waiting
      self.over = not (waiting | better).any()
    self._accuracy, self._loss = np.where(better, accuracy, self._accuracy), np.where(better, loss, self._loss)
    self._step = np.where(better, step, self._step)
    copied = jax.tree.map(jnp.array, fitted)  # the next step is given the memory of this one
    self.kept = copied if self.kept is None else _where(jnp.asarray(better), copied, self.kept)


def _where(better: Bool[Array, 's'], new: Fitted, old: Fitted) -> Fitted:
  return jax.tree.map(lambda a, b: jnp.where(better.reshape((-1,) + (1,) * (a.ndim - 1)), a, b), new, old)


def start(make: Callable[[nnx.Rngs], nnx.Module], networks: int, seed: int) -> Fitted:
  """Networks before their first step."""

  def one(key: Array) -> tuple[nnx.GraphDef, PyTree, PyTree]:
    graph, params, rest = nnx.split(make(nnx.Rngs(key)), nnx.Param, ...)
    return graph, params, rest

  graph = one(jax.random.key(seed))[0]
  params, rest = jax.jit(jax.vmap(lambda key: one(key)[1:]))(jax.random.split(jax.random.key(seed), networks))
  return Fitted(graph, params, rest)


def _step(
  graph: nnx.GraphDef,
  loss: Callable,
  optimizer: optax.GradientTransformation,
  data: PyTree,
  state: State,
  batch: PyTree,
) -> State:
  """One update of every network."""

  def one(state: State, batch: PyTree) -> State:
    def of(params: PyTree) -> tuple[Array, PyTree]:
      model = nnx.merge(graph, params, state.rest, copy=True)
      return loss(data, model, batch), nnx.split(model, nnx.Param, ...)[2]

    gradient, rest = jax.grad(of, has_aux=True)(state.params)
    update, moments = optimizer.update(gradient, state.moments, state.params)
    return State(optax.apply_updates(state.params, update), rest, moments)

  return jax.vmap(one)(state, batch)
