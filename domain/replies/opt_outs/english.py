"""Opt-outs in English."""

from __future__ import annotations

from domain.replies.opt_outs.pattern import Language, alone, any_of

__all__ = ["ENGLISH"]

_MAIL_EN = r"(?:e-?mail|mail|messag|contact|writ|send|spam|text|call|bother|harass|follow|pester|reach|communicat|newsletter|correspond|outreach|market|advert|solicit|approach|ping|disturb|annoy)"
_ME_EN = r"(?:me|us|my|our|this (?:e-?mail|address|contact|number|account|inbox|mailbox)|[\w.+-]+@[\w.-]+)"
_LIST_EN = r"(?:\blists?\b|\bmailing|databases?|\bcrm\b|\bsystems?\b|\brecords?\b|sequence|campaign|cadence|distribution|outreach|files?\b)"

_REFUSALS = any_of(
    r"\bun-? ?su[bs][sc]?\w*",
    r"\bopt(?:ing|ed)?[ -]?(?:me |us |this address )?out\b",
    rf"\b(?:re?mo?v|delet|eras|exclud|drop|purg|scrub|strik|scratch|eliminat|withdraw|rmv)\w* (?:\w+ ){{0,3}}?{_ME_EN}\b",
    rf"\b(?:re?mo?v|delet|eras|exclud|drop|purg|scrub|strik|scratch|tak|pull|get|cut|cross|leav|rmv)\w*\b.{{0,50}}\b(?:off|from|out of)\b.{{0,30}}{_LIST_EN}",
    r"\b(?:tak|get|cross|strik|leav|keep|pull)\w* (?:me|us|my \w+|our \w+) (?:off|out)\b",
    r"^(?:and |so |now )?(?:please |pls |plz |kindly |just )*(?:remove|delete|erase|rmv)(?: (?:it|this|them|that|everything|all|please|pls|now|asap|thanks|immediately|at once|thank you|,))*[.!]*$",
    r"\b(?:delet|eras|destroy|remov|purg)\w*\b.{0,30}\b(?:my|our|all|any|personal)\b.{0,30}\b(?:data|details|information|info|address|e-?mail|contact|number|records?|profile|name)\b",
    rf"(?<!not )(?<!n't )(?<!never )(?<!without )\b(?:stop|quit|cease|discontinue|halt|refrain from|desist|enough (?:of|with))\b.{{0,30}}?\b(?:{_MAIL_EN}\w*|these|this|it|now)\b",
    r"^(?:please |pls )?(?:stop|stopall|stop all|end|quit|cancel|enough|enough already|go away|no more)(?: (?:please|pls|it|now|thanks|thank you))*[.!]*$",
    r"(?<!i )(?<!we )(?<!they )(?<!you )(?<!you guys )\b(?:do not|don'?t|dont|never|not to|not|no need to)(?: (?:ever|please|you dare|dare|again|keep|continue to|try to))* (?:keep )?(?:contact|e-?mail|mail|writ|messag|call|text|reach(?:ing)? out|bother|spam|ping|follow(?:ing)?[ -]up|get in touch|approach|solicit)\w*\b",
    r"(?<!i )(?<!we )(?<!they )(?<!you )\b(?:do not|don'?t|dont|never)(?: ever| please)* (?:send|forward)(?:ing)?\b.{0,30}\b(?:e-?mails?|mails?|messages?|anything|more|further|newsletters?)\b",
    rf"\b(?:do not|don'?t|dont|no longer|never|not|didn'?t) (?:ever |really )?(?:want|wish|like|care|consent|agree|desire)\w*\b.{{0,40}}\b(?:(?:receiv|contact|hear|approach)\w*|(?:any|more|further|your|these|those|such|this)\b.{{0,20}}{_MAIL_EN}\w*)",
    rf"\bno (?:more|further|additional|future) (?:\w+ ){{0,2}}?{_MAIL_EN}\w*",
    r"\bleave (?:me|us) (?:alone|in peace|be\b)",
    r"\b(?:lose|forget) (?:my|our) (?:number|address|e-?mail|contact)",
    r"\bgo away\b|\bget lost\b|\bbuzz off\b|\bpiss off\b|\bf(?:uck\w*|\w?\*+\w*) ?(?:off|you)\b",
    r"\bdo[ -]not[ -](?:contact|call|mail|e-?mail|disturb|track)\b|\bdnc\b|\b(?:suppression|blocking|block|black|opt-?out|robinson|exclusion) ?list",
    r"\bblock (?:me|us|my|our|this)\b",
    r"\bobject\w*\b.{0,60}\b(?:processing|marketing|use of (?:my|our)|using (?:my|our)|(?:my|our) (?:personal )?data)\b",
    r"\bgdpr\b.{0,100}\b(?:delet|eras|remov|object|forgot|cease)|\b(?:delet|eras|remov|object|forgot|cease)\w*\b.{0,100}\bgdpr\b|\bright to (?:erasure|object|be forgotten)",
    r"\b(?:withdraw|revok|rescind)\w*\b.{0,30}\b(?:consent|permission)",
    r"\b(?:never|not|n't)\b (?:\w+ ){0,2}?(?:consent|subscrib|opted in|sign(?:ed)? up (?:for|to)|given? (?:you )?(?:my |any )?(?:consent|permission))",
    r"\b(?:this is|that is|that's|it'?s|pure|as|for|reported?|marked?|marking) (?:\w+ )?spam\b",
    r"\b(?:be|been|being|get|getting) (?:removed|unsubscribed|deleted|taken off|excluded|contacted (?:further|again|any ?more|any longer|in (?:the )?future))",
    r"\b(?:want|let me|need) (?:out|off)\b",
    r"\bcancel\w*\b.{0,20}\bsubscription\b.{0,20}\b(?:mail|e-?mail|message|newsletter|list)|\bcancel (?:these|this|the|my|your) (?:e-?mails?|newsletters?|messages?)",
    r"\b(?:cease|end) (?:all |any )?(?:contact|communication|correspondence)",
    # Nothing but an end.
    alone(
        r"stop|stopall|quit|cancel|enough|enough is enough|no more|no more of (?:this|these|that)|end (?:this|it|these)|desist|discontinue|cease"
        r"|knock it off|cut it out|give it a rest|make (?:it|this|these|them) (?:stop|end)|stop (?:it|this|these|now|that)|never again|(?:no|no further) (?:contact|communication)"
        r"|shut up|remove|delete|spam|optout|go away|leave|unlist|block|blocked|reported|off(?: of)? (?:the|your|this|that) list",
        r"please|pls|plz|just|kindly|now|ugh|nope|nah|no|hey|hi|argh|omg|dude|man|oh|well|so|yes|really|and|already|thanks?|thank you|thx|ok|okay|will you|for good|immediately|at once|asap|it|this|me|us|sir|guys|all|today|right|once and for all",
    ),
    # Ask for the way out.
    r"\bhow (?:do|can|could|would|to|does)\b.{0,6}\b(?:i|we|one|you)?\b.{0,12}\b(?:get off|get out|get rid|stop|end|cancel|leave|quit|be removed|turn (?:this|these|it|them) off|make (?:it|this|these|them))\b.{0,30}\b(?:list|this|these|it|mail|e-?mail|message|newsletter|from you|that)\w*",
    r"\b(?:can|could|will|would) you (?:please |pls |just |kindly )*(?:stop|quit|cease|leave (?:me|us))\b|\b(?:would|do) you mind not\b",
    r"\b(?:please|kindly|pls)\b.{0,15}\b(?:refrain|desist|discontinue|cease|quit)\b",
    r"\b(?:please|pls|kindly|just|and) (?:end|stop) (?:this|these|them|it|all|any|your|the (?:mail|e-?mail|message|sequence|campaign|correspondence))",
    # Weariness and threats.
    r"\b(?:sick|tired|weary|fed up|had enough|enough|annoyed|irritated|bored)\b.{0,10}\b(?:of|with|by)\b.{0,30}\b(?:e-?mails?|messages?|mailings?|newsletters?|spam|follow[- ]?ups?|you|outreach|pitches)\b|\b(?:sick of|tired of|fed up with) (?:this|it|these|that)[.!]*$",
    r"\byou(?:'re| are| have been| keep| guys)?(?: \w+){0,2}? (?:bother|harass|spamm|annoy|pester|bombard|flood|stalk|hound)\w*",
    r"\b(?:this|it|that|these) (?:is|are|was|were|has become|borders on)(?: \w+){0,2}? (?:harass|spam|junk|unsolicit|unwelcom|unwant|intrus|annoy|nuisance|unaccept|illegal|inappropriat)\w*|\bit'?s (?:\w+ )?(?:harass|spam|junk|annoy)\w*",
    r"\bunsolicited\b|\bunwelcome\b|\bunwanted (?:mail|e-?mail|message|contact)",
    r"\b(?:report|flag|mark|treat|consider)\w*\b.{0,30}\b(?:as spam|as junk|junk|abuse|authorit\w+|spammers?)\b|\breport(?:ing)? you\b",
    r"\b(?:i|we)(?:'m| am|'ll| will|'ve| have|'re| are)?(?: \w+)? block(?:ed|ing)? (?:you|your|this (?:sender|address|domain)|the sender|all)\b|\b(?:will|gets?|going to|be) block(?:ed)?\b.{0,10}\b(?:you|your|sender|domain)\b",
    r"\b(?:next|another|further|one more|last)\b.{0,50}\b(?:lawyers?|attorneys?|legal|court|complaint)\b|\blegal (?:action|steps)\b",
    r"\bkeep (?:getting|receiving|finding)\b.{0,30}\b(?:these|this|your|e-?mails?|messages?)\b|\b(?:second|third|fourth|fifth|sixth|last|final|umpteenth|nth) (?:time|warning|request|notice)\b.{0,40}\b(?:ask|tell|request|say|told|remov|stop|leav|off)\w*",
    r"\b(?:asked|told|requested|begged|said)\b.{0,30}\b(?:to (?:quit|stop|leave|be left|cease|remove|be removed)|no (?:more|further))",
    # Wishes.
    r"\b(?:rather|prefer\w*|appreciate\w*|happier|grateful|thankful|glad|like it)\b.{0,30}(?:\b(?:not|no longer|never)|n't)\b.{0,40}\b(?:contact|e-?mail|mail|receiv|hear|writ|be on|get|call|text|approach|includ)\w*",
    r"(?:\b(?:not|no longer|never)|n't)\b.{0,15}\b(?:want|wish|need|care|like|care for)\b.{0,30}\b(?:to be (?:on|in|part|contact|includ|approach|e-?mail|added|subscribed)|these|this|those|your (?:e-?mails?|messages?|newsletters?|mailings?|updates?)|any of (?:this|it)|hear)",
    r"\bnothing (?:further|more|else|to do with (?:you|this|it|your))\b.{0,40}\b(?:you|your|company|this|receiv|hear)?\b",
    r"\b(?:make sure|ensure|trust|hope|see to it|guarantee|expect)\b.{0,40}(?:\b(?:not|no (?:more|further)|never|last)|n't)\b.{0,30}\b(?:hear|get|receiv|contact|e-?mail|mail|messag|sent|be )\w*",
    r"\b(?:nobody|no one|none of us)\b.{0,20}\b(?:wants?|needs?|asked|reads?)\b.{0,30}\b(?:e-?mails?|mails?|newsletters?|messages?|this|it|these)\b",
    r"^(?:just |now |please )*(?:take a hike|(?:bugger|sod|naff|shove|eff|f) off|get stuffed|drop dead|jog on)\b",
    r"\b(?:off|out of) (?:this|that|the|your) (?:thing|stuff|list|mailings?|e-?mails?|sequence)\b",
    r"\bcount (?:me|us) out of\b|\b(?:respect|protect) (?:my|our) (?:privacy|inbox|wish|decision|time)",
    r"\b(?:stay|keep|get|remain)\b.{0,30}\b(?:out of|away from|off) (?:my|our) (?:inbox|mailbox|mail|phone|e-?mail|back)\b|\b(?:my|our|this) (?:inbox|mailbox|address|e-?mail|number)\b.{0,12}\bis (?:not|private|personal|off)\b",
    r"\b(?:do not|don'?t|dont|never)(?: ever| please| bother)* (?:reply|respond|come back|try again|bother|use|keep|store|share|sell|process)\b(?:[.!,]*$|.{0,40}\b(?:my|our|me|us|this|again|marketing|address|data|information)\b)",
    r"(?:\b(?:not|never)|n't) (?:to )?accept\b.{0,25}\b(?:cold|solicit\w*|unsolicited|marketing|sales|promotion\w*|these)\b|\bno (?:cold (?:e-?mails?|calls?)|solicit\w*|soliciting|sales (?:e-?mails?|calls?|pitch\w*))\b",
    # Consent that was never given.
    r"(?:\b(?:never|not|no)|n't)\b (?:\w+ ){0,4}?(?:permission|consent\w*|ask(?:ed)? for (?:this|any|these|it|that|your)|request\w* (?:this|these|any|it|your|that)|agree\w* to|want\w* this)",
    r"(?:\b(?:not|never|no)|n't)\b.{0,20}\b(?:remember|recall|recollect|aware|idea)\w*\b.{0,30}\b(?:subscrib|sign|join|opt|register|how you got)",
    r"\b(?:ccpa|can-spam|canspam|pecr|casl|tcpa)\b|\bart(?:icle)?\.? ?(?:17|21)\b",
    # What is to be done with an address.
    r"\b(?:ditch|wip|discard|destroy|deactivat|suppress|los|kill|trash|nuk|clear|unlist|unregist|blacklist|expung|bin|blot|deregist)\w*\b (?:\w+ ){0,3}?(?:me|us|my|our|this (?:address|e-?mail|contact|account)|address|contact|details)\b",
    r"\b(?:get|getting) rid of\b.{0,20}\b(?:it|my|our|me|us|this|address|data)\b|\bforget\b.{0,25}\b(?:my|our|this|me|us)\b.{0,20}(?:address|e-?mail|number|exist|contact|details|name|[.!]*$)",
    r"\b(?:remov|delet|eras|drop|strik|exclud|tak|cross|cut|omit)\w*\b (?:\w+ ){0,2}?(?:this|that|the|my|our) (?:e-?mail|mail|address|contact|name|account|inbox|number|company|domain)\b",
    r"\bcancel (?:whatever|all|any|everything|my|our|this)\b.{0,40}\b(?:subscri\w*|sign\w*|mail\w*|e-?mail\w*|sequence|messages?)",
    r"\btak\w* (?:it|this|me|us) (?:down|off)\b|\bno longer (?:be |to be )?(?:contact|e-?mail|mail|includ|subscrib|messag)\w*",
    # In other words.
    r"\bno (?:more |further )?(?:cold |sales |marketing |such |promotional )?(?:e-?mails?|mails?|mailings?|newsletters?|follow[- ]?ups?|marketing|advertis\w*|spam|texts?|messages?|calls?|contact|outreach|solicit\w*)\b(?:,? (?:please|pls|plz|thanks|thank you|at all|ever|from you|needed|wanted|necessary|required|here|to this \w+)\b|[.!,]*$)",
    r"\bhow (?:many times|often)\b.{0,20}\b(?:do i|do we|have to|must|should i|should we|need to)\b",
    r"\bwhy (?:are|do|am|is|does|would|did) (?:you|i|we)\b.{0,30}\b(?:still|keep|again|back|continue)\b.{0,30}\b(?:e-?mail|mail|writ|contact|messag|send|on it|list|these|this|it|call)\w*",
    r"\b(?:told|said|asked)\b.{0,15}\b(?:no|already)\b.{0,60}\b(?:honou?r|respect|accept|listen)\w*|\b(?:honou?r|respect) (?:that|this|it|my|our)\b",
    r"(?:\b(?:not|dont|never)|n't)\b.{0,15}\b(?:add|put|includ|enrol|subscrib|place|load|import)\w*\b.{0,20}\b(?:me|us|my|our|this (?:address|e-?mail))\b",
    r"\bnever gave\b.{0,30}\b(?:address|e-?mail|number|details|permission)|\bhow you (?:got|found|obtained|have) (?:my|our|this)\b.{0,30}\b(?:but|and)\b",
    r"\b(?:delte|delt|dlete|deleet|delet|remov|remvoe|romove|rmeove)\b.{0,15}\b(?:me|my|us|our|this|mail|it)\b|\btak\w* (?:me|us|my \w+) of\b",
    r"(?:\b(?:dont|do not|never)|n't)(?: ever)? (?:send|txt|msg|sms|dm|pm|hit)\w*\b.{0,12}\b(?:me|us|nothing|anything|no)\b(?!.{0,40}\b(?:to accounting|but)\b)",
    r"\bneed(?:n't| not)\b.{0,10}\b(?:write|contact|call|mail|e-?mail|follow|reply|bother)\w*|\bno need to (?:write|contact|call|mail|e-?mail|follow up|reply)\w*\b.{0,10}\bagain\b",
    r"\bclose\b.{0,10}\b(?:my|our) (?:file|account|record|case|ticket)\b|\bturn off\b.{0,20}\b(?:drip|sequence|campaigns?|e-?mails?|mails?|automation|these|this)\b",
    r"\b(?:eras|delet|remov|purg|wip|destroy)\w* (?:everything|anything|whatever|all)\b|\bconfirm\b.{0,40}\b(?:remov|delet|eras|unsub|taken off)\w*",
    r"\b(?:conversation|discussion|correspondence|exchange) is (?:over|closed|finished|done)|\bthat'?s enough\b|\bwe are done\b|\bwe're done\b",
    r"\bnot interested\b.{0,40}\b(?:future|any ?more|ever|receiving|getting|being contacted|your (?:e-?mails?|messages?|newsletters?|mailings?)|these (?:e-?mails?|messages?))\b",
    r"\bno (?:desire|wish|interest|intention|reason|point|use)\b.{0,20}\b(?:to|in|for)\b.{0,15}\b(?:receiv|be contact|being contact|hear|get|keep|read|be on|continu|e-?mail|writ)\w*",
    r"\b(?:write|contact|e-?mail|call|message|one more|any more)\b.{0,30}\band (?:i|we)(?:'ll| will)? (?:\w+ )?(?:complain|report|sue|block|file)\w*|\b(?:further|future|more|next|any) (?:e-?mails?|messages?|mails?|contact|attempts?)\b.{0,40}\b(?:report|block|ignor|delet|treat|junk|trash|spam|filter|complain)\w*",
    r"\b(?:straight|directly|right|off)\b.{0,10}\b(?:to|in|into)\b.{0,8}\b(?:spam|junk|trash|bin|rubbish)\b|\b(?:to|in|into) the (?:bin|trash|junk|rubbish|spam folder)\b|\bfil(?:e|ing) a complaint\b",
    r"\bspare (?:me|us)\b|\blet (?:me|us) be\b[.!]*$|\bleave (?:me|us|my|our|him|her|them)\b.{0,15}\b(?:alone|be|in peace|out of)\b|\bavoid\b.{0,10}\b(?:contact|send|writ|e-?mail|mail|messag|call|bother)\w*",
    r"\blists?\b.{0,15}\b(?:any longer|any ?more)\b|\b(?:not|never|n't) (?:\w+ )?on (?:this|your|any|the) (?:\w+ )?list\b|\b(?:left|leave|quit) (?:this|your|the) (?:mailing )?list\b",
    r"\bbest\b.{0,15}(?:\bnot|n't)\b.{0,20}\b(?:contact|e-?mail|mail|writ|call|messag)\w*",
    r"\bdo(?:es)?(?: not|n't) (?:want|take part|participate|engage|respond|accept|welcome|tolerate|permit|allow|do|wish for)\b.{0,25}\b(?:marketing|advertis\w*|sales|solicit\w*|such|messages?|mail\w*|e-?mails?|campaigns?|cold|ads|unsolicited)\b",
    r"\b(?:hate|loathe|detest|despise|dislike|can'?t stand)\b.{0,20}\b(?:e-?mails?|messages?|mailings?|spam|newsletters?|cold|this|these)\b|\b(?:e-?mails?|messages?|persistence|you|it|this)\b.{0,15}\b(?:is|are)\b.{0,20}\b(?:annoy|driving (?:me|us)|irritat|bother|intrus|obnox|nuisance)\w*",
    r"\bdo(?:n't| not) know (?:you|who you are)\b.{0,20}(?:\bnot|n't)\b|\b(?:address|name|details|data|company)\b.{0,15}\b(?:disappear|vanish|is gone|has to go|must go|comes? off|removed|deleted|erased)\w*|\bit has to go\b",
    r"\bundo (?:this|that|it)\b.{0,10}|\bde-?list\b|\bde-?regist\w*|\bun-?(?:list|regist|enrol|inscrib|join)\w*\b",
    r"\bwhat (?:do|must|should|can) (?:i|we)\b.{0,15}\b(?:do|have to do)\b.{0,20}\b(?:stop|end|be (?:taken|removed)|get off|get rid)",
)

