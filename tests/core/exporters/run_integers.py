# SPDX-License-Identifier: Apache-2.0
"""Runs a folder of exported integers in NumPy: run_integers.py FOLDER INPUT.f32 OUTPUT.i64

Written from the description of the files alone, without looking at the program that wrote them, so that
both would have to misread it in the same way. Weights come from the .npy files, which must equal the text.
"""
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


def spread(numbers, repeat, values):
    """One number for each `repeat` elements in a row of a sample, again and again."""
    width = values[0].size
    numbers = np.array(numbers, dtype=np.int64)
    spread = numbers[np.arange(width) // int(repeat) % len(numbers)] if len(numbers) > 1 else np.full(width, numbers[0])
    return spread.reshape(values.shape[1:])


def requantize(values, multiplier, shift, repeat):
    multiplier = spread(multiplier, repeat, values)
    shift = spread(shift, repeat, values)
    left = np.clip(values << np.maximum(-shift, 0), -(1 << 31), (1 << 31) - 1)
    scaled = saturating_rounding_doubling_high_mul(left, multiplier)
    return rounding_divide_by_power_of_two(scaled, np.maximum(shift, 0))


def windows(values, how, fill):
    values = values.reshape([len(values), -1] + how["plane"])
    kernel, strides, pads, dilations = how["kernel"], how["strides"], how["pads"], how["dilations"]
    reach = [dilations[i] * (kernel[i] - 1) + 1 for i in range(2)]
    ends = [(how["makes_plane"][i] - 1) * strides[i] + reach[i] - pads[i] - how["plane"][i] for i in range(2)]
    pad = ((0, 0), (0, 0)) + tuple((pads[i], max(0, ends[i])) for i in range(2))
    padded = np.pad(values, pad, constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    view = view[:, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]]
    return view[:, :, : how["makes_plane"][0], : how["makes_plane"][1]]


def is_integer(word):
    return word.lstrip("-").isdigit()


def settings(words):
    found = {}
    for word in words:
        if is_integer(word):
            found[key].append(int(word))
        else:
            key = word
            found[key] = []
    return found


def multiply(words, how, values, first):
    weights, bias, keys = read_layer(words[0])
    low, high = (int(code) for code in keys["input_codes"])
    zero = int(keys["input_zero_point"][0])
    if first:
        values = np.rint(values / np.float32(keys["input_scale"][0])).astype(np.int64)
    else:
        values = requantize(values, keys["input_multiplier"], keys["input_shift"], keys["input_repeat"][0])
    values = np.clip(values + zero, low, high) - zero
    if "rows" in how:
        values = values.reshape(len(values), how["rows"][0], weights.shape[1]) @ weights.T
        values = (values << int(keys["fraction_bits"][0])) + bias
    else:
        view = windows(values, how, 0)
        groups = how["group"][0]
        parts = zip(np.split(view, groups, axis=1), np.split(weights, groups, axis=0))
        values = np.concatenate([np.einsum("nchwyx,ocyx->nohw", v, w) for v, w in parts], axis=1)
        values = (values << int(keys["fraction_bits"][0])) + bias.reshape(1, -1, 1, 1)
    return values


def run(operation, words, how, read):
    values = read[0]
    if operation in ("conv", "dense"):
        return multiply(words, how, values, how["reads"] == [0])
    if operation == "clamp":
        repeat = how["repeat"][0]
        if "high" in how:
            values = np.minimum(values, spread(how["high"], repeat, values))
        return np.maximum(values, spread(how["low"], repeat, values)) if "low" in how else values
    if operation == "max_pool":
        return windows(values, how, -(1 << 40)).max(axis=(4, 5))
    if operation == "sum_pool":
        return rounding_divide_by_power_of_two(windows(values, how, 0).sum(axis=(4, 5)), how["shift"][0])
    if operation == "add":
        sides = [[how[f"{side}_{key}"] for key in ("multiplier", "shift", "repeat")] for side in ("left", "right")]
        flat = [edge.reshape(len(edge), -1) for edge in read]
        return sum(requantize(edge, m, s, r[0]) for edge, (m, s, r) in zip(flat, sides))
    if operation == "gather":
        flat = values.reshape(len(values), -1)
        if "from" not in how:
            return flat
        places = np.array(how["from"])
        return np.where(places < 0, 0, flat[:, np.maximum(places, 0)])
    sys.exit(f"unknown step {operation}")


lines = [line.split() for line in open(f"{folder}/network.txt") if line.strip() and line[0] != "#"]
edges = {}
for operation, *words in lines:
    if operation == "input":
        edges[0] = np.fromfile(input_path, dtype="<f4").reshape([-1] + [int(size) for size in words])
    elif operation == "output":
        how = settings(words)
        if "multiplier" in how:
            values = requantize(values, how["multiplier"], how["shift"], how["repeat"][0])
    elif operation != "output_scale":
        how = settings(words[1:] if operation in ("conv", "dense") else words)
        values = run(operation, words, how, [edges[edge] for edge in how["reads"]])
        assert np.abs(values).max() < 1 << 31, "a value left 32 bits"
        edges[how["makes"][0]] = values
values.astype("<i8").tofile(output_path)
