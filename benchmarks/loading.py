"""Loading a checkpoint of 2 GB beside what safetensors itself needs for it: seconds and host memory.

`python benchmarks/loading.py [--quick] [--json FILE] [--folder DIR]`. A random llama in bfloat16, in four files, is
written once and then read whole by each way in a process of its own, one after the other and in turns; the best time
and the largest memory of the repeats count. The file stays in the system's cache, so the disk plays no part. The floor
is `safetensors.numpy.load_file`; torch's loader maps the files and is made to touch every page. Ours is
`sportjax.models.lm.load`, onto one device and divided by fsdp over four virtual ones.

Memory is that of the process beyond what it had before loading. `held` counts its own pages; `resident` also those of
the mapped files, which belong to the system's cache and which it takes back when it needs them. The ratios are the
floor's over ours: above 1 ours is faster or smaller.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import ml_dtypes
import numpy as np
import safetensors.numpy

WIDTH, MLP, VOCAB, HEADS, KV_HEADS, FILES = 2048, 8192, 65536, 16, 4, 4
DEVICES = 4


@dataclasses.dataclass(frozen=True)
class Cost:
  """What one way took."""

  wall_s: float
  cpu_s: float
  held_gb: float
  resident_gb: float


def shapes(layers: int) -> dict[str, tuple[int, ...]]:
  """Tensors of a llama by Hugging Face's names."""
  narrow = WIDTH // HEADS * KV_HEADS
  sizes = {
    'self_attn.q_proj': (WIDTH, WIDTH), 'self_attn.k_proj': (narrow, WIDTH), 'self_attn.v_proj': (narrow, WIDTH),
    'self_attn.o_proj': (WIDTH, WIDTH), 'mlp.gate_proj': (MLP, WIDTH), 'mlp.up_proj': (MLP, WIDTH),
    'mlp.down_proj': (WIDTH, MLP), 'input_layernorm': (WIDTH,), 'post_attention_layernorm': (WIDTH,),
  }  # fmt: skip
  found = {'model.embed_tokens.weight': (VOCAB, WIDTH), 'model.norm.weight': (WIDTH,), 'lm_head.weight': (VOCAB, WIDTH)}
  return found | {f'model.layers.{i}.{name}.weight': size for i in range(layers) for name, size in sizes.items()}


def write_checkpoint(folder: pathlib.Path, layers: int) -> int:
  """Random weights in the form of Hugging Face; returns their bytes."""
  rng, names = np.random.default_rng(0), shapes(layers)
  config = {
    'model_type': 'llama', 'vocab_size': VOCAB, 'hidden_size': WIDTH, 'num_hidden_layers': layers,
    'num_attention_heads': HEADS, 'num_key_value_heads': KV_HEADS, 'intermediate_size': MLP, 'rms_norm_eps': 1e-5,
    'rope_theta': 10000.0, 'hidden_act': 'silu', 'tie_word_embeddings': False,
  }  # fmt: skip
  (folder / 'config.json').write_text(json.dumps(config))
  files = {name: f'model-{i * FILES // len(names):05d}.safetensors' for i, name in enumerate(names)}
  for file in sorted(set(files.values())):
    part = {n: rng.standard_normal(names[n], np.float32).astype(ml_dtypes.bfloat16) for n in names if files[n] == file}
    safetensors.numpy.save_file(part, folder / file)
  (folder / 'model.safetensors.index.json').write_text(json.dumps({'weight_map': files}))
  return sum(2 * int(np.prod(shape)) for shape in names.values())


def with_numpy(folder: pathlib.Path) -> object:
  """The floor: every tensor as an array of its own."""
  return [safetensors.numpy.load_file(file) for file in sorted(folder.glob('*.safetensors'))]


def with_torch(folder: pathlib.Path) -> object:
  """Torch's tensors, which lie in the mapped files."""
  import safetensors.torch

  held = [safetensors.torch.load_file(file) for file in sorted(folder.glob('*.safetensors'))]
  for tensors in held:
    for tensor in tensors.values():
      tensor.sum()
  return held


def with_sportjax(folder: pathlib.Path) -> object:
  """Ours, onto the default device."""
  import jax
  from flax import nnx

  from sportjax.models.lm.load import load

  return jax.block_until_ready(nnx.state(load(folder, dtype='bfloat16')))


def with_sportjax_sharded(folder: pathlib.Path) -> object:
  """Ours, divided over four devices of this process."""
  import jax
  from flax import nnx

  from sportjax.dist import mesh, rules
  from sportjax.models.lm.load import load

  placement = rules.Placement(mesh.make_mesh(mesh.MeshConfig(data=1, fsdp=DEVICES)), rules.preset('fsdp'))
  return jax.block_until_ready(nnx.state(load(folder, dtype='bfloat16', shardings=placement.shardings)))


