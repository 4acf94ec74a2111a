# SPDX-License-Identifier: Apache-2.0
"""Converts an exported hls4ml project, compiles its C++ emulation and runs it: run_hls4ml.py FOLDER INPUT.f32 SHAPE OUTPUT.f32

Uses the project's own convert.py. Prints the precision of every layer's result.
"""
import importlib.util
import os
import sys

import numpy as np

folder, input_path, shape_text, output_path = sys.argv[1:5]
spec = importlib.util.spec_from_file_location("convert", os.path.join(folder, "convert.py"))
convert = importlib.util.module_from_spec(spec)
spec.loader.exec_module(convert)

model = convert.convert(folder, os.path.join(folder, "project"))
for layer in model.get_layers():
    print(layer.name, layer.get_output_variable().type.precision)
model.compile()
shape = [int(part) for part in shape_text.split("x")]
values = np.fromfile(input_path, dtype="<f4").reshape(shape)
np.asarray(model.predict(np.ascontiguousarray(values))).astype("<f4").tofile(output_path)
