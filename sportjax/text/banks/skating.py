"""Figure skating: jumps by take-off foot and edge, toe assist and turns; sides are those of a right-handed skater."""

_JUMPS = {
  'toe_loop': 'toe loop', 'salchow': 'Salchow', 'loop': 'loop', 'flip': 'flip', 'lutz': 'Lutz', 'axel': 'Axel',
}  # fmt: skip
_TURNS = {'1': 'single', '2': 'double'}
NAMES = {
  f'{jump}_{n}': (f'{times} {name}', f'{times} {name} jump')
  for jump, name in _JUMPS.items() for n, times in _TURNS.items()
}  # fmt: skip
ASPECTS = {
  f'{jump}_{n}': (jump, f'{"axel" if jump == "axel" else "back"}_{n}', 'landing') for jump in _JUMPS for n in _TURNS
}
HOWTO = {
  'toe_loop': """
    {Glide|Skate} backwards on the {strong} outside edge and {pick|tap} in with the {weak} toe.
    {Reach|Stretch} the {weak} foot back, {plant|set} the toe pick, and pull up off the {strong} foot.
    It's a toe jump from a back outside edge, {helped|assisted} by the {other|free} foot's pick.
    The {weak} toe {stabs|hits} the ice behind you while you ride the {strong} outer edge.
    {After|From} the three-turn, {draw|pull} the {weak} leg back, pick, and {rotate|jump} around it.
    You {leave|take off from} the {strong} back outside edge with a {push|vault} from the opposite toe pick.
    {Tap|Strike} with the free toe, {turn|open} the hips, and spring from the {strong} outside edge.
    {Same|Take off on the same} foot you land on, but with a toe pick {helping|to help} you up.
  """,
  'salchow': """
    {Glide|Skate} backwards on the {weak} inside edge and swing the {strong} leg round in front.
    {No toe pick|Without a pick}: the free leg {sweeps|scoops} around and {lifts|pulls} you off the edge.
    The {strong} leg {makes|draws} a wide circle from back to front, and you {spring|jump} from the {weak} foot.
    {Bend|Sink into} the {weak} knee, {hold|stay on} the back inside edge, and kick through with the free leg.
    It's an edge jump: {check|hold} the three-turn, then {swing|bring} the free leg past.
    {Let|Wait for} the free leg to come {around|wide} before you {leave|spring off} the {weak} inside edge.
    {Take off|Jump} from the inside edge of one foot with the other leg {swinging|coming} up and round.
    {Scoop|Swing} both arms and the free leg through together, {off|from} the back inside edge, pick {away|not used}.
  """,
  'loop': """
    {Sit|Glide} on the {strong} back outside edge with the {weak} foot crossed in front and jump.
    {No|There is no} toe pick and no leg swing: {bend|sink}, turn, and spring off the edge.
    The feet {stay|remain} close, almost crossed, as if you {sat|were sitting} on a chair.
    {Deep|Take a deep} knee on the {strong} outer edge, free leg {held|waiting} in front, then {up|jump}.
    You {take off|jump} and land on the same foot, without {any help|help} from the other {toe|leg}.
    {Press|Push} the outside edge round and {spring|rise} straight up with the {weak} leg just {ahead|in front}.
    It {starts|begins} like a sit on one leg: free foot {in front|crossed over}, shoulders {turning|leading}.
    {Edge|It's an edge} jump from a single foot, legs {crossed|together} right from the {start|beginning}.
  """,
  'flip': """
    {Glide|Skate} back on the {weak} inside edge and {pick|tap} behind you with the {strong} toe.
    {Hold|Stay on} the inside edge, {reach|stretch} the {strong} leg straight back, and plant the pick.
    It's a toe jump from the back inside edge; the {strong} toe {gives|adds} the lift.
    {After|Out of} the three-turn, {extend|take} the free leg back, strike, and {pull|snap} up.
    {Lean|Stay} to the inside of the {weak} foot and {vault|push} off the opposite pick.
    The {strong} pick {goes|digs} in behind while the {weak} blade is on its {inner|inside} edge.
    {Straight|Make a straight} line in, inside edge, {pick|then pick}, and {bring|draw} the feet together.
    {Don't|Never} roll outwards: keep the {weak} inside edge until the {strong} toe {hits|is in}.
  """,
  'lutz': """
    {Glide|Skate} back on the {weak} outside edge and {pick|tap} with the {strong} toe.
    {Long|Ride a long} back outside edge into the corner, {reach|stretch} back, and pick against the curve.
    {Lean|Stay} on the outer edge, and jump {against|opposite to} the way you are {curving|gliding}.
    The {strong} toe {digs|strikes} in while the {weak} blade is on its {outer|outside} edge.
    {Hold|Keep} that outside edge to the very end; {rolling|changing} in would make it a flip.
    It's counter-rotated: the {edge|curve} goes one way, {you|the jump} turn the other, with a toe {assist|pick}.
    {Look|Lean} out of the circle, {extend|draw} the free leg back, pick, and {turn|rotate} against the edge.
    {Weight|Keep your weight} on the outside of the {weak} foot, then {pole-vault|vault} over the {strong} toe.
  """,
  'axel': """
    {Step|Stride} forward onto the {weak} outside edge and kick the {strong} knee {up|through}.
    It's the {only|one} jump that you enter {forwards|facing forwards}: {look|go} ahead and jump.
    {Take off|Jump} going forward, {drive|bring} the free knee up, and climb as if {up a step|on to a step}.
    {Skate|Glide} forwards, {swing|pull} arms and free leg through, and spring from the forward outside edge.
    The {strong} leg {kicks|swings} past in front while you {roll|rise} over the {weak} toe.
    You {face|travel} forward at take-off but {land|come down} backwards, so there's half a turn {extra|more}.
    {Bend|Sink} on the forward edge, {both arms|arms} behind, then {throw|scoop} arms and knee up.
    {Jump|Step} up and forward into the air first, {then|and then} rotate {over|on to} the other side.
  """,
  'back_1': """
    {One|A single} turn in the air: {close|pull in} quickly and {open|check out} at once.
    {Only|Just} one revolution, so there is {time|plenty of time} to open the arms {early|before you land}.
    {Go|Turn} round once, {arms|the arms} in at the chest, then {press|stretch} them out.
    {As|Since} it's a single, {height|a clean line} matters more than {spin speed|quick rotation}.
  """,
  'back_2': """
    {Two|A double needs two} full turns: {snap|pull} the arms in tight and cross the feet.
    {Rotate|Go round} twice before you land, so {close|get in} fast and {stay|hold} tight.
    {Pull|Squeeze} everything in, {ankles|the ankles} crossed, since you need two {revolutions|turns}.
    {Twice|Two times} round: {hug|hold} your chest and {wait|don't open} until the second turn {is done|comes round}.
  """,
  'axel_1': """
    {One|It's one} and a half turns, {because|since} you start forwards and land backwards.
    {Go|Turn} round once and a half, {arms|hands} at the chest, then {open|check} out.
    {A turn and a half|One and a half revolutions}: {step|jump} up, {rotate|close}, and check out backwards.
    {Single|The single} means one and a half {turns|times round} for this jump, so {don't|never} open after one.
  """,
  'axel_2': """
    {Two|It's two} and a half turns, so {pull|snap} in {tight|hard} right after take-off.
    {Go|Turn} round twice and a half: {legs|ankles} crossed, {arms|elbows} in, and hold it.
    {Two and a half|Two turns and a half} revolutions: {get|shift} over to the landing side {early|fast} and squeeze.
    {Double|The double} means two and a half {turns|times round}, so you must {spin|rotate} very fast.
  """,
  'landing': """
    {Land|Come down} backwards on the {strong} foot with the {weak} leg {stretched|reaching} behind.
    {Open|Check} the arms, {bend|sink into} the {strong} knee, and ride out on the back outside edge.
    {Free|Send the free} leg back, arms {out|wide}, chest {up|lifted}, and {hold|glide} the exit.
    {Touch down|Land} toe first on the {strong} blade, then {extend|sweep} the other leg {back|behind you}.
  """,
}
