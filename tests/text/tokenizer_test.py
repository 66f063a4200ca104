"""A tokenizer trained here, its folder, and chat templates as models bring them."""

import json

import numpy as np
import pytest
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

from sportjax.errors import InputError
from sportjax.text.tokenizer import load_tokenizer

TEXT = ['Bend your knees before you jump.', 'Keep the elbow high, and turn the hip early.', 'Très bien – 跳高!']
TEMPLATE = (
  "{{ bos_token }}{% for message in messages %}\n"
  "  {% if message.role not in ['user', 'assistant'] %}\n"
  "    {{ raise_exception('no such role') }}\n"
  "  {% endif %}\n"
  "<|{{ message.role }}|>{{ message.content | trim }}<eos>{% if message.role == 'stop' %}{% break %}{% endif %}\n"
  "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
  model = tokenizers.Tokenizer(models.BPE())
  model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
  model.decoder = decoders.ByteLevel()
  trainer = trainers.BpeTrainer(
    vocab_size=320, special_tokens=['<bos>', '<eos>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    show_progress=False,
  )  # fmt: skip
  model.train_from_iterator(TEXT, trainer)
  model.post_processor = processors.TemplateProcessing(single='<bos> $A', special_tokens=[('<bos>', 0)])
  model.save(str(tmp_path / 'tokenizer.json'))
  settings = {'bos_token': {'content': '<bos>', 'lstrip': False}, 'eos_token': '<eos>', 'chat_template': TEMPLATE}
  (tmp_path / 'tokenizer_config.json').write_text(json.dumps(settings))
  return tmp_path


@pytest.mark.parametrize('text', [*TEXT, '', '跳' * 9])
def test_text_to_tokens_and_back(folder, text):
  tokenizer = load_tokenizer(folder)
  tokens = tokenizer.encode(text)
  assert tokens.dtype == np.int32
  assert tokens[0] == 0
  assert tokenizer.decode(tokens) == text
  np.testing.assert_array_equal(tokenizer.encode(text, special=False), tokens[1:])


def test_stop_ids_are_those_of_config_and_tokenizer(folder):
  assert load_tokenizer(folder).stop_ids == (1,)
  (folder / 'generation_config.json').write_text(json.dumps({'eos_token_id': [7, 1]}))
  assert load_tokenizer(folder).stop_ids == (1, 7)


@pytest.mark.parametrize('where', ['config', 'list', 'file'])
def test_chat(folder, where):
  settings = json.loads((folder / 'tokenizer_config.json').read_text())
  if where == 'list':
    settings['chat_template'] = [{'name': 'tool_use', 'template': 'x'}, {'name': 'default', 'template': TEMPLATE}]
  if where == 'file':
    settings.pop('chat_template')
    (folder / 'chat_template.jinja').write_text(TEMPLATE)
  (folder / 'tokenizer_config.json').write_text(json.dumps(settings))
  tokenizer = load_tokenizer(folder)
  messages = [{'role': 'user', 'content': ' How? '}, {'role': 'assistant', 'content': 'So.'}]
  assert tokenizer.chat(messages) == '<bos><|user|>How?<eos><|assistant|>So.<eos><|assistant|>'
  assert tokenizer.chat(messages[:1], answer=False) == '<bos><|user|>How?<eos>'
  with pytest.raises(InputError, match='no such role'):
    tokenizer.chat([{'role': 'coach', 'content': 'x'}])


@pytest.mark.parametrize(
  'template', ["{{ ''.__class__.__mro__[1].__subclasses__() }}", '{{ messages.append(1) }}', '{% for %}']
)
def test_templates_cannot_reach_out(folder, template):
  (folder / 'chat_template.jinja').write_text(template)
  with pytest.raises(InputError, match='refuses'):
    load_tokenizer(folder).chat([{'role': 'user', 'content': 'x'}])


def test_missing_and_damaged_files(folder):
  (folder / 'tokenizer_config.json').unlink()
  with pytest.raises(InputError, match='no chat template'):
    load_tokenizer(folder).chat([])
  (folder / 'tokenizer.json').write_text('{"model": {}}')
  with pytest.raises(InputError, match='not a tokenizer'):
    load_tokenizer(folder)
  (folder / 'tokenizer.json').unlink()
  with pytest.raises(InputError, match='no such file'):
    load_tokenizer(folder)
