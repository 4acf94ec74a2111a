// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/picture.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtGui/QPainter>
#include <QtGui/QPdfWriter>
#include <QtSvg/QSvgGenerator>

namespace bitloupe::charts {

namespace {

constexpr double kSmallest = 100;
constexpr double kLargest = 10000;
constexpr int kDotsPerInch = 96;
constexpr double kPointsPerInch = 72;

bool writePng(const Picture& picture, QIODevice& device, const PictureOptions& options) {
    return pictureImage(picture, options).save(&device, "PNG");
}

bool writeSvg(const Picture& picture, QIODevice& device, const PictureOptions& options) {
    QSvgGenerator generator;
    generator.setOutputDevice(&device);
    generator.setResolution(kDotsPerInch);
    generator.setSize(options.size.toSize());
    generator.setViewBox(QRectF(QPointF(), options.size));
    generator.setDescription(picture.pictureSummary());
    QPainter painter;
    if (!painter.begin(&generator)) {
        return false;
    }
    picture.paintPicture(painter, options.size, options.theme);
    return painter.end();
}

bool writePdf(const Picture& picture, QIODevice& device, const PictureOptions& options) {
    QPdfWriter writer(&device);
    writer.setPageSize(QPageSize(options.size * (kPointsPerInch / kDotsPerInch), QPageSize::Point,
                                 {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setResolution(kDotsPerInch);
    writer.setCreator(QStringLiteral("Bitloupe"));
    QPainter painter;
    if (!painter.begin(&writer)) {
        return false;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    picture.paintPicture(painter, options.size, options.theme);
    return painter.end();
}

bool writeCsv(const Picture& picture, QIODevice& device) {
    const QByteArray csv = picture.pictureCsv().toUtf8();
    return device.write(csv) == csv.size();
}

Result<void> checkOptions(const PictureOptions& options, const std::string& path) {
    const auto fits = [](double length) { return length >= kSmallest && length <= kLargest; };
    if (!fits(options.size.width()) || !fits(options.size.height())) {
        return Error{"the picture's size is out of range", path,
                     "give a width and height from 100 to 10000"};
    }
    if (!(options.scale >= 1 && options.scale <= 4)) {
        return Error{"the picture's scale is out of range", path, "give a scale from 1 to 4"};
    }
    return {};
}

}  // namespace

QImage pictureImage(const Picture& picture, const PictureOptions& options) {
    QImage image((options.size * options.scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(options.scale);
    image.fill(options.theme.background);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    picture.paintPicture(painter, options.size, options.theme);
    return image;
}

Result<void> savePicture(const Picture& picture, const QString& path,
                         const PictureOptions& options) {
    const std::string where = path.toStdString();
    if (Result<void> checked = checkOptions(options, where); checked.hasError()) {
        return checked;
    }
    const QString ending = QFileInfo(path).suffix().toLower();
    if (ending != QLatin1String("png") && ending != QLatin1String("svg") &&
        ending != QLatin1String("pdf") && ending != QLatin1String("csv")) {
        return Error{"the ending says no kind of picture", where,
                     "end it in .png, .svg, .pdf or .csv"};
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return Error{"the file cannot be written: " + file.errorString().toStdString(), where,
                     "choose a folder you may write to"};
    }
    const bool written = ending == QLatin1String("png")   ? writePng(picture, file, options)
                         : ending == QLatin1String("svg") ? writeSvg(picture, file, options)
                         : ending == QLatin1String("pdf") ? writePdf(picture, file, options)
                                                          : writeCsv(picture, file);
    if (!written || !file.commit()) {
        return Error{"the picture could not be written whole: " + file.errorString().toStdString(),
                     where, "check the free space of the disk"};
    }
    return {};
}

}  // namespace bitloupe::charts
