"""Notebook 10 is shown to a class: it asks all of them at once, and grades nobody."""

from __future__ import annotations

from tlteach.lessons._exercise import Exercise
from tlteach.lessons._quiz import Question

EXERCISES: tuple[Exercise, ...] = ()
QUESTIONS: tuple[Question, ...] = ()
