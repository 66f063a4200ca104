"""Networks beside torch: outputs and gradients of the cases of tests/fixtures/make_baselines.py."""

import dataclasses
import fnmatch
import functools
import json
import pathlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import safetensors.numpy
from flax import nnx

from sportjax.models.checkpoints.load import export, load
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.models.checkpoints.tensors import Arrays

FIXTURES = pathlib.Path(__file__).parents[1] / 'fixtures' / 'baselines'
COUNTS = json.loads((FIXTURES / 'counts.json').read_text())
QUICK = {'xla_backend_optimization_level': 0, 'xla_llvm_disable_expensive_passes': True}  # each is run once
TOLERANCE = 2e-5


def evaluated(model, *inputs):
  return model(*inputs, train=False)


@dataclasses.dataclass(frozen=True)
class Case:
  """A network of the size of its fixture; `order` of the inputs where it is not that of their names."""

  name: str
  make: Callable[[], Any]
  name_map: NameMap
  run: Callable[..., jax.Array] = evaluated
  order: tuple[str, ...] = ()

  @functools.cached_property
  def parts(self):
    """`weights`, `grad` and `in` by name, `out` and `w`."""
    parts: dict[str, Any] = {'weights': {}, 'grad': {}, 'in': {}}
    for key, value in safetensors.numpy.load_file(FIXTURES / f'{self.name}.safetensors').items():
      part, _, rest = key.partition('.')
      if rest:
        parts[part][rest] = value
      else:
        parts[part] = value
    return parts

  @functools.cached_property
  def network(self):
    """With the fixture's weights."""
    return load(self.make, Arrays(FIXTURES / self.name, self.parts['weights']), self.name_map)


def check_outputs_and_gradients(case):
  """That both are torch's."""
  parts = case.parts
  inputs = [jnp.asarray(parts['in'][key], jnp.float32) for key in case.order or parts['in']]
  graph, params, rest = nnx.split(case.network, nnx.Param, ...)

  def of(params):
    found = case.run(nnx.merge(graph, params, rest, copy=True), *inputs)
    return (found * parts['w']).sum(), found

  with jax.default_matmul_precision('highest'):
    grads, found = jax.jit(jax.grad(of, has_aux=True), compiler_options=QUICK)(params)
  assert np.abs(np.asarray(found) - parts['out']).max() <= TOLERANCE * max(1, np.abs(parts['out']).max())
  gradients = {k: v for k, v in export(nnx.merge(graph, grads, rest), case.name_map).items() if 'running_' not in k}
  assert set(parts['grad']) == set(gradients)
  largest = max(np.abs(v).max() for v in parts['grad'].values())
  worst = {k: np.abs(v - parts['grad'][k]).max() / largest for k, v in gradients.items()}
  name = max(worst, key=lambda name: worst[name])
  assert worst[name] <= TOLERANCE, (name, worst[name])


def check_export(case):
  """That their weights come back as they were, all but those with nothing to load."""
  weights, exported = case.parts['weights'], export(case.network, case.name_map)
  for key, value in exported.items():
    np.testing.assert_array_equal(value, weights[key])
  patterns = case.name_map.ignored
  assert all(any(fnmatch.fnmatchcase(key, each) for each in patterns) for key in set(weights) - set(exported))


def parameters(make):
  """How many a network has."""
  return sum(x.size for x in jax.tree.leaves(nnx.state(nnx.eval_shape(make), nnx.Param)))
