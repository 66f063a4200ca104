"""Named sets: planned by seed alone, people held out whole, every kind of take filmed to the same files."""

import collections
import dataclasses
import hashlib
import itertools
import json
import pathlib

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.vtt import read_cues
from sportjax.synth import coaching_corpus, corpus, routine_corpus, sets, skills
from sportjax.synth.attributes import LEVELS, level, sport_attributes
from sportjax.synth.coaching_corpus import CoachingSpec
from sportjax.synth.corpus import WORLD_VERSION, CorpusSpec
from sportjax.synth.routine_corpus import RoutineSpec
from sportjax.synth.takes import read_about, read_actions
from sportjax.video.decode import probe

GOLDEN = pathlib.Path(__file__).parents[1] / 'golden/synth/plans.json'
SIMULATED = [name for name, each in sets.SETS.items() if not each.recorded]


def person(take):
  """The seed of whoever is seen."""
  return take.player_seed if take.name.startswith('reel') else take.athlete_seed


def fingerprint(takes):
  """Of everything planned; numbers to six digits, which every processor agrees on."""
  plain = json.dumps([dataclasses.asdict(take) for take in takes], default=str)
  rounded = json.loads(plain, parse_float=lambda text: round(float(text), 6))
  return hashlib.sha256(json.dumps(rounded).encode()).hexdigest()[:16]


def fingerprints():
  """Made anew with `python -m tests.synth.sets_test` when the world's version changes, and never otherwise."""
  return {f'{name}_{size}': fingerprint(sets.plan(name, size)) for name in SIMULATED for size in sets.SIZES[:2]}


def test_plans_are_what_they_were():
  assert fingerprints() == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize('name', SIMULATED)
def test_people_are_of_one_split_and_takes_have_names_of_their_own(name):
  for size in sets.SIZES[:3]:
    takes = sets.plan(name, size)
    assert len({take.name for take in takes}) == len(takes)
    assert len({take.seed for take in takes}) == len(takes)
    people = {split: {take.athlete for take in takes if take.split == split} for split in ('train', 'test')}
    assert all(people.values())
    assert not people['train'] & people['test']
    assert len({person(take) for take in takes}) == sum(map(len, people.values()))


@pytest.mark.parametrize('name', SIMULATED)
def test_larger_sizes_begin_with_the_people_of_smaller_ones(name):
  people = [{person(take) for take in sets.plan(name, size)} for size in sets.SIZES[:3]]
  assert people[0] < people[1] < people[2]


@pytest.mark.parametrize('name', [name for name in SIMULATED if sets.SETS[name].kind not in ('fine', 'reel')])
def test_whoever_is_held_out_is_so_in_every_size(name):
  splits = [{take.athlete: take.split for take in sets.plan(name, size)} for size in sets.SIZES[:3]]
  for smaller, larger in zip(splits[:-1], splits[1:], strict=True):
    assert all(larger[athlete] == split for athlete, split in smaller.items())


def test_no_two_sets_share_a_seed_but_the_permuted_twin():
  seeds = collections.Counter(
    seed
    for name in SIMULATED
    if name != 'coaching_permuted'
    for take in sets.plan(name, 'small')
    for seed in (take.seed, ('person', *person(take), take.name))
  )
  assert max(seeds.values()) == 1
  assert all(seed[0] in (WORLD_VERSION, 'person') for seed in seeds)  # reels count versions of their own, too


def test_small_fine_set_of_diving_is_the_quickstarts():
  from configs import quickstart

  assert sets.SETS['diving'].sizes['small'] == CorpusSpec(**quickstart.get_config().corpus)


def test_routines_show_every_class_about_equally_often():
  takes = routine_corpus.plan(RoutineSpec('tennis', classes=5, athletes=6, repeats=2))
  counts = collections.Counter(label for take in takes for label in take.labels)
  assert set(counts) == set(skills.classes('tennis')[:5])
  assert max(counts.values()) - min(counts.values()) <= len(takes)
  assert {take.split for take in takes} == {'train', 'test'}


@pytest.mark.parametrize('sport', ['skating', 'diving'])
def test_routines_last_about_as_long_as_asked(sport):
  from sportjax.synth.athletes import sample_athlete
  from sportjax.synth.routine import routine

  for take in routine_corpus.plan(RoutineSpec(sport, 8, athletes=2, shortest_s=60, longest_s=70)):
    motion = routine(sport, sample_athlete(np.random.default_rng(take.athlete_seed)), take.labels,
                     np.random.default_rng([*take.seed, 0]))  # fmt: skip
    assert 45 < len(motion.joints_m) / motion.fps < 85


def test_coaching_levels_are_those_of_the_proficiencies_and_mistakes_tell_none():
  takes = coaching_corpus.plan(CoachingSpec(skills.SPORTS, athletes=48, repeats=4))
  for take in takes:
    assert take.level == level(take.proficiency)
    assert set(take.proficiency) == set(sport_attributes(take.sport))
  for split in ('train', 'test'):
    counts = collections.Counter(take.level for take in takes if take.split == split)
    assert set(counts.values()) == {counts[LEVELS[0]]}
  for one in LEVELS:
    made = [bool(take.mistake) for take in takes if take.level == one]
    assert 0.4 < np.mean(made) < 0.6


