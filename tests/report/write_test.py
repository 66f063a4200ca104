import pathlib

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.report import content, media, page
from sportjax.report.write import write_report


def names(folder):
  return sorted(path.name for path in folder.iterdir())


def test_report_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path, full_report):
  write_report(tmp_path / 'r', full_report)
  path = write_report(tmp_path / 'r', content.ReportContent('second'))
  assert path == tmp_path / 'r/report.html'
  assert 'second' in path.read_text()
  assert names(tmp_path) == ['r']
  assert names(tmp_path / 'r') == ['report.html']


def test_failing_report_leaves_the_one_before_untouched(tmp_path, full_report, monkeypatch):
  path = write_report(tmp_path / 'r', content.ReportContent('first'))

  def full_disk(self, clip):
    raise OSError(28, 'No space left on device')

  monkeypatch.setattr(media.Media, 'clip', full_disk)
  with pytest.raises(OSError, match='No space'):
    write_report(tmp_path / 'r', full_report)
  assert 'first' in path.read_text()
  assert names(tmp_path) == ['r']


def test_report_is_moved_into_place_whole(tmp_path, monkeypatch):
  built = []
  whole = page.page

  def watched(content, media):
    built.append(next(tmp_path.glob('*.partial')).stat().st_ino)
    assert not (tmp_path / 'r').exists()
    return whole(content, media)

  monkeypatch.setattr(page, 'page', watched)
  path = write_report(tmp_path / 'r', content.ReportContent('t'))
  assert [path.parent.stat().st_ino] == built


def test_report_comes_back_when_the_new_one_cannot_be_moved_in(tmp_path, monkeypatch):
  path = write_report(tmp_path / 'r', content.ReportContent('first'))
  rename = pathlib.Path.rename

  def refuse(self, target):
    if self.name == 'r.new.partial':
      raise PermissionError(13, 'Permission denied')
    return rename(self, target)

  monkeypatch.setattr(pathlib.Path, 'rename', refuse)
  with pytest.raises(PermissionError):
    write_report(tmp_path / 'r', content.ReportContent('second'))
  assert 'first' in path.read_text()
  assert names(tmp_path) == ['r']


def test_report_of_a_run_killed_between_the_renames_survives_a_failing_one(tmp_path, full_report, monkeypatch):
  path = write_report(tmp_path / 'r', content.ReportContent('first'))
  path.parent.rename(tmp_path / 'r.old.partial')
  monkeypatch.setattr(page, 'page', lambda content, media: 1 / 0)
  with pytest.raises(ZeroDivisionError):
    write_report(tmp_path / 'r', full_report)
  assert 'first' in path.read_text()


def test_leftovers_of_a_killed_run_do_not_matter(tmp_path):
  path = write_report(tmp_path / 'r', content.ReportContent('first'))
  (tmp_path / 'r.new.partial').mkdir()
  (tmp_path / 'r.new.partial/half.mp4').write_bytes(b'x')
  path.parent.rename(tmp_path / 'r.old.partial')  # killed between the two renames
  write_report(tmp_path / 'r', content.ReportContent('second'))
  assert 'second' in path.read_text()
  assert names(tmp_path) == ['r']


def test_folder_that_is_no_report_is_never_replaced(tmp_path):
  (tmp_path / 'mine').mkdir()
  (tmp_path / 'mine/thesis.txt').write_text('years of work')
  with pytest.raises(InputError, match='is no report'):
    write_report(tmp_path / 'mine', content.ReportContent('t'))
  assert (tmp_path / 'mine/thesis.txt').read_text() == 'years of work'


def test_same_content_gives_the_same_bytes(tmp_path, full_report):
  one, two = (write_report(tmp_path / name, full_report).parent for name in ('one', 'two'))
  files = sorted(path.relative_to(one) for path in one.rglob('*') if path.is_file())
  assert len(files) > 5
  for file in files:
    assert (one / file).read_bytes() == (two / file).read_bytes(), file


def test_tiny_and_odd_clips_are_shown(tmp_path, make_clip):
  clip = make_clip('one frame', 0, frames=1, height=33, width=7)
  alignment = content.Alignment('t', clip, clip, np.zeros((1, 1)), np.zeros((1, 2), int))
  query = content.RankedQuery(clip, (content.Ranking('pose', ()),))
  path = write_report(tmp_path / 'r', content.ReportContent('t', queries=(query,), alignments=(alignment,)))
  suffixes = sorted(file.suffix for file in (path.parent / 'media').iterdir())
  assert suffixes == ['.jpg', '.jpg', '.mp4', '.png']
