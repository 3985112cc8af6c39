"""The built-in templates, by language and purpose: short, without a claim, a price or a link that nobody has checked."""

from __future__ import annotations

from typing import NamedTuple

from domain.drafts.request import Language, Purpose

__all__ = ["ANSWERS", "TEMPLATES", "Template"]


class Template(NamedTuple):
    """A subject and a text with merge fields."""

    subject: str
    text: str


TEMPLATES: dict[Language, dict[Purpose, Template]] = {
    "en": {
        "introduction": Template(
            "{company|Your team} and {ourCompany|us}",
            "Hello {firstName|there},\n\nI am writing because {company|your company} may have use for what we do. "
            "If you like, I can show you in fifteen minutes how it would work for you.\n\n"
            "Is this of interest, or is somebody else the right person to ask?\n\nBest regards\n{sender}",
        ),
        "follow-up": Template(
            "One more question, {firstName|if I may}",
            "Hello {firstName|there},\n\nI wrote to you some days ago and do not know whether it reached you at a good "
            "moment. Is this worth a short talk for {company|you}? A single word back is enough, a no as well.\n\n"
            "Best regards\n{sender}",
        ),
        "reply": Template(
            "Your message",
            "Hello {firstName|there},\n\nthank you for your message. I will look into it and come back to you with an "
            "answer today.\n\nBest regards\n{sender}",
        ),
        "meeting": Template(
            "A short call?",
            "Hello {firstName|there},\n\nlet us talk for fifteen minutes. Which day of this week or the next suits you, "
            "and at which number or by which link do I reach you best?\n\nBest regards\n{sender}",
        ),
        "re-engagement": Template(
            "Is this still of interest, {firstName|}?",
            "Hello {firstName|there},\n\nwe have not heard from each other for a while. Has anything changed at "
            "{company|your company}? If the subject is closed for you, tell me, and I will not ask again.\n\n"
            "Best regards\n{sender}",
        ),
    },
    "de": {
        "introduction": Template(
            "{company|Ihr Team} und {ourCompany|wir}",
            "Guten Tag {fullName|},\n\nich schreibe Ihnen, weil unser Angebot für {company|Ihr Unternehmen} nützlich "
            "sein könnte. Wenn Sie möchten, zeige ich Ihnen in fünfzehn Minuten, wie es bei Ihnen aussehen würde.\n\n"
            "Ist das interessant für Sie, oder ist jemand anderes dafür zuständig?\n\nMit freundlichen Grüßen\n{sender}",
        ),
        "follow-up": Template(
            "Noch eine Frage",
            "Guten Tag {fullName|},\n\nvor einigen Tagen habe ich Ihnen geschrieben und weiß nicht, ob der Zeitpunkt "
            "günstig war. Lohnt sich ein kurzes Gespräch für {company|Sie}? Ein Wort genügt, auch ein Nein.\n\n"
            "Mit freundlichen Grüßen\n{sender}",
        ),
        "reply": Template(
            "Ihre Nachricht",
            "Guten Tag {fullName|},\n\nvielen Dank für Ihre Nachricht. Ich kümmere mich darum und melde mich heute mit "
            "einer Antwort.\n\nMit freundlichen Grüßen\n{sender}",
        ),
        "meeting": Template(
            "Ein kurzes Gespräch?",
            "Guten Tag {fullName|},\n\nlassen Sie uns fünfzehn Minuten sprechen. Welcher Tag in dieser oder der nächsten "
            "Woche passt Ihnen, und wie erreiche ich Sie am besten?\n\nMit freundlichen Grüßen\n{sender}",
        ),
        "re-engagement": Template(
            "Ist das Thema noch aktuell?",
            "Guten Tag {fullName|},\n\nwir haben länger nichts voneinander gehört. Hat sich bei {company|Ihnen} etwas "
            "geändert? Wenn das Thema für Sie erledigt ist, sagen Sie es mir, und ich frage nicht wieder.\n\n"
            "Mit freundlichen Grüßen\n{sender}",
        ),
    },
    "fr": {
        "introduction": Template(
            "{company|Votre équipe} et {ourCompany|nous}",
            "Bonjour {firstName|},\n\nje vous écris car notre offre pourrait être utile à {company|votre entreprise}. "
            "Si vous le souhaitez, je vous montre en quinze minutes ce que cela donnerait chez vous.\n\n"
            "Est-ce un sujet pour vous, ou quelqu'un d'autre s'en occupe-t-il ?\n\nCordialement\n{sender}",
        ),
        "follow-up": Template(
            "Encore une question",
            "Bonjour {firstName|},\n\nje vous ai écrit il y a quelques jours, peut-être au mauvais moment. "
            "Un court échange serait-il utile pour {company|vous} ? Un mot suffit, même un non.\n\nCordialement\n{sender}",
        ),
        "reply": Template(
            "Votre message",
            "Bonjour {firstName|},\n\nmerci pour votre message. Je m'en occupe et je vous réponds aujourd'hui.\n\n"
            "Cordialement\n{sender}",
        ),
        "meeting": Template(
            "Un court appel ?",
            "Bonjour {firstName|},\n\nparlons-en quinze minutes. Quel jour vous convient cette semaine ou la prochaine, "
            "et comment vous joindre au mieux ?\n\nCordialement\n{sender}",
        ),
        "re-engagement": Template(
            "Le sujet est-il toujours d'actualité ?",
            "Bonjour {firstName|},\n\nnous n'avons pas échangé depuis un moment. Quelque chose a-t-il changé chez "
            "{company|vous} ? Si le sujet est clos, dites-le-moi et je ne vous relancerai pas.\n\nCordialement\n{sender}",
        ),
    },
    "es": {
        "introduction": Template(
            "{company|Su equipo} y {ourCompany|nosotros}",
            "Hola {firstName|}:\n\nle escribo porque lo que hacemos puede ser útil para {company|su empresa}. "
            "Si quiere, le muestro en quince minutos cómo funcionaría en su caso.\n\n"
            "¿Le interesa, o hay otra persona que se ocupe de esto?\n\nUn saludo\n{sender}",
        ),
        "follow-up": Template(
            "Una pregunta más",
            "Hola {firstName|}:\n\nle escribí hace unos días y no sé si era buen momento. ¿Merece una breve charla para "
            "{company|usted}? Basta una palabra, también un no.\n\nUn saludo\n{sender}",
        ),
        "reply": Template(
            "Su mensaje",
            "Hola {firstName|}:\n\ngracias por su mensaje. Lo reviso y le respondo hoy mismo.\n\nUn saludo\n{sender}",
        ),
        "meeting": Template(
            "¿Una breve llamada?",
            "Hola {firstName|}:\n\nhablemos quince minutos. ¿Qué día de esta semana o de la próxima le viene bien, y cómo "
            "puedo localizarle mejor?\n\nUn saludo\n{sender}",
        ),
        "re-engagement": Template(
            "¿Sigue siendo de interés?",
            "Hola {firstName|}:\n\nhace tiempo que no hablamos. ¿Ha cambiado algo en {company|su empresa}? Si el tema está "
            "cerrado para usted, dígamelo y no volveré a preguntar.\n\nUn saludo\n{sender}",
        ),
    },
}
"""Every language has every purpose."""

