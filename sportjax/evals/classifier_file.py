"""Trained classifiers of clips in one safetensors file: their weights, classes and the network they are of."""

from __future__ import annotations

import dataclasses
import functools
import pathlib

import numpy as np
from flax import nnx

from sportjax.evals import fit as fit_lib
from sportjax.evals.classifier import Classifiers, new_network
from sportjax.nn import weights_file
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
  model = _model(classifiers.fitted)
  networks = len(next(iter(weights_file.variables(model).values()))[...])
  weights_file.save(path, model, _About(d, networks, tuple(map(str, classifiers.classes)), network))


def load_classifiers(path: pathlib.Path) -> Classifiers:
  """The classifiers that `save_classifiers` wrote.

  Raises:
    InputError: the file is not one, or does not hold exactly these networks' tensors.
  """
  about, model = weights_file.load(path, _About, _untrained, what='classifiers')
  graph, params, rest = nnx.split(model, nnx.Param, ...)
  return Classifiers(np.array(about.classes), fit_lib.Fitted(graph, params, rest))


def _untrained(about: _About) -> nnx.Module:
  make = functools.partial(new_network, about.d, len(about.classes), about.network)
  return _model(fit_lib.start(make, about.networks, seed=0))


def _model(fitted: fit_lib.Fitted) -> nnx.Module:
  return nnx.merge(fitted.graph, fitted.params, fitted.rest, copy=True)
