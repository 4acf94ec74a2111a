// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "core/execution/kernels/winograd.h"

using namespace bitloupe::execution::kernels;

namespace {

constexpr std::size_t kPad = 1;

/// Images and filters of a convolution with windows of 3 x 3 and one pixel of zeros around.
struct Case {
    WinogradConvolution shape;
    std::size_t count = 1;
    std::vector<float> images;   ///< [image, row, column, channel]
    std::vector<float> weights;  ///< [filter, channel, row, column]
    std::vector<float> bias;

    template <typename Draw>
    Case(std::size_t size, std::size_t channels, std::size_t filters, std::size_t howMany,
         Draw draw)
        : shape{.height = size,
                .width = size + 1,
                .padTop = kPad,
                .padLeft = kPad,
                .outputHeight = size,
                .outputWidth = size + 1,
                .channels = channels,
                .filters = filters},
          count(howMany),
          images(howMany * size * (size + 1) * channels),
          weights(filters * channels * 9),
          bias(filters) {
        std::generate(images.begin(), images.end(), draw);
        std::generate(weights.begin(), weights.end(), draw);
        std::generate(bias.begin(), bias.end(), draw);
    }

    [[nodiscard]] std::size_t outputLength() const {
        return shape.outputHeight * shape.outputWidth * shape.filters;
    }

    [[nodiscard]] std::vector<float> quick() const {
        std::vector<float> outputs(count * outputLength());
        convolveWinograd(shape, images.data(), count,
                         packWinograd(shape, weights.data(), bias.data()), outputs.data());
        return outputs;
    }

    /// Calls `visit` with every image value that output (image, y, x) sees, and its tap.
    template <typename Visit>
    void forEachSeen(std::size_t image, std::size_t y, std::size_t x, Visit visit) const {
        for (std::size_t tap = 0; tap < 9; ++tap) {
            const std::size_t row = y + tap / 3;
            const std::size_t column = x + tap % 3;
            if (row < kPad || column < kPad || row - kPad >= shape.height ||
                column - kPad >= shape.width) {
                continue;
            }
            const std::size_t pixel =
                (image * shape.height + row - kPad) * shape.width + column - kPad;
            for (std::size_t c = 0; c < shape.channels; ++c) {
                visit(images[pixel * shape.channels + c], c * 9 + tap);
            }
        }
    }

    /// The definition, one output after the other, summed up in `Number`.
    template <typename Number>
    [[nodiscard]] std::vector<Number> direct() const {
        std::vector<Number> outputs;
        for (std::size_t place = 0; place < count * shape.outputHeight * shape.outputWidth;
             ++place) {
            const std::size_t x = place % shape.outputWidth;
            const std::size_t y = place / shape.outputWidth % shape.outputHeight;
            const std::size_t image = place / shape.outputWidth / shape.outputHeight;
            for (std::size_t filter = 0; filter < shape.filters; ++filter) {
                const float* own = weights.data() + filter * shape.channels * 9;
                Number sum = static_cast<Number>(bias[filter]);
                forEachSeen(image, y, x, [&](float value, std::size_t at) {
                    sum += static_cast<Number>(value) * static_cast<Number>(own[at]);
                });
                outputs.push_back(sum);
            }
        }
        return outputs;
    }
};

/// Root of the mean square of the differences.
template <typename Number>
double distance(const std::vector<Number>& from, const std::vector<double>& truth) {
    double squares = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double difference = static_cast<double>(from[i]) - truth[i];
        squares += difference * difference;
    }
    return std::sqrt(squares / static_cast<double>(truth.size()));
}

}  // namespace

/// Minimal filtering against the definition of the convolution.
class TstWinograd : public QObject {
    Q_OBJECT

    static void addShapes() {
        QTest::addColumn<std::size_t>("size");
        QTest::addColumn<std::size_t>("channels");
        QTest::addColumn<std::size_t>("filters");
        QTest::addColumn<std::size_t>("images");
        const auto add = [](const char* name, std::size_t size, std::size_t channels,
                            std::size_t filters, std::size_t images) {
            QTest::newRow(name) << size << channels << filters << images;
        };
        add("whole vectors", 8, 16, 32, 2);
        add("odd sizes, parts of vectors", 7, 21, 19, 3);
        add("one pixel high", 1, 3, 5, 1);
        add("more tiles in a row than in a block", 40, 4, 50, 1);
        add("four vectors of filters", 6, 64, 64, 2);
        add("five vectors of filters", 5, 9, 80, 2);
    }

private Q_SLOTS:
    /// Transforms add roundings, and leave fewer terms to sum up one after the other.
    void comesNearTheTruth_data() { addShapes(); }
    void comesNearTheTruth() {
        QFETCH(std::size_t, size);
        QFETCH(std::size_t, channels);
        QFETCH(std::size_t, filters);
        QFETCH(std::size_t, images);
        std::mt19937 engine(5);
        std::normal_distribution<float> normal;
        const Case drawn(size, channels, filters, images, [&] { return normal(engine); });
        const std::vector<double> truth = drawn.direct<double>();
        const double ours = distance(drawn.quick(), truth);
        const double plain = distance(drawn.direct<float>(), truth);
        QVERIFY2(ours <= 1.5 * plain,
                 qPrintable(QString("rms error %1, of the plain sum %2").arg(ours).arg(plain)));
    }

    /// Codes of few bits: the transforms' halves and sums need no more than 24 bits.
    void isExactOnABinaryGrid_data() { addShapes(); }
    void isExactOnABinaryGrid() {
        QFETCH(std::size_t, size);
        QFETCH(std::size_t, channels);
        QFETCH(std::size_t, filters);
        QFETCH(std::size_t, images);
        std::mt19937 engine(6);
        const Case drawn(size, channels, filters, images, [&] {
            return static_cast<float>(static_cast<int>(engine() % 256) - 128) / 64.0F;
        });
        const std::vector<double> truth = drawn.direct<double>();
        const std::vector<float> quick = drawn.quick();
        QVERIFY(std::equal(truth.begin(), truth.end(), quick.begin(), quick.end(),
                           [](double a, float b) { return a == static_cast<double>(b); }));
    }

    void imagesDoNotDependOnEachOther() {
        std::mt19937 engine(7);
        std::normal_distribution<float> normal;
        const Case all(7, 12, 20, 5, [&] { return normal(engine); });
        const std::vector<float> together = all.quick();
        const std::size_t length = all.images.size() / all.count;
        for (std::size_t image = 0; image < all.count; ++image) {
            Case one = all;
            one.count = 1;
            const auto first = all.images.begin() + static_cast<std::ptrdiff_t>(image * length);
            one.images.assign(first, first + static_cast<std::ptrdiff_t>(length));
            const std::vector<float> alone = one.quick();
            QVERIFY(std::equal(
                alone.begin(), alone.end(),
                together.begin() + static_cast<std::ptrdiff_t>(image * all.outputLength())));
        }
    }
};

QTEST_APPLESS_MAIN(TstWinograd)
#include "tst_winograd.moc"
