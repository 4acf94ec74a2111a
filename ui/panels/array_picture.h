// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "core/hardware/accelerator.h"
#include "core/hardware/gemm.h"

namespace bitloupe::ui {

/// The array as a rectangle, how much of it the first and the last fold of a layer use, and how
/// many folds there are.
class ArrayPicture : public QWidget {
    Q_OBJECT

public:
    explicit ArrayPicture(QWidget* parent = nullptr);
    /// A Gemm of zeros shows nothing.
    void setMapping(const QString& layer, const hardware::Gemm& gemm,
                    const hardware::Accelerator& accelerator);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QStringList words() const;
    void paintArray(QPainter& painter, const QRectF& place) const;

    QString m_layer;
    hardware::Gemm m_gemm;
    hardware::Accelerator m_accelerator;
};

}  // namespace bitloupe::ui
