"""Language models beside torch: a LoRA training step and greedy decoding, from the same weights.

`python benchmarks/lm.py [--quick] [--json FILE]`. The peers are a plain torch llama (benchmarks/torch_llama.py: fused
attention, static cache), compiled on a GPU, and, where it is installed, transformers. Ways alternate in one process and
the best of the repeats counts. On a CPU a small model in float32, whose first loss and decoded tokens are compared
before anything is timed; on a GPU a model of the size of Llama 3.2 1B in bfloat16 with random weights. The ratio is
ours over the best peer, in tokens a second: above 1 ours is faster.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
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

from benchmarks.torch_llama import Llama, LoRALinear
from sportjax.losses.language import token_cross_entropy
from sportjax.models.lm.config import LMConfig
from sportjax.models.lm.generate import Decoding, generate
from sportjax.models.lm.model import LanguageModel
from sportjax.models.lm.prompt import Prompt
from sportjax.nn.adapters import LoRAConfig, add_lora
from sportjax.nn.rotary import Rope

GPU = jax.default_backend() == 'gpu'
DTYPE = 'bfloat16' if GPU else 'float32'
DEVICE = 'cuda' if GPU else 'cpu'
LARGE = LMConfig('llama', 128256, 2048, 16, 32, 8, 64, 8192, norm_epsilon=1e-5, rope=Rope(500_000.0), tied=True)
SMALL = LMConfig('llama', 8192, 384, 6, 6, 2, 64, 1024, norm_epsilon=1e-5, rope=Rope(10_000.0), tied=True)
R = 16


@dataclasses.dataclass(frozen=True)
class Work:
  """Sizes of one run."""

  config: LMConfig
  rows: int  # of a training batch
  length: int
  batches: tuple[int, ...]  # of decoding
  prompt: int
  new: int
  repeats: int


def make_model(config: LMConfig) -> LanguageModel:
  """Random weights."""
  graphdef, state = nnx.split(jax.jit(lambda: LanguageModel(config, rngs=nnx.Rngs(0)))())
  return nnx.merge(graphdef, jax.tree.map(lambda x: x.astype(DTYPE), state))


def torch_model(config: LMConfig, model: LanguageModel, r: int = 0) -> Llama:
  """The same weights in torch."""

  def copy(to: torch.Tensor, x: jax.Array) -> None:
    to.copy_(torch.from_numpy(np.array(x, np.float32)))

  net = Llama(config, r)
  with torch.no_grad():
    copy(net.embedding, model.embedding[...])
    copy(net.norm.weight, model.norm.scale[...])
    for theirs, ours in zip(net.layers, model.layers, strict=True):
      copy(theirs.norms[0].weight, ours.attention_norm.scale[...])
      copy(theirs.norms[1].weight, ours.mlp_norm.scale[...])
      pairs = {
        'q': ours.attention.query, 'k': ours.attention.key, 'v': ours.attention.value, 'o': ours.attention.out,
        'gate': ours.mlp.gate, 'up': ours.mlp.up, 'down': ours.mlp.down,
      }  # fmt: skip
      for name, linear in pairs.items():
        copy(getattr(theirs, name).weight, linear.kernel[...].T)
  net = net.to(DEVICE)
  for name, parameter in net.named_parameters():
    if not name.endswith(('.a', '.b')):
      parameter.data = parameter.data.to(getattr(torch, DTYPE))
  return net


def our_step(config: LMConfig, tokens: np.ndarray) -> Callable[[], float]:
  """A LoRA step of ours."""
  model = make_model(config)
  add_lora(model, LoRAConfig(R, 16.0, targets=('query', 'value')), rngs=nnx.Rngs(1))
  graphdef, params, rest = nnx.split(model, nnx.Param, ...)
  tx = optax.adamw(1e-4)

  @jax.jit(donate_argnums=(0, 2))
  def step(params, rest, state, tokens):
    def loss(params):
      model = nnx.merge(graphdef, params, rest, copy=True)
      hidden = model(model.embed(tokens[:, :-1]), train=True)
      return token_cross_entropy(model.logits, hidden, tokens[:, 1:], jnp.ones(tokens[:, 1:].shape))

    value, grads = jax.value_and_grad(loss)(params)
    updates, state = tx.update(grads, state, params)
    return optax.apply_updates(params, updates), state, value

  held = [params, tx.init(params)]
  tokens = jnp.asarray(tokens)

  def run() -> float:
    *held[:], value = step(held[0], rest, held[1], tokens)
    return float(value)

  return run


def torch_step(net: torch.nn.Module, scores: Callable, tokens: np.ndarray) -> Callable[[], float]:
  """A LoRA step of torch."""
  optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], 1e-4)
  tokens = torch.from_numpy(tokens).long().to(DEVICE)

  def loss_of(tokens):
    y = scores(tokens[:, :-1]).float()
    return torch.nn.functional.cross_entropy(y.flatten(0, 1), tokens[:, 1:].flatten())

  loss_of = torch.compile(loss_of) if GPU else loss_of

  def run() -> float:
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(tokens)
    loss.backward()
    optimizer.step()
    return float(loss.detach())

  return run


def our_decoding(model: LanguageModel, prompt: np.ndarray, new: int) -> Callable[[], np.ndarray]:
  """Greedy decoding of ours."""
  prompts = Prompt(jnp.asarray(prompt), jnp.ones(prompt.shape, bool))
  decoding = Decoding(max_tokens=new, chunk=new)
  return lambda: np.stack(generate(model, prompts, decoding))


def torch_decoding(net: Llama, prompt: np.ndarray, new: int) -> Callable[[], np.ndarray]:
  """Greedy decoding of torch, with a static cache."""
  config, places = net.config, prompt.shape[1] + new
  tokens = torch.from_numpy(prompt).long().to(DEVICE)
  # mode reduce-overhead records CUDA graphs, torch's own remedy for many small kernels
  extend = torch.compile(net.extend, mode='reduce-overhead') if GPU else net.extend

  @torch.no_grad()
  def run() -> np.ndarray:
    shape = (len(prompt), config.kv_heads, places, config.head_dim)
    caches = [[torch.zeros(shape, device=DEVICE, dtype=getattr(torch, DTYPE)) for _ in 'kv'] for _ in net.layers]
    token = net.extend(tokens, torch.arange(tokens.shape[1], device=DEVICE), caches).argmax(-1)
    made = [token]
    for i in range(prompt.shape[1], places - 1):
      token = extend(token[:, None], torch.tensor([i], device=DEVICE), caches).argmax(-1)
      made.append(token.clone())
    return torch.stack(made, 1).cpu().numpy()

  return run


def transformers_model(config: LMConfig, net: Llama):
  """Transformers' llama with the weights of `net`, or None where it is not installed."""
  if importlib.util.find_spec('transformers') is None or GPU:
    return None
  import transformers

  settings = transformers.LlamaConfig(
    vocab_size=config.vocab, hidden_size=config.width, num_hidden_layers=config.layers, head_dim=config.head_dim,
    num_attention_heads=config.heads, num_key_value_heads=config.kv_heads, intermediate_size=config.mlp_width,
    rms_norm_eps=config.norm_epsilon, rope_theta=config.rope.theta, tie_word_embeddings=True, eos_token_id=None,
    bos_token_id=None, pad_token_id=None,
  )  # fmt: skip
  model = transformers.LlamaForCausalLM(settings).eval()
  names = {'q': 'self_attn.q_proj', 'k': 'self_attn.k_proj', 'v': 'self_attn.v_proj', 'o': 'self_attn.o_proj'}
  names |= {part: f'mlp.{part}_proj' for part in ('gate', 'up', 'down')}
  with torch.no_grad():
    model.model.embed_tokens.weight.copy_(net.embedding)
    for theirs, ours in zip(model.model.layers, net.layers, strict=True):
      for name, path in names.items():
        theirs.get_submodule(path).weight.copy_(getattr(ours, name).weight)
  return model


