"""Processes on one machine round alike; narrower vectors round otherwise, and are told apart."""

import os
import re
import subprocess
import sys

import pytest
import torch

from tlteach.base import rounding

CODE = "from tlteach.base import rounding; print(rounding())"


def elsewhere(**settings):
    command = [sys.executable, "-c", CODE]
    told = subprocess.run(
        command, env=os.environ | settings, check=True, capture_output=True, text=True
    )
    return told.stdout.strip()


def test_it_is_the_same_in_every_process_and_with_any_threads():
    assert re.fullmatch("[0-9a-f]{8}", rounding())
    assert elsewhere(OMP_NUM_THREADS="2") == elsewhere(OMP_NUM_THREADS="1") == rounding()


def test_narrower_vectors_are_told_apart():
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        pytest.skip("this processor has no AVX512 to leave out")
    assert elsewhere(ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2") != rounding()
