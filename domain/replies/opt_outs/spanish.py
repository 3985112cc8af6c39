"""Opt-outs in Spanish."""

from __future__ import annotations

from domain.replies.opt_outs.pattern import Language, alone, any_of

__all__ = ["SPANISH"]

_MAIL_ES = r"(?:correo|mail|e-?mail|mensaje|contact|escrib|envi|mand|llam|inform|public|recib|newsletter|boletin|comunica|molest|spam|insist|oferta|notifica)"

_REFUSALS = any_of(
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
    alone(
        r"stop|alto|basta|baja|la baja|paren?|parad|no insist\w*|no mas|desuscripcion|desuscrib\w*|cancelar|cancelen|eliminar|borrar|remover|fuera|spam|dejenlo|suficiente|nunca mas|no molest\w*",
        r"ya|por favor|porfa|porfavor|gracias|ahora|mas|de una vez|inmediatamente|quiero|me|mi|correo|todo|de la lista|ya esta|bueno|y",
    ),
    r"\b(?:saqu|sac|quit|elimin|borr|retir|remuev|suprim|exclu|olvid|descart|desapunt|desuscrib|desinscrib)\w*(?:me|nos|lo|la|los|se de (?:mi|nosotros))\b",
    r"\b(?:saqu|sac|quit|elimin|borr|retir|remuev|remov|suprim|exclu|olvid|desactiv|anul)\w*\b.{0,15}\b(?:mi|mis|nuestr\w*|este)\b.{0,15}\b(?:correo|datos|direccion|mail|e-?mail|nombre|contacto|numero|cuenta|registro|empresa|suscripcion)\b",
    r"\bno (?:me|nos) (?:vuelv\w+ a |sig\w+ )?(?:escrib|contact|envi|mand|llam|molest|insist|hag|spame|busq)\w*(?: (?:mas|nada|nunca|por favor|jamas|otra vez|correos?|mensajes?|publicidad|gracias|de nuevo))*[.!]*$",
    r"\bno\b.{0,20}\b(?:quier|dese|quer|necesit|acept)\w*\b.{0,35}\b(?:recib\w*|saber|contact\w*|mensaj\w*|correos?|nada|public\w*|mails?|e-?mails?|boletin\w*|ser|estar|seguir)\b",
    r"\bno (?:us|utilic|emple|compart|guard|vend|trat)\w*\b.{0,25}\b(?:mi|mis|nuestr\w*)\b",
    r"\b(?:hart|cansad|aburrid|molest)[oa]s?\b.{0,10}\b(?:de|con|por)\b.{0,15}\b(?:sus|tus|estos|tantos|tanto|recib\w*|correos?|mensajes?|mails?|su)\b",
    r"\bacos[oa]\w*|\bdenunci\w*|\baepd\b|\b(?:los|te|les|lo|le) (?:he |hemos |voy a |vamos a )?bloque\w*|\bbloque\w* (?:este|el|su|tu|a) (?:remitente|correo|direccion|dominio)|\bmi abogad[oa]\b|\bacciones legales",
    r"\b(?:no|nunca|jamas)\b (?:\w+ ){0,3}?(?:pedi\w*|solicit\w*|autoric\w*|autoriz\w*|di permiso|dado permiso|di mi|acepte|suscribi\w*|inscribi\w*)\b|\bno (?:solicitad|desead|pedid|autorizad)[oa]s?\b",
    r"\b(?:exij|exig|ejerz|ejerc|solicit|pid|reclam)\w*\b.{0,40}\b(?:supresion|cancelacion|borrado|eliminacion|oposicion|baja)\b|\bme opongo\b|\bart(?:iculo|\.)? ?(?:17|21)\b",
    r"\bcomo\b.{0,15}\b(?:dejo de|me doy|me borro|cancelo|paro|salgo|me quito|me desuscribo|puedo (?:dejar|cancelar|darme|salir|borrarme|parar))\b",
    r"\b(?:no mas|nada de|ni un\w*|ningun\w*|cero|basta de|ya esta bien de|dejen de mandar) (?:mas )?(?:publicidad|correos?|mails?|e-?mails?|mensajes?|contactos?|llamadas?|spam|boletin\w*|ofertas?|tantos?)\b",
    r"\babsteng\w*|\bevit\w* (?:contact|escrib|envi|llam|mandar)\w*|\bno insist\w*|\b(?:no|ya no) (?:\w+ )?ser contactad",
    r"\b(?:retir|revoc)\w* mi (?:autorizacion|consentimiento|permiso)|\bolvid\w*\b.{0,15}\b(?:de mi|de nosotros|mi (?:correo|direccion|numero))\b|\b(?:deje\w*|dejad\w*)(?:me|nos)?\b.{0,15}\b(?:en paz|tranquil\w*)",
    r"\bdej(?:e|en|a|ad|ar)\b (?:ya )?de (?:enviar|mandar|escribir|molestar|contactar|llamar|insistir|spamear|acosar)\w*|\b(?:que|favor de|ruego|pido)\b.{0,15}\b(?:cese|no (?:me|nos)|dejen|paren)\w*",
    r"\bcuantas veces\b.{0,20}\b(?:tengo|debo|hay|he|necesito|tendre)\b|\bpor que\b.{0,15}\b(?:me|nos)\b.{0,10}\b(?:sig|escrib|mand|envi|contact|llam)\w*",
    r"\b(?:les|le|te|os) (?:dije|he dicho|dijimos|he pedido|pedi)\b.{0,15}\b(?:no|parar|dejar|paren)\b|\brespeten?\b|\b(?:direccion|correo|buzon|email)\b.{0,10}\b(?:es privad|no es para|es personal)\w*",
    r"\bconfirm\w*\b.{0,30}\b(?:eliminacion|borrado|baja|borr\w*|elimin\w*|supres\w*)\b|\bahorr\w*(?:se|os|nos|me|te)\b",
    r"\b(?:directo|directamente|van|va|derecho|iran)\b.{0,15}\b(?:a la basura|al spam|a spam|la papelera)\b",
    r"\b(?:vayanse|larguense|largaos|vete|fuera de aqui|pierdanse|no jodan|joder|mierda|a la porra)\b",
    r"\bquier\w* (?:salir|que me (?:borr|elimin|quit|saqu|retir|dej)|ser (?:eliminad|borrad|retirad|excluid)|darme|irme)\w*|\b(?:dar|den|de|darnos|demos) de baja\b",
    r"\bnada mas (?:de|por)\b|\bno (?:envi|mand|escrib|llam|insist|contact)\w*\b.{0,15}\b(?:nada|mas|aqui|nunca)\b",
    r"^(?:no|sin|cero|nada de|ni) (?:mas )?(?:correos?|publicidad|mails?|spam|mensajes?|newsletters?|llamadas?)\b",
    r"\bno (?:hace falta|es necesario|tienen?|tiene sentido) que\b.{0,15}\b(?:insist|escrib|llam|contact|mand|envi|vuelv)\w*|\b(?:me|nos) (?:estan? )?molest(?:an?|ando)\b",
    r"\b(?:pueden|puede|podrian|podria|serian|seria)\b.{0,25}\b(?:quitarme|borrarme|eliminarme|sacarme|darme de baja|dejar de|no (?:escribir|contactar|enviar|mandar|llamar)\w*|parar)\b",
)

