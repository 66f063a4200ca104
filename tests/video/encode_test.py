import av
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.encode import write_video


def stream_duration_ms(path):
  with av.open(str(path)) as container:
    stream = container.streams.video[0]
    return float(stream.duration * stream.time_base * 1000)


def decoded(path):
  """Times, durations and pictures by PyAV alone."""
  with av.open(str(path)) as container:
    base = float(container.streams.video[0].time_base * 1000)
    return [(f.pts * base, f.duration * base, f.to_ndarray(format='rgb24')) for f in container.decode(video=0)]


def test_times_survive_to_a_hundredth_of_a_millisecond(tmp_path, numbered_frame, number_of):
  t_ms = 1000 + np.cumsum(np.random.default_rng(0).uniform(5, 70, 50))
  assert write_video(tmp_path / 'v.mp4', (numbered_frame(i) for i in range(50)), t_ms) == 50
  frames = decoded(tmp_path / 'v.mp4')
  np.testing.assert_allclose([t for t, *_ in frames], t_ms, atol=0.01)
  np.testing.assert_allclose([d for _, d, _ in frames[:-1]], np.diff(t_ms), atol=0.02)
  assert frames[-1][1] == pytest.approx(t_ms[-1] - t_ms[-2], abs=0.02)
  assert stream_duration_ms(tmp_path / 'v.mp4') == pytest.approx(t_ms[-1] + frames[-1][1] - t_ms[0], abs=0.1)
  assert [number_of(image) for *_, image in frames] == list(range(50))


@pytest.mark.parametrize('fps', [24, 25, 30, 50, 59.94, 60, 120])
def test_usual_rates_are_regular(tmp_path, numbered_frame, fps):
  write_video(tmp_path / 'v.mp4', (numbered_frame(i) for i in range(12)), np.arange(12) * 1000 / fps)
  np.testing.assert_allclose(np.diff([t for t, *_ in decoded(tmp_path / 'v.mp4')]), 1000 / fps, atol=0.012)


@pytest.mark.parametrize('size', [(48, 64), (47, 64), (48, 63), (1, 1)])
def test_odd_sizes_are_padded_at_the_bottom_and_right(tmp_path, size):
  image = np.full((*size, 3), (200, 90, 40), np.uint8)
  write_video(tmp_path / 'v.mp4', [image], [0.0])
  ((_, _, got),) = decoded(tmp_path / 'v.mp4')
  assert got.shape[:2] == tuple(side + side % 2 for side in size)
  np.testing.assert_allclose(got.astype(int), np.broadcast_to((200, 90, 40), got.shape), atol=4)


@pytest.mark.parametrize('colour', [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255), (30, 140, 220)])
def test_colours_survive_and_are_tagged(tmp_path, colour):
  write_video(tmp_path / 'v.mp4', [np.full((32, 32, 3), colour, np.uint8)] * 3, [0, 40, 80], crf=10)
  *_, image = decoded(tmp_path / 'v.mp4')[1]
  np.testing.assert_allclose(image.reshape(-1, 3).mean(0), colour, atol=3)
  with av.open(str(tmp_path / 'v.mp4')) as container:
    frame = next(container.decode(video=0))
    assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (6, 6, 5, 1)


def test_browsers_can_play_and_seek(tmp_path, numbered_frame):
  write_video(tmp_path / 'v.mp4', (numbered_frame(i) for i in range(60)), np.arange(60) * 40.0, gop=12)
  data = (tmp_path / 'v.mp4').read_bytes()
  assert 0 < data.find(b'moov') < data.find(b'mdat')
  with av.open(str(tmp_path / 'v.mp4')) as container:
    assert container.streams.video[0].codec_context.pix_fmt == 'yuv420p'
    keys = sorted(p.pts * p.time_base * 25 for p in container.demux(video=0) if p.size and p.is_keyframe)
  assert max(np.diff([*keys, 60])) <= 12


def test_same_frames_give_the_same_bytes(tmp_path, numbered_frame):
  for name in 'ab':
    write_video(tmp_path / f'{name}.mp4', (numbered_frame(i) for i in range(20)), np.arange(20) * 40.0)
  assert (tmp_path / 'a.mp4').read_bytes() == (tmp_path / 'b.mp4').read_bytes()


def failing(numbered_frame):
  yield numbered_frame(0)
  yield numbered_frame(1)
  raise RuntimeError('the film tore')


def test_failure_leaves_the_old_file_and_no_other(tmp_path, numbered_frame):
  path = tmp_path / 'v.mp4'
  write_video(path, [numbered_frame(0)], [0])
  before = path.read_bytes()
  with pytest.raises(RuntimeError, match='the film tore'):
    write_video(path, failing(numbered_frame), [0, 40, 80])
  assert path.read_bytes() == before
  assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
  ('count', 'times', 'says'),
  [
    (0, [], 'no frames'),
    (3, [0, 40], 'times'),
    (2, [0, 40, 80], 'more times than frames'),
    (3, [0, 40, 40], 'does not come after'),
    (2, [40, 0], 'does not come after'),
    (2, [0, float('nan')], 'is not a number'),
  ],
)
def test_bad_times_are_refused_and_leave_nothing(tmp_path, numbered_frame, count, times, says):
  with pytest.raises(InputError, match=rf'v\.mp4: .*{says}'):
    write_video(tmp_path / 'v.mp4', [numbered_frame(i) for i in range(count)], times)
  assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
  'second', [np.zeros((10, 12, 3), np.uint8), np.zeros((10, 10, 3)), np.zeros((10, 10), np.uint8)]
)
def test_frames_of_another_shape_are_refused(tmp_path, second):
  with pytest.raises(InputError, match='frame 1 is'):
    write_video(tmp_path / 'v.mp4', [np.zeros((10, 10, 3), np.uint8), second], [0, 40])
