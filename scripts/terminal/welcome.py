"""The message of `lead-engine up` when everything runs: addresses, the API key, and the next commands."""

from __future__ import annotations

from shlex import quote
from typing import NamedTuple

from engine.access.keys.key_file import key_file_of
from engine.process.redaction import without_secrets
from engine.settings import Settings
from scripts.terminal.privacy_warning import privacy_warning

__all__ = ["FIRST_OWNER", "FirstStart", "local_url", "welcome"]

TEXT = """
The lead engine is running. Ctrl-C stops all of it.

  Console      {console}
  API          {api}
  Docs         {api}/docs
  MongoDB      {mongodb}  (database {database})
  Redis        {redis}
  Data folder  {data_dir}
  Rulebook     {rulebook}
  API key      {key}
  People       {people}

Post an event, then ask about the lead:

  curl -X POST {api}/api/events {shown} \\
    -H 'Content-Type: application/json' -d '{event}'
  curl {api}/api/leads/lead-1/intelligence {shown}

Or, in another terminal, let 200 leads have a week:

  {port}{api_key}make demo
"""
FIRST_OWNER = "Within 15 minutes, the first owner joins at "
"""The beginning of the line in which `setup` prints the link of the first owner."""
EVENT = '{"leadId":"lead-1","type":"page_view"}'


class FirstStart(NamedTuple):
    """What is shown once: a key that was made just now, and the link that makes the first owner. Empty if there is none."""

    new_key: str = ""
    owner_link: str = ""


NOTHING_NEW = FirstStart()


def welcome(settings: Settings, *, embedded: bool, found: FirstStart = NOTHING_NEW) -> str:
    """The text; passwords are left out, and the data folder too when nothing `embedded` lives in it.

    A key that was made just now is shown; later on only its file is named.
    """
    file = key_file_of(settings.data_dir)
    key = f"in {file}" if embedded else "make one with `lead-engine keys create`"
    default_port = settings.port == Settings.model_fields["port"].default
    text = TEXT.format(
        console=f"{settings.console_url}/console",
        api=local_url(settings),
        mongodb=without_secrets(settings.mongodb_uri),
        database=settings.mongodb_database,
        redis=without_secrets(settings.redis_url),
        data_dir=settings.data_dir if embedded else "not used",
        rulebook=settings.rulebook,
        event=EVENT,
        key=f"{found.new_key}\n               also {key}, readable by you only" if found.new_key else key,
        people=f"{FIRST_OWNER.removesuffix(' at ')}:\n               {found.owner_link}"
        if found.owner_link
        else "invite them with `lead-engine people invite`",
        shown=f'-H "Authorization: Bearer {f"$(cat {quote(str(file))})" if embedded else "$API_KEY"}"',
        api_key="" if embedded else "API_KEY=... ",
        port="" if default_port else f"PORT={settings.port} ",
    )
    warning = privacy_warning(settings)
    return f"{text}\n{warning}\n" if warning else text


def local_url(settings: Settings) -> str:
    """The URL of the API for programs on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
