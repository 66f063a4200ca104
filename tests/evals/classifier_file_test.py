"""Classifiers on disk: what comes back says the same, and other files are refused."""

import numpy as np
import pytest
import safetensors.numpy

from sportjax.errors import InputError
from sportjax.evals.classifier import Labelled, TrainConfig, train_classifiers
from sportjax.evals.classifier_file import load_classifiers, save_classifiers
from sportjax.evals.schedule import Schedule
from sportjax.nn.sequence import SequenceConfig


@pytest.mark.parametrize('backbone', ['gru', 'cnn'])
def test_saved_classifiers_say_the_same(tmp_path, backbone):
  rng = np.random.default_rng(0)
  clips = [rng.normal(size=(length, 2, 3)).astype(np.float32) for length in (5, 9, 7, 8)]
  network = SequenceConfig(backbone=backbone, hidden=4, layers=1)
  config = TrainConfig(network, Schedule(epochs=2, batch=2))
  labels = np.array(['axel', 'lutz', 'axel', 'lutz'])
  subsets = [np.arange(4), np.array([0, 1])]
  trained = train_classifiers(Labelled(clips, labels), subsets, config)
  save_classifiers(tmp_path / 'new' / 'c.safetensors', trained, network, 3)
  again = load_classifiers(tmp_path / 'new' / 'c.safetensors')
  assert again.classes.tolist() == ['axel', 'lutz']
  expected = trained.probabilities(clips)
  assert expected.shape == (2, 4, 2)
  assert np.ptp(expected, axis=0).max() > 0  # the subsets' networks differ
  np.testing.assert_array_equal(again.probabilities(clips), expected)
  np.testing.assert_array_equal(again.predict(clips), trained.predict(clips))


def test_other_files_are_refused(tmp_path):
  (tmp_path / 'x').write_bytes(b'nothing')
  with pytest.raises(InputError, match='not classifiers of this project'):
    load_classifiers(tmp_path / 'x')
  about = '{"d": 3, "networks": 1, "classes": ["a", "b"], "network": {"backbone": "gru"}}'
  safetensors.numpy.save_file({'w': np.zeros(2)}, tmp_path / 'y', metadata={'config': about})
  with pytest.raises(InputError, match='tensors differ from the network'):
    load_classifiers(tmp_path / 'y')
