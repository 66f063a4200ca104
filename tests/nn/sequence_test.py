"""Classifiers of sequences against torch on the same weights; clips of any length, whatever pads them."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx

from sportjax.nn import sequence

THEIRS = {'gru': torch.nn.GRU, 'lstm': torch.nn.LSTM}
LENGTHS = np.array([12, 3, 8])


def clips(d=5, t=12, seed=1):
  return np.random.default_rng(seed).normal(size=(len(LENGTHS), t, d)).astype(np.float32)


def linear_to_torch(ours, theirs):
  theirs.weight.data = torch.from_numpy(np.asarray(ours.kernel[...]).T.copy())
  theirs.bias.data = torch.from_numpy(np.asarray(ours.bias[...]).copy())


def torch_head(head, width, classes):
  theirs = torch.nn.Sequential(
    torch.nn.BatchNorm1d(width), torch.nn.Dropout(0.5), torch.nn.Linear(width, width), torch.nn.ReLU(),
    torch.nn.BatchNorm1d(width), torch.nn.Dropout(0.5), torch.nn.Linear(width, classes),
  ).eval()  # fmt: skip
  linear_to_torch(head.dense, theirs[2])
  linear_to_torch(head.out, theirs[6])
  return theirs


def torch_outputs(model, cell, x, lengths):
  """Outputs and last states of torch's network with the model's weights, one clip at a time."""
  theirs = THEIRS[cell](x.shape[-1], 6, num_layers=2, bidirectional=True, batch_first=True)
  with torch.no_grad():
    copy_to = recurrent_weights(model, theirs)
    assert copy_to == 8
    for clip, length in zip(x, lengths, strict=True):
      outputs, last = theirs(torch.from_numpy(clip[None, :length]))
      yield outputs[0], (last[0] if cell == 'lstm' else last).permute(1, 0, 2).reshape(-1)


def recurrent_weights(model, theirs):
  count = 0
  for layer, (forward, backward) in enumerate(zip(model.rnn.forward, model.rnn.backward, strict=True)):
    for ours, suffix in ((forward, ''), (backward, '_reverse')):
      for linear, name in ((ours.inputs, 'ih'), (ours.states, 'hh')):
        getattr(theirs, f'weight_{name}_l{layer}{suffix}').data = torch.from_numpy(
          np.asarray(linear.kernel[...]).T.copy()
        )
        getattr(theirs, f'bias_{name}_l{layer}{suffix}').data = torch.from_numpy(np.asarray(linear.bias[...]).copy())
        count += 1
  return count


@pytest.mark.parametrize('name', ['bigru', 'bilstm', 'bigru_attention', 'bilstm_attention'])
def test_recurrent_classifiers_match_torch_in_the_references_form(name):
  config = dataclasses.replace(sequence.ARCHITECTURES[name], hidden=6)
  model = sequence.make_classifier(5, 4, config, rngs=nnx.Rngs(0))
  model.eval()
  x = clips()
  expected = []
  for outputs, last in torch_outputs(model, config.backbone, x, LENGTHS):
    if config.attention:
      query = torch.nn.Linear(24, 12)
      linear_to_torch(model.attention.query, query)
      weights = torch.softmax(outputs @ torch.relu(query(last)), 0)
      pooled = weights @ outputs
    else:
      pooled = outputs.max(0).values
    with torch.no_grad():
      expected.append(torch_head(model.head, 12, 4)(pooled[None])[0].numpy())
  np.testing.assert_allclose(model(jnp.asarray(x), jnp.asarray(LENGTHS)), np.stack(expected), atol=1e-5)


def test_frame_classifier_matches_torch_on_every_frame():
  model = sequence.FrameClassifier(5, 2, sequence.SequenceConfig(hidden=6), rngs=nnx.Rngs(0))
  model.eval()
  x = clips()
  result = np.asarray(model(jnp.asarray(x), jnp.asarray(LENGTHS)))
  for row, length, (outputs, _) in zip(result, LENGTHS, torch_outputs(model, 'gru', x, LENGTHS), strict=True):
    with torch.no_grad():
      np.testing.assert_allclose(row[:length], torch_head(model.head, 12, 2)(outputs).numpy(), atol=1e-5)


def test_cnn_matches_torch_for_clips_as_long_as_its_kernels():
  model = sequence.make_classifier(5, 4, sequence.SequenceConfig('cnn', hidden=6), rngs=nnx.Rngs(0))
  model.eval()
  x, lengths = clips(), np.array([12, 7, 8])
  expected = []
  with torch.no_grad():
    for clip, length in zip(x, lengths, strict=True):
      pooled = []
      for conv in model.convs:
        kernel = torch.from_numpy(np.asarray(conv.kernel[...]).transpose(2, 1, 0).copy())
        found = torch.nn.functional.conv1d(
          torch.from_numpy(clip[None, :length]).permute(0, 2, 1), kernel, torch.from_numpy(np.array(conv.bias[...]))
        )
        pooled.append(torch.relu(found).max(2).values)
      dense, out = torch.nn.Linear(18, 6), torch.nn.Linear(6, 4)
      linear_to_torch(model.dense, dense)
      linear_to_torch(model.out, out)
      expected.append(out(torch.relu(dense(torch.cat(pooled, 1))))[0].numpy())
  np.testing.assert_allclose(model(jnp.asarray(x), jnp.asarray(lengths)), np.stack(expected), atol=1e-5)


@pytest.mark.parametrize(
  ('name', 'classes', 'count'), [('bigru', 6, 513_798), ('bigru', 35, 521_251), ('bigru', 48, 524_592)]
)
def test_classifier_has_the_papers_number_of_parameters(name, classes, count):
  model = sequence.make_classifier(64, classes, sequence.ARCHITECTURES[name], rngs=nnx.Rngs(0))
  assert sum(p.size for p in nnx.to_flat_state(nnx.state(model, nnx.Param)).leaves) == count


@pytest.mark.parametrize('name', sequence.ARCHITECTURES)
def test_padding_changes_nothing(name):
  config = dataclasses.replace(sequence.ARCHITECTURES[name], hidden=6)
  model = sequence.make_classifier(5, 3, config, rngs=nnx.Rngs(0))
  model.eval()
  x = clips()
  clean = model(jnp.asarray(x), jnp.asarray(LENGTHS))
  for row, length in zip(x, LENGTHS, strict=True):
    row[length:] = 1e3
  np.testing.assert_array_equal(model(jnp.asarray(x), jnp.asarray(LENGTHS)), clean)
  alone = model(jnp.asarray(x[1:2, :3]), jnp.asarray(LENGTHS[1:2]))
  np.testing.assert_allclose(alone[0], clean[1], atol=1e-5)


def test_statistics_of_frames_are_those_of_the_frames_that_are_there():
  x, lengths = clips(), jnp.asarray(LENGTHS)
  padded = x.copy()
  for row, length in zip(padded, LENGTHS, strict=True):
    row[length:] = 1e3
  means = []
  for values in (x, padded):
    model = sequence.FrameClassifier(5, 2, sequence.SequenceConfig(hidden=6, input_dropout=0), rngs=nnx.Rngs(0))
    model(jnp.asarray(values), lengths)
    means.append(np.asarray(model.head.norm1.mean[...]))
  np.testing.assert_allclose(means[0], means[1], atol=1e-6)
  assert np.abs(means[0]).max() > 0
