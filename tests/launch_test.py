"""Bad command lines end with one clear line and status 2, before any device is touched."""

import fcntl
import pathlib
import subprocess
import sys

import pytest

import launch
from sportjax.errors import InputError
from sportjax.testing import commands
from sportjax.train.log import DivergedError
from sportjax.train.preempt import Preempted
from sportjax.workflows import dispatch

ROOT = pathlib.Path(__file__).parents[1]
QUICKSTART = '--config=configs/quickstart.py:debug'
OWN = '--config=configs/own_videos.py:debug'


def forbid_devices():
  """Any use of a device in this process is an error from here on."""
  import jax

  jax.config.update('jax_platforms', 'no_such_platform')


@pytest.fixture
def refused(tmp_path):
  """The message with which a command line is refused; $W stands for a folder to work in."""

  def refused(*arguments):
    done = commands.launch(*(a.replace('$W', str(tmp_path)) for a in arguments), before=forbid_devices)
    assert (done.status, done.out) == (2, '')
    assert [line for line in done.err.splitlines() if line.startswith('error: ')] == [f'error: {done.error}']
    return done.error.replace(str(tmp_path), '$W')

  return refused


@pytest.mark.slow
def test_device_is_not_used_unnoticed(tmp_path):
  """The guard of the tests below: a command that uses a device fails under it."""
  done = commands.launch(
    '--mode=compile', '--config=configs/train_student.py', f'--workdir={tmp_path}', before=forbid_devices
  )
  assert 'no_such_platform' in done.err
  assert done.status == 1


@pytest.mark.slow
@pytest.mark.parametrize(
  ('arguments', 'says'),
  [
    ([], '--config is missing; see python launch.py --help'),
    (['--workdir=$W'], '--config is missing'),
    ([QUICKSTART], '--workdir is missing'),
    (['--mode=serve'], '--workdir is missing'),
    ([QUICKSTART, '--workdir=$W', 'athletes=3'], "unexpected argument 'athletes=3': every setting is a flag"),
    (['--config=configs/none.py', '--workdir=$W'], "No such file or directory: 'configs/none.py'"),
    (['--config=configs/none.py', '--config.a.b=1', '--workdir=$W'], "No such file or directory: 'configs/none.py'"),
    (['--config=configs/quickstart.py:debgu', '--workdir=$W'], "argument 'debgu' is unknown; known: sport, debug"),
    (['--config=configs/quickstart.py:debug=3', '--workdir=$W'], "debug='3': must be true or false"),
    (['--config.videos=x', '--workdir=$W'], "Unknown command line flag 'config.videos'"),
    ([QUICKSTART, '--wrkdir=$W'], "Unknown command line flag 'wrkdir'. Did you mean: workdir ?"),
    ([QUICKSTART, '--workdir=$W', '--mode=dance'], '--mode=dance: value should be one of <run|train|'),
    ([QUICKSTART, '--workdir=$W', '--mode=extract'], '--mode=extract: quickstart has no such mode; it has run, train'),
    ([QUICKSTART, '--workdir=$W', '--config.chain.studnt.preset=x'], 'Did you mean "student" instead of "studnt"?'),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student.preset.x=1'], 'a flag --config.NAME names what is not there'),
    (
      [QUICKSTART, '--workdir=$W', '--config.chain.student.prest=x'],
      '--config.chain.student.prest: no such setting; did you mean preset?',
    ),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student=3'], "--config.chain.student=3: Failed to parse '3'"),
    ([QUICKSTART, '--workdir=$W', '--config.corpus.classes=two'], "--config.corpus.classes=two: invalid literal"),
    ([QUICKSTART, '--workdir=$W', '--config.workflow=quick'], "'quick': no such workflow; did you mean quickstart?"),
    ([QUICKSTART, '--workdir=$W', '--config.corpus.sport=chess'], 'chess'),
    ([QUICKSTART, '--workdir=$W', '--config.corpus.classes=99'], '99'),
    ([QUICKSTART, '--workdir=$W', '--config.corpus.test_athletes=3'], 'some athletes left to train on'),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student.preset=huge'], "student.preset='huge': known are"),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student.loop.total_steps=0'], 'loop.total_steps=0 is too small'),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student.frames.held_out=1.5'], 'held_out=1.5: must lie between'),
    ([QUICKSTART, '--workdir=$W', '--config.chain.student.learning_rate=nan'], 'must be a finite number'),
    ([QUICKSTART, '--workdir=$W', '--config.evaluate.flip=both'], "flip='both': must be one of min, concat, none"),
    ([QUICKSTART, '--workdir=launch.py/work'], 'launch.py/work: cannot write there (Not a directory); give another'),
    ([OWN, '--workdir=$W'], '--config.videos is missing: set it'),
    ([OWN, '--workdir=$W', '--config.videos=$W/*.mp4'], 'set either keypoints (a folder of'),
    (
      [OWN, '--workdir=$W', '--config.videos=$W/none.mp4', '--config.keypoints=$W'],
      "--config.videos='$W/none.mp4': no video there; give a folder or a quoted pattern",
    ),
    ([OWN, '--workdir=$W', '--config.videos=$W', '--config.keypoints=$W'], "--config.videos='$W': no video there"),
    (
      [OWN, '--workdir=$W', '--config.videos=$W', '--config.keypoints=$W/none'],
      'keypoints=$W/none: no such file or folder',
    ),
    (
      ['--mode=extract', '--config=configs/extract.py', '--workdir=$W', '--config.videos=$W', '--config.keypoints=$W'],
      '--config.student',
    ),
    (
      ['--mode=extract', '--config=configs/extract.py', '--workdir=$W/new', '--config.videos=$W', '--config.student=$W',
       '--config.keypoints=$W'],
      'student=$W: one finished training is needed there, found none; name its folder',
    ),
    (['--mode=train', '--config=configs/train_student.py', '--workdir=$W'], '--config.dataset is missing'),
    (
      ['--mode=train', '--config=configs/train_student.py', '--workdir=$W', '--config.dataset=$W'],
      'dataset_info.json: no such file',
    ),
    (['--mode=serve', '--workdir=$W/none'], '$W/none'),
  ],
)  # fmt: skip
def test_bad_command_line_is_one_line(refused, arguments, says):
  assert says in refused(*arguments)


