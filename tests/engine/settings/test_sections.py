"""Sections make up all settings: each has a title, each setting a sentence, and none stands in two sections."""

from __future__ import annotations

from collections import Counter

from engine.settings import SECTIONS, Settings


def test_every_setting_stands_in_exactly_one_section():
    names = Counter(name for section in SECTIONS for name in section.model_fields)
    assert set(names) == set(Settings.model_fields)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_section_has_a_title_and_every_setting_a_default_and_a_sentence():
    for section in SECTIONS:
        assert section.title()
        for name, field in section.model_fields.items():
            assert not field.is_required(), name
            assert field.description, name
            assert field.description[-1] == ".", name


def test_all_settings_can_be_passed_where_a_section_is_asked_for():
    settings = Settings(_env_file=None, webhook_timeout_seconds=3)
    assert all(isinstance(settings, section) for section in SECTIONS)
