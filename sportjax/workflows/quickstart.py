"""The whole way on the simulated athletes: film, estimate poses, distil, extract, rank, classify, report."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Mapping, Sequence

from sportjax.data.labels import Clip, read_labels, splits_of
from sportjax.pipeline import Done, Pipeline, item_folders
from sportjax.synth.corpus import WORLD_VERSION, CorpusSpec
from sportjax.workflows import chain, outcome
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.dispatch import Context
from sportjax.workflows.outcome import EvaluateSettings
from sportjax.workflows.stages import film, reliability, teach

MODES = ('run', 'train')
ALL, UNRELIABLE = 'all test clips', 'clips where the teacher is unreliable'


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/quickstart.py` sets."""

  corpus: CorpusSpec
  chain: ChainSettings = ChainSettings()
  evaluate: EvaluateSettings = EvaluateSettings()


@dataclasses.dataclass(frozen=True)
class Compared:
  """A student and everything it is compared with."""

  prepared: chain.Prepared
  student: Done
  rows: Mapping[str, pathlib.Path]
  clips: tuple[Clip, ...]
  query_sets: Mapping[str, Sequence[str]]


def run(settings: Settings, context: Context) -> None:
  """All of it, and a report."""
  compared, corpus = compare(settings, context.pipeline), settings.corpus
  outcome.evaluate_and_report(
    context,
    compared.prepared,
    compared.student,
    compared.rows,
    compared.clips,
    settings.evaluate,
    data_kind='simulated',
    query_sets=compared.query_sets,
    title=f'{corpus.sport.capitalize()}: a student and its weak teacher',
    data=f'simulated athletes, world version {WORLD_VERSION}: {len(compared.clips)} clips of {corpus.classes} classes',
  )


def compare(settings: Settings, pipeline: Pipeline) -> Compared:
  """Up to the features of every row, and the test clips on which the teacher is unreliable."""
  filmed, prepared, student = _train(settings, pipeline)
  truth = {name: folder / 'track.npz' for name, folder in item_folders(filmed.folder).items()}
  rows = chain.extract_rows(pipeline, prepared, student, settings.chain, truth)
  clips = read_labels(filmed.folder / film.LABELS)
  joints = rows[settings.chain.joints_row]
  judged = pipeline.run(
    'reliability',
    functools.partial(reliability.judge, teacher=joints, truth=rows['true pose'], clips=clips),
    inputs={'teacher': joints.name, 'truth': rows['true pose'].name, 'film': filmed},
  )
  unreliable = set(json.loads((judged.folder / 'unreliable.json').read_text()))
  test = [clip.id for clip in clips if clip.split == 'test']
  query_sets = {ALL: test, UNRELIABLE: [name for name in test if name in unreliable]}
  return Compared(prepared, student, rows, clips, query_sets)


def train(settings: Settings, context: Context) -> None:
  """Up to the trained student."""
  _train(settings, context.pipeline)


def _train(settings: Settings, pipeline: Pipeline) -> tuple[Done, chain.Prepared, Done]:
  filmed, videos, splits = filmed_videos(settings.corpus, settings.chain.processes, pipeline)
  prepared = chain.prepare(pipeline, videos, splits, settings.chain)
  return filmed, prepared, chain.train(pipeline, prepared, settings.chain)


def filmed_videos(
  corpus: CorpusSpec, processes: int, pipeline: Pipeline
) -> tuple[Done, dict[str, tuple[pathlib.Path, pathlib.Path]], dict[str, str]]:
  """Films the corpus and estimates poses: the film stage, each video with its keypoint file, and its split."""
  filmed = pipeline.run(
    'film', functools.partial(film.film_corpus, spec=corpus, processes=processes), inputs={'corpus': corpus}
  )
  taught = pipeline.run(
    'teach',
    functools.partial(teach.estimate, films=item_folders(filmed.folder)),
    inputs={'film': filmed, 'weights': teach.WEIGHTS},
  )
  keypoints = item_folders(taught.folder)
  videos = {
    name: (folder / f'{name}.mp4', keypoints[name] / teach.FILE) for name, folder in item_folders(filmed.folder).items()
  }
  return filmed, videos, splits_of(videos, read_labels(filmed.folder / film.LABELS))
