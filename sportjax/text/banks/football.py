"""Football (soccer): how the ball is kicked, headed and thrown."""

NAMES = {
  'instep_drive': ('instep drive', 'laces shot', 'driven shot'),
  'chip': ('chip', 'chipped ball', 'chip shot'),
  'inside_pass': ('inside-of-the-foot pass', 'side-foot pass'),
  'outside_pass': ('outside-of-the-foot pass', 'pass with the outside of the boot'),
  'curl': ('curler', 'curling shot', 'bending shot'),
  'volley': ('volley', 'side volley'),
  'toe_poke': ('toe poke', 'toe punt'),
  'header_standing': ('standing header', 'header from a stand'),
  'header_jumping': ('jumping header', 'header with a jump'),
  'throw_in': ('throw-in', 'throw from the touchline'),
}
ASPECTS = {label: (label,) for label in NAMES}
HOWTO = {
  'instep_drive': """
    Strike {through the middle of|right through} the ball with your laces, toes pointed {down|at the ground}.
    {Swing|Take} the leg {far|well} back, heel to your seat, and {drive|smash} the laces into the ball.
    {Lock|Stiffen} the ankle, get the knee over the ball, and {let|have} the leg swing up to hip height afterwards.
    {Plant|Put} the {weak} foot beside the ball and hit it with the {top of the foot|instep}, not the side.
    The toe {points|stays} down, the laces {meet|hit} the ball, and the kicking leg carries {on up|high through}.
    {Lean|Keep your chest} over the ball so the shot {stays low|keeps down}, and swing {hard|fully} with the \
      bootlaces.
    For power use the {shoelaces|instep}: {big backswing|long backswing}, stretched ankle, leg straight through.
    {Whip|Snap} the shin through with a pointed toe and {let|allow} the foot {finish|end} as high as your waist.
  """,
  'chip': """
    {Dig|Stab} your foot under the ball so that it {pops|lifts} up with backspin.
    {Lean|Sit} back a little, get the toe {under|beneath} the ball, and stop the leg {right after|just after} contact.
    {Use|It's} a short stab with a bent knee: the foot {slides|goes} under, and there is hardly any follow-through.
    {Scoop|Wedge} the ball up {steeply|over the keeper} with the toes raised and a {short|chopped} swing.
    {Open|Lift} the toes, cut under the {bottom|base} of the ball, and {hold|check} the leg with the knee still bent.
    The ball {climbs|goes up} quickly because the boot {gets under|wedges under} it like a shovel.
    Keep the {swing short|movement short}: {knee bent|bend the knee}, toes up, and a {jab|poke} beneath the ball.
    {Tilt|Lean} your trunk back and {slice|slide} the boot underneath, so the ball {floats|rises} over everyone.
  """,
  'inside_pass': """
    Turn the {strong} foot out {sideways|square} and push the ball with the {inside of the foot|big flat inside part}.
    {Open|Rotate} the hip so the inside of your boot {faces|looks at} the target, toes up, ankle locked.
    The foot {is turned|turns} out like a hockey stick and {meets|strokes} the middle of the ball.
    {Use|Take} the arch side of the foot for a {firm|crisp}, flat pass along the grass.
    {Swing|Push} from the hip with the knee {pointing|turned} outwards and the sole {level with|parallel to} \
      the ground.
    {Stroke|Roll} it along the floor: {foot square|inside of the foot square}, {short|easy} swing, toes lifted.
    Your knee and toes {point|turn} away to the side so the flat inside of the boot {can hit|hits} the ball.
    The {side of the foot|inside edge} gives you accuracy: turn it out and {guide|push} the ball to your teammate.
  """,
  'outside_pass': """
    Turn your toes {in|inwards} and {flick|knock} the ball with the outside of the boot.
    {Point|Turn} the foot down and inward, and {brush|strike} the ball with the little-toe side.
    The leg {swings|flicks} out and away from your body, so the ball {goes|bends} to the outside.
    {Rotate|Roll} the ankle inward and play it off the outer {edge|part} of the foot, {disguised|without warning}.
    {Without|Don't bother} opening the hip: {toes in|turn the toes in}, and flick with the outer laces.
    {Contact|The touch} is with the outside of the foot, and the leg {finishes|ends} out to the side.
    {Knee|Bring the knee} over the ball, ankle turned in, then {swish|flick} outwards past your {strong} hip.
    It's the little toe {side|edge} that {touches|hits} the ball, and your foot {sweeps|moves} away from the body.
  """,
  'curl': """
    {Hit|Strike} the outer half of the ball with the inside of the big toe and {wrap|sweep} the foot around it.
    {Approach|Come} from the side, lean away, and {bend|whip} the leg across your body.
    The boot {brushes|sweeps} round the side of the ball to {make it spin|give it spin}, and it {bends|curves} \
      in the air.
    {Swing|Bring} the leg in an arc, from wide {out|outside} to across the {standing leg|other leg}.
    {Open|Turn} the hips far {back|away}, then rotate through and let the foot {cross|finish across} in front of you.
    {Aim|Start} it outside the post: the inside front of the foot {gives|puts} spin on it and it comes back.
    {Tilt|Lean} to the {weak} side and {cut|brush} across the ball so that it {bends|swerves} away.
    A {wide|sweeping} leg swing, contact off-centre with the inside of the boot, and \
      {finish across|a finish across} the body.
  """,
  'volley': """
    {Meet|Hit} the ball in the air, {before it drops|before it bounces}, with the laces and a {raised|lifted} hip.
    {Lift|Raise} the knee out to the side, fall away {slightly|a little}, and strike at hip height.
    {Turn|Open} your body side-on, {swing|bring} the leg round level, and hit the {dropping|falling} ball with \
      the instep.
    The thigh {comes up|lifts} sideways so the boot {can strike|strikes} the ball while it is \
      {off the ground|in the air}.
    {Watch|Follow} the ball down out of the air and {swing|whip} the leg {horizontally|flat} through it.
    {Tilt|Lean} your trunk away so that your leg can {get up to|reach} the height of the ball.
    {Take|Catch} it first time out of the air: hip up, toe pointed, {shin level|leg level} with the ground.
    Let it {fall|drop} to about your {waist|hip} and hit it there, leg swinging {round|across} with the laces.
  """,
  'toe_poke': """
    {Stab|Poke} the ball with the {very tip|tip} of your toes, ankle {locked|stiff} and foot pulled up.
    {Hardly any|Almost no} backswing: {jab|push} the toe straight {through|into} the middle of the ball.
    Keep the foot {level|flat}, {toes up|toes pulled up}, and {prod|poke} it from a short swing.
    The front of the boot hits first, and the leg {goes|shoots} straight forward {like a piston|with no turn}.
    It's quick and {straight|short}: the tips of the toes {punch|poke} the ball before a defender {reacts|gets there}.
    No turn of the hips, just {a straight jab|a jab} from the knee with the {point|end} of the shoe.
    {Pull|Draw} the toes up toward your shin, {stiffen|lock} the ankle, and prod the ball with the toecap.
    {Use|Hit it with} the toecap, {knee over the ball|knee forward}, and {push|stab} straight through.
  """,
  'header_standing': """
    Keep your feet on the {ground|grass}, {arch|lean} back from the waist, and nod the ball with your forehead.
    {Stagger|Split} your feet, {bend|draw} the trunk back, then {snap|swing} it forward into the ball.
    The power {comes from|is in} the back and the neck; the feet {stay down|do not leave the ground}.
    {Arms|Hold your arms} out, eyes open, and {punch|drive} your forehead through the ball from a firm stance.
    Both shoes {stay planted|remain on the ground} while the upper body {rocks|whips} from back to front.
    {Attack|Hit} it with the hairline, chin {in|tucked in}, trunk {folding|swinging} forward over the front foot.
    {Without|There's no} jumping: one foot ahead, lean back, and {throw|bring} the forehead at the ball.
    {Bow|Bend} backwards, {hold|stay}, then nod forward {hard|sharply} with both feet on the floor.
  """,
  'header_jumping': """
    {Bend|Load} your legs, {jump|leap} up to the ball, and head it at the top of the leap.
    {Spring|Take} off, arch your back {in the air|while you are up}, and snap the forehead {through|into} the ball.
    {Get|Climb} above the defender: arms {up for lift|help you rise}, body bent back, then nod.
    Both feet {leave|come off} the ground, and you {meet|attack} the ball with the forehead in mid-air.
    {Time|Wait with} the jump so that you {hang|are highest} when the ball arrives, then {whip|drive} the head \
      forward.
    {Crouch|Dip}, swing the arms, {jump|leap}, and hit the ball before you start to {fall|come down}.
    {Use|Take} a two-footed leap and {throw|snap} your trunk forward in the air as the ball {comes|gets there}.
    {Land|Come down} on both feet with soft knees after you {nodded|headed} the ball up high.
  """,
  'throw_in': """
    {Take|Bring} the ball right back behind your head with both hands and {throw|hurl} it over the top.
    Both feet on the {ground|floor}, arch the back, and {whip|swing} two straight arms forward.
    {Hands|Spread your hands} on the sides of the ball, {elbows bent|bend your elbows} behind the head, then throw.
    The ball must {come from|start} behind the head and {travel|go} over it, with the two hands working \
      {equally|together}.
    {Lean|Bend} back like a bow, and {release|let go} just in front of the {forehead|face}.
    {One foot ahead|A split stance}, ball {behind your neck|at the nape of the neck}, and then fold the trunk forward.
    {Drag|Keep} the back foot on the grass as {both arms|your arms} throw the ball {over your head|overhead}.
    {Stretch|Reach} up and back with two hands, then throw as your {chest|trunk} comes {forward|through}.
  """,
}
