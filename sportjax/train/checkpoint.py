"""Checkpoints: state, place in the data, config and progress in one folder a step; the only importer of orbax."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fnmatch
import time
from collections.abc import Generator, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from etils import epath
from jax.experimental import multihost_utils
from jaxtyping import Array, PyTree, UInt32
from orbax.checkpoint import v1 as ocp

from sportjax.errors import InputError
from sportjax.train.state import TrainState
from sportjax.typing import JSON

# Where two runs may differ and still be one, as patterns of dotted keys: all else in the config must be as it was.
MAY_CHANGE = (
  '*total_steps',
  '*log_every_steps',
  '*save_every_steps',
  '*loop.keep',
  '*profile_*',
  '*mesh.*',
  '*workdir',
)


@dataclasses.dataclass(frozen=True)
class _KeepBest:
  """Keeps the newest `count`, and the best of each: falling back past a damaged one never meets a best that is gone."""

  count: int
  best: dict[int, int | None]  # step of a checkpoint -> the best step as it knew it

  def should_preserve(self, checkpoints: Sequence[Any], *, context: Any) -> Sequence[bool]:
    del context
    newest = [c.step for c in checkpoints[-self.count :]]
    keep = {*newest, *(self.best.get(step) for step in newest)}
    return [c.step in keep for c in checkpoints]


class Checkpoints:
  """The checkpoints of one run: written in the background, the newest `keep` and the best of them kept.

  Use it as a context manager; leaving it waits for the last write. All processes make the same calls.
  """

  def __init__(self, directory: epath.PathLike, *, config: JSON, keep: int = 2, may_change: Sequence[str] = MAY_CHANGE):
    """Opens a folder, and makes it where it is absent.

    Args:
      directory: of this run, shared by all processes.
      config: the resolved config, which is stored in each checkpoint and compared with it on restoring.
      keep: how many of the newest to keep.
      may_change: patterns of dotted keys of the config in which a resumed run may differ.

    Raises:
      InputError: the folder cannot be written.
    """
    self.directory = epath.Path(directory).resolve()
    self._config = config
    self._may_change = may_change
    _check_writable(self.directory)
    self._policy = _KeepBest(keep, {})
    self._checkpointer = ocp.training.Checkpointer(
      self.directory,
      context=_context(),
      preservation_policy=self._policy,
      cleanup_tmp_directories=True,
    )
    for step in self.steps:
      about, _ = _attempt(lambda step=step: self._load(step, 'about', None))
      self._policy.best[step] = about and about['progress'].get('best_step')

  def __enter__(self) -> Self:
    return self

  def __exit__(
    self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
  ) -> None:
    with _disk_full_as_input_error(self.directory):
      self._checkpointer.close()

  @property
  def steps(self) -> list[int]:
    """Steps that have a complete checkpoint, ascending."""
    return [c.step for c in self._checkpointer.checkpoints]

  def wait(self) -> None:
    """Returns when the last write is complete."""
    with _disk_full_as_input_error(self.directory):
      self._checkpointer.wait()

  def save(self, step: int, state: TrainState, iterator: Iterator, progress: JSON) -> None:
    """Starts to write a checkpoint; `state` may be donated as soon as this returns.

    Args:
      step: the step, ascending.
      state: arrays over the mesh.
      iterator: grain iterator whose next batch is the one of this step.
      progress: what the loop knows beside the state; its `best_step` (or None) is kept.

    Raises:
      InputError: the disk is full, now or during the write before; earlier checkpoints are intact.
    """
    about = {'config': self._config, 'processes': jax.process_count(), 'progress': progress}
    saved = {'state': _with_fingerprint(state), 'input': iterator, 'about': about}
    self._policy.best[step] = progress.get('best_step')
    with _disk_full_as_input_error(self.directory):
      self._checkpointer.save_checkpointables_async(step, saved, force=True)

  def restore_latest(self, abstract: TrainState, iterator: Iterator) -> tuple[TrainState, JSON] | None:
    """The newest state that can be read, and its progress; sets `iterator` to its place. None: there is no checkpoint.

    A damaged checkpoint is set aside under another name, with a line in the log, and the one before it is read.

    Raises:
      InputError: it is of another config or number of processes, or none can be read.
    """
    damaged: dict[int, str] = {}
    for step in reversed(self.steps):
      restored, problem = self._try_restore(step, abstract, iterator)
      if restored is not None:
        self._set_aside(damaged)
        return restored
      logging.error('checkpoint %s is damaged (%s); trying the one before', self.directory / str(step), problem)
      damaged[step] = problem
    if damaged:
      step, problem = next(iter(damaged.items()))
      raise InputError(
        f'{self.directory}: none of checkpoints {sorted(damaged)} can be read ({step}: {problem}); '
        'choose another workdir, or remove them to start again'
      )
    return None

  def _try_restore(
    self, step: int, abstract: TrainState, iterator: Iterator
  ) -> tuple[tuple[TrainState, JSON] | None, str]:
    about, problem = _attempt(lambda: self._load(step, 'about', None))
    if about is None:
      return None, problem
    self._check_same_run(step, about)
    state, problem = _attempt(lambda: _verified(self._load(step, 'state', _abstract_with_fingerprint(abstract))))
    if state is None:
      return None, problem
    placed, problem = _attempt(lambda: self._load(step, 'input', iterator))
    return (None if placed is None else (state, about['progress'])), problem

  def _load(self, step: int, name: str, target: Any) -> Any:
    return self._checkpointer.load_checkpointables(step, {name: target})[name]

  def _check_same_run(self, step: int, about: JSON) -> None:
    path = self.directory / str(step)
    if different := differences(about['config'], self._config, self._may_change):
      raise InputError(f'{path} was made with another config: {"; ".join(different)}: undo that, or use a new workdir')
    if about['processes'] != jax.process_count():
      raise InputError(
        f'{path} was written by {about["processes"]} processes and this run has {jax.process_count()}: '
        'each process keeps its own place in the data, so resume with as many, or use a new workdir'
      )

  def _set_aside(self, damaged: dict[int, str]) -> None:
    if not damaged:
      return
    if jax.process_index() == 0:
      for step in damaged:
        (self.directory / str(step)).rename(self.directory / f'damaged-{step}-{time.time_ns()}')
    _sync('checkpoints set aside')
    self._checkpointer.reload()


def _context() -> ocp.Context:
  """Orbax with `about` as a JSON file; it would store a dict as arrays."""
  context = ocp.Context()
  context.checkpointables.registry = ocp.handlers.local_registry().add(
    ocp.handlers.JsonHandler, checkpointable_name='about'
  )
  return context


def load_state(directory: epath.PathLike, abstract: TrainState, which: str = 'best') -> TrainState:
  """The state of a run's `best` or `latest` checkpoint, on the mesh of `abstract`, whatever mesh wrote it.

  Raises:
    InputError: there is none, or it is damaged.
  """
  directory = epath.Path(directory).resolve()
  step = find_step(directory, which)
  want = {'state': _abstract_with_fingerprint(abstract)}
  with _context():
    state, problem = _attempt(lambda: _verified(ocp.load_checkpointables(directory / str(step), want)['state']))
  if state is None:
    raise InputError(f'checkpoint {directory / str(step)} cannot be read: {problem}')
  return state


def read_config(directory: epath.PathLike) -> JSON:
  """The resolved config of a run, from its latest checkpoint.

  Raises:
    InputError: there is no checkpoint, or it is damaged.
  """
  return _read_about(epath.Path(directory).resolve())['config']


def find_step(directory: epath.PathLike, which: str = 'best') -> int:
  """The step of the `best` or `latest` checkpoint; the latest is the best where nothing was evaluated.

  Raises:
    InputError: there is no checkpoint, or it is damaged.
  """
  directory = epath.Path(directory).resolve()
  if which not in ('best', 'latest'):
    raise InputError(f'checkpoint {which!r} is unknown: choose best or latest')
  latest = _latest_step(directory)
  best = _read_about(directory)['progress'].get('best_step')
  return latest if which == 'latest' or best is None else best


def _latest_step(directory: epath.Path) -> int:
  steps = [int(p.name) for p in directory.iterdir() if p.name.isdigit()] if directory.exists() else []
  if not steps:
    raise InputError(f'{directory}: there is no checkpoint; train first')
  return max(steps)


def _read_about(directory: epath.Path) -> JSON:
  path = directory / str(_latest_step(directory))
  with _context():
    about, problem = _attempt(lambda: ocp.load_checkpointables(path, {'about': None})['about'])
  if about is None:
    raise InputError(f'checkpoint {path} cannot be read: {problem}')
  return about


def differences(old: JSON, new: JSON, may_change: Sequence[str] = ()) -> list[str]:
  """'key was x, is y' for each leaf of two configs that differs, but for keys that match `may_change`."""
  old, new, absent = _flat(old), _flat(new), 'absent'
  return [
    f'{key} was {old.get(key, absent)!r}, is {new.get(key, absent)!r}'
    for key in sorted(old.keys() | new.keys())
    if old.get(key, absent) != new.get(key, absent) and not any(fnmatch.fnmatchcase(key, p) for p in may_change)
  ]


def _flat(tree: Any, prefix: str = '') -> dict[str, Any]:
  if isinstance(tree, dict) and tree:
    return {k: v for key, sub in tree.items() for k, v in _flat(sub, f'{prefix}{key}.').items()}
  return {prefix.rstrip('.'): list(tree) if isinstance(tree, tuple) else tree}


def _check_writable(directory: epath.Path) -> None:
  probe = directory / f'.writable-{jax.process_index()}'
  try:
    directory.mkdir(parents=True, exist_ok=True)
    probe.write_text('')
    probe.unlink()
  except OSError as error:
    raise InputError(f'{directory} cannot be written ({error.strerror or error}): choose another workdir') from error


@contextlib.contextmanager
def _disk_full_as_input_error(directory: epath.Path) -> Generator[None]:
  try:
    yield
  except Exception as error:
    # The writers beneath report a full disk in their own classes, with the system's text.
    if getattr(error, 'errno', None) == errno.ENOSPC or 'No space left on device' in str(error):
      raise InputError(
        f'{directory}: the disk is full; earlier checkpoints are intact: free space, then resume'
      ) from error
    raise


def _attempt(load: Any) -> tuple[Any, str]:
  """(result, '') where all processes succeed, else (None, the first line of what went wrong here)."""
  try:
    result, problem = load(), ''
  except Exception as error:  # noqa: BLE001 - which class a damaged file raises depends on the byte
    result, problem = None, f'{type(error).__name__}: {error}'.splitlines()[0][:160]
  if jax.process_count() > 1:
    fine = multihost_utils.process_allgather(np.asarray(result is not None))
    if not fine.all():
      result, problem = None, problem or 'another process cannot read it'
  return result, problem


def _sync(name: str) -> None:
  if jax.process_count() > 1:
    multihost_utils.sync_global_devices(name)


def _fingerprint(state: PyTree) -> UInt32[Array, 'leaf']:
  """The sum of each leaf's words modulo 2^32, in whatever order: one wrong byte changes it, another mesh does not."""

  def words(x: Array) -> Array:
    width = jnp.dtype(x.dtype).itemsize
    if x.dtype == bool:
      return x.astype(jnp.uint32)
    return jax.lax.bitcast_convert_type(x, {1: jnp.uint8, 2: jnp.uint16}.get(width, jnp.uint32)).astype(jnp.uint32)

  return jnp.stack([words(x).sum(dtype=jnp.uint32) for x in jax.tree.leaves(state)])


def _with_fingerprint(state: TrainState) -> PyTree:
  sharding = state.step.sharding
  assert isinstance(sharding, jax.sharding.NamedSharding), 'a state lies on a mesh'
  replicated = jax.sharding.NamedSharding(sharding.mesh, jax.sharding.PartitionSpec())
  return {'state': state, 'fingerprint': jax.jit(_fingerprint, out_shardings=replicated)(state)}


def _abstract_with_fingerprint(abstract: TrainState) -> PyTree:
  leaves = len(jax.tree.leaves(abstract))
  words = jax.ShapeDtypeStruct((leaves,), jnp.uint32, sharding=abstract.step.sharding)
  return {'state': abstract, 'fingerprint': words}


def _verified(loaded: PyTree) -> TrainState:
  fresh = jax.device_get(_with_fingerprint(loaded['state'])['fingerprint'])
  if (wrong := np.flatnonzero(fresh != jax.device_get(loaded['fingerprint']))).size:
    names = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(loaded['state'])]
    raise ValueError(f'the bytes of {names[wrong[0]]} are not those that were written')
  return loaded['state']
