// SPDX-License-Identifier: Apache-2.0
#pragma once

// The only place that names LibTorch's large headers: they cost about 20 s a file without this.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
