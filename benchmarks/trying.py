"""How often `try_model` answers: three models of Lite0 at 96 px, asked about one picture at a time.

As the widget does it: a JPEG of a camera comes in as bytes and is decoded, and scratch, frozen and
fine-tuned say what it is; frozen and its backbone look once. Counted is a look from bytes to rows.
Seconds by the clock tell what this machine gave; seconds of the processor, what a look takes.
"""

from __future__ import annotations

import io
import time
from typing import Any

from common import arguments, machine, save, spread, tell, warn_if_busy

# isort: split
from PIL import Image

import tlteach as tlt
from tlteach import widgets

LOOKS, WARM = 60, 5
REGIMES = ("scratch", "frozen", "fine_tune")
SLOWEST = 333.0  # goal, milliseconds: three times a second


def models(size: int) -> dict[str, tlt.TrainedModel]:
    """Return one model of each regime, trained for a moment: how long it looks is what counts."""
    task = tlt.few_shot(tlt.load_task("photos"), 4, seed=0)
    net = tlt.load_backbone("lite0", size=size)
    how: dict[str, Any] = {"backbone": net, "scratch_backbone": net, "shots": [4], "seeds": [0]}
    brief = tlt.TrainConfig(updates=4, until="end")
    results = tlt.compare(
        task, regimes=REGIMES, search="smoke", config=brief, baselines=False, progress=False, **how
    )
    return {name: tlt.train_best(results, task, regime=name) for name in REGIMES}


def frames(n: int) -> list[bytes]:
    """Return pictures as a camera gives them: 480 x 360, JPEG."""
    images, found = tlt.load_task("photos").test.images, []
    for i in range(n):
        kept = io.BytesIO()
        picture = Image.fromarray(images[i % len(images)].permute(1, 2, 0).numpy())
        picture.resize((480, 360)).save(kept, format="JPEG")
        found.append(kept.getvalue())
    return found


def main() -> None:
    options = arguments("how often try_model answers")
    here = machine()
    warn_if_busy(here)
    shown = widgets.try_model(models(48 if options.quick else 96))
    clock, work = [], []
    for i, frame in enumerate(frames(8 if options.quick else LOOKS + WARM)):
        start, used = time.perf_counter(), time.process_time()
        with Image.open(io.BytesIO(frame)) as picture:
            shown.look(picture)
        if i >= (1 if options.quick else WARM):
            clock.append(1000 * (time.perf_counter() - start))
            work.append(1000 * (time.process_time() - used))
    name = "a look of three models at a picture"
    rows = {name: tell(name, spread(clock), SLOWEST, unit=" ms")}
    name = f"{name}, of the processor"
    rows[name] = tell(name, spread(work), unit=" ms")
    save("trying", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
