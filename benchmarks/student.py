"""The student beside torch: features and training steps on the same crops, from the same weights.

`python benchmarks/student.py [--quick] [--json FILE]`. Three ways of each work alternate in one process, and the best
of many repeats counts: ours, torch as it is, and torch with channels last. On a CPU all are float32, and processor time
stands beside wall time, which on a shared machine is the more honest. On a GPU ours is bfloat16 and torch runs under
autocast to bfloat16 and torch.compile. Outputs and the first loss are compared before anything is timed. The ratio is
the best torch over ours: above 1 ours is faster.

What was found on two cores of a Zen 5 server, while shared, and is built in:
- Large temporaries are handed back to the system after each step and fault in again: 20,000 page faults a step of the
  small student, 66,000 of ResNet-34. With malloc told otherwise through the environment the steps took about a fifth
  and an eighth less processor time; `nn.cpu.keep_freed_memory` says the same from within, before jax is imported.
- Pooling by reduce_window differentiates into a scatter, 9 % of ResNet-34's step; by slices the step took 6 % less.
- Convolution in C++ (`nn/native`), where there is a compiler and one device. Elsewhere it is XLA's, with which training
  ran at 0.68 (small) and 0.80 (ResNet-34) of torch's speed. GFLOP/s of processor time, forwards, by the input and by
  the kernel; a core does 250 in a loop of nothing but products added up. XLA and torch (channels last) were measured
  at a load of 3, ours at 12 to 22:

    batch, side, channels           XLA             torch           ours            directly, not in Winograd's form
    100, 64, 5 -> 16, 3x3 / 2       19, -, 21       92, -, 38       99, -, 85
    100, 32, 16 -> 16, 3x3          91, 88, 51      143, 146, 114   165, 162, 158
    100, 32, 16 -> 32, 3x3 / 2      121, 29, 38     95, 67, 67      147, 122, 139
    100, 8, 64 -> 64, 3x3           207, 161, 93    192, 181, 135   360, 434, 293   229, 220, 212
    16, 128, 5 -> 64, 7x7 / 2       217, -, 47      202, -, 138     223, -, 199
    16, 32, 64 -> 64, 3x3           192, 193, 103   221, 213, 161   380, 374, 256   228, 231, 214
    16, 16, 128 -> 128, 3x3         191, 190, 132   234, 243, 192   451, 432, 261   233, 230, 213
    16, 8, 256 -> 256, 3x3          192, 171, 177   228, 224, 171   421, 351, 299   228, 224, 192
    16, 4, 512 -> 512, 3x3          164, 103, 160   163, 169, 140   313, 206, 251   198, 192, 215

  A tile whose sums the compiler kept in memory instead of registers did 73 instead of 146 (16 channels, by the kernel).
  Winograd's form spread over 16 matrices a power of two apart, which push each other out of the cache, did 228 instead
  of 256 (64 channels, by the kernel); it gained nothing below 64 channels (114 instead of 193 at 32, by the kernel).
What remains: before Winograd's form, 0.68 of 0.91 ms a frame of the small student's training were convolution and 0.21
of 0.25 of its features; the rest is normalisation and other passes over memory, of which the next convolution could do
some while it copies its input. Waiting for a thread that another process has displaced costs wall time on a busy
machine: each convolution waits for all of its threads.
Without a compiler the kernel's gradient on a CPU is products over pixels, taps of a row beside the taps of a column:
XLA's own form, a convolution with the image as window, costs with the transposes to batch-minor into which the layers
before are fused, 0.54 of the small student's 0.90 ms a frame. Tried there and left: patches in one matrix (im2col) 2 to
10 times slower; Winograd's form in JAX 7 times slower at 512 channels; a kernel gradient in a scan over images
(convolutions inside a loop run without their library, 50 times slower); an optimisation barrier before the gradient,
512-bit vectors and XLA's oneDNN flags (no effect); `xla_cpu_experimental_ynn_fusion_type=dot` (ResNet-34's wall time
-8 %, but more processor time, and the small student slower); two virtual devices with the batch divided (no effect).
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

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
os.environ['OMP_WAIT_POLICY'] = 'PASSIVE'  # torch's idle threads would count as processor time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from flax import nnx

from benchmarks import torch_resnet
from sportjax.models import vpd
from sportjax.nn import cpu
from sportjax.nn.resnet import load_torch_resnet

cpu.keep_freed_memory()  # before the first computation
GPU = jax.default_backend() == 'gpu'


@dataclasses.dataclass(frozen=True)
class Contender:
  """One way of doing the work: features of the batch, and a training step that returns its loss."""

  name: str
  features: Callable[[], object]
  train: Callable[[], object]


class TorchStudent(torch.nn.Module):
  """Student and decoder as the reference builds them."""

  def __init__(self, config: vpd.StudentConfig):
    super().__init__()
    resnet = dataclasses.replace(config.backbone, in_channels=config.channels)
    self.resnet = torch_resnet.ResNet(resnet)
    self.head = torch.nn.Linear(resnet.features, config.d)
    sizes = (config.d, config.decoder_width, config.decoder_width)
    hidden = [torch.nn.Sequential(torch.nn.Linear(i, o), torch.nn.ReLU()) for i, o in zip(sizes, sizes[1:])]  # noqa: B905
    self.decoder = torch.nn.Sequential(*hidden, torch.nn.Linear(sizes[-1], 2 * config.d))

  def forward(self, x):
    """Features."""
    return self.head(self.resnet(x))


def copy_weights(student: vpd.Student, net: TorchStudent) -> None:
  """Torch's start into ours."""
  load_torch_resnet(student.backbone, {k: v.numpy() for k, v in net.resnet.state_dict().items()})
  linear = [net.head, net.decoder[0][0], net.decoder[1][0], net.decoder[2]]
  for ours, theirs in zip([student.head, *student.decoder.layers], linear, strict=True):
    ours.kernel[...] = jnp.asarray(theirs.weight.detach().numpy().T)
    ours.bias[...] = jnp.asarray(theirs.bias.detach().numpy())


