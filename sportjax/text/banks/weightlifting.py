"""Weightlifting: how lifts differ in grip, in depth and in where the bar is."""

NAMES = {
  'snatch': ('snatch', 'full snatch', 'squat snatch'),
  'power_snatch': ('power snatch', 'snatch without the squat'),
  'clean': ('clean', 'full clean', 'squat clean'),
  'power_clean': ('power clean', 'clean without the squat'),
  'deadlift': ('deadlift', 'conventional deadlift'),
  'front_squat': ('front squat', 'squat with the bar in front'),
  'back_squat': ('back squat', 'squat with the bar on the back'),
  'overhead_squat': ('overhead squat', 'squat with the bar overhead'),
  'strict_press': ('strict press', 'military press', 'standing press'),
  'push_press': ('push press', 'press with a leg drive'),
  'power_jerk': ('power jerk', 'push jerk'),
  'split_jerk': ('split jerk', 'jerk with the split'),
}
ASPECTS = {label: (label,) for label in NAMES}
HOWTO = {
  'snatch': """
    {Take|Use} a wide grip, pull from the floor, and {catch|receive} the bar overhead in a full squat.
    {One|In one} movement from floor to overhead, and you {sit|drop} right down under it with locked arms.
    {Pull|Drive} the bar up, {dive|get} under it, and stand up out of the {deep|full} squat with wide straight arms.
    {Extend|Open} the hips, {punch|turn} the arms up wide, and meet the bar at the bottom of an overhead squat.
    {Hands|Grip} near the collars, jump and shrug, then {squat|sink} all the way below the bar \
      {overhead|above your head}.
    The bar {goes|flies} from the floor over your head while your hips {fall|drop} {below|under} knee level.
    Wide hands, {long|straight} arms, and a {rock-bottom|deep} catch: rise slowly with the bar above you.
    {Rip|Pull} it high, {slide|drop} under with your seat near the heels, elbows locked {wide|overhead}.
  """,
  'power_snatch': """
    {Snatch|Pull} it wide-handed from the floor and {catch|fix} it overhead with only {slightly bent|soft} knees.
    {Receive|Stop} the bar above your head in a {quarter|high} squat, never below parallel.
    {Same|It's the same} wide pull, but you {meet|catch} it {high|almost standing} with locked elbows.
    {Pull|Drive} so hard that you {hardly|barely} need to bend the legs to get under it overhead.
    From the floor to arm's length in one go, thighs {staying|still} well above {horizontal|parallel}.
    {Wide|Take a wide} grip, violent hip extension, then a {shallow|short} dip as the arms {lock|snap} overhead.
    {Land|Plant your feet} and stop in a half squat with the bar {overhead|above you}, hands {far apart|wide}.
    The {catch|finish} is tall: wide arms over the head, {a little|small} knee bend, and {up|stand}.
  """,
  'clean': """
    {Pull|Take} the bar from the floor to the shoulders and {catch|receive} it in a deep front squat.
    {Whip|Spin} the elbows round, {drop|sit} all the way down, and stand up with the bar on your collarbones.
    Shoulder-width grip, {jump|extend} and shrug, then {pull yourself|dive} under into the bottom of a squat.
    The bar {lands|arrives} on the front of the shoulders while your hips are {below|lower than} the knees.
    {Drive|Push} with the legs, {keep|hold} the bar close, and sink under it with {high|lifted} elbows.
    {Rack|Take} it on your shoulders in a full squat, {elbows|with the elbows} pointing forward, and rise.
    {Get|Go} under the bar as {fast|quickly} as you can, {hips to heels|right to the bottom}, then stand it up.
    From the floor to the {rack|shoulders}, {deep|full-depth} catch, chest {up|tall} out of the hole.
  """,
  'power_clean': """
    {Pull|Take} the bar from the floor to the shoulders and {catch|rack} it with just a small knee bend.
    {Catch|Receive} it on the collarbones in a {quarter|high} squat, thighs {above|never down to} parallel.
    {Jump|Explode}, shrug, and {snap|flick} the elbows through while you are {almost standing|still tall}.
    Same grip as the clean, but you {stop|catch} the bar {high|early}, knees {only slightly|a little} bent.
    The bar {ends|lands} on the front of your shoulders without a {full|deep} squat underneath.
    {Drive|Extend} hard enough that the bar {comes|floats} up to you, and {meet|rack} it standing tall.
    {Elbows|Get the elbows} round fast and {absorb|cushion} it in a {half|shallow} squat with the bar at your throat.
    {Floor|From the floor} to shoulders in one pull: {feet|the feet} jump out a little, {hips|seat} stay high.
  """,
  'deadlift': """
    {Push|Drive} the floor away, drag the bar up {your legs|your shins}, and stand tall with straight arms.
    {Hinge|Bend} at the hips, grip just outside the shins, and {lift|stand up} until the hips are {locked|straight}.
    The bar {never|doesn't} go above the hips: arms {hang|stay} long, and the legs and back do the work.
    {Chest|Set the chest} up, shins to the bar, and {squeeze|drive} the hips forward to the top.
    {Pick|Lift} it off the ground, slow and {heavy|steady}, and finish with the bar {on|against} your thighs.
    {Take|Pull} the slack out, {keep|hold} the bar touching you, and rise with hips and shoulders {together|at once}.
    Arms are {just hooks|like ropes}: {stand|come} up from the floor until you are {upright|straight}.
    {Wedge|Pull} yourself down to the bar, {brace|tighten} the trunk, and {stand|lift} it to arm's length at the hips.
  """,
  'front_squat': """
    {Rest|Carry} the bar across the front of the shoulders, elbows {high|up}, and sit straight down.
    {Keep|Hold} the elbows pointing forward and squat {between|down between} the heels with an upright chest.
    The bar {lies|sits} on your collarbones; {go|sink} below parallel and drive up without {tipping|leaning} forward.
    {Elbows up|Lift the elbows}, {chest up|stay tall}, {knees forward|knees over the toes}, down and up with \
      the bar at your throat.
    {Sit|Drop} down tall with the bar {in front|on the front delts}, then {lead|rise} with the elbows.
    {Front|Use the front} rack: fingertips under the bar, upper arms {level|parallel to the floor}, and squat deep.
    {Stay|Be} as upright as you can, since the weight is in front of your {neck|throat} and not behind it.
    {From|With} the bar in the rack on your shoulders, bend the knees and {travel|go} {vertically|straight} \
      down and up.
  """,
  'back_squat': """
    {Put|Set} the bar on your upper back, {sit|reach} the hips back and down, and stand up again.
    The bar {rests|lies} across the {traps|shoulder blades}; lean a little forward and squat {below|under} parallel.
    {Break|Bend} at the hips and knees, {push|send} your seat back, with the bar {behind your neck|on your back}.
    {Squeeze|Pull} the shoulder blades together under the bar and {drive|push} up out of the bottom.
    {Hips|Let the hips} go back as if to a chair, {bar|the bar} over the mid-foot, then {up|rise}.
    {Hands|Your hands} hold the bar behind the shoulders, {trunk|your trunk} inclined, and the thighs go past level.
    {Big|Take a big} breath, sit back {between|into} your heels with the bar on the {shoulders behind|traps}, \
      and drive.
    Because the bar is {behind|on the back of} you, the trunk {tips|leans} forward and the hips travel \
      {back|backwards}.
  """,
  'overhead_squat': """
    {Hold|Lock} the bar over your head with a wide grip and {squat|sit} down under it.
    {Push|Press} up into the bar the whole time while you {go down|descend} and come up.
    Arms {straight|locked} and wide above you, {sink|sit} deep, and keep the bar over the \
      {middle of the feet|mid-foot}.
    {Start|Begin} standing with the bar already overhead, then {bend|lower} into a full squat and rise.
    {Elbows|Keep the elbows} locked, armpits forward, {squat|drop} deep without the bar {drifting|tipping} forward.
    The bar {stays|remains} at arm's length above the head from the {first|top} to the last moment of the squat.
    {Wide|Spread the} hands, {active|shrugged} shoulders, and a {slow|controlled} squat beneath the bar.
    Your {hips|seat} go down between the heels, and the {bar|barbell} never leaves its place \
      {overhead|over your head}.
  """,
  'strict_press': """
    {Press|Push} the bar from the shoulders to overhead with the arms {alone|only}, legs locked.
    Knees {stay|remain} straight: {squeeze|tighten} the seat and grind the bar up past your face.
    {No|There is no} dip and no drive, just shoulders and {triceps|arms}, until the elbows {lock|are straight}.
    {Move|Pull} the head back, {press|push} the bar up close to the nose, and {push|bring} your head through.
    {Stand|Be} rigid from heels to chest and press {slowly|steadily} from the collarbones {up|to the top}.
    {Legs|Keep the legs} like pillars while the bar {travels|goes} from the front of the shoulders overhead.
    The {whole|entire} body is {still|stiff}; only the arms {move|extend} to put the bar above your head.
    {Without|Don't use} any help from the knees, {drive|press} the bar straight up and lock it out.
  """,
  'push_press': """
    {Dip|Bend} the knees, drive up, and {press|push} the bar overhead with the legs {staying straight|locked}.
    The legs {start|begin} the bar, the arms {finish|complete} it, and you do not {dip|bend} a second time.
    A {short|quick} dip, a {hard|strong} drive onto the toes, and then press out with straight knees.
    {Use|Take} the leg drive to get past the forehead, then {press|grind} it out standing {tall|straight}.
    {Dip|Sink} and drive once; the feet {stay|remain} where they are and the knees end {straight|locked}.
    {Bounce|Pop} the bar off the shoulders with the legs and {follow|finish} with a press to lockout.
    {One|Only one} knee bend: {down|dip}, up, heels {rise|lift}, arms push, and you {end|are} standing.
    {Send|Launch} the bar from your shoulders by a {little|small} jump of the knees, then {press|extend} the arms.
  """,
  'power_jerk': """
    {Dip|Bend}, drive, and {drop|rebend the knees} under the bar with both feet side by side.
    {Dip|Sink} twice: once to {drive|throw} the bar up and once to {catch|receive} it on locked arms.
    {Jump|Hop} the feet out sideways and {lock|punch} the arms as you land in a {quarter|half} squat.
    {Push|Drive} yourself down under the bar, {feet|both feet} level, knees {soft|bent}, then stand.
    The {feet|shoes} stay parallel, no {split|scissor}: drive, {punch|push under}, and catch in a shallow squat.
    You {don't press|never press} it out: the elbows {snap|lock} at once because you {bend|dip} the legs again.
    {Catch|Meet} the bar overhead in a {partial|quarter} squat with your feet {apart|a little wider}.
    {Heave|Throw} the bar off the shoulders and {squat|duck} under it with the feet {in line|next to each other}.
  """,
  'split_jerk': """
    {Dip|Bend}, drive, and {split|jump} one foot forward and one foot back under the bar.
    {Land|Arrive} in a lunge with the arms {locked|straight} overhead, then bring the feet {together|back in}.
    The front shin is {vertical|upright}, the back knee {bent|soft}, and the bar is {overhead|above you}.
    {Throw|Drive} the bar up and {punch|step} through with one leg {ahead|in front} and the other behind.
    {Recover|Step in} front foot first, then the {back|rear} one, with the bar still {overhead|at arm's length}.
    {Scissor|Split} the legs fast, {drop|sink} the hips straight down, and lock the elbows.
    One foot {flies|goes} forward, the other {shoots|goes} back, and you are {under|below} the bar in a lunge.
    {Split|Cut} the feet front and back {like|as in} a fencing lunge while the arms {lock|push} up.
  """,
}
