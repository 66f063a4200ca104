"""Everything the simulated world can show has words, and the words keep the rules."""

import itertools
import re

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.attributes import ATTRIBUTES, LEVELS, class_attributes, level, sample_proficiency, sport_attributes
from sportjax.synth.skills import SPORTS, classes
from sportjax.text import commentary, feedback, filler, howto, phrases
from sportjax.text.banks import feedback_sport, frames

CLASSES = [(sport, label) for sport in SPORTS for label in classes(sport)]
SLOTS = {'skill': 'thing', 'strong': 'right', 'weak': 'left'}
PAIRS = [(name, sport) for sport in SPORTS for name in sport_attributes(sport)]


def _all(templates, slots=None):
  return {text for template in templates for text in phrases.expansions(template, slots or {})}


def _feedback(name, sport, split):
  return {kind: _all(feedback.templates(name, kind, split, sport)) for kind in feedback.KINDS}


def _fillers(split):
  return _all(template for kind in filler.KINDS for template in filler.templates(kind, split))


@pytest.mark.parametrize('sport', SPORTS)
def test_every_class_has_howto_phrasings_disjoint_between_splits(sport):
  for label in classes(sport):
    train, test = (_all(howto.templates(sport, label, split), SLOTS) for split in phrases.SPLITS)
    assert len(train) >= 12, label
    assert len(test) >= 6, label
    assert not train & test, label
    templates = [howto.templates(sport, label, split) for split in phrases.SPLITS]
    assert len(templates[1]) == pytest.approx(0.25 * sum(map(len, templates)), abs=0.5), label


@pytest.mark.parametrize('sport', SPORTS)
def test_classes_of_a_sport_are_not_described_alike(sport):
  described = [frozenset(howto.templates(sport, label)) for label in classes(sport)]
  assert len(set(described)) == len(described)
  names = [name for label in classes(sport) for name in howto.names(sport, label)]
  assert len(set(names)) == len(names)


@pytest.mark.parametrize('name', ATTRIBUTES)
def test_every_attribute_and_mistake_has_feedback_disjoint_between_splits(name):
  for sport in ('', *(sport for sport in SPORTS if name in sport_attributes(sport))):
    train, test = _feedback(name, sport, 'train'), _feedback(name, sport, 'test')
    assert all(train.values())
    assert all(test.values())
    mending = set().union(*(train[kind] for kind in feedback.MENDING))
    assert len(mending) >= 15
    assert len(train['praise']) >= 3
    assert not set().union(*train.values()) & set().union(*test.values())


def test_sport_advice_is_on_attributes_that_the_sport_shows():
  for sport, blocks in feedback_sport.ADVICE.items():
    assert set(blocks) <= set(sport_attributes(sport)), sport


def test_feedback_never_names_identifiers():
  ids = [*ATTRIBUTES, *(attribute.mistake for attribute in ATTRIBUTES.values())]
  pattern = re.compile('|'.join(name.replace('_', '[ _-]') for name in ids), re.I)
  for (name, sport), split in itertools.product(PAIRS, phrases.SPLITS):
    for kind, said in _feedback(name, sport, split).items():
      assert not [text for text in said if pattern.search(text)], (name, kind)


def test_fillers_are_many_disjoint_and_say_no_word_of_any_class_or_sport():
  train, test = _fillers('train'), _fillers('test')
  templates = [t for kind in filler.KINDS for split in phrases.SPLITS for t in filler.templates(kind, split)]
  assert len(templates) >= 60
  assert not train & test
  # 'clean' is a lift and a word.
  names = {name.lower() for each in CLASSES for name in howto.names(*each)} - {'clean', 'drive'} | set(SPORTS)
  things = {'ball', 'racket', 'club', 'bar', 'ice', 'pool', 'mat', 'goal', 'hoop', 'green', 'weights', 'springboard'}
  pattern = re.compile(rf'\b({"|".join(map(re.escape, names | things))})\b')
  assert not [text for text in train | test if pattern.search(text.lower())]


def test_all_expansions_are_well_formed():
  blocks = [frames.TITLES, frames.TOPIC, *frames.CUES.values(), *frames.LEVELS.values(), *frames.COMMENTARY.values()]
  said = _all((template for block in blocks for template in phrases.lines(block)), SLOTS)
  said |= _fillers('train') | _fillers('test')
  for split in phrases.SPLITS:
    said |= set().union(*(_all(howto.templates(*each, split), SLOTS) for each in CLASSES))
    said |= set().union(*(text for pair in PAIRS for text in _feedback(*pair, split).values()))
  for text in said:
    assert re.fullmatch(r"[A-Z0-9][\w ,.:;!?'|-]*[\w.!?:]", text), text
    assert not re.search(r'  | [,.!?]|\b(\w+) \1\b', text), text


def test_titles_topics_and_sentences_name_the_class():
  rng = np.random.default_rng(0)
  for sport, label in CLASSES:
    for made in (howto.title(sport, label, rng), howto.topic(sport, label, rng, 'test')):
      assert any(name.lower() in made.text.lower() for name in howto.names(sport, label))
      assert made.topic == label
  left = howto.sentences('basketball', 'layup', 8, rng, 'train', left_handed=True)
  assert any('left hand' in sentence.text for sentence in left)
  assert not any('right hand' in sentence.text for sentence in left)


def test_commentary_improves_the_worst_and_praises_the_best():
  rng = np.random.default_rng(5)
  for k in range(60):
    sport, label = CLASSES[(17 * k) % len(CLASSES)]
    shown = sample_proficiency(rng, LEVELS[k % 4], class_attributes(sport, label))
    made = commentary.comment(shown, level(shown), rng, phrases.SPLITS[k % 2], sport)
    # Equals may come in either order.
    assert [shown[name] for name in made.improve] == sorted(value for value in shown.values() if value < 0.5)[:3]
    assert all(shown[name] >= 0.7 for name in made.praised)
    said = {sentence.topic for sentence in made.sentences if sentence.kind in feedback.KINDS}
    assert said == set(made.improve) | set(made.praised)
    assert [s.topic for s in made.sentences if s.kind == 'level'] == [level(shown)]
    assert made.text.startswith(made.sentences[0].text)


def test_unknown_topics_are_input_errors():
  rng = np.random.default_rng(0)
  with pytest.raises(InputError, match="sport 'curling'"):
    howto.sentences('curling', 'draw', 1, rng)
  with pytest.raises(InputError, match="golf 'shank'"):
    howto.title('golf', 'shank', rng)
  with pytest.raises(InputError, match="no filler 'joke'"):
    filler.templates('joke')
  with pytest.raises(InputError, match='no feedback'):
    feedback.sentences('luck', 'praise', 1, rng)
  with pytest.raises(InputError, match='no cue'):
    feedback.cues('left', 1, rng)
  with pytest.raises(InputError, match='no level'):
    commentary.comment({'rhythm': 0.2}, 'legend', rng)
