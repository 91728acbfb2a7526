"""What notebook 08 asks."""

from __future__ import annotations

import numpy as np

from tlteach.lessons._exercise import Exercise, Number, Trap
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import trust

LATER = "The summary puts it beside what was measured."


EXERCISES = (
    Exercise(
        id="08.1",
        ask="Write worst(hits, counts, least): the group with the lowest accuracy among those "
        'with at least `least` images, or "none".',
        kind=Function(trust.groups_of_images, shown=trust.GROUPS),
        right=trust.worst,
        traps=(
            Trap(
                trust.whatever_small,
                "You forget `least`. A tiny group is the worst, or the best, by luck.",
            ),
            Trap(
                trust.fewest_hits,
                "That is the group with the fewest right answers. A small group has few of them "
                "anyway: divide by the count.",
            ),
            Trap(trust.best, "That is the best group: a low accuracy is bad."),
            Trap(
                trust.strictly_more,
                "A group with exactly `least` images is large enough: at least means >=.",
            ),
        ),
        hints=(
            "First keep the groups with counts[group] >= least.",
            "The accuracy of a group is hits[group] / counts[group].",
            'min(shares, key=shares.get) is a name; return "none" where `shares` is empty.',
        ),
        solution=(
            "def worst(hits, counts, least):\n"
            "    shares = {g: hits[g] / counts[g] for g in counts if counts[g] >= least}\n"
            '    return min(shares, key=shares.get) if shares else "none"'
        ),
        why="An average hides this group; a group that is too small hides in noise.",
    ),
    Exercise(
        id="08.2",
        ask="Write paired_error(ours, theirs): the standard error of the mean difference, where "
        "both lists are about the same things in the same order.",
        kind=Function(trust.things_drawn_twice, shown=trust.TWICE),
        right=trust.paired_error,
        traps=(
            Trap(
                trust.unpaired,
                "That adds the variances of both lists, as if other things had been drawn. Take "
                "the differences first, thing by thing.",
            ),
            Trap(
                trust.spread,
                "That is how far single things lie apart. The error of a mean of n things is "
                "smaller by the root of n.",
            ),
            Trap(trust.by_n, "You divide the squares by n. The mean was fitted, so it is n - 1."),
            Trap(
                lambda ours, theirs: float(np.subtract(ours, theirs).mean()),
                "That is the mean difference itself. How sure is it?",
            ),
        ),
        hints=(
            "Begin with the list of differences, one for each thing.",
            "Their variance: squared distances from their mean, summed, divided by n - 1.",
            "The square root of that variance divided by n.",
        ),
        solution=(
            "def paired_error(ours, theirs):\n"
            "    gaps = [one - other for one, other in zip(ours, theirs)]\n"
            "    mean = sum(gaps) / len(gaps)\n"
            "    variance = sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)\n"
            "    return (variance / len(gaps)) ** 0.5"
        ),
        why="A thing that is hard in one style is hard in the other: pairing takes that out.",
    ),
    Exercise(
        id="08.3",
        ask="In how many classes does frozen help against scratch, if each is judged at the level "
        "1 - 0.05 / 12?",
        kind=Number(),
        right=trust.corrected,
        traps=(
            Trap(
                lambda gains: trust.helped(gains, 0.95),
                "That is the count at 95 %. Twelve questions, twelve chances to be fooled: raise "
                "the level.",
            ),
            Trap(
                lambda gains: int((gains.mean(axis=1) > 0).sum()),
                "These are all classes with a gain on average. Does its interval leave out zero?",
            ),
            Trap(
                lambda gains: len(gains) - trust.corrected(gains),
                "These are the classes where it does not help, or nobody can tell.",
            ),
            Trap(
                lambda gains: trust.helped(-gains, 1 - 0.05 / len(gains)),
                "You count where it hurts: is the sign turned?",
            ),
        ),
        hints=(
            "judge(row, level)[0] is the word for the gains of one class.",
            'Go through gains.to_numpy() and count the word "helps".',
            'sum(judge(row, 1 - 0.05 / 12)[0] == "helps" for row in gains.to_numpy())',
        ),
        solution=(
            "level = 1 - 0.05 / 12\n"
            'count = sum(judge(row, level)[0] == "helps" for row in gains.to_numpy())'
        ),
        why="With that level the chance of even one false alarm in twelve is at most 5 %.",
        otherwise="A whole number from 0 to 12: classes whose word at that level is helps.",
        given=("gains",),
        example=trust.gains_example,
    ),
    Exercise(
        id="08.4",
        ask="Write intact(data, expected): whether the SHA-256 of the bytes, in hexadecimal, "
        "starts with `expected`, and `expected` has at least 8 digits.",
        kind=Function(trust.files, shown=trust.HASHES),
        right=trust.intact,
        traps=(
            Trap(
                trust.any_start,
                "Every hash starts with the empty text, and one in 16 with any one digit. Ask for "
                "8 digits.",
            ),
            Trap(trust.anywhere, "You look for the digits anywhere. They must be the first ones."),
            Trap(
                trust.whole,
                "You want all 64 digits. File names carry the first few: resnet18-f37072fd.pth.",
            ),
            Trap(
                trust.another_hash,
                "That is MD5. Two files with the same MD5 can be made on purpose.",
            ),
        ),
        hints=(
            "hashlib.sha256(data) makes the hash; .hexdigest() writes it as text.",
            "text.startswith(expected) compares the beginning.",
            "Two conditions, joined by `and`: len(expected) >= 8, and the beginning.",
        ),
        solution=(
            "import hashlib\n\n"
            "def intact(data, expected):\n"
            "    digest = hashlib.sha256(data).hexdigest()\n"
            "    return len(expected) >= 8 and digest.startswith(expected)"
        ),
        why="One bit more or less, and all digits change.",
    ),
    Exercise(
        id="08.5",
        ask="Write two cards, a dict with `data` and `model`: all fields, all licences, the source "
        "by name, and each group with n and its interval.",
        kind=trust.CardPair(),
        right=trust.good_cards,
        traps=(
            Trap(
                trust.spoilt("model", "not for", None),
                "A field is missing. Compare with the table: five for the data, six for the model.",
            ),
            Trap(
                trust.spoilt("data", "who is missing", ""),
                "A field is empty. If you do not know, write that you do not know.",
            ),
            Trap(
                trust.spoilt("data", "licence", "free to use"),
                "Name every licence of the data as its card writes it: there are three.",
            ),
            Trap(
                trust.spoilt("model", "source data", "many photographs"),
                "Which photographs? Name the source, or nobody can look up who is in it.",
            ),
            Trap(
                trust.spoilt("model", "groups", "40 % on average"),
                "One average hides the groups. `groups` wants the list of rows, two or more.",
            ),
            Trap(
                trust.without_intervals,
                "A group without n and interval: nobody can tell a gap from luck.",
            ),
            Trap(
                trust.spoilt("model", "not for", "bad things"),
                "Who reads that stops nobody. Say in four words or more what it is not for.",
            ),
        ),
        hints=(
            "Copy the names of the fields from the table, and write a sentence for each.",
            "Licences: Apache-2.0, CC BY 4.0 and MIT. Source: ImageNet-1k.",
            '"groups": groups takes the rows as they were measured.',
        ),
        solution=(
            'data = {"what": "Drawings of 12 kinds of thing, in four styles."}\n'
            'data |= {"source": emoji.card.source, "licence": emoji.card.licence}\n'
            'data["who is missing"] = "Photographs, and people: the faces are cartoons."\n'
            'data["known faults"] = "Many faces, few birds; tiny groups."\n'
            'model = {"intended use": "To learn what pretrained weights bring along."}\n'
            'model["not for"] = "Photographs, people, or any decision about somebody."\n'
            'model["source data"] = "ImageNet-1k: photographs, three kinds of people."\n'
            'model |= {"licence": "Apache-2.0", "groups": groups}\n'
            'model["limits"] = "Ten labels per class, one test set, one seed."\n'
            'cards = {"data": data, "model": model}'
        ),
        why="Whoever meets your model now knows for whom it was tried, and for whom not.",
        otherwise="Two dicts in a dict: see the table of fields.",
        given=("groups",),
        example=trust.groups_example,
    ),
)

