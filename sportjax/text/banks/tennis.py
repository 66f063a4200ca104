"""Tennis: how strokes differ in grip, swing path, spin and height of contact."""

NAMES = {
  'forehand_topspin': ('topspin forehand', 'forehand with topspin'),
  'forehand_flat': ('flat forehand', 'flat forehand drive'),
  'forehand_slice': ('forehand slice', 'sliced forehand'),
  'forehand_volley': ('forehand volley', 'volley on the forehand side'),
  'backhand_one_handed': ('one-handed backhand', 'one-hander'),
  'backhand_two_handed': ('two-handed backhand', 'two-hander'),
  'backhand_slice': ('backhand slice', 'sliced backhand'),
  'backhand_volley': ('backhand volley', 'volley on the backhand side'),
  'serve_flat': ('flat serve', 'flat first serve'),
  'serve_kick': ('kick serve', 'topspin second serve'),
  'smash': ('smash', 'overhead smash'),
}
ASPECTS = {label: (label,) for label in NAMES}
HOWTO = {
  'forehand_topspin': """
    {Drop|Let} the racket head fall below the ball, then {brush|swing} up the back of it.
    {Swing|Go} from low to high and {finish|wrap} over the opposite shoulder with the elbow {up|in front}.
    From the {forehand|hitting} side, loop the racket, get under the ball, and {roll|brush} over it.
    {Turn|Coil} sideways, {dip|drop} the racket, and whip it {upwards|up the ball} like a windscreen wiper.
    The racket {starts|comes from} down by your thigh and {ends|finishes} beside your ear on the other side.
    {Lift|Drive up} through the ball so that it {dips|drops} into the court: {low start|start low}, high finish.
    The swing is {steep|upwards}: knees bend, {tip|racket tip} drops, and the strings climb the back of the ball.
    {Accelerate|Rip} up on the {strong} side and let the racket {fold|wrap} around your neck.
  """,
  'forehand_flat': """
    {Hit|Drive} straight through the ball at {waist|hip} height, racket level from back to front.
    {Take|Bring} the racket back at the height of the ball and {swing|drive} on a flat line through it.
    {Very little|Hardly any} spin here: the strings go {forward|through the court}, not up.
    {Keep|Hold} the racket face {square|upright} through contact and reach out {at|toward} the target.
    On the hitting side, the racket {travels|moves} level with the ground and ends in front of the {other|far} \
      shoulder.
    {Turn|Rotate} the hips and {smack|punch} through the back of the ball on a {straight|level} path.
    {Imagine|Think of} hitting through three balls in a row with a {flat|level} forehand swing.
    {Swing|Go} out rather than up, with a {long|far-reaching} level extension after the {hit|contact}.
  """,
  'forehand_slice': """
    {Start|Take} the racket high on the forehand side and {carve|cut} down under the ball.
    {Open|Tilt back} the face and chop from {shoulder height|high} to low with your palm {up|opening}.
    The racket {comes|goes} from above the ball to below it on the {strong} side, so it {floats|skids} with backspin.
    {Chop|Slice} down and forward on the forehand, and {finish|end} low out in front.
    From the high backswing {cut|slide} the strings under the ball, wrist {firm|laid back}.
    It's high to low on the forehand wing: {knife|carve} under it and {let it|make it} stay low.
    {Keep|Leave} the racket face open and {slide|glide} down the back of the ball with a {gentle|slow} chop.
    {Backspin|Underspin} comes from the {downward|falling} path: strings {open|tilted}, forehand side, finish \
      by the knee.
  """,
  'forehand_volley': """
    {Punch|Block} the ball out of the air on the forehand side with {no backswing|hardly any backswing}.
    {Keep|Hold} the racket in front, {step|move} in with the {weak} foot, and jab with a firm wrist.
    The racket head {stays|is} above your hand, out in front, and you {catch|block} the ball at the net.
    {Shorten|Cut down} the swing: a small {turn|shoulder turn}, racket up, and {punch|push} forward with the palm.
    {Meet|Take} it early, before the bounce, {palm|the palm} behind the racket, and stop right after contact.
    At the net you {only|just} need a {short|little} forehand push, strings {slightly open|a bit open}.
    {No swing|Don't swing}: {set|place} the strings behind the ball on the {strong} side and nudge it away.
    {Squeeze|Firm up} the grip, {step|lean} across, and {block|deflect} the ball before it bounces.
  """,
  'backhand_one_handed': """
    {Let|Have} the other hand let go and {swing|drive} through the backhand with one straight arm.
    {Show|Turn} your back to the net, step in, and {extend|unfold} the hitting arm up and out.
    At the end the arms {spread|open} like wings, one {forward|ahead} and one behind you.
    The off hand {holds|cradles} the racket throat on the way back and then {leaves|stays behind} as you hit.
    {Contact|Hit} well in front with the {arm|elbow} straight and {only one hand|a single hand} on the handle.
    One hand on the grip, shoulder {under the chin|to the net}, and {lift|swing} from low to high on the backhand.
    The racket {goes|swings} from your {back hip|pocket} up to the sky with the chest staying {sideways|side-on}.
    {Pull|Draw} the racket across with the other hand, then {release|let go} and {lash|swing} with one arm.
  """,
  'backhand_two_handed': """
    {Keep|Leave} both hands on the handle all the way, and {turn|rotate} the shoulders into the ball.
    Two hands: the {upper|top} hand {pushes|drives} like a forehand of the other arm.
    {Coil|Turn} with both hands, {drop|lower} the racket, and swing up until it is over the {strong} shoulder.
    The hips and both arms {turn|swing} through together, and both elbows {bend|fold} in the finish.
    {Grip|Hold} it with two hands, rotate {fully|all the way}, and {wrap|finish} the racket around your neck.
    The second hand never {leaves|lets go of} the {grip|handle}, from the take-back to the follow-through.
    {Swing|Hit} the backhand like a baseball bat: {two hands|both hands}, hips through, racket round the shoulder.
    {Both arms|Two arms} stay {close together|connected}, and your chest {ends up|finishes} facing the net.
  """,
  'backhand_slice': """
    {Take|Lift} the racket up by your {weak} ear and {cut|knife} down through the back of the ball.
    {Start|Begin} high on the backhand, {stroke|slide} forward and down with one hand, face open.
    One-handed, from {shoulder|head} height to the {knee|hip}: the ball {skids|stays} low with underspin.
    {Stay|Remain} side-on, let the other hand go back, and {carve|slice} under the ball.
    {Firm|Fix} the wrist, {open|tilt} the strings, and glide from high to low {across|through} the backhand.
    The {edge|blade} leads down like a knife, and the arm {finishes|ends} straight and low in front.
    {Chop|Brush} down the back of the ball with the backhand, racket {falling|dropping} from your ear.
    Both arms {pull apart|spread} as the racket {slides|slices} down and forward under the ball.
  """,
  'backhand_volley': """
    {Block|Punch} it out of the air on the backhand side with the {knuckles|back of the hand} forward.
    {Hold|Keep} the racket up with the other hand, turn a little, and {jab|punch} without a backswing.
    Step {across|in} with the {strong} foot and {push|knock} the backhand volley away, wrist {locked|firm}.
    {Short|Compact} and in front: {hands apart|the hands separate} as the strings {meet|block} the ball.
    {No|There's no} big swing: the racket {goes|moves} a foot or so forward, backhand side, before the bounce.
    The elbow {unfolds|straightens} a little, and the {strings|face} {deflects|punches} the ball at the net.
    {Keep|Carry} the racket head above the wrist and {punch|stab} with the back of your hand.
    {Cradle|Support} the throat, {set|place} the strings early on the {weak} side, and {step|nudge} through it.
  """,
  'serve_flat': """
    {Toss|Throw} the ball up in front, {reach|stretch} fully, and hit {straight through|right through} the back of it.
    {Racket|Drop the racket} behind your back, then {throw|fling} it up at the ball and pronate.
    The {first|big} serve: contact as high as you can, strings {flat|square} to the ball, body \
      {falling|leaning} into court.
    {Toss|Place} it slightly ahead, {push up|jump} with the legs, and snap down on it with {full|long} arm reach.
    {Both arms|The arms} go up together, {knees|the knees} bend, and you {hammer|hit} the ball with no spin.
    From the trophy position {explode|drive} upward and {finish|come down} across your {weak} thigh.
    {Hit|Strike} up and through at full {stretch|height}, with the ball in front of the {strong} shoulder.
    {Speed|Pace} comes from the {throwing|whip-like} action: elbow up, racket drop, and a {square|flat} hit at \
      the top.
  """,
  'serve_kick': """
    {Toss|Throw} the ball over your head, arch your back, and {brush|swing} up from {seven to one|low to high}.
    {Bend|Arch} back under the toss and {scrape|brush} up the ball so that it {kicks|jumps} high.
    The toss goes {behind|above} the head, and the racket {climbs|travels} up and {out to the side|sideways}.
    {Stay|Keep} sideways, {brush|roll} over the top of the ball, and finish out on the {strong} side.
    {Deep|Take a deep} knee bend, big back arch, and then {swing|whip} up across the back of the ball.
    {Roll|Brush} your strings over the ball {from left to right|sideways} while your chest stays \
      {turned away|side-on}.
    The safe second serve: {curve|lean} your trunk back, {lift|hit} up, and let the spin {pull|bring} it down.
    The racket {doesn't|does not} go through but up: {arched|curved} back, toss over the head, {plenty of|heavy} spin.
  """,
  'smash': """
    {Point|Aim} at the ball with the {weak} hand, racket {cocked|ready} by the ear, and hit it down.
    {Turn|Get} side-on under the lob, {reach|stretch} up, and {snap|hammer} the ball into the court.
    {Skip|Move} back under the ball, one hand {pointing|tracking} up, and {strike|hit} it overhead.
    It's like a serve without the {toss|wind-up}: racket {straight|already} behind the head, then up and {over|down}.
    {Keep|Hold} the free arm up at the ball and {throw|swing} the racket at it over your head.
    {Get|Stay} behind the high ball, {elbow|hitting elbow} up, and {crush|put} it away with a short overhead swing.
    {Track|Find} the lob with your free hand and {meet|hit} it at the highest point you can reach.
    {Short|Take a short} backswing up by your head, then {whip|snap} down on the falling ball.
  """,
}