def make_ours(config: vpd.StudentConfig, net: TorchStudent, x: np.ndarray, target: np.ndarray) -> Contender:
  """The library's model under plain jit, as the training loop runs it."""
  dtype = 'bfloat16' if GPU else 'float32'
  student = vpd.Student(
    dataclasses.replace(config, backbone=dataclasses.replace(config.backbone, dtype=dtype)), rngs=nnx.Rngs(0)
  )
  copy_weights(student, net)
  graph, params, rest = nnx.split(student, nnx.Param, ...)
  tx = optax.adamw(5e-4, weight_decay=0.01)
  x, target = jnp.asarray(x), jnp.asarray(target)

  def step(params, rest, state, x, target):
    def loss(params):
      model = nnx.merge(graph, params, rest, copy=True)
      value = jnp.square(model.predict(x, train=True) - target).sum(1).mean()
      return value, nnx.state(model, nnx.Not(nnx.Param))

    (value, rest), gradient = jax.value_and_grad(loss, has_aux=True)(params)
    update, state = tx.update(gradient, state, params)
    return optax.apply_updates(params, update), rest, state, value

  infer = jax.jit(lambda x: nnx.merge(graph, params, rest, copy=True)(x, train=False))
  step = jax.jit(step, donate_argnums=(0, 1, 2))
  held = list(jax.tree.map(jnp.copy, (params, rest, tx.init(params))))

  def train() -> float:
    *held[:], value = step(*held, x, target)
    return float(value)

  return Contender('sportjax', lambda: jax.device_get(infer(x)), train)


