"""Checkpoints of language models: the families' name maps, reading and writing Hugging Face folders."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

from flax import nnx

from sportjax.models.checkpoints import load as load_lib
from sportjax.models.checkpoints.name_map import TRANSPOSED, NameMap, Rule
from sportjax.models.checkpoints.tensors import open_tensors
from sportjax.models.lm.config import LMConfig
from sportjax.models.lm.hf_config import read_config
from sportjax.models.lm.model import LanguageModel
from sportjax.nn.blocks import ANYWHERE, Placement

LINEARS = {
  'self_attn.q_proj': 'attention.query',
  'self_attn.k_proj': 'attention.key',
  'self_attn.v_proj': 'attention.value',
  'self_attn.o_proj': 'attention.out',
  'mlp.gate_proj': 'mlp.gate',
  'mlp.up_proj': 'mlp.up',
  'mlp.down_proj': 'mlp.down',
}
_NORMS = {
  'input_layernorm': 'attention_norm',
  'post_attention_layernorm': 'mlp_norm',
  'self_attn.q_norm': 'attention.query_norm',
  'self_attn.k_norm': 'attention.key_norm',
}
_GEMMA_NORMS = {
  'post_attention_layernorm': 'attention_post_norm',
  'pre_feedforward_layernorm': 'mlp_norm',
  'post_feedforward_layernorm': 'mlp_post_norm',
}


def name_map(config: LMConfig) -> NameMap:
  """Their names and ours."""
  norms = _NORMS | (_GEMMA_NORMS if config.gemma_norms else {})
  rules = [
    Rule('model.embed_tokens.weight', 'embedding'),
    Rule('model.norm.weight', 'norm.scale'),
    Rule('lm_head.weight', 'head.kernel', TRANSPOSED),
  ]
  for theirs, ours in LINEARS.items():
    rules.append(Rule(f'model.layers.{{}}.{theirs}.weight', f'layers.{{}}.{ours}.kernel', TRANSPOSED))
    rules.append(Rule(f'model.layers.{{}}.{theirs}.bias', f'layers.{{}}.{ours}.bias'))
  rules += [Rule(f'model.layers.{{}}.{theirs}.weight', f'layers.{{}}.{ours}.scale') for theirs, ours in norms.items()]
  # Some checkpoints keep a copy of the tied head, old ones the frequencies of the rotary embedding.
  ignored = ('model.layers.*.rotary_emb.inv_freq', *(('lm_head.weight',) if config.tied else ()))
  return NameMap(tuple(rules), ignored)


def load(
  path: pathlib.Path,
  *,
  dtype: Any = 'float32',
  shardings: load_lib.Place | None = None,
  remat: bool = False,
  placement: Placement = ANYWHERE,
) -> LanguageModel:
  """The model of a Hugging Face folder.

  Args:
    path: the folder with config.json and the weights.
    dtype: of the parameters, in which the model also computes unless told otherwise.
    shardings: such as `rules.Placement(mesh, rules.preset('fsdp')).shardings`.
    remat: as in LanguageModel.
    placement: as in LanguageModel, such as that one.

  Raises:
    InputError: the folder is not that of a supported model, or config and weights do not fit each other.
  """
  config = read_config(path)
  make = functools.partial(_make, config, remat, placement)
  return load_lib.load(make, open_tensors(path), name_map(config), dtype=dtype, shardings=shardings)


def _make(config: LMConfig, remat: bool, placement: Placement) -> LanguageModel:
  return LanguageModel(config, remat=remat, placement=placement, rngs=nnx.Rngs(0))
