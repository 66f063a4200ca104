"""Stages: run once, resume after a kill, keyed by inputs and code, with honest books."""

import errno
import functools
import importlib
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from sportjax.errors import InputError
from sportjax.pipeline import Pipeline, item_folders, map_items
from sportjax.pipeline import code as code_lib
from sportjax.pipeline.fingerprint import fingerprint, key_of


def write_square(n, folder):
  (folder / 'square.txt').write_text(str(n * n))
  return {'squared': n}


def refuse_odd(n, folder):
  if n % 2:
    raise InputError(f'{n} is odd; give an even number')
  return write_square(n, folder)


def fail_at_three(n, folder):
  if n == 3:
    raise RuntimeError('three')
  return write_square(n, folder)


def stage(work, *, items, function, processes=0):
  map_items(work, items, function, processes=processes)


@pytest.fixture
def pipeline(tmp_path):
  pipe = Pipeline(tmp_path / 'w')
  yield pipe
  pipe.close()


def items(n):
  return {f'i{k}': k for k in range(n)}


def test_stage_runs_once_for_the_same_inputs(pipeline):
  calls = []

  def count(work):
    calls.append(1)
    work.count(things=3)

  first = pipeline.run('a', count, inputs={'x': 1})
  again = pipeline.run('a', count, inputs={'x': 1})
  other = pipeline.run('a', count, inputs={'x': 2})
  assert len(calls) == 2
  assert first.folder == again.folder != other.folder
  assert again.counts == {'things': 3}


def test_stage_key_follows_upstream_stages(pipeline):
  up = [pipeline.run('up', lambda work: None, inputs={'x': x}) for x in (1, 2)]
  down = [pipeline.run('down', lambda work: None, inputs={'up': u}) for u in up]
  assert down[0].stage_key != down[1].stage_key


@pytest.mark.parametrize('processes', [0, 2])
def test_items_are_counted_and_bad_ones_skipped_with_reason(pipeline, processes):
  run = functools.partial(stage, items=items(5), function=refuse_odd, processes=processes)
  done = pipeline.run('s', run, inputs={})
  assert done.counts == {'items_in': 5, 'items_out': 3, 'squared': 0 + 2 + 4}
  assert {(s.item, s.reason) for s in done.skipped} == {(f'i{k}', f'{k} is odd; give an even number') for k in (1, 3)}
  assert {n: (f / 'square.txt').read_text() for n, f in item_folders(done.folder).items()} == {
    'i0': '0', 'i2': '4', 'i4': '16',
  }  # fmt: skip


def test_items_all_bad_is_an_error_that_names_the_first_reason(pipeline):
  with pytest.raises(InputError, match=r'none of 1 items .* 1 is odd'):
    pipeline.run('s', functools.partial(stage, items={'i': 1}, function=refuse_odd), inputs={})


def test_stage_resumes_after_a_crash_without_repeating_items(pipeline):
  with pytest.raises(RuntimeError, match='three'):
    pipeline.run('s', functools.partial(stage, items=items(6), function=fail_at_three), inputs={})
  (partial,) = (pipeline.workdir / 'stages').glob('s-*.partial')
  kept = partial / 'items' / 'i1' / 'square.txt'
  stamp = kept.stat().st_mtime_ns
  # The same inputs and the same code, now with the fault gone from the item itself.
  done = pipeline.run('s', functools.partial(stage, items={**items(6), 'i3': 30}, function=fail_at_three), inputs={})
  assert (done.folder / 'items' / 'i1' / 'square.txt').stat().st_mtime_ns == stamp
  assert done.counts['items_out'] == 6


@pytest.mark.slow
def test_stage_killed_at_any_moment_goes_on(tmp_path):
  script = tmp_path / 'job.py'
  script.write_text(
    textwrap.dedent("""
    import functools, pathlib, sys, time
    from sportjax.pipeline import Pipeline, map_items

    def slow(n, folder):
      time.sleep(0.05)
      (folder / 'out.txt').write_text('x' * 1000)
      return {'n': 1}

    def stage(work):
      map_items(work, {f'i{k}': k for k in range(30)}, slow)

    if __name__ == '__main__':
      pipe = Pipeline(pathlib.Path(sys.argv[1]))
      done = pipe.run('s', stage, inputs={})
      assert done.counts == {'items_in': 30, 'items_out': 30, 'n': 30}, done.counts
      assert all((done.folder / 'items' / f'i{k}' / 'out.txt').stat().st_size == 1000 for k in range(30))
    """)
  )
  command = [sys.executable, str(script), str(tmp_path / 'w')]
  environment = {**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).parents[2])}
  finished = 0
  for pause in (1.0, 1.3):
    process = subprocess.Popen(command, env=environment)
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.wait()
    now = len(list((tmp_path / 'w/stages').glob('s-*/items/i*/item.json')))
    assert now >= finished
    finished = now
  assert subprocess.run(command, env=environment, timeout=60).returncode == 0


