# SPDX-License-Identifier: Apache-2.0
"""Reads a safetensors file with its own package: read_safetensors.py FILE

Prints one line a tensor: name, type, shape, and the sum of its elements.
"""
import sys

from safetensors import safe_open

with safe_open(sys.argv[1], framework="np") as file:
    print("metadata", "bitloupe_design" in file.metadata())
    for name in sorted(file.keys()):
        tensor = file.get_tensor(name)
        shape = "x".join(str(size) for size in tensor.shape)
        print(name, tensor.dtype, shape, float(tensor.astype("float64").sum()))
