"""VPD's end-to-end baselines: one network a subset of labels, and its answers on the test clips."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Sequence

import numpy as np

from sportjax.data.clip_input import ClipSource, FrameClips, SkeletonClips
from sportjax.data.labels import MIN_FRAMES, SPLITS, Clip
from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules as rules_lib
from sportjax.errors import InputError
from sportjax.evals.recognition_report import write_report
from sportjax.metrics import classification
from sportjax.models import backbones
from sportjax.models.tsn import SegmentConfig
from sportjax.nn.graph import COCO17
from sportjax.pipeline import Work, write_json
from sportjax.tasks.recognise import PRESETS, NetworkConfig, RecogniseTask, clip_input, probabilities
from sportjax.train import loop as loop_lib
from sportjax.train.loop import LoopConfig
from sportjax.train.optim import OptimConfig
from sportjax.train.restore import trained_model
from sportjax.typing import Float, Int

PROBABILITIES, ACCURACY = 'probabilities.npz', 'accuracy.json'
STREAMS = {True: ('rgb', 'flow'), False: ('joint', 'bone')}  # of networks on frames, and on skeletons


@dataclasses.dataclass(frozen=True)
class BaselineSettings:
  """A network by its preset, what it reads, and its training."""

  preset: str = 'stgcn'
  stream: str = 'joint'
  optim: OptimConfig = OptimConfig(learning_rate=1e-3, schedule='cosine')
  loop: LoopConfig = LoopConfig(total_steps=5000)
  batch_size: int = 32
  test_clips: int = 2  # draws of frames of a test clip whose answers are averaged
  augment: bool = True
  pretrained: pathlib.Path | None = None  # of networks on frames: torchvision's weights of the backbone

  def __post_init__(self):
    if self.preset not in PRESETS:
      raise InputError(f'baseline.preset={self.preset!r}: known are {", ".join(PRESETS)}')
    allowed = STREAMS[self.on_frames]
    if self.stream not in allowed:
      raise InputError(f'stream {self.stream!r} is none of {self.preset}: choose {" or ".join(allowed)}')
    if self.pretrained is not None and not self.on_frames:
      raise InputError(f'baseline.pretrained={self.pretrained}: {self.preset} reads skeletons; leave it out')
    if min(self.batch_size, self.test_clips) < 1:
      raise InputError('baseline.batch_size and baseline.test_clips must be at least 1')

  @property
  def on_frames(self) -> bool:
    """Whether the network reads images, and not skeletons."""
    return isinstance(PRESETS[self.preset], SegmentConfig)


def train_baseline(
  work: Work,
  *,
  source: pathlib.Path,
  clips: Sequence[Clip],
  settings: BaselineSettings,
  subsets: Sequence[Sequence[int]] | None = None,
) -> None:
  """Trains one network a subset on training clips, asks it about all test clips, and writes its answers.

  What it leaves in the stage's folder is what a row of a table needs:
    predictions.csv, per_class.csv, confusion.csv: `evals.recognition_report`; `clip` is `Clip.id`, one row a test clip
      and subset.
    probabilities.npz: `id` (b) and `label` (b) of the test clips, `classes` (k), `probabilities` (s, b, k).
    accuracy.json: {'accuracy': mean over subsets, 'spread': population deviation over them, 'subsets': [each],
      'train_clips': [of each], 'test_clips', 'preset', 'stream'}.
    subset_0/ ...: each training's checkpoints and metrics.jsonl.
  Clips in which the athlete is in fewer than four frames are skipped, and booked.

  Args:
    work: the stage.
    source: for skeletons a feature store of joints (`stages.baseline_inputs.joint_features`), for frames the folder of
      a built `sports_tracks` dataset with splits train and test.
    clips: labelled, of both splits.
    settings: of network and training.
    subsets: of each the positions among the training clips, in the order of `clips`; None trains once on all.

  Raises:
    InputError: no clip is left to train on or to test on, or a subset is left without any.
  """
  train, test = (tuple(clip for clip in clips if clip.split == split) for split in SPLITS)
  sources = {split: _source(source, split, part, settings) for split, part in zip(SPLITS, (train, test), strict=True)}
  fit = {split: np.flatnonzero(sources[split].lengths >= MIN_FRAMES) for split in SPLITS}
  _book(work, {'train': train, 'test': test}, sources, fit)
  labels = np.array([clip.label for clip in train])
  classes, targets = np.unique(labels, return_inverse=True)
  network = dataclasses.replace(PRESETS[settings.preset], stream=settings.stream)
  chosen = [np.arange(len(train))] if subsets is None else [np.asarray(subset) for subset in subsets]
  chosen = [np.intersect1d(rows, fit['train']) for rows in chosen]
  if not all(map(len, chosen)):
    raise InputError('a subset of labels has no clip with enough frames of the athlete; give it others')
  found = []
  for number, rows in enumerate(chosen):
    trained = _train(work.folder / f'subset_{number}', sources['train'], rows, targets, len(classes), network, settings)
    ask = functools.partial(probabilities, clips=settings.test_clips, batch_size=settings.batch_size)
    found.append(ask(trained, network, sources['test'], fit['test']))
  about = {'preset': settings.preset, 'stream': settings.stream, 'train_clips': [len(rows) for rows in chosen]}
  write_answers(work.folder, [test[i] for i in fit['test']], classes, np.stack(found), about)


def average(work: Work, *, members: Sequence[pathlib.Path]) -> None:
  """The mean of several baselines' probabilities on the same clips and subsets, in the files of `train_baseline`.

  Raises:
    InputError: the members are not of the same clips, classes and subsets.
  """
  loaded = [read_answers(folder) for folder in members]
  first = loaded[0]
  for folder, other in zip(members, loaded, strict=True):
    same = all(np.array_equal(first[name], other[name]) for name in ('id', 'label', 'classes'))
    if not same or first['probabilities'].shape != other['probabilities'].shape:
      raise InputError(f'{folder}: answers other clips, classes or subsets than {members[0]}; train both on the same')
  mean = np.mean([each['probabilities'] for each in loaded], axis=0)
  _write(work.folder, first['id'], first['label'], first['classes'], mean, {'members': [f.name for f in members]})


def read_answers(folder: pathlib.Path) -> dict[str, np.ndarray]:
  """A baseline's `probabilities.npz`. Raises InputError where there is none."""
  path = folder / PROBABILITIES
  if not path.exists():
    raise InputError(f'{folder}: no {PROBABILITIES} there; train the baseline first')
  with np.load(path, allow_pickle=False) as stored:
    return dict(stored)


