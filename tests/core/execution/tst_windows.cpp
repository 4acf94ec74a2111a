// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/execution/executor.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using testing::someArray;

namespace {

/// A window over images as ONNX's text describes it, for the loops below.
struct Window {
    std::int64_t kernel[2];
    std::int64_t strides[2] = {1, 1};
    std::int64_t dilations[2] = {1, 1};
    std::int64_t before[2] = {0, 0};
    std::int64_t after[2] = {0, 0};
    std::int64_t groups = 1;
    bool ceil = false;
    bool countPads = false;
};

/// ceil_mode counts a window only when it starts in the input or the pad before it.
std::int64_t outputSize(const Window& window, int axis, std::int64_t size) {
    const std::int64_t reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    const std::int64_t room = size + window.before[axis] + window.after[axis] - reach;
    std::int64_t count = room / window.strides[axis] + 1;
    if (window.ceil && room % window.strides[axis] != 0 &&
        count * window.strides[axis] < size + window.before[axis]) {
        ++count;
    }
    return count;
}

std::map<std::string, network::Attribute> attributesOf(const Window& window, bool pool) {
    std::map<std::string, network::Attribute> attributes;
    const auto pair = [](const std::int64_t(&values)[2]) {
        return std::vector<std::int64_t>{values[0], values[1]};
    };
    attributes["kernel_shape"] = pair(window.kernel);
    attributes["strides"] = pair(window.strides);
    attributes["dilations"] = pair(window.dilations);
    attributes["pads"] = std::vector<std::int64_t>{window.before[0], window.before[1],
                                                   window.after[0], window.after[1]};
    if (pool) {
        attributes["ceil_mode"] = std::int64_t{window.ceil};
    } else {
        attributes["group"] = window.groups;
    }
    return attributes;
}

/// Visits every tap of an output place that lies in the image.
template <typename Visit>
void forEachTap(const Window& window, std::int64_t y, std::int64_t x, std::int64_t height,
                std::int64_t width, Visit visit) {
    for (std::int64_t ky = 0; ky < window.kernel[0]; ++ky) {
        for (std::int64_t kx = 0; kx < window.kernel[1]; ++kx) {
            const std::int64_t iy =
                y * window.strides[0] + ky * window.dilations[0] - window.before[0];
            const std::int64_t ix =
                x * window.strides[1] + kx * window.dilations[1] - window.before[1];
            const bool inImage = iy >= 0 && iy < height && ix >= 0 && ix < width;
            const bool inPads = iy < height + window.after[0] && ix < width + window.after[1];
            visit(ky, kx, iy, ix, inImage, inPads);
        }
    }
}

std::vector<float> convolution(const Array& image, const Array& weight, const Array& bias,
                               const Window& window) {
    const Shape& in = image.shape();
    const Shape& filters = weight.shape();
    const std::int64_t rows = outputSize(window, 0, in[2]);
    const std::int64_t columns = outputSize(window, 1, in[3]);
    std::vector<float> out;
    for (std::int64_t n = 0; n < in[0]; ++n) {
        for (std::int64_t f = 0; f < filters[0]; ++f) {
            const std::int64_t group = f / (filters[0] / window.groups);
            for (std::int64_t place = 0; place < rows * columns; ++place) {
                double sum = static_cast<double>(bias.as<float>()[static_cast<std::size_t>(f)]);
                for (std::int64_t c = 0; c < filters[1]; ++c) {
                    forEachTap(
                        window, place / columns, place % columns, in[2], in[3],
                        [&](auto ky, auto kx, auto iy, auto ix, bool inImage, bool) {
                            if (!inImage) {
                                return;
                            }
                            const auto from = static_cast<std::size_t>(
                                ((n * in[1] + group * filters[1] + c) * in[2] + iy) * in[3] + ix);
                            const auto at = static_cast<std::size_t>(
                                ((f * filters[1] + c) * filters[2] + ky) * filters[3] + kx);
                            sum += static_cast<double>(image.as<float>()[from]) *
                                   static_cast<double>(weight.as<float>()[at]);
                        });
                }
                out.push_back(static_cast<float>(sum));
            }
        }
    }
    return out;
}

std::vector<float> pooled(const Array& image, const Window& window, bool average) {
    const Shape& in = image.shape();
    const std::int64_t rows = outputSize(window, 0, in[2]);
    const std::int64_t columns = outputSize(window, 1, in[3]);
    std::vector<float> out;
    for (std::int64_t plane = 0; plane < in[0] * in[1]; ++plane) {
        for (std::int64_t place = 0; place < rows * columns; ++place) {
            double sum = 0;
            double count = 0;
            double largest = -std::numeric_limits<double>::infinity();
            forEachTap(window, place / columns, place % columns, in[2], in[3],
                       [&](auto, auto, auto iy, auto ix, bool inImage, bool inPads) {
                           count += inImage || (window.countPads && inPads) ? 1 : 0;
                           if (inImage) {
                               const auto value =
                                   static_cast<double>(image.as<float>()[static_cast<std::size_t>(
                                       (plane * in[2] + iy) * in[3] + ix)]);
                               sum += value;
                               largest = std::max(largest, value);
                           }
                       });
            out.push_back(static_cast<float>(average ? sum / count : largest));
        }
    }
    return out;
}

Array runOne(testing::GraphBuilder builder, const Array& image) {
    const auto executor = execution::Executor::prepare(builder.graph());
    if (executor.hasError()) {
        QTest::qFail(executor.error().sentence().c_str(), __FILE__, __LINE__);
        return {};
    }
    const auto outputs = executor.value().run({{"x", image}});
    if (outputs.hasError()) {
        QTest::qFail(outputs.error().sentence().c_str(), __FILE__, __LINE__);
        return {};
    }
    return outputs.value().at(0);
}

void compare(const Array& got, const std::vector<float>& wanted) {
    QCOMPARE(static_cast<std::size_t>(got.size()), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QVERIFY2(std::fabs(got.as<float>()[i] - wanted[i]) <= 1e-5F * (1 + std::fabs(wanted[i])),
                 qPrintable(QString("element %1: %2, not %3")
                                .arg(i)
                                .arg(double(got.as<float>()[i]))
                                .arg(double(wanted[i]))));
    }
}

/// The program's convolution against the plain loops; `declared` is the input's shape in the graph.
void compareConvolution(const Array& x, const Array& w, const Array& b, const Window& window,
                        const Shape& declared = {0, 0, 0, 0}) {
    testing::GraphBuilder builder;
    builder.input("x", declared)
        .stored("w", w)
        .stored("b", b)
        .node("Conv", {"x", "w", "b"}, {"y"}, attributesOf(window, false))
        .output("y");
    compare(runOne(builder, x), convolution(x, w, b, window));
}

}  // namespace