WAYS: dict[str, Callable[[pathlib.Path], object]] = {
  'safetensors.numpy': with_numpy,
  'safetensors.torch': with_torch,
  'sportjax': with_sportjax,
  'sportjax, 4 shards': with_sportjax_sharded,
}


class Memory(threading.Thread):
  """Looks at the process's memory while it loads."""

  def __init__(self):
    super().__init__(daemon=True)
    self.start_bytes, self.peak, self.done = self.look(), {'RssAnon': 0, 'VmRSS': 0}, threading.Event()

  @staticmethod
  def look() -> dict[str, int]:
    lines = pathlib.Path('/proc/self/status').read_text().splitlines()
    pairs = (line.split(':') for line in lines)
    return {key: int(value.split()[0]) * 1024 for key, value in pairs if key in ('RssAnon', 'VmRSS')}

  def run(self) -> None:
    while not self.done.wait(0.005):
      for key, value in self.look().items():
        self.peak[key] = max(self.peak[key], value - self.start_bytes[key])


def measure(way: str, folder: pathlib.Path) -> Cost:
  """One way, in this process."""
  if way.startswith('sportjax'):
    import jax

    import sportjax.models.lm.load  # noqa: F401 (imports are not loading)

    jax.config.update('jax_num_cpu_devices', DEVICES)
    jax.block_until_ready(jax.numpy.zeros(1))
  elif way.endswith('torch'):
    import safetensors.torch  # noqa: F401
  memory = Memory()
  memory.start()
  wall, cpu = time.perf_counter(), time.process_time()
  held = WAYS[way](folder)
  cost = time.perf_counter() - wall, time.process_time() - cpu
  time.sleep(0.02)
  memory.done.set()
  memory.join()
  del held
  return Cost(*cost, memory.peak['RssAnon'] / 1e9, memory.peak['VmRSS'] / 1e9)


def apart(way: str, folder: pathlib.Path) -> Cost:
  """One way, in a process of its own."""
  line = [sys.executable, __file__, '--way', way, '--folder', str(folder)]
  environment = {**os.environ, 'JAX_PLATFORMS': 'cpu'}
  return Cost(**json.loads(subprocess.run(line, capture_output=True, check=True, text=True, env=environment).stdout))


def compare(folder: pathlib.Path, repeats: int) -> dict[str, Cost]:
  """The best times and the largest memory of each way, which take turns."""
  found: dict[str, list[Cost]] = {way: [] for way in WAYS}
  for _ in range(repeats):
    for way, costs in found.items():
      costs.append(apart(way, folder))
  return {
    way: Cost(
      *(min(getattr(c, f) for c in costs) for f in ('wall_s', 'cpu_s')),
      *(max(getattr(c, f) for c in costs) for f in ('held_gb', 'resident_gb')),
    )
    for way, costs in found.items()
  }


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  parser.add_argument('--folder', type=pathlib.Path, help='where the checkpoint is written; a temporary one otherwise')
  parser.add_argument('--way', choices=WAYS, help=argparse.SUPPRESS)
  args = parser.parse_args()
  if args.way:
    sys.stdout.write(json.dumps(dataclasses.asdict(measure(args.way, args.folder))))
    return
  with tempfile.TemporaryDirectory(dir=args.folder) as folder:
    size = write_checkpoint(pathlib.Path(folder), 1 if args.quick else 12)
    found = compare(pathlib.Path(folder), 1 if args.quick else 3)
  floor = found['safetensors.numpy']
  ratios = {
    f'{way} {field}': getattr(floor, field) / getattr(cost, field)
    for way, cost in found.items()
    if way.startswith('sportjax')
    for field in ('wall_s', 'cpu_s', 'held_gb')
  }
  print(f'{size / 1e9:.2f} GB\n{"way":22}{"wall s":>9}{"CPU s":>9}{"held GB":>9}{"resident GB":>13}')
  for way, cost in found.items():
    print(f'{way:22}{cost.wall_s:9.2f}{cost.cpu_s:9.2f}{cost.held_gb:9.2f}{cost.resident_gb:13.2f}')
  print('floor / ours: ' + ', '.join(f'{name} {ratio:.2f}' for name, ratio in ratios.items()))
  if args.json:
    rows = [{'way': way, 'gb': size / 1e9, **dataclasses.asdict(cost)} for way, cost in found.items()]
    args.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
