// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QCryptographicHash>

#include <string>

#include "core/base/sha256.h"

using namespace bitloupe;

class TstSha256 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // FIPS 180-4 example.
    void hashesThePublishedExample() {
        QCOMPARE(Sha256().add("abc").hex(),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    void agreesWithQtForEveryLengthAndSplit() {
        std::string text;
        for (int length = 0; length < 300; ++length) {
            Sha256 split;
            const auto middle = static_cast<std::size_t>(length * 7 % (length + 1));
            split.add(std::string_view(text).substr(0, middle));
            split.add(std::string_view(text).substr(middle));
            const QByteArray expected = QCryptographicHash::hash(QByteArray::fromStdString(text),
                                                                 QCryptographicHash::Sha256);
            QCOMPARE(split.hex(), expected.toHex().toStdString());
            text += static_cast<char>(length * 31 + 5);
        }
    }

    void readingTheHashDoesNotEndIt() {
        Sha256 hash;
        hash.add("a");
        (void)hash.hex();
        QCOMPARE(hash.add("bc").hex(), Sha256().add("abc").hex());
    }
};

QTEST_APPLESS_MAIN(TstSha256)
#include "tst_sha256.moc"
