import av
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.filming.take import coco_17, write_take


def _frames(motion, **options):
  rng = np.random.default_rng(0)
  return film(motion, sample_appearance(rng, 'target', 'hall'), sample_shot(rng, 'hall'), rng, **options)


def test_write_take_video_and_truth_agree_with_the_frames(new_motion, tmp_path):
  frames = list(_frames(new_motion(seconds=0.5), flow=True))
  path = tmp_path / 'somersault.mp4'
  assert write_take(path, iter(frames), crf=18) == len(frames)
  with av.open(str(path)) as container:
    decoded = [(1000 * float(frame.time), frame.to_ndarray(format='rgb24')) for frame in container.decode(video=0)]
  truth = np.load(tmp_path / 'truth.npz', allow_pickle=False)
  np.testing.assert_allclose(truth['t_ms'], [frame.t_ms for frame in frames])
  assert len(decoded) == len(frames)
  for i, frame in enumerate(frames):
    assert np.abs(decoded[i][1].astype(int) - frame.rgb).mean() < 12
    np.testing.assert_array_equal(np.unpackbits(truth['mask'][i], axis=-1).astype(bool), frame.mask)
    np.testing.assert_array_equal(truth['coco_17'][i], coco_17(frame))
    np.testing.assert_allclose(truth['flow'][i], frame.flow, atol=0.05)
    np.testing.assert_array_equal(truth['bystander_boxes'][truth['bystander_frame'] == i], frame.bystander_boxes)
  steps = np.diff([t for t, _ in decoded])
  np.testing.assert_allclose(steps, 40, atol=0.1)
  assert sorted(file.name for file in tmp_path.iterdir()) == ['somersault.mp4', 'truth.npz']


def test_write_take_without_frames_is_refused(tmp_path):
  with pytest.raises(InputError):
    write_take(tmp_path / 'none.mp4', iter(()))
  assert not list(tmp_path.iterdir())
