"""LoRA: small matrices beside every linear layer learn, the layers themselves stay as they are."""

from __future__ import annotations

import math

from torch import nn

from tlteach.base import adding, checked, generator
from tlteach.models.backbone import Backbone
from tlteach.models.layers import GPT_LINEAR

RANK = 8


@checked
def add_lora(backbone: Backbone, *, seed: int) -> None:
    """Put a pair of matrices of rank 8 beside every linear layer, in place; only they learn.

    Scaled by two, the second matrix starts at zero: at first nothing changes (Hu et al. 2022).

    Parameters
    ----------
    backbone : Backbone
        With linear layers; its other parameters stop learning.
    seed : int
        Draws the first matrix of each pair.

    Raises
    ------
    ImportError
        If the extra `text`, which brings peft, is missing.
    ValueError
        For a network without linear layers, or one that has such matrices from a training before.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> net = load_backbone("small_text", seed=0)
    >>> add_lora(net, seed=0)
    >>> sum(p.numel() for p in net.parameters() if p.requires_grad)
    1024
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        msg = f'the regime lora needs the extra "text"; run: {adding("text")}'
        raise ImportError(msg) from error
    if any("lora_" in name for name, _ in backbone.net.named_parameters()):
        msg = f"lora needs a network without lora; {backbone.card.name!r} has it: try fine_tune"
        raise ValueError(msg)
    linear = [
        name
        for name, module in backbone.net.named_modules()
        if isinstance(module, nn.Linear) or type(module).__name__ == GPT_LINEAR
    ]
    if not linear:
        msg = f"lora needs linear layers; {backbone.card.name!r} has none"
        raise ValueError(msg)
    by_rows = type(backbone.net.get_submodule(linear[0])).__name__ == GPT_LINEAR
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=linear, fan_in_fan_out=by_rows)
    inject_adapter_in_model(config, backbone.net)
    g = generator(seed, "init")  # peft itself draws from the global stream
    for name, parameter in backbone.net.named_parameters():
        parameter.requires_grad_("lora_" in name)
        if "lora_A" in name:
            nn.init.kaiming_uniform_(parameter, a=math.sqrt(5), generator=g)
