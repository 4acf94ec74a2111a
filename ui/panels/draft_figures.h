// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <optional>

#include "ui/bridge/snapshot.h"

class QGridLayout;

namespace bitloupe::ui {

/// The figures of a design in a row, and what a change of it by hand does to each.
class DraftFigures : public QWidget {
    Q_OBJECT

public:
    explicit DraftFigures(QWidget* parent = nullptr);

    /// `changed` has the costs of the changed design, and in `measured` the metric that is expected
    /// of it (NaN: not known); nothing: the design was not changed.
    void show(const exploration::Evaluation& design, exploration::QuantityId metric,
              const std::optional<exploration::Evaluation>& changed);
    void clear();
    /// As they are shown, one line a figure.
    [[nodiscard]] QStringList sentences() const { return m_sentences; }

private:
    QGridLayout* m_grid = nullptr;
    QStringList m_sentences;
};

}  // namespace bitloupe::ui
