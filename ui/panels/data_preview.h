// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QImage>
#include <QWidget>
#include <memory>
#include <vector>

#include "core/data/data_set.h"

namespace bitloupe::ui {

/// The first samples of a data set: pictures with their labels, windows of text, rows of numbers;
/// of several inputs their names, shapes and extremes.
class DataPreview : public QWidget {
    Q_OBJECT

public:
    explicit DataPreview(QWidget* parent = nullptr);
    void setData(std::shared_ptr<const data::DataSet> dataSet);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void makePictures();
    void makeRows();
    void paintPictures(QPainter& painter) const;
    void paintRows(QPainter& painter) const;

    std::shared_ptr<const data::DataSet> m_data;
    std::vector<QImage> m_pictures;
    std::vector<QStringList> m_rows;  ///< the label last
};

/// How many samples of each class a split has, as bars over the classes.
class ClassBalance : public QWidget {
    Q_OBJECT

public:
    explicit ClassBalance(QWidget* parent = nullptr);
    void setData(const std::shared_ptr<const data::DataSet>& dataSet, data::Role role);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<int> m_counts;
    QStringList m_names;
};

}  // namespace bitloupe::ui
