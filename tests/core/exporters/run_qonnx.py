# SPDX-License-Identifier: Apache-2.0
"""Runs QONNX files with the qonnx package: run_qonnx.py INPUT.f32 SHAPE MODEL...

The same arguments and files as run_onnx.py.
"""
import sys

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

shape = [int(part) for part in sys.argv[2].split("x")]
values = np.fromfile(sys.argv[1], dtype="<f4").reshape(shape)
for path in sys.argv[3:]:
    model = ModelWrapper(path)
    name = model.graph.input[0].name
    model.set_tensor_shape(name, shape)
    model = model.transform(InferShapes())
    outputs = execute_onnx(model, {name: values})
    outputs[model.graph.output[0].name].astype("<f4").tofile(path + ".out")
    counts = {}
    for node in model.graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    print(" ".join(f"{name}={count}" for name, count in sorted(counts.items())))
