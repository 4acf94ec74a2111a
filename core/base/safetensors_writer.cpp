// SPDX-License-Identifier: Apache-2.0
#include "core/base/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace bitloupe {

namespace {

std::string typeName(ElementType type) {
    switch (type) {
        case ElementType::Float32:
            return "F32";
        case ElementType::Float64:
            return "F64";
        case ElementType::Int8:
            return "I8";
        case ElementType::Uint8:
            return "U8";
        case ElementType::Int16:
            return "I16";
        case ElementType::Uint16:
            return "U16";
        case ElementType::Int32:
            return "I32";
        case ElementType::Uint32:
            return "U32";
        case ElementType::Int64:
            return "I64";
        case ElementType::Uint64:
            return "U64";
        case ElementType::Bool:
            return "BOOL";
    }
    throw std::logic_error("unknown element type");
}

}  // namespace

std::string safetensorsBytes(const std::map<std::string, Array>& tensors,
                             const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json header;
    if (!metadata.empty()) {
        header["__metadata__"] = metadata;
    }
    std::string data;
    for (const auto& [name, array] : tensors) {
        const auto bytes = array.bytes();
        header[name] = {{"dtype", typeName(array.type())},
                        {"shape", array.shape()},
                        {"data_offsets", {data.size(), data.size() + bytes.size()}}};
        data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors start on a multiple of eight bytes
    std::string file;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        file.push_back(static_cast<char>((text.size() >> shift) & 0xFFU));
    }
    return file + text + data;
}

}  // namespace bitloupe
