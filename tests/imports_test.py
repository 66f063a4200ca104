"""The way of the data: each package imports only what docs/ARCHITECTURE.md's table allows."""

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
OPEN = {'typing', 'config', 'errors', 'command_line'}
HOST = {'pose', 'formats', 'video', 'text', 'synth', 'data', 'pipeline'}
PACKAGES = {path.parent.name for path in (ROOT / 'sportjax').glob('*/__init__.py')}


def allowed_imports() -> dict[str, set[str]]:
  """The table of docs/ARCHITECTURE.md, read from the document itself."""
  table: dict[str, set[str]] = {}
  for line in (ROOT / 'docs/ARCHITECTURE.md').read_text().splitlines():
    cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
    if len(cells) != 2 or not set(cells[0].split(', ')) <= {*PACKAGES, 'data_builders', 'configs'}:
      continue
    above = set(table)
    words = {
      'nothing': set(),
      'all of the above': above,
      'all of the above, but not train.loop': above,
      'everything but testing': PACKAGES - {'testing'},
    }
    allowed = words.get(cells[1], set(cells[1].split(', ')))
    for package in cells[0].split(', '):
      table[package] = allowed
  return table


ALLOWED = allowed_imports()


def imported(path: pathlib.Path) -> set[str]:
  tree = ast.parse(path.read_text())
  names = set()
  for node in ast.walk(tree):
    if isinstance(node, ast.Import):
      names |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
      assert not node.level, f'{path}: relative import'
      names |= {f'{node.module}.{alias.name}' for alias in node.names} | {node.module or ''}
  return names


def sources(folder: str) -> list[pathlib.Path]:
  return sorted((ROOT / folder).rglob('*.py'))


@pytest.mark.parametrize('package', sorted(PACKAGES - {'testing'}))
def test_package_imports_only_what_the_table_allows(package):
  assert package in ALLOWED, f'{package} is missing from the table of docs/ARCHITECTURE.md'
  for path in sources(f'sportjax/{package}'):
    for name in imported(path):
      parts = name.split('.')
      if parts[0] == 'sportjax' and len(parts) > 1:
        assert parts[1] in OPEN | {package} | ALLOWED[package], f'{path.relative_to(ROOT)} imports {name}'
      assert package != 'tasks' or not name.startswith('sportjax.train.loop'), (
        f'{path.relative_to(ROOT)} imports {name}'
      )
      assert parts[0] != 'data_builders' or package == 'workflows', f'{path.relative_to(ROOT)} imports {name}'


@pytest.mark.parametrize('package', sorted(HOST))
def test_host_package_never_imports_jax(package):
  for path in sources(f'sportjax/{package}'):
    bad = {name for name in imported(path) if name.split('.')[0] in ('jax', 'jaxlib', 'flax', 'optax', 'orbax')}
    bad |= {name for name in imported(path) if name.startswith('jaxtyping.') and name.endswith(('.Array', '.PyTree'))}
    assert not bad, f'{path.relative_to(ROOT)} imports {bad}'


def test_data_builders_import_host_packages_only():
  for path in sources('data_builders'):
    for name in imported(path):
      parts = name.split('.')
      if parts[0] == 'sportjax' and len(parts) > 1:
        assert parts[1] in OPEN | ALLOWED['data_builders'], f'{path.relative_to(ROOT)} imports {name}'


def test_configs_import_only_their_common_file():
  for path in sources('configs'):
    for name in imported(path):
      if name.split('.')[0] in ('sportjax', 'data_builders', 'configs'):
        assert name.startswith('configs'), f'{path.relative_to(ROOT)} imports {name}'


def test_only_one_file_imports_orbax_and_one_makes_meshes():
  orbax = [p for p in sources('sportjax') if any(n.split('.')[0] == 'orbax' for n in imported(p))]
  assert [str(p.relative_to(ROOT)) for p in orbax] == ['sportjax/train/checkpoint.py']
  mesh = [p for p in sources('sportjax') if 'jax.make_mesh(' in p.read_text()]
  assert [str(p.relative_to(ROOT)) for p in mesh] == ['sportjax/dist/mesh.py']


def test_nothing_prints_and_files_stay_short():
  for path in [*sources('sportjax'), *sources('data_builders'), ROOT / 'launch.py']:
    text = path.read_text()
    assert not re.search(r'^\s*print\(', text, re.M), f'{path.relative_to(ROOT)} prints'
    assert len(text.splitlines()) <= 500, f'{path.relative_to(ROOT)} is longer than 500 lines'
