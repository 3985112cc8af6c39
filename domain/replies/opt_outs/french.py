"""Opt-outs in French."""

from __future__ import annotations

from domain.replies.opt_outs.pattern import Language, alone, any_of

__all__ = ["FRENCH"]

_MAIL_FR = r"(?:mail|e-?mail|courriel|courrier|message|contact|ecri|envo|newsletter|sollicit|relanc|demarch|derang|appel|pub|spam|harcel|prospect|communication|recevoir|recoi|importun|information|offre)"

_REFUSALS = any_of(
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
    alone(
        r"stop|stop pub|stop spam|assez|(?:ca|cela) suffit|suffit|arretez?|cessez?|cesser|arreter|desinscription|desabonnement|desinscrire|desabonner|lachez[- ]moi|oubliez[- ]moi|(?:j'en ai )?marre|fin|supprimez?|retirez?|radiation|spam|basta|plus rien",
        r"svp|stp|s'il (?:vous|te) plait|merci|maintenant|tout de suite|immediatement|ca|cela|de|deja|donc|enfin|tout|bien|moi|nous|une bonne fois|d'avance",
    ),
    r"\b(?:enlev|retir|supprim|sort|ray|vir|ot|effac|oubli|radi|lach|exclu|desinscri|bloqu)\w*[- ](?:moi|nous|la|les|mon|ma|mes|notre|nos)\b",
    r"\b(?:de|me|nous|m') ?(?:retirer|supprimer|enlever|rayer|sortir|effacer|radier|oter|desinscrire|desabonner)\b",
    r"\b(?:ne|n'|pas|plus|aucun\w*|jamais)\b.{0,30}\b(?:contact(?:ez|er|e|es|ee|ees)?|ecri(?:vez|re|s)|sollicit\w*|relanc\w*|recevoir|demarch\w*|derang\w*|importun\w*|appel(?:ez|er)|envoy(?:ez|er))\b(?:.{0,25}[.!]*$|.{0,30}\b(?:plus|jamais|pas|aucun\w*))",
    r"\b(?:souhait|veu|desir|voul|tien)\w*\b.{0,20}\b(?:pas|plus|aucun\w*|rien)\b.{0,40}\b(?:contact\w*|mails?|e-?mails?|messages?|recevoir|pub\w*|demarch\w*|prospect\w*|sollicit\w*|newsletters?|courri\w*|de vous|entendre parler|etre)\b",
    r"\brefus\w*\b.{0,40}\b(?:mails?|messages?|pub\w*|commercia\w*|demarch\w*|contact\w*|sollicit\w*|prospect\w*|traitement)",
    r"\bmarre\b(?!.{0,25}\b(?:notre|nos)\b)|\bras[- ]le[- ]bol\b(?!.{0,25}\b(?:notre|nos)\b)|\bassez de (?:vos|ces|tes|recevoir)\b|\bfatigue\w* de (?:vos|ces|recevoir)\b",
    r"\bharcel\w*|\bspamm\w*|\b(?:non|pas) (?:sollicit|desir|demand|voulu|souhait)e?\w*|\bcnil\b|\bsignal[- ]?spam\b|\bsignal\w*\b.{0,20}\b(?:spam|indesirable|abus)|\bporter plainte|\bmon avocat\b",
    r"\bvous (?:ai |avons |ai deja |ai donc |allez etre )?bloqu\w*|\bbloqu\w*\b.{0,15}\b(?:votre|cet|cette|vos|l'expediteur|expediteur)\b",
    r"\b(?:rien|jamais|pas)\b (?:\w+ ){0,2}?(?:demande|sollicite|souscrit|accepte|autorise|donne (?:mon|l'))\b|\bn'autoris\w*",
    r"\b(?:exig|demand|reclam|sollicit)\w*\b.{0,40}\b(?:suppression|effacement|retrait|radiation|desinscription)\b|\b(?:effacement|suppression|retrait) de (?:mes|mon|nos|toutes)\b|\barticles? (?:17|21)\b",
    r"\boppos\w*\b.{0,10}\ba\b.{0,40}|\babsten\w*|\binutile de (?:me|nous|m'|continuer|relancer|recontacter|rappeler|reecrire|ecrire|repondre)",
    r"\b(?:pas|plus|zero|aucun\w*|fini les|halte aux?) (?:de |d')?(?:prospection|pub\w*|demarchages?|relances?|mails?|e-?mails?|messages?|newsletters?|spams?|sollicitations?|contacts?|courriels?|courriers?)\b(?!.{0,20}\b(?:recu|trouve|vu)\b)",
    r"\bretir\w*\b.{0,10}\b(?:mon|notre) (?:accord|consentement|autorisation|inscription)",
    r"\b(?:merci|priere|veuillez|svp|prie)\b.{0,12}\b(?:de )?(?:cesser|arreter|stopper|ne (?:plus|pas)|retirer|supprimer|oublier|vous abstenir)\b",
    r"\b(?:comment|ou)\b.{0,25}\b(?:ne plus|arreter|stopper|sortir|se desinscrire|me desinscrire|desabonner|desactiver|annuler)\b.{0,30}",
    r"\boubli\w*\b.{0,15}\b(?:moi|nous|adresse|mail|numero|coordonnees|existence)\b|\ben paix\b|\btranquilles?\b[.!]*$",
    r"\bne plus (?:jamais )?(?:me|nous|m'|utiliser|recevoir|envoyer|etre|figurer|faire partie|avoir)\b|\bn'utilis\w* (?:plus|pas)\b",
    r"\bcombien de fois\b|\bpourquoi\b.{0,15}\b(?:m'|me |nous )(?:ecriv|contact|envoy|relanc|appel|sollicit)\w*.{0,15}(?:encore|toujours|sans cesse|\?|$)",
    r"\bdeja dit (?:non|que)\b|\bmerci de (?:le )?respecter\b|\brespectez\b|\badresse\b.{0,10}\b(?:privee|personnelle)\b|\b(?:boite|adresse|messagerie)\b.{0,12}\bn'est pas\b",
    r"\bconfirm\w*\b.{0,40}\b(?:suppression|retir\w*|desinscri\w*|efface\w*|supprim\w*|radiation)\b",
    r"\bplus\b.{0,15}\b(?:de vos nouvelles|de votre part|rien)\b|\bplus rien\b|\bpas (?:du tout )?interess\w*\b.{0,15}\bpar (?:vos|ces|des|tes) (?:e-?mails?|mails?|messages?|courri\w*|newsletters?|envois|sollicitations)",
    r"\bepargn\w*|\bevit\w*\b.{0,4}\b(?:de )?(?:me |m'|nous )|\b(?:porter?|porte|deposer?|depose|avant) plainte\b|\bdernier (?:avertissement|rappel)\b",
    r"\b(?:poubelle|corbeille)\b|\b(?:direct|droit|directement|vont|va|file)\b.{0,20}\b(?:spams?|indesirables)\b",
    r"\ballez voir ailleurs\b|\bdegage\w*|\bfoutez le camp\b|\bcassez[- ]vous\b|\ballez vous faire\b|\bva te faire\b|\bla ferme\b",
    r"\betre (?:supprime|retire|efface|desinscrit|desabonne|raye|enleve|oublie|radie|exclu)\w*\b|\bsortir de (?:cette|votre|vos|la)\b|\brevoqu\w*|^m'\w+ (?:plus|pas)\b",
    r"\b(?:nul besoin|pas (?:la peine|besoin)|inutile|sert a rien|peine)\b.{0,10}(?:\bde |\bd'|\bqu)?.{0,8}\b(?:me|m'|nous|relanc|insist|reecri|rappel|recontact|ecri|contact|continu)\w*|\bn'insist\w*|\bsans (?:relance|demarchage|suivi)\b|\bon (?:s')?arrete la\b",
    r"\bvous (?:m'|me |nous )(?:importun|derang|embet|ennuy|fatigu|soul|gonfl)\w*|\bimportun\w*|[,;] (?:donc |alors |svp )?(?:arretez|cessez|stop)[.!]*$",
    r"\bje me suis\b.{0,20}\b(?:desinscrit|desabonn)\w*|\b(?:pouvez|pourriez|voulez|voudriez)[- ]vous\b.{0,20}\b(?:arreter|cesser|enlever|retirer|supprimer|rayer|effacer|oublier|desinscrire|ne plus)\b.{0,40}",
)

