"""What a config may not say, since it would load and be silently wrong."""

import json
import pathlib

import pytest

from sportjax.errors import InputError
from sportjax.models.lm.config import PRESETS, LMConfig
from sportjax.models.lm.hf_config import parse_config, read_config
from sportjax.nn.rotary import Rope

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm'


def content(name='llama_scaled', **changes):
  return {**json.loads((FIXTURES / name / 'config_v4.json').read_text()), **changes}


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'model_type': 'smollm3'}, "model_type 'smollm3' is not supported; known: llama, qwen2"),
    ({'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0}}, "rope type 'yarn'"),
    ({'rope_scaling': {'type': 'dynamic', 'factor': 4.0}}, "rope type 'dynamic'"),
    ({'rope_scaling': {'rope_type': 'linear', 'factor': 4.0, 'attention_factor': 2}}, "'attention_factor'"),
    ({'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0}}, 'low_freq_factor=None'),
    ({'rope_parameters': {'other_attention': {'rope_theta': 1e4}}}, 'other_attention'),
    ({'rope_parameters': {'rope_theta': 1e4, 'partial_rotary_factor': 0.5}}, 'partial_rotary_factor'),
    ({'hidden_act': 'relu2'}, 'relu2'),
    ({'quantization_config': {'bits': 4}}, 'quantization_config'),
    ({'use_bidirectional_attention': True}, 'use_bidirectional_attention'),
    ({'hidden_size': None}, 'hidden_size=None'),
    ({'rms_norm_eps': '1e-5'}, 'rms_norm_eps'),
    ({'num_key_value_heads': 3}, 'kv_heads divide heads'),
    ({'head_dim': 7}, 'head_dim even'),
  ],
)
def test_what_is_not_supported_is_named(changes, message):
  with pytest.raises(InputError, match=message.replace('(', r'\(')):
    parse_config(content(**changes))


def test_layer_types_of_other_kinds_are_refused():
  with pytest.raises(InputError, match='chunked_attention'):
    parse_config(content('gemma2', layer_types=['sliding_attention', 'chunked_attention']))


def test_old_forms_without_layer_types():
  without = {'layer_types': None}
  assert parse_config(content('gemma2', **without)).windows == (6, None)
  assert parse_config(content('gemma3', **without)).windows == (6, 6, None)
  assert parse_config(content('qwen2_window', **without)).windows == (None, 6)
  assert parse_config(content('qwen2', sliding_window=8)).windows == ()


def test_unreadable_configs(tmp_path):
  with pytest.raises(InputError, match=r'config\.json'):
    read_config(tmp_path)
  (tmp_path / 'config.json').write_text('[]')
  with pytest.raises(InputError, match='not a config'):
    read_config(tmp_path)
  (tmp_path / 'config.json').write_text('{"model_type": "gpt2"}')
  with pytest.raises(InputError, match=r'config\.json: model_type'):
    read_config(tmp_path)


def test_sizes_that_do_not_fit_are_refused():
  preset = PRESETS['Gemma-3-1B']
  assert [preset.window(i) for i in range(6)] == [512] * 5 + [None]
  assert preset.rope_of(0) == Rope(1e4)
  assert preset.rope_of(5) == Rope(1e6)
  with pytest.raises(InputError, match='2 windows for 1 layers'):
    LMConfig('llama', 8, 8, 1, 1, 1, 8, 8, windows=(1, 2))
  with pytest.raises(InputError, match='at least 1'):
    LMConfig('llama', 8, 8, 1, 1, 1, 8, 8, windows=(0,))
  with pytest.raises(InputError, match='activation'):
    LMConfig('llama', 8, 8, 1, 1, 1, 8, 8, activation='relu')
  for bad in ({'kind': 'yarn'}, {'theta': 0.0}, {'kind': 'llama3', 'low_freq_factor': 4.0}):
    with pytest.raises(InputError, match='rot|rope'):
      Rope(**bad)
