import dataclasses

import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.track import Track
from sportjax.video.crop import crop
from sportjax.video.decode import probe, read_frames
from sportjax.video.encode import write_video
from sportjax.video.flow import bytes_to_flow, flow, flow_to_bytes, subtract_median
from sportjax.video.strip import REFERENCE, CropParams, crops_of_track, previous_frames

BACKGROUND = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (160, 200, 3), dtype=np.uint8), (0, 0), 2)
PERSON = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (60, 40, 3), dtype=np.uint8), (0, 0), 2)
STRETCH = cv2.normalize(PERSON, None, 0, 255, cv2.NORM_MINMAX)


def film(path, n=20, step_ms=40.0, speed=2):
  """A textured rectangle that moves `speed` px to the right a frame over a still texture."""
  frames = []
  for i in range(n):
    image = cv2.normalize(BACKGROUND, None, 0, 255, cv2.NORM_MINMAX)
    image[50:110, 40 + speed * i : 80 + speed * i] = STRETCH
    frames.append(image)
  write_video(path, frames, np.arange(n) * step_ms, crf=8)
  frame = np.arange(n)
  boxes = np.stack([40 + speed * frame, 50 + 0 * frame, 80 + speed * frame, 110 + 0 * frame], 1).astype(np.float32)
  return Track(
    id='a', video=str(path), frame=frame, t_ms=frame * step_ms, boxes=boxes, keypoints=np.zeros((n, 0, 3), np.float32),
    skeleton='coco17', image_size=(200, 160), source='made',
  )  # fmt: skip


def rows(track, keep):
  return dataclasses.replace(
    track, frame=track.frame[keep], t_ms=track.t_ms[keep], boxes=track.boxes[keep], keypoints=track.keypoints[keep]
  )


@pytest.mark.parametrize(('step_ms', 'frames_apart'), [(40.0, 1), (20.0, 2), (10.0, 4)])
def test_flow_spans_the_gap_in_time_whatever_the_rate(tmp_path, step_ms, frames_apart):
  track = film(tmp_path / 'v.mp4', step_ms=step_ms)
  crops = list(crops_of_track(track))
  assert [crop.frame for crop in crops] == list(range(20))
  np.testing.assert_allclose([crop.t_ms for crop in crops], track.t_ms, atol=0.01)
  planes = crops[12].planes
  assert planes.shape == (128, 128, 6)
  side = 60 + 50  # longer side and 25 px on each side
  motion = bytes_to_flow(planes[..., 3:5])
  person = motion[45:83, 50:78]
  np.testing.assert_allclose(np.median(person, axis=(0, 1)), [2 * frames_apart * 128 / side, 0], atol=0.3)
  np.testing.assert_allclose(np.median(motion[:20], axis=(0, 1)), 0, atol=0.1)
  assert (crops[0].planes[..., 3:5] == 128).all()


def test_first_frame_of_a_later_track_takes_its_flow_from_the_frame_before(tmp_path):
  track = film(tmp_path / 'v.mp4')
  whole = {crop.frame: crop.planes for crop in crops_of_track(rows(track, np.arange(9, 15)))}
  later = next(iter(crops_of_track(rows(track, np.array([10])))))
  assert (later.planes[..., 3:5] != 128).any()
  assert np.abs(later.planes[..., 3:5].astype(int) - whole[10][..., 3:5]).mean() < 3  # boxes differ by the union


def test_only_frames_of_the_track_are_yielded_and_read(tmp_path, monkeypatch):
  track = rows(film(tmp_path / 'v.mp4'), np.array([5, 6, 9, 12]))
  import sportjax.video.strip as module

  seen = []

  def spy(info, *, start, stop, lost):
    seen.append((start, stop))
    return read_frames(info, start=start, stop=stop, lost=lost)

  monkeypatch.setattr(module, 'read_frames', spy)
  assert [crop.frame for crop in crops_of_track(track, params=CropParams(size=32))] == [5, 6, 9, 12]
  assert seen == [(4, 13)]


