"""Settings for notebooks run as tests: the smallest tier, no network, one thread."""

import os

os.environ |= {"TLTEACH_TIER": "smoke", "TLTEACH_OFFLINE": "1", "TQDM_DISABLE": "1"}
os.environ.setdefault("OMP_NUM_THREADS", "1")