Q_DECLARE_METATYPE(Window)

/// Convolution and pooling against plain loops written from ONNX's text.
class TstWindows : public QObject {
    Q_OBJECT

    static void addWindows() {
        QTest::addColumn<Window>("window");
        QTest::addColumn<Shape>("image");
        const auto add = [](const char* name, Window window, Shape image) {
            QTest::newRow(name) << window << image;
        };
        add("plain", {.kernel = {3, 3}}, {2, 3, 7, 9});
        add("two by two", {.kernel = {2, 2}, .strides = {2, 2}}, {2, 3, 7, 9});
        add("wide rows", {.kernel = {5, 5}, .before = {2, 2}, .after = {2, 2}}, {2, 1, 28, 28});
        add("many channels", {.kernel = {3, 3}, .before = {1, 1}, .after = {1, 1}}, {1, 12, 6, 6});
        add("uneven pads", {.kernel = {3, 2}, .before = {1, 0}, .after = {0, 1}}, {1, 2, 5, 6});
        add("dilated", {.kernel = {3, 2}, .dilations = {2, 3}, .before = {1, 1}, .after = {1, 1}},
            {1, 2, 9, 9});
        add("strides and pads",
            {.kernel = {3, 3}, .strides = {2, 3}, .before = {1, 1}, .after = {0, 1}},
            {2, 2, 8, 10});
        add("as large as the image", {.kernel = {5, 4}}, {3, 2, 5, 4});
        add("one pixel", {.kernel = {1, 1}}, {2, 3, 4, 4});
    }

private Q_SLOTS:
    void convolves_data() { addWindows(); }
    void convolves() {
        QFETCH(Window, window);
        QFETCH(Shape, image);
        for (const std::int64_t filters : {1, 5, 12, 16, 50, 70}) {  // parts of vectors, several
            const Array x = someArray(image, 1);
            const Array w = someArray({filters, image[1], window.kernel[0], window.kernel[1]}, 2);
            const Array b = someArray({filters}, 3);
            compareConvolution(x, w, b, window);
        }
    }

