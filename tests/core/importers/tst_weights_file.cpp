// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <cmath>
#include <functional>
#include <limits>

#include "core/importers/weights_file.h"
#include "tests/core/importers/torch_files.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;
using importers::readWeights;

class TstWeightsFile : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    const std::vector<float> m_six = {0, 1, 2, 3, 4, 5};

    std::string path(const char* name) const {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }

    static std::string sentence(const Result<network::NamedTensors>& result) {
        return result.hasError() ? result.error().sentence() : std::string();
    }

    static bool contains(const std::string& text, const std::string& part) {
        if (text.find(part) == std::string::npos) {
            qWarning("\"%s\" is not in \"%s\"", part.c_str(), text.c_str());
            return false;
        }
        return true;
    }

    static std::vector<float> floats(const Array& array) {
        const auto values = array.as<float>();
        return {values.begin(), values.end()};
    }

    /// A state dict {"w": tensor} as PyTorch 1.6 and later write it.
    static std::string pickleOf(const PickleWriter::Tensor& tensor) {
        return PickleWriter().orderedDict().raw("(").text("w").tensor(tensor).raw("u.").bytes;
    }

    Result<network::NamedTensors> readZip(const std::string& pickle, const std::string& storage,
                                          bool deflate = false) const {
        writeZip(path("x.pth"), {{"x/data.pkl", pickle}, {"x/data/0", storage}}, deflate);
        return readWeights(path("x.pth"));
    }

    Result<network::NamedTensors> readView(const PickleWriter::Tensor& tensor) const {
        return readZip(pickleOf(tensor), floatBytes(m_six));
    }

