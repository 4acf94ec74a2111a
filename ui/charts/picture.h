// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QSizeF>
#include <QtCore/QString>
#include <QtGui/QImage>

#include "core/base/result.h"
#include "ui/charts/colours.h"

class QPainter;

namespace bitloupe::charts {

/// What can be taken away from a view: the same picture at any size in any theme, the numbers in
/// it, and a sentence about it. Every chart of the program is one.
class Picture {
public:
    virtual ~Picture() = default;

    /// Paints at `size`, in the units of the painter; shapes stay vectors on vector devices.
    virtual void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const = 0;
    /// Exactly what is visible, RFC 4180, numbers in the C locale.
    [[nodiscard]] virtual QString pictureCsv() const = 0;
    /// What the picture shows, for people who do not see it.
    [[nodiscard]] virtual QString pictureSummary() const = 0;

protected:
    Picture() = default;
    Picture(const Picture&) = default;
    Picture& operator=(const Picture&) = default;
};

struct PictureOptions {
    QSizeF size = {900, 600};  ///< logical pixels of 1/96 inch, 100..10,000 each
    double scale = 2;          ///< device pixels per logical one, for PNG: 1..4
    ChartTheme theme = ChartTheme::day();
};

/// Writes `picture` to `path`; the ending says how: .png, .svg, .pdf or .csv. The file is whole or
/// not there. Errors: another ending, a size or scale out of range, a path that cannot be written.
[[nodiscard]] Result<void> savePicture(const Picture& picture, const QString& path,
                                       const PictureOptions& options = {});

/// For the clipboard.
[[nodiscard]] QImage pictureImage(const Picture& picture, const PictureOptions& options = {});

}  // namespace bitloupe::charts
