// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/recurrent_steps.h"

#include "core/execution/kernels/recurrent_cells.h"

namespace bitloupe::execution {

at::Tensor runPlainCell(PlainCell cell, const PackedProduct& input, const PackedProduct& recurrence,
                        const at::Tensor& x, bool backward, RecurrentState& state) {
    const std::int64_t steps = x.size(0);
    const std::int64_t batch = x.size(1);
    const std::int64_t width = input.outputs();
    const std::int64_t size = state.hidden.size(1);
    const at::Tensor projected = at::empty({steps, batch, width}, x.options());
    input.run(x.data_ptr<float>(), steps * batch, projected.data_ptr<float>());
    const at::Tensor recurred = at::empty({batch, width}, x.options());
    const at::Tensor outputs = at::empty({steps, batch, size}, x.options());
    const float* hidden = state.hidden.data_ptr<float>();
    const auto rows = static_cast<std::size_t>(batch);
    const auto each = static_cast<std::size_t>(size);
    for (std::int64_t i = 0; i < steps; ++i) {
        const std::int64_t time = backward ? steps - 1 - i : i;
        const float* from = projected.data_ptr<float>() + time * batch * width;
        float* to = outputs.data_ptr<float>() + time * batch * size;
        auto* sums = recurred.data_ptr<float>();
        recurrence.run(hidden, batch, sums);
        if (cell == PlainCell::Rnn) {
            kernels::stepRnn(rows, each, from, sums, to);
        } else if (cell == PlainCell::Gru) {
            kernels::stepGru(rows, each, from, sums, hidden, to);
        } else {
            const at::Tensor next = at::empty_like(state.memory);
            kernels::stepLstm(rows, each, from, sums, state.memory.data_ptr<float>(),
                              next.data_ptr<float>(), to);
            state.memory = next;
        }
        hidden = to;
    }
    state.hidden = outputs[backward ? 0 : steps - 1];
    return outputs;
}

}  // namespace bitloupe::execution
