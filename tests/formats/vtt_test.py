import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import vtt
from sportjax.formats.vtt import Cue


def test_read_vtt_written_by_hand(golden):
  assert vtt.read_cues(golden / 'vtt' / 'by_hand.vtt') == (
    Cue(1000, 2500, 'Bend your knees & wait'),
    Cue(3603250, 3604000, 'Now jump,\nstraight up.'),
  )


def test_read_vtt_that_rolls_up(golden):
  assert vtt.read_cues(golden / 'vtt' / 'rolling.en.vtt') == (
    Cue(160, 2389, 'hi everyone bend your'),
    Cue(2399, 4630, 'knees and wait'),
    Cue(4640, 6000, 'then jump'),
  )


def test_read_srt_keeps_what_is_said_twice(golden):
  assert vtt.read_cues(golden / 'vtt' / 'subrip.srt') == (
    Cue(1000, 2500, 'Bend your knees\nand wait.'),
    Cue(3250, 4000, 'No, no'),
    Cue(4000, 5000, 'No, no'),
  )


def test_vtt_and_srt_read_back_what_was_written(tmp_path):
  rng = np.random.default_rng(0)
  starts = np.cumsum(rng.integers(100, 2_000_000, 40)).tolist()
  words = ['knees', 'R&D', 'a < b', "don't", 'ünter', '3 --> 4', 'hips,\nthen arms']
  cues = tuple(Cue(at, at + 90, ' '.join(rng.choice(words, 3))) for at in starts)
  vtt.write_vtt(tmp_path / 'a.vtt', cues)
  assert vtt.read_cues(tmp_path / 'a.vtt') == cues
  plain = tuple(Cue(at, at + 90, 'Bend your knees,\nand wait.') for at in starts)
  vtt.write_srt(tmp_path / 'a.srt', plain)
  assert vtt.read_cues(tmp_path / 'a.srt') == plain
  assert (tmp_path / 'a.srt').read_text().startswith('1\n00:')


def test_a_file_without_cues(tmp_path):
  vtt.write_vtt(tmp_path / 'a.vtt', ())
  assert vtt.read_cues(tmp_path / 'a.vtt') == ()


def test_cues_come_in_order_of_time(tmp_path):
  (tmp_path / 'a.vtt').write_text('WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n')
  assert [cue.text for cue in vtt.read_cues(tmp_path / 'a.vtt')] == ['a', 'b']


@pytest.mark.parametrize(
  ('content', 'message'),
  [
    ('{"text": "hi"}\n', 'neither WebVTT'),
    ('WEBVTT\n\n00:01 --> 00:02.000\nhi\n', 'line 3 has no times that can be read'),
    ('WEBVTT\n\n00:03.000 --> 00:02.000\nhi\n', 'line 3: the cue ends before it starts'),
    ('WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n\nlost words\n', "line 6 belongs to no cue .'lost words'."),
    ('WEBVTT\n00:01.000 --> 00:02.000\nhi\n', 'line 2: a cue within the header'),
    ('\n\n', 'the file is empty'),
  ],
)
def test_read_cues_bad_file(tmp_path, content, message):
  (tmp_path / 'a.vtt').write_text(content)
  with pytest.raises(InputError, match=message):
    vtt.read_cues(tmp_path / 'a.vtt')


@pytest.mark.parametrize('cue', [Cue(5, 4, 'hi'), Cue(-1, 4, 'hi'), Cue(0, 4, ' \n'), Cue(float('nan'), 4, 'hi')])
def test_write_refuses_cues_that_cannot_be(tmp_path, cue):
  with pytest.raises(InputError, match='has no text or ends before it starts'):
    vtt.write_vtt(tmp_path / 'a.vtt', [cue])
  with pytest.raises(InputError, match='has an arrow'):
    vtt.write_srt(tmp_path / 'a.srt', [Cue(0, 1, '1 --> 2')])
