"""Mutants: a function's source with one thing in it wrong, as a learner might write it.

Each mutant is named by its line before and after. `EQUIVALENT` holds those that are no mistake.
"""

import ast
import copy

BOUNDARY = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt}
TURNED = {
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
}  # fmt: skip
NAMES = {
    "max": "min", "min": "max", "sum": "len", "len": "sum", "sorted": "list", "any": "all",
    "all": "any", "abs": "float", "set": "list", "values": "keys", "keys": "values",
    "sha256": "md5", "startswith": "endswith", "mean": "median", "fmean": "median",
    "stdev": "pstdev", "eval": "train",
}  # fmt: skip


def changes(node):
    """Yield what a node may become, each time a copy of it that is wrong in one place."""
    if isinstance(node, ast.Compare):
        for kind in (BOUNDARY, TURNED):
            if type(node.ops[0]) in kind:
                yield changed(node, ops=[kind[type(node.ops[0])]()])
    elif isinstance(node, ast.BinOp):
        if type(node.op) in ARITHMETIC:
            yield changed(node, op=ARITHMETIC[type(node.op)]())
        yield from (node.left, node.right)
        if not isinstance(node.op, ast.Mult | ast.Add) or isinstance(node.left, ast.List):
            yield changed(node, left=node.right, right=node.left)
    elif isinstance(node, ast.BoolOp):
        yield changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse, changed(node, body=node.orelse, orelse=node.body))
    elif isinstance(node, ast.Constant):
        yield from constants(node)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield changed(node, id=NAMES[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield changed(node, attr=NAMES[node.attr])
    elif isinstance(node, ast.Call):
        yield from calls(node)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield changed(node, ifs=[])
    elif isinstance(node, ast.Slice):
        for end in ("lower", "upper"):
            if getattr(node, end) is not None:
                yield changed(node, **{end: None})
    elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        yield node.value


def constants(node):
    """Yield wrong constants."""
    if isinstance(node.value, bool):
        yield changed(node, value=not node.value)
    elif isinstance(node.value, int):
        yield from (changed(node, value=node.value + step) for step in (1, -1))
    elif isinstance(node.value, float):
        yield from (changed(node, value=node.value + step) for step in (0.1, -0.1))
    elif isinstance(node.value, str):
        yield changed(node, value=f"{node.value}!")


def calls(node):
    """Yield calls with arguments swapped, left out, or not called at all."""
    for i in range(len(node.args) - 1):
        args = [*node.args]
        args[i], args[i + 1] = args[i + 1], args[i]
        yield changed(node, args=args)
    for i, word in enumerate(node.keywords):
        if word.arg != "strict":
            yield changed(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]


def changed(node, **fields):
    """Return a copy of a node with some fields replaced."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def places(tree):
    """Yield every node of a tree that can be replaced, with a function that does so."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.keyword) and parent.arg == "strict":
            continue  # it only guards against lists of unequal length
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield value, lambda new, parent=parent, name=name: setattr(parent, name, new)
            elif isinstance(value, list):
                for i, one in enumerate(value):
                    if isinstance(one, ast.AST):
                        yield one, lambda new, value=value, i=i: value.__setitem__(i, new)


def blocks(tree):
    """Yield the lists of statements inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.If | ast.For):
            yield from (block for block in (node.body, getattr(node, "orelse", [])) if block)


def mutants(source):
    """Yield (name, source) of every mutant of a source, each once."""
    tree, seen = ast.parse(source), {ast.unparse(ast.parse(source))}
    whole = ast.unparse(tree).splitlines()
    for text in variants(tree):
        if text not in seen:
            seen.add(text)
            yield named(whole, text.splitlines()), text


def variants(tree):
    """Yield the text of a tree with one change, which is undone afterwards."""
    for node, put in [*places(tree)]:
        for new in changes(node):
            put(new)
            yield ast.unparse(tree)
            put(node)
        if isinstance(node, ast.arguments) and len(node.args) > 1:
            for i in range(len(node.args) - 1):
                args = [*node.args]
                args[i], args[i + 1] = args[i + 1], args[i]
                put(changed(node, args=args))
                yield ast.unparse(tree)
                put(node)
    for block in [*blocks(tree)]:
        for i, statement in enumerate(block):
            if isinstance(statement, ast.If):  # what stands under it happens always, or never
                replacements = [statement.body, statement.orelse or [ast.Pass()]]
            elif isinstance(statement, ast.Return | ast.FunctionDef):
                continue
            else:
                replacements = [[ast.Pass()]]
            for new in replacements:
                block[i : i + 1] = new
                yield ast.unparse(tree)
                block[i : i + len(new)] = [statement]


def named(before, after):
    """Return the first line that differs, before and after."""
    for one, other in zip(before, after, strict=False):
        if one != other:
            return f"{one.strip()} => {other.strip()}"
    return f"{before[-1].strip()} => (gone)"


SAME_DISTANCE = "the distance of two numbers is the same both ways"
SAME_OVERLAP = "both masks count alike"
SAME_SQUARE = "the square of a difference is the same both ways"
EQUIVALENT = {
    ("05.4", "def choose(found, alone, margin): => def choose(found, margin, alone):"): (
        "a lead over both, one after the other, is the same in either order"
    ),
    (
        "07.3",
        "def error(counts, confidence, accuracy): => def error(counts, accuracy, confidence):",
    ): SAME_DISTANCE,
    (
        "07.3",
        "bins = zip(counts, confidence, accuracy, strict=True) => "
        "bins = zip(counts, accuracy, confidence, strict=True)",
    ): SAME_DISTANCE,
    (
        "07.3",
        "return sum((n * abs(c - a) for n, c, a in bins)) / sum(counts) => "
        "return sum((n * abs(a - c) for n, c, a in bins)) / sum(counts)",
    ): SAME_DISTANCE,
    (
        "08.2",
        "def paired_error(ours, theirs): => def paired_error(theirs, ours):",
    ): SAME_SQUARE,
    (
        "08.2",
        "gaps = [one - other for one, other in zip(ours, theirs)] => "
        "gaps = [other - one for one, other in zip(ours, theirs)]",
    ): SAME_SQUARE,
    (
        "08.2",
        "gaps = [one - other for one, other in zip(ours, theirs)] => "
        "gaps = [one - other for one, other in zip(theirs, ours)]",
    ): SAME_SQUARE,
    (
        "08.2",
        "variance = sum(((gap - mean) ** 2 for gap in gaps)) / (len(gaps) - 1) => "
        "variance = sum(((mean - gap) ** 2 for gap in gaps)) / (len(gaps) - 1)",
    ): SAME_SQUARE,
    (
        "09.3",
        "hits = sum((a * n for a, n in zip(accuracies, sizes))) => "
        "hits = sum((a * n for a, n in zip(sizes, accuracies)))",
    ): "a product is the same both ways",
    (
        "12.5",
        "return [row[:start] + [level] * width + row[end:] for row in picture] => "
        "return [row[:start] + width * [level] + row[end:] for row in picture]",
    ): "a list may be repeated from either side",
    (
        "13.1",
        "spread = (sum(((x - mean) ** 2 for x in train)) / len(train)) ** 0.5 => "
        "spread = (sum(((mean - x) ** 2 for x in train)) / len(train)) ** 0.5",
    ): SAME_SQUARE,
    (
        "13.3",
        "variance = sum(((s - mean) ** 2 for s in scores)) / (len(scores) - 1) => "
        "variance = sum(((mean - s) ** 2 for s in scores)) / (len(scores) - 1)",
    ): SAME_SQUARE,
    ("16.1", "def overlap(found, true): => def overlap(true, found):"): SAME_OVERLAP,
    (
        "16.1",
        "both = sum((f and t for f, t in zip(found, true))) => "
        "both = sum((f and t for f, t in zip(true, found)))",
    ): SAME_OVERLAP,
    (
        "16.1",
        "either = sum((f or t for f, t in zip(found, true))) => "
        "either = sum((f or t for f, t in zip(true, found)))",
    ): SAME_OVERLAP,
}