def with_updates(model: torch.nn.Module) -> torch.nn.Module:
  """Transformers' model, frozen, with the updates that ours has; they start as nothing, so `a` need not be the same."""
  model.requires_grad_(False)
  for layer in model.model.layers:
    for name in ('q_proj', 'v_proj'):
      old = getattr(layer.self_attn, name)
      new = LoRALinear(old.in_features, old.out_features, R)
      new.weight.data = old.weight.data
      setattr(layer.self_attn, name, new)
  return model


def transformers_decoding(model, prompt: np.ndarray, new: int) -> Callable[[], np.ndarray]:
  """generate, as it is."""
  tokens = torch.from_numpy(prompt).long()

  def run() -> np.ndarray:
    made = model.generate(tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=new, do_sample=False)
    return made[:, prompt.shape[1] :].numpy()

  return run


def compare(title: str, ways: dict[str, Callable], tokens: int, repeats: int) -> tuple[list[dict], float]:
  """Rows of a table, and ours over the best peer. The ways have run once."""
  times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
  for _ in range(repeats):
    for name, run in ways.items():
      wall, cpu = time.perf_counter(), time.process_time()
      run()
      times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
  rows = []
  for name, measured in times.items():
    wall, cpu = (min(column) for column in zip(*measured, strict=True))
    rows.append({'work': title, 'name': name, 'tokens_per_s': tokens / wall, 'tokens_per_cpu_s': tokens / cpu})
  key = 'tokens_per_s' if GPU else 'tokens_per_cpu_s'  # processor time is the more honest on a shared CPU
  return rows, rows[0][key] / max(row[key] for row in rows[1:])


