// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/data_preview.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

constexpr std::int64_t kMostSamples = 10;
constexpr std::int64_t kMostColumns = 6;
constexpr std::int64_t kMostWindows = 6;
constexpr std::size_t kMostBars = 400;

/// The role to look at: search if there is one.
const data::Samples* shownSamples(const data::DataSet& data) {
    for (const data::Role role : {data::Role::Search, data::Role::Test, data::Role::Calibration}) {
        const auto split = data.splits.find(role);
        if (split != data.splits.end() && split->second.count() > 0) {
            return &split->second;
        }
    }
    return nullptr;
}

QString labelOf(const data::DataSet& data, const data::Samples& samples, std::size_t index) {
    if (samples.labelsPerSample() > 1) {
        return {};  // one for each token or pixel
    }
    if (index < samples.labels.size()) {
        const auto label = static_cast<std::size_t>(samples.labels[index]);
        return label < data.classNames.size() ? QString::fromStdString(data.classNames[label])
                                              : QString::number(label);
    }
    if (index < samples.targets.size()) {
        return QLocale().toString(static_cast<double>(samples.targets[index]), 'g', 4);
    }
    return {};
}

const Array* pixelsOf(const data::Samples& samples) {
    if (samples.inputs.size() != 1) {
        return nullptr;
    }
    const Array& input = samples.inputs.begin()->second;
    const Shape& shape = input.shape();
    const bool image = shape.size() == 4 && (shape[1] == 1 || shape[1] == 3) && shape[2] >= 4 &&
                       shape[3] >= 4 && input.type() == ElementType::Float32;
    return image ? &input : nullptr;
}

/// The beginning of a window of text, in which line ends are marks.
QString windowOf(const data::DataSet& data, const Array& tokens, std::int64_t sample) {
    constexpr qsizetype kMostLetters = 160;
    const std::int64_t width = tokens.size() / tokens.shape()[0];
    const auto row = tokens.as<std::int64_t>().subspan(static_cast<std::size_t>(sample * width),
                                                       static_cast<std::size_t>(width));
    std::string bytes;
    for (const std::int64_t token : row) {
        const auto place = static_cast<std::size_t>(token);
        bytes += token >= 0 && place < data.classNames.size() ? data.classNames[place]
                                                              : std::to_string(token) + " ";
        if (static_cast<qsizetype>(bytes.size()) > 4 * kMostLetters) {
            break;
        }
    }
    QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    text.replace(QLatin1Char('\n'), QStringLiteral("↵"))
        .replace(QLatin1Char('\t'), QLatin1Char(' '));
    return text.left(kMostLetters);
}

/// Name, shape and extremes of one of several inputs.
QStringList factsOf(const std::string& name, const Array& input) {
    const Shape sample(input.shape().begin() + 1, input.shape().end());
    QStringList facts = {QString::fromStdString(name), wording::shape(sample)};
    if (input.type() == ElementType::Float32 && input.size() > 0) {
        const auto values = input.as<float>();
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        facts << DataPreview::tr("%1 to %2")
                     .arg(QLocale().toString(double(*low), 'g', 4),
                          QLocale().toString(double(*high), 'g', 4));
    } else {
        facts << DataPreview::tr("whole numbers");
    }
    return facts;
}

/// One sample as a picture; its own extremes become black and white.
QImage pictureOf(const Array& pixels, std::int64_t sample) {
    const Shape& shape = pixels.shape();
    const std::int64_t plane = shape[2] * shape[3];
    const auto values =
        pixels.as<float>().subspan(static_cast<std::size_t>(sample * shape[1] * plane),
                                   static_cast<std::size_t>(shape[1] * plane));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const float span = *high > *low ? *high - *low : 1.0F;
    QImage picture(static_cast<int>(shape[3]), static_cast<int>(shape[2]), QImage::Format_RGB32);
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            const auto at = [&](std::int64_t channel) {
                const auto place = static_cast<std::size_t>(
                    std::min(channel, shape[1] - 1) * plane + y * shape[3] + x);
                return static_cast<int>(std::lround(255 * (values[place] - *low) / span));
            };
            picture.setPixel(x, y, qRgb(at(0), at(1), at(2)));
        }
    }
    return picture;
}

}  // namespace

DataPreview::DataPreview(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("First samples"));
}

void DataPreview::setData(std::shared_ptr<const data::DataSet> dataSet) {
    if (m_data == dataSet) {
        return;
    }
    m_data = std::move(dataSet);
    m_pictures.clear();
    m_rows.clear();
    if (m_data) {
        makePictures();
        makeRows();
    }
    updateGeometry();
    update();
}

void DataPreview::makePictures() {
    const data::Samples* samples = shownSamples(*m_data);
    const Array* pixels = samples ? pixelsOf(*samples) : nullptr;
    for (std::int64_t i = 0; pixels && i < std::min(kMostSamples, samples->count()); ++i) {
        m_pictures.push_back(pictureOf(*pixels, i));
    }
}

