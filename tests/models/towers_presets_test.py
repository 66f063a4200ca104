"""Full-size towers, abstractly: as many parameters as the originals have, and a place on every mesh."""

from __future__ import annotations

import functools
import json
import math
import pathlib

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from sportjax.dist import rules as rules_lib
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.models import (
  clip,
  dinov2,
  egovlp,
  internvideo2,
  llava_onevision,
  r3d,
  siglip,
  siglip2,
  t5,
  timesformer,
  umt,
  videomae,
  videomamba,
  vjepa2,
)
from tests.models.shardings import shapes_and_specs

TESTS = pathlib.Path(__file__).parents[1]
COUNTS = json.loads((TESTS / 'fixtures' / 'towers' / 'counts.json').read_text())
GOLDEN = json.loads((TESTS / 'golden' / 'models' / 'tower_shardings.json').read_text())
# The papers' own figures, in millions as they print them, some with a classifier.
PAPER = {
  'umt_b16': 87, 'umt_l16': 304, 'videomaev2_g14': 1013, 'videomae_b16': 87, 'videomae_l16': 305, 'videomae_h16': 633,
  'videomamba_t16': 7, 'videomamba_s16': 26, 'videomamba_m16': 74, 'timesformer_b16': 121.4, 'dinov2_vitg14': 1136,
}  # fmt: skip
FAMILIES = {
  clip: clip.CLIP,
  siglip: siglip.SigLIP,
  siglip2: siglip2.SigLIP2,
  t5: t5.T5Encoder,
  dinov2: dinov2.DINOv2,
  timesformer: timesformer.TimeSformer,
  egovlp: egovlp.EgoVLP,
  videomae: videomae.VideoMAE,
  umt: umt.UMT,
  vjepa2: vjepa2.VJEPA2,
  internvideo2: internvideo2.InternVideo2,
  r3d: r3d.R3D,
  videomamba: videomamba.VideoMamba,
  llava_onevision: llava_onevision.LLaVAOneVision,
}
PRESETS = {name: (model, config) for family, model in FAMILIES.items() for name, config in family.PRESETS.items()}


@functools.cache
def abstract(name):
  model, config = PRESETS[name]
  return nnx.split(nnx.eval_shape(lambda: model(config, rngs=nnx.Rngs(0))), nnx.Param, ...)


def count(name):
  return sum(math.prod(x.shape) for x in jax.tree.leaves(abstract(name)[1]))


# The others take seconds each to trace.
QUICK = {
  'clip_vit_b16', 'siglip_b16_224', 't5_v1_1_base', 'dinov2_vits14', 'timesformer_b16', 'videomae_s16', 'umt_b16',
  'r3d_18', 'r2plus1d_18',
}  # fmt: skip


def _marks(name):
  together = pytest.mark.xdist_group(name)  # the tests of one preset trace it once
  return [together] if name in QUICK else [together, pytest.mark.slow]


PRESET = pytest.mark.parametrize('name', [pytest.param(name, marks=_marks(name)) for name in sorted(PRESETS)])


@PRESET
def test_preset_has_the_parameters_of_the_original(name):
  assert count(name) == COUNTS[name]
  if name in PAPER:
    assert abs(count(name) / 1e6 - PAPER[name]) <= max(0.6, 0.02 * PAPER[name])


@PRESET
def test_shapes_and_shardings_are_golden(name):
  assert shapes_and_specs(abstract(name)[1]) == GOLDEN[name]


LARGE = ['siglip2_so400m_14_384', 'internvideo2_1b', 'videomamba_m16']


@pytest.mark.parametrize('name', ['timesformer_b16', *(pytest.param(n, marks=pytest.mark.slow) for n in LARGE)])
@pytest.mark.parametrize('preset', ['dp', 'fsdp', 'fsdp_tp'])
def test_parameters_are_divided_as_the_rules_say(name, preset):
  mesh = make_mesh(MeshConfig(data=2, fsdp=2, tensor=2))
  params = abstract(name)[1]
  placed = rules_lib.shardings(params, mesh, rules_lib.preset(preset))
  least = {'dp': 1, 'fsdp': 2, 'fsdp_tp': 4}[preset]
  large = held = 0
  for x, sharding in zip(jax.tree.leaves(params), jax.tree.leaves(placed), strict=True):
    size = math.prod(x.shape)
    if size >= 2**20:
      large, held = large + size, held + math.prod(sharding.shard_shape(x.shape))
  assert held == pytest.approx(large / least, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
  ('name', 'tokens', 'features'),
  [
    ('timesformer_b16_96', 1 + 96 * 196, 768),
    ('videomae_b16', 16 * 196, 768),
    ('umt_b16', 32 * 196, 768),
    ('internvideo2_1b', 1 + 32 * 256, 768),
    ('vjepa2_l16', 16 * 196, 1024),
    ('videomamba_m16', 1 + 32 * 196, 576),
  ],
)
def test_full_size_tower_maps_clips_to_tokens(name, tokens, features):
  frames = 96 if name.endswith('_96') else 32
  graph, params, rest = abstract(name)
  video = jax.ShapeDtypeStruct((1, frames, 224, 224, 3), jnp.float32)
  out = jax.eval_shape(lambda params, rest, video: nnx.merge(graph, params, rest)(video), params, rest, video)
  assert (out.tokens.shape[1], out.pooled.shape) == (tokens, (1, features))
