"""Long searches: killed and gone on with, shared by processes, and never mixed up."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.retrieval import blocks, search
from tests.retrieval import search_worker

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
  monkeypatch.setattr(search, 'PAIRS_PER_PART', search_worker.PAIRS_PER_PART)


def start(*arguments):
  worker = ROOT / 'tests/retrieval/search_worker.py'
  environment = os.environ | {'PYTHONPATH': str(ROOT), 'JAX_PLATFORMS': 'cpu'}
  return subprocess.Popen([sys.executable, str(worker), *map(str, arguments)], env=environment)


def free_port():
  with socket.socket() as s:
    s.bind(('localhost', 0))
    return s.getsockname()[1]


def parts_in(folder):
  return {path: path.stat().st_mtime_ns for path in folder.glob('part-*.npz')}


def assert_same(one, other):
  np.testing.assert_array_equal(one.index, other.index)
  np.testing.assert_array_equal(one.distance, other.distance)


@pytest.mark.multihost
def test_killed_search_goes_on_where_it_stood(tmp_path):
  process = start(tmp_path)
  deadline = time.monotonic() + 200
  while not parts_in(tmp_path) and process.poll() is None and time.monotonic() < deadline:
    time.sleep(0.002)
  process.send_signal(signal.SIGKILL)
  process.wait()
  before = parts_in(tmp_path)
  found = search.search(search_worker.request(), folder=tmp_path)
  assert 0 < len(before) < len(parts_in(tmp_path))
  assert before.items() <= parts_in(tmp_path).items()
  assert_same(found, search.search(search_worker.request()))


@pytest.mark.multihost
def test_two_processes_answer_as_one(tmp_path):
  port = free_port()
  processes = [start(tmp_path, port, i) for i in (0, 1)]
  try:
    assert [process.wait(200) for process in processes] == [0, 0]
  finally:
    for process in processes:
      process.kill()
  whole = search.search(search_worker.request())
  for i in (0, 1):
    with np.load(tmp_path / f'answer-{i}.npz') as answer:
      assert_same(search.Found(**answer), whole)


def test_parts_done_before_are_not_done_again(tmp_path, monkeypatch):
  request = search_worker.request()
  align, left = blocks.dtw.bucket_scores, [6]

  def failing(*arguments, **options):
    left[0] -= 1
    if left[0] < 0:
      raise KeyboardInterrupt
    return align(*arguments, **options)

  monkeypatch.setattr(blocks.dtw, 'bucket_scores', failing)
  with pytest.raises(KeyboardInterrupt):
    search.search(request, folder=tmp_path)
  done = len(list(tmp_path.glob('part-*.npz')))
  assert 0 < done < 12
  calls = []
  monkeypatch.setattr(blocks.dtw, 'bucket_scores', lambda *a, **o: calls.append(1) or align(*a, **o))
  assert_same(search.search(request, folder=tmp_path), search.collect(request, tmp_path))
  first = len(calls)
  assert first > 0
  search.search(request, folder=tmp_path)
  assert len(calls) == first
  assert not list(tmp_path.glob('*.tmp'))


def test_shares_join_and_missing_ones_are_named(tmp_path):
  request = search_worker.request()
  search.search_share(request, tmp_path, (1, 3))
  search.search_share(request, tmp_path, (0, 3))
  with pytest.raises(InputError, match=r'parts are missing, the first 2; run again'):
    search.collect(request, tmp_path)
  search.search_share(request, tmp_path, (2, 3))
  assert_same(search.collect(request, tmp_path), search.search(request))


def test_results_of_another_search_are_not_taken_for_this_one(tmp_path):
  search.search_share(search_worker.request(), tmp_path, (0, 1))
  with pytest.raises(InputError, match='holds the results of another search'):
    search.search(search_worker.request(k=5), folder=tmp_path)
