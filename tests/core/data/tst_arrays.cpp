// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QtCore/QDir>
#include <numeric>

#include "core/base/npy.h"
#include "core/data/data_description.h"
#include "core/data/sample_store.h"
#include "tests/core/data/files.h"
#include "tests/core/importers/torch_files.h"

using namespace bitloupe;
using namespace bitloupe::testing;
using data::DataDescription;
using data::describeData;
using data::loadDataSet;
using data::Role;

namespace {

Array counted(const Shape& shape) {
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    std::iota(values.begin(), values.end(), 0.0F);
    return Array::of<float>(shape, values);
}

std::string npz(const Files& files, const std::map<std::string, Array>& arrays) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const auto& [name, array] : arrays) {
        entries.emplace_back(name + ".npy", npyBytes(array));
    }
    writeZip(files.path("a.npz"), {entries.begin(), entries.end()});
    return files.path("a.npz");
}

DataDescription whole(DataDescription description) {
    description.shuffle.reset();
    description.splits = {{Role::Search, {description.sources.begin()->first, 0, {}}}};
    return description;
}

std::string big(std::uint32_t number) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>(number >> shift & 0xffU);
    }
    return bytes;
}

/// A PNG of one byte a pixel: gray (type 0) or places in a palette (type 3).
std::string png(std::uint32_t width, std::uint32_t height, char type, const std::string& pixels) {
    const auto chunk = [](const std::string& name, const std::string& content) {
        const std::string body = name + content;
        const auto sum =
            crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
        return big(static_cast<std::uint32_t>(content.size())) + body +
               big(static_cast<std::uint32_t>(sum));
    };
    std::string rows;
    for (std::uint32_t y = 0; y < height; ++y) {
        rows += '\0' + pixels.substr(y * width, width);
    }
    uLongf size = compressBound(static_cast<uLong>(rows.size()));
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
    packed.resize(size);
    const std::string head = big(width) + big(height) + '\x08' + type + std::string(3, '\0');
    const std::string palette = type == 3 ? chunk("PLTE", std::string(3 * 256, '\x7f')) : "";
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + palette + chunk("IDAT", packed) +
           chunk("IEND", "");
}

}  // namespace

