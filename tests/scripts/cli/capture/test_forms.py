"""`lead-engine forms` against a real store."""

from __future__ import annotations

import pytest

from api.forms.forms import CreateForm
from domain.errors import Invalid, NotFound
from scripts.cli.capture import forms


@pytest.fixture
async def contact(settings, runtime, capsys):
    """A form, and what its making has printed."""
    await forms.create(settings, CreateForm(name="Contact", origins=["https://www.example.com"]))
    (form,) = await runtime.forms.store.all()
    return form, capsys.readouterr()


async def test_the_address_of_a_new_form_alone_is_on_standard_output(settings, contact):
    form, printed = contact
    assert printed.out == f"{settings.console_url}/f/{form.form_key}\n"
    assert (form.origins, form.event_type, form.enabled) == (
        ("https://www.example.com",),
        "form.submitted",
        True,
    )


async def test_a_form_is_listed_with_its_counts_switched_and_deleted(settings, runtime, contact, capsys):
    form, _ = contact
    await runtime.forms.store.count_trapped(form.form_key)
    await forms.switch(settings, form.form_key, enabled=False)
    await forms.list_all(settings)
    shown = capsys.readouterr().out.replace("│", " ").split()
    assert [one for one in shown if one in {"disabled", "Contact", form.form_key, "1"}] == [
        *(form.form_key, "Contact", "disabled", "1"),
    ]
    await forms.delete(settings, form.form_key)
    assert await runtime.forms.store.all() == []


async def test_a_form_that_cannot_work_or_is_not_there_is_said(settings, runtime):
    with pytest.raises(Invalid, match="thankYouUrl"):
        await forms.create(
            settings, CreateForm.decode(b'{"name": "Contact", "thankYouUrl": "https://other.example"}')
        )
    for call in (forms.switch(settings, "none", enabled=True), forms.delete(settings, "none")):
        with pytest.raises(NotFound):
            await call
    assert await runtime.forms.store.all() == []
