// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/loss.h"

#include <limits>

namespace bitloupe::execution {

namespace {

/// Rows of logits as rows of log-probabilities of at least two classes.
at::Tensor logProbabilities(const at::Tensor& outputs, OutputForm form) {
    const bool single = outputs.dim() < 2 || outputs.size(-1) == 1;
    if (single) {  // the log-odds, or the probability, of class 1
        const at::Tensor column = outputs.reshape({-1, 1});
        if (form == OutputForm::Logits) {
            return at::log_sigmoid(at::cat({-column, column}, 1));
        }
        const at::Tensor share = form == OutputForm::Probabilities ? column : at::exp(column);
        return at::log(at::cat({1 - share, share}, 1).clamp(std::numeric_limits<float>::min(), 1));
    }
    const at::Tensor rows = outputs.reshape({-1, outputs.size(-1)});
    switch (form) {
        case OutputForm::Logits:
            return at::log_softmax(rows, 1);
        case OutputForm::Probabilities:
            return at::log(rows.clamp(std::numeric_limits<float>::min(), 1));
        case OutputForm::LogProbabilities:
            return rows;
    }
    return rows;
}

}  // namespace

at::Tensor lossSum(const at::Tensor& outputs, const at::Tensor& wanted, LossKind loss,
                   OutputForm form) {
    if (loss == LossKind::MeanSquaredError) {
        return (outputs.reshape({-1}) - wanted).square().sum();
    }
    // A label below zero is not scored.
    const at::Tensor labels = wanted.reshape({-1, 1});
    const at::Tensor chosen = logProbabilities(outputs, form).gather(1, labels.clamp_min(0));
    return -(chosen * labels.ge(0)).sum();
}

std::int64_t scoredRows(const at::Tensor& wanted, LossKind loss) {
    return loss == LossKind::MeanSquaredError ? wanted.numel()
                                              : wanted.ge(0).sum().item<std::int64_t>();
}

Score scoreOf(const at::Tensor& outputs, const at::Tensor& wanted, LossKind loss, OutputForm form) {
    Score score;
    score.loss = lossSum(outputs, wanted, loss, form).item<double>();
    score.rows = scoredRows(wanted, loss);
    score.good = loss == LossKind::MeanSquaredError
                     ? score.loss
                     : static_cast<double>(logProbabilities(outputs, form)
                                               .argmax(1)
                                               .eq(wanted.reshape({-1}))
                                               .sum()
                                               .item<std::int64_t>());
    return score;
}

}  // namespace bitloupe::execution
