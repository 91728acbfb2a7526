"""Weights for `tlteach`: `lite0.safetensors` and the folder `minilm` lie beside this file."""
