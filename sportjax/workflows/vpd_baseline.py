"""One of VPD's end-to-end baselines on the simulated athletes: filmed, tracked, cropped, trained, asked."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.labels import Clip, read_labels
from sportjax.errors import InputError
from sportjax.evals import few_shot
from sportjax.pipeline import Done, Pipeline, write_json
from sportjax.synth.corpus import CorpusSpec
from sportjax.typing import JSON
from sportjax.workflows import chain, quickstart
from sportjax.workflows.chain import ChainSettings, Prepared
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import baseline_inputs, baselines, film
from sportjax.workflows.stages.baselines import BaselineSettings

MODES = ('run',)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
  """One baseline and what it reads."""

  baseline: BaselineSettings = BaselineSettings()
  streams: tuple[str, ...] = ('joint',)  # a network each; with several, their probabilities are averaged
  cropped: bool = True  # frames are crops of the athlete, not the whole picture

  def __post_init__(self):
    if not self.streams or len(set(self.streams)) < len(self.streams):
      raise InputError(f'streams={self.streams}: name at least one, and each once')
    for stream in self.streams:
      dataclasses.replace(self.baseline, stream=stream)  # which refuses a stream of another kind of network


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(Network):
  """What `configs/vpd/baselines/*.py` set."""

  corpus: CorpusSpec
  chain: ChainSettings = ChainSettings()
  shots: int | None = None  # labels a class; all of them where None
  subsets: int = 5  # of so few labels
  seed: int = 0  # of the subsets

  def __post_init__(self):
    super().__post_init__()
    if self.subsets < 1 or (self.shots is not None and self.shots < 1):
      raise InputError('shots and subsets must be at least 1')


def run(settings: Settings, context: Context) -> None:
  """Writes results.json: the accuracy of each stream and, of several, of their average."""
  pipeline = context.pipeline
  filmed, videos, splits = quickstart.filmed_videos(settings.corpus, settings.chain.processes, pipeline)
  prepared = chain.prepare(pipeline, videos, splits, settings.chain)
  clips = read_labels(filmed.folder / film.LABELS)
  source = source_of(pipeline, prepared, splits, settings, settings.chain)
  rows = train(pipeline, *source, clips, settings, subsets_of(clips, settings))
  results = {name: _accuracy(folder) for name, folder in rows.items()}
  write_json(context.workdir / 'results.json', results)
  for name, result in results.items():
    clips_told = f'{result["test_clips"]} test clips'
    sys.stdout.write(f'{name}: {100 * result["accuracy"]:.1f} % of {clips_told}, spread {100 * result["spread"]:.1f}\n')


def source_of(
  pipeline: Pipeline, prepared: Prepared, splits: Mapping[str, str], network: Network, settings: ChainSettings
) -> tuple[pathlib.Path, Done]:
  """What the network reads, and the stage that made it: a store of joints, a dataset of crops or of whole pictures."""
  tracks = prepared.tracks
  inputs = {'tracks': list(tracks.values())}
  if not network.baseline.on_frames:
    joints = pipeline.run('joints', functools.partial(baseline_inputs.joint_features, tracks=tracks), inputs=inputs)
    return joints.folder, joints
  if network.cropped:
    return prepared.dataset, prepared.done
  wide = pipeline.run('wide', functools.partial(baseline_inputs.widen_tracks, tracks=tracks), inputs=inputs)
  crop = dataclasses.replace(settings.crop, pad_fraction=0.0, pad_px=0.0)
  whole = chain.pack(pipeline, wide, splits, dataclasses.replace(settings, crop=crop))
  return whole.dataset, whole.done


def train(
  pipeline: Pipeline,
  source: pathlib.Path,
  made_by: Done,
  clips: Sequence[Clip],
  network: Network,
  subsets: Sequence[Sequence[int]] | None,
) -> dict[str, pathlib.Path]:
  """The folder of answers (`stages.baselines.train_baseline`) of each stream, and last of their average."""
  done = {}
  for stream in network.streams:
    baseline = dataclasses.replace(network.baseline, stream=stream)
    done[stream] = pipeline.run(
      'baseline',
      functools.partial(baselines.train_baseline, source=source, clips=clips, settings=baseline, subsets=subsets),
      inputs={
        'source': made_by,
        'clips': [dataclasses.asdict(clip) for clip in clips],
        'settings': baseline,
        'subsets': subsets,
      },
    )
  rows = {f'{network.baseline.preset}, {stream}': each.folder for stream, each in done.items()}
  if len(done) > 1:
    stage = functools.partial(baselines.average, members=list(rows.values()))
    both = pipeline.run('average', stage, inputs={'members': list(done.values())})
    rows[f'{network.baseline.preset}, {" and ".join(done)}'] = both.folder
  return rows


def subsets_of(clips: Sequence[Clip], settings: Settings) -> list[list[int]] | None:
  """Positions of few labels a class among the training clips, spread over athletes; None for all of them."""
  if settings.shots is None:
    return None
  train_clips = [clip for clip in clips if clip.split == 'train']
  labels, athletes = (np.array([getattr(clip, name) for clip in train_clips]) for name in ('label', 'athlete'))
  found = few_shot.few_shot_subsets(
    labels, athletes, shots=settings.shots, n_subsets=settings.subsets, seed=settings.seed
  )
  return [subset.tolist() for subset in found]


def _accuracy(folder: pathlib.Path) -> JSON:
  return json.loads((folder / baselines.ACCURACY).read_text())
