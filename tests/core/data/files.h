// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zlib.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitloupe::testing {

/// A folder of files that a test writes; gone with it.
class Files {
public:
    [[nodiscard]] std::string folder() const { return m_folder.path().toStdString(); }
    [[nodiscard]] std::string path(const std::string& name) const { return folder() + "/" + name; }

    std::string write(const std::string& name, std::string_view content) const {
        QFile file(QString::fromStdString(path(name)));
        if (!file.open(QIODevice::WriteOnly) ||
            file.write(content.data(), static_cast<qint64>(content.size())) < 0) {
            qFatal("a test file cannot be written");
        }
        return path(name);
    }
    std::string writeGzip(const std::string& name, std::string_view content) const {
        const gzFile file = gzopen(path(name).c_str(), "wb");
        if (gzwrite(file, content.data(), static_cast<unsigned>(content.size())) <= 0) {
            qFatal("a test file cannot be written");
        }
        gzclose(file);
        return path(name);
    }

private:
    QTemporaryDir m_folder;
};

/// Bytes of an IDX file of type `type` (0x08: bytes).
inline std::string idxBytes(char type, const std::vector<std::uint32_t>& shape,
                            std::string_view body) {
    std::string bytes = {'\0', '\0', type, static_cast<char>(shape.size())};
    for (const std::uint32_t dimension : shape) {
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            bytes += static_cast<char>(dimension >> shift & 0xffU);
        }
    }
    return bytes + std::string(body);
}

#define VERIFY_CONTAINS(text, part) \
    QVERIFY2(QString::fromStdString(text).contains(part), std::string(text).c_str())

/// The sentence of a Result that must be an error.
#define VERIFY_FAILS(expression, part)                     \
    do {                                                   \
        const auto failing = (expression);                 \
        QVERIFY2(failing.hasError(), "accepted");          \
        VERIFY_CONTAINS(failing.error().sentence(), part); \
    } while (false)

/// Leaves the test with the error's sentence when `expression` is an error.
#define TAKE_RESULT(name, expression)                                                 \
    auto name##Result = (expression);                                                 \
    QVERIFY2(name##Result.hasValue(),                                                 \
             name##Result.hasError() ? name##Result.error().sentence().c_str() : ""); \
    auto& name = name##Result.value()

}  // namespace bitloupe::testing
