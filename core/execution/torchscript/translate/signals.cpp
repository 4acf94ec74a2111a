// SPDX-License-Identifier: Apache-2.0
#include <numbers>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

/// Cosines and then sines of every frequency up to half the samples of a frame, times the window:
/// [2 * frequencies, 1, frame].
at::Tensor fourierKernel(std::int64_t frame, const at::Tensor& window) {
    const std::int64_t before = (frame - window.numel()) / 2;
    const at::Tensor weights =
        at::constant_pad_nd(window.to(at::kDouble), {before, frame - window.numel() - before});
    const at::Tensor angles =
        at::outer(at::arange(frame / 2 + 1, at::kDouble), at::arange(frame, at::kDouble)) *
        (2 * std::numbers::pi / static_cast<double>(frame));
    return (at::cat({at::cos(angles), -at::sin(angles)}) * weights).to(at::kFloat).unsqueeze(1);
}

/// stft(x, frame, hop, window length, window, normalized, one side, complex) of real signals
/// [batch, time], as a convolution with the waves: [batch, frequencies, frames, 2].
void shortTimeFourier(Call& call) {
    const std::int64_t frame = call.integer(1);
    const std::int64_t hop = call.isNone(2) ? frame / 4 : call.integer(2);
    const bool oneSide = call.isNone(6) || call.flag(6);
    if (call.rank(0) != 2 || !oneSide || call.flag(5) || call.result().is_complex()) {
        throw TranslationError(
            "a Fourier transform other than the plain one of real signals has no translation");
    }
    const std::int64_t length = call.isNone(3) ? frame : call.integer(3);
    const bool plain = call.isNone(4);
    if (!plain && !call.value(4)->fixed) {
        throw TranslationError("a Fourier transform with a computed window has no translation");
    }
    const at::Tensor window = plain ? at::ones({length}) : call.tensor(4);
    const std::string kernel = call.translation().store("waves", fourierKernel(frame, window));
    const std::string signal = call.emit("Unsqueeze", {call.edge(0), call.integers({1})});
    const std::string parts = call.emit("Conv", {signal, kernel},
                                        {{"kernel_shape", std::vector<std::int64_t>{frame}},
                                         {"strides", std::vector<std::int64_t>{hop}}});
    const std::string pairs =
        call.emit("Reshape", {parts, call.integers({0, 2, frame / 2 + 1, -1})});
    call.give(call.emit("Transpose", {pairs}, {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}}));
}

}  // namespace

void addSignals(Translators& table) {
    table["aten::stft"] = shortTimeFourier;
}

}  // namespace bitloupe::execution::torchscript
