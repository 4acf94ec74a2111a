// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <vector>

#include "core/quantization/quantizer.h"

class QLineEdit;
class QVBoxLayout;

namespace bitloupe::ui {

/// Number formats by family, to be ticked. Formats of the study that are not in the catalogue get a
/// family of their own; any other can be typed.
class FormatChips : public QWidget {
    Q_OBJECT

public:
    /// `forWeights`: whether formats with a scale for each channel, or fitted to what they round,
    /// are offered.
    FormatChips(const QString& name, bool forWeights, QWidget* parent = nullptr);

    void setChosen(const std::vector<quantization::Quantizer>& chosen);
    [[nodiscard]] const std::vector<quantization::Quantizer>& chosen() const { return m_chosen; }

Q_SIGNALS:
    void edited(const std::vector<bitloupe::quantization::Quantizer>& chosen);
    void refused(const bitloupe::Error& error);

private:
    void rebuild();
    void addFamily(const QString& family, const QString& description,
                   const std::vector<quantization::Quantizer>& formats);
    void toggle(const quantization::Quantizer& format, bool on);
    void addTyped();
    [[nodiscard]] bool isChosen(const quantization::Quantizer& format) const;

    QString m_name;
    bool m_forWeights;
    QVBoxLayout* m_families;
    QLineEdit* m_typed;
    std::vector<quantization::Quantizer> m_chosen;
    std::vector<quantization::Quantizer> m_others;  ///< chosen once, not in the catalogue
};

}  // namespace bitloupe::ui
