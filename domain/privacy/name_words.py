"""Words that names of personal fields are made of: in English, German, French and Spanish, and as CRMs write them.

All in lower case, without accents, several words joined to one: `dateofbirth`.
"""

from __future__ import annotations

__all__ = [
    "ARTICLES",
    "AUXILIARIES",
    "HEADS",
    "OF_PEOPLE",
    "OTHER_FIELDS",
    "PEOPLE",
    "QUALIFIERS",
    "SHORT_HEADS",
]


def _words(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


_EMAIL = """email emailaddress emailaddr mailaddress emailadresse mailadresse adresseemail adressemail courriel
adresseelectronique correo correoelectronico direccionemail direcciondecorreo direcciondecorreoelectronico"""
_PHONE = """phone phonenumber phoneno phonenr telephone telephonenumber tel telno telnr telefon telefonnummer telefonnr telefono
numerodetelefono numerodetelephone mobilephone mobilephonenumber mobilenumber mobileno mobiltelefon mobilnummer
mobilfunknummer handynummer handynr cellphone cellphonenumber cellnumber celular movil telefonomovil telefonocelular
telephoneportable fax faxnumber faxno faxnummer telefax telecopie rufnummer whatsappnumber whatsappphonenumber festnetznummer skypeid"""
_ADDRESS = """address addressline streetaddress addressstreet postaladdress street streetname streetnumber strasse strassenname
strassehausnummer hausnummer housenumber anschrift postanschrift adresse adressepostale direccion direccionpostal domicilio
zip zipcode zippostalcode postcode postalcode plz postleitzahl codepostal codigopostal pobox postfach
ipaddress ipaddr clientip remoteip ipadresse"""
_BIRTH = """birthday birthdate birthyear yearofbirth dateofbirth dob placeofbirth birthplace geburtsdatum geburtstag geburtsort
geburtsjahr datedenaissance datenaissance lieudenaissance fechadenacimiento fechanacimiento cumpleanos"""
_PAPERS = """ssn socialsecuritynumber nationalid nationalidnumber passportnumber passportno reisepassnummer iban
kontonummer steuerid sozialversicherungsnummer creditcardnumber cardnumber driverslicense driverslicensenumber
driverlicense driverlicensenumber"""
_PERSON = """firstname lastname middlename fullname givenname familyname surname maidenname nickname displayname username forename
vorname nachname familienname zuname geburtsname benutzername prenom nomdefamille nomcomplet nombrecompleto apellido
contactperson contactname personname ansprechpartner kontaktperson interlocuteur personadecontacto"""

_NOTES = """comment comments note notes notiz notizen kommentar kommentare bemerkung bemerkungen anmerkung anmerkungen commentaire
commentaires remarque remarques comentario comentarios"""

HEADS = _words(_EMAIL, _PHONE, _ADDRESS, _BIRTH, _PAPERS, _PERSON, _NOTES)
"""What a field is about: personal, whatever other words come before."""

SHORT_HEADS = _words(
    """mail mailto mel mobile mobil handy cell portable gsm whatsapp landline festnetz skype skypename telegram postal addr adr
    rue calle ip birth naissance nacimiento passport reisepass dni nif nie creditcard
    linkedin linkedinurl linkedinprofile linkedinprofileurl linkedinprofilelink linkedinlink linkedinid twitter twitterurl
    twitterhandle twitterprofile facebook facebookurl facebookprofile instagram instagramurl instagramhandle xing xingurl xingprofil
    avatar avatarurl photo photourl profilepicture profilephoto"""
)
"""Heads that mean something else behind other words (`device mobile`): personal alone, or with qualifiers only."""

OF_PEOPLE = _words(
    """name names nom nombre message messages messagebody transcript nachricht nachrichten mensaje mensajes"""
)
"""Personal alone or with a word for a person: companies and campaigns have names too, and errors have messages."""

PEOPLE = _words(
    """contact contacts user users person people lead leads customer client kunde kunden kontakt invitee guest attendee participant
    member subscriber applicant candidate buyer recipient sender spouse partner assistant asst student patient owner my your own
    ihr ihre dein deine mein votre ton tu su cliente contacto usuario utilisateur benutzer personne persona primary secondary main
    billing shipping mailing invoice delivery ship bill to full first last middle given family legal preferred"""
)
"""Words for a person, and for which of several."""

ARTICLES = _words(
    """what whats is the a an please enter provide bitte de la le les el los las du des del der die das l d of for and or und et y s"""
)

QUALIFIERS = (
    PEOPLE
    | ARTICLES
    | _words(
        """work home business office private personal privat private geschaftlich geschaft geschafts firma firmen company corporate dienst
        dienstlich mobil movil portable handy festnetz sales internal vertrieb ventas kana other direct alternate alternative additional second third backup emergency mobile postal post haupt rechnung rechnungs
        liefer lieferung wohn privada privado trabajo casa oficina professionnel professionnelle profesional personnel personnelle
        domicile bureau travail facturation livraison facturacion envio hs searchable calculated form field account permanent current
        residential physical number nummer nr no num numero value raw address adresse line zeile ligne linea c pc"""
    )
)
"""Words around a head that leave it what it is; `c` and `pc` end the names of fields that a Salesforce user has added."""

OTHER_FIELDS = _words(
    """has have had not non does dont should opt opted optin optout allow allows allowed accept accepts accepted consent wants want
    verified valid validated confirmed unsubscribed subscribed last latest next count total opened open sent clicked bounced received
    via per uses use needs need send sends test web website site page wallet contract landing server domain campaign template channel
    method same as since until hat kein keine nicht"""
)
"""Words that make another field of it: `doNotEmail`, `lastEmail`, `web address`."""

AUXILIARIES = _words("is has can do may must no did was are hat ist")
"""Words that begin a question to be answered by yes or no."""
