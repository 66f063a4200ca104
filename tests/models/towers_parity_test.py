"""Every tower against torch: outputs and gradients of the tiny checkpoints of tests/fixtures/make_towers.py."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx

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
from sportjax.models.checkpoints.load import export, load
from sportjax.models.checkpoints.tensors import open_tensors

FIXTURES = pathlib.Path(__file__).parents[1] / 'fixtures' / 'towers'
TOLERANCE = 1e-5
QUICK = {'xla_backend_optimization_level': 0, 'xla_llvm_disable_expensive_passes': True}  # each is run once


@dataclasses.dataclass(frozen=True)
class Case:
  """A family's file, its model, and what of the fixture's outputs it makes from the inputs."""

  family: Any
  model: type[nnx.Module]
  run: Callable[..., dict[str, jax.Array]]
  config: Callable[[dict], Any] | None = None
  name_map: Callable[[Any], Any] | None = None


def run_clip(model, images, ids):
  mask = jnp.arange(ids.shape[1])[None] <= ids.argmax(1)[:, None]
  text = model.text(ids, mask)
  scale = jnp.exp(model.log_scale[...])
  return {
    'text': text.tokens * mask[..., None],
    'images': model.embed_images(images),
    'pooled': model.text_projection(text.pooled) * scale,
  }


def run_siglip(model, images, ids):
  logits = model.logits(model.embed_images(images), model.embed_text(ids))
  return {'tokens': model.image(images).tokens, 'text': model.text(ids).tokens, 'logits': logits}


def run_siglip2(model, patches, shapes, ids):
  there = jnp.arange(patches.shape[1])[None] < shapes.prod(1, keepdims=True)
  images = model.image(patches, shapes)
  logits = images.pooled @ model.text(ids).pooled.T * jnp.exp(model.log_scale[0]) + model.bias[0]
  return {'tokens': images.tokens * there[..., None], 'logits': logits}


def run_t5(model, ids):
  mask = jnp.arange(ids.shape[1])[None] < jnp.array([[30], [21]])
  return {'tokens': model(ids, mask) * mask[..., None]}


def run_tower(model, **inputs):
  return model(*inputs.values())._asdict()


def run_llava(model, ids, video):
  return {'soft': model.soft_tokens(video), 'logits': model.text.logits(model(ids, video))}


def stacked(stack, config):
  """Settings of plain_towers.py as a family's: its stack, and the rest."""

  def read(raw):
    sizes = [raw.pop(name) for name in ('width', 'depth', 'heads', 'mlp_width')]
    return config(stack(*sizes), **{k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()})

  return read


def read_r3d(raw):
  return dataclasses.replace(r3d.PRESETS[raw['form']], widths=(2, 4, 8, 16), stem=1)  # the fixture is cut to a 32nd


def read_egovlp(width, depth, heads, mlp_width):
  return dataclasses.replace(egovlp.BASE, width=width, depth=depth, heads=heads, mlp_width=mlp_width)


CASES = {
  'clip': Case(clip, clip.CLIP, run_clip),
  'siglip': Case(siglip, siglip.SigLIP, run_siglip),
  'siglip_resized': Case(siglip, siglip.SigLIP, run_siglip),
  'siglip2': Case(siglip2, siglip2.SigLIP2, run_siglip2),
  't5': Case(t5, t5.T5Encoder, run_t5),
  't5_relu': Case(t5, t5.T5Encoder, run_t5),
  'dinov2': Case(dinov2, dinov2.DINOv2, run_tower),
  'dinov2_gated': Case(dinov2, dinov2.DINOv2, run_tower),
  'timesformer': Case(timesformer, timesformer.TimeSformer, run_tower),
  'timesformer_frames': Case(
    timesformer,
    timesformer.TimeSformer,
    run_tower,
    lambda raw: dataclasses.replace(timesformer.from_hf(raw), frames=2),  # the fixture's config was changed for torch
  ),
  'videomae': Case(videomae, videomae.VideoMAE, run_tower),
  'vjepa2': Case(vjepa2, vjepa2.VJEPA2, run_tower),
  'r3d': Case(r3d, r3d.R3D, run_tower, read_r3d),
  'r2plus1d': Case(r3d, r3d.R3D, run_tower, read_r3d),
  'videomaev2': Case(
    videomae,
    videomae.VideoMAE,
    run_tower,
    stacked(videomae.stack, videomae.VideoMAEConfig),
    videomae.original_name_map,
  ),
  'umt': Case(umt, umt.UMT, run_tower, stacked(videomae.stack, videomae.VideoMAEConfig)),
  'internvideo2': Case(
    internvideo2,
    internvideo2.InternVideo2,
    run_tower,
    stacked(internvideo2.stack, internvideo2.InternVideo2Config),
  ),
  'internvideo2_frames': Case(
    internvideo2,
    internvideo2.InternVideo2,
    run_tower,
    stacked(internvideo2.stack, internvideo2.InternVideo2Config),
  ),
  'egovlp': Case(egovlp, egovlp.EgoVLP, run_tower, stacked(read_egovlp, egovlp.EgoVLPConfig)),
  'videomamba': Case(videomamba, videomamba.VideoMamba, run_tower, lambda raw: videomamba.VideoMambaConfig(**raw)),
  'llava': Case(
    llava_onevision,
    llava_onevision.LLaVAOneVision,
    run_llava,
    name_map=lambda config: llava_onevision.name_map(config, tower='vision_tower'),
  ),
}


