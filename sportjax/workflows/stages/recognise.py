"""One cell of a table of recognition: classes of test clips told from their features, after all or a few labels."""

from __future__ import annotations

import collections
import dataclasses
import functools
import pathlib
from collections.abc import Callable, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.data.sequences import Norm, normalised
from sportjax.errors import InputError
from sportjax.evals import classifier as classifier_lib
from sportjax.evals import recognition, recognition_report
from sportjax.evals.classifier import Labelled, TrainConfig
from sportjax.evals.schedule import Schedule
from sportjax.nn.sequence import ARCHITECTURES
from sportjax.pipeline import Work
from sportjax.retrieval.flips import Flip
from sportjax.typing import Float, Int
from sportjax.workflows.stages.stored_clips import clip_features

NNS = 'nns'
CLASSIFIERS = (*ARCHITECTURES, NNS)


@dataclasses.dataclass(frozen=True)
class ClassifierSettings:
  """How clips are told apart. Source: VPD (arXiv 2109.01305), supplement B; less of each where time is short."""

  schedule: Schedule = Schedule()
  hidden: int = 128
  layers: int = 2
  frame_step: int = 1  # trained classifiers read every so-manyth frame
  patience_epochs: int | None = None  # on validation clips; a third of the epochs in the reference
  nns_flip: Flip = 'min'
  nns_norm: Norm = 'unit'  # of each frame's feature, as the reference's --norm does
  seed: int = 0

  def __post_init__(self):
    if min(self.hidden, self.layers, self.frame_step) < 1:
      raise InputError('recognise: hidden, layers and frame_step must be at least 1')


def recognise(
  work: Work,
  *,
  store: pathlib.Path,
  train: Sequence[Clip],
  val: Sequence[Clip],
  test: Sequence[Clip],
  subsets: Sequence[Int[np.ndarray, 'b']],
  classifier: str,
  settings: ClassifierSettings,
) -> None:
  """Writes the files of `evals.recognition_report`; all subsets of the training clips are trained on at once.

  With clips to validate on, a network's best epoch on them is kept; NNS has nothing to choose.

  A clip without features is no example, and is answered with the most common class of the subset, as in the reference.

  Raises:
    InputError: no clip of a subset, or none to test on, has features.
  """
  if classifier not in CLASSIFIERS:
    raise InputError(f'classifier {classifier!r}: known are {", ".join(CLASSIFIERS)}')
  features = FeatureStore(store)
  known, chosen, asked = (_features(work, features, clips, classifier, settings) for clips in (train, val, test))
  there, shown = (np.array([len(each) > 0 for each in found]) for found in (known, asked))
  subsets = [subset[there[subset]] for subset in subsets]
  if not shown.any() or not all(len(subset) for subset in subsets):
    raise InputError(f'{features.source} features: none for the clips to train on, or none for those to test on')
  labels = np.array([clip.label for clip in train])
  classify = _classify(classifier, settings, _labelled(val, chosen))
  said = classify(known, labels, subsets, [asked[i] for i in np.flatnonzero(shown)])
  common = [collections.Counter(labels[subset].tolist()).most_common(1)[0][0] for subset in subsets]
  predicted = np.tile(np.array(common, labels.dtype)[:, None], (1, len(test)))
  predicted[:, shown] = said
  truth = np.array([clip.label for clip in test])
  recognition_report.write_report(work.folder, [clip.id for clip in test], truth, predicted)
  work.count(train=len(train), test=len(test), subsets=len(subsets))


def _features(
  work: Work, store: FeatureStore, clips: Sequence[Clip], classifier: str, settings: ClassifierSettings
) -> list[Float[np.ndarray, 't v d']]:
  found = clip_features(work, store, clips)
  if classifier != NNS:
    return [values[:: settings.frame_step] for values in found]
  return [normalised(values, settings.nns_norm) for values in found]


def _labelled(clips: Sequence[Clip], found: Sequence[np.ndarray]) -> Labelled | None:
  """Those that have features, to choose the best epoch by; None where there are none."""
  there = [i for i, values in enumerate(found) if len(values)]
  return Labelled([found[i] for i in there], np.array([clips[i].label for i in there])) if there else None


def _classify(classifier: str, settings: ClassifierSettings, val: Labelled | None) -> Callable[..., np.ndarray]:
  if classifier == NNS:
    return functools.partial(recognition.by_alignment, flip=settings.nns_flip)
  network = dataclasses.replace(ARCHITECTURES[classifier], hidden=settings.hidden, layers=settings.layers)
  config = TrainConfig(network, settings.schedule, patience_epochs=settings.patience_epochs)
  return functools.partial(classifier_lib.by_network, config=config, val=val, seed=settings.seed)
