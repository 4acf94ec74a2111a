# SPDX-License-Identifier: Apache-2.0
"""Runs SCALE-Sim v3 in each FOLDER on its config.cfg and topology.csv (rows of M, N, K when its name
begins with "gemm"): run_scalesim.py FOLDER... The reports come to FOLDER/out/run."""
import contextlib
import io
import os
import sys

import numpy as np
from scalesim.memory import double_buffered_scratchpad_mem, read_buffer, write_buffer
from scalesim.scale_sim import scalesim

# SCALE-Sim converts arrays of one element to integers, which today's NumPy refuses.
for module in (double_buffered_scratchpad_mem, read_buffer, write_buffer):
    module.max = lambda *values: np.asarray(max(*values)).reshape(-1)[0]

for folder in sys.argv[1:]:
    layout = os.path.join(folder, "layout.csv")
    with open(layout, "w") as file:
        file.write("Layer name,\n")
    with contextlib.redirect_stdout(io.StringIO()):
        scalesim(
            save_disk_space=True,
            verbose=False,
            config=os.path.join(folder, "config.cfg"),
            topology=os.path.join(folder, "topology.csv"),
            layout=layout,
            input_type_gemm=os.path.basename(folder).startswith("gemm"),
        ).run_scale(top_path=os.path.join(folder, "out"))