    void convolvesGroups() {
        const Window window{.kernel = {3, 3}, .before = {1, 1}, .after = {1, 1}, .groups = 2};
        const Array x = someArray({2, 4, 6, 6}, 1);
        const Array w = someArray({6, 2, 3, 3}, 2);
        const Array b = someArray({6}, 3);
        compareConvolution(x, w, b, window, {0, 4, 6, 6});
    }

    void convolvesChannelsAlone_data() { addWindows(); }
    void convolvesChannelsAlone() {
        QFETCH(Window, window);
        QFETCH(Shape, image);
        for (const std::int64_t channels : {1, 7, 16, 51}) {
            window.groups = channels;
            image[1] = channels;
            const Array x = someArray(image, 1);
            const Array w = someArray({channels, 1, window.kernel[0], window.kernel[1]}, 2);
            const Array b = someArray({channels}, 3);
            compareConvolution(x, w, b, window);
        }
    }

    /// What follows a convolution gets images in another order of memory.
    void goesOnFromConvolutions_data() { addWindows(); }
    void goesOnFromConvolutions() {
        QFETCH(Window, window);
        QFETCH(Shape, image);
        image[1] = 19;
        const Array x = someArray(image, 1);
        std::vector<float> identity(19 * 19, 0.0F);
        for (std::size_t i = 0; i < 19; ++i) {
            identity[20 * i] = 1;
        }
        const auto builderWith = [&](const char* type) {
            testing::GraphBuilder builder;
            builder.input("x", {0, 0, 0, 0})
                .stored("identity", Array::of<float>({19, 19, 1, 1}, identity))
                .node("Conv", {"x", "identity"}, {"same"})
                .node(type, {"same"}, {"y"}, attributesOf(window, true))
                .output("y");
            return builder;
        };
        compare(runOne(builderWith("MaxPool"), x), pooled(x, window, false));
        const bool dilated = window.dilations[0] != 1 || window.dilations[1] != 1;
        if (!dilated) {  // AveragePool has dilations from opset 19 on
            compare(runOne(builderWith("AveragePool"), x), pooled(x, window, true));
        }
    }

    void readersOfOneValueDoNotDisturbEachOther() {
        // Relu may write over what it alone reads: neither the input of the network, nor a value
        // that is read again, nor an output.
        const Array x = someArray({2, 20, 5, 5}, 1);
        const Array w = someArray({20, 20, 1, 1}, 2);
        testing::GraphBuilder builder;
        builder.input("x", {0, 20, 5, 5})
            .stored("w", w)
            .node("Relu", {"x"}, {"positive"})
            .node("Conv", {"x", "w"}, {"c"})
            .node("Relu", {"c"}, {"r"})
            .node("Identity", {"c"}, {"same"})
            .node("LeakyRelu", {"same"}, {"l"})
            .node("Clip", {"l"}, {"clipped"})
            .node("Sub", {"c", "r"}, {"negative"})
            .node("Relu", {"negative"}, {"none"})
            .output("c")
            .output("r")
            .output("l")
            .output("none")
            .output("positive");
        const std::vector<float> before(x.as<float>().begin(), x.as<float>().end());
        const auto executor = execution::Executor::prepare(builder.graph());
        const auto outputs = executor.value().run({{"x", x}}).value();
        QVERIFY(std::ranges::equal(before, x.as<float>()));
        const std::vector<float> c =
            convolution(x, w, Array::of<float>({20}, std::vector<float>(20)), {.kernel = {1, 1}});
        std::vector<float> r;
        std::vector<float> l;
        std::vector<float> positive;
        for (const float value : c) {
            r.push_back(std::max(value, 0.0F));
            l.push_back(value < 0 ? 0.01F * value : value);
        }
        for (const float value : before) {
            positive.push_back(std::max(value, 0.0F));
        }
        compare(outputs.at(0), c);
        compare(outputs.at(1), r);
        compare(outputs.at(2), l);
        compare(outputs.at(3), std::vector<float>(c.size(), 0.0F));
        compare(outputs.at(4), positive);
    }

