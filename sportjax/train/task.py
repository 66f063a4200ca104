"""What the loop asks of a task, and nothing more."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import jax
import optax
from flax import nnx
from jaxtyping import Array, Float, PyTree

Batch = dict[str, Any]
Metrics = dict[str, Float[Array, '']]
ModelT = TypeVar('ModelT', bound=nnx.Module, covariant=True)


@dataclasses.dataclass
class Input:
  """A checkpointable stream of host batches and the function that puts one on the devices.

  `iterator` is a grain iterator (get_state, set_state). `put` shards a host batch over the mesh; a dataset that lives
  on the device yields only indices and gathers in `put`, so the loop knows one kind of input.
  """

  iterator: Iterator[Batch]
  put: Callable[[Batch], PyTree]


class Task(Protocol[ModelT]):
  """One trainable thing: model, loss and data. Tasks live in sportjax/tasks, one file each."""

  def init(self, rngs: nnx.Rngs) -> ModelT:
    """The model, freshly initialised. Called under eval_shape first, then jitted with out_shardings."""
    ...

  def loss(self, model: Any, batch: PyTree, key: jax.Array, *, train: bool) -> tuple[Float[Array, ''], Metrics]:
    """Mean loss over the rows of the global batch. May update BatchNorm statistics of `model` in place where `train`.

    Where the batch has `valid` (Bool (b,), see dist.arrays.pad_batch), rows where it is False count for nothing.
    """
    ...

  def optimizer(self) -> optax.GradientTransformation:
    """The update rule, with its schedule."""
    ...

  def input(self, split: str, *, train: bool) -> Input:
    """Batches of a split: endless and shuffled where `train`, one fixed pass otherwise."""
    ...
