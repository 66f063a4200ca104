import jax
import numpy as np
import optax
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.train.optim import OptimConfig, decayed, ema_params, make_optimizer, make_schedule


def descend(config, params, grads):
  tx = make_optimizer(config)
  state, path = tx.init(params), []
  for grad in grads:
    updates, state = tx.update(grad, state, params)
    params = optax.apply_updates(params, updates)
    path.append(params)
  return path, state


@pytest.fixture
def problem():
  rng = np.random.default_rng(0)
  params = {'kernel': rng.normal(size=(3, 4)), 'bias': rng.normal(size=4)}
  grads = [jax.tree.map(lambda x: rng.normal(size=x.shape), params) for _ in range(6)]
  return params, grads


def torch_path(make, params, grads):
  torch = pytest.importorskip('torch')
  tensors = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in params.items()}
  rule, path = make(torch, tensors), []
  for grad in grads:
    for name, tensor in tensors.items():
      tensor.grad = torch.tensor(grad[name])
    rule.step()
    path.append({k: v.detach().numpy().copy() for k, v in tensors.items()})
  return path


def check_equal(ours, theirs):
  for a, b in zip(ours, theirs, strict=True):
    for name in b:
      np.testing.assert_allclose(a[name], b[name], rtol=1e-9)


def test_adamw_that_decays_all_is_torchs(problem):
  with jax.enable_x64():
    ours, _ = descend(OptimConfig(weight_decay=0.1, decay_all=True), *problem)
    check_equal(ours, torch_path(lambda t, p: t.optim.AdamW(p.values(), lr=5e-4, weight_decay=0.1), *problem))


def test_adamw_by_default_decays_kernels_only(problem):
  def groups(torch, p):
    return torch.optim.AdamW(
      [{'params': [p['kernel']]}, {'params': [p['bias']], 'weight_decay': 0.0}], 5e-4, weight_decay=0.1
    )

  with jax.enable_x64():
    ours, _ = descend(OptimConfig(weight_decay=0.1), *problem)
    check_equal(ours, torch_path(groups, *problem))


def test_sgd_with_clipping_is_torchs(problem):
  params, grads = problem
  norms = [np.sqrt(sum((g**2).sum() for g in grad.values())) for grad in grads]
  clipped = [jax.tree.map(lambda g, n=n: g * min(1.0, 2.0 / n), grad) for grad, n in zip(grads, norms, strict=True)]
  assert max(norms) > 2.0
  config = OptimConfig(name='sgd', learning_rate=0.1, weight_decay=0.01, decay_all=True, clip_norm=2.0)
  with jax.enable_x64():
    ours, _ = descend(config, params, grads)
    # Ours clips before it adds the decay, as AdamW's is decoupled from the gradient's norm.
    check_equal(ours, torch_path(lambda t, p: t.optim.SGD(p.values(), 0.1, 0.9, weight_decay=0.01), params, clipped))


def test_decayed_names_the_right_parameters():
  class Model(nnx.Module):
    def __init__(self, rngs):
      self.attention = nnx.MultiHeadAttention(2, 8, rngs=rngs)
      self.norm = nnx.BatchNorm(8, rngs=rngs)
      self.table = nnx.Embed(5, 8, rngs=rngs)

  mask = decayed(nnx.state(Model(nnx.Rngs(0)), nnx.Param))
  decays = {jax.tree_util.keystr(path) for path, yes in jax.tree_util.tree_leaves_with_path(mask) if yes}
  layers = [f"['attention']['{name}']['kernel'].value" for name in ('query', 'key', 'value', 'out')]
  assert decays == {*layers, "['table']['embedding'].value"}


@pytest.mark.parametrize('schedule', ['cosine', 'warmup_cosine'])
def test_cosine_ends(schedule):
  warmup = 10 if schedule == 'warmup_cosine' else 0
  rate = make_schedule(
    OptimConfig(learning_rate=2.0, schedule=schedule, total_steps=110, warmup_steps=10, final_rate=0.1)
  )
  assert float(rate(0)) == (0.0 if warmup else 2.0)
  assert float(rate(warmup)) == pytest.approx(2.0)
  middle = warmup + (110 - warmup) // 2
  assert float(rate(middle)) == pytest.approx(1.1)  # halfway down from 2.0 to 0.2
  assert float(rate(110)) == pytest.approx(0.2)


@pytest.mark.parametrize(
  'config',
  [
    OptimConfig(schedule='cosine'),
    OptimConfig(schedule='warmup_cosine', total_steps=5, warmup_steps=5),
    OptimConfig(schedule='linear'),
    OptimConfig(name='adam'),
  ],
)
def test_impossible_config_is_refused(config):
  with pytest.raises(InputError, match='optim'):
    make_optimizer(config)


def test_ema_follows_and_leaves_the_updates_alone(problem):
  params, grads = problem
  with jax.enable_x64():
    plain, state = descend(OptimConfig(), params, grads)
    assert ema_params(state) is None
    averaged, state = descend(OptimConfig(ema_decay=0.2), params, grads)
    expected = params['kernel']
    for step, point in enumerate(plain):
      decay = min(0.2, (1 + step) / (10 + step))
      expected = decay * expected + (1 - decay) * point['kernel']
    np.testing.assert_allclose(ema_params(state)['kernel'], expected, rtol=1e-12)
    np.testing.assert_array_equal(averaged[-1]['kernel'], plain[-1]['kernel'])