def make_torch(config: vpd.StudentConfig, state: dict, x: np.ndarray, target: np.ndarray, *, last: bool) -> Contender:
  """The same network in torch; compiled and under autocast on a GPU."""
  device, layout = 'cuda' if GPU else 'cpu', torch.channels_last if last else torch.contiguous_format
  net = TorchStudent(config)
  net.load_state_dict(state)
  net = net.to(device, memory_format=layout)
  images = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).to(device, memory_format=layout)
  targets = torch.from_numpy(target).to(device)
  optimizer = torch.optim.AdamW(net.parameters(), 5e-4, weight_decay=0.01)
  run = torch.compile(net) if GPU else net
  autocast = torch.autocast(device, torch.bfloat16, enabled=GPU)

  def features() -> np.ndarray:
    net.eval()
    with torch.inference_mode(), autocast:
      return run(images).float().cpu().numpy()

  def train() -> float:
    net.train()
    optimizer.zero_grad(set_to_none=True)
    with autocast:
      value = (net.decoder(run(images)) - targets).square().sum(1).mean()
    value.backward()
    optimizer.step()
    return value.item()

  return Contender('torch channels_last' if last else 'torch', features, train)


def check(contenders: list[Contender]) -> None:
  """Raises AssertionError unless all start from the same function."""
  tolerance = 0.1 if GPU else 1e-3
  for of in (lambda c: np.asarray(c.features()), lambda c: np.asarray(c.train())):
    ours, *theirs = [of(contender) for contender in contenders]
    for other in theirs:
      assert np.abs(ours - other).max() <= tolerance * np.abs(other).max(), (ours, other)


def measure(contenders: list[Contender], repeats: int, inner: int) -> dict[tuple[str, str], tuple[float, float]]:
  """Least wall and processor seconds a call by (work, contender), the contenders taking turns."""
  best: dict[tuple[str, str], tuple[float, float]] = {}
  for _ in range(repeats):
    for work in ('features', 'train'):
      for contender in contenders:
        call, wall = getattr(contender, work), np.inf
        used = time.process_time()
        for _ in range(inner):
          start = time.perf_counter()
          call()
          wall = min(wall, time.perf_counter() - start)
        now = (wall, (time.process_time() - used) / inner)
        before = best.get((work, contender.name), (np.inf, np.inf))
        best[work, contender.name] = (min(now[0], before[0]), min(now[1], before[1]))
  return best


def compare(name: str, batch: int, repeats: int, inner: int) -> tuple[list[dict], dict[str, float]]:
  """Rows and ratios of one preset."""
  config, rng = vpd.PRESETS[name], np.random.default_rng(0)
  x = rng.normal(size=(batch, config.size_px, config.size_px, config.channels)).astype(np.float32)
  target = rng.normal(size=(batch, 2 * config.d)).astype(np.float32)
  torch.manual_seed(0)
  net = TorchStudent(config)
  state = {k: v.clone() for k, v in net.state_dict().items()}
  contenders = [make_ours(config, net, x, target)]
  contenders += [make_torch(config, state, x, target, last=last) for last in (False, True)]
  check(contenders)
  best = measure(contenders, repeats, inner)
  rows = [
    {'student': name, 'batch': batch, 'work': work, 'name': who, 'ms_per_frame': w / batch * 1e3,
     'cpu_ms_per_frame': c / batch * 1e3}
    for (work, who), (w, c) in best.items()
  ]  # fmt: skip
  ratios = {}
  for work in ('features', 'train'):
    for k, kind in enumerate(('wall',) if GPU else ('wall', 'cpu')):
      peer = min(value[k] for (w, who), value in best.items() if w == work and who != 'sportjax')
      ratios[f'{name} {work} {kind}'] = peer / best[work, 'sportjax'][k]
  return rows, ratios


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  args = parser.parse_args()
  torch.set_num_threads(os.cpu_count() or 1)
  plan = [('small', 100, 4 if args.quick else 15, 3)]
  if not args.quick:
    plan.append(('vpd_resnet34', 100 if GPU else 16, 8, 2))
  rows, ratios = [], {}
  for case in plan:
    more, of = compare(*case)
    rows += more
    ratios |= of
  print(f'{"student":14}{"work":10}{"":22}{"ms/frame":>10}{"CPU ms/frame":>14}')
  for r in rows:
    print(f'{r["student"]:14}{r["work"]:10}{r["name"]:22}{r["ms_per_frame"]:10.3f}{r["cpu_ms_per_frame"]:14.3f}')
  print('best torch / sportjax: ' + ', '.join(f'{name} {ratio:.2f}' for name, ratio in ratios.items()))
  if args.json:
    args.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
