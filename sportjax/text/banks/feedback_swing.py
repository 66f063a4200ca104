"""Feedback in words of any sport on swings and their order: praise, fault, reason and advice."""

FEEDBACK = {
  'hip_rotation_timing': {
    'praise': """
      The hips {open|turn} first and the arm {follows|comes after}, lovely {sequence|order}.
      {Great|Nice} lead from the {hips|pelvis}; everything else {whips|follows} behind it.
      You {start|begin} from the hips, and you can {see|feel} the speed it gives.
      Your belt buckle gets round {early|in good time}, that's {textbook|just right}.
    """,
    'fault': """
      Your hips {arrive|come round} too late; the {arm|rest} is already {through|gone}.
      The pelvis is still {closed|turned away} at the moment of {contact|the hit}.
      You {swing|go} first and turn the hips {after|afterwards}.
      The lower body {lags|trails} behind, so it {adds|gives} nothing.
      {Everything|It all} comes from the upper body, and the hips {catch up|join in} late.
      Your belt buckle is still {facing|pointing} sideways when it {matters|counts}.
      You're {holding|keeping} the hips back {too long|for too long}.
      The {order|sequence} is wrong: hips {last|after the limbs} rather than first.
    """,
    'reason': """
      If the hips are late, the {speed|power} of the big muscles never {gets|arrives} there.
      The hips have to {pull|drag} the rest along like {a whip|the handle of a whip}.
      Hips that come late {mean|make for} a weak, {forced|all-arm} movement.
      You {lose|throw away} half your speed when the {middle|pelvis} turns afterwards.
    """,
    'advice': """
      {Start|Begin} the forward move by {turning|opening} the hips.
      {Fire|Turn} the hips {earlier|sooner} and let everything else {follow|lag behind}.
      {Lead|Go} with the belt buckle: {point|turn} it to the target before you hit.
      {Feel|Think of} the back hip pushing {forward|through} first.
      {Let|Have} the pelvis {win|be first} and the limb come {last|second}.
      {Try|Practise} it in slow motion: hips, {pause|stop}, then {the rest|the swing}.
      {Clear|Rotate} the hips out of the way before the {hit|release}.
      {Push|Drive} off the back foot so that the hips {come round|open} in time.
    """,
  },
  'shoulder_rotation': {
    'praise': """
      {Full|What a} coil there: your back is {really|nicely} turned.
      {Lovely|Good} turn of the upper body {against|over} the hips.
      You {wind|coil} up well, so there's {plenty|a lot} to unwind.
      The chest {turns|comes} right round in the wind-up, {excellent|very good}.
    """,
    'fault': """
      You only {lift|take back} the arms; the chest {stays|keeps} facing front.
      The {upper body|trunk} doesn't wind up, {it's|that was} all arms.
      Your chest {hardly|barely} turns as you {prepare|get ready}.
      There's no coil: {chest and hips|upper and lower body} move as one block.
      You're {square|facing forward} when you ought to be {side-on|wound up}.
      The {torso|upper body} stays {open|square} in the wind-up.
      I can still see your whole {chest|shirt front} at the {top|back} of it.
      {Only|Just} the hands go back, and the {trunk|torso} stays where it was.
    """,
    'reason': """
      With no coil there's nothing to {unwind|let go}.
      The arms alone are {weak|slow}; the {big|large} muscles sit in the trunk.
      Without the turn you {run out of|have no} room to {build|gain} speed.
      {Arms-only|All-arm} swings break down {under pressure|when you get tired}.
    """,
    'advice': """
      {Turn|Rotate} your back {toward|to} the target as you {wind up|prepare}.
      {Get|Bring} your chin over the front {shoulder|collarbone}.
      {Wind|Coil} the trunk up before the arm {does|starts} anything.
      {Show|Let me see} your {shoulder blade|back} before you swing.
      {Take|Move} chest and arms back {together|as one unit}.
      {Turn|Twist} further from the {waist|ribs} while the hips {resist|hold}.
      {Hold|Lay} a stick across your collarbones and {turn|wind} it all the way.
      {Point|Aim} the front shoulder at the {ball|target} in the wind-up.
    """,
  },
  'elbow_height': {
    'praise': """
      The elbow is {nice and high|up where it belongs}, {great|lovely} arm.
      {Good|Great} frame: elbow {level with|right by} the shoulder.
      You {keep|get} the elbow up, so the forearm is {free|loose}.
      {That's|There's} the high elbow I {want|was asking for}.
    """,
    'fault': """
      Your elbow {drops|hangs} far below the shoulder.
      The elbow is {low|down by your ribs} as you get ready.
      You're {pushing|doing it} from under the shoulder, because the elbow {sank|fell}.
      The {upper arm|elbow} points at the {floor|ground} instead of out.
      I see a {dropped|sagging} elbow {just before|ahead of} the release.
      You {let|allow} the elbow {collapse|sag} in the wind-up.
      The arm is {folded|tucked} against your side, the elbow {never|doesn't} come up.
      It all {starts|comes} from too low, with the elbow {under|beneath} the shoulder line.
    """,
    'reason': """
      From down there you can only {push|shove}, not {whip|extend}.
      A {dropped|sagging} elbow makes the path {flat|too flat}.
      {It|A dropped elbow} also {strains|hurts} the shoulder {in the long run|over time}.
      You {lose|give away} height and {reach|control} with the elbow down there.
    """,
    'advice': """
      {Lift|Raise} the elbow to the {line|height} of your shoulder.
      {Get|Bring} the elbow up {first|early} and let the hand {hang|follow}.
      {Imagine|Picture} resting your elbow on a {shelf|table}.
      {Point|Aim} the elbow {up and out|outward} before you go.
      {Keep|Hold} your upper arm {level|parallel to the floor} in the wind-up.
      {Check|Look} in a mirror that the elbow is no {lower|deeper} than your chin.
      {Start|Begin} with the arm already {high|lifted}, so it can't {drop|sag}.
      {Bring|Pull} that elbow {higher|up more}, then {unfold|release}.
    """,
  },
  'arm_extension': {
    'praise': """
      {Full|Great} reach there, the arm is {completely|perfectly} straight.
      {Lovely|Nice} long arm at the {moment|point} that counts.
      You {stretch|reach} all the way out, {super|well done}.
      The elbow {opens|straightens} fully, exactly {what I want|right}.
    """,
    'fault': """
      Your elbow is still {bent|folded} when the arm should be {long|straight}.
      The arm never {straightens|gets straight}.
      You're {cramped|jammed}: there's a {big|clear} angle at the elbow.
      You {stop|finish} short with {a folded|a crooked} arm.
      I see {soft|half-bent} elbows instead of {a long line|long arms}.
      The arm stays {short|tucked in}, as if you {were afraid|didn't dare} to reach.
      You {don't|never} use your full {length|reach}; the elbow {keeps|holds} an angle.
      The {line|arm} is broken at the elbow.
    """,
    'reason': """
      A {folded|crooked} arm {costs|loses} you {reach|length} and control.
      With the elbow {bent|folded}, the force {leaks|gets lost} there.
      A {crooked|soft} arm {gives way|wobbles} when it {matters|counts}.
      {Everyone|Anyone} {will|can} see {a broken line|that angle} at once, and it's {weaker|less stable} too.
    """,
    'advice': """
      {Stretch|Reach} until the elbow is {straight|locked out}.
      {Push|Press} the hand as far {away|out} as it goes.
      {Straighten|Stretch} the arm {fully|completely}.
      {Reach|Extend} through the fingertips.
      {Lock|Open} the elbow and {hold|keep} it there for a moment.
      {Imagine|Think of} touching {the far wall|something just out of reach}.
      {Finish|Complete} the stretch before you {relax|let go}.
      {Make|Get} the arm {long|as long as you can}, from the shoulder {on|to the fingers}.
    """,
  },
  'preparation_depth': {
    'praise': """
      {Big|Long} wind-up there, you {gave|give} yourself {time|room}.
      You {take|draw} it back {fully|a long way}, and it pays off.
      {Good|Great} wide swing {back|in the preparation}.
      {Lots|Plenty} of room to {accelerate|build speed}, well prepared.
    """,
    'fault': """
      You {hardly|barely} {wind up|draw back} before you go.
      The {wind-up|take-back} is {tiny|far too short}.
      You {start|go} from right {in front of you|where you stand}, with no run-in for the limb.
      There's {next to no|almost no} swing {back|in the preparation}.
      You {rush|cut} the wind-up {halfway|in half}.
      It's a {jab|poke}: nothing {goes|is taken} back first.
      Your swing {begins|starts} too {close|near} to the end.
      You {leave|give} yourself no {distance|room} to build speed.
    """,
    'reason': """
      Speed needs a {path|distance} to {grow|build} on.
      With so {short|small} a wind-up you have to {muscle|force} it.
      You can't {accelerate|speed up} over a few {inches|centimetres}.
      A short {start|take-back} makes you {jerk|snatch} at it.
    """,
    'advice': """
      {Take|Draw} it back {further|more} before you go.
      {Give|Allow} yourself a longer {wind-up|run-in}.
      {Swing|Reach} back until you feel a {stretch|pull} in front.
      {Start|Begin} earlier so there's {time|room} for a full swing back.
      {Go|Move} all the way back, {wait|pause} for a blink, then {go|come through}.
      {Make|Draw} a bigger {circle|arc} on the way back.
      {Double|Lengthen} the {distance|path} of your wind-up.
      {Wind up|Pull back} as if you {wanted|were going} to go twice as hard.
    """,
  },
  'follow_through': {
    'praise': """
      You {finish|complete} the movement {beautifully|all the way}.
      {Lovely|Great} long finish, nothing {held back|cut off}.
      You {carry|let it run} right on to the end, {well done|very good}.
      {Hold|You hold} that finish {like a statue|well}, I like it.
    """,
    'fault': """
      You {stop|brake} {right|straight} after the ball {leaves|is gone}.
      The movement is {cut off|chopped} {halfway|too soon}.
      You {pull|snatch} it back {at once|straight away}.
      There's no {finish|ending}: it just {stops|dies}.
      You {give up|quit} on it {as soon as|the moment} it's gone.
      The {movement|swing} doesn't {run out|carry on}, it {freezes|stalls}.
      {Everything|It} ends {too early|abruptly}, as if you hit a wall.
      You {don't|never} let the swing {go on|run} to its end.
    """,
    'reason': """
      If you {brake|stop} early, you {slow down|brake} before the ball {leaves|goes} already.
      {Stopping|Braking} that hard also {loads|hurts} the joints.
      The {direction|accuracy} suffers when the movement {breaks off|is chopped}.
      The {end|finish} shows what {happened|you did} before it, so don't {skip|drop} it.
    """,
    'advice': """
      {Keep|Carry on} going {after|long after} the ball has {gone|left}.
      {Let|Allow} the swing run {out|to its natural end}.
      {Finish|Go on} until you can't {go|move} any further.
      {Hold|Freeze} the end position until {I count to two|everything has stopped}.
      {Swing|Go} through the {target|ball}, not {to|at} it.
      {Don't|Never} brake: {let it|it should} fly on by itself.
      {Complete|Finish} the movement and {pose|stay} there for a {photo|picture}.
      {Relax|Stay loose} and let the {momentum|speed} carry you on.
    """,
  },
  'head_still': {
    'praise': """
      Your eyes stay {down|on it} the whole time, {excellent|great discipline}.
      {Very|Beautifully} quiet head there.
      You {keep|hold} your face {down|still} until it's gone, {good|perfect}.
      The head {doesn't move|is rock solid} until the ball has gone.
    """,
    'fault': """
      You {look|peek} up {too early|before it has happened}.
      Your {face|chin} {pops|comes} up just before the ball {leaves|goes}.
      The head {lifts|jerks up} at the {crucial|key} moment.
      You want to see the {result|outcome} and {raise|lift} your eyes {too soon|early}.
      Your {chin|gaze} is already {up|away} when it {counts|matters}.
      You {take|pull} your eyes off it {just before|right before} the ball {goes|is away}.
      The face {comes|rises} up and the {whole body|trunk} goes with it.
      You're {watching|checking} where it goes before it {has gone|leaves}.
    """,
    'reason': """
      When the head {comes up|lifts}, the chest {follows|comes up too}.
      You can't {time|control} what you don't {see|look at}.
      {Peeking|Looking up} shifts everything by {a few centimetres|an inch or two}.
      The {body|spine} goes where the {eyes|head} go.
    """,
    'advice': """
      {Keep|Hold} your eyes {down|on the spot} a {moment|second} longer.
      {Look|Stare} at the {same spot|same place} until it's over.
      {Leave|Keep} your chin {where it is|down} through the whole action.
      {Listen|Wait} for the result instead of {looking|watching} for it.
      {Count|Say} one before you {look up|raise your eyes}.
      {Quiet|Still} head: {nothing|no part} above the {shoulders|collar} moves.
      {Fix|Pin} your gaze on {one spot|a single point} and {stay|keep it} there.
      {Trust|Believe in} it, eyes {down|low}, and look {later|afterwards}.
    """,
  },
  'rhythm': {
    'praise': """
      {Lovely|Great} flow, no {stop|break} anywhere.
      It's all {one|a single} smooth {movement|motion}.
      {Really|Very} fluid, the {timing|tempo} is {spot on|just right}.
      {One|It goes in one} long wave from start to finish, {super|excellent}.
    """,
    'fault': """
      You {hesitate|pause} right before you go.
      There's a {hitch|stutter} in the middle.
      You {stop|freeze} for a moment and then have to {start|begin} again.
      It's {jerky|choppy}: {stop|pause}, then a {rush|jerk}.
      The {movement|motion} {stalls|gets stuck} just before the {key|main} part.
      You {wait|think} too long, and the {flow|speed} is {gone|lost}.
      {Two|It's two} separate {pieces|movements} instead of one.
      You {break|interrupt} the movement just when it should {speed up|take off}.
    """,
    'reason': """
      Each {stop|pause} {kills|wastes} the speed you have {built|gained}.
      The {stretch|spring} in the muscles is {gone|lost} when you {wait|pause}.
      A {stutter|pause} makes the timing {a lottery|different every time}.
      After a {stop|freeze} you have to {force|muscle} it from {zero|a standstill}.
    """,
    'advice': """
      {Keep|Stay} moving from {start|beginning} to finish.
      {Flow|Go} straight {through|on} without {a stop|stopping}.
      {Count|Say} one, two, three {evenly|out loud} and {move|go} on the beat.
      {Start|Begin} {slower|more slowly}, then {speed up|accelerate} all the way.
      {Make|Turn} it into one {smooth|single} movement.
      {Don't|Never} think in the middle: {decide|make up your mind} first, then {go|do it}.
      {Hum|Sing} a tune and {let|have} the movement {ride|go} along.
      {Link|Join} the {wind-up|preparation} and the {action|main part} with no gap.
    """,
  },
}