def test_masks_are_cut_by_the_same_box_and_absent_ones_said_to_be(tmp_path):
  track = film(tmp_path / 'v.mp4')
  mask = np.zeros((160, 200), bool)
  mask[50:110, 44:84] = True  # the person of frame 2
  crops = list(crops_of_track(rows(track, np.array([2, 3])), masks={2: mask}, params=CropParams(size=110)))
  assert [crop.has_mask for crop in crops] == [True, False]
  plane = crops[0].planes[..., 5]
  assert set(np.unique(plane)) == {0, 255}
  assert (plane == 255).sum() == 40 * 60
  assert (plane[25:85, 35:75] == 255).all()
  assert (crops[1].planes[..., 5] == 0).all()


def test_previous_frames_equal_brute_force():
  rng = np.random.default_rng(0)
  for gap in (0.0, 8, 40, 500):
    for n in (1, 2, 3, 30):
      t_ms = np.cumsum(rng.uniform(1, 60, n))
      got = previous_frames(t_ms, gap)
      for frame in range(n):
        earlier = np.arange(max(frame, 1))
        best = np.abs(t_ms[earlier] - (t_ms[frame] - gap)).min()
        assert got[frame] in earlier
        assert abs(t_ms[got[frame]] - (t_ms[frame] - gap)) == pytest.approx(best)


def test_track_of_another_video_is_refused(tmp_path):
  track = film(tmp_path / 'v.mp4')
  with pytest.raises(InputError, match=r'200x160 pixels, but track .* of 100x80'):
    crops_of_track(dataclasses.replace(track, image_size=(100, 80)))
  with pytest.raises(InputError, match='20 frames, but .* frames 1 to 20; give the keypoints of this very video'):
    crops_of_track(dataclasses.replace(track, frame=track.frame + 1))


def test_empty_track_yields_nothing(tmp_path):
  assert list(crops_of_track(rows(film(tmp_path / 'v.mp4'), np.zeros(0, int)))) == []


def test_damaged_frames_are_listed_and_the_rest_is_cut(tmp_path):
  import av

  track = film(tmp_path / 'v.mp4', n=40)
  with av.open(track.video) as container:
    places = sorted((p.pos, p.size) for p in container.demux(video=0) if p.size)
  data = bytearray((tmp_path / 'v.mp4').read_bytes())
  position, size = places[14]
  data[position : position + size] = np.random.RandomState(1).bytes(size)
  (tmp_path / 'v.mp4').write_bytes(data)
  lost = []
  got = [crop.frame for crop in crops_of_track(track, params=CropParams(size=32), lost=lost)]
  assert lost
  assert sorted(got + lost) == list(range(probe(track.video).n_frames))
  with pytest.raises(InputError, match='do not decode'):
    list(crops_of_track(track, params=CropParams(size=32)))


def test_the_reference_pads_less_rounds_and_leaves_the_pan(tmp_path):
  track = film(tmp_path / 'v.mp4')
  params = dataclasses.replace(REFERENCE, size=64)
  crops = list(crops_of_track(track, params=params))
  # The person of 40 x 60 px, two frames' union 42 wide, its middle at 61 of frame 1: a tenth more on each side.
  np.testing.assert_array_equal(crops[1].box, [31 - 6, 50 - 6, 91 + 6, 110 + 6])
  images = [image for _, _, image in read_frames(probe(tmp_path / 'v.mp4'))]
  earlier, current = (crop(image, crops[1].box, 64, 'reference') for image in images[:2])
  np.testing.assert_array_equal(crops[1].planes[..., :3], current)
  np.testing.assert_array_equal(crops[1].planes[..., 3:5], flow_to_bytes(flow(earlier, current)))
  kept = next(
    crop for crop in crops_of_track(track, params=dataclasses.replace(params, subtract_median=True)) if crop.frame
  )
  np.testing.assert_array_equal(kept.planes[..., 3:5], flow_to_bytes(subtract_median(flow(earlier, current))))


def test_a_gap_of_nothing_is_one_frame_as_where_the_reference_is_given_no_rate():
  np.testing.assert_array_equal(previous_frames(np.arange(5) * 20.0, 0.0), [0, 0, 1, 2, 3])
