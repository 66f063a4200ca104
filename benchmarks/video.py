"""Video backbones beside torch: training steps on the same clips, from the same weights.

`python benchmarks/video.py [--quick] [--json FILE] [--attention xla|cudnn]`. A backbone with a linear head of 20 x 5
classes is trained by AdamW; both ways alternate in one process and the best of many repeats counts. On a CPU small
presets run in float32, with processor time beside wall time. On a GPU it is TimeSformer-B on 96 frames and VideoMAE-B
on 32, of 224 pixels, ours in bfloat16, torch under autocast to bfloat16 and torch.compile with its fused attention.
Losses are compared before anything is timed. The ratio is torch's time over ours: above 1 ours is faster.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
os.environ['OMP_WAIT_POLICY'] = 'PASSIVE'  # torch's idle threads would count as processor time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from flax import nnx

from benchmarks import torch_video
from sportjax.models import timesformer, videomae
from sportjax.models.checkpoints.load import load
from sportjax.nn import cpu

cpu.keep_freed_memory()  # before the first computation
GPU = jax.default_backend() == 'gpu'
CLASSES = 100


@dataclasses.dataclass(frozen=True)
class StateDict:
  """torch's weights as the loader reads a file's."""

  path: pathlib.Path
  arrays: dict[str, np.ndarray]

  @property
  def shapes(self) -> dict[str, tuple[int, ...]]:
    """Of each tensor."""
    return {name: array.shape for name, array in self.arrays.items()}

  def read(self, name: str, index: Any = None) -> np.ndarray:
    """A tensor, or its part at `index`."""
    return self.arrays[name][index or ()]


def cases(quick: bool) -> list[tuple[str, Any, Any, int, int, int]]:
  """Name, family, config, clips, frames and size."""
  if GPU:
    return [
      ('TimeSformer-B', timesformer, timesformer.PRESETS['timesformer_b16_96'], 4, 96, 224),
      ('VideoMAE-B', videomae, videomae.PRESETS['videomae_b16'], 8, 32, 224),
    ]
  divided = timesformer.TimeSformerConfig(dataclasses.replace(timesformer.BASE, **_small(quick)), 8, 112)
  plain = dataclasses.replace(
    videomae.PRESETS['videomae_s16'], transformer=dataclasses.replace(videomae.SMALL, epsilon=1e-12, **_small(quick))
  )
  return [('TimeSformer small', timesformer, divided, 2, 8, 112), ('VideoMAE small', videomae, plain, 2, 8, 112)]


def _small(quick: bool) -> dict[str, int]:
  return {'width': 192, 'depth': 2 if quick else 6, 'heads': 3, 'mlp_width': 768}


def make_torch(family: Any, config: Any, video: np.ndarray) -> torch.nn.Sequential:
  """The peer, with a head."""
  torch.manual_seed(0)
  if family is timesformer:
    net = torch_video.TimeSformer(config)
  else:
    grid = (video.shape[1] // config.tubelet, *(side // config.patch_px for side in video.shape[2:4]))
    table = videomae.VideoMAE(dataclasses.replace(config, transformer=_shallow(config)), rngs=nnx.Rngs(0))
    net = torch_video.VideoMAE(config, np.array(table.positions(grid)))
  head = torch.nn.Linear(config.transformer.width, CLASSES)
  return torch.nn.Sequential(net, head)


def _shallow(config: videomae.VideoMAEConfig) -> Any:
  return dataclasses.replace(config.transformer, depth=0)


def train_torch(net: torch.nn.Module, video: np.ndarray, labels: np.ndarray) -> Callable[[], float]:
  """A training step that gives its loss."""
  device = 'cuda' if GPU else 'cpu'
  net = net.to(device)
  optimizer = torch.optim.AdamW(net.parameters(), 1e-4, weight_decay=0.05, fused=GPU)
  run = torch.compile(net) if GPU else net
  clips, wanted = (
    torch.from_numpy(video.transpose(0, 1, 4, 2, 3).copy()).to(device),
    torch.from_numpy(labels).to(device),
  )

  def step() -> float:
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device, torch.bfloat16, enabled=GPU):
      loss = torch.nn.functional.cross_entropy(run(clips).float(), wanted)
    loss.backward()
    optimizer.step()
    return loss.item()

  return step


def train_ours(
  family: Any, config: Any, state: dict[str, np.ndarray], video: np.ndarray, labels: np.ndarray, attention: str
) -> Callable[[], float]:
  """The same in the library, as the training loop runs it."""
  stack = dataclasses.replace(config.transformer, dtype='bfloat16' if GPU else 'float32', attention=attention)
  config = dataclasses.replace(config, transformer=stack)
  model = timesformer.TimeSformer if family is timesformer else videomae.VideoMAE
  body = {name.removeprefix('0.'): array for name, array in state.items() if name.startswith('0.')}
  backbone = load(
    lambda: model(config, rngs=nnx.Rngs(0)), StateDict(pathlib.Path('torch'), body), family.name_map(config)
  )
  graph, params = nnx.split(backbone)
  held = {
    'backbone': params,
    'head': {'kernel': jnp.asarray(state['1.weight'].T), 'bias': jnp.asarray(state['1.bias'])},
  }
  tx = optax.adamw(1e-4, weight_decay=0.05)
  video, labels = jnp.asarray(video), jnp.asarray(labels)

  def loss_of(params):
    pooled = nnx.merge(graph, params['backbone'])(video).pooled.astype(jnp.float32)
    logits = pooled @ params['head']['kernel'] + params['head']['bias'][None]
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

  def step(params, state):
    value, gradient = jax.value_and_grad(loss_of)(params)
    update, state = tx.update(gradient, state, params)
    return optax.apply_updates(params, update), state, value

  step = jax.jit(step, donate_argnums=(0, 1))
  kept = [held, tx.init(held)]

  def run() -> float:
    *kept[:], value = step(*kept)
    return float(value)

  return run


def measure(steps: dict[str, Callable[[], float]], repeats: int) -> dict[str, tuple[float, float]]:
  """Least wall and processor seconds a step, the contenders taking turns."""
  best = dict.fromkeys(steps, (np.inf, np.inf))
  for _ in range(repeats):
    for name, step in steps.items():
      wall, used = time.perf_counter(), time.process_time()
      step()
      now = time.perf_counter() - wall, time.process_time() - used
      best[name] = (min(best[name][0], now[0]), min(best[name][1], now[1]))
  return best


def compare(case: tuple[str, Any, Any, int, int, int], repeats: int, attention: str) -> tuple[list[dict], dict]:
  """Rows and ratios of one backbone."""
  name, family, config, clips, frames, size = case
  rng = np.random.default_rng(0)
  video = rng.normal(size=(clips, frames, size, size, 3)).astype(np.float32)
  labels = rng.integers(0, CLASSES, clips)
  net = make_torch(family, config, video)
  state = {key: value.numpy().copy() for key, value in net.state_dict().items()}
  steps = {
    'sportjax': train_ours(family, config, state, video, labels, attention),
    'torch': train_torch(net, video, labels),
  }
  ours, theirs = (step() for step in steps.values())
  assert abs(ours - theirs) <= (0.05 if GPU else 1e-4) * abs(theirs), (name, ours, theirs)
  best = measure(steps, repeats)
  rows = [{'backbone': name, 'name': who, 'clips_per_s': clips / w, 'cpu_s_per_clip': c / clips}
          for who, (w, c) in best.items()]  # fmt: skip
  kinds = ('wall',) if GPU else ('wall', 'cpu')
  return rows, {f'{name} train {kind}': best['torch'][k] / best['sportjax'][k] for k, kind in enumerate(kinds)}


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  parser.add_argument('--attention', choices=('xla', 'cudnn'), default='xla')
  args = parser.parse_args()
  torch.set_num_threads(os.cpu_count() or 1)
  rows, ratios = [], {}
  for case in cases(args.quick):
    more, of = compare(case, 2 if args.quick else 10, args.attention)
    rows += more
    ratios |= of
  print(f'{"backbone":20}{"":12}{"clips/s":>10}{"CPU s/clip":>12}')
  for r in rows:
    print(f'{r["backbone"]:20}{r["name"]:12}{r["clips_per_s"]:10.3f}{r["cpu_s_per_clip"]:12.3f}')
  print('torch / sportjax: ' + ', '.join(f'{name} {ratio:.2f}' for name, ratio in ratios.items()))
  if args.json:
    args.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
