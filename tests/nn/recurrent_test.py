"""The BiGRU against torch's on the same weights, with sequences of different lengths."""

import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx

from sportjax.nn import recurrent


def copy_from_torch(ours, theirs):
  for layer, (forward, backward) in enumerate(zip(ours.forward, ours.backward, strict=True)):
    for cell, suffix in ((forward, ''), (backward, '_reverse')):
      for linear, name in ((cell.inputs, 'ih'), (cell.states, 'hh')):
        linear.kernel[...] = jnp.asarray(getattr(theirs, f'weight_{name}_l{layer}{suffix}').detach().numpy().T)
        linear.bias[...] = jnp.asarray(getattr(theirs, f'bias_{name}_l{layer}{suffix}').detach().numpy())


def test_outputs_match_torch_on_packed_sequences():
  rng = np.random.default_rng(0)
  x, lengths = rng.normal(size=(3, 9, 4)).astype(np.float32), np.array([9, 1, 5])
  torch.manual_seed(0)
  theirs = torch.nn.GRU(4, 6, num_layers=2, bidirectional=True, batch_first=True)
  packed = torch.nn.utils.rnn.pack_padded_sequence(
    torch.from_numpy(x), torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
  )
  expected, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
  ours = recurrent.BiGRU(4, 6, 2, rngs=nnx.Rngs(0))
  copy_from_torch(ours, theirs)
  mask = np.arange(9)[None] < lengths[:, None]
  result = np.asarray(ours(jnp.asarray(x), jnp.asarray(mask)))
  np.testing.assert_allclose(result[mask], expected.detach().numpy()[mask], atol=1e-6)


def test_classifier_has_the_papers_number_of_parameters_and_ignores_padding():
  model = recurrent.SequenceClassifier(64, 6, rngs=nnx.Rngs(0))
  model.eval()
  assert sum(p.size for p in nnx.to_flat_state(nnx.state(model, nnx.Param)).leaves) == 513_798
  x, lengths = np.random.default_rng(1).normal(size=(2, 8, 64)).astype(np.float32), jnp.array([8, 3])
  clean = model(jnp.asarray(x), lengths)
  x[1, 3:] = 1e3
  np.testing.assert_array_equal(model(jnp.asarray(x), lengths), clean)
