// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"  // where Random lives; kept for code that still looks for it here
