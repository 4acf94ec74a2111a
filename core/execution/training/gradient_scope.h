// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

namespace bitloupe::execution {

/// Gradients on, and one thread: sums come out the same on every machine.
class GradientScope {
public:
    GradientScope() : m_gradients(true), m_threads(at::get_num_threads()) {
        at::set_num_threads(1);
    }
    GradientScope(const GradientScope&) = delete;
    GradientScope& operator=(const GradientScope&) = delete;
    ~GradientScope() { at::set_num_threads(m_threads); }

private:
    at::AutoGradMode m_gradients;
    int m_threads;
};

}  // namespace bitloupe::execution
