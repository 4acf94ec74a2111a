# SPDX-License-Identifier: Apache-2.0
"""Runs a folder of exported integers in NumPy: run_integers.py FOLDER INPUT.f32 OUTPUT.i32

Written from the description of the files alone, without looking at the program that wrote them, so that
both would have to misread it in the same way. Weights come from the .npy files, which must equal the text.
"""
import math
import sys

import numpy as np

folder, input_path, output_path = sys.argv[1:4]


def read_layer(name):
    keys = {}
    for line in open(f"{folder}/{name}_scale_zero.txt"):
        key, *values = line.split()
        keys[key] = values
    weights = np.load(f"{folder}/{name}.weight.npy").astype(np.int64)
    text = np.array([int(w) for line in open(f"{folder}/{name}.weight.txt") if line[0] != "#" for w in line.split()])
    assert (weights.ravel() == text).all(), name
    bias = np.load(f"{folder}/{name}.bias.npy").astype(np.int64)
    assert (bias == np.loadtxt(f"{folder}/{name}.bias.txt", dtype=np.int64, ndmin=1)).all()
    zero = np.array(keys["weight_zero_point"], dtype=np.int64)
    weights -= zero.reshape([-1] + [1] * (weights.ndim - 1))
    return weights, bias, keys


def saturating_rounding_doubling_high_mul(a, b):
    product = a * b
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    return np.sign(product + nudge) * (np.abs(product + nudge) >> 31)  # division toward zero


def rounding_divide_by_power_of_two(value, exponent):
    remainder = value & ((1 << exponent) - 1)
    threshold = (((1 << exponent) - 1) >> 1) + (value < 0)
    return (value >> exponent) + (remainder > threshold)


def requantize(values, keys):
    multiplier = np.array(keys["multiplier"], dtype=np.int64)
    shift = np.array(keys["shift"], dtype=np.int64)
    per_channel = [1, -1] + [1] * (values.ndim - 2)
    left = values << np.maximum(-shift, 0).reshape(per_channel)
    scaled = saturating_rounding_doubling_high_mul(left, multiplier.reshape(per_channel))
    scaled = rounding_divide_by_power_of_two(scaled, np.maximum(shift, 0).reshape(per_channel))
    low, high = (int(code) for code in keys["output_codes"])
    return np.clip(scaled + int(keys["output_zero_point"][0]), low, high)


def windows(values, kernel, strides, pads, dilations, fill):
    pad = ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3]))
    padded = np.pad(values, pad, constant_values=fill)
    reach = [dilations[i] * (kernel[i] - 1) + 1 for i in range(2)]
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    return view[:, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]]


def settings(words):
    found = {}
    for word in words:
        if word.lstrip("-").isdigit():
            found[key].append(int(word))
        else:
            key = word
            found[key] = []
    return found


lines = [line.split() for line in open(f"{folder}/network.txt") if line.strip() and line[0] != "#"]
shape = [int(size) for size in lines[0][1:]]
values = np.fromfile(input_path, dtype="<f4").reshape([-1] + shape)
for operation, *words in lines[1:]:
    if operation == "quantize":
        _, _, keys = read_layer(words[0])
        low, high = (int(code) for code in keys["input_codes"])
        scale = np.float32(keys["input_scale"][0])
        values = np.clip(np.rint(values / scale).astype(np.int64) + int(keys["input_zero_point"][0]), low, high)
    elif operation in ("conv", "dense"):
        weights, bias, keys = read_layer(words[0])
        values = values - int(keys["input_zero_point"][0])
        if operation == "dense":
            values = values @ weights.T
        else:
            how = settings(words[1:])
            view = windows(values, weights.shape[2:], how["strides"], how["pads"], how["dilations"], 0)
            groups = how["group"][0]
            parts = zip(np.split(view, groups, axis=1), np.split(weights, groups, axis=0))
            values = np.concatenate([np.einsum("nchwyx,ocyx->nohw", v, w) for v, w in parts], axis=1)
        values = (values << int(keys["fraction_bits"][0])) + bias.reshape([1, -1] + [1] * (values.ndim - 2))
        assert np.abs(values).max() < 1 << 31, "a sum left 32 bits"
    elif operation == "relu":
        values = np.maximum(values, 0)
    elif operation in ("average_pool", "max_pool"):
        how = settings(words)
        lowest = 0 if operation == "average_pool" else -(1 << 31)
        view = windows(values, how["kernel"], how["strides"], how["pads"], [1, 1], lowest)
        values = view.sum(axis=(4, 5)) if operation == "average_pool" else view.max(axis=(4, 5))
    elif operation == "flatten":
        values = values.reshape(len(values), -1)
    elif operation == "requantize":
        values = requantize(values, read_layer(words[0])[2])
    else:
        sys.exit(f"unknown step {operation}")
values.astype("<i4").tofile(output_path)