private Q_SLOTS:
    void readsADictionarySavedOnAGpu() {
        const auto tensors = readView({.elements = 6, .shape = {2, 3}, .strides = {3, 1}});
        QCOMPARE(sentence(tensors), std::string());
        QCOMPARE(tensors.value().size(), 1U);
        QCOMPARE(tensors.value()[0].first, std::string("w"));
        QCOMPARE(tensors.value()[0].second.shape(), Shape({2, 3}));
        QCOMPARE(floats(tensors.value()[0].second), m_six);
    }

    void viewsFollowOffsetAndStrides() {
        const auto transposed = readView({.elements = 6, .shape = {3, 2}, .strides = {1, 3}});
        QCOMPARE(floats(transposed.value()[0].second), (std::vector<float>{0, 3, 1, 4, 2, 5}));
        const auto part = readView({.elements = 6, .offset = 2, .shape = {2}, .strides = {3}});
        QCOMPARE(floats(part.value()[0].second), (std::vector<float>{2, 5}));
        const auto repeated = readView({.elements = 6, .offset = 4, .shape = {3}, .strides = {0}});
        QCOMPARE(floats(repeated.value()[0].second), (std::vector<float>{4, 4, 4}));
        const auto scalar = readView({.elements = 6, .offset = 5});
        QCOMPARE(scalar.value()[0].second.shape(), Shape());
        QCOMPARE(floats(scalar.value()[0].second), (std::vector<float>{5}));
    }

    void viewsPastTheirStorageAreRefused_data() {
        QTest::addColumn<QVector<qint64>>("numbers");  // offset, shape, stride
        const qint64 huge = std::numeric_limits<qint64>::max();
        QTest::newRow("one too many") << QVector<qint64>{0, 7, 1};
        QTest::newRow("offset") << QVector<qint64>{3, 4, 1};
        QTest::newRow("offset behind the end") << QVector<qint64>{6, 1, 1};
        QTest::newRow("negative offset") << QVector<qint64>{-1, 2, 1};
        QTest::newRow("negative stride") << QVector<qint64>{5, 2, -1};
        QTest::newRow("stride") << QVector<qint64>{0, 2, 6};
        QTest::newRow("stride that overflows") << QVector<qint64>{0, 3, huge};
        QTest::newRow("offset that overflows") << QVector<qint64>{huge, 2, huge};
    }
    void viewsPastTheirStorageAreRefused() {
        QFETCH(QVector<qint64>, numbers);
        const auto tensors = readView(
            {.elements = 6, .offset = numbers[0], .shape = {numbers[1]}, .strides = {numbers[2]}});
        QVERIFY(contains(sentence(tensors), "reaches past the 6 elements of its storage"));
        QVERIFY(contains(sentence(tensors), "tensor w"));
    }

    void absurdStoragesAreRefused() {
        for (const std::int64_t elements :
             {std::int64_t{-1}, std::int64_t{1} << 62, (std::int64_t{1} << 62) + 6}) {
            const auto tensors =
                readView({.elements = elements, .offset = 1000, .shape = {2}, .strides = {1}});
            QVERIFY(contains(sentence(tensors), "a size that makes no sense"));
        }
        // The stride of an axis of length one is never used, whatever it is.
        const auto one = readView({.elements = 6,
                                   .shape = {1, 6},
                                   .strides = {std::numeric_limits<std::int64_t>::max(), 1}});
        QCOMPARE(floats(one.value()[0].second), m_six);
    }

    void memoryIsBoundedByTheFile() {
        const std::int64_t million = 1'000'000;
        const auto repeated = readView({.elements = 6, .shape = {1000 * million}, .strides = {0}});
        QVERIFY(contains(sentence(repeated), "more memory than the file can account for"));
        const auto absurd = readView({.elements = 6,
                                      .shape = {million, million, million, million},
                                      .strides = {0, 0, 0, 0}});
        QVERIFY(contains(sentence(absurd), "more elements than"));
        // A zip bomb: 40 MB of zeros pack into 40 KB.
        const std::string zeros(40'000'000, '\0');
        const auto bomb = readZip(
            pickleOf({.elements = 10'000'000, .shape = {10'000'000}, .strides = {1}}), zeros, true);
        QVERIFY(contains(sentence(bomb), "more memory than the file can account for"));
    }

    void typesAreWidened() {
        const std::string half("\x00\x3c\x00\xc0", 4);  // 1, -2
        auto tensors = readZip(
            pickleOf({.storageType = "HalfStorage", .elements = 2, .shape = {2}, .strides = {1}}),
            half);
        QCOMPARE(floats(tensors.value()[0].second), (std::vector<float>{1, -2}));
        tensors = readZip(pickleOf({.storageType = "LongStorage", .elements = 1}),
                          PickleWriter::little(7, 8));
        QCOMPARE(tensors.value()[0].second.as<std::int64_t>()[0], 7);
    }

    void checkpointsAreUnwrapped() {
        const PickleWriter::Tensor tensor{.elements = 6, .shape = {6}, .strides = {1}};
        const std::string checkpoint = PickleWriter()
                                           .raw("}(")
                                           .text("epoch")
                                           .integer(7)
                                           .text("optimizer")
                                           .raw("}")
                                           .text("state_dict")
                                           .orderedDict()
                                           .raw("(")
                                           .text("module.fc.weight")
                                           .tensor(tensor)
                                           .raw("uu.")
                                           .bytes;
        const auto tensors = readZip(checkpoint, floatBytes(m_six));
        QCOMPARE(sentence(tensors), std::string());
        QCOMPARE(tensors.value()[0].first, std::string("fc.weight"));
    }

    void attributesOfADictionaryAreDropped() {
        // torch sets _metadata on the OrderedDict of a state dict: BUILD with {"_metadata": {}}.
        const std::string pickle = PickleWriter()
                                       .orderedDict()
                                       .raw("(")
                                       .text("w")
                                       .tensor({.elements = 6, .shape = {6}, .strides = {1}})
                                       .raw("u}")
                                       .text("_metadata")
                                       .raw("}sb.")
                                       .bytes;
        QCOMPARE(readZip(pickle, floatBytes(m_six)).value().size(), 1U);
    }

    void codeIsRefusedByName() {
        const std::string attack = PickleWriter()
                                       .global("posix", "system")
                                       .text("touch " + path("pwned"))
                                       .raw("\x85R.")
                                       .bytes;
        const auto tensors = readZip(attack, "");
        QVERIFY(contains(sentence(tensors), "posix.system"));
        QVERIFY(contains(sentence(tensors), path("x.pth")));
        QVERIFY(!QFile::exists(QString::fromStdString(path("pwned"))));
        const auto refused = [&](const std::string& instructions) {
            return sentence(readZip(PickleWriter().raw(instructions).bytes, ""));
        };
        QVERIFY(contains(refused("(cos\nsystem\nX\x02\0\0\0lso."), "os.system"));
        // INST and OBJ make objects without REDUCE; STACK_GLOBAL takes the name from the stack.
        QVERIFY(contains(refused("(ios\nsystem\n."), "instruction 105"));
        QVERIFY(contains(refused("(o."), "instruction 111"));
        QVERIFY(contains(
            sentence(readZip(PickleWriter().text("os").text("system").raw("\x93.").bytes, "")),
            "os.system"));
        // An object as the function, a storage class as a function.
        QVERIFY(contains(refused("})R."), "not a class on the list"));
        QVERIFY(contains(refused("ctorch\nFloatStorage\n)R."), "storage of its own"));
    }

    void brokenPicklesAreRefused_data() {
        QTest::addColumn<QByteArray>("instructions");
        QTest::newRow("stop with nothing") << QByteArray(".");
        QTest::newRow("no stop") << QByteArray("}");
        QTest::newRow("tuple without mark") << QByteArray("t.");
        QTest::newRow("take below a mark") << QByteArray("N(s.");
        QTest::newRow("odd dictionary") << QByteArray("(Nd.");
        QTest::newRow("odd items") << QByteArray("}(Nu.");
        QTest::newRow("append to a number") << QByteArray("K\x01Na.");
        QTest::newRow("recall nothing") << QByteArray("h\x07.");
        QTest::newRow("text past the end") << QByteArray(
            "X\xff\xff\xff\xff"
            "abc.");
        QTest::newRow("long past the end") << QByteArray("\x8b\xff\xff\xff\x7f.");
        QTest::newRow("global without newline") << QByteArray("ccollections");
        QTest::newRow("protocol 9") << QByteArray("\x80\x09N.");
        QTest::newRow("root is a number") << QByteArray("K\x01.");
        QTest::newRow("root is none") << QByteArray("N.");
        QTest::newRow("empty dictionary") << QByteArray("}.");
        QTest::newRow("attributes of a list") << QByteArray("]}b.");
        QTest::newRow("dictionary of halves")
            << QByteArray("ccollections\nOrderedDict\n](Nae\x85R.");
    }
    void brokenPicklesAreRefused() {
        QFETCH(QByteArray, instructions);
        const auto tensors = readZip(PickleWriter().raw(instructions.toStdString()).bytes, "");
        QVERIFY(contains(sentence(tensors), path("x.pth")));
    }

    void aDictionaryInsideItselfEnds() {
        // d = {}; d["self"] = d; d["w"] = tensor
        const std::string pickle = PickleWriter()
                                       .raw("}q\x01(")
                                       .text("self")
                                       .raw("h\x01")
                                       .text("w")
                                       .tensor({.elements = 6, .shape = {6}, .strides = {1}})
                                       .raw("u.")
                                       .bytes;
        QCOMPARE(readZip(pickle, floatBytes(m_six)).value().size(), 1U);
    }

    void damagedArchivesAreRefused() {
        const PickleWriter::Tensor tensor{.elements = 6, .shape = {6}, .strides = {1}};
        QVERIFY(contains(sentence(readZip(pickleOf(tensor), floatBytes({1, 2}))),
                         "has 8 bytes where 24 are needed"));
        writeZip(path("x.pth"), {{"x/data.pkl", pickleOf(tensor)}});
        QVERIFY(contains(sentence(readWeights(path("x.pth"))), "entry x/data/0"));
        writeZip(path("x.pth"), {{"x/data.pkl", pickleOf(tensor)}, {"x/constants.pkl", "N."}});
        QVERIFY(contains(sentence(readWeights(path("x.pth"))), "TorchScript"));
        writeZip(path("x.pth"), {{"x/readme", "hello"}});
        QVERIFY(contains(sentence(readWeights(path("x.pth"))), "no state dict"));
        QVERIFY(!readZip(pickleOf(tensor), floatBytes(m_six)).hasError());
        std::string bytes = readWholeFile(path("x.pth"));
        const std::size_t place = bytes.find(floatBytes({4}));
        bytes[place + 2] = '\x41';
        writeFile(path("flipped.pth"), bytes);
        QVERIFY(contains(sentence(readWeights(path("flipped.pth"))), "checksum"));
    }

    void everyCutFileIsRefused() {
        QVERIFY(!readView({.elements = 6, .shape = {6}, .strides = {1}}).hasError());
        const std::string zip = readWholeFile(path("x.pth"));
        for (std::size_t size = 0; size < zip.size(); size += 3) {
            writeFile(path("cut.pth"), zip.substr(0, size));
            QVERIFY(readWeights(path("cut.pth")).hasError());
        }
    }

    void filesFromBefore16AreRead() {
        const std::string magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 13);
        const std::string dict =
            PickleWriter()
                .raw("}(")
                .text("w")
                .tensor({.elements = 6, .shape = {2, 3}, .strides = {3, 1}, .legacy = true})
                .raw("u.")
                .bytes;
        const std::string file = PickleWriter().raw(magic).bytes +
                                 PickleWriter().raw("M\xe9\x03.").bytes +
                                 PickleWriter().raw("}.").bytes + dict +
                                 PickleWriter().raw("]").text("0").raw("a.").bytes +
                                 PickleWriter::little(6, 8) + floatBytes(m_six);
        writeFile(path("old.pth"), file);
        const auto tensors = readWeights(path("old.pth"));
        QCOMPARE(sentence(tensors), std::string());
        QCOMPARE(floats(tensors.value()[0].second), m_six);
        for (std::size_t size = 0; size < file.size(); ++size) {
            writeFile(path("cut.pth"), file.substr(0, size));
            QVERIFY(readWeights(path("cut.pth")).hasError());
        }
        writeFile(path("other.pth"), PickleWriter().raw("}.").bytes);
        QVERIFY(contains(sentence(readWeights(path("other.pth"))), "torch.save"));
    }

    void weightsThatAreNotNumbersAreRefused() {
        const auto tensors = readZip(pickleOf({.elements = 2, .shape = {2}, .strides = {1}}),
                                     floatBytes({1, std::nanf("")}));
        QVERIFY(contains(sentence(tensors), "NaN"));
        QVERIFY(contains(sentence(tensors), "tensor w"));
    }

    void safetensorsAreRead() {
        const auto load = [&](const std::string& header, const std::string& data) {
            writeFile(path("x.safetensors"),
                      PickleWriter::little(header.size(), 8) + header + data);
            return readWeights(path("x.safetensors"));
        };
        const auto good = load(
            R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},)"
            R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})",
            floatBytes({1, 2}) + std::string("\xc0\x3f", 2));
        QCOMPARE(sentence(good), std::string());
        QCOMPARE(good.value()[0].first, std::string("a"));
        QCOMPARE(good.value()[0].second.shape(), Shape({2, 1}));
        QCOMPARE(floats(good.value()[1].second), (std::vector<float>{1.5F}));
        const std::string eight(8, '\0');
        const auto entry = [](const std::string& shape, const std::string& offsets) {
            return R"({"a":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets +
                   "}}";
        };
        QVERIFY(contains(sentence(load(entry("[3]", "[0,8]"), eight)), "needs 12 bytes but 8"));
        QVERIFY(contains(sentence(load(entry("[2]", "[0,16]"), eight)), "makes no sense"));
        QVERIFY(contains(sentence(load(entry("[2]", "[8,0]"), eight)), "makes no sense"));
        QVERIFY(contains(sentence(load(entry("[-2]", "[0,8]"), eight)), "makes no sense"));
        QVERIFY(
            contains(sentence(load(entry("[4294967296,4294967296]", "[0,8]"), eight)), "tensor a"));
        QVERIFY(contains(sentence(load("{\"a\":", eight)), "not JSON"));
        QVERIFY(contains(sentence(load("[1]", eight)), "not JSON"));
        QVERIFY(contains(sentence(load(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                                       eight)),
                         "over another tensor"));
        QVERIFY(contains(sentence(load(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                       R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                       eight)),
                         "twice"));
        writeFile(path("long.safetensors"), std::string(8, '\xff') + "{}");
        QVERIFY(contains(sentence(readWeights(path("long.safetensors"))), "not a whole"));
    }

    void otherFilesAreRefused() {
        QVERIFY(contains(sentence(readWeights(path("gone.pth"))), "gone.pth"));
        writeFile(path("empty.pth"), "");
        QVERIFY(contains(sentence(readWeights(path("empty.pth"))), "empty"));
        writeFile(path("text.pth"), "hello");
        QVERIFY(contains(sentence(readWeights(path("text.pth"))), "torch.save"));
        std::string tar(512, '\0');
        tar.replace(257, 5, "ustar");
        writeFile(path("old.tar"), tar);
        QVERIFY(contains(sentence(readWeights(path("old.tar"))), "0.1.10"));
    }

    void realFilesHoldTheSameWeights() {
        BITLOUPE_REAL_FILE(saved, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(converted, "models/derived/lenet5_mnist/lenet5_mnist.safetensors");
        BITLOUPE_REAL_FILE(exported, "models/derived/lenet5_mnist/lenet5_mnist_state_dict.pth");
        const auto gpu = readWeights(saved);
        const auto safe = readWeights(converted);
        const auto cpu = readWeights(exported);
        QCOMPARE(sentence(gpu), std::string());
        QCOMPARE(gpu.value().size(), 10U);
        for (const auto& [name, array] : gpu.value()) {
            for (const auto* other : {&safe.value(), &cpu.value()}) {
                const auto same =
                    std::find_if(other->begin(), other->end(),
                                 [&](const auto& tensor) { return tensor.first == name; });
                QVERIFY(same != other->end());
                QCOMPARE(same->second.shape(), array.shape());
                QCOMPARE(floats(same->second), floats(array));
            }
        }
    }

    void realFilesFromBefore16AreRead() {
        BITLOUPE_REAL_FILE(resnet, "models/state_dicts/resnet_cifar10/resnet20-12fca82f.th");
        const auto tensors = readWeights(resnet);
        QCOMPARE(sentence(tensors), std::string());
        QCOMPARE(tensors.value().size(), 97U);
        QCOMPARE(tensors.value()[0].first, std::string("conv1.weight"));
        BITLOUPE_REAL_FILE(pickled, "models/hls4ml_models/pytorch/two_layer_model.pt");
        QVERIFY(contains(sentence(readWeights(pickled)), "torch.nn.modules.container.Sequential"));
    }
};

QTEST_APPLESS_MAIN(TstWeightsFile)
#include "tst_weights_file.moc"
