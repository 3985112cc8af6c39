"""Opt-outs: sentences by which somebody asks not to be written to any more, in English, German, French and Spanish.

The patterns are read against the plain form of a sentence (lower case, no accents). They are wide on purpose: a message
that is not sent costs less than one to somebody who said no.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.replies.sentences import Sentence

__all__ = ["find_opt_outs"]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns))


_MAIL_EN = r"(?:e-?mail|mail|messag|contact|writ|send|spam|text|call|bother|harass|follow|pester|reach|communicat|newsletter|correspond|outreach|market|advert|solicit|approach|ping|disturb|annoy)"
_ME_EN = r"(?:me|us|my|our|this (?:e-?mail|address|contact|number|account|inbox|mailbox)|[\w.+-]+@[\w.-]+)"
_LIST_EN = r"(?:\blists?\b|\bmailing|databases?|\bcrm\b|\bsystems?\b|\brecords?\b|sequence|campaign|cadence|distribution|outreach|files?\b)"

_ENGLISH = _any(
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
)

_NOT_ENGLISH = _any(
    # A question about the product: their customers unsubscribe, not the author.
    r"\b(?:our|your|my|their|the|how do|can|could|when|if|do|does|let)\b (?:\w+ )?(?:customers?|users?|clients?|subscribers?|leads?|contacts?|recipients?|people|visitors?|members?|readers?|prospects?)\b.{0,40}\b(?:un-?subs|opt|remov|delet)",
    r"\bunsub\w* (?:rates?|handling|management|pages?|flows?|feature|events?|numbers?|statistics|process)\b",
    r"\b(?:do not|don'?t|didn'?t|did not|never|not|accidentally|by mistake)\b.{0,15}\bunsub(?!\w* (?:me|us))",
    # A time or another way, not an end.
    r"\b(?:do not|don'?t|dont|never|not)\b.{0,50}\b(?:before|until|till|instead|rather|yet|hesitate|forget)\b",
    r"\b(?:do not|don'?t|dont|never) stop\b",
)

_MAIL_DE = r"(?:e-?mail|mail|nachricht|werbung|kontakt|post\b|anruf|newsletter|zusend|zuschick|information|schreib|anschreib|schick|send|belastig|kontaktier|meld|anruf|angebot|zuschrift|korrespondenz|erreich|ansprech|follow)"

_GERMAN = _any(
    r"\b(?:abmeld|abgemeldet|abbestell|abzumelden|abzubestellen|austrag|ausgetragen|auszutragen|abmeldung)\w*",
    r"\b(?:meld|bestell|trag)\w*\b.{0,60}\b(?:ab|aus)\b[.!]*$|\b(?:meld|trag)\w* (?:sie |bitte |mich |uns |meine |unsere |adresse |e-?mail |mail )+.{0,40}\b(?:ab|aus)\b",
    r"\b(?:ge)?(?:losch|loesch)\w*\b.{0,80}\b(?:mein|mich|uns|unser|daten|adress|kontakt|mail|alles|sofort|umgehend|verteiler|liste|diese)|\b(?:mein|mich|uns|unser|daten|adress|kontakt|mail|sofort|umgehend|verteiler|liste|datenbank)\w*\b.{0,80}\b(?:ge)?(?:zu ?)?(?:losch|loesch)",
    r"^(?:bitte )*(?:sofort )*(?:umgehend )*(?:alles )*(?:losch|loesch|entfern|austrag|streich)\w*(?: bitte| danke)*[.!]*$",
    r"\b(?:nehm|nimm|entfern|streich|schmei|werf|wirf|hol|setz|trag|lass|nahm)\w*\b.{0,60}\b(?:verteiler|liste|datenbank|adressbuch|system|kartei|raus|runter|heraus)\b",
    r"\b(?:aus|von)\b.{0,25}\b(?:liste|verteiler|datenbank|kartei)\w*\b.{0,30}\b(?:raus|runter|weg|heraus|streich|nehm|losch|entfern|austrag)",
    rf"\b(?:nicht mehr|nie wieder|nie mehr|nicht weiter|nicht wieder|niemals (?:wieder|mehr)|nicht langer|keine?\w{{0,2}} (?:weiter|kunftig)\w*)\b.{{0,60}}{_MAIL_DE}",
    rf"{_MAIL_DE}\w*\b.{{0,40}}\b(?:nicht mehr|nie wieder|nie mehr|nicht weiter|niemals wieder|nicht wieder)\b",
    rf"\bkein\w*\b.{{0,30}}{_MAIL_DE}\w*\b.{{0,40}}\b(?:mehr|erwunscht|gewunscht)\b",
    rf"\b(?:bitte|kunftig|zukunft|ab sofort)\b.{{0,30}}\bkein\w*\b.{{0,20}}{_MAIL_DE}",
    rf"\b(?:wunsch|mocht|will|woll)\w*\b.{{0,40}}\bkein\w*\b.{{0,30}}{_MAIL_DE}",
    r"\bhor\w*\b.{0,40}\bauf\b.{0,40}\b(?:mail|schreib|schick|send|nerv|kontakt|mir|mich|uns|damit|zu\b|werb|spam)",
    r"\bhor(?:en|t)? (?:sie |bitte |endlich )*(?:damit )?auf\b",
    r"\bwiderspr(?:e|i|u)ch\w*|\buntersag\w*|\bunterlass\w*|\bverbitte\w*|\babsehen\b|\bseh(?:en|t)\b.{0,60}\bab\b[.!]*$|\bverzicht\w*\b.{0,40}\b(?:weiter|kontakt|mail|werbung|zusend)",
    r"\bin (?:ruhe|frieden)\b",
    r"\b(?:das|dies|es|als|ist|reiner?) (?:\w+ )?spam\b|\bspam\w*\b.{0,30}\b(?:meld|stopp|aufhor|unterlass)",
    r"\b(?:einwilligung|zustimmung|erlaubnis)\b.{0,40}\b(?:widerruf|zuruck|entzieh|nie|nicht|keine)|\b(?:widerruf|entzieh)\w*\b.{0,40}\b(?:einwilligung|zustimmung)|\b(?:nie|nicht|keine)\b.{0,20}\b(?:zugestimmt|eingewilligt|angemeldet|abonniert|einwilligung)",
    r"\b(?:dsgvo|datenschutz)\w*\b.{0,100}\b(?:losch|loesch|widerspr)|\b(?:losch|loesch|widerspr)\w*\b.{0,100}\bdsgvo\b",
    r"^(?:bitte )?(?:stopp?|stoppen|ende|schluss|aufhoren)(?: bitte| damit| jetzt)*[.!]*$",
    r"\b(?:stoppen|beenden|einstellen|stellen)\b.{0,40}\b(?:mail|nachricht|werbung|zusend|kontakt|newsletter)",
    r"\b(?:sperr|blockier)\w*\b.{0,30}\b(?:mich|uns|meine|unsere|adresse)|\bsperrliste\b|\brobinsonliste\b",
)

_NOT_GERMAN = _any(
    r"\b(?:unsere|ihre|die|deren|meine) (?:kunden|nutzer|anwender|leser|abonnenten|empfanger|mitarbeiter)\b.{0,50}\b(?:abmeld|austrag|losch)",
    r"\b(?:nicht|kein\w*)\b.{0,50}\b(?:vor dem|vor|bis|sondern|erst)\b.{0,20}\b(?:\d|januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember|montag|dienstag|mittwoch|donnerstag|freitag|fruhjahr|sommer|herbst|winter|nachste|anrufen)",
    r"\barbeit\w*\b.{0,40}\bnicht mehr\b|\bnicht mehr\b.{0,30}\b(?:im unternehmen|bei uns|hier|tatig|beschaftigt)\b",
)

_MAIL_FR = r"(?:mail|e-?mail|courriel|courrier|message|contact|ecri|envo|newsletter|sollicit|relanc|demarch|derang|appel|pub|spam|harcel|prospect|communication|recevoir|recoi|importun|information|offre)"

_FRENCH = _any(
    r"\bdes-?(?:inscri|abonn)\w*|\bresili\w*\b.{0,30}\b(?:abonnement|inscription)",
    r"\b(?:retir|enlev|supprim|effac|ray|ot|sort|radi|elimin|exclu)\w*\b.{0,60}\b(?:listes?|bases?|fichiers?|donnees|adresses?|mails?|e-?mail|contacts?|coordonnees|diffusion|nom)\b",
    r"\b(?:retir|enlev|supprim|effac|ray|ot|sort|radi|desinscri|exclu)\w*[- ](?:moi|nous)\b",
    rf"\b(?:ne|n'|pas)\b ?.{{0,40}}\bplus\b.{{0,50}}{_MAIL_FR}|^(?:merci,? )?\bplus (?:jamais |aucun\w* |de |d')*(?:mail|e-?mail|courriel|message|contact|pub|newsletter|relanc|spam)|\bn'\w+[- ]?\w* plus\b|\bne m'\w+ plus\b",
    rf"\b(?:ne|n')\b.{{0,40}}\bjamais\b.{{0,20}}{_MAIL_FR}",
    rf"\b(?:arret|cess|stop)\w*\b.{{0,40}}{_MAIL_FR}|^(?:merci d')?(?:arretez|arrete|stop|cessez|assez|fin)(?: svp| merci| maintenant| s'il vous plait)*[.!]*$",
    r"\blaisse\w*[- ](?:moi|nous)\b.{0,20}\b(?:tranquille|en paix)|\b(?:fich|fout)\w*[- ](?:moi|nous) la paix",
    r"\boppos\w*\b.{0,80}\b(?:traitement|donnees|prospection|utilisation|demarchage|marketing)|\bdroit d'opposition\b|\bdroit a l'(?:oubli|effacement)",
    r"\brgpd\b.{0,100}\b(?:effac|supprim|oppos|retir)|\b(?:effac|supprim|oppos|retir)\w*\b.{0,100}\brgpd\b",
    r"\b(?:c'est|comme|en|du|est un|pur) (?:\w+ )?spam\b|\bindesirables?\b.{0,20}\b(?:courri|mail|message)|\b(?:courri|mail|message)\w* indesirable",
    r"\b(?:jamais|pas|n'ai)\b.{0,25}\b(?:consenti|inscrite?|accepte|donne mon (?:accord|consentement)|abonnee?)\b|\bretir\w* mon consentement",
    r"\bliste (?:noire|d'opposition|rouge|d'exclusion|de blocage)\b|\bbloctel\b",
)

_NOT_FRENCH = _any(
    r"\b(?:nos|vos|les|leurs) (?:clients|utilisateurs|abonnes|lecteurs|contacts)\b.{0,50}\b(?:des-?inscri|des-?abonn|supprim)",
    r"\bne\b.{0,15}\btravaill\w* plus\b|\bplus\b.{0,20}\b(?:dans l'entreprise|chez|en poste)\b|\bsociete\b.{0,15}\bplus\b",
    r"\b(?:plus tard|en savoir plus|dites?[- ]m'en plus|m'en dire plus)\b|\bn'hesit\w*",
    r"\b(?:pas|ne)\b.{0,40}\b(?:avant (?:le|la|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|\d)|jusqu'a)",
)

_MAIL_ES = r"(?:correo|mail|e-?mail|mensaje|contact|escrib|envi|mand|llam|inform|public|recib|newsletter|boletin|comunica|molest|spam|insist|oferta|notifica)"

_SPANISH = _any(
    r"\b(?:d[aeo]\w*|doy|causar|solicit\w*|quiero|pido|tramit\w*)\b.{0,25}\b(?:de )?baja\b|^(?:por favor,? )?(?:la )?baja(?: por favor| gracias| ya)*[.!]*$|\bbaja\b.{0,20}\b(?:lista|correo|boletin|newsletter|suscripcion)|\bdarme? de baja|\bde baja\b.{0,20}\bmi\b",
    r"\b(?:des-?(?:suscri|subscri|apunt|inscri)|desuscri)\w*|\b(?:cancel|anul)\w*\b.{0,30}\b(?:suscripcion|datos|envi|correo|registro)",
    r"\b(?:elimin|borr|quit|remuev|remov|remueva|saqu|sac|suprim|retir|exclu|bloque)\w*\b.{0,60}\b(?:listas?|bases?|datos|correos?|direccion|contactos?|e-?mail|mail|registros?|sistema)\b",
    r"\b(?:elimin|borr|quit|remuev|remov|saqu|sac|suprim|retir|exclu)\w*(?:me|nos)\b",
    rf"\b(?:no|nunca|jamas)\b.{{0,40}}{_MAIL_ES}\w*\b.{{0,40}}\b(?:mas|nunca|jamas|otra vez|de nuevo)\b|\b(?:no|nunca)\b.{{0,25}}\bmas\b.{{0,40}}{_MAIL_ES}|\bno\b.{{0,25}}\b(?:vuelv|volv)\w*\b.{{0,20}}{_MAIL_ES}",
    rf"\b(?:ni un|ningun|no mas|basta de|nada de)\b.{{0,20}}{_MAIL_ES}|\bno mas\b[.!]*$",
    rf"\b(?:dej[aeo]\w*|pare[ns]?|parad|cese[ns]?|detenga\w*)\b (?:ya )?(?:de )?.{{0,20}}{_MAIL_ES}|^(?:basta|alto|parar|stop|fin|cancelar)(?: ya| por favor| gracias)*[.!]*$",
    r"\ben paz\b|\bno (?:me|nos) molest\w*|\btranquil[oa] ya\b",
    r"\b(?:opongo|oponemos|oposicion)\b.{0,80}\b(?:tratamiento|datos|fines|uso|publicidad)?|\bderecho (?:de (?:oposicion|supresion)|al olvido)|\b(?:rgpd|lopd|lopdgdd|gdpr)\b.{0,100}\b(?:elimin|borr|suprim|cancel|opon|opos|supres)|\b(?:elimin|borr|suprim|cancel|opon|opos|supres)\w*\b.{0,100}\b(?:rgpd|lopd|gdpr)",
    r"\b(?:es|como|esto es|puro) (?:\w+ )?spam\b|\bcorreo (?:basura|no deseado)\b",
    r"\b(?:nunca|no|jamas)\b.{0,30}\b(?:autori[zc]|di mi consentimiento|dado mi consentimiento|suscrib|consent)\w*|\bretiro mi consentimiento",
    r"\blista (?:negra|robinson|de exclusion|de bloqueo)\b",
)

_NOT_SPANISH = _any(
    r"\b(?:nuestros|sus|los|mis) (?:clientes|usuarios|suscriptores|lectores|contactos)\b.{0,50}\b(?:baja|desuscri|elimin|borr)",
    r"\b(?:de )?baja (?:por|medica|laboral|maternal|paternal|de maternidad|de paternidad|por enfermedad)\b",
    r"\bno\b.{0,50}\b(?:antes de|hasta)\b",
    r"\bmas (?:tarde|adelante)\b",
)

_LANGUAGES = (
    (_ENGLISH, _NOT_ENGLISH),
    (_GERMAN, _NOT_GERMAN),
    (_FRENCH, _NOT_FRENCH),
    (_SPANISH, _NOT_SPANISH),
)


def find_opt_outs(found: Iterable[Sentence]) -> list[Sentence]:
    """The sentences that are opt-outs. Each language is tried, since people mix them."""
    return [one for one in found if _says_no(one.plain)]


def _says_no(sentence: str) -> bool:
    return any(yes.search(sentence) and not no.search(sentence) for yes, no in _LANGUAGES)