@pytest.mark.slow
def test_second_run_in_a_workdir_is_refused(refused, tmp_path):
  with (tmp_path / '.lock').open('w') as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert (
      refused(QUICKSTART, '--workdir=$W') == '--workdir=$W: another run is using it; wait for it or give another folder'
    )


@pytest.mark.slow
def test_script_itself_refuses_and_helps():
  """`python launch.py`, with nothing imported for it."""
  done = subprocess.run(
    [sys.executable, 'launch.py', QUICKSTART], cwd=ROOT, capture_output=True, text=True, timeout=100
  )
  assert (done.returncode, done.stdout) == (2, '')
  assert done.stderr == 'error: --workdir is missing; see python launch.py --help\n'
  done = subprocess.run([sys.executable, 'launch.py', '--help'], cwd=ROOT, capture_output=True, text=True, timeout=100)
  assert '--workdir' in done.stdout
  assert 'Traceback' not in done.stdout + done.stderr


@pytest.fixture
def main(monkeypatch, tmp_path, capsys):
  """launch.main with a workflow that ends in a given way; gives its status and what it wrote to stderr."""

  class Flag:
    def __init__(self, name, value):
      self.name, self.value = name, value

  def main(ending):
    def run(command):
      if isinstance(ending, BaseException):
        raise ending
      return ending

    monkeypatch.setattr(dispatch, 'run', run)
    for name, value in {'config': {}, 'workdir': str(tmp_path), 'mode': 'run'}.items():
      monkeypatch.setattr(launch, f'_{name.upper()}', Flag(name, value))
    try:
      status = launch.main(['launch.py'])
    except SystemExit as error:
      status = error.code
    return status, capsys.readouterr().err.replace(str(tmp_path), '$W')

  monkeypatch.setattr(launch, '_log_to_terminal', lambda: None)
  return main


@pytest.mark.parametrize(
  ('ending', 'status', 'says'),
  [
    (0, 0, ''),
    (1, 1, ''),
    (InputError('a: broken;\nmend it'), 2, 'error: a: broken; mend it\n'),
    (DivergedError('the loss is nan'), 2, 'error: the loss is nan\n'),
    (OSError(28, 'No space left on device'), 3, 'error: the disk is full ($W); free some space and run again: it goes'),
    (OSError(28, 'No space left on device', '/d/x'), 3, 'error: the disk is full (/d/x); free some space'),
    (KeyboardInterrupt(), 130, 'error: stopped; run the same command again and it goes on here\n'),
    (Preempted(7), 143, ''),
  ],
)
def test_every_ending_has_its_status_and_line(main, ending, status, says):
  found, err = main(ending)
  assert found == status
  assert err.startswith(says)
  assert err.count('\n') == bool(says)


@pytest.mark.parametrize('ending', [ValueError('a bug'), OSError(5, 'Input/output error'), AssertionError()])
def test_a_fault_of_the_code_is_not_dressed_up(main, ending):
  with pytest.raises(type(ending)):
    main(ending)
