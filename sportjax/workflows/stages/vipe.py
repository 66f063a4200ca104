"""VIPE* from recordings of people: poses, training, and how well poses are found from other sides."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from flax import nnx

from sportjax.config import did_you_mean
from sportjax.data.poses3d import PoseSequences
from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules as rules_lib
from sportjax.errors import InputError
from sportjax.evals import view_retrieval
from sportjax.metrics import bootstrap
from sportjax.models import vipe as vipe_lib
from sportjax.pipeline import Work, write_json
from sportjax.pose import canonical
from sportjax.pose.bodies import BODIES
from sportjax.synth import mocap_recordings
from sportjax.synth.athletes import Athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.mocap import landmarks, retarget
from sportjax.synth.mocap_person import recorded_athlete
from sportjax.synth.mocap_recordings import Recording
from sportjax.tasks import vipe_teacher
from sportjax.tasks.vipe import VipeTask, VipeTaskConfig, pair_input
from sportjax.train import loop as loop_lib
from sportjax.train.loop import LoopConfig
from sportjax.train.restore import trained_model
from sportjax.typing import Float
from sportjax.workflows.stages.vipe_preview import write_preview

_BODY = BODIES['athlete']


@dataclasses.dataclass(frozen=True)
class MotionSpec:
  """Which recordings, and who of them is held out; the data sets are UI-PRMD, CMU's and DeepMimic's."""

  exercises: int = len(mocap_recordings.UI_PRMD_EXERCISES)  # of UI-PRMD, as people and repetitions
  people: int = mocap_recordings.UI_PRMD_PEOPLE
  repetitions: int = mocap_recordings.UI_PRMD_REPETITIONS
  several: tuple[str, ...] = ()  # names of recordings of CMU and DeepMimic; all where empty
  left_out: tuple[str, ...] = ()  # names of recordings that are not read, of any data set
  held_out: tuple[str, ...] = ('ui_prmd/s03', 'ui_prmd/s06', 'ui_prmd/s09', 'cmu/s14')
  every_ms: float = 100.0  # between two poses

  def __post_init__(self):
    if min(self.exercises, self.people, self.repetitions) < 1 or self.every_ms <= 0:
      raise InputError('motion: exercises, people and repetitions must be at least 1, every_ms above 0')


@dataclasses.dataclass(frozen=True)
class RetrievalSpec:
  """The check across views."""

  poses: int = 300  # at most, of held-out people
  angles_deg: tuple[float, ...] = (15.0, 30.0, 60.0, 90.0, 180.0)
  k: int = 1
  resamples: int = 1000
  seed: int = 0


def plan(markers: pathlib.Path, spec: MotionSpec) -> tuple[Recording, ...]:
  """The recordings, in a fixed order.

  Raises:
    InputError: one of them is absent, or nobody is left to train on or to validate on.
  """
  several = mocap_recordings.several(markers)
  _known('several', spec.several, several)
  wanted = [r for r in several if not spec.several or r.name in spec.several]
  wanted += mocap_recordings.ui_prmd(markers, spec.exercises, spec.people, spec.repetitions)
  _known('left_out', spec.left_out, wanted)
  wanted = [r for r in wanted if r.name not in spec.left_out]
  people = {_person(recording) for recording in wanted}
  unknown = sorted(set(spec.held_out) - people)
  if unknown or not spec.held_out or people == set(spec.held_out):
    known = ', '.join(sorted(people))
    raise InputError(f'--config.motion.held_out={spec.held_out}: must name some of the people, but not all: {known}')
  return tuple(wanted)


def _known(setting: str, names: Sequence[str], recordings: Sequence[Recording]) -> None:
  there = [r.name for r in recordings]
  for name in names:
    if name not in there:
      raise InputError(f'--config.motion.{setting}: no recording {name!r}{did_you_mean(name, there)}')


def read_motion(work: Work, *, recordings: Sequence[Recording], spec: MotionSpec) -> None:
  """Writes one file of canonical poses a data set and split, and one that names whose each sequence is."""
  groups: dict[tuple[str, str], list[Recording]] = {}
  for recording in recordings:
    split = 'val' if _person(recording) in spec.held_out else 'train'
    groups.setdefault((split, _data_set(recording)), []).append(recording)
  athletes = {r.measured: _athlete(r) for r in {r.measured: r for r in recordings}.values()}
  for (split, name), members in groups.items():
    sequences = [_poses(r, athletes[r.measured], spec.every_ms) for r in members]
    PoseSequences.join(_BODY, sequences).save(work.folder / f'{split}-{name}.npz')
    write_json(work.folder / f'{split}-{name}.json', [_person(recording) for recording in members])
    work.count(recordings=len(members), **{f'{split}_poses': sum(map(len, sequences))})


def _data_set(recording: Recording) -> str:
  return {'plug_in_gait': 'ui_prmd', 'acclaim': 'cmu', 'deepmimic': 'deepmimic'}[recording.source]


def _person(recording: Recording) -> str:
  return f'{_data_set(recording)}/{recording.person}'


def _athlete(recording: Recording) -> Athlete:
  """The recorded person's proportions; what is drawn beside them (sex, build) moves no joint."""
  measured = landmarks(recording.read(recording.measured), recording.source)
  return recorded_athlete(measured, np.random.default_rng(0))