def read_case(name):
  case = CASES[name]
  raw = json.loads((FIXTURES / f'{name}.json').read_text())
  config = (case.config or case.family.from_hf)(raw)
  return case, config, (case.name_map or case.family.name_map)(config)


def load_case(name):
  case, config, name_map = read_case(name)
  tensors = open_tensors(FIXTURES / f'{name}.weights.safetensors')
  model = load(lambda: case.model(config, rngs=nnx.Rngs(0)), tensors, name_map)
  expected = safetensors.numpy.load_file(FIXTURES / f'{name}.expected.safetensors')
  parts = {part: {} for part in ('in', 'out', 'w', 'grad')}
  for key, value in expected.items():
    part, _, key = key.partition('.')
    parts[part][key] = value
  return case, model, name_map, parts


def differences(name):
  """Largest absolute error of each output, and of each gradient relative to the largest of all."""
  case, model, name_map, parts = load_case(name)
  inputs = {k: jnp.asarray(v, 'float32' if v.dtype == np.float16 else 'int32') for k, v in parts['in'].items()}
  graph, params, rest = nnx.split(model, nnx.Param, ...)

  def run(params):
    def loss(params):
      outputs = case.run(nnx.merge(graph, params, rest, copy=True), **inputs)
      return sum((outputs[k] * w).sum() for k, w in parts['w'].items()), outputs

    return jax.grad(loss, has_aux=True)(params)

  with jax.default_matmul_precision('highest'):
    grads, outputs = jax.jit(run, compiler_options=QUICK)(params)
  errors = {k: np.abs(np.asarray(outputs[k]) - v).max() / max(1, np.abs(v).max()) for k, v in parts['out'].items()}
  gradients = export(nnx.merge(graph, grads, rest), name_map)
  gradients = {k: v for k, v in gradients.items() if 'running_' not in k}  # statistics have none
  largest = max(np.abs(v).max() for v in parts['grad'].values())
  # Those that torch found to be all zeros are not in the fixture.
  return errors, {k: np.abs(v - parts['grad'].get(k, 0.0)).max() / largest for k, v in gradients.items()}


@pytest.mark.parametrize('name', CASES)
def test_outputs_and_gradients_equal_torch(name):
  outputs, gradients = differences(name)
  assert max(outputs.values()) <= TOLERANCE, outputs
  worst = max(gradients, key=gradients.get)
  assert gradients[worst] <= TOLERANCE, (worst, gradients[worst])


@pytest.mark.parametrize('name', CASES)
def test_export_gives_their_weights_back(name):
  _, model, name_map, _ = load_case(name)
  theirs = safetensors.numpy.load_file(FIXTURES / f'{name}.weights.safetensors')
  exported = export(model, name_map)
  for key, value in exported.items():
    np.testing.assert_array_equal(value, theirs[key])
  left = [key for key in theirs if key not in exported]
  assert all(
    any(word in key for word in ('mask_token', 'classifier', 'predictor', 'num_batches_tracked')) for key in left
  ), left
