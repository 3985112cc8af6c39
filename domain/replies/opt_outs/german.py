"""Opt-outs in German."""

from __future__ import annotations

from domain.replies.opt_outs.pattern import Language, alone, any_of

__all__ = ["GERMAN"]

_MAIL_DE = r"(?:e-?mail|mail|nachricht|werbung|kontakt|post\b|anruf|newsletter|zusend|zuschick|information|schreib|anschreib|schick|send|belastig|kontaktier|meld|anruf|angebot|zuschrift|korrespondenz|erreich|ansprech|follow)"

_REFUSALS = any_of(
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
    alone(
        r"stopp?|schluss|aufhoren|abmelden|abmeldung|abbestellen|abbestellung|austragen|austragung|loschen|entfernen|genug|reicht|nie wieder|kein kontakt(?: mehr)?|keine kontaktaufnahme(?: mehr)?"
        r"|(?:keine?|null) (?:weiteren? )?(?:werbung|mails?|e-?mails?|newsletter|nachrichten|anrufe|spam|post)(?: mehr)?|lass(?:en sie|t|e)? (?:das|es|den quatsch)(?: (?:sein|bleiben))?|raus|spam|sperren|kundigung|abmelden bitte",
        r"bitte|sofort|jetzt|damit|endlich|danke|mal|ist|aber|es|das|nun|umgehend|einfach|sein|mich|uns|alle|alles|daten|und|wirklich|bleiben|dringend|ab|hier|adresse|vielen dank",
    ),
    r"\b(?:raus|runter|heraus|weg|entfern\w*|nehm\w*|nimm|streich\w*|tilg\w*|losch\w*|vernicht\w*)\b.{0,40}\b(?:verteiler\w*|listen?|datenbank\w*|system\w*|kartei|mich|uns|meinen?|namen?|unsere?n?|firma)\b(?!.{0,20}\bangebot)",
    r"\b(?:mich|uns|meine\w*|unsere\w*|adresse|firma)\b.{0,25}\b(?:raus|runter|heraus|austragen|auszutragen|streichen|entfernen|rauszunehmen|rausnehmen|aus)\b[.!]*$",
    r"\bwie (?:komme?|kann|werde)\b.{0,10}\b(?:ich|wir|man)\b.{0,40}\b(?:runter|raus|weg|los|abstell\w*|abmeld\w*|austrag\w*|abbestell\w*|stopp\w*|beend\w*)",
    r"\b(?:nichts?|nix) (?:mehr|weiter\w*)\b.{0,40}\b(?:von (?:ihnen|euch|dir|ihrer)|hor|les|schick|send|schreib|wissen|haben|zu tun|bekomm|erhalt|[.!]*$)|\bvon (?:ihnen|euch|dir)\b.{0,30}\b(?:nichts?|nix|nie)\b",
    r"\bverschon\w*|\bbelastig\w*|\bbehellig\w*|\babmahn\w*|\buwg\b|\bunerwunscht\w*|\bunaufgefordert\w*|\bunverlangt\w*|\bungebeten\w*|\bungefragt\w*",
    r"\b(?:mail|e-?mail|nachricht|werbung|ihr|ihre|sie|das|es|newsletter)\w*\b.{0,20}\bnerv(?:en|t|ig)\b",
    r"\b(?:nase voll|schnauze voll|satt|genug|leid)\b.{0,10}\bvon\b.{0,20}\b(?:mail|ihnen|euch|werbung|nachricht|ihre|diese)|\b(?:mails?|werbung|nachrichten)\b.{0,20}\b(?:satt|leid)\b",
    r"\b(?:mein\w*|unser\w*) (?:rechts)?anw[aa]lt\w*|\brechtliche schritte|\bverbraucher(?:zentrale|schutz)|\bdatenschutz(?:behorde|beauftragt)\w*|\bbundesnetzagentur|\bstrafanzeige",
    r"\bart(?:ikel|\.)? ?(?:17|21)\b|\b(?:17|21)\b.{0,15}\bdsgvo\b|\b(?:daten)?loschung\b.{0,30}\b(?:mein|unser|daten|verlang|beantrag|bitte|sofort|17)|\b(?:verlang|beantrag|forder|bitte um)\w*\b.{0,30}\b(?:loschung|austragung|entfernung)",
    r"\bverge(?:ss|iss)\w*\b.{0,20}\b(?:adresse|mich|uns|mail\w*|nummer|kontakt)\b(?!.{0,10}\bnicht\b)",
    r"\b(?:blockier\w*|sperre)\b.{0,15}\b(?:sie|euch|absender|ihre\w*|dich)\b|\b(?:sie|euch|absender|ihre \w+|dich)\b.{0,20}\b(?:blockiert|gesperrt|geblockt|blockieren)\b",
    r"\bspam\b.{0,20}\b(?:markier|gemeldet|verschob|melde)|\b(?:landet|kommt|geht|wandert|landen)\b.{0,25}\b(?:spam|papierkorb)",
    r"\b(?:nie|nicht|niemals|keine?|kein)\b.{0,35}\b(?:zugestimmt|erlaubnis|einwilligung|einverstand\w*|angemeldet|bestellt|abonniert|gebeten|angefordert|gewollt|eingetragen|einverstanden)\b",
    r"\b(?:nutz|verwend|gebrauch|speicher|kontaktier|belastig|behellig)\w*\b.{0,40}\bnicht (?:mehr|weiter|langer|wieder)\b|\bnicht (?:mehr |weiter |langer |wieder )?(?:\w+ ){0,2}?(?:angeschrieben|kontaktier\w*|angerufen|belastigt|beworben|behelligt|verwend\w*|nutz\w*|genutzt|gebrauch\w*|speicher\w*|gespeichert)",
    r"\b(?:kein\w*|ohne)\b (?:\w+ ){0,2}?(?:kontakt\w*|werbung|werbe\w*|mails?|e-?mails?|newsletter|nachrichten|anrufe|zuschriften|angebote)\b(?: (?:mehr|bitte|danke|erwunscht|gewunscht|in zukunft|kunftig|von ihnen|erhalten|bekommen|zukommen|haben))*[.!]*$",
    r"\bmeld\w*\b.{0,20}\bnicht\b(?: (?:mehr|wieder|noch einmal|nochmal))?[.!]*$",
    r"\b(?:bitte|versand|werbung|werbe\w*|mails?|zusendung\w*|nachrichten|kontakt\w*|dies|das)\b.{0,40}\b(?:einstellen|einzustellen|unterbinden|unterlassen|unterlasst|abzustellen|bleiben lassen|sein lassen)|\bstell\w*\b.{0,50}\bein\b[.!]*$",
    r"\bfinger weg\b|\bweg damit\b|\bkundig\w*\b.{0,25}\b(?:newsletter|mail|abo)|\b(?:newsletter|abo|mails?)\b.{0,25}\bkundig",
    r"\blass\w*\b.{0,20}\b(?:das|es|mich|uns)\b.{0,20}\b(?:sein|bleiben|zufrieden|in ruhe)\b|\blassen sie (?:das|es)\b|\bgeb\w*\b.{0,15}\bruhe\b",
    r"\b(?:brauche?n?|benotige?n?|mag|mogen|lese?n?)\b.{0,20}\b(?:keine|ihre|eure|diese)\b.{0,20}\b(?:mails?|werbung|newsletter|nachrichten|e-?mails?)\b.{0,15}\b(?:nicht|mehr|von|$)",
    r"\bhor(?:t|en|)\b.{0,20}\bauf\b[.!]*$|\bkein interesse an\b.{0,30}\b(?:mails?|werbung|newsletter|nachrichten|kontakt\w*|zusendung\w*)",
    r"\bwie oft\b.{0,20}\b(?:soll|muss|denn|noch)\b|\bnein heisst nein\b",
    r"\b(?:warum|wieso|weshalb)\b.{0,30}\b(?:schreib|schick|mail|kontaktier|bekomm|erhalt|send|krieg)\w*\b.{0,30}\b(?:immer noch|noch|schon wieder|wieder|standig|dauernd)\b",
    r"\bkein\w*\b.{0,15}\b(?:werbung|zusendung\w*|mails?|kontakt\w*|newsletter|nachrichten|angebote)\b.{0,20}\b(?:wunsch\w*|mocht\w*|woll\w*|will|gedacht|erwunscht|bestimmt|brauch\w*)\b|\bnicht (?:fur|zu) (?:werbung|werbezwecke\w*|vertrieb|akquise)|\bprivate? (?:e-?mail-?)?(?:adresse|mail|nummer|postfach)\b",
    r"\b(?:bitte|um|bestatig\w*|verlang\w*|beantrag\w*|fordere)\b.{0,15}\b(?:streichung|loschung|entfernung|austragung|abmeldung)\b|\bum (?:streichung|loschung|entfernung|austragung|abmeldung)\b|\bbitte (?:streichen|austragen|loschen|entfernen)\b",
    r"\b(?:will|mocht\w*|bitte|muss|mich|uns|nehm\w*|hol\w*|streich\w*)\b.{0,30}\b(?:vom verteiler|von (?:der|ihrer|eurer|dieser|den|ihren) listen?|aus (?:dem|ihrem|eurem|der|ihrer) (?:verteiler|system|datenbank|liste|kartei))\b|\b(?:will|mocht\w*)\b.{0,10}\bda (?:runter|raus|weg)\b|\bnicht\b.{0,12}\b(?:in|auf) (?:ihrem|eurem|dem|einem|ihrer|eurer|der|dieser) (?:verteiler|newsletter|liste)\b",
    r"\berspar\w* (?:sie|uns|mir|euch)\b|\bspar\w* (?:sie|dir|euch)\b|\b(?:sich|euch|dir)\b.{0,30}\bsparen\b|\bzwecklos\b|\baussichtslos\b|\babzusehen\b",
    r"\bkeinen wert auf\b.{0,20}\b(?:mail|werbung|kontakt|ihre|zusend|weitere)\w*|\binteressier\w*\b.{0,10}\bnicht\b.{0,20}\bweg\b|\b(?:ihre|eure|diese) (?:mails?|nachrichten|werbung|newsletter)\b.{0,15}\binteressier\w*\b.{0,12}\bnicht\b",
    r"\b(?:noch|nur noch|jede|weitere|nachste)\b.{0,12}\b(?:mail|nachricht|anruf|werbung|zuschrift|kontakt)\w*\b.{0,15}\b(?:und|dann|wird|werde|werden)\b.{0,30}\b(?:meld|anzeig|anwalt|beschwer|blockier|rechtlich|losch|ignorier)\w*|\brechtlich\w*\b.{0,15}\b(?:dagegen|vorgeh\w*|schritte|konsequenzen)\b",
    r"\b(?:unzulassig|verboten|illegal|rechtswidrig|unlauter|unerlaubt)\w*\b|(?<!im )\bspamordner\b|\bin den (?:papierkorb|mull|spam|muell)\b",
    r"\bauf (?:den keks|die nerven|den geist|den sack|den wecker|den zeiger)\b|\bhau\w* ab\b|\bverpiss\w*|\bzieh\w* leine\b|\bverschwinde\w*\b|\bschnauze\b|\bleck mich\b",
    r"\bnicht noch (?:einmal|mal)\b[.!]*$|\bnie (?:mehr|wieder)\b[.!]*$|\bwiderruf\w*|\bentzieh\w*\b.{0,25}\b(?:erlaubnis|einwilligung|zustimmung)",
    r"\b(?:konnten|konnen|wurden|wollen|mochten|kannst|konntest|konnt) (?:sie|du|ihr)\b.{0,20}\b(?:mich|uns|meine\w*|unsere\w*|das|es)\b.{0,25}\b(?:entfernen|loschen|austragen|abmelden|streichen|lassen|unterlassen|rausnehmen|herausnehmen)\b",
    r"\b(?:bin|war) (?:doch |bereits |schon |eigentlich )?(?:abgemeldet|ausgetragen)\b|\bbitte um ruhe\b|\bverbitte\b",
)