void DataPreview::makeRows() {
    const data::Samples* samples = shownSamples(*m_data);
    if (!samples || !m_pictures.empty() || samples->inputs.empty()) {
        for (std::size_t i = 0; samples && i < m_pictures.size(); ++i) {
            m_rows.push_back({labelOf(*m_data, *samples, i)});
        }
        return;
    }
    if (samples->inputs.size() > 1) {
        for (const auto& [name, array] : samples->inputs) {
            m_rows.push_back(factsOf(name, array));
        }
        return;
    }
    const Array& input = samples->inputs.begin()->second;
    if (input.type() == ElementType::Int64 && samples->labelsPerSample() > 1) {
        for (std::int64_t i = 0; i < std::min(kMostWindows, samples->count()); ++i) {
            m_rows.push_back({windowOf(*m_data, input, i)});
        }
        return;
    }
    if (input.type() != ElementType::Float32 || input.shape().empty() || input.shape()[0] == 0) {
        return;
    }
    const std::int64_t width = input.size() / input.shape()[0];
    for (std::int64_t i = 0; i < std::min(kMostSamples, samples->count()); ++i) {
        QStringList row;
        for (std::int64_t column = 0; column < std::min(width, kMostColumns); ++column) {
            row << QLocale().toString(
                static_cast<double>(
                    input.as<float>()[static_cast<std::size_t>(i * width + column)]),
                'f', 3);
        }
        if (width > kMostColumns) {
            row << QStringLiteral("…");
        }
        m_rows.push_back(row << labelOf(*m_data, *samples, static_cast<std::size_t>(i)));
    }
}

QSize DataPreview::minimumSizeHint() const {
    const int line = fontMetrics().height();
    if (!m_pictures.empty()) {
        return {20 * kGrid, line * 3 + line + kGrid};
    }
    return {20 * kGrid, m_rows.empty() ? 0 : line * static_cast<int>(m_rows.size()) + kGrid};
}

QSize DataPreview::sizeHint() const {
    return minimumSizeHint();
}

void DataPreview::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    m_pictures.empty() ? paintRows(painter) : paintPictures(painter);
}

void DataPreview::paintPictures(QPainter& painter) const {
    const int line = fontMetrics().height();
    const int count = static_cast<int>(m_pictures.size());
    const int side = std::min(line * 3, (width() - (count - 1) * kGrid / 2) / std::max(1, count));
    painter.setPen(palette().color(QPalette::PlaceholderText));
    for (int i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(i);
        const QRect target(i * (side + kGrid / 2), 0, side, side);
        painter.drawImage(target, m_pictures[place]);
        const QString label =
            fontMetrics().elidedText(m_rows[place].constLast(), Qt::ElideRight, side);
        painter.drawText(QRect(target.left(), side + 2, side, line), Qt::AlignCenter, label);
    }
}

void DataPreview::paintRows(QPainter& painter) const {
    if (m_rows.empty()) {
        return;
    }
    const int line = fontMetrics().height();
    const int columns = static_cast<int>(m_rows.front().size());
    const int cell = width() / columns;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        for (int column = 0; column < columns; ++column) {
            const bool label = column == columns - 1;
            painter.setPen(
                palette().color(label ? QPalette::WindowText : QPalette::PlaceholderText));
            const QRect place(column * cell, static_cast<int>(row) * line, cell - kGrid, line);
            const QString text =
                fontMetrics().elidedText(m_rows[row].at(column), Qt::ElideRight, place.width());
            const bool words =
                columns == 1 || (column == 0 && m_data->splits.begin()->second.inputs.size() > 1);
            painter.drawText(place, (words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                             text);
        }
    }
}

ClassBalance::ClassBalance(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ClassBalance::setData(const std::shared_ptr<const data::DataSet>& dataSet, data::Role role) {
    m_counts.clear();
    m_names.clear();
    if (dataSet && dataSet->splits.contains(role)) {
        for (const std::int64_t label : dataSet->splits.at(role).labels) {
            if (label == data::kIgnoredLabel) {
                continue;
            }
            m_counts.resize(std::max(m_counts.size(), static_cast<std::size_t>(label) + 1));
            ++m_counts[static_cast<std::size_t>(label)];
        }
        if (m_counts.size() > kMostBars) {
            m_counts.clear();  // the tokens of a text: bars would be thinner than a pixel
        }
        for (std::size_t i = 0; i < m_counts.size(); ++i) {
            m_names << (i < dataSet->classNames.size()
                            ? QString::fromStdString(dataSet->classNames[i])
                            : QString::number(i));
        }
    }
    QStringList words;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        words << tr("%1: %2").arg(m_names.at(static_cast<int>(i))).arg(m_counts[i]);
    }
    setAccessibleName(tr("Samples of each class"));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    setToolTip(words.size() <= 40 ? words.join(QLatin1Char('\n')) : QString());
    updateGeometry();
    update();
}

QSize ClassBalance::minimumSizeHint() const {
    return {20 * kGrid, m_counts.empty() ? 0 : 3 * fontMetrics().height()};
}

QSize ClassBalance::sizeHint() const {
    return minimumSizeHint();
}

void ClassBalance::paintEvent(QPaintEvent* /*event*/) {
    if (m_counts.empty()) {
        return;
    }
    QPainter painter(this);
    const int line = fontMetrics().height();
    const int bottom = height() - line;
    const int count = static_cast<int>(m_counts.size());
    const double cell = static_cast<double>(width()) / count;
    const int most = *std::max_element(m_counts.begin(), m_counts.end());
    const Colors colors = Colors::of(palette());
    for (int i = 0; i < count; ++i) {
        const double share = static_cast<double>(m_counts[static_cast<std::size_t>(i)]) / most;
        const double bar = share * (bottom - 2);
        const double gap = std::min(cell * 0.2, kGrid * 0.5);
        painter.fillRect(QRectF(i * cell + gap / 2, bottom - bar, cell - gap, bar), colors.muted);
        if (cell >= 2 * kGrid) {
            painter.setPen(colors.muted);
            painter.drawText(
                QRectF(i * cell, bottom, cell, line), Qt::AlignCenter,
                fontMetrics().elidedText(m_names.at(i), Qt::ElideRight, static_cast<int>(cell)));
        }
    }
}

}  // namespace bitloupe::ui