class TstArrays : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void arraysOfAnNpzAreInputsByTheirNames() {
        const Files files;
        const std::vector<std::int64_t> labels = {0, 2, 1, 0};
        const std::string path = npz(files, {{"features", counted({4, 3, 2})},
                                             {"mask", counted({4, 1, 2})},
                                             {"tokens", Array::of<std::int64_t>({4}, labels)},
                                             {"y", Array::of<std::int64_t>({4}, labels)},
                                             {"other", counted({5})}});
        TAKE_RESULT(found, describeData(path));
        QCOMPARE(found.target, std::string("y"));
        TAKE_RESULT(set, loadDataSet(whole(found)));
        const data::Samples& samples = set.splits.at(Role::Search);
        QCOMPARE(samples.labels, labels);
        QCOMPARE(samples.inputs.size(), std::size_t(3));
        QCOMPARE(samples.inputs.at("features").shape(), Shape({4, 3, 2}));
        QVERIFY(samples.inputs.at("tokens").type() == ElementType::Int64);
        DataDescription named = whole(found);
        named.inputs = {{"x", "features"}};
        TAKE_RESULT(one, loadDataSet(named));
        QCOMPARE(one.splits.at(Role::Search).inputs.begin()->first, std::string("x"));
        named.inputs = {{"x", "featurse"}};
        VERIFY_FAILS(loadDataSet(named), "did you mean `features`?");
        named.inputs = {{"x", "features"}, {"z", "other"}};
        VERIFY_FAILS(loadDataSet(named), "the array `other` has 5 samples, the others 4");
    }

    void labelsComeAsNumbersOneHotOrTargets() {
        const Files files;
        const auto loaded = [&](const Array& y, const std::string& task) {
            DataDescription description =
                whole(data::describeData(npz(files, {{"x", counted({3, 2})}, {"y", y}})).value());
            description.task = task;
            return loadDataSet(description);
        };
        const Array oneHot =
            Array::of<float>({3, 3}, std::vector<float>{0, 0, 1, 1, 0, 0, 0, 1, 0});
        TAKE_RESULT(classes, loaded(oneHot, ""));
        QCOMPARE(classes.splits.at(Role::Search).labels, (std::vector<std::int64_t>{2, 0, 1}));
        TAKE_RESULT(targets, loaded(oneHot, "regression"));
        QCOMPARE(targets.splits.at(Role::Search).targetsPerSample(), 3);
        QVERIFY(targets.task == data::Task::Regression);
        TAKE_RESULT(numbers, loaded(Array::of<float>({3}, std::vector<float>{0.5F, 1, 2}), ""));
        QCOMPARE(numbers.splits.at(Role::Search).targets, (std::vector<float>{0.5F, 1, 2}));
        TAKE_RESULT(floats, loaded(Array::of<float>({3}, std::vector<float>{1, 0, 1}), ""));
        QCOMPARE(floats.splits.at(Role::Search).labels, (std::vector<std::int64_t>{1, 0, 1}));
        VERIFY_FAILS(
            loaded(Array::of<float>({3}, std::vector<float>{0.5F, 1, 2}), "classification"),
            "a label is not a whole number");
    }

    void rangesOfAnNpyAreThoseOfTheWhole() {
        const Files files;
        const Array all = counted({50, 7});
        DataDescription description =
            whole(data::describeData(files.write("a.npy", npyBytes(all))).value());
        description.shuffle = 3;
        description.splits[Role::Search] = {"all", 10, 20};
        TAKE_RESULT(set, loadDataSet(description));
        const Array& samples = set.splits.at(Role::Search).inputs.at("samples");
        QCOMPARE(samples.shape(), Shape({20, 7}));
        for (std::int64_t i = 0; i < 20; ++i) {
            const auto row = samples.rows(i, 1).as<float>();
            const auto source = static_cast<std::int64_t>(row[0]) / 7;
            QVERIFY(std::equal(row.begin(), row.end(), all.rows(source, 1).as<float>().begin()));
        }
    }

    void samplesOnDiskAreTheSame() {
        const Files files;
        const std::vector<std::int64_t> labels(40, 1);
        DataDescription description =
            data::describeData(npz(files, {{"x", counted({40, 3, 5, 5})},
                                           {"y", Array::of<std::int64_t>({40}, labels)}}))
                .value();
        description.scaling = "standardize";
        TAKE_RESULT(inMemory, loadDataSet(description));
        TAKE_RESULT(onDisk, loadDataSet(description, {.memoryBytes = 0, .diskBytes = 1 << 20U}));
        QCOMPARE(onDisk.hash, inMemory.hash);
        VERIFY_FAILS(loadDataSet(description, {.memoryBytes = 0, .diskBytes = 1000}),
                     "take more than 0 MiB");
        qputenv("TMPDIR", files.path("none").c_str());
        VERIFY_FAILS(loadDataSet(description, {.memoryBytes = 0, .diskBytes = 1 << 20U}),
                     "no file for them can be made");
        qunsetenv("TMPDIR");
    }

    void bombsAndAbsurdSizesEndInOneSentence() {
        const Files files;
        const std::string honest = readWholeFile(npz(files, {{"x", counted({4, 3})}}));
        const auto declaring = [&](std::uint32_t size) {
            std::string bytes = honest;  // the size as unpacked, in the list at the end
            const std::size_t entry = bytes.rfind(std::string("PK\x01\x02", 4));
            for (unsigned i = 0; i < 4; ++i) {
                bytes[entry + 24 + i] = static_cast<char>(size >> 8 * i & 0xffU);
            }
            return files.write("bomb.npz", bytes);
        };
        VERIFY_FAILS(data::describeData(declaring(3'000'000'000U)), "more than 1 GiB");
        VERIFY_FAILS(data::describeData(declaring(900'000'000U)), "which cannot be");
        std::string head = npyBytes(counted({4, 3}));
        head.replace(head.find("(4, 3, )"), 8, "(9999999999,)");
        VERIFY_FAILS(data::describeData(files.write("a.npy", head)), "are declared");
        std::string wide;
        for (int i = 0; i < 1'000'000; ++i) {
            wide += "1,";
        }
        VERIFY_FAILS(data::describeData(files.write("wide.csv", wide + "1\n" + wide + "1\n")),
                     "more than 65,536 cells");
        const std::string huge = png(4, 4, 0, std::string(16, '\1'));
        std::string absurd = huge;
        absurd.replace(16, 8, big(2'000'000'000) + big(2'000'000'000));
        TAKE_RESULT(image, describeData(files.write("a.png", absurd)));
        VERIFY_FAILS(loadDataSet(image), "the image cannot be read");
    }

    void labelImagesGiveAClassForEveryPixel() {
        const Files files;
        QVERIFY(QDir(QString::fromStdString(files.folder())).mkpath(QStringLiteral("images")));
        QVERIFY(QDir(QString::fromStdString(files.folder())).mkpath(QStringLiteral("masks")));
        files.write("images/a.png", png(3, 2, 0, "abcdef"));
        files.write("images/b.png", png(3, 2, 0, "ghijkl"));
        files.write("masks/a.png", png(3, 2, 3, std::string("\0\1\2\3\xff\5", 6)));
        files.write("masks/b.png", png(3, 2, 0, std::string("\1\1\1\0\0\0", 6)));
        const std::string yaml = files.write("d.yaml",
                                             "kind: images\nsources: {all: {folder: images, masks: "
                                             "masks}}\nsplits: {search: {}}\nmetric: miou\n");
        TAKE_RESULT(description, data::describeData(yaml));
        TAKE_RESULT(set, loadDataSet(description));
        const data::Samples& samples = set.splits.at(Role::Search);
        QCOMPARE(samples.inputs.at("").shape(), Shape({2, 1, 2, 3}));
        QCOMPARE(samples.inputs.at("").as<float>()[6], float('g'));
        QCOMPARE(samples.labels, (std::vector<std::int64_t>{0, 1, 2, 3, -1, 5, 1, 1, 1, 0, 0, 0}));
        QVERIFY(set.metric == data::Metric::Miou);
        files.write("images/c.png", png(2, 2, 0, "abcd"));
        files.write("masks/c.png", png(2, 2, 0, std::string(4, '\1')));
        VERIFY_FAILS(loadDataSet(description), "give `resize` and `crop`");
        description.images.resize = {2, 2};
        TAKE_RESULT(resized, loadDataSet(description));
        QCOMPARE(resized.splits.at(Role::Search).count(), 3);
        QCOMPARE(resized.splits.at(Role::Search).labels[8], 1);
    }

    void cifar100HasTwoLabelsAndRangesCrossFiles() {
        const Files files;
        const auto record = [](int coarse, int fine, char pixel) {
            return std::string{static_cast<char>(coarse), static_cast<char>(fine)} +
                   std::string(3072, pixel);
        };
        files.write("train.bin", record(3, 70, 1) + record(19, 99, 2));
        files.write("train2.bin", record(0, 5, 3));
        files.write("test.bin", record(1, 6, 4));
        TAKE_RESULT(folder, data::describeData(files.folder()));
        folder.splits = {{Role::Search, {"train", 0, {}}}, {Role::Test, {"test", 0, {}}}};
        TAKE_RESULT(fine, loadDataSet(folder));
        QCOMPARE(fine.splits.at(Role::Search).labels, (std::vector<std::int64_t>{70, 99, 5}));
        QCOMPARE(fine.splits.at(Role::Search).inputs.at("").as<float>()[2 * 3072], 3.0F / 255);
        folder.target = "coarse";
        TAKE_RESULT(coarse, loadDataSet(folder));
        QCOMPARE(coarse.splits.at(Role::Search).labels, (std::vector<std::int64_t>{3, 19, 0}));
    }

    void descriptionsOfEveryKindSurviveTheirYaml() {
        const Files files;
        const std::string yaml =
            "kind: images\nname: i\nsources:\n  all: {folder: f, labels: l.csv}\nsplits:\n"
            "  search: {source: all}\ntarget: c\nmetric: top5\nresize: [256, 200]\ncrop: [224, "
            "190]\nchannels: 3\nscaling: divide\ndivisor: 255\nmean: [0.5, 0.25, 0.125]\nstd: 2\n";
        TAKE_RESULT(images, data::describeData(files.write("i.yaml", yaml)));
        QCOMPARE((*images.images.resize)[1], 200);
        QCOMPARE(images.mean, (std::vector<double>{0.5, 0.25, 0.125}));
        QCOMPARE(images.deviation, std::vector<double>{2});
        VERIFY_FAILS(data::describeData(files.write("a.yaml",
                                                    "kind: idx\nsources: {a: {images: "
                                                    "x}}\nsplits: {search: {}}\ncrop: 2\n")),
                     "this key is for `kind: images`");
        VERIFY_FAILS(data::describeData(files.write("b.yaml",
                                                    "kind: text\nsources: {a: {text: x}}\n"
                                                    "splits: {search: {}}\nmetric: best\n")),
                     "`best` is none of the choices");
    }
};

QTEST_APPLESS_MAIN(TstArrays)
#include "tst_arrays.moc"
