"""Attention, rotary positions and norms of the language models against plain statements in float64."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.nn.attention import attend, causal_mask
from sportjax.nn.norm import RMSNorm
from sportjax.nn.rotary import Rope, frequencies, rotate, rotation


def plain_attention(query, key, value, mask, scale, softcap):
  """One query and one head at a time."""
  out = np.zeros(query.shape)
  shared = query.shape[2] // key.shape[2]
  for b, i, h in np.ndindex(query.shape[:3]):
    scores = key[b, :, h // shared] @ query[b, i, h] * scale
    if softcap:
      scores = softcap * np.tanh(scores / softcap)
    scores = np.where(mask[b, i], scores, -np.inf)
    weights = np.exp(scores - scores.max())
    out[b, i, h] = weights / weights.sum() @ value[b, :, h // shared]
  return out


@pytest.mark.parametrize('heads', [(1, 1), (4, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize('softcap', [None, 1.5])
def test_attend_equals_a_plain_loop(heads, softcap):
  rng = np.random.default_rng(0)
  query, key = rng.standard_normal((2, 5, heads[0], 8)), rng.standard_normal((2, 7, heads[1], 8))
  value, mask = rng.standard_normal(key.shape), rng.random((2, 5, 7)) < 0.6
  mask[:, :, 0] = True
  found = attend(*map(jnp.asarray, (query, key, value, mask)), scale=0.4, softcap=softcap)
  np.testing.assert_allclose(found, plain_attention(query, key, value, mask, 0.4, softcap), atol=1e-5)


def test_attend_without_a_mask_and_without_a_key_to_see():
  rng = np.random.default_rng(1)
  query = rng.standard_normal((1, 3, 2, 4))
  found = attend(*[jnp.asarray(query)] * 3, scale=0.5)
  whole = np.ones((1, 3, 3), bool)
  np.testing.assert_allclose(found, plain_attention(query, query, query, whole, 0.5, None), atol=1e-5)
  assert jnp.isfinite(attend(*[jnp.asarray(query)] * 3, jnp.zeros((1, 3, 3), bool), scale=0.5)).all()


@pytest.mark.parametrize('window', [None, 1, 3, 99])
def test_causal_mask(window):
  there = np.array([[False, True, True, True, True, False]])
  found = causal_mask(jnp.arange(2, 5), jnp.arange(6), jnp.asarray(there), window)
  for i, q in enumerate(range(2, 5)):
    for k in range(6):
      assert found[0, i, k] == (there[0, k] and k <= q and (window is None or q - k < window))


def test_rotation_turns_pairs_by_position_times_frequency():
  x = np.random.default_rng(2).standard_normal((1, 4, 2, 6))
  positions = np.array([[0, 1, 5, 9]])
  found = rotate(jnp.asarray(x), rotation(Rope(100.0), jnp.asarray(positions), 6))
  for i, h, k in np.ndindex(4, 2, 3):
    pair = complex(x[0, i, h, k], x[0, i, h, k + 3]) * np.exp(1j * positions[0, i] * 100.0 ** (-2 * k / 6))
    np.testing.assert_allclose([found[0, i, h, k], found[0, i, h, k + 3]], [pair.real, pair.imag], atol=1e-5)


def test_llama3_stretches_long_wavelengths_only():
  rope = Rope(500_000.0, 'llama3', 8.0, 1.0, 4.0, 8192)
  plain, found = frequencies(Rope(500_000.0), 128), frequencies(rope, 128)
  for before, after in zip(plain, found, strict=True):
    wavelength = 2 * math.pi / before
    if wavelength < 8192 / 4:
      assert after == before
    elif wavelength > 8192:
      assert after == pytest.approx(before / 8)
    else:
      assert before / 8 <= after <= before
  np.testing.assert_allclose(frequencies(Rope(500_000.0, 'linear', 8.0), 128), plain / 8)


@pytest.mark.parametrize('unit_offset', [False, True])
@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_rms_norm(unit_offset, dtype):
  x = jnp.asarray(np.random.default_rng(3).standard_normal((2, 3, 8)) * 50, dtype)
  norm = RMSNorm(8, epsilon=1e-5, unit_offset=unit_offset)
  norm.scale[...] = jnp.arange(8.0) / 8
  y = np.asarray(x, np.float64)
  wanted = y / np.sqrt((y**2).mean(-1, keepdims=True) + 1e-5) * (np.arange(8) / 8 + unit_offset)
  assert norm(x).dtype == dtype
  np.testing.assert_allclose(
    np.asarray(norm(x), np.float64), wanted, rtol=1e-5 if dtype == 'float32' else 1e-2, atol=1e-6
  )