def _poses(recording: Recording, athlete: Athlete, every_ms: float) -> Float[np.ndarray, 't j 3']:
  try:
    motion = retarget(recording.read(recording.path), recording.source, athlete, recording.label)
  except InputError as error:
    raise InputError(f'{recording.path}: {error}; or name {recording.name!r} in --config.motion.left_out') from error
  step = max(1, round(every_ms * motion.fps / 1000))
  return motion.joints_m[::step, [ATHLETE.index(joint) for joint in _BODY.joints]]


def load_motion(folders: Sequence[pathlib.Path]) -> dict[str, dict[str, PoseSequences]]:
  """Data sets of several stages by split and name, in order of names."""
  found: dict[str, dict[str, PoseSequences]] = {'train': {}, 'val': {}}
  for path in sorted((path for folder in folders for path in folder.glob('*-*.npz')), key=lambda path: path.name):
    split, _, name = path.stem.partition('-')
    found[split][name] = PoseSequences.load(path)
  return found


def train(
  work: Work,
  *,
  motions: Sequence[pathlib.Path],
  config: VipeTaskConfig,
  shares: dict[str, float],
  loop: LoopConfig,
  batch_size: int,
  val_batches: int,
  seed: int,
) -> None:
  """Trains VIPE* and writes its weights beside its checkpoints, and a picture of poses that it lifts."""
  mesh, rules = mesh_lib.make_mesh(), rules_lib.preset('dp')
  splits = load_motion(motions)
  shares = {name: shares[name] for name in splits['train'] if name in shares}
  heads = tuple(source.body.features for source in splits['train'].values())
  make = pair_input(
    splits,
    shares,
    width=max(heads),
    batch_size=batch_size,
    val_batches=val_batches,
    seed=seed,
    mesh=mesh,
    movement=config.movement if config.movement_weight else 0,
    angle=config.angle,
  )
  task = VipeTask(config, heads, make)
  result = loop_lib.train(task, work.folder, loop, mesh=mesh, rules=rules, config={})
  model = trained_model(task, work.folder, mesh=mesh, rules=rules)
  vipe_lib.save(work.folder / vipe_teacher.WEIGHTS, model)
  for name, source in splits['val'].items():
    write_preview(work.folder / f'lifted-{name}.png', model, list(splits['train']).index(name), source, seed)
  work.count(steps=result.last_step, best_step=result.best_step or result.last_step)


def find_across_views(
  work: Work,
  *,
  motions: Sequence[pathlib.Path],
  models: dict[str, pathlib.Path],
  untrained: vipe_lib.VipeConfig,
  spec: RetrievalSpec,
) -> None:
  """Writes `results.json`: per row and angle the hits on held-out people, with intervals over the people."""
  xyz, people = _held_out(motions, spec)
  rows: dict[str, view_retrieval.Embed] = {'2D joints': view_retrieval.joints_2d}
  rows |= {'untrained network': _embed(vipe_lib.Vipe(untrained, rngs=nnx.Rngs(spec.seed)))}
  rows |= {name: _embed(vipe_lib.load(path)) for name, path in models.items()}
  results: dict[str, dict] = {}
  for name, embed in rows.items():
    for angle in spec.angles_deg:
      hits = view_retrieval.hits_across_views(embed, xyz, angle, k=spec.k)
      interval = functools.partial(bootstrap.bootstrap, groups=people[hits.pose], n=spec.resamples, seed=spec.seed)
      results.setdefault(name, {})[f'{angle:g}'] = {
        'itself@1': dataclasses.asdict(interval(hits.itself)),
        f'hit@{spec.k}': dataclasses.asdict(interval(hits.same)),
      }
  work.count(poses=len(xyz), people=len(set(people.tolist())))
  write_json(work.folder / 'results.json', results)


def _embed(model: vipe_lib.Vipe) -> view_retrieval.Embed:
  return lambda x: np.asarray(vipe_lib.embed(model, jnp.asarray(x)))


def _held_out(motions: Sequence[pathlib.Path], spec: RetrievalSpec) -> tuple[Float[np.ndarray, 'b 13 3'], np.ndarray]:
  """Distinct poses of held-out people, and whose they are."""
  poses, people = [], []
  owners_of = {path.stem: path for folder in motions for path in folder.glob('val-*.json')}
  for name, source in load_motion(motions)['val'].items():
    owners = json.loads(owners_of[f'val-{name}'].read_text())
    lengths: Sequence[int] = np.diff([*source.starts, len(source.xyz)]).tolist()
    poses.append(canonical.coco13(source.xyz, source.body))
    people.append(np.repeat(np.array(owners), lengths))
  xyz, whose = np.concatenate(poses), np.concatenate(people)
  kept = view_retrieval.distinct(xyz, spec.poses, spec.seed)
  return xyz[kept], whose[kept]