    /// What a convolution keeps from call to call was made for the sizes it saw then.
    void imagesOfOtherSizesMayFollow() {
        const Window window{.kernel = {3, 3}, .before = {1, 1}, .after = {1, 1}};
        const Array w = someArray({16, 12, 3, 3}, 2);
        const Array b = someArray({16}, 3);
        testing::GraphBuilder builder;
        builder.input("x", {0, 12, 0, 0})
            .stored("w", w)
            .stored("b", b)
            .node("Conv", {"x", "w", "b"}, {"y"}, attributesOf(window, false))
            .output("y");
        const auto executor = execution::Executor::prepare(builder.graph());
        for (const std::int64_t size : {9, 3, 9, 3, 9, 2, 9}) {
            const Array x = someArray({2, 12, size, size}, static_cast<int>(size));
            compare(executor.value().run({{"x", x}}).value().at(0), convolution(x, w, b, window));
        }
    }

    void samplesDoNotDependOnEachOther() {
        const Window window{.kernel = {3, 3}, .before = {1, 1}, .after = {1, 1}};
        const Array x = someArray({3, 24, 9, 9}, 1);
        testing::GraphBuilder builder;
        Window alone = window;
        alone.groups = 33;
        builder.input("x", {0, 24, 9, 9})
            .stored("w", someArray({33, 24, 3, 3}, 2))
            .stored("d", someArray({33, 1, 3, 3}, 3))
            .node("Conv", {"x", "w"}, {"c"}, attributesOf(window, false))
            .node("Conv", {"c", "d"}, {"y"}, attributesOf(alone, false))
            .output("y");
        const Array together = runOne(builder, x);
        const std::size_t length = 24 * 81;
        for (std::size_t sample = 0; sample < 3; ++sample) {
            const Array one = runOne(
                builder,
                Array::of<float>({1, 24, 9, 9}, x.as<float>().subspan(sample * length, length)));
            QVERIFY(std::ranges::equal(one.as<float>(),
                                       together.as<float>().subspan(sample * 33 * 81, 33 * 81)));
        }
    }

    void padsByItself() {
        // SAME_UPPER on 5 x 5 with a kernel of 2 and stride 2: one zero after.
        const Window window{.kernel = {2, 2}, .strides = {2, 2}, .after = {1, 1}};
        const Array x = someArray({1, 1, 5, 5}, 1);
        const Array w = someArray({1, 1, 2, 2}, 2);
        testing::GraphBuilder builder;
        builder.input("x", {0, 1, 5, 5})
            .stored("w", w)
            .node("Conv", {"x", "w"}, {"y"},
                  {{"auto_pad", std::string("SAME_UPPER")},
                   {"strides", std::vector<std::int64_t>{2, 2}}})
            .output("y");
        compare(runOne(builder, x), convolution(x, w, Array::of<float>({1}, {0}), window));
    }

    void pools_data() { addWindows(); }
    void pools() {
        QFETCH(Window, window);
        QFETCH(Shape, image);
        const Array x = someArray(image, 4);
        for (const bool ceil : {false, true}) {
            for (const bool countPads : {false, true}) {
                window.ceil = ceil;
                window.countPads = countPads;
                auto attributes = attributesOf(window, true);
                testing::GraphBuilder largest;
                largest.input("x", {0, 0, 0, 0})
                    .node("MaxPool", {"x"}, {"y"}, attributes)
                    .output("y");
                compare(runOne(largest, x), pooled(x, window, false));
                attributes["count_include_pad"] = std::int64_t{countPads};
                testing::GraphBuilder average(19);
                average.input("x", {0, 0, 0, 0})
                    .node("AveragePool", {"x"}, {"y"}, attributes)
                    .output("y");
                compare(runOne(average, x), pooled(x, window, true));
            }
        }
    }