_NO_REFUSALS = any_of(
    r"\b(?:unsere|ihre|die|deren|meine) (?:kunden|nutzer|anwender|leser|abonnenten|empfanger|mitarbeiter)\b.{0,50}\b(?:abmeld|meld|austrag|trag|losch|kundig)",
    r"\b(?:nicht|kein\w*)\b.{0,50}\b(?:vor dem|vor|bis|sondern|erst)\b.{0,20}\b(?:\d|januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember|montag|dienstag|mittwoch|donnerstag|freitag|fruhjahr|sommer|herbst|winter|nachste|anrufen)",
    r"\barbeit\w*\b.{0,40}\bnicht mehr\b|\bnicht mehr\b.{0,30}\b(?:im unternehmen|bei uns|hier|tatig|beschaftigt)\b",
    r"\b(?:donnerstag|montag|dienstag|mittwoch|freitag|uhr|termin)\b.{0,20}\b(?:geblockt|blockiert)\b",
    r"\b(?:keine?) (?:mail|e-?mail|nachricht|antwort)\b.{0,20}\b(?:bekommen|erhalten|gesehen|gefunden)\b",
    r"\blese? keine\b|\bkeine zeit\b.{0,10}\bverlieren\b|\bwie (?:loscht|lauft|funktioniert)\b",
    r"\bnicht\b.{0,40}\b(?:lieber|stattdessen)\b",
    r"^(?:und |aber )?(?:kann man|kann ihr|konnen (?:wir|nutzer|kunden|sie daten)|wie (?:loscht|werden|kann man|geht|lassen)|werden|lassen sich|gibt es|was passiert)\b(?!.{0,300}\b(?:mich|meine\w*|mir|uns|unsere\w*)\b).*\?$",
)

GERMAN: Language = (_REFUSALS, _NO_REFUSALS)
