"""The whole of J4 and the 50 seeds of J6 on a GPU, where updates are recorded (graphed.py).

J4: fine-tuning all of Lite0 for 20 epochs at 64 px, seconds of `train` with everything warm. J6:
50 seeds of a small network, seed after seed on both sides, against an eager loop (seeds.py).
"""

from __future__ import annotations

from typing import Any

from common import arguments, in_turns, machine, save, spread, tell

# isort: split
import torch
from fine_tune import SIZE, config, drawings
from seeds import EPOCHS, ON_A_GPU, SHOTS, clothes, compared, ours, theirs

import tlteach as tlt

J4_EPOCHS, J4_GOAL = 20, 0.5  # seconds, warm, on an H200


def fine_tuned() -> dict[str, Any]:
    """Return the row of J4."""
    task, net = drawings(1)[0], tlt.load_backbone("lite0", size=SIZE)
    settings = config(task, J4_EPOCHS)

    def work() -> tlt.Run:  # its model comes back to the CPU, so the GPU has finished
        return tlt.train(net, task, "fine_tune", settings, seed=0, device="cuda")

    seconds = in_turns({"ours": work}, {"ours": 5})["ours"]
    name = f"fine-tuned at 64 px, {J4_EPOCHS} epochs on a GPU"
    return {name: tell(name, spread(seconds), J4_GOAL, unit=" s")}


def main() -> None:
    options = arguments("fine-tuning and many seeds on a GPU")
    if not torch.cuda.is_available():
        print("no GPU here: nothing was measured")
        return
    task = clothes(SHOTS)
    for side in (ours, theirs):  # warm up
        side(ON_A_GPU, task, 1, 0)
    name, row = compared(ON_A_GPU, task, EPOCHS, {})
    save("gpu", machine(), {"rows": fine_tuned() | {name: row}}, options.out)


if __name__ == "__main__":
    main()
