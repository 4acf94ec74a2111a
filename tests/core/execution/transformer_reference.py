# SPDX-License-Identifier: Apache-2.0
"""Transformers written down a second time, in NumPy and double precision.

transformer_reference.py KIND FOLDER draws weights from a fixed seed, writes them to
FOLDER/weights.safetensors under the names of the usual state dicts, and the inputs and the expected
output of the network to FOLDER/io.npz.
"""
import sys

import numpy as np
from safetensors.numpy import save_file

random = np.random.default_rng(7)


def drawn(*shape, deviation=0.3, centre=0.0):
    return (centre + deviation * random.standard_normal(shape)).astype(np.float32)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def layer_norm(x, weight, bias, epsilon=1e-5):
    mean = x.mean(-1, keepdims=True)
    y = (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + epsilon) * weight
    return y if bias is None else y + bias


def erf(x):
    from math import erf as one

    return np.vectorize(one)(x)


def gelu(x):
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def attention(q, k, v, heads, causal=False, key_mask=None):
    """Head by head and sample by sample, [batch, places, features] -> the same."""
    out = np.zeros((*q.shape[:2], q.shape[2]))
    width = q.shape[2] // heads
    group = heads // (k.shape[2] // width)
    for b in range(q.shape[0]):
        for h in range(heads):
            mine = slice(h * width, (h + 1) * width)
            theirs = slice(h // group * width, (h // group + 1) * width)
            logits = q[b][:, mine] @ k[b][:, theirs].T / np.sqrt(width)
            if causal:
                logits[np.triu_indices(logits.shape[0], 1)] = -np.inf
            if key_mask is not None:
                logits[:, key_mask[b] == 0] = -1e30
            out[b][:, mine] = softmax(logits) @ v[b][:, theirs]
    return out


class Weights(dict):
    def dense(self, name, inputs, outputs, bias=True, inputs_first=False):
        self[name + ".weight"] = drawn(*((inputs, outputs) if inputs_first else (outputs, inputs)))
        if bias:
            self[name + ".bias"] = drawn(outputs)

    def norm(self, name, width, bias=True):
        self[name + ".weight"] = drawn(width, deviation=0.1, centre=1)
        if bias:
            self[name + ".bias"] = drawn(width)

    def apply_dense(self, name, x, inputs_first=False):
        w = self[name + ".weight"].astype(np.float64)
        return x @ (w if inputs_first else w.T) + self.get(name + ".bias", 0.0)

    def apply_norm(self, name, x, epsilon=1e-5):
        return layer_norm(x, self[name + ".weight"], self.get(name + ".bias"), epsilon)


def gpt(prefix, inputs_first, bias, activation, tied):
    width, heads, layers, vocabulary, context, length = 24, 3, 2, 31, 12, 9
    w = Weights()
    w[prefix + "wte.weight"] = drawn(vocabulary, width)
    w[prefix + "wpe.weight"] = drawn(context, width)
    for i in range(layers):
        name = f"{prefix}h.{i}."
        w.norm(name + "ln_1", width, bias)
        w.dense(name + "attn.c_attn", width, 3 * width, bias, inputs_first)
        w.dense(name + "attn.c_proj", width, width, bias, inputs_first)
        w.norm(name + "ln_2", width, bias)
        w.dense(name + "mlp.c_fc", width, 4 * width, bias, inputs_first)
        w.dense(name + "mlp.c_proj", 4 * width, width, bias, inputs_first)
        w[name + "attn.bias"] = np.tril(np.ones((1, 1, context, context), np.float32))
    w.norm(prefix + "ln_f", width, bias)
    w["lm_head.weight"] = w[prefix + "wte.weight"].copy() if tied else drawn(vocabulary, width)
    tokens = random.integers(0, vocabulary, (2, length))
    x = w[prefix + "wte.weight"][tokens].astype(np.float64) + w[prefix + "wpe.weight"][:length]
    for i in range(layers):
        name = f"{prefix}h.{i}."
        q, k, v = np.split(
            w.apply_dense(name + "attn.c_attn", w.apply_norm(name + "ln_1", x), inputs_first), 3, -1)
        x = x + w.apply_dense(name + "attn.c_proj", attention(q, k, v, heads, True), inputs_first)
        h = activation(w.apply_dense(name + "mlp.c_fc", w.apply_norm(name + "ln_2", x), inputs_first))
        x = x + w.apply_dense(name + "mlp.c_proj", h, inputs_first)
    logits = w.apply_norm(prefix + "ln_f", x) @ w["lm_head.weight"].T
    return w, {"tokens": tokens}, logits


def llama():
    width, heads, key_heads, hidden, layers, vocabulary, length = 24, 4, 2, 40, 2, 29, 7
    head = width // heads
    w = Weights()
    w["model.embed_tokens.weight"] = drawn(vocabulary, width)
    for i in range(layers):
        name = f"model.layers.{i}."
        w.norm(name + "input_layernorm", width, False)
        w.norm(name + "post_attention_layernorm", width, False)
        w.dense(name + "self_attn.q_proj", width, width, False)
        w.dense(name + "self_attn.k_proj", width, key_heads * head, False)
        w.dense(name + "self_attn.v_proj", width, key_heads * head, False)
        w.dense(name + "self_attn.o_proj", width, width, False)
        w.dense(name + "mlp.gate_proj", width, hidden, False)
        w.dense(name + "mlp.up_proj", width, hidden, False)
        w.dense(name + "mlp.down_proj", hidden, width, False)
    w.norm("model.norm", width, False)
    w.dense("lm_head", width, vocabulary, False)

    def rms(name, x):
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * w[name + ".weight"]

    def rotated(x, count):
        """Each pair (i, i + head/2) as a complex number times exp(i angle)."""
        x = x.reshape(*x.shape[:2], count, head).copy()
        for place in range(length):
            for i in range(head // 2):
                turn = np.exp(1j * place * 10000.0 ** (-2 * i / head))
                pair = (x[:, place, :, i] + 1j * x[:, place, :, i + head // 2]) * turn
                x[:, place, :, i], x[:, place, :, i + head // 2] = pair.real, pair.imag
        return x.reshape(*x.shape[:2], count * head)

    tokens = random.integers(0, vocabulary, (2, length))
    x = w["model.embed_tokens.weight"][tokens].astype(np.float64)
    for i in range(layers):
        name = f"model.layers.{i}."
        n = rms(name + "input_layernorm", x)
        q = rotated(w.apply_dense(name + "self_attn.q_proj", n), heads)
        k = rotated(w.apply_dense(name + "self_attn.k_proj", n), key_heads)
        v = w.apply_dense(name + "self_attn.v_proj", n)
        x = x + w.apply_dense(name + "self_attn.o_proj", attention(q, k, v, heads, True))
        n = rms(name + "post_attention_layernorm", x)
        gate = w.apply_dense(name + "mlp.gate_proj", n)
        up = w.apply_dense(name + "mlp.up_proj", n)
        x = x + w.apply_dense(name + "mlp.down_proj", gate / (1 + np.exp(-gate)) * up)
    return w, {"tokens": tokens}, rms("model.norm", x) @ w["lm_head.weight"].T


def albert():
    width, heads, embedding, hidden, vocabulary, context, length, layers = 24, 3, 8, 40, 30, 11, 6, 3
    shared = "albert.encoder.albert_layer_groups.0.albert_layers.0."
    w = Weights()
    for name, rows in (("word", vocabulary), ("position", context), ("token_type", 2)):
        w[f"albert.embeddings.{name}_embeddings.weight"] = drawn(rows, embedding)
    w.norm("albert.embeddings.LayerNorm", embedding)
    w.dense("albert.encoder.embedding_hidden_mapping_in", embedding, width)
    for part in ("query", "key", "value", "dense"):
        w.dense(shared + "attention." + part, width, width)
    w.norm(shared + "attention.LayerNorm", width)
    w.dense(shared + "ffn", width, hidden)
    w.dense(shared + "ffn_output", hidden, width)
    w.norm(shared + "full_layer_layer_norm", width)
    w.dense("qa_outputs", width, 2)
    tokens = random.integers(0, vocabulary, (2, length))
    segments = random.integers(0, 2, (2, length))
    mask = np.ones((2, length), np.int64)
    mask[1, 4:] = 0
    x = (w["albert.embeddings.word_embeddings.weight"][tokens].astype(np.float64)
         + w["albert.embeddings.token_type_embeddings.weight"][segments]
         + w["albert.embeddings.position_embeddings.weight"][:length])
    x = w.apply_dense("albert.encoder.embedding_hidden_mapping_in",
                      w.apply_norm("albert.embeddings.LayerNorm", x, 1e-12))
    for _ in range(layers):
        q, k, v = (w.apply_dense(shared + "attention." + p, x) for p in ("query", "key", "value"))
        mixed = w.apply_dense(shared + "attention.dense", attention(q, k, v, heads, key_mask=mask))
        x = w.apply_norm(shared + "attention.LayerNorm", x + mixed, 1e-12)
        y = w.apply_dense(shared + "ffn_output", gelu_tanh(w.apply_dense(shared + "ffn", x)))
        x = w.apply_norm(shared + "full_layer_layer_norm", x + y, 1e-12)
    return w, {"tokens": tokens, "segments": segments, "mask": mask}, w.apply_dense("qa_outputs", x)


def vit():
    width, heads, image, patch, classes, layers = 24, 3, 12, 4, 5, 2
    side = image // patch
    w = Weights()
    w["cls_token"] = drawn(1, 1, width)
    w["pos_embed"] = drawn(1, side * side + 1, width)
    w["patch_embed.proj.weight"] = drawn(width, 3, patch, patch)
    w["patch_embed.proj.bias"] = drawn(width)
    for i in range(layers):
        name = f"blocks.{i}."
        w.norm(name + "norm1", width)
        w.dense(name + "attn.qkv", width, 3 * width)
        w.dense(name + "attn.proj", width, width)
        w.norm(name + "norm2", width)
        w.dense(name + "mlp.fc1", width, 4 * width)
        w.dense(name + "mlp.fc2", 4 * width, width)
    w.norm("norm", width)
    w.dense("head", width, classes)
    pixels = random.standard_normal((2, 3, image, image)).astype(np.float32)
    kernel = w["patch_embed.proj.weight"].reshape(width, -1)
    x = np.zeros((2, side * side + 1, width))
    x[:, 0] = w["cls_token"][0, 0]
    for row in range(side):
        for column in range(side):
            block = pixels[:, :, row * patch:(row + 1) * patch, column * patch:(column + 1) * patch]
            x[:, 1 + row * side + column] = block.reshape(2, -1) @ kernel.T + w["patch_embed.proj.bias"]
    x = x + w["pos_embed"]
    for i in range(layers):
        name = f"blocks.{i}."
        q, k, v = np.split(
            w.apply_dense(name + "attn.qkv", w.apply_norm(name + "norm1", x, 1e-6)), 3, -1)
        x = x + w.apply_dense(name + "attn.proj", attention(q, k, v, heads))
        h = gelu(w.apply_dense(name + "mlp.fc1", w.apply_norm(name + "norm2", x, 1e-6)))
        x = x + w.apply_dense(name + "mlp.fc2", h)
    return w, {"image": pixels}, w.apply_dense("head", w.apply_norm("norm", x, 1e-6)[:, 0])


KINDS = {
    "gpt2": lambda: gpt("transformer.", True, True, gelu_tanh, True),
    "gpt2-bare": lambda: gpt("", True, True, gelu_tanh, False),
    "nanogpt": lambda: gpt("transformer.", False, False, gelu, True),
    "llama": llama,
    "albert": albert,
    "vit": vit,
}

weights, inputs, output = KINDS[sys.argv[1]]()
save_file({name: np.ascontiguousarray(value) for name, value in weights.items()},
          sys.argv[2] + "/weights.safetensors")
np.savez(sys.argv[2] + "/io.npz", output=output.astype(np.float32),
         **{"in_" + name: value for name, value in inputs.items()})
