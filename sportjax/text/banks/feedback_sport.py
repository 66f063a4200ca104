"""Advice in the words of one sport, by sport and attribute: it says what to do with ball, bar, club, board or blade."""

ADVICE = {
  'diving': {
    'knee_bend': """
      {Ride|Press} the board {down|deeper} with bent knees before it throws you up.
      {Sink|Bend} further as the board {goes|bends} down, and it will give you more height.
      {Use|Wait for} the board: {deep|low} crouch, then let it {fling|lift} you.
      {Your|The} knees should {fold|give} as the springboard {dips|goes down}.
    """,
    'arm_extension': """
      {Reach|Stretch} for the water with {straight|locked} elbows.
      {Grab|Lock} your hands and {press|push} long arms through the surface.
      {Long|Straight} arms {cut|open} a hole in the water for the body to {follow|go through}.
      {Squeeze|Press} the upper arms to your ears and go in with {both|the} elbows locked.
    """,
    'head_alignment': """
      {Hide|Keep} your ears between your arms as you {enter|go in}.
      {Look|Glance} at the water with the eyes only, {not by lifting the chin|chin stays in}.
      {Enter|Go in} with the {crown|top} of the head, neck {long|in line}.
      {Squeeze|Lock} your head between the arms until you are {under|under water}.
    """,
    'toe_point': """
      {Stretch|Press} your toes so the last thing to go {under|in} makes no splash.
      {Finish|Complete} the line: toes {stretched|squeezed} all the way {down|in}.
      {Flat|Hooked} feet {throw up|make} a splash, {so press them long|stretch them}.
      {Toes|Stretch the toes} {to the sky|away} as you {drop|go} in.
    """,
    'preparation_depth': """
      {Swing|Circle} the arms right back past your hips before the {press|board goes down}.
      {Bigger|Make a bigger} arm swing: back, {through|down}, and up as the board lifts.
      {Let|Have} the arms go {far|well} behind you, then {sweep|throw} them to the ceiling.
      {Take|Bring} the arms {all the way|further} back before you leave the board.
    """,
  },
  'gymnastics': {
    'landing_softness': """
      {Stick|Land} it with bent knees, {seat|hips} back and arms in front.
      {Give|Let the legs give} into the mat like {a spring|pressing a spring}.
      {Cushion|Soften} the landing on the floor with ankles, knees and hips.
      {Motorbike|Take the motorbike} landing: knees {bent|over the toes}, {chest up|arms forward}.
    """,
    'toe_point': """
      {Toes|Get the toes} stretched the {moment|instant} you leave the floor.
      {Press|Push} off the floor all the way through the {ball of the foot|toes}.
      {Judges|The judges} take tenths for {flexed|lazy} feet, {so stretch them|stretch them out}.
      {Stretch|Lengthen} the feet {in|during} every {jump|element}, even the easy ones.
    """,
    'preparation_depth': """
      {Swing|Throw} the arms from behind your back {up to your ears|all the way up}.
      {Bigger|Take a bigger} arm swing before you leave the floor.
      {Arms|Send the arms} {back|far back} first, then lift with them {hard|fast}.
      {Start|Begin} the arms behind the hips so the {lift|upswing} is long.
    """,
    'leg_extension': """
      {Squeeze|Tighten} the thighs: legs like {rulers|sticks} in the air.
      {Knees|Keep the knees} locked in the {air|whole element}, they're {soft|costing tenths}.
      {Stretch|Lock} the knees before the shape {opens|shows}.
      {Kick|Send} the legs out {straight|long}, all the way {through|to the toes}.
    """,
  },
  'skating': {
    'knee_bend': """
      {Sink|Get down} into the skating knee before you {jump|take off}.
      {Deep|A deep} edge needs a deep knee, {so bend|go lower}.
      {Bend|Press} over the blade until you feel the {boot|tongue of the boot}.
      {Soft|Use a soft} knee on the ice, {then|and} spring off the edge.
    """,
    'arm_extension': """
      {Check|Stop} the turn by {stretching|opening} both arms wide on the landing.
      {Press|Push} the arms out {level|to the side} as you {ride|run} the landing edge.
      {Open|Stretch} your arms like {wings|an airplane} when the blade touches down.
      {Hold|Show} long arms on the {exit|way out} of the jump.
    """,
    'leg_extension': """
      {Stretch|Lengthen} the free leg behind you on the landing.
      {Reach|Sweep} the free leg back {long|straight} as you glide out.
      {Lock|Straighten} the free knee and {turn|lift} it out on the exit edge.
      The free leg should be {straight|stretched} like a {rudder|ruler} on the way out.
    """,
    'landing_softness': """
      {Land|Come down} through the toe pick and {sink|bend} into the landing knee.
      {Soft|Give me a soft} knee on the ice as the blade {bites|touches}.
      {Absorb|Take} the landing in the knee, then {run|flow} out on the edge.
      {Bend|Give} deep in the landing leg, so the edge {runs|glides} on.
    """,
  },
  'tennis': {
    'knee_bend': """
      {Get|Sit} down to the ball with your knees, {not|never} with the racket.
      {Bend|Load} the legs before you {swing|hit}, and rise up into the ball.
      {Low|Stay low} to a low ball, {knees first|bend the knees}.
      {Drop|Sink} into the legs as the racket goes {back|up}.
    """,
    'shoulder_rotation': """
      {Turn|Rotate} side-on: {show|let} the other player see your back shoulder.
      {Point|Turn} the front shoulder at the ball, {back|your back} half to the net, before you {swing|hit}.
      {Chin|Put the chin} over the front {shoulder|collarbone} before the racket {comes|swings}.
      {Turn|Coil} the trunk away from the net {first|right away}.
    """,
    'preparation_depth': """
      {Take|Get} the racket {further|all the way} back before the ball {arrives|gets to you}.
      {Earlier|Start earlier} with the racket, {longer|a longer} take-back.
      {Point|Aim} the butt of the racket at the net before you {swing|come forward}.
      {Racket|Have the racket} back {as soon as|when} you {see|read} the ball.
    """,
    'follow_through': """
      {Let|Have} the racket finish over your {shoulder|other shoulder}.
      {Swing|Go} on until the {elbow|racket} points at your opponent.
      {Catch|Touch} the racket with the other hand at the {end|finish}.
      {Long|Make a long} swing after the strings {leave|have left} the ball.
    """,
    'head_still': """
      {Look|Stare} at the {strings|contact point} until the ball is gone.
      {Watch|See} the ball {onto|right onto} the strings, face {down|still}.
      {Keep|Leave} your eyes behind the ball after you {hit|have hit} it.
      {Read|Try to read} the label on the ball {at contact|as you hit it}.
    """,
    'elbow_height': """
      {Elbow|Get the elbow} up in the trophy {pose|position} before you hit.
      {Line|Get} both shoulders and the elbow {up|in one line} on the serve.
      {Throw|Fling} the racket from a high elbow, {like a ball|as you throw a ball}.
      {Hold|Keep} the hitting elbow up at the {toss|moment of the toss}.
    """,
    'arm_extension': """
      {Hit|Meet} the ball further {in front|out} with a long arm.
      {Reach|Stretch} out to the ball, you're {standing|getting} too close to it.
      {Straighten|Extend} the arm at {contact|the hit} and send the racket after the ball.
      {Give|Leave} yourself more space from the ball, so the arm can {stretch|get long}.
    """,
    'hip_rotation_timing': """
      {Turn|Open} the hips to the net before the {racket|strings} {comes|arrive}.
      {Push|Drive} off the back foot so the hips {beat|lead} the racket.
      {Hip|Back hip} first, racket {last|afterwards}.
      {Belly|Get your belly} button to the net, {then|and then} hit.
    """,
  },
  'golf': {
    'posture': """
      {Tilt|Hinge} from the hip joints over the ball with a flat {back|spine}.
      {Stick|Push} your seat out {a bit|} and lift the {chest|breastbone} over the ball.
      {Let|Have} the arms hang from a straight {back|spine} at address.
      {Set|Lay} the club along your spine and {bow|bend} over the ball without losing it.
    """,
    'stance_width': """
      {Stand|Set up} wider to the ball, insides of the {heels|feet} under the shoulders.
      {Spread|Widen} the feet before you {grip|waggle} the club.
      {Ball|Put the ball} down, {step|then step} out with the {back|other} foot {more|further}.
      {A wider|Take a wider} base lets you {turn|swing} hard without {swaying|tipping}.
    """,
    'hip_rotation_timing': """
      {Start|Begin} the downswing with the front hip, {club|the club} last.
      {Clear|Turn} the hips before the {hands|arms} reach the ball.
      {Bump|Shift} the front hip {to|toward} the target, then let the club {drop|fall}.
      {Unwind|Turn} from the ground up: knees, hips, {hands|club}.
    """,
    'shoulder_rotation': """
      {Turn|Get} your back to the flag at the top.
      {Front|Bring the front} shoulder under your chin in the {backswing|take-away}.
      {Wind|Turn} the chest over the back {foot|leg} while the hips {resist|stay}.
      {Finish|Complete} the turn before the club {starts|comes} down.
    """,
    'preparation_depth': """
      {Take|Swing} the club {further|all the way} back before you start down.
      {Longer|Make a longer} backswing, {hands|the hands} higher.
      {Wait|Be patient} at the top until the club has {got|gone} back.
      {Reach|Stretch} the clubhead {wide|away} from you on the way back.
    """,
    'head_still': """
      {Look|Stare} at the grass under the ball {until|till} the club has passed.
      {Keep|Leave} your {nose|face} over the ball, and {hear|listen to} where it goes.
      {See|Watch} the club hit the back of the ball.
      {Don't|Never} look for the ball before you've {hit|struck} it.
    """,
    'follow_through': """
      {Swing|Go} on until the club {touches|wraps around} your back.
      {Make|Let} the club travel as far {through|past the ball} as it went back.
      {Turn|Rotate} on to the {finish|end}, {belt|buckle} at the target.
      {Send|Throw} the clubhead {after the ball|down the line} and hold it there.
    """,
  },
  'basketball': {
    'knee_bend': """
      {Get|Sit} lower with the ball, the {strength|power} starts in your knees.
      {Dip|Sink} with the ball before you {rise|go up}.
      {Legs|Use your legs}, {legs|legs}, legs: the ball gets there {by itself|easily} then.
      {Bend|Flex} before you catch the ball, so you're {ready|loaded}.
    """,
    'elbow_height': """
      {Elbow|Get the elbow} up and under the ball, {like a waiter with|as if you held} a tray.
      {Point|Aim} the elbow at the {rim|hoop} before you shoot.
      {Lift|Raise} the ball until your upper arm is {level|parallel to the floor}.
      {Set|Start} the shot higher, elbow at {eye|shoulder} height.
    """,
    'follow_through': """
      {Leave|Hold} your {hand|arm} up in the {air|sky} until the ball {drops|gets there}.
      {Make|Give me} a goose neck with the wrist and {freeze|hold} it.
      {Keep|Leave} the arm up high {until|till} the ball has {arrived|dropped}.
      {Reach|Stretch} after the ball and {stay|hold} it up there.
    """,
    'stance_width': """
      {Feet|Set the feet} shoulder width before you {catch|handle} the ball.
      {Wide|Get wide} and low, so nobody {bumps|knocks} you off.
      {Widen|Spread} your feet {before|when} you {dribble|shoot}.
      {Broad|Make a broad} base under the {ball|shot}.
    """,
    'posture': """
      {Chest|Keep your chest} up when you {pass|handle} the ball, {eyes|head} up.
      {Sit|Squat} rather than {slouch|hunch} over the ball.
      {Flat|Hold a flat} back in your {athletic|ready} stance.
      {Bend|Fold} knees and hips, {not|never} the spine, to get {low|down}.
    """,
    'arm_extension': """
      {Straighten|Extend} the elbow all the way as the ball {leaves|rolls off}.
      {Push|Send} the ball until your arm is {long|locked}.
      {Reach|Stretch} for the {top of the square|target} with the passing or shooting hand.
      {Finish|End} every throw of the ball with {straight|locked} elbows.
    """,
  },
  'football': {
    'toe_point': """
      {Lock|Stretch} the ankle and {show|hit it with} your laces.
      {Toes|Put the toes} down hard when you {strike|hit} the ball.
      {Firm|Keep a firm}, stretched ankle as the boot {meets|goes through} the ball.
      {Press|Push} the toes to the bottom of your boot before {contact|the kick}.
    """,
    'preparation_depth': """
      {Take|Bring} it further back before the ball {goes|is played}.
      {Longer|Use a longer} wind-up before you {play|send} the ball.
      {Bring|Draw} it back {right|well} behind you, then {swing|come} through.
      {Far|All the way} back first, {wide|long} wind-up, and then the ball.
    """,
    'follow_through': """
      {Go|Swing} through the ball and {step|move} on.
      {Let|Have} it {swing|go} up after the ball.
      {Carry|Go} on toward the goal after the ball has {left|gone}.
      {Chase|Follow} the ball with the {whole|entire} movement.
    """,
    'head_still': """
      {Keep|Hold} your eyes on the ball until it's {away|off}.
      {Look|Stare} at the {seam|valve} of the ball, not at the {goal|keeper}.
      {Nose|Keep your nose} over the ball, {the|that} goal doesn't move.
      {Watch|See} the ball {leave|go} before you look up.
    """,
    'posture': """
      {Lift|Raise} your chest over the ball, {don't|and don't} hunch.
      {Run|Come} up to the ball {tall|with a straight back}.
      {Strong|Keep a strong} back as you {get|come} to the ball.
      {Straighten|Brace} your trunk before you {meet|play} the ball.
    """,
    'hip_rotation_timing': """
      {Swing|Turn} the hip through before the {foot|boot} {comes|arrives}.
      {Open|Start} with the hip, {foot|boot} last, like a {whip|chain}.
      {Throw|Drive} the kicking hip at the ball {early|first}.
      {Let|Make} the hip pull the {leg|boot} to the ball.
    """,
  },
  'weightlifting': {
    'posture': """
      {Brace|Big breath, brace} and {set|lock} your back flat before the bar moves.
      {Chest|Keep the chest} up over the bar, {lats|armpits} tight.
      {Squeeze|Pull} the bar into you and {lock|arch} the back.
      {Show|Point} the chest {forward|to the wall} the whole time the bar is loaded.
    """,
    'knee_bend': """
      {Go|Sink} deeper under the bar before you {drive|come} up.
      {Bend|Use} the knees more with the bar on you, {not|and not} just the hips.
      {Dip|Sit} further, the bar gets its speed from {there|the legs}.
      {Let|Take} the knees forward and out under the bar, {deeper|lower}.
    """,
    'arm_extension': """
      {Lock|Punch} the elbows out {under|against} the bar.
      {Straight|Keep straight} arms: the bar should {hang|rest} on bone, {not|never} on muscle.
      {Squeeze|Press} the triceps until the bar {is still|stands still}.
      {Don't|Never} hold the bar with {soft|half-bent} elbows.
    """,
    'symmetry': """
      {Check|Measure} your grip, {both hands|each hand} the same distance from the {rings|middle of the bar}.
      {Push|Drive} the bar up {level|evenly} like a {tray|shelf}.
      {Level|Even} out the bar, {one plate|one end} hangs {lower|down}.
      {Lock|Straighten} both elbows under the bar {together|at the same instant}.
    """,
    'head_alignment': """
      {Eyes|Keep the eyes} {ahead|on the wall}, {not|never} on the ceiling, while the bar {moves|travels}.
      {Pull|Take} the chin in and let the bar pass, {without|don't go} throwing the head.
      {Neutral|Keep a neutral} neck under the {bar|load}.
      {Look|Gaze} a little above the horizon, with the {neck|nape} long, as you {lift|drive} the bar.
    """,
    'stance_width': """
      {Set|Place} your feet wider under the bar, {heels|the heels} under the shoulders.
      {Step|Walk} out from the rack, {then|and} widen your feet.
      {Wider|Take a wider} stance, so the hips can {go|drop} between the feet.
      {Toes|Turn the toes} out and {move|set} the heels {further|} apart before you lift.
    """,
  },
}
