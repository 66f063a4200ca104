"""What the golden files say of a model: shape and place of each parameter, repeated layers taken together."""

from __future__ import annotations

import collections
import re

from flax import nnx

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules
from sportjax.models.checkpoints.load import named_variables

DIVIDED = ('fsdp', 'fsdp_tp')


def shapes_and_specs(state: nnx.State) -> dict[str, str]:
  """'(64, 256) fsdp: (...), fsdp_tp: (...)' by path; `*` stands for every layer where all are alike."""
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  placed = {name: named_variables(rules.shardings(state, mesh, rules.preset(name))) for name in ('dp', *DIVIDED)}
  layers = collections.defaultdict(dict)
  for path, variable in named_variables(state).items():
    specs = {name: tuple(of[path].get_value().spec) for name, of in placed.items()}
    assert not any(specs.pop('dp')), f'{path} is divided under dp'
    text = ', '.join(f'{name}: {spec}' for name, spec in specs.items())
    layers[re.sub(r'\d+', '*', path)][path] = f'{variable.get_value().shape} {text}'
  found = {}
  for together, each in layers.items():
    found |= {together: next(iter(each.values()))} if len(set(each.values())) == 1 else each
  return dict(sorted(found.items()))
