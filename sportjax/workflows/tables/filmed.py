"""Corpora that the world films: simulated athletes, or recorded people; their tracks, students and features."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from sportjax.config import did_you_mean
from sportjax.data.labels import Clip, read_labels, splits_of
from sportjax.errors import InputError
from sportjax.evals.detection import intervals_of
from sportjax.pipeline import Pipeline, item_folders
from sportjax.synth import sets
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.synth.takes import Take
from sportjax.workflows import chain, vpd_baseline
from sportjax.workflows.chain import ChainSettings, Prepared
from sportjax.workflows.stages import film, reliability, table_features, teach
from sportjax.workflows.tables.corpus import Corpus, Intervals, Routines, Subsets
from sportjax.workflows.tables.methods import Method
from sportjax.workflows.vpd_baseline import Network

UNRELIABLE = 'clips where the teacher is unreliable'


@dataclasses.dataclass(frozen=True)
class FilmedSpec:
  """A named set of the world at one of its sizes, what of its specification is another, and who is held out."""

  set: str = 'diving'
  size: str = 'small'
  of_set: dict[str, Any] = dataclasses.field(default_factory=dict)
  held_out: tuple[str, ...] = ()  # for each fold the people or recordings it tests, with spaces; the set's own where ()
  recordings_only: str = ''  # of a set of recordings, those whose names begin so

  def takes(self, markers: pathlib.Path | None, seed: int) -> tuple[Take, ...]:
    """What is filmed. Raises: InputError where the set, the size or a setting is unknown, or recordings are absent."""
    chosen = sets.get_set(self.set)
    if self.size not in chosen.sizes:
      raise InputError(f'corpus.size={self.size!r}: sets come in {", ".join(sets.SIZES)}')
    spec = chosen.sizes[self.size]
    known = {field.name for field in dataclasses.fields(spec)}
    for name in self.of_set:
      if name not in known:
        raise InputError(f'corpus.of_set.{name}: no such setting of {self.set}{did_you_mean(name, known)}')
    spec = dataclasses.replace(spec, **{**self.of_set, 'seed': seed})
    if chosen.recorded and markers is None:
      raise InputError(f'set {self.set} films motion capture: set --config.markers to its folder; see docs/WORLD.md')
    takes = chosen.plan(spec, markers) if chosen.recorded else chosen.plan(spec)
    kept = tuple(take for take in takes if take.name.startswith(self.recordings_only))
    if not kept:
      raise InputError(f'corpus.recordings_only: no take of {self.set} begins with {self.recordings_only!r}')
    return kept


@dataclasses.dataclass(frozen=True)
class Filmed:
  """Films with their keypoints and labels, before anything is learned from them."""

  pipeline: Pipeline
  settings: ChainSettings
  films: Mapping[str, pathlib.Path]
  videos: Mapping[str, tuple[pathlib.Path, pathlib.Path]]
  clips: tuple[Clip, ...]

  @functools.cached_property
  def actions(self) -> Intervals:
    """Labelled intervals by video."""
    return intervals_of(self.clips)

  def taught(self, method: Method) -> ChainSettings:
    """The chain with the method's teacher and student. Raises: InputError where VIPE* is not given."""
    if method.teacher == 'vipe' and self.settings.vipe is None:
      raise InputError('rows of VIPE* need its weights: set --config.chain.vipe to a workdir of configs/vipe.py')
    student = dataclasses.replace(self.settings.student, flow=method.flow, motion=method.motion)
    if method.min_score is not None:
      student = dataclasses.replace(student, frames=dataclasses.replace(student.frames, min_score=method.min_score))
    plain = dataclasses.replace(self.settings, student=student)
    if method.teacher == '2d':
      return dataclasses.replace(plain, teacher='2d', vipe=None, inverted=False)
    return dataclasses.replace(plain, teacher='vipe')

  def prepared(self, method: Method) -> Prepared:
    """Tracks and dataset; where a student learns from the whole corpus, all of it is for training."""
    splits = splits_of(self.videos, self.clips)
    if method.frames == 'corpus':
      splits = dict.fromkeys(splits, 'train')
    return chain.prepare(self.pipeline, self.videos, splits, self.taught(method))

  def store(self, method: Method) -> pathlib.Path:
    """The features of a method."""
    if method.beside:
      stores = [self.store(each) for each in method.beside]
      stage = functools.partial(table_features.side_by_side, stores=stores)
      return self.pipeline.run('concat', stage, inputs={'stores': [path.name for path in stores]}).folder
    prepared, settings = self.prepared(method), self.taught(method)
    if not method.student:
      return chain.teacher_features(self.pipeline, prepared.tracks, settings).folder
    within = self.actions if method.frames == 'actions' else None
    trained = chain.train(self.pipeline, prepared, settings, within)
    return chain.student_features(self.pipeline, prepared, trained).folder

  def ask_network(self, network: Network, subsets: Subsets) -> pathlib.Path:
    """The folder of a baseline's predictions; its training starts anew with the student's seed."""
    settings = self.settings
    loop = dataclasses.replace(network.baseline.loop, seed=settings.student.loop.seed)
    network = dataclasses.replace(network, baseline=dataclasses.replace(network.baseline, loop=loop))
    joints = Method('2d', '', student=False)
    prepared = self.prepared(joints)
    splits = splits_of(self.videos, self.clips)
    source, made_by = vpd_baseline.source_of(self.pipeline, prepared, splits, network, self.taught(joints))
    listed = [subset.tolist() for subset in subsets]
    return list(vpd_baseline.train(self.pipeline, source, made_by, self.clips, network, listed).values())[-1]

  def kept(self, method: Method) -> dict[str, float]:
    """Shares of the frames that the method's threshold leaves; none for what is no student."""
    if not method.student:
      return {}
    prepared, least = self.prepared(method), self.taught(method).student.frames.min_score
    given = {'actions': self.actions, 'min_score': least, 'splits': prepared.splits}
    stage = functools.partial(table_features.count_kept, dataset=prepared.dataset, **given)
    done = self.pipeline.run('kept', stage, inputs={'dataset': prepared.done, **given})
    return json.loads((done.folder / table_features.KEPT).read_text())


