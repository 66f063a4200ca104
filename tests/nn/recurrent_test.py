"""Recurrent layers against torch's on the same weights, with sequences of different lengths."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx

from sportjax.nn import recurrent

THEIRS = {'gru': torch.nn.GRU, 'lstm': torch.nn.LSTM}


def copy_from_torch(ours, theirs):
  for layer, (forward, backward) in enumerate(zip(ours.forward, ours.backward, strict=True)):
    for cell, suffix in ((forward, ''), (backward, '_reverse')):
      for linear, name in ((cell.inputs, 'ih'), (cell.states, 'hh')):
        linear.kernel[...] = jnp.asarray(getattr(theirs, f'weight_{name}_l{layer}{suffix}').detach().numpy().T)
        linear.bias[...] = jnp.asarray(getattr(theirs, f'bias_{name}_l{layer}{suffix}').detach().numpy())


@pytest.mark.parametrize('cell', ['gru', 'lstm'])
def test_outputs_and_last_states_match_torch_on_packed_sequences(cell):
  rng = np.random.default_rng(0)
  x, lengths = rng.normal(size=(3, 9, 4)).astype(np.float32), np.array([9, 1, 5])
  torch.manual_seed(0)
  theirs = THEIRS[cell](4, 6, num_layers=2, bidirectional=True, batch_first=True)
  packed = torch.nn.utils.rnn.pack_padded_sequence(
    torch.from_numpy(x), torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
  )
  outputs, last = theirs(packed)
  expected, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
  last = (last[0] if cell == 'lstm' else last).permute(1, 0, 2).reshape(3, -1)
  ours = recurrent.BiRNN(cell, 4, 6, 2, rngs=nnx.Rngs(0))
  copy_from_torch(ours, theirs)
  mask = np.arange(9)[None] < lengths[:, None]
  result, states = ours(jnp.asarray(x), jnp.asarray(mask))
  np.testing.assert_allclose(np.asarray(result)[mask], expected.detach().numpy()[mask], atol=1e-6)
  np.testing.assert_allclose(states, last.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize('cell', ['gru', 'lstm'])
def test_parameters_start_as_torchs(cell):
  torch.manual_seed(0)
  ours, theirs = recurrent.BiRNN(cell, 8, 64, 2, rngs=nnx.Rngs(0)), THEIRS[cell](8, 64, 2, bidirectional=True)
  values = np.concatenate([np.ravel(p) for p in nnx.to_flat_state(nnx.state(ours, nnx.Param)).leaves])
  expected = np.concatenate([p.detach().numpy().ravel() for p in theirs.parameters()])
  assert values.size == expected.size
  assert np.abs(values).max() == pytest.approx(np.abs(expected).max(), rel=1e-3)
  assert values.std() == pytest.approx(expected.std(), rel=0.02)
