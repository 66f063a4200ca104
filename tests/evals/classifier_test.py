"""Classifiers of clips learn motions, repeat themselves, and are chosen by the clips they are validated on."""

import csv
import dataclasses

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.evals import classifier, few_shot, recognition, recognition_report
from sportjax.evals.classifier import Labelled, TrainConfig
from sportjax.evals.schedule import Schedule
from sportjax.nn.sequence import ARCHITECTURES, SequenceConfig

NAMES = np.array(['axel', 'lutz', 'loop'])


def motions(count, seed=0):
  """Clips (t, 2, d) of three smooth motions at varying tempo, as filmed and mirrored, and their classes."""
  rng = np.random.default_rng(seed)
  shapes = np.random.default_rng(9).normal(size=(3, 2, 5))
  labels = np.arange(count) % 3
  clips = []
  for label in labels:
    phase = np.linspace(0, 2 * np.pi, rng.integers(18, 24))[:, None]
    clip = np.concatenate([np.sin(phase), np.cos(phase)], 1) @ shapes[label] + 0.05 * rng.normal(size=(len(phase), 5))
    clips.append(np.stack([clip, clip[:, ::-1]], 1).astype(np.float32))
  return clips, labels


QUICK = TrainConfig(
  SequenceConfig('cnn', hidden=32), Schedule(epochs=10, batch=16, learning_rate=1e-2), val_every_epochs=2
)
SUBSETS = few_shot.few_shot_subsets(motions(24)[1], shots=6, n_subsets=2)


def learned(config, val=None):
  (train, labels), (test, expected) = motions(24), motions(15, seed=1)

  def classify(train, labels, subsets, test):
    return classifier.by_network(train, labels, subsets, test, config=config, val=val)

  return recognition.evaluate(train, NAMES[labels], test, NAMES[expected], SUBSETS, classify)


@pytest.mark.parametrize('name', ['bigru', 'bilstm_attention', 'cnn'])
def test_classifiers_learn_the_motions(name):
  network = dataclasses.replace(ARCHITECTURES[name], hidden=32, layers=1)  # one layer is compiled sooner
  assert learned(dataclasses.replace(QUICK, network=network)).mean > 0.9


def test_training_repeats_itself_and_restarts_learn_too():
  config = dataclasses.replace(QUICK, schedule=dataclasses.replace(QUICK.schedule, kind='restarts'))
  result = learned(config)
  assert result.mean > 0.8
  np.testing.assert_array_equal(result.predicted, learned(config).predicted)


def test_mirrored_clips_are_predicted_alike():
  (train, labels), (test, _) = motions(24), motions(9, seed=2)
  trained = classifier.train_classifiers(Labelled(train, NAMES[labels]), SUBSETS, QUICK)
  found = trained.probabilities(test)
  assert found.shape == (2, 9, 3)
  np.testing.assert_allclose(found.sum(-1), 1, rtol=1e-5)
  np.testing.assert_allclose(trained.probabilities([clip[:, ::-1] for clip in test]), found, atol=1e-5)


def test_the_step_that_is_best_on_validation_clips_is_kept():
  (train, labels), (val, told) = motions(24), motions(12, seed=3)
  losing = dataclasses.replace(QUICK, schedule=Schedule(epochs=6, batch=16, learning_rate=3.0, kind='constant'))
  tame = dataclasses.replace(QUICK, schedule=dataclasses.replace(QUICK.schedule, epochs=6))
  for config in (tame, losing):
    accuracies = []
    for chosen in (Labelled(val, NAMES[told]), None):
      found = classifier.train_classifiers(Labelled(train, NAMES[labels]), SUBSETS, config, val=chosen)
      accuracies.append((found.predict(val) == NAMES[told][None]).mean(1))
    assert (accuracies[0] >= accuracies[1]).all()


def test_every_example_comes_once_an_epoch():
  rows = [np.array([3, 5, 6]), np.array([1, 2])]
  batches = np.stack(list(classifier._batches(rows, 2, 2, 6, seed=0)))  # two epochs of the larger
  assert batches.shape == (6, 2, 2, 2)
  for subset, row in enumerate(rows):
    pairs = [tuple(pair) for pair in batches[:, subset].reshape(-1, 2).tolist()]
    size = 2 * len(row)
    assert sorted(pairs[:size]) == sorted((r, v) for r in row.tolist() for v in (0, 1))
    assert sorted(pairs[size : 2 * size]) == sorted(pairs[:size])


def test_validation_of_unknown_classes_is_refused():
  train, labels = motions(12)
  with pytest.raises(InputError, match="'salchow', which no training clip is"):
    classifier.train_classifiers(
      Labelled(train, NAMES[labels]), [np.arange(12)], QUICK, val=Labelled(train[:1], np.array(['salchow']))
    )


def test_report_files_hold_what_was_predicted(tmp_path):
  labels = np.array(['axel', 'lutz', 'lutz'])
  predicted = np.array([['axel', 'axel', 'lutz'], ['loop', 'lutz', 'lutz']])
  recognition_report.write_report(tmp_path, ['a', 'b', 'c'], labels, predicted, np.full((2, 3, 3), 0.25))
  read = {path.name: list(csv.DictReader(path.open())) for path in tmp_path.iterdir()}
  assert [(r['subset'], r['clip'], r['predicted']) for r in read['predictions.csv']][:3] == [
    ('0', 'a', 'axel'), ('0', 'b', 'axel'), ('0', 'c', 'lutz'),
  ]  # fmt: skip
  assert {r['probability'] for r in read['predictions.csv']} == {'0.25'}
  assert read['confusion.csv'][2] == {'label': 'lutz', 'axel': '1', 'loop': '0', 'lutz': '3'}
  assert [(r['label'], r['examples'], r['recall']) for r in read['per_class.csv']] == [
    ('axel', '2', '0.5'), ('loop', '0', 'nan'), ('lutz', '4', '0.75'),
  ]  # fmt: skip
  with pytest.raises(InputError, match='2 ids, 3 labels'):
    recognition_report.write_report(tmp_path, ['a', 'b'], labels, predicted)
