# SPDX-License-Identifier: Apache-2.0
"""Reads samples with NumPy, h5py or Pillow and writes them as read.npy: the second opinion of tst_real_data."""
import re
import sys
from pathlib import Path

import numpy as np


def cifar(path):
    records = np.fromfile(path, np.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32), records[:, 0]


def npz(path, name, target):
    arrays = np.load(path)
    return arrays[name].astype(np.float32), arrays[target]


def hdf5(path, name, target):
    import h5py

    with h5py.File(path) as file:
        return file[name][...].astype(np.float32), file[target][...]


def images(folder, mode):
    from PIL import Image

    classes = sorted(p for p in Path(folder).iterdir() if p.is_dir())
    samples, labels = [], []
    for label, place in enumerate(classes):
        for path in sorted(place.iterdir()):
            samples.append(np.atleast_3d(np.asarray(Image.open(path).convert(mode))))
            labels.append(label)
    return np.stack(samples).transpose(0, 3, 1, 2).astype(np.float32), np.array(labels)


def photographs(folder, count, side, crop):
    """torchvision's Resize(side), CenterCrop(crop), ToTensor, Normalize, step by step."""
    from PIL import Image

    samples, side, crop = [], int(side), int(crop)
    for path in sorted(Path(folder).iterdir())[: int(count)]:
        image = Image.open(path).convert("RGB")
        width, height = image.size
        size = (int(side * width / height), side) if height <= width else (side, int(side * height / width))
        image = image.resize(size, Image.BILINEAR)
        left, top = round((image.size[0] - crop) / 2), round((image.size[1] - crop) / 2)
        pixels = np.asarray(image.crop((left, top, left + crop, top + crop))).transpose(2, 0, 1)
        mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
        std = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)
        samples.append((pixels.astype(np.float32) / np.float32(255) - mean) / std)
    return np.stack(samples), np.zeros(0)


def gpt2(path, ranks, size):
    """Byte pairs as tiktoken joins them: by the rank of the joined bytes, from its own file."""
    import base64
    import unicodedata

    rank = {base64.b64decode(a): int(b) for a, b in (line.split() for line in open(ranks, "rb"))}
    text = Path(path).read_text("utf-8")[: int(size)]
    kinds = "".join({"L": "a", "N": "0"}.get(unicodedata.category(c)[0], " " if c.isspace() else ".") for c in text)
    pattern = re.compile(r"x?a+|x?0+|x?\.+|[ x]+(?![a0.])|[ x]+")
    shape = "".join("x" if c == " " else k for c, k in zip(text, kinds))
    tokens, place = [], 0
    while place < len(text):
        short = re.compile("'s|'t|'re|'ve|'m|'ll|'d").match(text, place)
        end = short.end() if short else pattern.match(shape, place).end()
        parts = [bytes([b]) for b in text[place:end].encode()]
        while len(parts) > 1:
            ranked = [(rank.get(parts[i] + parts[i + 1], 1 << 30), i) for i in range(len(parts) - 1)]
            best, i = min(ranked)
            if best == 1 << 30:
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        tokens += [rank[p] for p in parts]
        place = end
    return np.array(tokens, np.float32).reshape(-1, 1), np.zeros(0)


if __name__ == "__main__":
    samples, labels = globals()[sys.argv[1]](*sys.argv[3:])
    np.save(sys.argv[2] + "/samples.npy", np.ascontiguousarray(samples))
    np.save(sys.argv[2] + "/labels.npy", np.ascontiguousarray(labels).astype(np.int64))
