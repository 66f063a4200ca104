import os
import pathlib
import socket
import subprocess
import sys

import numpy as np
import pytest

from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.dist.rules import preset
from sportjax.errors import InputError
from sportjax.testing.tiny_task import TinyTask
from sportjax.train.loop import LoopConfig, train
from sportjax.train.optim import OptimConfig
from sportjax.train.writer import read_metrics

ROOT = pathlib.Path(__file__).parents[2]
LOOP = LoopConfig(4, log_every_steps=1, eval_every_steps=2, save_every_steps=2)


def free_port():
  with socket.socket() as s:
    s.bind(('localhost', 0))
    return s.getsockname()[1]


def run_two(workdir):
  environment = os.environ | {'PYTHONPATH': str(ROOT)}
  worker, port = ROOT / 'tests/train/multihost_worker.py', free_port()
  processes = [
    subprocess.Popen(
      [sys.executable, str(worker), str(port), str(i), str(workdir)],
      env=environment,
      stdout=subprocess.PIPE,
      stderr=subprocess.STDOUT,
      text=True,
    )
    for i in range(2)
  ]
  try:
    said = [process.communicate(timeout=200)[0] for process in processes]
  finally:
    for process in processes:
      process.kill()
  assert [process.returncode for process in processes] == [0, 0], '\n'.join(said)


@pytest.mark.multihost
@pytest.mark.slow
def test_two_processes_train_save_and_resume_as_one(tmp_path):
  run_two(tmp_path / 'two')

  mesh = make_mesh(MeshConfig(data=2, fsdp=4))
  task = TinyTask(mesh, dropout=0.0, optim=OptimConfig(name='sgd', learning_rate=0.05))
  one = train(task, tmp_path / 'one', LOOP, mesh=mesh, rules=preset('fsdp'), config={'width': 32})
  two = read_metrics(tmp_path / 'two')
  for ours, theirs in zip(two, one.history, strict=True):
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - {'time_s'}:
      np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, err_msg=f'{name} at step {ours["step"]}')

  with pytest.raises(InputError, match='written by 2 processes and this run has 1') as error:
    train(task, tmp_path / 'two', LOOP, mesh=mesh, rules=preset('fsdp'), config={'width': 32})
  assert '\n' not in str(error.value)