ANSWERS: dict[Language, dict[str, str]] = {
    "en": {
        "meeting_request": "Hello {firstName|there},\n\nwith pleasure. I will send you an invitation; if another time "
        "suits you better, tell me.\n\nBest regards\n{sender}",
        "interested": "Hello {firstName|there},\n\ngood to hear that. What would help you most: a short call, or something "
        "to read first?\n\nBest regards\n{sender}",
        "not_now": "Hello {firstName|there},\n\nunderstood, and thank you for saying so. I will come back to you then, and "
        "not before.\n\nBest regards\n{sender}",
        "objection": "Hello {firstName|there},\n\nthank you for being open. May I ask what would have to be different for "
        "this to be worth a look?\n\nBest regards\n{sender}",
        "referral": "Hello {firstName|there},\n\nthank you for the pointer, I will turn to your colleague.\n\n"
        "Best regards\n{sender}",
        "not_interested": "Hello {firstName|there},\n\nthank you for the clear answer. I will not pursue this any "
        "further.\n\nBest regards\n{sender}",
    },
    "de": {
        "meeting_request": "Guten Tag {fullName|},\n\nsehr gern. Ich sende Ihnen eine Einladung; wenn ein anderer Termin "
        "besser passt, sagen Sie es mir.\n\nMit freundlichen Grüßen\n{sender}",
        "interested": "Guten Tag {fullName|},\n\ndas freut mich. Was hilft Ihnen mehr: ein kurzes Gespräch, oder zuerst "
        "etwas zum Lesen?\n\nMit freundlichen Grüßen\n{sender}",
        "not_now": "Guten Tag {fullName|},\n\nverstanden, und danke für die Auskunft. Ich melde mich dann und nicht "
        "früher.\n\nMit freundlichen Grüßen\n{sender}",
        "objection": "Guten Tag {fullName|},\n\ndanke für die offenen Worte. Darf ich fragen, was anders sein müsste, "
        "damit es für Sie in Frage kommt?\n\nMit freundlichen Grüßen\n{sender}",
        "referral": "Guten Tag {fullName|},\n\nvielen Dank für den Hinweis, ich wende mich dorthin.\n\n"
        "Mit freundlichen Grüßen\n{sender}",
        "not_interested": "Guten Tag {fullName|},\n\ndanke für die klare Antwort. Ich verfolge es nicht weiter.\n\n"
        "Mit freundlichen Grüßen\n{sender}",
    },
    "fr": {
        "meeting_request": "Bonjour {firstName|},\n\navec plaisir. Je vous envoie une invitation ; si un autre moment vous "
        "convient mieux, dites-le-moi.\n\nCordialement\n{sender}",
        "interested": "Bonjour {firstName|},\n\nj'en suis ravi. Préférez-vous un court appel, ou d'abord de quoi lire ?\n\n"
        "Cordialement\n{sender}",
        "not_now": "Bonjour {firstName|},\n\nc'est noté, merci. Je reviendrai vers vous à ce moment-là, pas avant.\n\n"
        "Cordialement\n{sender}",
        "objection": "Bonjour {firstName|},\n\nmerci de votre franchise. Que faudrait-il changer pour que cela mérite un "
        "regard ?\n\nCordialement\n{sender}",
        "referral": "Bonjour {firstName|},\n\nmerci pour l'indication, je m'adresse à votre collègue.\n\n"
        "Cordialement\n{sender}",
        "not_interested": "Bonjour {firstName|},\n\nmerci pour cette réponse claire. Je n'insiste pas.\n\n"
        "Cordialement\n{sender}",
    },
    "es": {
        "meeting_request": "Hola {firstName|}:\n\ncon mucho gusto. Le envío una invitación; si le viene mejor otra hora, "
        "dígamelo.\n\nUn saludo\n{sender}",
        "interested": "Hola {firstName|}:\n\nme alegra. ¿Qué prefiere: una breve llamada, o primero algo para leer?\n\n"
        "Un saludo\n{sender}",
        "not_now": "Hola {firstName|}:\n\nentendido, y gracias. Volveré a escribirle entonces, no antes.\n\n"
        "Un saludo\n{sender}",
        "objection": "Hola {firstName|}:\n\ngracias por su franqueza. ¿Qué tendría que ser distinto para que valga la "
        "pena?\n\nUn saludo\n{sender}",
        "referral": "Hola {firstName|}:\n\ngracias por la indicación, me dirijo a su compañero.\n\nUn saludo\n{sender}",
        "not_interested": "Hola {firstName|}:\n\ngracias por la respuesta clara. No insisto más.\n\nUn saludo\n{sender}",
    },
}
"""Answers to a reply by what it means; other meanings get the template of the purpose `reply`."""