QUESTIONS = (
    Question(
        "08.a",
        "No class of ImageNet-1k is a face. Frozen Lite0, ten labels per class: what does it do "
        "for the class `face`, against a network from scratch?",
        dict.fromkeys(("helps", "hurts", "cannot tell"), LATER),
    ),
    Question(
        "08.b",
        "Lite0's old head knows 1,000 classes. What does it see in most drawings of faces?",
        dict.fromkeys(("a mask", "a ball", "an animal", "something else each time"), LATER),
    ),
    Question(
        "08.c",
        "One bit of a weight file is flipped, in 100 places, one at a time, and nobody checks. In "
        "how many of the 100 does any of 224 answers change?",
        dict.fromkeys(("none", "1 to 20", "21 to 60", "more than 60"), LATER),
    ),
    Question(
        "08.d",
        "Of twelve groups the worst lies 15 points behind. What tells how much of that is luck?",
        {
            "the interval of the average": "It is about another number. The worst was picked "
            "because it came out low.",
            "the same group on new images": "Luck does not come along to new images. What is "
            "left of the gap there is the group's own.",
            "a larger network": "That changes what is measured, not how sure it is.",
        },
        "bbbed4cd82a9436e",
    ),
    Question(
        "08.e",
        "A file has the SHA-256 that its publisher gives. What does that show?",
        {
            "that its weights are fair": "A hash knows bytes. It knows nothing of what they do.",
            "that it runs no code": "The publisher's own file may hold code. That is a matter of "
            "the format: safetensors, or weights_only=True.",
            "that it is the file its publisher meant": "That, and no more: not damaged, not "
            "exchanged. Whether to trust the publisher is your decision.",
        },
        "e397b4ef510abada",
    ),
    Question(
        "08.f",
        "You turn a drawing of Twemoji grey and show it in a public talk. What do you owe?",
        {
            "nothing": "It costs nothing, but it has terms: CC BY 4.0, says the data card.",
            "asking first": "A licence is the answer to that question: it lets you, on terms.",
            "name, licence and that you changed it": "CC BY 4.0, section 3(a). A line under the "
            "drawing will do.",
            "the same licence for the talk": "That would be a share-alike licence, CC BY-SA. There "
            "is no SA here.",
        },
        "acedd3b5b2d0f66c",
    ),
)
