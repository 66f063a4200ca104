"""Basketball: how shots, passes and dribbles are done."""

NAMES = {
  'jump_shot': ('jump shot', 'jumper'),
  'fadeaway': ('fadeaway', 'fadeaway jumper'),
  'free_throw': ('free throw', 'foul shot'),
  'set_shot_two_handed': ('two-handed set shot', 'two-hand set shot'),
  'hook_shot': ('hook shot', 'sky hook'),
  'chest_pass': ('chest pass', 'two-handed chest pass'),
  'bounce_pass': ('bounce pass', 'two-handed bounce pass'),
  'overhead_pass': ('overhead pass', 'two-handed overhead pass'),
  'baseball_pass': ('baseball pass', 'one-handed long pass'),
  'layup': ('layup', 'one-handed layup'),
  'crossover': ('crossover', 'crossover dribble'),
  'between_legs': ('between-the-legs dribble', 'through-the-legs dribble'),
  'behind_back': ('behind-the-back dribble', 'behind-the-back change'),
  'hesitation': ('hesitation dribble', 'hesi'),
}
ASPECTS = {label: (label,) for label in NAMES}
HOWTO = {
  'jump_shot': """
    {Bend|Flex} your knees, {jump|go} straight up, and {release|let go of} the ball near the top of the jump.
    The ball {sits|rests} on your {strong} hand with the {weak} hand {beside it as a guide|only steadying it}.
    {Load the legs|Sink into your legs}, rise, and {shoot|fire} with one hand {while you are|when you are} in the air.
    {You should come down|Land} on both feet almost exactly where you {took off|left the floor}.
    On the {skill} both feet leave the floor, and the arm {extends|unfolds} above your forehead.
    Bring the ball {up above your eyes|over your forehead} as you jump, then {snap|flick} the wrist toward the rim.
    {It's|The jumper is} a vertical jump first: {up, not forward|don't drift}, and the shot leaves at the peak.
    Squat {a little|slightly}, spring off {both feet|two feet}, and let one hand push the ball \
      {at the top|at your peak}.
  """,
  'fadeaway': """
    Jump {backwards|back and away} from the basket, {lean|tilt} your trunk back, and shoot over the defender.
    As you {leave the floor|take off}, {fade|drift} away from the hoop so that nobody can reach the ball.
    {Let|Allow} the {strong} knee {come up|rise} in front of you as you lean back and {release|shoot}.
    Your shoulders {fall|tilt} behind your hips in the air, yet the shooting arm still goes {up to|at} the rim.
    The difference to a normal jumper is the {lean|tilt}: {your body goes|you travel} backwards while the ball \
      goes forward.
    {Land|You land} {half a metre|a good half step} behind the spot where you {took off|jumped}.
    {Create space|Make room} by jumping away from the basket, {chest leaning back|your trunk leaning back}.
    {Push off|Spring off} so that you float away from the rim, and {shoot|release} on the way {back|backwards}.
  """,
  'free_throw': """
    {Stay|Keep your feet} on the floor {the whole time|throughout}: knees bend, then legs and arm \
      {extend|straighten} together.
    From a {quiet|still} stance, dip the knees, rise onto your toes, and {push|send} the ball up with one hand.
    There is no jump in a {skill}; the {power|lift} comes from the legs {straightening|extending} under you.
    {Set|Square} your feet at the line, ball over the {strong} eye, and {finish|end} with the wrist bent over.
    The feet {stay planted|never leave the floor} while the {strong} arm {stretches|reaches} up toward the rim.
    {Dip|Sink} a little, come up {smoothly|in one flow}, and {roll|flick} the ball off the fingers of one hand.
    {Hold|Freeze} the shooting hand high {above your head|in the air}, toes still on the floor.
    One hand shoots, the {weak} hand {guides|just steadies}, and both shoes {stay|remain} on the ground.
  """,
  'set_shot_two_handed': """
    Hold the ball in front of your forehead with {both hands|two hands} and {push|shoot} it with both arms at once.
    {Both|The two} elbows {straighten|extend} together, and both wrists {flick|snap} the ball toward the rim.
    Feet stay on the floor; {dip|bend} the knees and {drive|push} the ball up with the two hands \
      {side by side|evenly}.
    {Left hand and right hand|Both hands} do the same thing: {there is no|you have no} guide hand in this shot.
    The {skill} is {symmetrical|even}: arms {rise|extend} as a pair and finish high with the palms {out|turned out}.
    Take the ball {from the forehead|from above your eyes}, {both thumbs behind it|thumbs behind it}, and \
      extend both arms.
    {Bend and rise|Dip, then rise} without a jump, and {shoot|push} with two hands rather than one.
    {Finish|End} with both arms {stretched|straight} toward the basket, as if you {pushed|shoved} the ball up a wall.
  """,
  'hook_shot': """
    Turn your {weak} shoulder to the basket and {swing|bring} the {strong} arm up and over your head.
    Stand {sideways|side-on} to the hoop and {sweep|swing} the ball in {an arc|a big arc} past your {strong} ear.
    The {weak} arm {stays bent|is folded} in front to {shield|protect} the ball while the other arm \
      {hooks|swings} over.
    {Jump|Spring up} side-on, straighten the {strong} arm {above|over} your head, and flick the ball {sideways|over}.
    {Reach|Extend} the ball out to the side, then {up|all the way up}, and let it roll off the fingertips.
    {Keep|Hold} your body between the defender and the ball; the long arm {does|makes} a windmill over the top.
    The release is over your head, arm {nearly straight|long}, hips {turned away|still side-on} from the rim.
    {Take off|Go up} with your shoulder {pointing at|toward} the hoop and throw the ball over with one \
      {long|straight} arm.
  """,
  'chest_pass': """
    {Start|Begin} with the ball at your chest, elbows bent, and {push|drive} it straight out with both hands.
    {Step|Take a step} toward your teammate and {extend|straighten} both arms at the height of the chest.
    The ball {travels|flies} flat, from your chest to {their|your partner's} chest, without touching the floor.
    {Finish|End up} with arms {straight|long} in front of your chest and the thumbs {pointing|turned} down.
    Both hands {push|punch} the ball forward {together|at the same time}, backs of the hands facing each other \
      at the end.
    From the breastbone, {snap|shoot} the arms out level as the {weak} foot {steps|goes} forward.
    {Think|It's a} push, not throw: {elbows|both elbows} unfold straight ahead at chest level.
    {Pull|Draw} the ball in to your chest, step, and {fire|send} it on a level line with two hands.
  """,
  'bounce_pass': """
    {Push|Drive} the ball down {at the floor|to the ground} so that it bounces up to your teammate.
    {Aim|Pick a spot} about two thirds of the way, and {send|push} the ball into the floor there with both hands.
    {Step|Take a step} in, bend {forward|your trunk}, and extend both arms {down and out|toward the floor}.
    Your hands {finish|end} low, around the waist, because the ball goes {down|into the ground} first.
    From the chest the arms {shoot|extend} forward and {downward|down}, and your knees stay {bent|soft}.
    {Get|Stay} low, push with two hands, and let the ball {hit the floor once|bounce once} on its way.
    The {skill} starts like a chest pass, {but|only} the arms {point|reach} at the floor in the end.
    {Lean|Bend} into it and {skip|bounce} the ball under the defender's {arms|hands} with both of yours.
  """,
  'overhead_pass': """
    {Hold|Take} the ball above your head with both hands and {throw|snap} it forward from there.
    {Keep|Leave} the ball up high, elbows {slightly bent|a little bent}, and flick it over the defence.
    {Arch|Lean} back a touch, step, and {whip|swing} both arms from over your head to the front.
    The ball {leaves|is released} above the forehead with two hands, and the arms {come down|finish} in front of you.
    Both hands start {over|behind} the crown of the head and {drive|throw} forward, a bit like a soccer throw-in.
    {Never|Don't} bring it down to the chest: {ball up high|keep it high}, step, and throw with two arms.
    {Raise|Lift} the ball over your head, {step|stride} forward, and snap the wrists of both hands.
    {Pass|Throw} from the top: arms up, then {both elbows|the two elbows} straighten forward together.
  """,
  'baseball_pass': """
    Take the ball {back|up} behind your {strong} ear and throw it with one arm, like a pitcher.
    Turn {sideways|side-on}, {weak} foot forward, and {hurl|throw} the ball long with the {strong} hand.
    {Point|Aim} the {weak} arm at the target, then let the {strong} arm {come over the shoulder|whip over}.
    The hips {open|turn} toward the target first, and the throwing arm {follows|comes} over the top.
    {Step|Stride} into it with the {weak} foot and {swing|bring} the throwing hand down across your body.
    It's a one-handed throw: {elbow back|elbow up and back}, shoulders turned, then {rotate|unwind} and release.
    {Draw|Pull} the ball back past your ear with one hand, {rotate|turn} the hips, and {launch|throw} it downcourt.
    Throw it {overarm|overhand}, {as you would throw|like you throw} a stone: side-on, long step, one hand.
  """,
  'layup': """
    {Take|It's} two {long|big} steps, jump off the {weak} foot, and lay the ball up with the {strong} hand.
    Drive the {strong} knee up as you {take off|jump} from the {weak} leg, and reach {high|for the board}.
    {strong}, {weak}, up: {gather|pick up} the ball on the run and jump off one foot.
    {Run|Go} at the basket, {lift|bring up} one knee, and {release|let go of} the ball at full reach with one hand.
    The take-off is from one foot while {moving|running}, with the {strong} thigh {lifted|raised} to your hip.
    {Stretch|Extend} up to the rim off a running jump and {place|lay} the ball softly on the {glass|board}.
    Two steps on the move, then {a jump off|take off from} a single leg, {knee|opposite knee} high.
    {Carry|Bring} the ball up with you as the knee {drives|comes} up, and finish with one {soft|gentle} hand at \
      the rim.
  """,
  'crossover': """
    Bounce the ball {hard|low} in front of you from one hand to the other.
    {Push|Snap} the ball across your body, {below the knees|at knee height}, and {pick it up|catch it} with the \
      other hand.
    {Sell|Step to} one side, then {whip|swing} the ball in front of you over to the opposite hand.
    The ball {crosses|passes} in front of your {shins|feet}, from {strong} hand to {weak} hand, and you go with it.
    {Stay|Get} low, reach the dribbling hand across the {front|front of your body}, and switch sides with one bounce.
    {Shift|Rock} your weight one way and {throw|bounce} the ball the other way, always in front of the body.
    In the {skill} the ball {changes|swaps} hands with a quick, low bounce before your {toes|feet}.
    {Cross|Swing} the ball in front {with a low bounce|low}, shoulder down, and explode to the {other|new} side.
  """,
  'between_legs': """
    {Open|Spread} your stance, one foot {in front|forward}, and bounce the ball through the gap under you.
    {Push|Send} the ball down between your legs so it {comes up|pops up} in the other hand behind you.
    One foot {well|far} ahead of the other, sit {low|down}, and {bounce|put} the ball under the front thigh.
    The ball {passes|goes} under your body, from the front hand to the hand {waiting|ready} behind the other leg.
    {Split|Stagger} your feet and {thread|slip} the ball between them with one {sharp|hard} bounce.
    {Lean|Bend} forward, reach the ball {down inside the knee|to the inside of the knee}, and let it go between \
      the legs.
    {With your feet|Feet} staggered, the ball {hits|strikes} the floor right under your hips and changes hands.
    Your legs make {a gate|an arch}; {pass|dribble} the ball through it and {collect|catch} it on the other side.
  """,
  'behind_back': """
    {Wrap|Swing} the ball around behind your back and bounce it {over to|into} the other hand.
    {Reach|Take} the dribbling hand back past your hip and {push|throw} the ball behind you to the far side.
    The ball {travels|goes} behind your {back|seat}, not in front, so {your body|your trunk} protects it.
    {Slap|Pull} the ball round the back of your hip and {pick it up|meet it} with the {weak} hand.
    {Turn|Twist} the shoulders a touch, {sweep|whip} the arm round your back, and change hands there.
    Keep {moving|going} forward while the ball {bounces|crosses} behind you from hand to hand.
    In the {skill} the hand {goes|swings} behind your pocket and the ball comes out on the other side.
    {Bring|Drag} the ball back by your hip, then {flip|push} it across behind you, eyes up.
  """,
  'hesitation': """
    {Rise|Stand} up a little in the middle of the dribble, {pause|freeze}, and go again with the same hand.
    Keep the ball in the same hand; {slow down|stall} as if you would shoot, then {burst|go} past.
    {Straighten|Lift} your trunk and {float|hang} for a moment, so the defender {relaxes|stands up too}.
    The ball does not change hands: {it just|it only} bounces {higher|a bit higher} while you {stop|stall}.
    {Fake|Pretend} that you are stopping: chest up, head up, {short pause|a beat}, same hand, then drive.
    {Look|Glance} up at the rim, {come|rise} out of your crouch, and hold the dribble for one beat.
    One {upright|tall} beat, then {down|low} again: the {skill} is a change of speed and not of side.
    {Pull up|Come up tall} on one bounce, {keep|leave} the ball on the same side, and then accelerate.
  """,
}
