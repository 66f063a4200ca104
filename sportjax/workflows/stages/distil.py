"""Train the student on its dataset, and put a trained or untrained one to use."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.config import to_dataclass
from sportjax.data.frames import FrameConfig, Within
from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules as rules_lib
from sportjax.errors import InputError
from sportjax.models import backbones, rgb_statistics, vpd
from sportjax.models.backbones import BackboneConfig
from sportjax.nn.augment import AugmentConfig
from sportjax.nn.resnet import ResNetConfig
from sportjax.pipeline import Work
from sportjax.tasks import jitter as jitter_lib
from sportjax.tasks.distil import DistilConfig, DistilTask
from sportjax.tasks.frame_input import FrameInput
from sportjax.tasks.jitter import Jitter
from sportjax.train import checkpoint
from sportjax.train import loop as loop_lib
from sportjax.train import state as state_lib
from sportjax.train.loop import LoopConfig
from sportjax.train.restore import trained_model
from sportjax.train.task import Input

MakeInput = Callable[[str, bool], Input]
StemInit = Literal['independent', 'mean_of_rgb']


@dataclasses.dataclass(frozen=True)
class StudentSettings:
  """What a config says of the student and its training; model sizes are presets by name."""

  preset: str = 'vpd_resnet34'
  flow: bool = True
  motion: bool = True
  rgb: rgb_statistics.Set = 'imagenet'  # whose mean and deviation RGB is standardised by
  stem_init: StemInit = 'independent'  # the reference's starts all planes alike
  pretrained: pathlib.Path | None = None  # weights of the backbone to begin with, torchvision's of colour images
  augment: AugmentConfig = AugmentConfig()
  augment_eval: bool = False  # validates on augmented frames, as the reference
  learning_rate: float = 5e-4
  weight_decay: float = 0.01
  gamma: float | None = None  # of the alignment of windows of frames with the teacher's; None: frame by frame
  frames: FrameConfig = FrameConfig()
  loop: LoopConfig = LoopConfig(total_steps=200_000, eval_every_steps=2_000, save_every_steps=2_000)
  mesh: mesh_lib.MeshConfig = mesh_lib.MeshConfig()
  rules: Literal['dp', 'fsdp', 'fsdp_tp'] = 'dp'

  def __post_init__(self):
    if self.preset not in vpd.PRESETS:
      raise InputError(f'student.preset={self.preset!r}: known are {", ".join(vpd.PRESETS)}')
    if not 0 < self.learning_rate < 1:
      raise InputError(f'student.learning_rate={self.learning_rate}: must lie between 0 and 1')
    if self.gamma is not None and self.frames.window < 2:
      raise InputError(f'student.gamma={self.gamma} aligns windows of frames; set student.frames.window to 2 or more')

  def seeded(self, seed: int) -> StudentSettings:
    """The same with other held-out frames and another start of the training."""
    frames, loop = (dataclasses.replace(each, seed=seed) for each in (self.frames, self.loop))
    return dataclasses.replace(self, frames=frames, loop=loop)


Embed = Callable[[UInt8[Array | np.ndarray, 'b h w 6']], Float[Array, 'b v d']]


@dataclasses.dataclass(frozen=True)
class Student:
  """A network ready for use: its features of frames, and the pose its decoder reads out of them."""

  config: vpd.StudentConfig
  embed: Embed
  pose: Embed
  model: vpd.Student

  def jittered(self, jitter: Jitter) -> Embed:
    """Its features of frames and of changes of them, where any are asked for."""
    return jitter_lib.jittered(self.model, jitter) if jitter.count else self.embed


def train_student(
  work: Work, *, dataset: pathlib.Path, settings: StudentSettings, within: Within | None = None
) -> None:
  """Trains into the stage's folder, where a killed run finds its checkpoints again; `within` see `split_frames`."""
  mesh = mesh_lib.make_mesh(settings.mesh)
  source = FrameInput(dataset, settings.frames, mesh, within=within)
  student = student_config(settings, source.size_px, source.table.width)
  config = json.loads(json.dumps({'student': dataclasses.asdict(student), **dataclasses.asdict(settings)}, default=str))
  result = loop_lib.train(
    make_task(student, settings, source.make),
    work.folder,
    settings.loop,
    mesh=mesh,
    rules=rules_lib.preset(settings.rules),
    config=config,
    start=backbones.start(settings.pretrained, student),
  )
  work.count(**source.frames.counts, steps=result.last_step, best_step=result.best_step or result.last_step)


