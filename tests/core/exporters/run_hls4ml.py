# SPDX-License-Identifier: Apache-2.0
"""Converts exported hls4ml projects, compiles their C++ emulation and runs it: run_hls4ml.py INPUT.f32 SHAPE FOLDER...

The same arguments and files as run_onnx.py. Uses the projects' own convert.py. Prints the number of layers of each.
"""
import contextlib
import importlib.util
import os
import sys

import numpy as np

shape = [int(part) for part in sys.argv[2].split("x")]
values = np.fromfile(sys.argv[1], dtype="<f4").reshape(shape)
for folder in sys.argv[3:]:
    with contextlib.redirect_stdout(sys.stderr):
        spec = importlib.util.spec_from_file_location("convert", os.path.join(folder, "convert.py"))
        convert = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(convert)
        model = convert.convert(folder, os.path.join(folder, "project"))
        for layer in model.get_layers():
            print(layer.name, layer.get_output_variable().type.precision)
        model.compile()
        outputs = model.predict(np.ascontiguousarray(values))
    np.asarray(outputs).astype("<f4").tofile(folder + ".out")
    print(len(list(model.get_layers())))