def write_answers(
  folder: pathlib.Path, clips: Sequence[Clip], classes: np.ndarray, found: Float[np.ndarray, 's b k'], about: dict
) -> None:
  """The files of a row: predictions, reports, probabilities, accuracy."""
  _write(folder, np.array([c.id for c in clips]), np.array([c.label for c in clips]), classes, found, about)


def _write(
  folder: pathlib.Path,
  ids: np.ndarray,
  labels: np.ndarray,
  classes: np.ndarray,
  found: Float[np.ndarray, 's b k'],
  about: dict,
) -> None:
  predicted = classes[found.argmax(-1)]
  write_report(folder, ids.tolist(), labels, predicted, found)
  with (folder / PROBABILITIES).open('wb') as file:
    np.savez(file, allow_pickle=False, id=ids, label=labels, classes=classes, probabilities=found)
  each = [float(classification.correct(row, labels).mean()) for row in predicted]
  record = {'accuracy': float(np.mean(each)), 'spread': float(np.std(each)), 'subsets': each, 'test_clips': len(ids)}
  write_json(folder / ACCURACY, record | about)


def _source(path: pathlib.Path, split: str, clips: Sequence[Clip], settings: BaselineSettings) -> ClipSource:
  if settings.on_frames:
    return FrameClips(path, split, clips)
  return SkeletonClips(path, clips, COCO17.parent if settings.stream == 'bone' else None)


def _book(work: Work, clips: dict[str, tuple[Clip, ...]], sources: dict, fit: dict[str, np.ndarray]) -> None:
  for split, members in clips.items():
    for row in np.setdiff1d(np.arange(len(members)), fit[split]):
      work.skip(members[row].id, f'only {sources[split].lengths[row]} frames of the athlete in it')
    work.count(**{f'{split}_clips_in': len(members), f'{split}_clips_out': len(fit[split])})
    if not len(fit[split]):
      raise InputError(f'none of {len(members)} {split} clips has {MIN_FRAMES} frames of the athlete; label others')


def _train(
  folder: pathlib.Path,
  source: ClipSource,
  rows: Int[np.ndarray, 'b'],
  targets: Int[np.ndarray, 'b'],
  classes: int,
  network: NetworkConfig,
  settings: BaselineSettings,
):
  """Trains into the folder, where a killed run finds its checkpoints again; the last step is kept, nothing chosen."""
  mesh, rules = mesh_lib.make_mesh(), rules_lib.preset('dp')
  make = clip_input(
    source,
    rows,
    targets,
    segments=network.segments,
    batch_size=settings.batch_size,
    seed=settings.loop.seed,
    mesh=mesh,
  )
  total = settings.optim.total_steps or settings.loop.total_steps
  optim = dataclasses.replace(settings.optim, total_steps=total)
  task = RecogniseTask(network, classes, optim, make)
  if not settings.augment:
    task = dataclasses.replace(task, augment=None)
  config = json.loads(json.dumps({'network': dataclasses.asdict(network), **dataclasses.asdict(settings)}, default=str))
  start = backbones.start(settings.pretrained, network) if isinstance(network, SegmentConfig) else {}
  loop_lib.train(task, folder, settings.loop, mesh=mesh, rules=rules, config=config, start=start)
  return trained_model(task, folder, mesh=mesh, rules=rules, which='latest')
