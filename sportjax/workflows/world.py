"""What the simulated world is worth as a test bed: looked at, and measured before anything is proven in it."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys
from collections.abc import Mapping

from sportjax.data.labels import Clip, read_labels, splits_of
from sportjax.errors import InputError
from sportjax.formats.keypoints import find_keypoints
from sportjax.pipeline import Done, Pipeline, item_folders, write_json
from sportjax.report.write import write_report
from sportjax.synth import skills, trials
from sportjax.synth.corpus import WORLD_VERSION, CorpusSpec
from sportjax.workflows import chain, world_report
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.dispatch import Context
from sportjax.workflows.provenance import provenance, stages
from sportjax.workflows.stages import film, gallery, independence, separability, teach, teacher_failure, track
from sportjax.workflows.stages.separability import Row
from sportjax.workflows.stages.track import AthleteConfig
from sportjax.workflows.videos import find_videos

MODES = ('run',)
_TRUE = 'true pose'


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/world.py` sets."""

  sports: tuple[str, ...] = skills.SPORTS
  athletes: int = 14
  test_athletes: int = 8
  classes: int | None = None  # the first so many of each sport; all where None
  trials: int = 3  # performances of each sport that the teacher is tried on with every trouble
  seed: int = 0
  real_videos: str = ''  # of a real pose estimator, whose confidence is shown beside the weak teacher's
  real_keypoints: pathlib.Path | None = None
  real_athlete: AthleteConfig = AthleteConfig()
  chain: ChainSettings = ChainSettings()

  def __post_init__(self):
    if unknown := sorted(set(self.sports) - set(skills.SPORTS)):
      raise InputError(f'sports: no sport {unknown[0]!r}; the world has {", ".join(skills.SPORTS)}')
    if bool(self.real_videos) != (self.real_keypoints is not None):
      raise InputError('real_videos and real_keypoints go together')

  def corpus(self, sport: str) -> CorpusSpec:
    """The corpus that a sport is judged by."""
    count = self.classes or len(skills.classes(sport))
    return CorpusSpec(sport, count, self.athletes, test_athletes=self.test_athletes, seed=self.seed)


@dataclasses.dataclass(frozen=True)
class Judged:
  """The finished stages of one sport."""

  filmed: Done
  accuracy: Done
  independent: Done
  tracks: Mapping[str, pathlib.Path]


def run(settings: Settings, context: Context) -> None:
  """Films samples and corpora, measures, and writes report, results.json and world.md."""
  pipeline = context.pipeline
  shown = pipeline.run(
    'gallery',
    functools.partial(
      gallery.film_examples, sports=settings.sports, seed=settings.seed, processes=settings.chain.processes
    ),
    inputs={'sports': settings.sports, 'seed': settings.seed},
  )
  judged = {sport: _judge(pipeline, sport, settings) for sport in settings.sports}
  failure = _teacher_failure(pipeline, judged)
  results = world_report.results(
    {sport: (one.accuracy.folder, one.independent.folder) for sport, one in judged.items()},
    failure.folder,
    _trials(pipeline, settings),
    _real_scores(pipeline, settings),
  )
  write_json(context.workdir / 'results.json', results.as_json())
  text = world_report.markdown(results)
  (context.workdir / 'world.md').write_text(text)
  told = provenance(context.command.line, 'simulated', f'world version {WORLD_VERSION}', seeds=(settings.seed,))
  content = world_report.content(results, gallery.samples(shown.folder), stages(pipeline.done), told)
  page = write_report(context.workdir / 'report', content)
  sys.stdout.write(f'{text}\n{page}\n')


