"""A student trained on windows of frames that are aligned with the teacher's, run as a user runs it."""

import json

import numpy as np
import pytest

from sportjax.workflows.stages.dataset import dataset_directory
from tests.integration.conftest import run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group('commands')]


def test_aligned_student_is_trained_on_a_dataset(mine, tmp_path):
  finished = run(
    ('--mode=train', '--config=configs/train_student.py:preset=small,aligned,debug',
     f'--config.dataset={dataset_directory(mine.stage("dataset"))}', f'--workdir={tmp_path}'), tmp_path,
  )  # fmt: skip
  counts = finished.record('distil')['counts']
  assert counts['steps'] == 2
  assert 0 < counts['in_windows'] <= counts['kept']
  assert counts['in_windows'] % 8 == 0
  lines = [json.loads(line) for line in (finished.stage('distil') / 'metrics.jsonl').read_text().splitlines()]
  losses = [value for line in lines for name, value in line.items() if name.endswith('loss')]
  assert losses
  assert np.isfinite(losses).all()