def train_case(work: Work, rng: np.random.Generator) -> tuple[list[dict], float]:
  """LoRA steps."""
  tokens = rng.integers(0, work.config.vocab, (work.rows, work.length + 1), np.int32)
  net = torch_model(work.config, make_model(work.config), R)
  ways = {'sportjax': our_step(work.config, tokens), 'torch': torch_step(net, net, tokens)}
  if (theirs := transformers_model(work.config, net)) is not None:
    theirs = with_updates(theirs).train()
    ways['transformers'] = torch_step(theirs, lambda tokens: theirs(tokens, use_cache=False).logits, tokens)
  losses = {name: run() for name, run in ways.items()}
  assert max(losses.values()) - min(losses.values()) < (0.05 if GPU else 1e-3), losses
  return compare('LoRA step', ways, work.rows * work.length, work.repeats)


def decode_case(work: Work, batch: int, rng: np.random.Generator) -> tuple[list[dict], float]:
  """Greedy decoding."""
  prompt = rng.integers(0, work.config.vocab, (batch, work.prompt), np.int32)
  model = make_model(work.config)
  net = torch_model(work.config, model)
  ways = {'sportjax': our_decoding(model, prompt, work.new), 'torch': torch_decoding(net, prompt, work.new)}
  if (theirs := transformers_model(work.config, net)) is not None:
    ways['transformers'] = transformers_decoding(theirs, prompt, work.new)
  made = {name: run() for name, run in ways.items()}
  for name, tokens in made.items():  # in bfloat16 near ties fall either way
    assert GPU or (tokens == made['sportjax']).all(), name
  return compare(f'decode, batch {batch}', ways, batch * work.new, work.repeats)


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  args = parser.parse_args()
  torch.set_num_threads(os.cpu_count() or 1)
  work = Work(LARGE, 4, 1024, (1, 32), 128, 128, 5) if GPU else Work(SMALL, 2, 128, (1, 32), 32, 32, 5)
  if args.quick:
    work = dataclasses.replace(work, repeats=2)
  rng = np.random.default_rng(0)
  cases = [train_case(work, rng), *(decode_case(work, batch, rng) for batch in work.batches)]
  rows = [row for more, _ in cases for row in more]
  ratios = {more[0]['work']: ratio for more, ratio in cases}
  print(f'{"work":20}{"":14}{"tokens/s":>12}{"tokens/CPU s":>14}')
  for r in rows:
    print(f'{r["work"]:20}{r["name"]:14}{r["tokens_per_s"]:12.0f}{r["tokens_per_cpu_s"]:14.0f}')
  print('sportjax / best peer: ' + ', '.join(f'{name} {ratio:.2f}' for name, ratio in ratios.items()))
  if args.json:
    args.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
