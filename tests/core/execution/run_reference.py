# SPDX-License-Identifier: Apache-2.0
"""Runs ONNX files on made-up inputs, by ONNX Runtime or, where that refuses, by a reference.

run_reference.py FOLDER MODEL...: for the i-th model FOLDER/i gets in_J.npy and out_J.npy, and names.txt
with the names of the inputs. One line a model says who ran it, or why nobody could.
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime

# Sizes for dimensions that a file leaves open; anything else is 1.
SIZES = {
    "height": 320, "width": 320, "weight": 320, "sequence": 512, "length": 24, "T": 20,
    "seq_len": 4, "past_seq_len": 3, "total_seq_len": 7,
}
IMAGE_SIZE = 128  # of nameless dimensions of images
MOST_SAMPLES = 4  # of files that fix a large number of samples


def open_size(model, name, position, rank):
    if name in SIZES:
        return SIZES[name]
    if name.startswith("n_input_"):
        return 6
    if rank == 4 and position >= 2:
        return IMAGE_SIZE
    if "silero_vad.onnx" in model and rank == 2 and position == 1:
        return 512
    return 1


def free_samples(model):
    """A file that fixes its number of samples to thousands is asked for a few."""
    for value in list(model.graph.input) + list(model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if len(dims) > 1 and dims[0].dim_value > 1000:
            dims[0].Clear()
            dims[0].dim_param = "few_samples"
    del model.graph.value_info[:]


def picture(path, shape, generator):
    """Patches of brightness between 0 and 1: noise alone leaves detectors with nothing to say."""
    if "ch_mobile" in path:  # it looks for text: letters of two strokes
        page = np.ones(shape, np.float32)
        for row in range(4, shape[2] - 8, 12):
            for column in range(8, shape[3] - 8, 8):
                page[..., row:row + 8, column:column + 2] = 0
                page[..., row:row + 2, column:column + 6] = 0
        return page
    size = max(shape[2:])
    coarse = generator.uniform(0, 1, list(shape[:2]) + [size // 7 + 1, size // 7 + 1])
    patches = np.kron(coarse, np.ones((1, 1, 7, 7)))[:, :, :shape[2], :shape[3]]
    scale = 255 if "yunet" in path else 1  # these take bytes
    return (scale * (0.8 * patches + 0.2 * generator.uniform(0, 1, shape))).astype(np.float32)


def made_up(path, value, generator):
    dims = value.type.tensor_type.shape.dim
    shape = []
    for i, dim in enumerate(dims):
        if dim.dim_param == "few_samples":
            shape.append(MOST_SAMPLES)
        elif dim.dim_value > 0:
            shape.append(dim.dim_value)
        else:
            shape.append(open_size(path, dim.dim_param, i, len(dims)))
    kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    if kind == np.bool_:
        return generator.integers(0, 2, shape).astype(kind)
    if np.issubdtype(kind, np.integer):
        if not shape and kind == np.int64:
            return np.array(16000, kind)  # a sample rate is the only lone number among inputs
        return generator.integers(0, 2 if value.name.endswith("mask") else 5, shape).astype(kind)
    if len(shape) == 4 and kind == np.float32 and min(shape[2:]) >= 28:
        return picture(path, shape, generator)
    return generator.uniform(-1, 1, shape).astype(kind)


def by_onnxruntime(model, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def by_nodes(model, feeds):
    """Node by node: QONNX's operators by its own package, all others by ONNX's reference."""
    import qonnx.custom_op.channels_last  # registers its operators
    from onnx.reference import ReferenceEvaluator
    from qonnx.custom_op.registry import getCustomOp
    values = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values.update(feeds)
    opset = next((item.version for item in model.opset_import if item.domain == ""), 13)
    for node in model.graph.node:
        if node.domain in ("onnx.brevitas", "finn.custom_op.general"):
            node.domain = "qonnx.custom_op.general"
        if node.domain.startswith("qonnx"):
            values[node.output[0]] = np.zeros_like(values[node.input[0]])  # only its rank is asked
            getCustomOp(node).execute_node(values, model.graph)
            continue
        node.domain = ""
        if node.op_type == "BatchNormalization":  # older versions train in ONNX's reference
            for attribute in [one for one in node.attribute if one.name in ("momentum", "spatial")]:
                node.attribute.remove(attribute)
            version = 15
        else:
            version = opset
        inputs = [onnx.helper.make_tensor_value_info(
            name, onnx.helper.np_dtype_to_tensor_dtype(values[name].dtype), None) for name in node.input]
        outputs = [onnx.helper.make_tensor_value_info(name, 0, None) for name in node.output]
        graph = onnx.helper.make_graph([node], "one", inputs, outputs)
        single = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", version)])
        made = ReferenceEvaluator(single).run(None, {name: values[name] for name in node.input})
        values.update(zip(node.output, made))
    return [values[value.name] for value in model.graph.output]


def by_onnx(model, feeds):
    from onnx.reference import ReferenceEvaluator
    return ReferenceEvaluator(model).run(None, feeds)


def kept_inputs(path, inputs):
    """What lies beside some files: the inputs their authors tested them with."""
    kept = os.path.join(os.path.dirname(path), "io.npz")
    if not os.path.exists(kept):
        return None
    arrays = np.load(kept)
    return {value.name: arrays[value.name] for value in inputs} if all(
        value.name in arrays for value in inputs) else None


def run(path, folder):
    model = onnx.load(path)
    stored = {tensor.name for tensor in model.graph.initializer}
    free_samples(model)
    generator = np.random.default_rng(7)
    inputs = [value for value in model.graph.input if value.name not in stored]
    feeds = kept_inputs(path, inputs) or {
        value.name: made_up(path, value, generator) for value in inputs}
    reasons = []
    for runner in (by_onnxruntime, by_onnx, by_nodes):
        try:
            outputs = runner(model, feeds)
        except Exception as error:  # whoever cannot run a file says so in its own way
            reasons.append(f"{runner.__name__}: {str(error).splitlines()[0][:150]}")
            continue
        os.makedirs(folder)
        for i, value in enumerate(inputs):
            np.save(f"{folder}/in_{i}.npy", feeds[value.name])
        for i, array in enumerate(outputs):
            np.save(f"{folder}/out_{i}.npy", np.asarray(array))
        with open(f"{folder}/names.txt", "w", encoding="utf-8") as names:
            names.write("\n".join(value.name for value in inputs))
        return runner.__name__
    return "nobody: " + "; ".join(reasons)


if __name__ == "__main__":
    for number, name in enumerate(sys.argv[2:]):
        print(run(name, f"{sys.argv[1]}/{number}"))
