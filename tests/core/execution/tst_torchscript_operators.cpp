// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>

#include "core/base/file.h"
#include "core/execution/executor.h"
#include "core/execution/torchscript/torchscript_file.h"
#include "core/execution/torchscript_file.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// Small scripts, each saved and opened as a user's file: what they give equals what LibTorch's
/// interpreter gives, at a batch that the translation never saw.
class TstTorchscriptOperators : public QObject {
    Q_OBJECT

    static std::map<std::string, Array> weights() {
        return {
            {"w", testing::someArray({6, 4}, 1)},       {"b", testing::someArray({6}, 2)},
            {"k", testing::someArray({6, 4, 3, 3}, 3)}, {"k1", testing::someArray({6, 4, 3}, 9)},
            {"t", testing::someArray({4, 3, 2, 2}, 4)}, {"table", testing::someArray({11, 4}, 5)},
            {"wi", testing::someArray({20, 4}, 6)},     {"wh", testing::someArray({20, 5}, 7)},
            {"bi", testing::someArray({20}, 8)}};
    }

    /// Saves a module with the weights and this forward method in `folder`.
    static std::string saved(const QTemporaryDir& folder, const std::string& body) {
        const auto bytes =
            execution::torchScriptBytes({"def forward(self, x):\n" + body + "\n", weights()});
        const std::string path = folder.filePath("net.pt").toStdString();
        if (bytes.hasError() || writeFileAtomically(path, bytes.value()).hasError()) {
            qWarning("%s", testing::reason(bytes).constData());
        }
        return path;
    }

    static void check(const QString& body, const Shape& sample, bool tokens) {
        const QTemporaryDir folder;
        const std::string path = saved(folder, body.toStdString());
        const auto graph = execution::importTorchScript(path, {{"", sample}});
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        const auto shared = std::make_shared<const network::Graph>(graph.value());
        for (const execution::UnsupportedOperator& missing :
             execution::unsupportedOperators(*shared)) {
            QFAIL(qPrintable(QString::fromStdString(missing.operatorType)));
        }
        const auto executor = execution::Executor::prepare(shared);
        QVERIFY2(executor.hasValue(), testing::reason(executor).constData());
        Shape shape = sample;
        shape.front() = 5;
        std::vector<std::int64_t> places(static_cast<std::size_t>(elementCount(shape)));
        for (std::size_t i = 0; i < places.size(); ++i) {
            places[i] = static_cast<std::int64_t>(i * 7 % 11);
        }
        const Array input =
            tokens ? Array::of<std::int64_t>(shape, places) : testing::someArray(shape, 17);
        const auto found = executor.value().run({{"", input}});
        QVERIFY2(found.hasValue(), testing::reason(found).constData());
        const auto expected = execution::runTorchScript(path, {input});
        QVERIFY2(expected.hasValue(), testing::reason(expected).constData());
        QCOMPARE(found.value().size(), expected.value().size());
        for (std::size_t i = 0; i < found.value().size(); ++i) {
            compare(found.value()[i], expected.value()[i]);
        }
    }

    static std::vector<double> numbers(const Array& array) {
        std::vector<double> values;
        if (array.type() == ElementType::Float32) {
            for (const float value : array.as<float>()) {
                values.push_back(double(value));
            }
        } else if (array.type() == ElementType::Int64) {
            for (const std::int64_t value : array.as<std::int64_t>()) {
                values.push_back(double(value));
            }
        } else {
            for (const std::byte value : array.bytes()) {
                values.push_back(double(value));
            }
        }
        return values;
    }

    static void compare(const Array& found, const Array& expected) {
        QCOMPARE(found.shape(), expected.shape());
        const std::vector<double> got = numbers(found);
        const std::vector<double> wanted = numbers(expected);
        QCOMPARE(got.size(), wanted.size());
        const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
        const double range = std::max(*most - *least, 1e-3);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            QVERIFY2(std::abs(got[i] - wanted[i]) <= 1e-4 * range,
                     qPrintable(QString("%1 for %2").arg(got[i]).arg(wanted[i])));
        }
    }