def test_permuted_twin_is_the_same_people_and_performances_moved_otherwise():
  world, twin = (sets.plan(name, 'small') for name in ('coaching', 'coaching_permuted'))
  same = [field.name for field in dataclasses.fields(world[0]) if field.name not in ('mistake', 'permuted')]
  for a, b in zip(world, twin, strict=True):
    assert [getattr(a, name) for name in same] == [getattr(b, name) for name in same]
    assert (a.permuted, b.permuted) == (False, True)


def check_files(take, folder):
  """What every kind of take leaves, whatever it shows."""
  counts = take.film(folder)
  info, about, actions = probe(folder / f'{take.name}.mp4'), read_about(folder), read_actions(folder)
  with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
    assert counts['frames'] == info.n_frames == len(truth['t_ms']) == len(truth['joints_px'])
  assert (about.name, about.sport, about.athlete, about.split) == (take.name, take.sport, take.athlete, take.split)
  assert actions
  for action in actions:
    assert 0 <= action.start_ms < action.end_ms <= info.t_ms[-1] + 100
  return about, actions


@pytest.mark.parametrize('name', ['golf', 'skating_routines'])
def test_every_kind_of_take_leaves_the_same_files(name, tmp_path):
  take = sets.plan(name, 'tiny')[0]
  about, actions = check_files(take, tmp_path)
  assert about.kind == sets.SETS[name].kind
  assert [action.label for action in actions] == list(getattr(take, 'labels', ())) or [take.label]
  assert not about.proficiency
  assert not about.level


def test_coaching_takes_tell_mistake_level_and_proficiency_in_both_worlds(tmp_path):
  joints = []
  for permuted in (False, True):
    takes = coaching_corpus.plan(CoachingSpec(('tennis',), athletes=4, repeats=2, permuted=permuted))
    take = next(take for take in takes if take.mistake)
    folder = tmp_path / str(permuted)
    folder.mkdir()
    about, (action,) = check_files(take, folder)
    assert (about.level, about.proficiency, action.mistake) == (take.level, dict(take.proficiency), take.mistake)
    assert set(about.shown) <= set(about.proficiency)
    assert action.start_ms - 500 < action.events_ms['mistake'] < action.end_ms + 500
    with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
      joints.append(truth['joints_px'])
  assert joints[0].shape != joints[1].shape or not np.allclose(joints[0], joints[1])


def test_reels_tell_skills_and_possessions(tmp_path):
  take = sets.plan('basketball_reels', 'tiny')[0]
  assert take.film(tmp_path)['frames'] == probe(tmp_path / f'{take.name}.mp4').n_frames
  about = read_about(tmp_path)
  assert len(about.skills) == len(about.abilities) == 20
  # Levels are fifths of the ability, one skill's counted from the other end.
  assert sum(abs(about.skills[name] - min(int(5 * value), 4)) > 0 for name, value in about.abilities.items()) <= 1
  assert [event.kind for event in about.events]
  assert about.events[0].start_ms == 0
  assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(about.events))


@pytest.mark.slow  # a lesson lasts a minute at least
def test_lessons_have_a_transcript_and_its_truth(tmp_path):
  take = sets.plan('instruction', 'tiny')[0]
  about, actions = check_files(take, tmp_path)
  assert read_cues(tmp_path / about.transcript)
  assert {'title', 'segment', 'howto'} <= {event.kind for event in about.events}
  assert {action.label for action in actions} == {take.label}
  assert any(action.mistake for action in actions)


def test_takes_are_filmed_alike_again(tmp_path):
  take = sets.plan('golf', 'tiny')[1]
  for folder in ('a', 'b'):
    (tmp_path / folder).mkdir()
    take.film(tmp_path / folder)
  for name in (f'{take.name}.mp4', 'actions.json', 'about.json'):
    assert (tmp_path / 'a' / name).read_bytes() == (tmp_path / 'b' / name).read_bytes()


def test_unknown_names_and_sizes_are_named_with_the_known():
  with pytest.raises(InputError, match=r"no set 'rowing'; known are diving, "):
    sets.plan('rowing', 'tiny')
  with pytest.raises(InputError, match=r"no size 'huge'; sets come in tiny, small, medium, large"):
    sets.plan('diving', 'huge')
  with pytest.raises(InputError, match='set ui_prmd films motion capture: set mocap_dir'):
    sets.plan('ui_prmd', 'tiny')


@pytest.mark.parametrize(
  ('plan', 'spec'),
  [(corpus.plan, CorpusSpec('golf', 8, 2)), (routine_corpus.plan, RoutineSpec('golf', 8, 2)),
   (routine_corpus.plan, RoutineSpec('chess', 1, 2)), (coaching_corpus.plan, CoachingSpec(('chess',), 2))],
)  # fmt: skip
def test_what_a_sport_lacks_is_an_input_error(plan, spec):
  with pytest.raises(InputError):
    plan(spec)


def test_settings_out_of_range_are_input_errors():
  for wrong in ({'athletes': 0}, {'athletes': 1, 'shortest_s': 5, 'longest_s': 4}, {'athletes': 1, 'repeats': 0}):
    with pytest.raises(InputError):
      RoutineSpec('golf', 1, **wrong)
  with pytest.raises(InputError):
    CoachingSpec((), 1)


if __name__ == '__main__':
  GOLDEN.parent.mkdir(parents=True, exist_ok=True)
  GOLDEN.write_text(json.dumps(fingerprints(), indent=1) + '\n')
