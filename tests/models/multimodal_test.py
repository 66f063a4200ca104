from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.models import multimodal

IDS = np.array([[5, 9, 9, 1], [9, 2, 3, 9]])


def test_soft_tokens_take_their_placeholders_in_order():
  embeds = jnp.zeros((2, 4, 3))
  soft = jnp.arange(12.0).reshape(2, 2, 3) + 1
  found = np.asarray(multimodal.inject(embeds, jnp.asarray(IDS), soft, 9))
  np.testing.assert_array_equal(found[0, 1:3], soft[0])
  np.testing.assert_array_equal(found[1, [0, 3]], soft[1])
  assert not found[0, [0, 3]].any()
  assert not found[1, 1:3].any()


def test_prompts_without_placeholders_stay_as_they_are():
  embeds = jnp.ones((2, 4, 3))
  np.testing.assert_array_equal(multimodal.inject(embeds, jnp.asarray(IDS), jnp.zeros((2, 1, 3)), 7), embeds)


def test_numbers_of_placeholders_are_checked():
  multimodal.check_placeholders(IDS, 9, 2)
  with pytest.raises(InputError, match='prompt 0 holds 2 placeholders of id 9 for 3 soft tokens'):
    multimodal.check_placeholders(IDS, 9, 3)
