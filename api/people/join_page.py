"""The page behind the link of an invitation: a form that makes the account, under a strict content security policy."""

from __future__ import annotations

from litestar import Response, get

__all__ = ["JOIN_PAGE"]

_PATH = "/console/join"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Join - Lead engine</title>
<main>
<h1>Join the lead engine</h1>
<p id="said" role="status">Looking at the invitation ...</p>
<form id="form" hidden>
<p><label>E-mail<br><input name="email" type="email" autocomplete="username" required maxlength="254"></label></p>
<p><label>Name<br><input name="name" autocomplete="name" required maxlength="100"></label></p>
<p><label>Password, at least 12 characters<br>
<input name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="200"></label></p>
<p><button>Join</button></p>
</form>
</main>
<script src="/console/join.js"></script>
</html>
"""
_SCRIPT = """'use strict';
const token = location.hash.slice(1);
const form = document.getElementById('form');
const said = document.getElementById('said');
const email = form.elements.namedItem('email');
const post = (path, body) => fetch(path, {
  method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
});
const failure = (problem) => (problem.errors ?? [])
  .map((fault) => `${fault.pointer.slice(1)} ${fault.detail}`).join('; ') || problem.detail;
async function open() {
  const answer = await post('/api/invites/open', {token});
  const body = await answer.json();
  if (!answer.ok) { said.textContent = failure(body); return; }
  said.textContent = `You join as ${body.role}.`;
  if (body.email) { email.value = body.email; email.readOnly = true; }
  form.hidden = false;
}
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  if (email.readOnly) delete fields.email;
  const answer = await post('/api/invites/accept', {token, ...fields});
  const body = await answer.json();
  if (!answer.ok) { said.textContent = failure(body); return; }
  form.hidden = true;
  history.replaceState(null, '', location.pathname);
  said.textContent = `Welcome, ${body.person.name}. You have signed in.`;
});
open().catch(() => { said.textContent = 'The engine does not answer; load the page again.'; });
"""


@get(_PATH, include_in_schema=False)
async def join_page() -> Response[bytes]:
    """The page; the token stands after # in its address, which browsers send to no server."""
    return Response(_HTML.encode(), media_type="text/html; charset=utf-8", headers=_HEADERS)


@get(f"{_PATH}.js", include_in_schema=False)
async def join_script() -> Response[bytes]:
    """The script of the page."""
    return Response(_SCRIPT.encode(), media_type="text/javascript; charset=utf-8", headers=_HEADERS)


JOIN_PAGE = (join_page, join_script)
"""The page and its script, open to everybody."""
