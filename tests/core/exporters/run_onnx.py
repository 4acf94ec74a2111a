# SPDX-License-Identifier: Apache-2.0
"""Runs ONNX files with ONNX Runtime: run_onnx.py INPUT.f32 SHAPE MODEL...

INPUT holds little-endian float32 of SHAPE (for instance 1000x1x28x28); the first output of each model is
written the same way to MODEL.out. Prints a line with the operators of each file, so that a test can ask
what was really stored.
"""
import sys

import numpy as np
import onnx
import onnxruntime as ort

shape = [int(part) for part in sys.argv[2].split("x")]
values = np.fromfile(sys.argv[1], dtype="<f4").reshape(shape)

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
for path in sys.argv[3:]:
    model = onnx.load(path)
    onnx.checker.check_model(model)
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: values})
    outputs[0].astype("<f4").tofile(path + ".out")
    counts = {}
    for node in model.graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    print(" ".join(f"{name}={count}" for name, count in sorted(counts.items())))