_NO_REFUSALS = any_of(
    r"\b(?:nuestros|sus|los|mis) (?:clientes|usuarios|suscriptores|lectores|contactos)\b.{0,50}\b(?:baja|desuscri|elimin|borr)",
    r"\b(?:de )?baja (?:por(?! favor)|medica|laboral|maternal|paternal|de maternidad|de paternidad|por enfermedad)\b",
    r"\bno\b.{0,50}\b(?:antes de|hasta)\b",
    r"\bmas (?:tarde|adelante)\b",
    r"\b(?:recibi|recibido|llego|encontre)\b.{0,15}\b(?:su|el|tu|ningun)\b.{0,15}\b(?:correo|mail|mensaje)\b",
    r"\b(?:estaba|cayo|llego|acabo|fue|termino)\b.{0,15}\bspam\b",
    r"\bbasta con\b|\bcuando sea\b|\ben cualquier momento\b|\bcomo (?:eliminan|gestionan|funciona)\b",
    r"\bno (?:me|nos) (?:llam|escrib)\w*\b.{0,30}\b(?:antes|hasta|mejor|sino)\b",
    r"^\W*(?:y |pero )?(?:se pued\w*|como|que|hay|cual\w*|es posible)\b(?!.{0,300}\b(?:me|mi|mis|nos|dejo|doy|cancelo|paro|salgo)\b).*\?$",
)

SPANISH: Language = (_REFUSALS, _NO_REFUSALS)
