// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plot/report_pdf.h"

#include <QtCore/QBuffer>
#include <QtCore/QSaveFile>
#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <QtGui/QPdfWriter>
#include <QtGui/QTextDocument>
#include <QtSvg/QSvgRenderer>

#include "app/cli/plot/offscreen_application.h"

namespace bitloupe::cli {

namespace {

constexpr int kPictureWidth = 1800;
constexpr int kPictureHeight = 1040;

/// QTextDocument draws no SVG elements: the picture becomes an image of the same numbers.
QImage drawn(const std::string& svg) {
    QSvgRenderer renderer(QByteArray::fromStdString(svg));
    QImage image(kPictureWidth, kPictureHeight, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    renderer.render(&painter);
    return image;
}

}  // namespace

Result<void> writeReportPdf(const study::ReportContent& content, const std::string& path) {
    const auto application = makeOffscreenApplication();
    QString html = QString::fromStdString(study::reportHtml(content));
    const QString picture = QString::fromStdString(study::reportPicture(content));
    html.replace(picture, QStringLiteral("<p><img src=\"picture\" width=\"%1\"/></p>").arg(480));
    html.remove(0, html.indexOf(QStringLiteral("<html")));
    QTextDocument document;
    document.addResource(QTextDocument::ImageResource, QUrl(QStringLiteral("picture")),
                         drawn(picture.toStdString()));
    document.setHtml(html);
    QSaveFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::WriteOnly)) {
        return Error{"the report cannot be written: " + file.errorString().toStdString(), path,
                     "choose another place"};
    }
    {
        QPdfWriter printer(&file);
        printer.setPageSize(QPageSize(QPageSize::A4));
        printer.setTitle(QString::fromStdString(content.study.name));
        document.print(&printer);
    }
    if (!file.commit()) {
        return Error{"the report cannot be written: " + file.errorString().toStdString(), path,
                     "choose another place"};
    }
    return {};
}

}  // namespace bitloupe::cli
