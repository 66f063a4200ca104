"""Talk that shows nothing: it is the same in every sport, so it cannot tell what is shown."""

FILLER = {
  'greeting': """
    {Hi|Hello|Hey} everyone, {welcome|and welcome} back to the channel.
    {Hey|Hi} guys, {good to have you|great to see you} here again.
    {Hello|Hi} and welcome, {I hope|hope} you're all doing well {today|}.
    What's up everybody, {thanks for tuning in|it's good to be back}.
    {Good morning|Good afternoon|Hi} folks, {let's get going|thanks for joining me}.
    Welcome back, {my friends|everyone}, {grab a drink|make yourselves comfortable}.
    {Hey there|Hello there}, if you're new here, {nice to meet you|a warm welcome}.
    {Hi|Hello} again, {it's been a while|I missed you all}.
  """,
  'channel': """
    If you {enjoy|like} these videos, {please|do} hit that subscribe button.
    {Leave|Drop} me a comment below, I {read|try to read} every single one.
    {Give|Don't forget to give} this one a thumbs up, it really helps {us|the channel}.
    {Turn|Switch} on notifications so you don't miss the next {one|video}.
    We just {passed|reached} {ten|fifty|a hundred} thousand subscribers, thank you so much.
    {Share|Send} this with {a friend|someone} who might {like|need} it.
    All the {links|details} are in the description {below|down there}.
    {Last|The last} video got a {crazy|huge} amount of comments, {wow|thank you}.
    {A few|Some} of you asked {about|for} my playlist, it's {linked|pinned} below.
    You can also {find|follow} us on the other platforms, {same name|it's the same name everywhere}.
    I {post|upload} every {Tuesday|Sunday|Friday}, so {come back|see you} then.
    {Tell|Let me know} in the comments where you're watching from.
  """,
  'sponsor': """
    This video is {brought to you|sponsored} by {our partner|a company} that I {really|actually} use myself.
    {Before|Real quick, before} we go on, a word from our sponsor.
    Use {the code|my code} at checkout to get {ten|fifteen|twenty} percent off.
    Our {sponsor|partner} {makes|sells} meal boxes, and they're {honestly|really} tasty.
    {Thanks|Big thanks} to the {folks|people} who {support|fund} us every month.
    They {ship|deliver} worldwide, and the {first|trial} month is free.
    I've been using their {app|service} for {about a year|months} now.
    {Check|Go and check} them out, the link is in the {description|first comment}.
    {It's|They're} a small family company, and I {like|love} supporting that.
    {No|There's no} pressure, but it keeps the {lights|cameras} on here.
    The {offer|discount} {ends|runs out} at the end of the {month|week}.
    They didn't {pay|ask} me to say this {part|bit}, I just {like|enjoy} it.
  """,
  'anecdote': """
    {Yesterday|Last week} I {got stuck|sat} in traffic for {two|three} hours on the way here.
    My {old|first} coach used to {say|tell us} that {coffee|breakfast} comes first.
    A {funny|silly} thing happened {this morning|on the way in}, I {lost|forgot} my keys.
    When I was {twelve|fourteen|a kid}, my {brother|sister} and I {did|tried} this every {day|weekend}.
    We {travelled|flew} to {Spain|Canada|Norway} last month, and the food was {amazing|unbelievable}.
    I {remember|still remember} my first competition, I was so {nervous|scared}.
    {Someone|A guy} in the hotel asked me if I was {famous|on television}, {so no|I wish}.
    My {daughter|son} {filmed|helped with} the last video, {so blame|thank} them for the sound.
    A student of mine {got married|moved abroad} last {month|summer}, {congratulations|all the best}.
    I {watched|saw} a great {documentary|film} about this last night.
    Years ago we {had|trained with} no heating in here, {can you imagine|it was freezing}.
    {True|Here's a true} story, I once {turned up|arrived} on the wrong {day|weekend}.
  """,
  'equipment': """
    People {always|often} ask what {shoes|clothes} I wear, and {honestly|really} it \
      {doesn't matter|makes little difference}.
    This {shirt|jacket} is {new|from our shop}, by the way, {what do you think|I quite like it}.
    We {got|bought} a new {camera|microphone}, so I hope the {picture|sound} is better.
    {Expensive|Fancy} gear won't make you {any better|better}, {trust me|I promise}.
    {Buy|Get} something {cheap|second hand} {first|to begin with}, you can always upgrade {later|next year}.
    I {left|forgot} my good {bag|water bottle} at home, so {excuse|never mind} this one.
    They {changed|redid} the lights in here, it's {so much|a lot} brighter now.
    {Clean|Look after} your {things|clothes} after {practice|every session}, they'll last {longer|for years}.
    The {colour|design} came out {a bit|rather} {loud|bright}, but I {like|dig} it.
    I {pack|packed} a spare {shirt|towel} today, it's {hot|warm} in here.
    {Check|Read} the label before you {wash|dry} any of that stuff.
    My {watch|tracker} says I {slept|only slept} {five|six} hours, {great|fantastic}.
  """,
  'studio': """
    {Sorry|Sorry about that}, there's {some|a bit of} noise {from next door|in the background}.
    {Can you|Do you} hear me {all right|okay} {over there|back there}, yes?
    {Let me|I'll} just {move|fix} the camera {a bit|real quick}.
    {One second|Hang on}, I need {a sip|some water}.
    It's {pretty|really} {cold|windy|loud} here today, {as you can tell|bear with me}.
    The light is {going|fading}, so we {should|had better} hurry up.
    {Okay|All right}, where {was I|were we}?
    {Give|Just give} me a second to {catch|get} my breath.
    There's {a class|somebody} waiting after us, so I'll be {quick|brief}.
    Is that thing {recording|on}? {Great|Perfect}.
    {Excuse|Never mind} the people walking past {behind me|in the back}.
    The battery is {blinking|nearly empty}, {but|well} we'll {manage|be fine}.
  """,
  'encouragement': """
    {Don't|Please don't} get discouraged, {this|it} takes {weeks|months}, for everyone.
    {Be|Stay} patient with yourself, {we|we've} all started {somewhere|from zero}.
    {Have|The main thing is to have} fun {with it|out there}.
    {Nobody|No one} gets this {on day one|the first time}, {honestly|believe me}.
    {A little|Ten minutes} every day beats {one|a} long session {a week|on Sunday}.
    {Take|Make sure you take} a rest day {when|if} you're tired.
    {Make|Please make} sure you're {warmed up|warm} before you {try|do} anything.
    {Ask|Get} a friend to film you, it {helps|really helps}.
    {Write|Note} down what you {worked on|did}, you'll {see|notice} the progress.
    {Every|Each} time you {try|practise}, it gets a {bit|little} easier.
    {Listen|Always listen} to your body, and {see|ask} a doctor if {something|it} hurts.
    {Enjoy|Just enjoy} the process, the {results|rest} will come.
  """,
  'farewell': """
    {That's|And that's} it for today, {see you|catch you} in the next one.
    Thanks {so much|a lot} for watching, {take care|bye for now}.
    {See you|I'll see you} next {time|week}, {stay healthy|have a good one}.
    {Alright|Okay} guys, {I'm out|that's a wrap}, {bye|see you soon}.
    {Hope|I hope} that was {useful|fun}, {until next time|talk to you soon}.
    {Thank you|Thanks} for {staying|sticking around} to the end, {you're the best|I appreciate it}.
    {Good luck|All the best} with your {training|practice}, {bye for now|and see you}.
    {Have|You have} a great {day|weekend}, {cheers|bye everyone}.
  """,
}
