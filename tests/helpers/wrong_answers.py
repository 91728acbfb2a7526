"""Wrong answers that no module of the course lists, and what is said to each: docs/checks.md.

python -m tests.helpers.wrong_answers     writes the page anew
"""

import inspect
from collections import Counter
from pathlib import Path

import numpy as np

from tests.helpers.mutants import EQUIVALENT, mutants
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import Function

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
START, END = "<!-- tables -->\n", "<!-- end of tables -->\n"
FUNCTIONS = [e for e in EXERCISES.values() if isinstance(e.kind, Function)]

WRONG = (
    ("00.1", '"60"'),
    ("00.1", "5 * 12 + 1"),
    ("00.2", '"domain adaptation"'),
    ("00.3", "def majority(labels): print(max(map(labels.count, labels)) / len(labels))"),
    (
        "00.3",
        "def majority(labels):\n    labels.sort()\n"
        "    return max(map(labels.count, labels)) / len(labels)",
    ),
    ("00.3", "lambda labels: round(max(map(labels.count, labels)) / len(labels), 1)"),
    ("00.3", "lambda labels: max(labels) / len(labels)"),
    ("01.1", '"frozen helps"'),
    ("01.2", "46.4"),
    ("01.3", 'lambda low, high, n: "" if n < 5 else "helps" if low >= 0 else "cannot tell"'),
    (
        "01.3",
        'def word(low, high, n):\n    if n >= 5 and low > 0:\n        return "helps"\n'
        '    if n >= 5 and high < 0:\n        return "hurts"',
    ),
    ("02.1", "100.0"),
    (
        "02.2",
        "def stop(losses, patience):\n    best = 0\n    for place, loss in enumerate(losses):\n"
        "        if loss <= losses[best]:\n            best = place\n"
        "        elif place - best >= patience:\n            break\n    return best",
    ),
    ("02.2", "lambda losses, patience: losses.index(min(losses[: patience + 1]))"),
    (
        "02.3",
        "lambda steps, values, final: next(s for s, v in zip(steps, values) if v >= 0.9 * final)",
    ),
    (
        "02.3",
        "lambda steps, values, final: "
        'min((s for s, v in zip(steps, values) if v > 0.9 * final), default=float("inf"))',
    ),
    ("03.1", "lambda validation: max(validation, key=validation.get)"),
    ("03.2", "0.25"),
    ("03.3", "lambda stage, stages, lr, decay: lr * decay * (stages - 1 - stage)"),
    ("04.2", "0.29"),
    ("04.3", "lambda value, source, target: value * np.std(target) / np.std(source)"),
    ("05.2", "lambda with_source, without: np.mean(with_source) - max(map(max, without.values()))"),
    (
        "05.4",
        "def choose(found, alone, margin):\n    best = max(found, key=found.get)\n"
        '    return best if found[best] - alone >= margin else "none"',
    ),
    ("05.5", 'lambda gain_low, left_low, left_high: "helps now" if left_low > 0 else "less harm"'),
    ("06.1", "40 + 100 + 1000 + 50000 // 10"),
    (
        "06.2",
        "lambda rows, threshold: "
        "[(row.index(max(row)), i) for i, row in enumerate(rows) if max(row) > threshold]",
    ),
    (
        "06.4",
        "lambda rows, n: sorted(sorted(row)[-1] - sorted(row)[-2] for row in rows)[:n]",
    ),
    ("07.1", "lambda heat, inside: sum(np.array(heat)[inside]) / float(sum(heat) or 1) ** 2"),
    ("07.3", "lambda counts, confidence, accuracy: abs(np.mean(confidence) - np.mean(accuracy))"),
    (
        "08.1",
        "def worst(hits, counts, least):\n"
        "    shares = {g: hits[g] / counts[g] for g in counts if counts[g] >= least}\n"
        "    return min(shares, key=shares.get)",
    ),
    ("08.2", "lambda ours, theirs: np.subtract(ours, theirs).std(ddof=1) / len(ours)"),
    ("08.4", "lambda data, expected: hashlib.sha256(data).hexdigest()[:8] == expected[:8]"),
    ("08.4", "lambda data, expected: hashlib.sha256(data).hexdigest()"),
    (
        "09.1",
        "def freeze(model):\n    model.train()\n    model.backbone.eval()\n"
        "    model.backbone.requires_grad_(False)",
    ),
    ("09.3", "lambda accuracies, sizes: np.average(sizes, weights=accuracies)"),
    ("11.3", "0.33"),
    (
        "11.4",
        "lambda answers, labels: "
        "np.mean([np.mean(np.array(answers)[np.array(labels) == c] == c) for c in (0, 1)])",
    ),
    ("12.1", "lambda value: 20 * np.log10(value / 255)"),
    (
        "12.2",
        "lambda by_accent: max(map(np.mean, by_accent.values())) - np.mean([*by_accent.values()])",
    ),
    (
        "12.5",
        "def hide(picture, start, width, level):\n    for row in picture:\n"
        "        row[start : start + width] = [level] * width\n    return picture",
    ),
    (
        "13.1",
        "lambda train, value: abs(value - np.mean(train)) / (np.std(train) or 1)",
    ),
    ("13.3", "lambda scores, n_train, n_test: np.std(scores, ddof=1) * (n_test / n_train) ** 0.5"),
    (
        "14.4",
        "lambda healthy, sick, specificity: "
        "np.mean(np.array(sick) > np.quantile(healthy, specificity))",
    ),
    (
        "14.4",
        "lambda healthy, sick, specificity: "
        "np.mean(np.array(sick) > np.quantile(healthy, specificity, method='lower'))",
    ),
    ("14.5", "lambda sensitivity, specificity, prevalence: sensitivity * prevalence"),
    ("16.1", "lambda found, true: sum(f and t for f, t in zip(found, true)) / len(true)"),
    ("16.2", "0.4"),
    ("16.3", "lambda ranks, k: sum(ranks[:k]) / k"),
    ("16.4", "lambda chances: -sum(p * np.log2(p) for p in chances)"),
)


