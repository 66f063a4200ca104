"""Weights of the project's own networks: one safetensors file with the network's config in its metadata."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy
from flax import nnx

from sportjax.config import to_dataclass
from sportjax.errors import InputError

if TYPE_CHECKING:
  from _typeshed import DataclassInstance

Config = TypeVar('Config', bound='DataclassInstance')
Network = TypeVar('Network', bound=nnx.Module)


def variables(network: nnx.Module, without: Collection[str] = ()) -> dict[str, nnx.Variable]:
  """Parameters and statistics by their place in the network, but for the parts named."""
  nodes = ((path, node) for path, node in nnx.iter_graph(network) if isinstance(node, (nnx.Param, nnx.BatchStat)))
  return {'.'.join(map(str, path)): node for path, node in nodes if path[0] not in without}


def save(
  path: pathlib.Path,
  network: nnx.Module,
  config: DataclassInstance,
  *,
  without: Collection[str] = (),
  dtype: type | None = None,
) -> None:
  """Writes weights, in `dtype` where given, and the config."""
  tensors = {name: np.asarray(value[...], dtype) for name, value in variables(network, without).items()}
  path.parent.mkdir(parents=True, exist_ok=True)
  metadata = {'config': json.dumps(dataclasses.asdict(config))}
  safetensors.numpy.save_file(tensors, path, metadata=metadata)


def load(
  path: pathlib.Path,
  kind: type[Config],
  build: Callable[[Config], Network],
  *,
  what: str,
  without: Collection[str] = (),
) -> tuple[Config, Network]:
  """The config and the network of a file that `save` wrote.

  Raises:
    InputError: the file is not one, or does not hold exactly this network's tensors.
  """
  try:
    with safetensors.safe_open(path, 'numpy') as file:
      config = to_dataclass(kind, json.loads((file.metadata() or {})['config']))
      tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
  except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
    raise InputError(f'{path}: not {what} of this project ({error})') from error
  return config, fill(path, build(config), tensors, without=without)


def fill(
  path: pathlib.Path, network: Network, tensors: dict[str, np.ndarray], *, without: Collection[str] = ()
) -> Network:
  """Puts tensors into a network, each by the name `variables` gives it.

  Raises:
    InputError: names or shapes are not those of the network; names `path`, where they are from.
  """
  places = variables(network, without)
  if tensors.keys() != places.keys():
    raise InputError(f'{path}: tensors differ from the network: {sorted(tensors.keys() ^ places.keys())[:3]}')
  for name, variable in places.items():
    if tensors[name].shape != variable[...].shape:
      raise InputError(f'{path}: {name} has shape {tensors[name].shape}, the network {variable[...].shape}')
    variable[...] = jnp.asarray(tensors[name], jnp.float32)
  return network
