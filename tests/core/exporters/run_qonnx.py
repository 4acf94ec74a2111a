# SPDX-License-Identifier: Apache-2.0
"""Runs a QONNX file with the qonnx package: run_qonnx.py MODEL INPUT.f32 SHAPE OUTPUT.f32

The same arguments and files as run_onnx.py.
"""
import sys

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

model_path, input_path, shape_text, output_path = sys.argv[1:5]
shape = [int(part) for part in shape_text.split("x")]
model = ModelWrapper(model_path)
name = model.graph.input[0].name
model.set_tensor_shape(name, shape)
model = model.transform(InferShapes())
values = np.fromfile(input_path, dtype="<f4").reshape(shape)
outputs = execute_onnx(model, {name: values})
outputs[model.graph.output[0].name].astype("<f4").tofile(output_path)

counts = {}
for node in model.graph.node:
    counts[node.op_type] = counts.get(node.op_type, 0) + 1
print(" ".join(f"{name}={count}" for name, count in sorted(counts.items())))