def test_pipeline_refuses_a_second_run_in_the_same_workdir(pipeline):
  with pytest.raises(InputError, match='another run is using it'):
    Pipeline(pipeline.workdir)


def test_pipeline_refuses_a_workdir_it_cannot_write(tmp_path):
  (tmp_path / 'file').write_text('')
  with pytest.raises(InputError, match=r'--workdir=.*cannot write there'):
    Pipeline(tmp_path / 'file')


def test_full_disk_keeps_what_is_done(pipeline, monkeypatch):
  from sportjax.pipeline import items as items_lib

  original = items_lib.write_json

  def full_at_four(path, value):
    if path.parent.name.startswith('i4'):
      raise OSError(errno.ENOSPC, 'No space left on device', str(path))
    original(path, value)

  monkeypatch.setattr(items_lib, 'write_json', full_at_four)
  run = functools.partial(stage, items=items(6), function=write_square)
  with pytest.raises(OSError, match='No space left'):
    pipeline.run('s', run, inputs={})
  monkeypatch.setattr(items_lib, 'write_json', original)
  done = pipeline.run('s', run, inputs={})
  assert done.counts['items_out'] == 6


def test_key_tells_values_apart_and_is_stable():
  values = [1, 1.5, '1', True, None, [1], {'a': 1}, {'a': 2}]
  keys = [key_of(v) for v in values]
  assert len(set(keys)) == len(values)
  assert key_of({'a': 1, 'b': 2}) == key_of({'b': 2, 'a': 1})
  with pytest.raises(TypeError, match='no stable key'):
    key_of(object())


def test_fingerprint_follows_content_not_name(tmp_path):
  for name, text in (('a', 'x'), ('b', 'x'), ('c', 'y')):
    (tmp_path / name).write_text(text)
  assert fingerprint(tmp_path / 'a') == fingerprint(tmp_path / 'b') != fingerprint(tmp_path / 'c')
  with pytest.raises(InputError, match='no such file'):
    fingerprint(tmp_path / 'absent')


def test_code_version_ignores_comments_and_follows_imports(tmp_path, monkeypatch):
  package = tmp_path / 'data_builders_fake'
  package.mkdir()
  monkeypatch.syspath_prepend(tmp_path)
  monkeypatch.setattr(code_lib, '_PROJECT', ('data_builders_fake',))
  (package / '__init__.py').write_text('')
  (package / 'low.py').write_text('X = 1\n')
  (package / 'high.py').write_text('from data_builders_fake import low\n\ndef f():\n  return low.X\n')
  (package / 'aside.py').write_text('Y = 1\n')

  def version():
    for cached in (code_lib._is_module, code_lib._parse):
      cached.cache_clear()
    return code_lib.code_version(importlib.import_module('data_builders_fake.high').f)

  first = version()
  (package / 'low.py').write_text('"""Said."""\n# comment\nX   =   1\n')
  (package / 'aside.py').write_text('Y = 2\n')
  assert version() == first
  (package / 'low.py').write_text('X = 2\n')
  assert version() != first


def test_code_version_counts_the_native_sources_of_packages_in_reach(tmp_path, monkeypatch):
  for package in ('data_builders_native', 'data_builders_native/kernel', 'data_builders_native/other'):
    (tmp_path / package).mkdir()
    (tmp_path / package / '__init__.py').write_text('')
  root = tmp_path / 'data_builders_native'
  (root / 'high.py').write_text('from data_builders_native.kernel import build\n\ndef f():\n  return build\n')
  (root / 'kernel/build.py').write_text('')
  (root / 'kernel/sum.cc').write_text('int one;')
  (root / 'other/sum.cc').write_text('int one;')
  monkeypatch.syspath_prepend(tmp_path)
  monkeypatch.setattr(code_lib, '_PROJECT', ('data_builders_native',))
  function = importlib.import_module('data_builders_native.high').f
  versions = [code_lib.code_version(function)]
  (root / 'other/sum.cc').write_text('int two;')
  assert code_lib.code_version(function) == versions[0]
  for name, text in (('sum.cc', 'int two;'), ('sum.h', 'int three;')):
    (root / 'kernel' / name).write_text(text)
    versions.append(code_lib.code_version(function))
  assert len(set(versions)) == 3
