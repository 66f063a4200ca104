"""What a step of training changes, and how it comes to lie on the mesh."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.sharding import Mesh
from jaxtyping import Array, Int, PyTree

from sportjax.dist import arrays
from sportjax.dist import rules as rules_lib
from sportjax.models.checkpoints.load import named_variables
from sportjax.train import optim
from sportjax.train.task import ModelT, Task

Weights = Mapping[str, np.ndarray]
NO_WEIGHTS: Weights = MappingProxyType({})


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class TrainState:
  """Everything that is saved of a run but its place in the data. Random keys follow from the step."""

  step: Int[Array, '']
  params: nnx.State  # every nnx.Param: what is differentiated
  rest: nnx.State  # BatchNorm statistics and other variables, frozen weights included
  opt_state: optax.OptState

  @property
  def eval_params(self) -> nnx.State:
    """The moving average of the parameters where the optimizer keeps one, else the parameters."""
    average = optim.ema_params(self.opt_state)
    return self.params if average is None else average


@dataclasses.dataclass(frozen=True)
class Definition(Generic[ModelT]):
  """A module without its arrays. Its random streams are shapes only: each merge fills them from a key."""

  graphdef: nnx.GraphDef[ModelT]
  rng: nnx.State  # abstract

  def merge(self, params: nnx.State, rest: nnx.State, key: jax.Array) -> ModelT:
    """A module of its own, which may be changed in place inside a differentiated function."""
    return nnx.merge(self.graphdef, params, _fill(self.rng, key), rest, copy=True)


def split(model: ModelT) -> tuple[nnx.GraphDef[ModelT], nnx.State, nnx.State, nnx.State]:
  """graphdef, params, random streams, rest."""
  graphdef, params, rng, rest = nnx.split(model, nnx.Param, nnx.RngState, ...)
  return graphdef, params, rng, rest


def _fill(rng: nnx.State, key: jax.Array) -> nnx.State:
  """Random streams whose keys follow from `key` and their place in the module, and whose counts are 0."""
  variables, tree = jax.tree.flatten(rng, is_leaf=lambda x: isinstance(x, nnx.Variable))

  def fresh(i: int, variable: nnx.Variable) -> nnx.Variable:
    value = variable.get_value()
    if isinstance(variable, nnx.RngKey):
      own = jax.random.fold_in(key, i)
      return variable.replace(jax.random.split(own, value.shape) if value.shape else own)
    return variable.replace(jnp.zeros(value.shape, value.dtype))

  return jax.tree.unflatten(tree, [fresh(i, v) for i, v in enumerate(variables)])


def _creator(task: Task, tx: optax.GradientTransformation) -> Callable[..., tuple]:
  def create(key: jax.Array, start: Weights = NO_WEIGHTS) -> tuple[TrainState, nnx.GraphDef, nnx.State]:
    graphdef, params, rng, rest = split(task.init(nnx.Rngs(key)))
    _put(start, named_variables(params) | named_variables(rest))
    with jax.numpy_dtype_promotion('standard'):
      state = TrainState(jnp.zeros((), jnp.int32), params, rest, tx.init(params))
    return state, graphdef, rng

  return create


def _put(start: Weights, variables: dict[str, nnx.Variable]) -> None:
  for name, value in start.items():
    if name not in variables or variables[name].shape != value.shape:
      raise ValueError(f'{name} of shape {value.shape} has no place in the module')
    variables[name].set_value(jnp.asarray(value, variables[name].dtype))


def abstract_state(
  task: Task[ModelT], tx: optax.GradientTransformation, mesh: Mesh, rules: rules_lib.Rules
) -> tuple[TrainState, Definition[ModelT]]:
  """Shapes, dtypes and shardings of a task's state, and its module's definition, without computing anything."""
  state, graphdef, rng = jax.eval_shape(_creator(task, tx), jax.random.key(0))
  placed = jax.tree.map(
    lambda x, sharding: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding),
    state,
    rules_lib.shardings(state, mesh, rules),
  )
  return placed, Definition(graphdef, rng)


def shardings_of(abstract: PyTree) -> PyTree:
  """The sharding of each array."""
  return jax.tree.map(lambda x: x.sharding, abstract)


def init_state(
  task: Task, tx: optax.GradientTransformation, key: jax.Array, abstract: TrainState, start: Weights = NO_WEIGHTS
) -> TrainState:
  """A fresh state, each shard computed on the device that keeps it; the same on every mesh but for rounding.

  `start` is what variables hold instead of what the task gives them, by their place in the module.
  """
  create = _creator(task, tx)
  return jax.jit(lambda k, start: create(k, start)[0], out_shardings=shardings_of(abstract))(key, dict(start))


def make_keys(seed: int, mesh: Mesh) -> tuple[jax.Array, jax.Array]:
  """The key of the initial parameters and the key that steps fold their number into, on every device of the mesh."""
  return tuple(jax.jit(lambda: jax.random.split(jax.random.key(seed)), out_shardings=arrays.replicated(mesh))())
