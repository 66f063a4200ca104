"""Floor gymnastics: saltos by direction, shape and twist, jumps by the shape of the legs."""

_DIRECTIONS = {'forward': 'forward', 'back': 'backward'}
_SHAPES = {'tuck': 'tucked', 'pike': 'piked', 'straight': 'layout'}
_TWISTS = {'': '', '0.5_twist': 'half twist', '1_twist': 'full twist'}
_LEGS = {'split': 'split', 'straddle': 'straddle', 'wolf': 'wolf', 'cat': 'cat'}


def _salto_names(direction: str, shape: str, twist: str) -> tuple[str, ...]:
  way = _DIRECTIONS[direction]
  if twist:
    return (f'{way} layout salto with a {_TWISTS[twist]}', f'{way} layout flip with a {_TWISTS[twist]}')
  return (f'{_SHAPES[shape]} {way} salto', f'{_SHAPES[shape]} {way} flip')


def _label(*parts: str) -> str:
  return '_'.join(filter(None, parts))


_SALTOS = [(d, s, t) for d in _DIRECTIONS for s in _SHAPES for t in _TWISTS if not t or s == 'straight']
_JUMPS = [(legs, turn) for legs in _LEGS for turn in ('', '0.5_turn')]
NAMES = {_label(d, 'salto', s, t): _salto_names(d, s, t) for d, s, t in _SALTOS} | {
  _label(legs, 'jump', turn): (
    (f'{legs} jump with a half turn', f'half-turn {legs} jump')
    if turn
    else (
      f'{legs} jump',
      f'{legs} jump off two feet',
    )
  )
  for legs, turn in _JUMPS
}
ASPECTS = {_label(d, 'salto', s, t): (f'{d}_salto', 'wrapped' if t else s, t or 'no_twist') for d, s, t in _SALTOS} | {
  _label(legs, 'jump', turn): (f'{legs}_jump', turn or 'no_turn') for legs, turn in _JUMPS
}
HOWTO = {
  'forward_salto': """
    {Punch|Jump} up off two feet and {throw|drive} the arms and chest forward to rotate over.
    {Heels|Drive the heels} up behind you, chest {down|over}, and turn forwards in the air.
    {Set|Jump} upward first, then {roll|rotate} forward over your head, seeing the floor {early|before you flip}.
    In the {skill} your head goes {down in front|forward and under} and you land looking {ahead|where you came to}.
    The arms {reach up|go up} and then {snap|throw} forward, so the hips {rise|lift} over the shoulders.
    {Face|Look along} the direction you travel, bounce {up|high}, and {flip|turn} over frontwards.
    A front flip: {take off|jump} facing the way you go, and {pull|drive} the chest down as the hips rise.
    {Rotate|Go} over your front: {seat|hips} above the head, then {feet|the feet} come round below you.
  """,
  'back_salto': """
    {Swing|Throw} the arms up, lift the hips, and turn over backwards {above|over} your head.
    {Jump|Set} straight up with the arms by your ears, and then {bring|drive} the knees or toes over.
    {Look|Keep looking} ahead as you {leave|take off}, {lift|raise} the chest, and rotate backwards.
    In the {skill} you {lean|go} back over your heels and see the floor {again|come back} at the end.
    {Reach|Stretch} up for the ceiling first; the legs {then|only then} come up and over behind the head.
    A back flip: {knees bend|bend the knees}, arms {swing|go} up, and the feet {pass|travel} over your face.
    {Rise|Lift} tall, {tilt|open} the hips up, and let the body {circle|turn} backwards in the air.
    {Never|Don't} throw the head: {arms up|the arms lift}, hips {up|rise}, and over you go {backwards|to the back}.
  """,
  'tuck': """
    {Pull|Bring} the knees to your chest and {grab|hold} the shins like a ball.
    {Make|Be} a small, tight ball: heels to {your seat|the bottom}, knees {up|to the chest}.
    {Curl|Fold} up, hands on the shins, then {kick|open} out for the floor.
    The smaller the {ball|tuck}, the faster you {turn|spin}, so {squeeze|hug} those knees.
    Knees {and hips|bend, hips} bend fully, {back|your back} rounds, hands just below the knees.
    {Grip|Touch} the front of your shins, {roll|stay} round, and {let go|release} to land.
    {Snatch|Draw} your thighs into the trunk with the {knees|legs} bent as {far as|much as} they go.
    {Hug|Hold} yourself together with bent knees until you {see|spot} the landing.
  """,
  'pike': """
    {Fold|Bend} at the hips with the knees {locked|straight}, like a closed {pocket knife|book}.
    {Keep|Hold} both legs straight and {bring|lift} the toes up toward your face.
    Straight legs, {hips|waist} bent, hands {behind|reaching for} the calves: that is the {position|shape}.
    {Lift|Pull} the straight legs to the chest and {open|extend} the hips again before landing.
    The body {makes|is} a V: no {bend|angle} at the knees, a {sharp|deep} fold at the waist.
    {Reach|Slide} the hands down the straight legs and {close|shut} the hips.
    Nose {to|toward} your knees, legs {like sticks|long}, feet together, {jackknife|folded} in the air.
    {Squeeze|Press} the thighs so the legs {stay|remain} straight as you fold the trunk over {them|it}.
  """,
  'straight': """
    {Stay|Be} long like a board: no bend at the hips, no bend at the knees.
    {Keep|Hold} the body in one straight line from {head|shoulders} to toes all the way round.
    In a layout {hips|the hips} are open, {seat|glutes} tight, and you rotate {as one piece|stretched out}.
    {Squeeze|Tighten} the seat and stomach so that nothing {folds|bends} in the air.
    The {whole|entire} body {turns|rotates} stretched, arms close, which needs more {height|lift}.
    Don't {tuck|fold} anything: {legs|the legs} straight, hips {flat|open}, {chest|ribs} in.
    {Rotate|Turn} over in a hollow, stretched {position|shape}, toes {drawing|making} the biggest circle.
    {Long|A long} body, tight {middle|core}, and arms {by your sides|pulled in} while you flip.
  """,
  'wrapped': """
    {Keep|Hold} the body stretched and {wrap|fold} the arms tightly across the chest to twist.
    The body is a straight {pencil|line} that {spins|twists} about its own axis as it flips.
    {Pull|Draw} both elbows in against your ribs, {legs|with the legs} together and straight.
    {Stretched|Long} body, arms {wrapped|in}: the tighter you {close|are}, the faster you twist.
    {Start|Begin} the flip first, then {bring|snap} the arms in to {twist|turn} around the long axis.
    {Lock|Press} the legs together, hips {open|straight}, hands {at|by} the chest, and twist.
    {Hips|Keep the hips} open and hands in while you {roll|turn} like a drill.
    {Drop|Pull} one shoulder, {close|fold} the arms, and let the straight body {screw|spin} round.
  """,
  'no_twist': """
    {There's|You have} no twist in this one: {shoulders|both shoulders} level, straight over.
    {Keep|Hold} the shoulders square so that you only {flip|rotate} and do not {twist|turn sideways}.
    Left and right {do|must do} exactly the same, because a {tilt|dropped shoulder} would make you twist.
    You {take off|leave} and land facing the same way, with {a single|one} rotation and {nothing more|no turn}.
  """,
  '0.5_twist': """
    {Add|Give it} half a twist, so that you {land|finish} facing the other way.
    {Turn|Twist} just a hundred and eighty degrees about the long axis {before|by the time} you land.
    One half turn: {drop|pull} a shoulder late, {stop|check} it with the arms, and land \
      {reversed|the other way round}.
    It's {only|just} half a twist: {open|stretch} the arms as soon as you have {turned|twisted} round once to \
      the back.
  """,
  '1_twist': """
    {Add|Complete} one full twist, so you {land|finish} facing just as you {started|took off}.
    {Turn|Twist} all the way round, three hundred and sixty degrees, {during|within} the flip.
    A {full|whole} twist: {wrap|pull in} early, stay tight, and {open|stretch out} when the floor comes back.
    You {have to|must} go round once completely, so {start|begin} twisting {soon|right} after take-off.
  """,
  'split_jump': """
    {Kick|Throw} one leg forward and the other {back|behind} until both are level.
    {Jump|Spring} off two feet and {open|hit} a full split in the air, one leg ahead, one behind.
    Front leg {up|lifts}, back leg {up|lifts}, hips square, {toes|both feet} pointed at the top.
    {Show|Make} one hundred and eighty degrees, {front to back|one leg in front, one at the back}.
    {Legs|Both legs} straight, {pull|swing} them apart forwards and backwards, and close before you land.
    {Reach|Stretch} one toe to the front and one to the {rear|back} with the chest {up|lifted}.
    The {shape|picture} in the air is a split like on the floor: {long|straight} legs, back knee {stretched|straight}.
    {Snap|Switch} the legs open into a front split {at the top|at the peak}, then {join|bring} them together.
  """,
  'straddle_jump': """
    {Lift|Throw} both legs up and out to the sides, {toes|the toes} to your hands.
    {Jump|Spring} up, {open|spread} the legs wide sideways, and fold the chest toward them.
    Legs {straight|long} and wide {apart|open}, level with the floor, {one on each side|left and right}.
    {Touch|Reach for} your toes out at the sides, with both knees {locked|straight}.
    The hips {bend|fold} and the legs {open|part} into a wide V in front of you.
    {Bring|Raise} straight legs up on both sides, as if you sat {wide|in a straddle} in the air.
    {Both legs|The legs} go sideways, not front and back, {as high as|level with} your hips.
    {Sit|Show} a wide straddle at the top, {then|and} snap the feet {together|closed} to land.
  """,
  'wolf_jump': """
    {Lift|Raise} both thighs, one leg stretched {straight|out} in front and the other {knee bent|bent under}.
    One knee {bends|folds}, the other leg {stays|is} straight, thighs side by side {above|over} the hips.
    {Jump|Spring} and show one {straight|long} leg forward with the other heel {at|tucked to} your seat.
    {Both knees|The knees} are together; {one|a single} shin goes out, the {other|second} one stays folded.
    {Close|Fold} the hips, one leg {long|extended} ahead, one {tucked|bent}, and the chest {up|lifted}.
    It's half a tuck and half a pike: one leg {bent|folded}, one {straight|stretched} to the front.
    {Pull|Bring} both thighs up and {kick|stretch} only one foot {forward|out in front}.
    {Keep|Hold} the thighs level, {one|this} foot reaching out, the other {under you|under the thigh}.
  """,
  'cat_jump': """
    {Lift|Raise} one bent knee and then the other, {like a cat|as a cat does}, changing in the air.
    {Both knees|The knees} are bent and come up one after the {other|first}, toes pointed.
    {Switch|Swap} the legs in the air with the knees {bent|high} and turned slightly out.
    {First|One} knee up, {second|other} knee up, and land on {soft|light} feet.
    Bring the {bent|folded} knees in front of you {one by one|in turn}, thighs {high|level}.
    {Jump|Spring} and pass the knees in front of you, {heel|each heel} under the thigh, quick and {light|neat}.
    {Knees|Two knees} high and folded, {neither|no} leg stretches {out|forward} in this jump.
    {Pick|Draw} up one bent leg, {then|and} the next, at {waist|hip} height.
  """,
  'no_turn': """
    {Stay|Keep} facing the front: there is no turn in the air, you {land|come down} as you left.
    {Hips|Keep the hips} and shoulders {square|to the front} from take-off to landing.
    {Up|Straight up} and down without turning, {eyes|looking} at one point {ahead|in front}.
    The {direction|way} you face does not change; {only|just} the legs make the {shape|picture}.
  """,
  '0.5_turn': """
    {Turn|Spin} half way round in the air, so you {land|come down} facing where you came from.
    {Look|Turn the head} over your shoulder and {take|bring} the body round a hundred and eighty degrees.
    {Start|Begin} the half turn as you leave the floor and {show|hit} the shape {facing|on the way to} the back.
    {Add|Make} a half turn around the vertical: {arms|shoulders} lead, hips {follow|come}, and land reversed.
  """,
}