private Q_SLOTS:
    void equalsTheInterpreter_data();
    void equalsTheInterpreter() {
        QFETCH(QString, body);
        QFETCH(QString, kind);
        const std::map<QString, Shape> shapes = {{"matrix", {2, 4}},
                                                 {"sequence", {2, 7, 4}},
                                                 {"image", {2, 4, 8, 10}},
                                                 {"signal", {2, 4, 12}},
                                                 {"tokens", {2, 6}}};
        check(body, shapes.at(kind), kind == "tokens");
    }

    void whatHasNoTranslationIsNamedWithItsLine() {
        const auto sentence = [](const std::string& body) {
            const QTemporaryDir folder;
            return testing::reason(
                execution::importTorchScript(saved(folder, body), {{"", Shape{2, 4}}}));
        };
        const QByteArray unknown = sentence("    y = x + 1\n    return torch.erfinv(y)");
        QVERIFY2(unknown.contains("aten::erfinv has no translation"), unknown.constData());
        QVERIFY2(unknown.contains("__torch__.py, line "), unknown.constData());
        const QByteArray random = sentence("    return torch.rand_like(x) + x");
        QVERIFY2(random.contains("aten::rand_like has no translation"), random.constData());
        const QByteArray endless =
            sentence("    while bool(x.sum() < 100.0):\n        x = x + 1\n    return x");
        QVERIFY2(endless.contains("end depends on the data"), endless.constData());
    }

    /// Every call is the first one of a module that has just been loaded.
    void whatAScriptKeepsIsThatOfAFirstCall() {
        check(
            "    y = x + self.b[:4]\n    self.b = y * 2\n    z = self.b - x\n"
            "    self.b = z\n    return z * self.b",
            {2, 4}, false);
        const QTemporaryDir folder;
        const QByteArray said = testing::reason(execution::importTorchScript(
            saved(folder,
                  "    if bool(x.sum() < 1.0):\n        self.b = x\n    return self.b.sum() + x"),
            {{"", Shape{2, 4}}}));
        QVERIFY2(said.contains("keeps \"b\" where the input decides"), said.constData());
    }

    void filesThatAreNoNetworksAreRefused() {
        const QTemporaryDir folder;
        const std::string path = saved(folder, "    return x + 1");
        QVERIFY(execution::isTorchScript(path));
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.resize(file.size() / 2));
        file.close();
        QVERIFY(!execution::isTorchScript(path));
        QVERIFY(execution::importTorchScript(path).hasError());
        QVERIFY(!execution::isTorchScript(folder.filePath("nothing.pt").toStdString()));
    }
};