def _judge(pipeline: Pipeline, sport: str, settings: Settings) -> Judged:
  spec, processes = settings.corpus(sport), settings.chain.processes
  filmed = pipeline.run(
    'film', functools.partial(film.film_corpus, spec=spec, processes=processes), inputs={'corpus': spec}
  )
  films, clips = item_folders(filmed.folder), read_labels(filmed.folder / film.LABELS)
  taught = pipeline.run(
    'teach', functools.partial(teach.estimate, films=films), inputs={'film': filmed, 'weights': teach.WEIGHTS}
  )
  keypoints = item_folders(taught.folder)
  videos = {name: (folder / f'{name}.mp4', keypoints[name] / teach.FILE) for name, folder in films.items()}
  prepared = chain.prepare(pipeline, videos, splits_of(videos, clips), settings.chain)
  truth = {name: folder / 'track.npz' for name, folder in films.items()}
  stores = chain.baseline_rows(pipeline, prepared, settings.chain, truth)
  surroundings = pipeline.run(
    'surroundings',
    functools.partial(independence.measure_surroundings, films=films, processes=processes),
    inputs={'film': filmed},
  )
  independent = pipeline.run(
    'independence',
    functools.partial(independence.check, measured=surroundings.folder, clips=clips),
    inputs={'measured': surroundings},
  )
  return Judged(filmed, _tell_apart(pipeline, stores, clips), independent, prepared.tracks)


def _tell_apart(pipeline: Pipeline, stores: Mapping[str, pathlib.Path], clips: tuple[Clip, ...]) -> Done:
  rows = {f'{_TRUE}{left}': Row(stores[_TRUE], left) for left in separability.LEFT}
  rows |= {name: Row(store) for name, store in stores.items() if name != _TRUE}
  return pipeline.run(
    'separability',
    functools.partial(separability.tell_apart, rows=rows, clips=clips),
    inputs={'rows': {name: [row.store.name, row.left] for name, row in rows.items()},
            'clips': [dataclasses.asdict(clip) for clip in clips]},
  )  # fmt: skip


def _teacher_failure(pipeline: Pipeline, judged: Mapping[str, Judged]) -> Done:
  films = {name: path for one in judged.values() for name, path in item_folders(one.filmed.folder).items()}
  tracks = {name: path for one in judged.values() for name, path in one.tracks.items()}
  truth = {name: films[name] / 'track.npz' for name in tracks}
  return pipeline.run(
    'teacher-failure',
    functools.partial(teacher_failure.measure, tracks=tracks, truth=truth, films=films),
    inputs={'tracks': tracks, 'films': [one.filmed for one in judged.values()]},
  )


def _trials(pipeline: Pipeline, settings: Settings) -> pathlib.Path:
  """The teacher tried with one trouble at a time; returns the folder of its curves."""
  takes, processes = trials.plan(settings.sports, settings.trials, settings.seed), settings.chain.processes
  filmed = pipeline.run(
    'trials', functools.partial(film.film_takes, takes=takes, processes=processes), inputs={'takes': takes}
  )
  films = item_folders(filmed.folder)
  taught = pipeline.run(
    'teach', functools.partial(teach.estimate, films=films), inputs={'film': filmed, 'weights': teach.WEIGHTS}
  )
  videos = {name: (films[name] / f'{name}.mp4', f / teach.FILE) for name, f in item_folders(taught.folder).items()}
  tracked = pipeline.run(
    'track',
    functools.partial(track.track_videos, videos=videos, config=settings.chain.athlete, processes=processes),
    inputs={'videos': taught, 'athlete': settings.chain.athlete},
  )
  tracks = {name: folder / 'track.npz' for name, folder in item_folders(tracked.folder).items()}
  return pipeline.run(
    'trouble',
    functools.partial(teacher_failure.measure_trials, takes=takes, tracks=tracks, films=films),
    inputs={'tracks': tracked, 'films': filmed},
  ).folder


def _real_scores(pipeline: Pipeline, settings: Settings) -> pathlib.Path | None:
  """Scores of a real estimator, frame by frame, in a file; None where no real video is given."""
  if settings.real_keypoints is None:
    return None
  videos = find_videos(settings.real_videos)
  pairs = {name: (path, find_keypoints(settings.real_keypoints, path)) for name, path in videos.items()}
  tracked = pipeline.run(
    'track',
    functools.partial(
      track.track_videos, videos=pairs, config=settings.real_athlete, processes=settings.chain.processes
    ),
    inputs={'videos': {name: list(pair) for name, pair in pairs.items()}, 'athlete': settings.real_athlete},
  )
  tracks = {name: folder / 'track.npz' for name, folder in item_folders(tracked.folder).items()}
  scored = pipeline.run(
    'real-scores',
    functools.partial(teacher_failure.real_scores, tracks=tracks),
    inputs={'tracks': tracked},
  )
  return scored.folder / teacher_failure.SCORES
