import json

import numpy as np
import pytest
from tensorboardX.proto import event_pb2

from sportjax.train.writer import FILE, Writer, read_metrics


def events(folder):
  """Scalars of all event files: tag, step, value. The record framing is length, crc, data, crc."""
  found = []
  for path in sorted((folder / 'events').iterdir()):
    data, at = path.read_bytes(), 0
    while at < len(data):
      size = int.from_bytes(data[at : at + 8], 'little')
      event = event_pb2.Event.FromString(data[at + 12 : at + 12 + size])
      found += [(v.tag, event.step, v.simple_value) for v in event.summary.value]
      at += 16 + size
  return found


def test_lines_and_events(tmp_path):
  with Writer(tmp_path) as writer:
    writer.write(1, {'train/loss': 2.5})
    writer.write(2, {'train/loss': np.float32(1.5), 'val/loss': 3})
  lines = [json.loads(text) for text in (tmp_path / FILE).read_text().splitlines()]
  assert [(m['step'], m['train/loss']) for m in lines] == [(1, 2.5), (2, 1.5)]
  assert lines[1]['val/loss'] == 3
  assert writer.history == lines
  assert events(tmp_path) == [('train/loss', 1, 2.5), ('train/loss', 2, 1.5), ('val/loss', 2, 3.0)]


def test_resume_drops_lines_past_its_step(tmp_path):
  with Writer(tmp_path) as writer:
    for step in range(1, 6):
      writer.write(step, {'loss': step})
  with (tmp_path / FILE).open('a') as file:
    file.write('{"step": 6, "lo')  # killed while writing
  with Writer(tmp_path, resume_step=3) as writer:
    assert [m['step'] for m in writer.history] == [1, 2, 3]
    writer.write(4, {'loss': 40})
  assert [(m['step'], m['loss']) for m in read_metrics(tmp_path)] == [(1, 1), (2, 2), (3, 3), (4, 40)]


def test_fresh_run_starts_an_empty_file(tmp_path):
  with Writer(tmp_path) as writer:
    writer.write(1, {'loss': 1.0})
  with Writer(tmp_path) as writer:
    assert writer.history == []
  assert read_metrics(tmp_path) == []


def test_not_finite_is_null(tmp_path):
  with Writer(tmp_path) as writer:
    writer.write(1, {'a': float('nan'), 'b': float('inf'), 'c': 1.0})
  (line,) = (tmp_path / FILE).read_text().splitlines()
  json.loads(line, parse_constant=lambda name: pytest.fail(f'{name} is not JSON'))
  assert (read_metrics(tmp_path)[0]['a'], read_metrics(tmp_path)[0]['b']) == (None, None)


def test_other_processes_write_nothing(tmp_path):
  with Writer(tmp_path / 'run', write=False) as writer:
    writer.write(1, {'a': 1.0})
  assert writer.history[0]['a'] == 1.0
  assert not (tmp_path / 'run').exists()
