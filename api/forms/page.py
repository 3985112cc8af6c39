"""The hosted page of a form: the form itself to try, and the snippet to copy into a page of one's own."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from domain.errors import Fault
from domain.forms.form import Form

__all__ = ["form_page", "page_headers", "problem_page", "thanks_page"]

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}"
    "label{display:block;margin:.75rem 0 .25rem}input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;"
    "border:1px solid #8090a0;border-radius:4px}input[type=checkbox]{width:auto}button{font:inherit;margin-top:1rem;"
    "padding:.5rem 1.25rem;border:0;border-radius:4px;background:#1d4ed8;color:#fff}textarea.code{font:13px/1.4 ui-monospace,"
    "monospace;height:20rem}.away{position:absolute;left:-9999px}"
    "@media(prefers-color-scheme:dark){body{color:#e6eaf0;background:#12161c}input,textarea{color:inherit;background:#1c2430}}"
)
_SCRIPT = (
    "(function(){var began=Date.now();document.querySelectorAll('form[data-lead-form]').forEach(function(form){"
    "function put(name,value){var field=form.elements[name];if(!field){field=document.createElement('input');"
    "field.type='hidden';field.name=name;form.appendChild(field)}field.value=value}"
    "put('_id',Math.random().toString(36).slice(2)+began.toString(36));"
    "form.addEventListener('submit',function(){put('_elapsed',Date.now()-began);put('_page',location.href)})})})()"
)


def page_headers(form: Form) -> dict[str, str]:
    """The headers of a page here. Its form may lead to the origins of the form, which browsers check too."""
    targets = " ".join(("'self'", *form.origins))
    policy = (
        f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def form_page(form: Form, action: str) -> str:
    """The page with the form, which is sent to `action`, and the snippet."""
    snippet = f"{_snippet(form, action)}\n<script>{_SCRIPT}</script>"
    body = (
        f"<h1>{escape(form.name)}</h1>{_snippet(form, action)}"
        "<h2>Put it into your page</h2><p>Fields may be added and left out; <code>email</code> or <code>phone</code> "
        "is needed. Hidden fields and the script are optional.</p>"
        f'<label for="snippet">Snippet</label><textarea class="code" id="snippet" readonly>{escape(snippet)}</textarea>'
    )
    return _page(form.name, body, _SCRIPT)


def thanks_page(form: Form) -> str:
    """The page after a submission that leads nowhere else."""
    return _page(form.name, "<h1>Thank you</h1><p>Your message has arrived.</p>")


def problem_page(form: Form, faults: tuple[Fault, ...]) -> str:
    """What is wrong with a submission, for a person."""
    items = "".join(
        f"<li><b>{escape(one.pointer.lstrip('/'))}</b> {escape(one.detail)}</li>" for one in faults
    )
    body = f"<h1>Please check the form</h1><ul>{items}</ul><p>Go back, correct it and send it again. Nothing was stored.</p>"
    return _page(form.name, body)


def _snippet(form: Form, action: str) -> str:
    redirect = f'\n  <input type="hidden" name="_redirect" value="{escape(form.thank_you_url)}">'
    return (
        f'<form method="post" action="{escape(action)}" data-lead-form>\n'
        '  <label for="lead-name">Name</label><input id="lead-name" name="name" autocomplete="name">\n'
        '  <label for="lead-email">E-mail</label>'
        '<input id="lead-email" name="email" type="email" required autocomplete="email">\n'
        '  <label for="lead-message">Message</label><textarea id="lead-message" name="message"></textarea>\n'
        '  <label><input type="checkbox" name="consent" value="yes"> You may write to me.</label>\n'
        f'  <div class="away" aria-hidden="true"><label>Leave this empty <input name="{escape(form.honeypot)}" '
        'tabindex="-1" autocomplete="off"></label></div>'
        f"{redirect if form.thank_you_url else ''}\n"
        "  <button>Send</button>\n</form>"
    )


def _page(title: str, body: str, script: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main>"
        + (f"<script>{script}</script>" if script else "")
        + "</body></html>"
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
