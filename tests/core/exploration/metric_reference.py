# SPDX-License-Identifier: Apache-2.0
"""The metrics from their definitions, pair by pair and class by class: the second opinion of tst_metrics."""
import json
import sys

import numpy as np

outputs = np.load(sys.argv[1]).astype(np.float64)
truth = np.load(sys.argv[2])
answers = {}
if truth.dtype == np.float32:
    errors = outputs - truth
    answers["mse"] = (errors**2).mean()
    answers["mae"] = np.abs(errors).mean()
    answers["r2"] = np.mean(1 - (errors**2).sum(0) / ((truth - truth.mean(0)) ** 2).sum(0))
else:
    scored = truth >= 0
    rows, labels = outputs[scored], truth[scored]
    exponentials = np.exp(rows - rows.max(1, keepdims=True))
    shares = exponentials / exponentials.sum(1, keepdims=True)
    votes = rows.argmax(1)
    answers["accuracy"] = (votes == labels).mean()
    best = np.argsort(-rows, axis=1, kind="stable")[:, :5]
    answers["top5"] = (best == labels[:, None]).any(1).mean()
    answers["perplexity"] = np.exp(-np.log(shares[np.arange(len(labels)), labels]).mean())
    areas, f1, overlaps = [], [], []
    for one in range(rows.shape[1]):
        inside, outside = shares[labels == one, one], shares[labels != one, one]
        if len(inside) and len(outside):
            pairs = inside[:, None] - outside[None, :]
            areas.append(((pairs > 0) + 0.5 * (pairs == 0)).mean())
        hits = ((votes == one) & (labels == one)).sum()
        voted, real = (votes == one).sum(), (labels == one).sum()
        if voted + real:
            f1.append(2 * hits / (voted + real))
            overlaps.append(hits / (voted + real - hits))
    answers.update(auc=np.mean(areas), f1=np.mean(f1), miou=np.mean(overlaps))
print(json.dumps(answers))
