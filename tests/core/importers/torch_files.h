// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zip.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace bitloupe::testing {

/// Writes pickles instruction by instruction, as torch.save does (protocol 2).
class PickleWriter {
public:
    std::string bytes = "\x80\x02";

    PickleWriter& raw(const std::string& instructions) {
        bytes += instructions;
        return *this;
    }
    PickleWriter& global(const std::string& module, const std::string& name) {
        return raw("c" + module + "\n" + name + "\n");
    }
    PickleWriter& text(const std::string& value) {
        return raw("X" + little(value.size(), 4) + value);
    }
    PickleWriter& integer(std::int64_t value) {
        return raw("\x8a\x08" + little(static_cast<std::uint64_t>(value), 8));
    }
    PickleWriter& tuple(const std::vector<std::int64_t>& values) {
        raw("(");
        for (const std::int64_t value : values) {
            integer(value);
        }
        return raw("t");
    }
    /// The empty OrderedDict; items follow between "(" and "u".
    PickleWriter& orderedDict() { return global("collections", "OrderedDict").raw(")R"); }

    struct Tensor {
        std::string storageType = "FloatStorage";
        std::string key = "0";
        std::int64_t elements = 0;
        std::int64_t offset = 0;
        std::vector<std::int64_t> shape = {};
        std::vector<std::int64_t> strides = {};
        std::string device = "cuda:0";
        bool legacy = false;  ///< the form before 1.6 has a view behind the number of elements
    };
    /// The call torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, hooks).
    PickleWriter& tensor(const Tensor& tensor) {
        global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
        global("torch", tensor.storageType).text(tensor.key).text(tensor.device);
        integer(tensor.elements).raw(tensor.legacy ? "NtQ" : "tQ").integer(tensor.offset);
        tuple(tensor.shape).tuple(tensor.strides).raw("\x89").orderedDict();
        return raw("tR");
    }

    static std::string little(std::uint64_t value, int size) {
        std::string bytes;
        for (int i = 0; i < size; ++i) {
            bytes += static_cast<char>(value >> (8 * i));
        }
        return bytes;
    }
};

inline std::string floatBytes(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline void writeFile(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

inline std::string readWholeFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

using ZipEntries = std::vector<std::pair<std::string, std::string>>;

/// A zip file with these entries, stored or deflated.
inline void writeZip(const std::string& path, const ZipEntries& entries, bool deflate = false) {
    int status = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &status);
    for (const auto& [name, content] : entries) {
        zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
        const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
        zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                                 deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    zip_close(archive);
}

}  // namespace bitloupe::testing
