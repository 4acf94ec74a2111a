# SPDX-License-Identifier: Apache-2.0
"""Runs an ONNX file with ONNX Runtime: run_onnx.py MODEL INPUT.f32 SHAPE OUTPUT.f32

INPUT holds little-endian float32 of SHAPE (for instance 1000x1x28x28); the first output is written the
same way. Prints the operators of the file, so that a test can ask what was really stored.
"""
import sys

import numpy as np
import onnx
import onnxruntime as ort

model_path, input_path, shape_text, output_path = sys.argv[1:5]
shape = [int(part) for part in shape_text.split("x")]
model = onnx.load(model_path)
onnx.checker.check_model(model)

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
session = ort.InferenceSession(model_path, options, providers=["CPUExecutionProvider"])
values = np.fromfile(input_path, dtype="<f4").reshape(shape)
outputs = session.run(None, {session.get_inputs()[0].name: values})
outputs[0].astype("<f4").tofile(output_path)

counts = {}
for node in model.graph.node:
    counts[node.op_type] = counts.get(node.op_type, 0) + 1
print(" ".join(f"{name}={count}" for name, count in sorted(counts.items())))
