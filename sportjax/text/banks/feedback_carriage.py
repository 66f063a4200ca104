"""Feedback in words of any sport on how the body is carried: praise, fault, reason and advice."""

FEEDBACK = {
  'knee_bend': {
    'praise': """
      {Good|Great} use of the legs: you {sink|load} nicely before you {go|move}.
      I {like|love} how low you get; the {power|spring} really comes from the ground.
      Your knees are {soft|loaded} at {just|exactly} the right moment.
      You {sit|sink} into it well, and that gives you {a lot of|plenty of} push.
    """,
    'fault': """
      Your knees {stay|are} almost {locked|straight} when you should be {loading|sinking}.
      You're {too tall|standing up too straight}; the legs {hardly|barely} bend.
      {There is|I see} no dip in the legs at all, so everything comes from {the upper body|up top}.
      The legs are {stiff|rigid} like {stilts|posts} as you get ready.
      You {start|go} from {straight|nearly straight} legs instead of from a crouch.
      You {skip|leave out} the crouch and {do it|go} with stiff legs.
      The hips {never drop|stay high}, because the knees don't {give|fold}.
      Your {thighs|legs} aren't doing {anything|much}: the knees hardly {flex|move}.
    """,
    'reason': """
      Without a bend {there's|there is} nothing to push {from|with}.
      {Straight|Stiff} legs can't {store|produce} any spring.
      The {power|drive} should start at the floor, and stiff legs {cut it off|block it}.
      When you stay that tall, the arms {must|have to} do all the {work|lifting}.
    """,
    'advice': """
      {Sink|Sit} lower before you {go|start}, as if you were sitting {on|on to} a stool.
      {Bend|Flex} the knees {more|deeper}, then push the ground away.
      {Load|Coil} your legs like a spring, {then|and only then} drive up.
      {Get|Drop} your hips {down|lower} and feel the {thighs|big muscles} work.
      {Try|Practise} it from a deeper crouch {a few times|ten times in a row}.
      {Unlock|Soften} the knees early and {let them|have them} go further over the toes.
      {Think|Say to yourself} down, {then|and} up: the deeper you dip, the easier it {gets|is}.
      {Give|Take} yourself another {hand's width|ten centimetres} of dip in the legs.
    """,
  },
  'head_alignment': {
    'praise': """
      {Nice|Good} neutral neck, the head is {in line|right where it should be}.
      The head {stays|is} in line with the {spine|back}, {very|really} clean.
      You {keep|hold} your chin {level|in}, well done.
      {Ears|Your ears} {over|in line with} the shoulders all the time, {great|lovely}.
    """,
    'fault': """
      You throw your head {back|backwards}.
      Your chin {shoots|goes} up and the neck {snaps|bends} back.
      The head {drops|falls} back behind the {shoulders|spine}.
      You're {looking|staring} at the ceiling with the neck {cranked|thrown} back.
      The {neck|head} isn't in line; it {tips|tilts} to the rear.
      You {start|lead} with the head by {flinging|throwing} it back.
      Your {nose|chin} {points|is} way up in the air.
      The {neck|throat} is stretched and the {back of the head|skull} goes to your shoulders.
    """,
    'reason': """
      When the head goes back, the {back|spine} arches with it.
      You {lose|can't keep} your bearings with the head {flung|dropped} back.
      A {thrown|loose} head {pulls|takes} the whole body {out of line|off its path}.
      It's {risky|dangerous} for the neck, and it {slows|costs} you.
    """,
    'advice': """
      {Tuck|Pull} the chin in {a little|slightly}.
      {Keep|Hold} your head in line with the {spine|back}.
      {Look|Keep looking} straight ahead, {not up|never upwards}.
      {Hold|Imagine} a tennis ball {under|beneath} your chin.
      {Make|Keep} the back of the neck {long|stretched}.
      {Ears|Keep your ears} between the {arms|shoulders}.
      {Leave|Keep} the head {neutral|quiet} and let the body {do|make} the move.
      {Squeeze|Bring} the chin {down|toward the chest} instead of letting it fly {up|back}.
    """,
  },
  'posture': {
    'praise': """
      {Lovely|Great} flat back.
      Your {back|spine} stays long and {strong|straight} throughout.
      {Proud|Tall} chest and a {firm|straight} spine, that's {it|how it should be}.
      The trunk is {solid|firm}, no {slouch|rounding} anywhere.
    """,
    'fault': """
      Your back is {rounded|hunched}.
      You {slouch|hunch over}; the spine is {bent like a C|curled}.
      The {chest|breastbone} {caves|sinks} in and the {upper back|back} curls.
      You're {bending|folding} from the spine instead of from the hips.
      The back {rounds|gives way} like a {cat's|frightened cat's}.
      Your shoulders {roll|fall} forward and the {back|spine} {follows|curves}.
      I see a {hump|curve} where there should be a {straight|flat} back.
      You {collapse|sag} in the trunk.
    """,
    'reason': """
      A {round|curled} back can't {pass on|transfer} the force of the legs.
      That's {hard|tough} on the {discs|lower back}.
      With the trunk {curled|hunched} you can't {turn|breathe} freely.
      A {long|flat} back is what {links|connects} the legs and the arms.
    """,
    'advice': """
      {Lift|Raise} your {chest|breastbone}.
      {Straighten|Flatten} your back and {tighten|brace} the stomach.
      {Bend|Fold} from the hips and {keep|hold} the spine long.
      {Pull|Squeeze} your shoulder blades {together|back and down}.
      {Make|Get} yourself {tall|long} from the tailbone to the {neck|head}.
      {Show|Push} me the {writing|logo} on your shirt.
      {Brace|Tighten} your trunk before you {move|start}.
      {Imagine|Think of} a broomstick {along|down} your back, and keep {touching|contact with} it.
    """,
  },
  'balance': {
    'praise': """
      {Rock|Really} steady at the end, you could {stand|stay} there all day.
      You're {perfectly|completely} stable, {over|right over} your feet.
      {Great|Good} control: no {wobble|sway} at all.
      You {finish|end} tall and {steady|still}, {super|very nice}.
    """,
    'fault': """
      You {tip|fall} over to the side at the end.
      Your trunk {leans|sways} sideways and you have to {save|catch} yourself.
      You're {wobbling|swaying} when you should be {still|steady}.
      The {upper body|trunk} tilts and the weight {runs away|goes} to one side.
      You {drift|topple} off to the side.
      You can't {hold|keep} the end, you {tip|lean} over.
      The weight ends up on the {edge|outside} of one foot.
      You {finish|end} crooked, {hanging|leaning} to one side.
    """,
    'reason': """
      If you {tip|fall}, {part|some} of the force goes {sideways|to the side}.
      You can't {repeat|control} what you can't {hold|stand on}.
      {Leaning|Tipping} like that means you're not {ready|set} for what comes next.
      A {wobbly|shaky} end {tells|shows} me that the weight was off {before|earlier}.
    """,
    'advice': """
      {Keep|Hold} your weight over the {middle|centre} of your feet.
      {Hold|Freeze} the end for {two|three} seconds without {moving|a step}.
      {Tighten|Brace} the middle and {stay|stand} upright.
      {Keep|Leave} the {head|nose} over the feet and the shoulders {level|even}.
      {Feel|Sense} the big toe, the little toe and the heel {press|all press} down.
      {Slow|Calm} down until you can {finish|end} without {tipping|a wobble}.
      {Practise|Try} it with your eyes {closed|shut} and {hold|keep} still at the end.
      {Stay|Be} centred, {don't|never} let the hip {slide|push} out to the side.
    """,
  },
  'symmetry': {
    'praise': """
      Both arms {do|work} exactly the same, {very|really} tidy.
      {Perfectly|Beautifully} even left and right.
      The arms {mirror|match} each other {well|all the way}.
      {Nice|Good} and square, both hands at {one|the same} height.
    """,
    'fault': """
      One arm is {lower|weaker} than the other.
      Your arms are {uneven|crooked}: one hand {lags|stays} behind.
      The left and the right {don't match|do different things}.
      One {elbow|hand} is up while the other one {hangs|drops}.
      You {push|lift} more with one side than {with|on} the other.
      It's {lopsided|skewed}, one hand gets there {first|before the other}.
      One arm {bends|folds} and the other one {stays|is} long.
      The hands are not at {the same|one} height.
    """,
    'reason': """
      Unequal arms {turn|twist} the whole body.
      If one side {does|gives} less, everything {veers|goes} off line.
      The {weak|lazy} side {drags|pulls} you round.
      An uneven pair of hands {shows|is visible} at once, and it {costs|takes away} control.
    """,
    'advice': """
      {Bring|Take} both hands to {the same|equal} height.
      {Move|Use} the arms as if they were {tied|glued} together.
      {Watch|Check} the lazy arm and {lift|bring} it up {as well|to match}.
      {Do|Try} it in front of a mirror and {match|compare} left with right.
      {Push|Reach} {equally|just as far} with both hands.
      {Think|Feel} left and right {together|at the same time}.
      {Start|Begin} both arms at the same {moment|instant}.
      {Even|Level} out the hands before you {go on|finish}.
    """,
  },
  'stance_width': {
    'praise': """
      {Good|Great} solid base, feet {nicely|well} apart.
      You {stand|set up} wide enough to be {stable|strong}.
      The feet are {just|exactly} where they {should be|belong}.
      {Strong|Stable} platform {under you|down there}, well set up.
    """,
    'fault': """
      Your feet are too close {together|to each other}.
      You {stand|set up} far too {narrow|tight}.
      The base is {tiny|too small}, almost {heel to heel|feet touching}.
      You're {standing|perched} on a {tightrope|rail}.
      There's {hardly|barely} a {foot's|hand's} width between your shoes.
      The legs are {together|closed} when they {should|ought to} be apart.
      With {feet|shoes} that close you are {easy to push over|like a pencil on its tip}.
      You {set|put} your feet {right|almost} next to each other.
    """,
    'reason': """
      A {narrow|small} base makes you {sway|tip}.
      You can't {push|shift your weight} sideways from {there|so small a base}.
      With feet together the {hips|legs} can't {work|load}.
      {Nobody|You can't} be strong on a base {that|so} small.
    """,
    'advice': """
      {Set|Put} your feet {wider|further apart}.
      {Step|Move} out until the feet are {under|outside} the shoulders.
      {Take|Give me} a {wider|broader} base before you start.
      {Spread|Open} your feet another {shoe's|foot's} width.
      {Check|Look} down: there should be {room|space} for a {ball|third foot} between them.
      {Stand|Plant yourself} like a {table|tripod}, not {like|on} a pole.
      {Move|Shift} one foot {out|to the side} a {bit|little} more.
      {Make|Get} the base {bigger|broader} and feel how much {firmer|steadier} it is.
    """,
  },
  'landing_softness': {
    'praise': """
      {Quiet|Soft} landing, I {hardly|couldn't} hear it.
      You {absorb|take up} the landing {really well|beautifully}.
      The knees {give|bend} as you come down, {perfect|spot on}.
      {Like|You land like} a cat, {great|lovely}.
    """,
    'fault': """
      You {land|come down} with {straight|stiff} legs.
      {That|The} landing was {hard|a thud}; the knees {didn't give|stayed locked}.
      You {slam|crash} into the ground on {rigid|locked} legs.
      There's no {give|cushion} when you touch down.
      You {hit|meet} the floor like a {post|board}.
      The legs don't {fold|absorb} as you {land|come down}.
      I can {hear|feel} that landing from {here|over here}: no bend at all.
      You {come|drop} down stiff, {bolt upright|straight as a stick}.
    """,
    'reason': """
      All of that {shock|force} goes into your {knees and back|joints}.
      You {can't|won't} hold a landing on {locked|stiff} legs.
      Stiff legs make you {bounce|hop} and {step|stumble}.
      {Joints|Your knees} pay for every {hard|heavy} landing.
    """,
    'advice': """
      {Bend|Give in} the knees as {soon as|the moment} you touch down.
      {Land|Come down} softly, {toes|balls of the feet} first, then sink.
      {Absorb|Cushion} it by {sitting|sinking} into the hips.
      {Try|Aim} to land without a {sound|noise}.
      {Sink|Ride} down into the landing, {then|and} stand up.
      {Imagine|Picture} landing on {eggs|thin ice}.
      {Let|Have} the {ankles, knees and hips|legs} fold together.
      {Meet|Reach for} the ground early and {brake|give} slowly.
    """,
  },
  'leg_extension': {
    'praise': """
      {Beautiful|Lovely} straight {legs|leg line}.
      The knee is {completely|fully} {straight|stretched}, that's {clean|what we want}.
      {Long|Really long} legs there, {great|super}.
      You {lock|stretch} that knee {well|all the way}.
    """,
    'fault': """
      Your {knee is|knees are} bent when the leg should be {long|straight}.
      I see {soft|loose} knees: the leg isn't {stretched|straight}.
      You {let|allow} the knee {fold|give} at the wrong {time|moment}.
      The leg {stays|is} {crooked|bent}, the line {breaks|is broken} at the knee.
      You never {straighten|stretch} the leg {out|properly}.
      There's {a clear|an obvious} {angle|kink} in your knee.
      The leg {looks|is} short, because the knee {isn't|is not} stretched.
      You {relax|drop} the leg and it {buckles|bends}.
    """,
    'reason': """
      A {crooked|folded} leg {shortens|spoils} the {line|swing}.
      {People|Everybody} will {see|spot} a bent knee {at once|from anywhere}.
      A {soft|bent} knee {swallows|eats up} the {force|speed}.
      With the knee {loose|soft} you can't {control|steer} the leg.
    """,
    'advice': """
      {Stretch|Straighten} the knee {fully|all the way}.
      {Squeeze|Tighten} the thigh until the knee is {straight|locked}.
      {Push|Reach} through the heel and {make|get} the leg long.
      {Pull|Draw} the kneecap up to {stretch|straighten} the leg.
      {Reach|Lengthen} from the hip to the {toes|foot}.
      {Imagine|Picture} a splint {along|on} the back of your {leg|knee}.
      {Lock|Fix} the knee {before|as} the leg {comes up|arrives}.
      {Think|Feel} long legs, {strong|tight} thighs.
    """,
  },
  'toe_point': {
    'praise': """
      {Lovely|Gorgeous} feet, {fully|really} stretched.
      The {foot is|feet are} stretched right to the {tips|end}.
      {Great|Nice} ankles: a {perfect|clean} line to the very end.
      You {stretch|finish} the line down to {the last|your} toe.
    """,
    'fault': """
      Your {foot is|feet are} {flexed|pulled up}.
      The {ankle|foot} is {hooked|bent up} instead of stretched.
      The {toes|feet} {stick|point} up toward the shin.
      You {forget|neglect} your feet, they're {loose|flat}.
      I see {flat|sickled} feet at the end of {the|that} leg.
      The line {stops|ends} at the ankle, the foot {hangs|is} slack.
      The ankle is {soft|cocked} when it {should|ought to} be {stretched|long}.
      Your {soles|feet} are {square|at right angles} to the shin.
    """,
    'reason': """
      {Loose|Flexed} feet {spoil|break} the line.
      A {loose|hooked} ankle {wobbles|gives} at the {wrong|worst} moment.
      It {looks|makes everything look} unfinished, and it {is|feels} slack.
      A {firm|stretched} foot is a {clean|hard} end of the {leg|lever}.
    """,
    'advice': """
      {Stretch|Press} the {ankle|instep} and {reach|curl} through the toes.
      {Push|Press} the toes {away|away from you}.
      {Point|Stretch} your {feet|toes} like a {dancer|ballerina}.
      {Squeeze|Curl} the toes {down|under} as {soon as|long as} the foot is off the ground.
      {Lengthen|Stretch out} the top of {your|the} foot.
      {Lock|Firm up} the ankle {down|in the stretched position}.
      {Make|Draw} one line from the knee to the {big toe|tip of the foot}.
      {Don't|Never} let the foot {hang|hook}: {stretch|press} it down hard.
    """,
  },
}
