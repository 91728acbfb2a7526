"""All exercises and questions of the course, by id."""

from __future__ import annotations

from tlteach.lessons import n00_start, n01_three_ways
from tlteach.lessons._exercise import Exercise
from tlteach.lessons._quiz import Question

TITLES = {"00": "start", "01": "three_ways"}
NOTEBOOKS = (n00_start, n01_three_ways)
EXERCISES: dict[str, Exercise] = {e.id: e for part in NOTEBOOKS for e in part.EXERCISES}
QUESTIONS: dict[str, Question] = {q.id: q for part in NOTEBOOKS for q in part.QUESTIONS}
