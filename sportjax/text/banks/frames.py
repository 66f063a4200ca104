"""What a coach says around a demonstration, titles of videos, and what is said of a level."""

TITLES = """
  How to do the {skill} {|step by step}
  {Learn|Master} the {skill} in {five|ten|three} minutes
  {skill} tutorial {for beginners|}
  {Fix|Improve} your {skill} {today|with these tips|fast}
  The {perfect|proper} {skill} explained
  {skill}: {common mistakes|what most people get wrong}
  {Why|The reason why} your {skill} isn't working
  {skill} {basics|technique|masterclass}
  {3|4|5} tips for a better {skill}
  {Beginner's guide|A simple guide} to the {skill}
  Stop doing your {skill} like this
  {Coach|A coach} explains the {skill}
"""
TOPIC = """
  {Today|In this video} {we look at|I'll show you} the {skill}.
  {Today|So, today} it's all about the {skill}.
  {This|Today's} lesson is on the {skill}.
  {Let's|We're going to} work on the {skill} {today|together}.
  {You asked|Many of you asked} for it, so here {is|comes} the {skill}.
  {I want|I'd like} to teach you the {skill} {today|in this one}.
  {What|Here's what} we are {learning|practising} today: the {skill}.
  {By the end|At the end} of this you will {understand|know} the {skill}.
"""
CUES = {
  'right': """
    {Watch|Have a look at} this one.
    {Here|And here} it is {in full|at full speed|once}.
    {Let me|I'll} show you {what I mean|that}.
    {Like|Just like} this.
    {Okay|All right}, {watch closely|here we go}.
    {Keep|Have} an eye on {me|this} {now|}.
    {See|Look} how {this|it} {looks|goes}.
    {Now|So now} {I'll do|let me do} it {properly|the right way}.
  """,
  'wrong': """
    {Now|So}, what {people|most people|beginners} {do wrong|get wrong} is this.
    {Here's|This is} the {mistake|error} I see {all the time|most often}.
    {Let me|I'll} show you {how not to do it|the wrong way}.
    {Don't|Please don't} do {it like this|this}.
    {A lot of|So many} {people|students} {end up doing|do} this {instead|}.
    {The|A} {classic|typical|common} {mistake|error} {looks|goes} like this.
    {This|Now this} is {what you don't want|how it goes wrong}.
    {Watch|Look at} what happens {here|in the bad version}.
  """,
  'fix': """
    {So|Now}, {here's|this is} how {to fix that|we mend it}.
    {Let's|Now let's} {put|set} that right.
    {How|So how} do we {correct|fix} it?
    {Instead|What you want to do instead}, {do this|try this}.
    {The|My} {cure|fix} is {simple|easy}.
    {Compare|Now compare} that {with this|to this one}.
    {Now|And now} the {correct|good} version {again|}.
    {This|Here} is {what|how} it {should|ought to} look{| instead}.
  """,
}
LEVELS = {
  'novice': """
    You're {just|only} starting out, and that's {completely|perfectly} fine.
    This {looks like|is} one of your first {attempts|tries}, {so there is|and there's} a lot to {gain|win}.
    The {basics|foundations} are {not there|missing} {yet|for now}, so {take|go} one thing at a time.
    {Most|Nearly all} of the pieces still need {work|building}.
    {It's|That was} a {raw|rough} {first|early} version of the movement.
    You are at the very {beginning|start} of the road with this.
    {I|We} would {begin|start} again from the {simplest|easiest} parts.
    A {typical|real} beginner's attempt, {full|with lots} of energy, {little|not much} technique {yet|so far}.
  """,
  'early_expert': """
    You have {got|picked up} the {rough|basic} idea, and {some|a few} things {already work|look right}.
    {The|Your} {outline|shape} is there, but {several|quite a few} pieces are {still|} missing.
    You've clearly {practised|done} this {before|for a while}, though it {breaks|falls} apart in {places|parts}.
    {Decent|A decent} start: {past|beyond} the beginner stage, {not|but not} yet reliable.
    {About|Roughly} half of it is {right|there}, and half {needs|still needs} {work|attention}.
    You're {on your way|getting somewhere}, {with|and you have} a few {big|clear} gaps left.
    {Club|That's club} player stuff: {it works|it does the job}, {but|only} the details {slip|are loose}.
    {A|You're a} {keen|developing} athlete with {uneven|patchy} technique.
  """,
  'intermediate_expert': """
    {Solid|That's solid} work, {mostly|largely} {clean|correct}, with {one or two|a couple of} weak spots.
    You {know|really know} what you're doing; {now|from here} it's about {details|the finer points}.
    {Good|A good} {standard|quality}, you could {compete|hold your own} with this.
    {Most|Nearly everything} of it is {in place|sound}, {a few|some} things {cost|still cost} you.
    {Well|A well} trained {movement|action}, not {quite|yet} {effortless|polished}.
    I'd {call|rate} this {strong|good}, with {room|space} at the top.
    The {foundation|base} is {strong|firm}; {polish|sharpen} what {remains|is left}.
    {You're|This is} {well above|better than} average, {only|just} not {flawless|perfect}.
  """,
  'late_expert': """
    That's {top|really high} level, {hardly|barely} anything to {criticise|correct}.
    {Superb|Outstanding}, you {could|might as well} teach this.
    {Elite|That's elite} stuff: {clean|precise} from {start|beginning} to {finish|end}.
    {A|That was a} {master|real expert} at work, {only|just} {tiny|minor} things to {adjust|tune}.
    {Nearly|Close to} {flawless|perfect}, {very|most} impressive.
    {Years|You can see years} of {practice|training} in this one.
    {You|You've} {clearly|obviously} {mastered|have command of} this.
    {As|About as} good as it {gets|comes}, and I'm being {picky|fussy} from here.
  """,
}
COMMENTARY = {
  'opening': """
    {Okay|All right}, {let's|let us} look at this {one|performance}.
    {So|Right}, here's what I {see|notice}.
    {Let me|I'll} {talk|take} you through {this|it}.
    {First|My first} {impression|thoughts}.
    {Here|So here} we {have|see} {an athlete|someone} at work.
    {Good|Great}, {thanks|thank you} for {sending|showing me} this {in|}.
    {Now|So now}, {what|how} do I {make|think} of this?
    {I've|I have} watched this {twice|a few times} {now|}.
  """,
  'turn': """
    {What|The thing} I'd work on:
    {Now|And now} for what {needs|could use} work.
    {There|Here} is something to {improve|change}.
    {On|Now on} the other hand:
    {But|However}, {listen|look} {here|at this}.
    {One|Here's one} thing, {though|however}.
    {The|Your} {next|biggest} {step|gain} is {here|this}.
    {If|Now if} I may {nitpick|criticise}:
  """,
}
