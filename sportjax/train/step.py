"""The jitted train and eval steps, and what one costs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.sharding import Mesh
from jaxtyping import Array, Float, PyTree

from sportjax.dist import arrays
from sportjax.dist.rules import Rules, gathered
from sportjax.train import state as state_lib
from sportjax.train.state import Definition, TrainState
from sportjax.train.task import Batch, Metrics, Task

EvalStep = Callable[[TrainState, PyTree, jax.Array], tuple[Metrics, Float[Array, '']]]


class TrainStep(Protocol):
  """A jitted (state, batch, key) -> (state, metrics)."""

  def __call__(self, state: TrainState, batch: PyTree, key: jax.Array, /) -> tuple[TrainState, Metrics]: ...
  def lower(self, state: TrainState, batch: PyTree, key: jax.ShapeDtypeStruct, /) -> jax.stages.Lowered: ...


def make_train_step(
  task: Task, tx: optax.GradientTransformation, definition: Definition, abstract: TrainState, mesh: Mesh
) -> TrainStep:
  """(state, batch, key) -> (state, metrics), jitted; the old state's memory is given to the new one.

  Metrics are the task's, and loss, grad_norm, param_norm (before the update) and update_norm.
  """
  in_use = gathered(state_lib.shardings_of(abstract.params))

  def step(state: TrainState, batch: PyTree, key: jax.Array) -> tuple[TrainState, Metrics]:
    # The step's own key, so that a resumed run draws what the uninterrupted one would have drawn.
    model_key, loss_key = jax.random.split(jax.random.fold_in(key, state.step))

    def loss_of(params: PyTree) -> tuple[Float[Array, ''], tuple[Metrics, PyTree]]:
      params = jax.lax.with_sharding_constraint(params, in_use)
      model = definition.merge(params, state.rest, model_key)
      loss, metrics = task.loss(model, batch, loss_key, train=True)
      return loss, (metrics, state_lib.split(model)[3])

    (loss, (metrics, rest)), grads = jax.value_and_grad(loss_of, has_aux=True)(state.params)
    # Schedules multiply integer steps by floats, which strict promotion forbids.
    with jax.numpy_dtype_promotion('standard'):
      updates, opt_state = tx.update(grads, state.opt_state, state.params)
      params = cast(nnx.State, optax.apply_updates(state.params, updates))  # it returns the kind of tree it is given
    norms = {'grad_norm': grads, 'param_norm': state.params, 'update_norm': updates}
    metrics = {**metrics, 'loss': loss} | {name: optax.tree.norm(tree) for name, tree in norms.items()}
    return TrainState(state.step + 1, params, rest, opt_state), metrics

  return jax.jit(step, donate_argnums=0, out_shardings=(state_lib.shardings_of(abstract), arrays.replicated(mesh)))


def make_eval_step(task: Task, definition: Definition, mesh: Mesh) -> EvalStep:
  """(state, batch, key) -> (metrics with loss, how many rows they are the mean of), jitted.

  Rows where `batch['valid']` is False, if there is such an entry, do not count; the task leaves them out of its means.
  """

  def step(state: TrainState, batch: PyTree, key: jax.Array) -> tuple[Metrics, Float[Array, '']]:
    model_key, loss_key = jax.random.split(key)
    model = definition.merge(state.eval_params, state.rest, model_key)
    loss, metrics = task.loss(model, batch, loss_key, train=False)
    valid = batch.get(arrays.VALID) if isinstance(batch, dict) else None
    rows = jnp.asarray(len(jax.tree.leaves(batch)[0])) if valid is None else valid.sum()
    return {**metrics, 'loss': loss}, rows.astype(jnp.float32)

  return jax.jit(step, out_shardings=arrays.replicated(mesh))


@dataclasses.dataclass(frozen=True)
class StepCost:
  """The compiler's account of one train step, for each device."""

  flops: float
  accessed_bytes: float
  argument_bytes: int  # state and batch
  temporary_bytes: int
  output_bytes: int
  alias_bytes: int  # of the output, which lie in donated arguments

  @property
  def peak_bytes(self) -> int:
    """Memory a device needs, at most."""
    return self.argument_bytes + self.temporary_bytes + self.output_bytes - self.alias_bytes


def abstract_batch(batch: Batch, mesh: Mesh, global_size: int) -> PyTree:
  """Shapes of a global batch whose rows look like those of a host batch."""
  sharding = arrays.batch_sharding(mesh)
  return jax.tree.map(
    lambda x: jax.ShapeDtypeStruct((global_size, *np.shape(x)[1:]), x.dtype, sharding=sharding), batch
  )


def lower_train_step(task: Task, mesh: Mesh, rules: Rules, batch: PyTree) -> jax.stages.Lowered:
  """The train step lowered for a mesh, which may be of devices that are not there (a described TPU topology).

  `batch` holds shapes with shardings, as of `abstract_batch`.
  """
  tx = task.optimizer()
  abstract, definition = state_lib.abstract_state(task, tx, mesh, rules)
  key = jax.eval_shape(lambda: jax.random.key(0))
  key = jax.ShapeDtypeStruct(key.shape, key.dtype, sharding=arrays.replicated(mesh))
  return make_train_step(task, tx, definition, abstract, mesh).lower(abstract, batch, key)


def cost(compiled: jax.stages.Compiled) -> StepCost:
  """Memory and operations of a compiled step."""
  memory, analysis = compiled.memory_analysis(), compiled.cost_analysis()
  if memory is None or analysis is None:
    raise NotImplementedError('the compiler of this backend gives no account of memory and operations')
  return StepCost(
    flops=analysis.get('flops', 0.0),
    accessed_bytes=analysis.get('bytes accessed', 0.0),
    argument_bytes=memory.argument_size_in_bytes,
    temporary_bytes=memory.temp_size_in_bytes,
    output_bytes=memory.output_size_in_bytes,
    alias_bytes=memory.alias_size_in_bytes,
  )