void TstTorchscriptOperators::equalsTheInterpreter_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("body");
    const auto row = [](const char* kind, const char* name, const char* body) {
        QTest::newRow(name) << QString(kind) << QString(body);
    };
    row("matrix", "dense layers",
        "    h = torch.relu(torch.addmm(self.b, x, self.w.t()))\n    return torch.matmul(h, "
        "self.w) - 0.5");
    row("matrix", "functions of numbers",
        "    y = torch.exp(x) + torch.sqrt(torch.abs(x)) - torch.log1p(x * x)\n    return "
        "torch.atan2(y, x), torch.pow(y, 2), torch.rsqrt(y + 9), torch.floor(y), torch.expm1(x), "
        "torch.log2(torch.abs(x) + 1)");
    row("matrix", "activations",
        "    return (torch.sigmoid(x), torch.tanh(x), torch.leaky_relu(x, 0.1), torch.selu(x), "
        "torch.celu(x, 1.5), torch.softmax(x, 1), torch.log_softmax(x, -1), torch.clamp(x, -0.5, "
        "0.25), torch.clamp(x, min=0.1))");
    row("matrix", "truth",
        "    m = (x > 0) & (x < 0.5) | torch.logical_not(x >= -0.5)\n    return torch.where(m, x, "
        "-x), x.masked_fill(m, 7.0), (x != 0).to(6), torch.all(m, 1), torch.any(m, 1)");
    row("matrix", "whole numbers",
        "    n = (x * 10).to(4)\n    return n // 3, n % 4, -n, n * 2 + 1, "
        "torch.maximum(n, n * 0)");
    row("matrix", "reductions",
        "    return x.sum(1), x.mean(0, keepdim=True), x.max(1)[0], torch.argmax(x, 1), x.prod(1), "
        "torch.var(x, 1), x.std(1, unbiased=False), torch.norm(x, 2, 1), torch.logsumexp(x, 1), "
        "torch.cumsum(x, 1), torch.amax(x, 1)");
    row("matrix", "order",
        "    v, i = torch.topk(x, 2, 1)\n    s, j = torch.sort(x, 1, True)\n    return v, i, s, j");
    row("matrix", "shapes from the input",
        "    n = x.size(0)\n    y = x.view(n, 2, 2).transpose(1, 2).reshape(n, -1)\n    z = "
        "torch.zeros(n, 3) + torch.arange(n).to(6).unsqueeze(1)\n    return "
        "torch.cat([y, z], 1), x.unsqueeze(0).expand(3, n, 4), x.repeat(2, 1)");
    row("matrix", "parts",
        "    a, b = torch.chunk(x, 2, 1)\n    c = torch.stack([a, b], 1)\n    d, e = "
        "torch.split(x, [1, 3], 1)\n    return a * b, c, d + e, x[:, 1:3], x[:, -1], x[1:], "
        "c.permute(2, 0, 1), x.flip(1), torch.roll(x, 1, 1)");
    row("matrix", "picked elements",
        "    i = torch.argmax(x, 1)\n    return torch.gather(x, 1, i.unsqueeze(1)), "
        "torch.index_select(x, 1, torch.tensor([2, 0])), self.table[i], x[torch.arange(2), "
        "torch.tensor([1, 3])]");
    row("image", "convolutions",
        "    y = torch.conv2d(x, self.k, self.b, [2, 1], [1, 1], [1, 1])\n    z = torch.conv2d(x, "
        "self.k[:, 0:2], None, [1, 1], [0, 2], [1, 2], 2)\n    u = torch.conv_transpose2d(x, "
        "self.t, None, [2, 2], [1, 1], [1, 1])\n    return y, z, u");
    row("image", "pooling",
        "    return (torch.max_pool2d(x, [3, 3], [2, 2], [1, 1]), torch.max_pool2d(x, 2), "
        "torch.avg_pool2d(x, [2, 3], [2, 2], [1, 1], False, False), torch.adaptive_avg_pool2d(x, "
        "[1, 1]), torch.adaptive_avg_pool2d(x, [4, 5]), torch.adaptive_max_pool2d(x, [1, 1])[0])");
    row("image", "normalizations",
        "    m = self.b[:4]\n    v = torch.abs(m) + 0.5\n    return (torch.batch_norm(x, v, m, m, "
        "v, False, 0.1, 1e-5, False), torch.group_norm(x, 2, v, m, 1e-5), torch.instance_norm(x, "
        "v, m, None, None, True, 0.1, 1e-5, False), torch.layer_norm(x, [8, 10]))");
    row("image", "sizes and borders",
        "    y = torch.constant_pad_nd(x, [1, 2, 0, 1], 0.5)\n    return y, torch.flatten(x, 1), "
        "torch.flatten(x, 1, 2), torch.pixel_shuffle(x, 2), torch.tril(x), x.mean([2, 3])");
    row("signal", "one dimension",
        "    y = torch.conv1d(x, self.k1, self.b, [2], [1])\n    return torch.max_pool1d(y, 2), "
        "torch.avg_pool1d(y, [2]), torch.adaptive_avg_pool1d(y, 1)");
    row("tokens", "a table",
        "    e = torch.embedding(self.table, x)\n    return e.sum(1), torch.einsum('bij,bkj->bik', "
        "[e, e])");
    row("sequence", "attention",
        "    q = x + 1\n    s = torch.bmm(q, x.transpose(1, 2)) / 2.0\n    m = "
        "torch.triu(torch.ones(7, 7), 1).to(11)\n    return "
        "torch.matmul(torch.softmax(s.masked_fill(m, -1e9), -1), x), torch.baddbmm(s, q, "
        "x.transpose(1, 2))");
    row("sequence", "a recurrent layer",
        "    h = torch.zeros(1, 7, 5)\n    y, n, c = torch.lstm(x, [h, h], [self.wi, self.wh, "
        "self.bi, self.bi], True, 1, 0.0, False, False, False)\n    g, m = torch.gru(x, h, "
        "[self.wi[:15], self.wh[:15], self.bi[:15], self.bi[:15]], True, 1, 0.0, False, False, "
        "False)\n    return y, n, c, g, m");
    row("matrix", "a cell",
        "    h = torch.zeros(x.size(0), 5)\n    a, c = torch.lstm_cell(x, [h, h], self.wi, "
        "self.wh, self.bi, self.bi)\n    return a, c, torch.gru_cell(x, a, self.wi[:15], "
        "self.wh[:15], self.bi[:15], self.bi[:15])");
    row("sequence", "a loop over what is known",
        "    h = torch.zeros(x.size(0), 4)\n    for i in range(x.size(1)):\n        h = "
        "torch.tanh(h + x[:, i])\n    return h");
    row("matrix", "a branch on the data",
        "    if bool(x.sum() > 0):\n        y = x * 2\n    else:\n        y = x - 1\n    return y");
    row("matrix", "branches that are decided",
        "    if x.dim() == 2:\n        y = x + 1\n    else:\n        y = x - 1\n"
        "    if x.size(1) > 3:\n        y = y * 2\n    assert x.size(0) > 0\n    return y");
    row("matrix", "changes in place",
        "    y = x + 0\n    y.relu_().add_(1.0)\n    y *= 2\n    return y, y.size(1)* y");
}

QTEST_GUILESS_MAIN(TstTorchscriptOperators)
#include "tst_torchscript_operators.moc"