_NO_REFUSALS = any_of(
    # A question about the product: their customers unsubscribe, not the author.
    r"\b(?:our|your|my|their|the|how do|can|could|when|if|do|does|let)\b (?:\w+ )?(?:customers?|users?|clients?|subscribers?|leads?|contacts?|recipients?|people|visitors?|members?|readers?|prospects?)\b.{0,40}\b(?:un-?subs|opt|remov|delet)",
    r"\bunsub\w* (?:rates?|handling|management|pages?|flows?|feature|events?|numbers?|statistics|process)\b",
    r"\b(?:do not|don'?t|didn'?t|did not|never|not|accidentally|by mistake)\b.{0,15}\bunsub(?!\w* (?:me|us))",
    # A time or another way, not an end.
    r"\b(?:do not|don'?t|dont|never|not)\b.{0,50}\b(?:before|until|till|instead|rather|yet|hesitate|forget)\b",
    r"\b(?:do not|don'?t|dont|never) stop\b",
    r"\b(?:block|blocked)\b.{0,20}\b(?:hour|slot|time|calendar|\d ?(?:am|pm))\b",
    r"\b(?:don'?t|do not) want to (?:miss|lose|wait|waste|rush)\b",
    r"\bcan'?t stop\b|\bcannot stop\b",
    r"\bcan (?:i|we) cancel\b|\bdoes your\b|\bdo you (?:support|offer|handle|delete)\b|\bhow do you\b",
    r"\b(?:send|sent|land\w*|found|went|ended|arriv\w*)\b.{0,25}\bspam folder\b",
    # A question about the product.
    r"^(?:and |but |so |also )?(?:can|does|do|is|are|will|would|how does|how do|what|which|when)\b(?!.{0,300}\b(?:me|my|us|i|stop|quit|cease|end|off|this list|your list)\b).*\?$",
    r"\b(?:can|could|how do|how can|how would|when) (?:we|one|users?|people|customers?) (?:stop|pause|end|cancel|delete|remove|erase|opt|unsub\w*)\b",
)

ENGLISH: Language = (_REFUSALS, _NO_REFUSALS)
