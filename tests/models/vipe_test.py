"""VIPE* against torch's form of the reference on the same weights, and its files."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx

from sportjax.errors import InputError
from sportjax.losses import vipe as losses
from sportjax.models import vipe

TINY = vipe.VipeConfig(d=4, hidden=8)


class TorchBlock(torch.nn.Module):
  def __init__(self, width, sign):
    super().__init__()
    layers = [layer for _ in range(2) for layer in (torch.nn.Linear(width, width), torch.nn.BatchNorm1d(width),
      torch.nn.ReLU(), torch.nn.Dropout(0.2))]  # fmt: skip
    self.block, self.sign = torch.nn.Sequential(*layers), sign

  def forward(self, x):
    return self.block(x) + self.sign * x


class TorchEncoder(torch.nn.Module):
  """The reference's encoder, with its names of parameters."""

  def __init__(self, d, hidden, sign):
    super().__init__()
    self.layers = torch.nn.Sequential(
      torch.nn.Linear(39, hidden), torch.nn.ReLU(), TorchBlock(hidden, sign), TorchBlock(hidden, sign),
      torch.nn.Linear(hidden, d),
    )  # fmt: skip


def reference(path, sign):
  torch.manual_seed(0)
  theirs = TorchEncoder(4, 8, sign)
  for module in theirs.modules():
    if isinstance(module, torch.nn.BatchNorm1d):
      module.running_mean.uniform_(-1, 1)
      module.running_var.uniform_(0.5, 2)
  torch.save(theirs.state_dict(), path)
  return theirs.eval()


@pytest.mark.parametrize(('residual', 'sign'), [('subtract', -1), ('add', 1)])
def test_checkpoints_of_the_reference_embed_as_they_do_there(residual, sign, tmp_path):
  theirs = reference(tmp_path / 'best_epoch.encoder.pt', sign)
  model = vipe.load_reference(tmp_path / 'best_epoch.encoder.pt', residual)
  assert model.config == dataclasses.replace(TINY, residual=residual)
  x = np.random.default_rng(0).normal(size=(5, 39)).astype(np.float32)
  with torch.no_grad():
    expected = theirs.layers(torch.from_numpy(x)).numpy()
  np.testing.assert_allclose(vipe.embed(model, jnp.asarray(x)), expected, atol=1e-5)


@pytest.mark.parametrize(('d', 'count'), [(64, 4_313_152), (32, 4_280_352)])
def test_full_size_has_the_reference_counts_of_parameters(d, count):
  model = nnx.eval_shape(lambda: vipe.Vipe(vipe.VipeConfig(d=d), rngs=nnx.Rngs(0)))
  assert sum(np.prod(p.shape) for p in nnx.to_flat_state(nnx.state(model, nnx.Param)).leaves) == count


def test_saved_embedding_comes_back_without_its_decoder(tmp_path):
  model = vipe.Vipe(TINY, (14, 21), rngs=nnx.Rngs(0))
  assert [x.shape for x in model.decoder(jnp.zeros((2, 4)))] == [(2, 14), (2, 21)]
  vipe.save(tmp_path / 'v.safetensors', model)
  again = vipe.load(tmp_path / 'v.safetensors')
  assert again.decoder is None
  x = jnp.ones((3, 39))
  np.testing.assert_array_equal(vipe.embed(again, x), vipe.embed(model, x))


def test_files_that_are_something_else_are_refused(tmp_path):
  (tmp_path / 'x').write_bytes(b'nothing')
  with pytest.raises(InputError, match='not a VIPE'):
    vipe.load(tmp_path / 'x')
  torch.save({'fc.weight': torch.zeros(2, 2)}, tmp_path / 'other.pt')
  with pytest.raises(InputError, match='has no layers.0.weight'):
    vipe.load_reference(tmp_path / 'other.pt')


def test_losses_are_torchs():
  rng = np.random.default_rng(1)
  one, other, negative = (rng.normal(0, 0.4, (6, 4)).astype(np.float32) for _ in range(3))
  valid = np.array([1, 1, 0, 1, 0, 1], bool)
  a, b, c = (torch.from_numpy(x) for x in (one, other, negative))
  hinge = torch.nn.functional.hinge_embedding_loss
  expected = torch.norm(a - b, dim=1) + hinge(
    torch.norm(a - c, dim=1), -torch.ones(6), reduction='none'
  ) * torch.tensor(valid)
  found = losses.contrastive(*map(jnp.asarray, (one, other, negative)), jnp.asarray(valid))
  np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


def test_each_row_is_lifted_by_the_head_of_its_data_set():
  heads = [jnp.ones((3, 2)), 2 * jnp.ones((3, 4))]
  target = jnp.asarray([[1, 0, 9, 9], [0, 0, 0, 0], [2, 2, 2, 5.0]])
  found = losses.lifting(heads, target, jnp.array([0, 1, 1]))
  assert found.tolist() == [1, 16, 9]


def test_distance_of_what_is_the_same_has_a_gradient():
  import jax

  gradient = jax.grad(lambda x: losses.distance(x, x + 0.0).sum())(jnp.ones((2, 3)))
  assert np.isfinite(gradient).all()