_NO_REFUSALS = any_of(
    r"\b(?:nos|vos|les|leurs) (?:clients|utilisateurs|abonnes|lecteurs|contacts)\b.{0,50}\b(?:des-?inscri|des-?abonn|supprim)",
    r"\bne\b.{0,15}\btravaill\w* plus\b|\bplus\b.{0,20}\b(?:dans l'entreprise|chez|en poste)\b|\bsociete\b.{0,15}\bplus\b",
    r"\b(?:plus tard|en savoir plus|dites?[- ]m'en plus|m'en dire plus)\b|\bn'hesit\w*",
    r"\b(?:pas|ne)\b.{0,40}\b(?:avant (?:le|la|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|\d)|jusqu'a)",
    r"\bplutot\b|\b(?:avant|apres) \d|\ble matin\b",
    r"\ba tout moment\b|\bsans engagement\b|\bcomment (?:gerez|traitez|faites|fonctionne)",
    r"\b(?:n'ai|n'avons|ai) (?:pas|rien|jamais) (?:recu|eu|vu|trouve|ouvert)\b",
    r"^(?:et |mais )?(?:peut-on|est-ce|comment|quel\w*|y a-t-il|que se passe)\b(?!.{0,300}\b(?:me|m'|moi|mon|ma|mes|nous|stop|arreter|ne plus)\b).*\?$",
)

FRENCH: Language = (_REFUSALS, _NO_REFUSALS)
