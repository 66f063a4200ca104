"""Golf: how the strokes differ by club, length and loft."""

NAMES = {
  'drive': ('drive', 'tee shot', 'driver swing'),
  'iron': ('iron shot', 'full iron swing', 'approach with an iron'),
  'pitch': ('pitch shot', 'pitch', 'half-swing pitch'),
  'chip': ('chip shot', 'bump and run', 'chip from the fringe'),
  'putt': ('putt', 'putting stroke'),
  'bunker': ('bunker shot', 'greenside bunker shot', 'sand shot'),
  'flop': ('flop shot', 'lob shot', 'high lob'),
}
ASPECTS = {label: (label,) for label in NAMES}
HOWTO = {
  'drive': """
    {Take|Use} a wide stance, make a full turn {back|away from the ball}, and swing all the way {through|round}.
    {Wind|Coil} up until your back faces the target, then {unwind|turn} and finish on the {weak} foot.
    It's the longest {swing|club}: hands {high|up high} at the top and wrapped around the neck at the {finish|end}.
    {Stand|Set up} tall and wide, and {sweep|catch} the ball off the tee with the biggest swing you have.
    {Shift|Move} the weight onto the front leg and let the {back|trailing} heel come right up.
    {Turn|Rotate} the shoulders a full ninety degrees, hips {half of that|about half}, and {let it go|swing through}.
    Feet {wider than|outside} your shoulders, arms {long|wide}, and a full {coil|wind-up} over a {braced|firm} \
      back leg.
    The club {goes|travels} far behind you {both ways|on both sides}: big backswing, full {wrap-around|high} finish.
  """,
  'iron': """
    Feet {about shoulder width|just outside the hips}, {bend|tilt} from the hips, and hit {down on|down into} \
      the ball.
    {Make|Take} a {nearly full|three-quarter to full} turn, strike the ball first and then the turf.
    {Press|Lean} the hands ahead at impact, {then|and} turn through to a {balanced|full} finish on the front foot.
    {Hinge|Set} the wrists, turn {fully|well} back, and {compress|pinch} the ball against the ground.
    {Stand|Be} a bit closer {to it|to the ball} than with the driver, with a {narrower|medium} stance and a \
      steeper swing.
    The divot {comes|is} after the ball: weight {forward|on the front foot}, hands leading, chest turning through.
    {Swing|Go} down and through with a {shorter|more compact} club, and hold your {finish|pose} facing the target.
    {A controlled|Make a controlled} full swing: shoulders {turn|coil}, hips clear, {heel up|back heel up} at the end.
  """,
  'pitch': """
    {Take|Swing} the arms only {halfway back|to waist or chest height} and halfway through.
    {Narrow|Bring in} your feet, hinge the wrists {early|soon}, and let the loft {lift|carry} the ball up softly.
    A half swing: {lead arm|front arm} level with the ground going back, and the same length {through|after}.
    {Keep|Leave} the lower body {quiet|calm} and turn the chest back and {through|forward} in an even half swing.
    {Feet|Stand with feet} close together, {slightly open|a little open}, with a {smooth|easy} swing from hip to hip.
    The ball {flies|goes} high and lands soft, but the swing is {only|just} half as long as a full one.
    {Think|Picture} a clock: hands from {nine to three|half past eight to half past three}, wrists {hinged|set}.
    {Control|Change} the distance by how far back the {arms|hands} go, {never|not} by how hard you hit.
  """,
  'chip': """
    {Feet|Stand with your feet} close together, {hands ahead|lean the shaft forward}, and make a {tiny|short} stroke.
    {Rock|Turn} the shoulders a little with {firm|quiet} wrists and let the ball {run|roll} out on the green.
    The club stays {below the knees|low} going back and {low|below the knees} going through.
    {Hardly any|Almost no} wrist: it's a {little|small} brush of the grass with the weight on the front foot.
    {Land|Drop} it just on the green and {let it|it will} roll: {short|little} swing, narrow stance, no wrist hinge.
    {Keep|Hold} the wrists firm and {clip|nip} the ball with a {short|small} back and through.
    {Set|Put} your weight {forward|on the front foot} and leave it there while the arms {make|do} a small pendulum.
    {Nothing|No part} of this swing goes above {the knee|knee height}; just bump the ball {onto|to} the green.
  """,
  'putt': """
    {Bend|Bow} over the ball, eyes {above|over} it, and rock the shoulders {like a pendulum|back and forth}.
    No wrists and no {hips|turn of the hips}: arms and putter {swing|move} as one piece.
    {Roll|Stroke} the ball along the {green|ground} with a small, even swing, the same length back and through.
    The putter head {stays|keeps} low to the grass, and nothing moves {below the chest|but the shoulders and arms}.
    {Keep|Leave} the legs {dead still|still} and let the shoulders tip up and down {gently|smoothly}.
    {Hang|Let} the arms {straight down|hang} from the shoulders, and {swing|move} the putter on a straight line.
    {Quiet|Still} wrists, quiet body, and a {short|gentle} stroke that {rolls|sets} the ball on its line.
    {Lean|Tilt} well over, hold the lower body still, and {brush|push} the ball with a pendulum motion.
  """,
  'bunker': """
    {Open|Lay open} the face, dig your feet {into|in}, and splash the sand out {behind|from under} the ball.
    {Sit|Sink} low with a wide stance, {hinge|cock} the wrists steeply, and hit the sand two inches behind.
    You never {touch|hit} the ball: the club {slides|goes} under it through the sand and \
      {keeps going|on to a full finish}.
    {Flex|Bend} the knees a lot, {stay|keep} down, and throw a {handful of sand|cushion of sand} onto the green.
    {Aim|Turn} your stance open, weight low, then swing {steeply|up and down} and accelerate through the sand.
    {Wriggle|Twist} your shoes into the sand, {lower|drop} yourself, and take a {scoop|slice} of sand with the ball.
    {Big|Make a big} wrist cock, knees {deep|well bent}, and the club {thumps|splashes} the sand before the ball.
    {Don't|Never} stop in the sand; stay {squatted|low} and swing {through|on} so the ball floats out on it.
  """,
  'flop': """
    {Lay|Turn} the face wide open, {lower|drop} the hands, and slide the club under the ball.
    {Take|Make} a long, {lazy|slow} swing with lots of wrist, and the ball goes {almost straight up|up, not far}.
    {Hold|Keep} the face looking at the sky {through impact|all the way through}: don't roll the wrists.
    Feet {a bit wide|apart}, knees {soft|bent}, a big arm swing, and the ball {pops up|climbs} high and lands dead.
    {Swing|Go} almost full with the arms, but {let the hips|have the hips} stay quiet, and {slip|slide} under it.
    For the highest, softest shot {hinge|cock} the wrists fully and {cut|slide} the open blade beneath the ball.
    {Sit|Stay} down, {open|lay back} the blade, and finish with the {hands|grip} low and the clubface to the sky.
    The ball {floats|goes} up and stops at once, since the {loft|open face} does all of the {work|lifting}.
  """,
}