def student_config(settings: StudentSettings, size_px: int, d: int) -> vpd.StudentConfig:
  """The preset, fitted to the dataset's crop size and the teacher's width."""
  preset, rgb = vpd.PRESETS[settings.preset], rgb_statistics.RGB[settings.rgb]
  return dataclasses.replace(
    preset,
    backbone=_started(preset.backbone, settings.stem_init),
    size_px=size_px,
    d=d,
    flow=settings.flow,
    motion=settings.motion,
    mean=rgb.mean,
    std=rgb.std,
  )


def _started(backbone: BackboneConfig, stem_init: StemInit) -> BackboneConfig:
  """The backbone with another start of its first layer. Raises: InputError where it has none but its own."""
  if stem_init == 'independent':
    return backbone
  if not isinstance(backbone, ResNetConfig):
    raise InputError(f'student.stem_init={stem_init!r} is for ResNets; leave it out')
  return dataclasses.replace(backbone, stem_init=stem_init)


def make_task(student: vpd.StudentConfig, settings: StudentSettings, make_input: MakeInput) -> DistilTask:
  """The distillation task of these settings."""
  same = ('augment', 'augment_eval', 'learning_rate', 'weight_decay', 'gamma')
  config = DistilConfig(student, **{name: getattr(settings, name) for name in same})
  return DistilTask(config, make_input)


def load_student(folder: pathlib.Path) -> Student:
  """The best checkpoint of a finished training, ours or the reference's. Raises: InputError where there is none."""
  if vpd.is_reference(folder):
    model = vpd.load_reference(folder)
    return _ready(model.config, model)
  stored = checkpoint.read_config(folder / loop_lib.CHECKPOINTS)
  config = to_dataclass(vpd.StudentConfig, stored.pop('student'))
  task = make_task(config, to_dataclass(StudentSettings, stored), no_input)
  return _ready(config, trained_model(task, folder, mesh=mesh_lib.make_mesh(), rules=rules_lib.preset('dp')))


def fresh_student(settings: StudentSettings, size_px: int, d: int) -> Student:
  """The network that a training with these settings starts from."""
  config = student_config(settings, size_px, d)
  task = make_task(config, settings, no_input)
  mesh, tx = mesh_lib.make_mesh(), task.optimizer()
  abstract, definition = state_lib.abstract_state(task, tx, mesh, rules_lib.preset('dp'))
  init_key, key = state_lib.make_keys(settings.loop.seed, mesh)
  state = state_lib.init_state(task, tx, init_key, abstract)
  return _ready(config, definition.merge(state.params, state.rest, key))


def best_step(folder: pathlib.Path) -> int:
  """The step of the checkpoint that `load_student` loads."""
  return checkpoint.find_step(folder / loop_lib.CHECKPOINTS)


def no_input(split: str, train: bool) -> Input:
  """The input of a task that will not be trained."""
  raise AssertionError(f'a loaded student reads no training data (split {split}, train={train})')


def _ready(config: vpd.StudentConfig, model: vpd.Student) -> Student:
  return Student(config, _both_views(model, vpd.embed), _both_views(model, vpd.decode_pose), model)


def _both_views(model: vpd.Student, function: Callable[..., Array]) -> Embed:
  graphdef, state = nnx.split(model)

  @jax.jit
  def apply(state: nnx.State, frames: UInt8[Array, 'b h w 6']) -> Float[Array, 'b v d']:
    merged = nnx.merge(graphdef, state)
    return jnp.stack([function(merged, frames, mirrored=mirrored) for mirrored in (False, True)], axis=1)

  return functools.partial(apply, state)
