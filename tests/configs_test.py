"""Every config file: it builds, its settings are those of its workflow, and the commands it shows are commands."""

import importlib
import pathlib
import re
import shlex

import pytest
from absl import flags
from absl.testing import flagsaver

import launch
from sportjax.errors import InputError
from sportjax.workflows import dispatch

ROOT = pathlib.Path(__file__).parents[1]
FILES = [path for path in (ROOT / 'configs').rglob('*.py') if path.stem not in ('__init__', 'common')]
NAMES = sorted('.'.join(path.relative_to(ROOT / 'configs').with_suffix('').parts) for path in FILES)
pytestmark = pytest.mark.filterwarnings('ignore:the load_module:DeprecationWarning')  # ml_collections'

WITH_DEBUG = [name for name in NAMES if name != 'check_data']  # which checks all there is in any case
# These ask for nothing, but for the mode they are used in; nor do those of a folder, which are of the world.
COMPLETE = ('quickstart', 'pose_teacher', 'train_student', 'film_set', 'world', 'versus_teacher',
            *(name for name in NAMES if name.startswith(('vpd.table', 'vpd.baselines'))), 'vpd.figure3')  # fmt: skip


def module(name):
  return importlib.import_module(f'configs.{name}')


def workflow(name):
  """The workflow that a config names."""
  return importlib.import_module(f'sportjax.workflows.{module(name).get_config().workflow}')


MODES = [(name, mode) for name in NAMES for mode in workflow(name).MODES]


def filled(config, folder):
  """The config with what a user must give: everything that takes a path has one that exists."""
  given = {'keypoints', 'videos', 'labels', 'dataset', 'student', 'calibration', 'markers', 'weights'}
  for name in given & set(config):
    if config.get_ref(name).get() is None:
      config[name] = str(folder)
  return config


def commands(name):
  """The command lines of a config's docstring, joined where a backslash breaks them."""
  text = re.sub(r'\\\n\s+', '', module(name).__doc__)
  return re.findall(r'^\s*(python launch\.py .*)$', text, re.MULTILINE)


def test_every_config_names_the_workflow_of_its_name():
  named = {name: module(name).get_config().workflow for name in NAMES}
  assert set(named.values()) == set(dispatch.WORKFLOWS)
  assert all(of == name for name, of in named.items() if '.' not in name)  # a folder's share theirs


@pytest.mark.parametrize(('name', 'mode'), MODES)
@pytest.mark.parametrize('argument', [None, 'debug'])
def test_config_resolves_for_each_mode(name, mode, argument, tmp_path):
  if argument and name not in WITH_DEBUG:
    pytest.skip('has no debug form')
  found, settings = dispatch.resolve(filled(module(name).get_config(argument), tmp_path), mode)
  assert callable(getattr(found, mode))
  assert isinstance(settings, found.Settings)


@pytest.mark.parametrize('name', WITH_DEBUG)
def test_debug_form_differs_in_values_only(name):
  whole, debug = (module(name).get_config(argument).to_dict() for argument in (None, 'debug'))
  assert keys(whole) == keys(debug)
  assert whole != debug or name == 'extract'  # which trains nothing


def keys(config, prefix=''):
  if not isinstance(config, dict):
    return {prefix}
  return {key for name, value in config.items() for key in keys(value, f'{prefix}.{name}')}


@pytest.mark.parametrize('name', NAMES)
def test_unknown_argument_is_an_error_that_names_the_known(name):
  with pytest.raises(ValueError, match=r"config argument 'nonsense' is unknown; known:"):
    module(name).get_config('nonsense')


@pytest.mark.parametrize('name', NAMES)
def test_config_as_it_is_says_what_the_user_must_set(name):
  mode = workflow(name).MODES[0]
  if name in COMPLETE and name != 'vpd.baselines.r3d':  # which needs weights that are nobody's to ship
    dispatch.resolve(module(name).get_config(), mode)
    return
  with pytest.raises(InputError, match=r'--config.* (is missing: set|set either)') as error:
    dispatch.resolve(module(name).get_config(), mode)
  assert '\n' not in str(error.value)


@pytest.mark.parametrize('name', NAMES)
def test_docstring_shows_a_command_that_parses(name, monkeypatch):
  shown = commands(name)
  assert shown, 'the docstring shows no command that starts with python launch.py'
  for line in shown:
    _, script, *arguments = shlex.split(line)
    values = parse(script, *arguments, monkeypatch=monkeypatch)
    assert values['config'].workflow == module(name).get_config().workflow
    assert f'--config=configs/{name.replace(".", "/")}.py' in line
    assert values['mode'] in workflow(name).MODES
    assert values['workdir'].startswith('runs/')
    for argument in arguments:
      flag, _, value = argument.removeprefix('--').partition('=')
      if flag.startswith('config.'):
        assert str(values['config'][flag.removeprefix('config.')]) == value


def test_commands_of_the_readme_parse(monkeypatch):
  text = re.sub(r'\\\n\s+', '', (ROOT / 'README.md').read_text())
  shown = re.findall(r'python launch\.py [^`\n]*', text)
  assert len(shown) >= 4
  for line in shown:
    parse(*shlex.split(line)[1:], monkeypatch=monkeypatch)


def parse(*argv, monkeypatch):
  """The flags of a command line by launch.py's own definitions; what they were before comes back."""
  monkeypatch.chdir(ROOT)
  monkeypatch.setattr('sys.argv', list(argv))
  with flagsaver.flagsaver():
    assert launch._parse_flags(list(argv)) == [argv[0]]
    return {name: flags.FLAGS[name].value for name in ('config', 'mode', 'workdir')}


@pytest.mark.parametrize(('argument', 'preset', 'crop'), [
  ('', 'gsm_small', 64), ('size=paper', 'gsm_inception_v3', 128), ('backbone=resnet18', 'gsm_resnet18', 128),
  ('size=paper,backbone=resnet50', 'gsm_resnet50', 128),
])  # fmt: skip
def test_baselines_on_frames_take_the_backbone_of_the_size_or_the_one_named(argument, preset, crop, tmp_path):
  config = module('vpd.baselines.gsm').get_config(argument)
  config.baseline.pretrained = str(tmp_path / 'weights.pth')
  _, settings = dispatch.resolve(config, 'run')
  assert (settings.baseline.preset, settings.chain.crop.size) == (preset, crop)
  assert settings.baseline.pretrained == tmp_path / 'weights.pth'


def test_other_backbones_are_refused():
  with pytest.raises(InputError, match=r"baseline\.preset='gsm_vgg': known are .*gsm_inception_v3"):
    dispatch.resolve(module('vpd.baselines.gsm').get_config('backbone=vgg'), 'run')
  with pytest.raises(ValueError, match="'backbone' is unknown"):
    module('vpd.baselines.stgcn').get_config('backbone=resnet18')
