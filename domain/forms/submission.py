"""The submission of a form: who it is, what is said, where the person came from, and whether a machine sent it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.forms.form import Form
from domain.identity.identifier import ANONYMOUS_ID, EMAIL, PHONE, NotAnIdentifier, normalised

__all__ = ["CLICK_IDS", "HIDDEN", "UTM", "Submission", "read_submission", "redirect_url"]

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
CLICK_IDS = (
    *("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "rdt_cid"),
    *("dclid", "yclid", "epik", "sccid"),
)
"""Ids by which advertisers recognise the click that a person came by."""
HIDDEN = ("_redirect", "_elapsed", "_page", "_id", "_anonymous_id")
"""Fields that the snippet fills: they are not what the person says."""
_EMAILS = ("email", "e-mail", "e_mail", "mail", "email_address", "emailaddress", "work_email", "your-email")
_PHONES = ("phone", "tel", "telephone", "phone_number", "phonenumber", "mobile", "your-phone")
_CONSENTS = ("consent", "marketing_consent", "gdpr_consent")
_YES = {"on", "yes", "true", "1", "y", "ja", "oui", "sí", "si"}
_MAX_VALUE = 5000
"""Characters of one field that are kept; forms say more in no field but a message."""
_MAX_PAGE = 2000


class Submission(Struct, frozen=True, kw_only=True):
    """What a submission says. `automated` is why a machine sent it, empty for a person."""

    identifiers: Mapping[str, str]
    properties: dict[str, Json]
    attributes: dict[str, Json]
    consent: bool
    automated: str
    submission_id: str


def read_submission(form: Form, fields: Sequence[tuple[str, str]], referer: str, region: str) -> Submission:
    """The submission in these fields, by a page at `referer`. Telephone numbers without a country code are of `region`.

    Raises `Invalid` with the field at fault if it names nobody: an e-mail address that is none, or neither that nor a number.
    """
    given = _given(fields)
    automated = _automated(form, given)
    page = _text(given, "_page")[:_MAX_PAGE] or referer[:_MAX_PAGE]
    said = {name: value for name, value in given.items() if name not in HIDDEN and name != form.honeypot}
    properties: dict[str, Json] = {**_campaign(page), **said, "form": form.name}
    if page:
        properties["page"] = page.partition("?")[0].partition("#")[0]
    attributes = {
        attribute: said[field]
        for field, attribute in form.attributes.items()
        if said.get(field) not in (None, "")
    }
    return Submission(
        identifiers={} if automated else _identifiers(given, region),
        properties=properties,
        attributes=attributes,
        consent=any(_text(given, name).strip().lower() in _YES for name in _CONSENTS),
        automated=automated,
        submission_id=_text(given, "_id")[:100],
    )


def redirect_url(form: Form, fields: Iterable[tuple[str, str]]) -> str:
    """Where the person is led: the page that the form names if it is on one of its origins, else the form's own; empty for ours."""
    wanted = next((value for name, value in fields if name == "_redirect"), "")
    return wanted if is_allowed(form, wanted) else form.thank_you_url


def is_allowed(form: Form, url: str) -> bool:
    """Whether an address is on one of the form's origins. What browsers and we could read differently is not."""
    if not url.isascii() or any(letter <= " " or letter in '\\"<>`' for letter in url):
        return False
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" in form.origins
    except ValueError:
        return False


def _given(fields: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """The fields by name; one that occurs more often, such as check boxes, has a list."""
    found: dict[str, Json] = {}
    for raw, value in fields:
        name = raw.strip().replace("\0", "")[:200]
        text = value.replace("\0", "").strip()[:_MAX_VALUE]
        if not name or not text:
            continue
        before = found.get(name)
        if before is None:
            found[name] = text
        else:
            found[name] = [*before, text] if isinstance(before, list) else [before, text]
    return found


def _text(given: Mapping[str, Json], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _automated(form: Form, given: Mapping[str, Json]) -> str:
    if given.get(form.honeypot):
        return f"it filled {form.honeypot}, which people do not see"
    elapsed = _text(given, "_elapsed")
    if elapsed.isascii() and elapsed.isdecimal() and int(elapsed[:12]) < form.min_seconds * 1000:
        return f"it was sent {int(elapsed[:12])} ms after the page was opened"
    return ""


def _campaign(page: str) -> dict[str, Json]:
    """UTM parameters and click ids in the address of the page."""
    try:
        query = parse_qsl(urlsplit(page).query, max_num_fields=200)
    except ValueError:
        return {}
    wanted = {*UTM, *CLICK_IDS}
    return {name.lower(): value[:500] for name, value in reversed(query) if name.lower() in wanted}


def _identifiers(given: Mapping[str, Json], region: str) -> dict[str, str]:
    names = {name.lower(): name for name in reversed(list(given))}
    found: dict[str, str] = {}
    email = next((names[one] for one in _EMAILS if one in names), None)
    if email is not None:
        value = given[email]
        address = str(value[0] if isinstance(value, list) else value)
        try:
            found[EMAIL] = normalised(EMAIL, address).value
        except NotAnIdentifier as error:
            raise Invalid("The form cannot be taken.", (Fault(f"/{email}", str(error)),)) from None
    phone = next((_text(given, names[one]) for one in _PHONES if one in names), "")
    for kind, value_ in ((PHONE, phone), (ANONYMOUS_ID, _text(given, "_anonymous_id"))):
        try:
            if value_:
                found[kind] = normalised(kind, value_, region).value
        except NotAnIdentifier:
            continue  # as a property it is kept as it was written
    if not {EMAIL, PHONE} & found.keys():
        raise Invalid("The form cannot be taken.", (Fault("/email", "is required, or a telephone number"),))
    return found
