"""The config of a row changes with whatever changes a result, and with nothing else."""

from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tests.helpers.compared import BASE, compare, taught
from tlteach.experiment import Search
from tlteach.measures.once import BF16


@pytest.mark.parametrize(("asked", "told"), [("fp32", False), ("bf16", True)])
def test_the_config_tells_the_number_format(digits, asked, told):
    small = {"regimes": ["frozen", "fine_tune"], "shots": [2], "seeds": [0]}
    table = compare(digits, config=replace(BASE, precision=asked), **small)
    nets = table[table["backbone"] != "none"]
    assert set(nets["config"].str.endswith(BF16)) == {told}
    assert not table.loc[table["backbone"] == "none", "config"].str.endswith(BF16).any()


def test_the_config_changes_with_whatever_changes_a_result(digits):
    def config(task=digits, **changes):
        table = compare(task, **{"regimes": ["frozen"], "shots": [2], "seeds": [0],
                                 "baselines": False} | changes)  # fmt: skip
        return set(table["config"])

    fewer = replace(digits, train=digits.train.select(torch.arange(600)))
    sized = taught()
    sized.preprocessing = replace(sized.preprocessing, size=24)
    asked = [
        config(), config(search=3), config(config=replace(BASE, batch_size=9)), config(fewer),
        config(backbone="small_cnn"), config(backbone=sized),
        config(regimes=[replace(tlt.REGIMES["frozen"], low=1e-5)]),
        config(replace(digits, mirrored=True)), config(search=Search(2, 1, 9, 4)),
    ]  # fmt: skip
    assert len(set.union(*asked)) == len(asked)
    assert config(seeds=[1], shots=[3]) == asked[0]