    void refusesWhatNoWindowIs_data() {
        using Attributes = std::map<std::string, network::Attribute>;
        using Integers = std::vector<std::int64_t>;
        constexpr std::int64_t kHuge = std::int64_t{1} << 62;
        QTest::addColumn<std::string>("type");
        QTest::addColumn<Attributes>("attributes");
        QTest::addColumn<Shape>("weight");
        QTest::addColumn<int>("biases");
        const auto row = [](const char* name, const char* type, const Attributes& attributes,
                            const Shape& weight, int biases) {
            QTest::newRow(name) << std::string(type) << attributes << weight << biases;
        };
        // Multiplied by the size of the kernel, it would leave the range of integers.
        row("dilation", "Conv", {{"dilations", Integers{kHuge, kHuge}}}, {4, 2, 3, 3}, 4);
        row("stride", "Conv", {{"strides", Integers{kHuge, 1}}}, {4, 2, 3, 3}, 4);
        row("pads", "Conv", {{"pads", Integers{kHuge, 1, kHuge, 1}}}, {4, 2, 3, 3}, 4);
        row("large image", "Conv", {{"pads", Integers(4, 1 << 20)}}, {4, 2, 3, 3}, 4);
        row("few biases", "Conv", {}, {4, 2, 3, 3}, 1);
        row("few biases of many filters", "Conv", {}, {12, 2, 3, 3}, 11);
        row("groups", "Conv", {{"group", kHuge}}, {4, 4, 3, 3}, 4);
        row("transposed groups", "ConvTranspose", {{"group", kHuge}}, {2, 4, 3, 3}, 4);
        row("output shape", "ConvTranspose", {{"output_shape", Integers{-kHuge, 9}}}, {2, 4, 3, 3},
            4);
        row("short output shape", "ConvTranspose", {{"output_shape", Integers{9}}}, {2, 4, 3, 3},
            4);
        row("no filters", "Conv", {}, {0, 2, 3, 3}, 0);
        row("kernel", "MaxPool", {{"kernel_shape", Integers{0, -3}}}, {}, 0);
        row("large kernel", "AveragePool", {{"kernel_shape", Integers{kHuge, 2}}}, {}, 0);
    }
    void refusesWhatNoWindowIs() {
        using Attributes = std::map<std::string, network::Attribute>;
        QFETCH(std::string, type);
        QFETCH(Attributes, attributes);
        QFETCH(Shape, weight);
        QFETCH(int, biases);
        testing::GraphBuilder builder;
        builder.input("x", {0, 0, 0, 0});
        std::vector<std::string> inputs = {"x"};
        if (!weight.empty()) {
            builder.stored("w", someArray(weight, 1)).stored("b", someArray({biases}, 2));
            inputs.insert(inputs.end(), {"w", "b"});
        }
        builder.node(type, inputs, {"y"}, attributes).output("y");
        const auto executor = execution::Executor::prepare(builder.graph());
        if (executor.hasError()) {
            QVERIFY(executor.error().where.find(type) != std::string::npos);
            return;
        }
        const auto failed = executor.value().run({{"x", someArray({1, 2, 6, 6}, 1)}});
        QVERIFY(failed.hasError());
        QVERIFY(failed.error().where.find(type) != std::string::npos);
    }

    void failuresNameTheirNode() {
        testing::GraphBuilder unknown;
        unknown.input("x", {0, 1}).node("FlyToTheMoon", {"x"}, {"y"}).output("y");
        QCOMPARE(execution::unsupportedOperators(*unknown.graph()).size(), std::size_t{1});
        const auto refused = execution::Executor::prepare(unknown.graph());
        QVERIFY(refused.hasError());
        QVERIFY(refused.error().sentence().find("FlyToTheMoon_0") != std::string::npos);

        testing::GraphBuilder incomplete;
        incomplete.input("x", {0, 1, 5, 5}).node("Conv", {"x", ""}, {"y"}).output("y");
        const auto unfinished = execution::Executor::prepare(incomplete.graph());
        QVERIFY(unfinished.hasError());
        QVERIFY(unfinished.error().sentence().find("needs 2 inputs") != std::string::npos);
        QVERIFY(unfinished.error().where.find("Conv_0") != std::string::npos);

        testing::GraphBuilder mismatch;
        mismatch.input("x", {0, 3})
            .stored("w", someArray({4, 2}, 1))
            .node("MatMul", {"x", "w"}, {"y"})
            .output("y");
        const auto executor = execution::Executor::prepare(mismatch.graph());
        const auto failed = executor.value().run({{"x", someArray({1, 3}, 1)}});
        QVERIFY(failed.hasError());
        QVERIFY(failed.error().where.find("MatMul_0") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstWindows)
#include "tst_windows.moc"
