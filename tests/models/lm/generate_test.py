"""Decoding: what chunks, seeds, other rows and meshes must not change, top-p, stop tokens and stop strings."""

import functools
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules
from sportjax.errors import InputError
from sportjax.models.lm.answer import _Text, answer, stream_text
from sportjax.models.lm.beam import BeamSearch
from sportjax.models.lm.generate import Decoding, cut, generate, nucleus, stream
from sportjax.models.lm.load import load
from sportjax.models.lm.prompt import pad_left
from sportjax.nn.adapters import LoRAConfig, add_lora

FOLDER = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm' / 'llama_5e5'
ROWS = [np.arange(3, 9, dtype=np.int32), np.array([40, 41, 7], np.int32)]


@pytest.fixture(scope='module')
def model():
  return load(FOLDER)


@pytest.fixture(scope='module')
def greedy(model):
  return generate(model, pad_left(ROWS), Decoding(max_tokens=12, chunk=4))


def test_pad_left_makes_few_shapes():
  prompt = pad_left(ROWS)
  assert prompt.inputs.shape == (2, 16)
  np.testing.assert_array_equal(prompt.there.sum(1), [6, 3])
  np.testing.assert_array_equal(prompt.inputs[1, -3:], ROWS[1])
  assert pad_left([np.ones((17, 4), np.float32)]).inputs.shape == (1, 32, 4)
  for bad in ([], [np.zeros(0, np.int32)]):
    with pytest.raises(InputError, match='prompt is empty'):
      pad_left(bad)


def test_chunks_come_one_by_one_and_make_no_difference(model, greedy):
  parts = list(stream(model, pad_left(ROWS), Decoding(max_tokens=12, chunk=5)))
  assert [part.shape for part in parts] == [(2, 5), (2, 5), (2, 2)]
  np.testing.assert_array_equal(np.concatenate(parts, 1), np.stack(greedy))


def test_a_row_does_not_depend_on_the_others(model, greedy):
  alone = generate(model, pad_left(ROWS[:1]), Decoding(max_tokens=12, chunk=4))
  np.testing.assert_array_equal(alone[0], greedy[0])
  draw = Decoding(max_tokens=12, chunk=4, temperature=1.0, top_p=0.9)
  both, alone = generate(model, pad_left(ROWS), draw, seed=3), generate(model, pad_left(ROWS[:1]), draw, seed=3)
  np.testing.assert_array_equal(both[0], alone[0])
  assert any((x != y).any() for x, y in zip(both, generate(model, pad_left(ROWS), draw, seed=4), strict=True))


def test_the_most_probable_token_alone_is_greedy(model, greedy):
  found = generate(model, pad_left(ROWS), Decoding(max_tokens=12, chunk=4, temperature=0.7, top_p=1e-6))
  np.testing.assert_array_equal(np.stack(found), np.stack(greedy))


def test_stop_tokens_end_a_row(model, greedy):
  stop = int(greedy[0][2])
  decoding = Decoding(max_tokens=12, chunk=4, stop_ids=(stop,))
  found = generate(model, pad_left(ROWS), decoding)
  for row, whole in zip(found, greedy, strict=True):
    np.testing.assert_array_equal(row, cut(whole, (stop,)))
  assert len(found[0]) <= 2
  parts = list(stream(model, pad_left(ROWS[:1]), decoding))
  assert len(parts) == 1  # it ended in the first chunk
  assert (parts[0][0, len(found[0]) :] == stop).all()


@pytest.mark.parametrize('top_p', [0.05, 0.5, 0.9, 1.0])
def test_nucleus_keeps_the_fewest_tokens(top_p):
  logits = np.random.default_rng(0).standard_normal((5, 40)).astype(np.float32) * 2
  found = np.asarray(nucleus(jnp.asarray(logits), top_p))
  for row, kept in zip(logits, np.isfinite(found), strict=True):
    probability = np.exp(row) / np.exp(row).sum()
    order = np.argsort(-probability)
    count = next(n for n in range(1, 41) if probability[order[:n]].sum() >= top_p - 1e-6)
    assert set(np.flatnonzero(kept)) == set(order[:count])
  np.testing.assert_array_equal(found[np.isfinite(found)], logits[np.isfinite(found)])


@pytest.mark.slow
def test_sharded_decoding_is_the_same(greedy):
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  small = rules.Rules(rules.PRESETS['fsdp_tp'].table, spread='fsdp', min_size=64)
  model = load(FOLDER, shardings=functools.partial(rules.shardings, mesh=mesh, rules=small))
  assert len(model.layers[0].mlp.up.kernel[...].sharding.device_set) == 8
  found = generate(model, pad_left(ROWS), Decoding(max_tokens=12, chunk=4))
  np.testing.assert_array_equal(np.stack(found), np.stack(greedy))


def letters(tokens):
  return ''.join(chr(64 + int(token)) for token in tokens)


def test_text_comes_in_parts_and_ends_before_a_stop_string(model, greedy):
  text = letters(greedy[0])
  decoding = Decoding(max_tokens=12, chunk=3)
  assert answer(model, pad_left(ROWS), decoding, letters) == [letters(row) for row in greedy]
  stop = text[4:7]  # across two chunks
  parts = [row[0] for row in stream_text(model, pad_left(ROWS[:1]), decoding, letters, stop=('never', stop))]
  assert ''.join(parts) == text[: text.index(stop)]
  assert len(parts) <= 3


def test_characters_of_several_tokens_wait_for_the_last():
  found = []

  def decode(tokens):
    return bytes(int(token) for token in tokens).decode(errors='replace')

  text = _Text(('END',))
  for piece, last in ((b'go \xe8\xb7', False), (b'\xb3 E', False), (b'N', False), (b'x', True)):
    found.append(text.add(np.frombuffer(piece, np.uint8), last, decode))
  assert found == ['go ', '跳 ', '', 'ENx']


@pytest.mark.parametrize(
  'bad', [{'max_tokens': 0}, {'temperature': -1.0}, {'top_p': 0.0}, {'top_p': 1.1}, {'chunk': 0}]
)
def test_bad_settings_are_refused(bad):
  with pytest.raises(InputError):
    Decoding(**bad)
  with pytest.raises(InputError):
    BeamSearch(beams=0)


@pytest.mark.slow
def test_rematerialisation_changes_nothing_dropout_included():
  def grads(remat):
    model = load(FOLDER, remat=remat)
    add_lora(model, LoRAConfig(4, dropout=0.5, targets=('query', 'up')), rngs=nnx.Rngs(1))
    for _, layer in nnx.iter_graph(model):
      if isinstance(layer, nnx.Param):
        layer[...] = layer[...] + 0.1
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)

    @jax.jit
    def loss(params, rest):
      copy = nnx.merge(graphdef, params, rest, copy=True)
      value = copy.logits(copy(copy.embed(jnp.asarray(ROWS[0])[None]), train=True)).std()
      return value, nnx.state(copy, nnx.RngState)

    (value, rng), grad = jax.value_and_grad(loss, has_aux=True)(params, rest)
    return value, [int(x) for x in jax.tree.leaves(rng) if x.dtype == jnp.uint32 and not x.shape], grad

  (one, counts, grad), (two, counts_too, grad_too) = grads(False), grads(True)
  np.testing.assert_allclose(one, two, rtol=1e-6)
  assert counts == counts_too
  assert max(counts) == 1
  for x, y in zip(jax.tree.leaves(grad), jax.tree.leaves(grad_too), strict=True):
    np.testing.assert_allclose(x, y, atol=1e-6)
