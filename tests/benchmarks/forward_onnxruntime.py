# SPDX-License-Identifier: Apache-2.0
"""forward_onnxruntime.py MODEL SHAPE...: processor seconds of one forward pass of ONNX Runtime, one thread."""
import sys
import time

import numpy as np
import onnx
import onnxruntime


def opened(path):
    """The session of a file whose sizes are all left open, so that any batch fits."""
    model = onnx.load(path)
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in stored]
    for value in inputs + list(model.graph.output):
        for i, dim in enumerate(value.type.tensor_type.shape.dim):
            dim.Clear()
            dim.dim_param = f"{value.name}_{i}"
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return inputs[0].name, onnxruntime.InferenceSession(model.SerializeToString(), options)


if __name__ == "__main__":
    for path, shape in zip(sys.argv[1::2], sys.argv[2::2]):
        name, session = opened(path)
        data = np.random.default_rng(1).uniform(0, 1, [int(size) for size in shape.split("x")])
        feeds = {name: data.astype(np.float32)}
        session.run(None, feeds)
        best = float("inf")
        for _ in range(5):
            start = time.process_time()
            session.run(None, feeds)
            best = min(best, time.process_time() - start)
        print(best)
