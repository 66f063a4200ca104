from fractions import Fraction

import av
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.decode import probe, read_frames

VFR_MS = np.array([0, 40, 60, 90, 200, 210, 215, 300, 333, 400, 401, 450, 500, 700, 710, 720, 800, 1000, 1100, 1111])
B_FRAMES = {'bf': '3', 'keyint': '7', 'crf': '10'}


def numbers(frames, number_of):
  return [(index, t_ms, number_of(image)) for index, t_ms, image in frames]


@pytest.mark.parametrize('offset_ms', [0, 1234])
@pytest.mark.parametrize('name', ['vfr.mp4', 'vfr.mkv', 'vfr.ts'])
def test_variable_rate_with_b_frames_keeps_the_containers_times_and_the_order(make_video, number_of, name, offset_ms):
  path = make_video(name, VFR_MS + offset_ms, options={'x264-params': 'bframes=3:keyint=7'})
  info = probe(path)
  frames = numbers(read_frames(path), number_of)
  muxer_delay = info.t_ms[0] - VFR_MS[0]  # MPEG-TS starts its clock where it likes
  assert name == 'vfr.ts' or muxer_delay == pytest.approx(offset_ms, abs=0.1)
  np.testing.assert_allclose(info.t_ms - muxer_delay, VFR_MS, atol=0.1)
  assert frames == [(index, info.t_ms[index], index) for index in range(len(VFR_MS))]
  assert info.variable_rate
  assert info.n_frames == len(VFR_MS)


def test_constant_rate_in_millisecond_ticks_is_not_variable(make_video):
  info = probe(make_video('cfr.mkv', np.rint(np.arange(31) * 1000 / 30)))
  assert not info.variable_rate
  assert info.nominal_fps == pytest.approx(30, rel=1e-3)


@pytest.mark.parametrize('x264', ['bframes=3:keyint=7', 'bframes=5:keyint=6:open-gop=1', 'bframes=0:keyint=1'])
@pytest.mark.parametrize('name', ['seek.mp4', 'seek.mkv'])
def test_every_start_yields_that_very_frame(make_video, number_of, name, x264):
  path = make_video(name, VFR_MS, options={'x264-params': x264})
  info = probe(path)
  for start in range(info.n_frames):
    got = numbers(read_frames(info, start=start, stop=min(start + 3, info.n_frames)), number_of)
    assert got == [(i, info.t_ms[i], i) for i in range(start, min(start + 3, info.n_frames))]


def test_later_start_does_not_decode_from_the_beginning(make_video, monkeypatch):
  path = make_video('long.mp4', np.arange(200) * 40, options={'x264-params': 'bframes=2:keyint=10:scenecut=0'})
  info = probe(path)
  decoded = []
  import sportjax.video.decode as module

  decode = module._decode
  monkeypatch.setattr(module, '_decode', lambda *a: (decoded.append(f.pts) or f for f in decode(*a)))
  assert [i for i, *_ in read_frames(info, start=150, stop=152)] == [150, 151]
  assert len(decoded) < 20


