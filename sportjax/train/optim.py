"""Optimizers, schedules and the moving average of parameters, from a frozen config."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int, PyTree

from sportjax.errors import InputError


@dataclasses.dataclass(frozen=True)
class OptimConfig:
  """The update rule of a run.

  Weight decay leaves biases and the scales of normalisations alone, as is the field's habit: decaying them bounds no
  function that the next layer cannot scale back, and costs fit. torch's AdamW decays everything it is given; a config
  that reproduces a torch run sets `decay_all`.
  """

  name: Literal['adamw', 'sgd'] = 'adamw'
  learning_rate: float = 5e-4
  weight_decay: float = 0.01
  decay_all: bool = False
  schedule: Literal['constant', 'cosine', 'warmup_cosine'] = 'constant'
  total_steps: int | None = None  # the length of the cosine schedules, warm-up included
  warmup_steps: int = 0
  final_rate: float = 0.0  # of the cosine schedules, as a fraction of learning_rate
  clip_norm: float | None = None  # of the whole gradient
  ema_decay: float | None = None  # evaluate with a moving average of the parameters
  b1: float = 0.9  # momentum of sgd, first moment of adamw
  b2: float = 0.999
  eps: float = 1e-8


class EmaState(NamedTuple):
  """The moving average of the parameters beside the state of the optimizer it follows."""

  inner: optax.OptState
  average: PyTree
  step: Int[Array, '']


def make_optimizer(config: OptimConfig) -> optax.GradientTransformation:
  """The gradient transformation of a config.

  Raises:
    InputError: an unknown name, or a cosine schedule without its length.
  """
  rate = make_schedule(config)
  mask = None if config.decay_all else decayed
  if config.name == 'adamw':
    rule = optax.adamw(rate, b1=config.b1, b2=config.b2, eps=config.eps, weight_decay=config.weight_decay, mask=mask)
  elif config.name == 'sgd':
    rule = optax.chain(optax.add_decayed_weights(config.weight_decay, mask), optax.sgd(rate, momentum=config.b1))
  else:
    raise InputError(f'optim.name={config.name!r} is unknown: choose adamw or sgd')
  if config.clip_norm is not None:
    rule = optax.chain(optax.clip_by_global_norm(config.clip_norm), rule)
  return rule if config.ema_decay is None else with_ema(rule, config.ema_decay)


def make_schedule(config: OptimConfig) -> optax.Schedule:
  """Step -> learning rate.

  Raises:
    InputError: an unknown schedule, or a cosine schedule without its length.
  """
  if config.schedule == 'constant':
    return optax.constant_schedule(config.learning_rate)
  if config.schedule not in ('cosine', 'warmup_cosine'):
    raise InputError(f'optim.schedule={config.schedule!r} is unknown: choose constant, cosine or warmup_cosine')
  warmup = config.warmup_steps if config.schedule == 'warmup_cosine' else 0
  if config.total_steps is None or config.total_steps <= warmup:
    raise InputError(f'optim.schedule={config.schedule} needs optim.total_steps above {warmup}')
  final = config.learning_rate * config.final_rate
  if not warmup:
    return optax.cosine_decay_schedule(config.learning_rate, config.total_steps, alpha=config.final_rate)
  return optax.warmup_cosine_decay_schedule(0.0, config.learning_rate, warmup, config.total_steps, final)


def decayed(params: PyTree) -> PyTree:
  """True where weight decay applies: kernels and tables, not biases, scales or anything of fewer than two axes."""

  def decays(path: tuple[Any, ...], x: jax.Array) -> bool:
    names = {str(getattr(entry, 'key', '')) for entry in path}
    return jnp.ndim(x) > 1 and not names & {'bias', 'scale'}

  return jax.tree_util.tree_map_with_path(decays, params)


def with_ema(inner: optax.GradientTransformation, decay: float) -> optax.GradientTransformation:
  """`inner`, with a moving average of the parameters it leads to; the updates are those of `inner`.

  The average starts at the initial parameters; the decay of step s is at most (1 + s) / (10 + s), so that it leaves
  them quickly.

  Source: Tarvainen & Valpola 2017 (arXiv:1703.01780); the ramp is that of TensorFlow's ExponentialMovingAverage.
  """

  def init(params: PyTree) -> EmaState:
    return EmaState(inner.init(params), jax.tree.map(jnp.array, params), jnp.zeros((), jnp.int32))

  def update(grads: PyTree, state: EmaState, params: PyTree) -> tuple[PyTree, EmaState]:
    updates, inner_state = inner.update(grads, state.inner, params)
    weight = jnp.minimum(decay, (1.0 + state.step) / (10.0 + state.step))
    average = optax.incremental_update(optax.apply_updates(params, updates), state.average, 1.0 - weight)
    return updates, EmaState(inner_state, average, state.step + 1)

  # optax's protocol knows neither states of one kind nor updates that need the parameters.
  return optax.GradientTransformation(init, update)  # ty: ignore[invalid-argument-type]


def ema_params(opt_state: optax.OptState) -> PyTree | None:
  """The moving average kept by `with_ema`, None where there is none."""
  is_ema = lambda x: isinstance(x, EmaState)  # noqa: E731
  found = [x for x in jax.tree.leaves(opt_state, is_leaf=is_ema) if is_ema(x)]
  return found[0].average if found else None
