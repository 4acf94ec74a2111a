# SPDX-License-Identifier: Apache-2.0
"""pytorch_loop.py lenet5|resnet20 FILE: the designs in FILE by a plain loop, beside what Bitloupe measured.

For every design the rounded weights are set, hooks round each layer's input, and the network runs over
all samples. One thread, processor time."""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

BATCH = {"lenet5": 256, "resnet20": 64}


def read(path):
    """Tensors of a safetensors file by name."""
    types = {"F32": np.float32, "I32": np.int32, "I64": np.int64}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(np.frombuffer(body[slice(*entry["data_offsets"])], types[entry["dtype"]])
                                   .reshape(entry["shape"]).copy()) for name, entry in header.items()}


class Lenet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5),
                                     nn.Linear(120, 84), nn.Linear(84, 10)])

    def forward(self, x):
        c1, c3, c5, f6, output = self.layers
        x = F.avg_pool2d(F.relu(c1(x)), 2)
        x = F.avg_pool2d(F.relu(c3(x)), 2)
        return output(f6(torch.flatten(c5(x), 1)))


class Resnet20(nn.Module):
    """He et al. 2015, section 4.2, shortcuts without weights; batch normalization is folded already."""

    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, padding=1)]
        before = 16
        for width in (16, 32, 64):
            for block in range(3):
                stride = 2 if width != before else 1
                layers += [nn.Conv2d(before, width, 3, stride, 1), nn.Conv2d(width, width, 3, padding=1)]
                before = width
        self.layers = nn.ModuleList(layers + [nn.Linear(64, 10)])

    def forward(self, x):
        x = F.relu(self.layers[0](x))
        for i in range(1, 19, 2):
            first, second = self.layers[i], self.layers[i + 1]
            shortcut = x
            if first.stride[0] == 2:
                more = first.out_channels - first.in_channels
                shortcut = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more // 2, more // 2))
            x = F.relu(second(F.relu(first(x))) + shortcut)
        return self.layers[-1](torch.flatten(F.avg_pool2d(x, x.shape[-1]), 1))


def rounding(values):
    scale, zero, low, high = values.tolist()
    return lambda module, inputs: (torch.fake_quantize_per_tensor_affine(inputs[0], scale, int(zero), int(low),
                                                                         int(high)),)


def logits(net, images, batch):
    return torch.cat([net(images[i:i + batch]) for i in range(0, len(images), batch)])


def loop(net, tensors, name, batch, reference):
    """Accuracy and mean KL of every design, and the seconds it took."""
    floats = [tensors[f"weight.{i}"] for i in range(len(net.layers))]
    accuracy, kl = [], []
    start = time.process_time()
    for design in tensors[name].tolist():
        hooks = []
        for i, (weight, activation) in enumerate(design):
            chosen = floats[i] if weight < 0 else tensors[f"weights.{i}.{weight}"]
            net.layers[i].weight.data = chosen.reshape(net.layers[i].weight.shape)
            if activation >= 0:
                hooks.append(net.layers[i].register_forward_pre_hook(rounding(tensors[f"range.{i}.{activation}"])))
        out = logits(net, tensors["images"], batch)
        accuracy.append((out.argmax(1) == tensors["labels"]).float().mean().item())
        kl.append(F.kl_div(F.log_softmax(out, 1), reference, reduction="batchmean", log_target=True).item())
        for hook in hooks:
            hook.remove()
    return np.array(accuracy), np.array(kl), time.process_time() - start


def main():
    torch.set_num_threads(1)
    name, path = sys.argv[1:]
    tensors = read(path)
    net = {"lenet5": Lenet5, "resnet20": Resnet20}[name]().eval()
    samples = len(tensors["labels"])
    with torch.no_grad():
        for i, layer in enumerate(net.layers):
            layer.weight.data = tensors[f"weight.{i}"].reshape(layer.weight.shape)
            layer.bias.data = tensors[f"bias.{i}"]
        reference = F.log_softmax(logits(net, tensors["images"], BATCH[name]), 1)
        for population in ("map", "neighbours"):
            accuracy, kl, seconds = loop(net, tensors, population, BATCH[name], reference)
            ours = tensors[population + ".seconds"].item()
            most = np.abs(accuracy - tensors[population + ".accuracy"].numpy()).max() * samples
            theirs = tensors[population + ".kl"].numpy()
            apart = (np.abs(kl - theirs) / np.maximum(np.abs(theirs), 1e-4)).max()
            print(f"{name} {population}: {len(accuracy)} designs, {samples} samples: Bitloupe {ours:.2f} s, "
                  f"PyTorch {torch.__version__} {seconds:.2f} s, ratio {seconds / ours:.2f}; predictions differ in "
                  f"at most {most:.0f} samples, KL by at most {100 * apart:.2f} %", flush=True)


if __name__ == "__main__":
    main()
