"""Personal fields are recognised by their names, as exports and forms of many makers write them; others are not."""

from __future__ import annotations

import pytest

from domain.privacy.field_names import is_personal_name, words_of

PERSONAL = {
    "HubSpot": "email|firstname|lastname|phone|mobilephone|fax|address|zip|work_email|date_of_birth|hs_additional_emails|hs_linkedin_url|hs_searchable_calculated_phone_number|hs_whatsapp_phone_number",
    "Salesforce": "FirstName|LastName|MobilePhone|HomePhone|OtherPhone|AssistantPhone|AssistantName|MailingStreet|MailingPostalCode|OtherStreet|Birthdate|PersonEmail|PersonMobilePhone|Username|Email__c",
    "Pipedrive": "Person - Name|Person - Email - Work|Person - Phone - Mobile|Contact person|Organization - Address",
    "Zoho": "Secondary Email|Home Phone|Asst Phone|Date of Birth|Skype ID|Mailing Street|Mailing Zip|Full Name|Lead Name",
    "Mautic": "address1|address2|zipcode|mobile|linkedin|twitter",
    "LinkedIn": "Email Address|Work Email|Work phone number|LinkedIn profile url",
    "Meta": "full_name|phone_number|street_address|post_code|work_phone_number",
    "Google Ads": "User Email|Full name|User phone|Postal code|Street address",
    "Typeform": "What's your email?|What is your name?|Your phone number, please",
    "Calendly": "Invitee Name|Invitee Email|Invitee First Name|Guest Email(s)",
    "compounds": "ship_to_name|Notes (sales)|internal comments|tel_mobil|lastNameKana|ceo_email|contact_mail|emergency contact phone|user.email|email2|Email (work)|phones|billingAddress|Shipping Zip/Postal Code|customerName|lead comments|dob|client_ip|IBAN",
    "no separators": "useremail|workemail|homephone|mailingstreet|contactname|businessphone",
    "German": "E-Mail-Adresse|Telefonnummer|Telefon privat|Handynummer|Mobil|Vorname|Nachname|Straße|Hausnummer|PLZ|Anschrift|Geburtsdatum|Rechnungsadresse|Lieferadresse|Ansprechpartner|Kundenname|Name des Kunden|Ihre Nachricht",
    "French": "Adresse e-mail|courriel|Téléphone portable|Prénom|Nom|Nom de famille|Rue|Code postal|Date de naissance|Commentaire",
    "Spanish": "Correo electrónico|Teléfono móvil|Nombre|Apellidos|Nombre de usuario|Dirección|Calle|Código postal|Fecha de nacimiento|Mensaje",
}

OPEN = (
    "companySize|path|stage|tag|title|asset|jobTitle|city|country|state|company_name|campaign_name|product names|plan|website|url"
    "|leadSource|status|employees|industry|amount|deal_name|page|referrer|event_name|form_name|file_name|hostname|timezone|locale"
    "|language|device|browser|score|position|role|department|subject|topic|Lead Score|utm_source|query|Owner|reason|company"
    "|emailOpens|email_subject|email_status|emailDomain|hs_email_domain|email_id|last_email|last_email_date|Email Opted Out"
    "|HasOptedOutOfEmail|doNotEmail|doNotCall|do_not_contact|has_phone|phoneVerified|phone_count|mobileDevice|device mobile|is_mobile"
    "|error_message|web_address|address_id|ip_country|source facebook|facebook_clicks|street_view|account_name|Nom de la société"
    "|nombre d'employés|Total Time Spent on Website|Last Notable Activity|number_of_employees|Deal - Title||  |123|'"
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=f"{maker}: {name}")
        for maker, names in PERSONAL.items()
        for name in names.split("|")
    ],
)
def test_names_of_people_and_how_to_reach_them_are_recognised(name):
    assert is_personal_name(name)


@pytest.mark.parametrize("name", OPEN.split("|"))
def test_names_of_other_things_are_not(name):
    assert not is_personal_name(name)


@pytest.mark.parametrize(
    "name", ["work_email", "WORK EMAIL", "workEmail", "work-e-mail", "Work E-Mail 2", "workEMail"]
)
def test_the_writing_of_a_name_makes_no_difference(name):
    assert words_of(name) == ["work", "email"]
    assert is_personal_name(name)


def test_a_name_of_any_length_is_looked_at_in_bounded_time():
    assert not is_personal_name("email " * 40)
    assert not is_personal_name("a" * 100_000)
