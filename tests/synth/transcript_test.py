"""Recognised transcripts: as many errors as asked for, out of step as asked for."""

import dataclasses

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import vtt
from sportjax.synth.mishearing import plain, sound_alikes
from sportjax.synth.speech import Spoken, Voice, sample_voice, speaking_s, word_starts_ms
from sportjax.synth.transcript import Recogniser, recognise, sample_recogniser
from sportjax.text import feedback, filler, howto
from sportjax.text.phrases import Sentence


def _track(count, seed=0, voice=Voice()):  # noqa: B008
  rng = np.random.default_rng(seed)
  said = []
  while len(said) < count:
    sport, label = howto.known()[int(rng.integers(len(howto.known())))]
    said += howto.sentences(sport, label, 2, rng)
    said += filler.sentences(1, rng)
    said += feedback.correction(feedback.known()[int(rng.integers(17))], rng)
  out, now_ms = [], 1000.0
  for sentence in said[:count]:
    end_ms = now_ms + 1000 * speaking_s(sentence.text, voice)
    out.append(Spoken(sentence, now_ms, end_ms))
    now_ms = end_ms + 1000 * rng.uniform(*voice.pause_s)
  return out


def _words(spoken):
  return [plain(word) for said in spoken for word in said.sentence.text.split()]


def _heard(cues):
  return [plain(word) for cue in cues for word in cue.text.split()]


def _edits(a, b):
  """Levenshtein distance of two lists of words."""
  row = np.arange(len(b) + 1)
  ids = {word: i for i, word in enumerate({*a, *b})}
  b = np.array([ids[word] for word in b], int)
  for i, word in enumerate(a, start=1):
    step = np.minimum(row[1:] + 1, row[:-1] + (b != ids[word]))
    # Insertions run along the row.
    costs = np.concatenate([[i], step]) - np.arange(len(row))
    row = np.minimum.accumulate(costs) + np.arange(len(row))
  return int(row[-1])


def test_edits_are_levenshtein():
  assert _edits(list('abcd'), list('axc')) == 2
  assert _edits([], ['a', 'b']) == 2
  assert _edits(list('kitten'), list('sitting')) == 3


@pytest.mark.parametrize('wer', [0.0, 0.05, 0.15, 0.4])
def test_measured_word_error_rate_is_the_setting(wer):
  track = _track(400)
  cues = recognise(track, Recogniser(wer=wer), np.random.default_rng(1))
  said = _words(track)
  rate = _edits(said, _heard(cues)) / len(said)
  spread = np.sqrt(wer * (1 - wer) / len(said))
  # Neighbouring errors can share an edit, so many errors count a little less.
  assert wer - 4 * spread - 0.06 * wer <= rate <= wer + 4 * spread


@pytest.mark.parametrize(('shares', 'change'), [((1, 0, 0), 0), ((0, 1, 0), -1), ((0, 0, 1), 1)])
def test_errors_are_of_the_kind_asked_for(shares, change):
  track = _track(100)
  heard = _heard(recognise(track, Recogniser(wer=0.3, shares=shares), np.random.default_rng(2)))
  assert np.sign(len(heard) - len(_words(track))) == change


def test_times_are_offset_drift_and_jitter():
  track = _track(300)
  true_ms = np.concatenate([word_starts_ms(said) for said in track])
  one = Recogniser(wer=0, cue_words=(1, 1))
  exact = np.array([cue.start_ms for cue in recognise(track, one, np.random.default_rng(0))])
  np.testing.assert_allclose(exact, true_ms, atol=0.51)
  moved = recognise(track, dataclasses.replace(one, offset_ms=900, drift=0.01), np.random.default_rng(0))
  np.testing.assert_allclose([cue.start_ms for cue in moved], 1.01 * true_ms + 900, atol=0.51)
  shaken = recognise(track, dataclasses.replace(one, jitter_ms=300), np.random.default_rng(0))
  first = np.cumsum([0, *(len(said.sentence.text.split()) for said in track)])[:-1]
  late = np.array([cue.start_ms for cue in shaken])[first] - true_ms[first]
  assert 240 < late.std() < 360
  assert abs(late.mean()) < 60


def test_an_early_recogniser_starts_no_cue_before_zero(tmp_path):
  cues = recognise(_track(10), Recogniser(offset_ms=-5000), np.random.default_rng(0))
  assert cues[0].start_ms == 0
  starts = [cue.start_ms for cue in cues]
  assert starts == sorted(starts)
  vtt.write_vtt(tmp_path / 'a.vtt', cues)
  assert [cue.text for cue in vtt.read_cues(tmp_path / 'a.vtt')] == [cue.text for cue in cues]


def test_cues_break_by_count_and_at_silence():
  track = _track(60)
  cues = recognise(track, Recogniser(wer=0, cue_words=(3, 6)), np.random.default_rng(0))
  counts = [len(cue.text.split()) for cue in cues]
  assert set(counts[:-1]) == {3, 4, 5, 6}
  ends = [said.sentence.text.split()[-1] for said in track]
  assert sum(cue.text.split()[-1] == plain(end) for cue, end in zip(cues, ends, strict=False)) < len(ends) / 2
  far = [track[0], dataclasses.replace(track[1], start_ms=60_000.0, end_ms=63_000.0)]
  apart = recognise(far, Recogniser(wer=0, cue_words=(500, 500)), np.random.default_rng(0))
  assert [len(cue.text.split()) for cue in apart] == [len(said.sentence.text.split()) for said in far]


def test_writing_keeps_capitals_only_when_asked_for():
  track = _track(5)
  plainly, written = (
    recognise(track, Recogniser(wer=0, written=flag, cue_words=(500, 500)), np.random.default_rng(0))
    for flag in (False, True)
  )
  assert ' '.join(cue.text for cue in written) == ' '.join(said.sentence.text for said in track)
  assert plainly[0].text == ' '.join(_words(track))


def test_sound_alikes_are_other_words():
  assert 'duck' in sound_alikes('tuck')
  assert 'bike' in sound_alikes('pike')
  for word in set(_words(_track(300))):
    assert sound_alikes(word)
    assert word not in sound_alikes(word)


def test_the_same_seed_makes_the_same_cues_and_nothing_said_makes_none():
  track = _track(20)
  settings = sample_recogniser(np.random.default_rng(4))
  assert recognise(track, settings, np.random.default_rng(5)) == recognise(track, settings, np.random.default_rng(5))
  assert recognise([], settings, np.random.default_rng(5)) == ()
  one = [Spoken(Sentence('Go.', 'cue'), 0.0, 300.0)]
  assert recognise(one, Recogniser(wer=1, shares=(0, 1, 0)), np.random.default_rng(0)) == ()


@pytest.mark.parametrize(
  'bad', [{'wer': 1.2}, {'shares': (0.5, 0.5, 0.5)}, {'cue_words': (5, 3)}, {'drift': -1.5}, {'jitter_ms': -1}]
)
def test_impossible_recognisers_are_input_errors(bad):
  with pytest.raises(InputError, match='recogniser'):
    Recogniser(**bad)


def test_voices():
  voice = sample_voice(np.random.default_rng(0))
  assert 2 < voice.words_per_s < 3.3
  assert speaking_s('one two three', Voice(words_per_s=1.5)) == 2.0
  with pytest.raises(InputError, match='words_per_s'):
    Voice(words_per_s=0)