def written(code):
    """Return an answer from the code that a learner might write."""
    import hashlib

    scope = {"np": np, "Counter": Counter, "hashlib": hashlib}
    if not code.startswith(("def ", "import ")):
        return eval(code, scope)
    exec(code, scope)
    [answer] = [value for value in scope.values() if inspect.isfunction(value)]
    return answer


def fails_by_hand(exercise, answer):
    """Return whether one of the calls to try by hand shows that a function is wrong."""
    few = Function(list, exercise.kind.shown, exercise.kind.tolerance)
    return not few.agrees(answer, exercise.right)


def scores():
    """Return one row per asked function: its id, mutants, found by the check, found by hand."""
    rows = []
    for exercise in FUNCTIONS:
        wrong = [m for m in mutants(exercise.solution) if (exercise.id, m[0]) not in EQUIVALENT]
        answers = [written(source) for _, source in wrong]
        found = [not exercise.kind.agrees(one, exercise.right) for one in answers]
        by_hand = [bool(exercise.kind.shown) and fails_by_hand(exercise, one) for one in answers]
        left = [name for (name, _), one in zip(wrong, found, strict=True) if not one]
        rows.append((exercise.id, len(wrong), sum(found), sum(by_hand), left))
    return rows


def cell(text):
    """Return text as one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", "<br>")


def code_cell(code):
    """Return code as one cell: its lines keep their indents."""
    lines = (line.replace("|", "\\|") for line in code.splitlines())
    return "<br>".join(
        "&nbsp;" * (len(line) - len(line.lstrip())) + f"`{line.lstrip()}`" for line in lines
    )


def tables():
    """Return both tables of the page."""
    rows = scores()
    lines = ["| exercise | mutants | found by the check | found by hand |", "|---|---|---|---|"]
    lines += [f"| {id} | {n} | {found} | {hand} |" for id, n, found, hand, _ in rows]
    n, found, hand = (sum(row[i] for row in rows) for i in (1, 2, 3))
    lines += [f"| all | {n} | {found} ({found / n:.1%}) | {hand} ({hand / n:.1%}) |", ""]
    lines += ["| mutant that is no mistake | why |", "|---|---|"]
    lines += [f"| {id} `{cell(name)}` | {why} |" for (id, name), why in sorted(EQUIVALENT.items())]
    lines += ["", "| exercise | wrong answer | what is said |", "|---|---|---|"]
    for id, code in WRONG:
        outcome = EXERCISES[id].judge(written(code), **EXERCISES[id].example())
        lines.append(f"| {id} | {code_cell(code)} | {cell(repr(outcome).partition(' ')[2])} |")
    return "\n".join(lines) + "\n"


def page(text):
    """Return the page with fresh tables."""
    before, rest = text.split(START)
    return before + START + tables() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
