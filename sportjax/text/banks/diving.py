"""Springboard diving: direction, somersaults, position and twists."""

_DIRECTIONS = ('forward', 'back', 'reverse', 'inward')
_COUNTS = {'1.5': 'one and a half', '2.5': 'two and a half'}
_POSITIONS = ('tuck', 'pike', 'straight')
_TWISTS = {
  '': '', '0.5_twist': 'half twist', '1_twist': 'full twist', '1.5_twist': 'one and a half twists',
}  # fmt: skip
_DIVES = [(d, n, p, t) for d in _DIRECTIONS for n in _COUNTS for p in _POSITIONS for t in _TWISTS]


def _label(*parts: str) -> str:
  return '_'.join(filter(None, parts))


def _names(direction: str, count: str, position: str, twist: str) -> tuple[str, ...]:
  number = _COUNTS[count]
  if twist:
    added = _TWISTS[twist] if twist.startswith('1.5') else f'a {_TWISTS[twist]}'
    return (f'{direction} {number} with {added}', f'{direction} {number} somersaults with {added}')
  return (f'{direction} {number} {position}', f'{direction} {number} somersaults in the {position} position')


NAMES = {_label(*dive): _names(*dive) for dive in _DIVES}
ASPECTS = {_label(d, n, p, t): (d, n, 'twisting' if t else p, t or 'no_twist') for d, n, p, t in _DIVES}
HOWTO = {
  'forward': """
    {Stand|Start} at the end of the board facing the water and rotate forwards, {head|chest} first.
    {Face|Look at} the pool, {swing|lift} the arms, and throw them {forward and down|over} to start the turn.
    In a forward dive you {jump|go} out over the water, and the body turns {in the same direction|forward}.
    {Press|Push} the board, {raise|lift} the hips, and {drive|send} the shoulders down in front of you.
    {Looking|Facing} out at the water, take off and roll {over forwards|forwards, chin in}.
    The {skill} starts facing the pool, and your {nose|face} leads the rotation {toward the water|down}.
    {Hips|Get the hips} up and over: you {travel|move} forward and you {spin|turn} forward.
    {Reach|Jump} up, then {fold|throw} the upper body forward, away from the board.
  """,
  'back': """
    {Stand|Start} with your back to the water, heels over the {edge|end}, and rotate backwards.
    {Turn|Face} toward the board, swing the arms up, and {lift|drive} the hips to go over backwards.
    In a back dive you {cannot|can't} see the pool at the start: you {jump|lean} back and turn \
      {backward|over backwards}.
    {Balance|Stand} on the balls of your feet, {back|your back} to the pool, and {throw|take} the arms up and over.
    {Looking|Facing} along the board, jump {up and back|up} and let the {chest|face} open to the ceiling.
    The {skill} begins facing the board; the head goes {back|backwards} and the feet come {over|up in front}.
    {Reach|Stretch} up and behind you as your toes {leave|push off} the end, and spin {backwards|to the back}.
    {Away|You travel away} from the board with your back first, and the rotation is {backward|to the rear}.
  """,
  'reverse': """
    {Face|Look at} the water, jump forward, but {rotate|spin} backwards, toward the board.
    {Stand|Start} facing the pool and {lift|drive} the knees up so that you turn back over {yourself|your head}.
    You {travel|go} forward and spin backward: {chest|the chest} up, hips {up|through}, toes {overhead|over the face}.
    {Looking|Facing} out, {swing|reach} up, and let the feet {go|pass} over your head back toward the board.
    {Jump|Push} out first, well away from the board, because the {head|body} turns back toward it.
    The {skill} {looks like|is} a back somersault taken from a front-facing start.
    {Kick|Drive} the legs up in front while you {move|fly} away from the board, and {go|turn} over backwards.
    {Arms|Take the arms} up, eyes {up|to the ceiling}, facing the pool, and {wait|trust} that the board goes by.
  """,
  'inward': """
    {Stand|Start} backwards on the end and {rotate|spin} forward, toward the board.
    {Back|With your back} to the water, jump {up and back|away}, then {throw|snap} the arms down in front.
    You {face|look at} the board, {lift|raise} the hips, and {turn|fold} forwards in to it while moving away.
    {Heels|Start with your heels} over the edge, push the hips {up|up and back}, and go over {forwards|frontwards}.
    {Jump|Go} back from the board first, since {your head|the face} turns down toward it.
    The {skill} {starts|begins} like a back dive, but the {rotation|spin} is a forward one.
    {Chest|Take the chest} down quickly in front of the board, {hips|seat} high, {and away|travelling back}.
    {Facing|Looking at} the board you {press|push} off and {dive|roll} in under yourself.
  """,
  '1.5': """
    {It's|That makes} one and a half {somersaults|turns}, so you {enter|go in} head first after passing your \
      feet once.
    {Count|Spot} once round, {then|and} come out for the {head-first|hands-first} entry in the next half turn.
    One {complete|full} somersault and a half: {open|come out} as soon as you see the water the {first|second} time.
    {Don't|Do not} rush: {one and a half|a turn and a half} leaves time to {stretch|line up} before the water.
  """,
  '2.5': """
    {It's|That makes} two and a half {somersaults|turns}, so {stay|keep} tight and spin fast.
    {Count|Spot} twice round, {then|and} open for the {head-first|hands-first} entry.
    Two {complete|full} somersaults and a half more: {squeeze|stay in} longer than you {think|would like}.
    {You need|It takes} height and a quick {spin|rotation}, because two and a half times round is a lot.
  """,
  'tuck': """
    {Pull|Bring} both knees to your chest and {grab|hold} the shins.
    {Curl|Get} into a small ball, {heels|your heels} against your seat, and spin.
    {Bend|Fold} hips and knees fully and {hold|squeeze} the middle of your shins.
    The tuck is a {tight|compact} ball: {elbows|the elbows} in, knees {together|up}, back round.
    {Grab|Catch} the shins quickly, {chin|with your chin} in, then {kick|stretch} out toward the water.
    {Hug|Squeeze} your knees; the {tighter|smaller} you are the faster it goes round.
    Knees {bent|folded}, thighs {on|against} the chest, hands {on|round} the lower legs.
    {Roll|Ball} up with bent knees and {shoot|open} the legs out straight for the entry.
  """,
  'pike': """
    {Keep|Hold} the legs straight and fold {at the waist|at the hips}, hands on the calves.
    {Bend|Close} only the hips: knees {locked|straight}, {nose|face} close to your shins.
    {Fold|Shut} like a jackknife with {long|straight} legs and pointed toes.
    In the pike the legs are {straight|stretched} and the body is {bent|folded} double.
    {Reach|Wrap the arms} round behind your {straight|stretched} knees and squeeze.
    {Bring|Lift} the straight legs to your {face|chest}, no {bend|softness} in the knees.
    {Touch|Hold} the backs of your legs, {toes|the toes} pointed, then unfold the hips {for|before} the entry.
    {Hips|Let the hips} bend, knees {don't|do not}: {press|pull} your chest against the thighs.
  """,
  'straight': """
    {Stay|Keep} completely straight in the air: no bend in the hips or the knees.
    {Hold|Keep} a long body line, {arms|the arms} at the sides, and turn slowly over.
    The straight position {means|is} one line from {head|shoulders} to toes, {slightly arched|a slight arch}.
    {Tighten|Squeeze} seat and stomach and {rotate|turn} like a plank.
    Nothing {folds|bends}: {legs|both legs} together, chest {open|lifted}, long all the way.
    {Stretch|Lengthen} out and {let|have} the whole body {circle|swing} round in one piece.
    {Since|Because} you are long, you turn {slowly|more slowly}, so {jump|go} high.
    {Arms|Press the arms} down by your thighs and {fly|stay} flat like a {board|pencil}.
  """,
  'twisting': """
    {Throw|Take} one arm up over the head and {wrap|bend} the other across your chest to twist.
    {Straight|Keep straight} legs and hips, one arm {high|up}, the other {folded|across}, and turn about the \
      long axis.
    {Drop|Lower} one shoulder after take-off, {tilt|lean} into it, and the body {twists|spins} round.
    {Stay|Keep} stretched while you twist, then {reach|open} both arms for the water.
    One elbow {goes|points} up behind your head, the other hand {crosses|comes} to your ribs, and you {spin|twist}.
    The twist {comes from|starts with} the arms: {uneven|one up, one in}, then {square|both out} to stop it.
    {Somersault|Rotate} first, {then|and only then} set the twist with {a swing of the arms|the arms}.
    {Long|Make a long} body, {asymmetric|split} arms, and let it {screw|turn} as it goes over.
  """,
  'no_twist': """
    {Shoulders|Keep the shoulders} level, because there is no twist in this {dive|one}.
    {Both|Left and right} arms do the same, so the body only {somersaults|flips}.
    {Don't|Never} look to the side, {straight|directly} over the top without {any|a} twist.
    The {hips|shoulders} stay square to the board the {whole|entire} way {down|round}.
  """,
  '0.5_twist': """
    {Just|Only} half a twist: {turn|roll} the body once from front to back and stop.
    {Add|Put in} a half twist, a hundred and eighty degrees, {before|on the way to} the entry.
    {Turn|Twist} halfway round, {open|spread} the arms {early|straight away}, and line up.
    After the half twist your {chest|front} faces the other {way|side} as you {enter|reach for the water}.
  """,
  '1_twist': """
    {Make|Complete} one full twist, three hundred and sixty degrees, {inside|during} the somersault.
    {Twist|Go} all the way round once, then {open|square out} the arms.
    {One|A single} whole twist: you {end up|finish} facing as you {did|were} before it.
    {Hold|Keep} the twist until you have {turned|gone} round once, and only then {stretch|come out}.
  """,
  '1.5_twist': """
    {Make|Complete} one and a half twists, so {wrap|close} early and {hold|stay} tight.
    {Twist|Go} round once and then a half {more|again} before you {open|square out}.
    {Once|One time} round and half again: five hundred and forty degrees of {twist|turn}.
    The twist {goes on|lasts} for a turn and a half, so {start|set} it {right|straight} after take-off.
  """,
}
