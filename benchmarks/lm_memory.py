"""Memory a chip of a language model's forward pass and LoRA step, compiled ahead of time for a TPU that is not there.

`python benchmarks/lm_memory.py [--topology=v5e:4x4] [--preset=Llama-3.1-8B] [--rows=16] [--length=1024] [--json FILE]`,
with libtpu installed (the extra tpu-aot). Weights are bfloat16 and divided over all chips by the rules of fsdp, the
loop over layers gathers them one block at a time, and every linear layer has updates of rank 16. Nothing is computed;
the numbers are the compiler's. There is no peer; the ratio is a chip's memory over the peak.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
os.environ.setdefault('JAX_PLATFORMS', 'cpu')
os.environ.setdefault('TPU_SKIP_MDS_QUERY', '1')  # nothing here asks a cloud about itself

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.experimental import topologies
from jax.sharding import Mesh

from sportjax.dist import arrays, rules
from sportjax.dist import mesh as mesh_lib
from sportjax.losses.language import token_cross_entropy
from sportjax.models.lm.config import PRESETS, LMConfig
from sportjax.models.lm.model import LanguageModel
from sportjax.nn.adapters import LoRAConfig, add_lora
from sportjax.nn.blocks import Placement
from sportjax.train import step as step_lib

HBM_BYTES = 16 * 2**30  # of a TPU v5e
TARGETS = ('query', 'key', 'value', 'out', 'gate', 'up', 'down')


def make_model(config: LMConfig, placement: Placement) -> LanguageModel:
  """In bfloat16, as a loop over its layers."""
  graphdef, state = nnx.split(LanguageModel(config, remat=True, placement=placement, rngs=nnx.Rngs(0)))
  return nnx.merge(graphdef, jax.tree.map(lambda x: x.astype('bfloat16'), state))


class LoRATask:
  """Low-rank updates of every linear layer, on whole rows of tokens."""

  def __init__(self, config: LMConfig, placement: Placement):
    self.config, self.placement = config, placement

  def init(self, rngs: nnx.Rngs) -> LanguageModel:
    """The frozen model and its updates."""
    model = make_model(self.config, self.placement)
    add_lora(model, LoRAConfig(16, 32.0, targets=TARGETS), rngs=rngs)
    return model

  def loss(self, model, batch, key, *, train: bool):
    """Of every next token."""
    del key
    hidden = model(model.embed(batch['tokens'])[:, :-1], train=train)
    targets = batch['tokens'][:, 1:]
    return token_cross_entropy(model.logits, hidden, targets, jnp.ones(targets.shape)), {}

  def optimizer(self) -> optax.GradientTransformation:
    """AdamW."""
    return optax.adamw(1e-4)


def mesh_of(topology: str) -> Mesh:
  """All chips of a described TPU on fsdp."""
  devices = topologies.get_topology_desc(platform='tpu', topology_name=topology).devices
  return mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=-1), devices=devices)


def lora_step(config: LMConfig, mesh: Mesh, rows: int, length: int) -> jax.stages.Compiled:
  """The training loop's own step."""
  batch = step_lib.abstract_batch({'tokens': np.zeros((1, length + 1), np.int32)}, mesh, rows)
  fsdp = rules.preset('fsdp')
  task = LoRATask(config, rules.Placement(mesh, fsdp))
  return step_lib.lower_train_step(task, mesh, fsdp, batch).compile()


def forward(config: LMConfig, mesh: Mesh, rows: int, length: int) -> jax.stages.Compiled:
  """Scores of the token that follows each row."""
  placement = rules.Placement(mesh, rules.preset('fsdp'))
  graphdef, state = nnx.split(nnx.eval_shape(functools.partial(make_model, config, placement)))
  placed = placement.shardings(state)
  state = jax.tree.map(lambda x, s: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=s), state, placed)
  tokens = jax.ShapeDtypeStruct((rows, length), jnp.int32, sharding=arrays.batch_sharding(mesh))

  def run(state: nnx.State, tokens: jax.Array) -> jax.Array:
    model = nnx.merge(graphdef, state)
    return model.logits(model(model.embed(tokens))[:, -1])

  return jax.jit(run).lower(state, tokens).compile()


WORKS: dict[str, Callable[[LMConfig, Mesh, int, int], jax.stages.Compiled]] = {
  'forward': forward,
  'LoRA step': lora_step,
}


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--topology', default='v5e:4x4')
  parser.add_argument('--preset', default='Llama-3.1-8B', choices=sorted(PRESETS))
  parser.add_argument('--rows', type=int, default=16)
  parser.add_argument('--length', type=int, default=1024)
  parser.add_argument('--quick', action='store_true', help='two layers')
  parser.add_argument('--json', type=pathlib.Path)
  args = parser.parse_args()
  config = PRESETS[args.preset]
  if args.quick:
    config = dataclasses.replace(config, layers=2, windows=config.windows[:2])
  mesh, rows = mesh_of(args.topology), []
  print(f'{args.preset}, {config.layers} layers, {args.topology}, {args.rows} rows of {args.length} tokens')
  print(f'{"work":12}{"peak GiB":>10}{"arguments":>11}{"temporary":>11}{"compile CPU s":>15}')
  for name, work in WORKS.items():
    start = time.process_time()
    cost = step_lib.cost(work(config, mesh, args.rows, args.length))
    rows.append({'work': name, 'compile_cpu_s': time.process_time() - start, 'peak_bytes': cost.peak_bytes})
    rows[-1] |= {'argument_bytes': cost.argument_bytes, 'temporary_bytes': cost.temporary_bytes}
    gib = (x / 2**30 for x in (cost.peak_bytes, cost.argument_bytes, cost.temporary_bytes))
    print('{:12}{:10.2f}{:11.2f}{:11.2f}{:15.0f}'.format(name, *gib, rows[-1]['compile_cpu_s']))
  ratios = {row['work']: HBM_BYTES / row['peak_bytes'] for row in rows}
  print('16 GiB / peak: ' + ', '.join(f'{name} {ratio:.1f}' for name, ratio in ratios.items()))
  if args.json:
    args.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
