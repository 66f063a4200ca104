"""Trained classifiers of clips in one safetensors file: their weights, classes and the network they are of."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib

import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy
from flax import nnx

from sportjax.config import to_dataclass
from sportjax.errors import InputError
from sportjax.evals import fit as fit_lib
from sportjax.evals.classifier import Classifiers, new_network
from sportjax.nn.sequence import SequenceConfig


@dataclasses.dataclass(frozen=True)
class _About:
  """What is needed to build the networks again."""

  d: int
  networks: int
  classes: tuple[str, ...]
  network: SequenceConfig


def save_classifiers(path: pathlib.Path, classifiers: Classifiers, network: SequenceConfig, d: int) -> None:
  """Writes classifiers of features that are d wide, all subsets' in one file."""
  tensors = {name: np.asarray(value[...]) for name, value in _variables(_model(classifiers.fitted)).items()}
  networks = len(next(iter(tensors.values())))
  about = _About(d, networks, tuple(map(str, classifiers.classes)), network)
  path.parent.mkdir(parents=True, exist_ok=True)
  safetensors.numpy.save_file(tensors, path, metadata={'classifiers': json.dumps(dataclasses.asdict(about))})


def load_classifiers(path: pathlib.Path) -> Classifiers:
  """The classifiers that `save_classifiers` wrote.

  Raises:
    InputError: the file is not one, or does not hold exactly these networks' tensors.
  """
  try:
    with safetensors.safe_open(path, 'numpy') as file:
      about = to_dataclass(_About, json.loads((file.metadata() or {})['classifiers']))
      tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
  except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
    raise InputError(f'{path}: not classifiers of this project ({error})') from error
  make = functools.partial(new_network, about.d, len(about.classes), about.network)
  model = _model(fit_lib.start(make, about.networks, seed=0))
  places = _variables(model)
  wrong = [name for name, value in places.items() if name not in tensors or tensors[name].shape != value[...].shape]
  if wrong or len(tensors) > len(places):
    raise InputError(
      f'{path}: its tensors are not those of its networks ({(wrong or ["more than these"])[0]}); save again'
    )
  for name, variable in places.items():
    variable[...] = jnp.asarray(tensors[name])
  graph, params, rest = nnx.split(model, nnx.Param, ...)
  return Classifiers(np.array(about.classes), fit_lib.Fitted(graph, params, rest))


def _model(fitted: fit_lib.Fitted) -> nnx.Module:
  return nnx.merge(fitted.graph, fitted.params, fitted.rest, copy=True)


def _variables(model: nnx.Module) -> dict[str, nnx.Variable]:
  """Parameters and statistics by their place; what is left are the states of the dropout's random numbers."""
  nodes = ((path, node) for path, node in nnx.iter_graph(model) if isinstance(node, (nnx.Param, nnx.BatchStat)))
  return {'.'.join(map(str, path)): node for path, node in nodes}
