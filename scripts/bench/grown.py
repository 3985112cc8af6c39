"""A small engine state and a large one made of it, for every question that asks what size costs."""

from __future__ import annotations