def corpus(
  pipeline: Pipeline,
  spec: FilmedSpec,
  settings: ChainSettings,
  markers: pathlib.Path | None,
  *,
  seed: int,
  fold: str | None,
  trials: tuple[int, int],
) -> Corpus:
  """Films the set and makes it a corpus.

  Args:
    pipeline: of the run.
    spec: of the set.
    settings: of the chain.
    markers: folder of recordings, for sets that film them.
    seed: of the world, and of its students.
    fold: who is held out, of `spec.held_out`.
    trials: of detection: how many, and on how many videos each is trained.

  Raises:
    InputError: the set cannot be planned, or a fold holds out nobody, or all.
  """
  takes = spec.takes(markers, seed)
  filmed = pipeline.run(
    'film', functools.partial(film.film_takes, takes=takes, processes=settings.processes), inputs={'takes': takes}
  )
  films = item_folders(filmed.folder)
  taught = pipeline.run(
    'teach',
    functools.partial(teach.estimate, films=films),
    inputs={'film': filmed, 'weights': teach.WEIGHTS},
  )
  keypoints = item_folders(taught.folder)
  videos = {name: (folder / f'{name}.mp4', keypoints[name] / teach.FILE) for name, folder in films.items()}
  clips = _split(read_labels(filmed.folder / film.LABELS), fold)
  world = Filmed(pipeline, settings, films, videos, clips)
  recorded = sets.get_set(spec.set).recorded
  return Corpus(
    about=f'{spec.set} {spec.size}, world version {WORLD_VERSION}',
    kind='projected' if recorded else 'simulated',
    clips=clips,
    store=functools.cache(world.store),
    ask_network=world.ask_network,
    query_sets={UNRELIABLE: _unreliable(world)},
    kept=world.kept,
    routines=_routines(world, seed, trials, by_class=recorded),
  )


def _split(clips: tuple[Clip, ...], fold: str | None) -> tuple[Clip, ...]:
  if fold is None:
    return clips
  out = set(fold.split())
  known = {name for clip in clips for name in (clip.athlete, clip.video)}
  if unknown := sorted(out - known):
    raise InputError(f'corpus.held_out: nobody is {unknown[0]!r}{did_you_mean(unknown[0], known)}')
  split = tuple(
    dataclasses.replace(clip, split='test' if {clip.athlete, clip.video} & out else 'train') for clip in clips
  )
  if all(clip.split == 'test' for clip in split):
    raise InputError(f'corpus.held_out: {fold!r} is everybody, and nobody is left to train on')
  return split


def _unreliable(world: Filmed) -> frozenset[str]:
  """Clips on which the weak teacher is wrong, by the truth that the world knows."""
  joints = Method('2d', '', student=False)
  prepared, settings = world.prepared(joints), world.taught(joints)
  truth = {name: world.films[name] / 'track.npz' for name in prepared.tracks}
  said, known = (chain.teacher_features(world.pipeline, t, settings).folder for t in (prepared.tracks, truth))
  judged = world.pipeline.run(
    'reliability',
    functools.partial(reliability.judge, teacher=said, truth=known, clips=world.clips),
    inputs={'teacher': said.name, 'truth': known.name, 'clips': [dataclasses.asdict(clip) for clip in world.clips]},
  )
  return frozenset(json.loads((judged.folder / 'unreliable.json').read_text()))


def _routines(world: Filmed, seed: int, trials: tuple[int, int], *, by_class: bool) -> Routines:
  """All actions are one task; recorded exercises follow each other without a pause, so each of them is its own."""
  videos = tuple(sorted(world.actions))
  split = splits_of(videos, world.clips)
  train, test = (tuple(video for video in videos if split[video] == name) for name in ('train', 'test'))
  labels = sorted({clip.label for clip in world.clips}) if by_class else ['action']
  tasks = {}
  for label in labels:
    found = intervals_of([clip for clip in world.clips if not by_class or clip.label == label])
    tasks[label] = {video: found.get(video, np.zeros((0, 2))) for video in videos}
  count, size = trials
  if size >= len(train):
    drawn = (train,)
  else:
    rngs = [np.random.default_rng([seed, trial, 0x7A1]) for trial in range(count)]
    drawn = tuple(tuple(sorted(rng.choice(train, size, replace=False).tolist())) for rng in rngs)
  return Routines(tasks, drawn, test, store=functools.cache(world.store))