@pytest.mark.parametrize('rotation', [0, 90, 180, -90])
@pytest.mark.parametrize('hflip', [False, True])
def test_display_matrix_is_applied(make_video, numbered_frame, rotation, hflip):
  path = make_video('r.mp4', [0, 40], rotation=rotation, hflip=hflip, options={'crf': '1'})
  info = probe(path)
  stored = numbered_frame(0)
  upright = np.rot90(stored, rotation // 90)
  upright = upright[:, ::-1] if hflip else upright
  _, _, image = next(read_frames(path))
  assert image.shape == upright.shape == (info.height, info.width, 3)
  assert np.abs(image.astype(int) - upright).mean() < 6
  if not hflip:
    assert info.rotation == -rotation % 360


@pytest.mark.parametrize(
  ('codec', 'pix_fmt', 'name', 'size'),
  [
    ('ffv1', 'gray', 'gray.mkv', (48, 64)),
    ('ffv1', 'yuv420p10le', 'ten.mkv', (48, 64)),
    ('ffv1', 'yuv444p', 'odd.mkv', (47, 63)),
    ('libvpx-vp9', 'yuv420p', 'odd.webm', (47, 63)),
    ('libx264', 'yuv420p10le', 'ten.mp4', (48, 64)),
    ('mpeg4', 'yuv420p', 'no_pts.avi', (48, 64)),
    ('libx264', 'yuv420p', 'b_frames.avi', (48, 64)),
    ('mpeg2video', 'yuv420p', 'programme.mpg', (48, 64)),
    ('mjpeg', 'yuvj420p', 'full_range.avi', (48, 64)),
  ],
)
def test_formats_decode_to_rgb_of_their_own_size(make_video, number_of, numbered_frame, codec, pix_fmt, name, size):
  path = make_video(name, np.arange(9), codec=codec, pix_fmt=pix_fmt, size=size, time_base=Fraction(1, 25))
  info = probe(path)
  frames = list(read_frames(path))
  assert [number_of(image) for *_, image in frames] == list(range(9))
  assert [index for index, *_ in frames] == list(range(9))
  assert (info.height, info.width) == size
  np.testing.assert_allclose(np.diff(info.t_ms), 40, atol=0.6)
  image = frames[3][2]
  assert image.dtype == np.uint8
  assert image.shape == (*size, 3)
  want = numbered_frame(3, *size).astype(int)
  gray = pix_fmt == 'gray'
  np.testing.assert_allclose(image[4:-4:8, 4:20], want[4:-4:8, 4:20], atol=30)
  assert gray or np.abs(image[:, 40:] - want[:, 40:]).mean() < 12


def test_range_outside_the_video_is_refused(make_video):
  path = make_video('short.mp4', np.arange(5) * 40)
  with pytest.raises(InputError, match=r'short\.mp4: frames 3 to 6 asked for, the video has 5'):
    read_frames(path, start=3, stop=6)
  assert list(read_frames(path, start=2, stop=2)) == []


@pytest.mark.parametrize('options', [{'movflags': '+faststart'}, {}, {'movflags': '+frag_keyframe+empty_moov'}])
@pytest.mark.parametrize('kept', [0.02, 0.3, 0.6, 0.9, 0.97])
def test_truncated_mp4_is_refused_by_name(make_video, options, kept):
  path = make_video('cut.mp4', np.arange(60) * 40, container_options=options)
  whole = path.read_bytes()
  path.write_bytes(whole[: int(len(whole) * kept)])
  with pytest.raises(InputError, match=r'cut\.mp4: .*get the whole file again') as error:
    list(read_frames(path))
  assert '\n' not in str(error.value)


@pytest.mark.parametrize(
  ('name', 'content', 'says'),
  [
    ('empty.mp4', b'', 'empty'),
    ('words.mp4', b'this is not a video' * 50, 'not a video'),
    ('noise.mp4', np.random.RandomState(0).bytes(5000), 'not a video'),
  ],
)
def test_what_is_not_a_video_is_refused(tmp_path, name, content, says):
  path = tmp_path / name
  path.write_bytes(content)
  with pytest.raises(InputError, match=rf'{name}: .*{says}'):
    probe(path)


def test_missing_file_and_folder_are_refused(tmp_path):
  for path in (tmp_path / 'nowhere.mp4', tmp_path):
    with pytest.raises(InputError, match='no such file'):
      probe(path)


def test_sound_without_pictures_is_refused(tmp_path):
  path = tmp_path / 'sound.mp4'
  with av.open(str(path), 'w') as container:
    stream = container.add_stream('aac', rate=8000)
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format='fltp', layout='mono')
    frame.sample_rate = 8000
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
  with pytest.raises(InputError, match='holds no video stream'):
    probe(path)


@pytest.mark.parametrize('x264', ['bframes=0', 'bframes=2', 'bframes=4:b-pyramid=none', 'bframes=3:open-gop=1'])
@pytest.mark.parametrize('hurt', [0, 1, 20, 31, 33, 59])
def test_damaged_frames_and_all_built_on_them_are_listed_and_never_shown(make_video, x264, hurt):
  path = make_video('hurt.mp4', np.arange(60) * 40, options={'x264-params': f'keyint=10:scenecut=0:{x264}'})
  sound = {index: image for index, _, image in read_frames(path)}
  with av.open(str(path)) as container:
    places = sorted((p.pos, p.size) for p in container.demux(video=0) if p.size)
  data = bytearray(path.read_bytes())
  position, size = places[hurt]
  data[position : position + size] = np.random.RandomState(hurt).bytes(size)
  path.write_bytes(data)
  lost = []
  try:
    info = probe(path)
  except InputError:
    assert hurt == 0  # not even the first keyframe's headers
    return
  got = {index: image for index, _, image in read_frames(info, lost=lost)}
  assert 1 <= len(lost) <= 20
  assert sorted([*got, *lost]) == list(range(60))
  for index, image in got.items():
    np.testing.assert_array_equal(image, sound[index])
  with pytest.raises(InputError, match=rf'{len(lost)} frames do not decode, the first is {lost[0]}'):
    list(read_frames(info))
  some = [index for index, *_ in read_frames(info, start=lost[-1] + 1 if lost[-1] < 59 else 0, stop=None, lost=[])]
  assert set(some) <= set(got)


def test_damaged_avi_is_refused_as_it_cannot_tell_which_frame(make_video):
  path = make_video('hurt.avi', np.arange(30), options={'x264-params': 'bframes=0'}, time_base=Fraction(1, 25))
  with av.open(str(path)) as container:
    places = sorted((p.pos, p.size) for p in container.demux(video=0) if p.size)
  data = bytearray(path.read_bytes())
  position, size = places[14]
  data[position : position + size] = np.random.RandomState(1).bytes(size)
  path.write_bytes(data)
  with pytest.raises(InputError, match='an AVI does not tell which'):
    list(read_frames(path, lost=[]))


def test_real_phone_and_camera_files(shared_data):
  clips = shared_data / 'video_clips'
  for name, frames, size, fps, audio in [
    ('football_juggling.mp4', 247, (1280, 720), 24, False),
    ('park_walk_jump.mp4', 230, (1768, 994), 30, True),
    ('beam_four_views/cam01.mp4', 100, (1080, 1920), 60, False),
  ]:
    info = probe(clips / name)
    assert (info.n_frames, info.size, info.audio) == (frames, size, audio)
    assert info.nominal_fps == pytest.approx(fps, rel=1e-3)
    index, t_ms, image = next(read_frames(info, start=9))
    assert (index, image.shape) == (9, (size[1], size[0], 3))
    assert t_ms == pytest.approx(9 * 1000 / fps, abs=0.5)
