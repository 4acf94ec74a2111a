// SPDX-License-Identifier: Apache-2.0
#include "core/importers/pickle_globals.h"

#include <map>

namespace bitloupe::importers {

namespace {

const std::map<std::string, PickleGlobal>& allowed() {
    static const std::map<std::string, PickleGlobal> kAllowed = [] {
        std::map<std::string, PickleGlobal> names = {
            {"collections OrderedDict", PickleGlobal::OrderedDictionary},
            {"torch._utils _rebuild_tensor", PickleGlobal::RebuildTensor},
            {"torch._utils _rebuild_tensor_v2", PickleGlobal::RebuildTensor},
            {"torch._utils _rebuild_parameter", PickleGlobal::RebuildParameter},
            {"torch.nn.parameter Parameter", PickleGlobal::RebuildParameter},
            {"torch Size", PickleGlobal::Size},
            {"torch device", PickleGlobal::Opaque},
            {"torch.serialization _get_layout", PickleGlobal::Opaque},
            {"_codecs encode", PickleGlobal::Opaque},
            {"numpy dtype", PickleGlobal::Opaque},
            {"numpy.core.multiarray scalar", PickleGlobal::Opaque},
            {"numpy._core.multiarray scalar", PickleGlobal::Opaque},
        };
        for (const char* type : {"float16", "bfloat16", "float32", "float64", "int8", "int16",
                                 "int32", "int64", "uint8", "bool"}) {
            names.emplace(std::string("torch ") + type, PickleGlobal::Opaque);
        }
        return names;
    }();
    return kAllowed;
}

}  // namespace

std::optional<StoredType> storageType(const std::string& qualifiedName) {
    static const std::map<std::string, StoredType> kTypes = {
        {"FloatStorage", StoredType::Float32}, {"DoubleStorage", StoredType::Float64},
        {"HalfStorage", StoredType::Float16},  {"BFloat16Storage", StoredType::BFloat16},
        {"LongStorage", StoredType::Int64},    {"IntStorage", StoredType::Int32},
        {"ShortStorage", StoredType::Int16},   {"CharStorage", StoredType::Int8},
        {"ByteStorage", StoredType::Uint8},    {"BoolStorage", StoredType::Bool},
    };
    for (const std::string module : {"torch ", "torch.cuda "}) {
        if (qualifiedName.starts_with(module)) {
            const auto found = kTypes.find(qualifiedName.substr(module.size()));
            if (found != kTypes.end()) {
                return found->second;
            }
        }
    }
    return std::nullopt;
}

std::optional<PickleGlobal> pickleGlobal(const std::string& qualifiedName) {
    if (storageType(qualifiedName)) {
        return PickleGlobal::Storage;
    }
    const auto found = allowed().find(qualifiedName);
    return found == allowed().end() ? std::nullopt : std::optional(found->second);
}

}  // namespace bitloupe::importers
