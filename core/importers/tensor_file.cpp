// SPDX-License-Identifier: Apache-2.0
#include "core/importers/tensor_file.h"

#include "core/base/file.h"
#include "core/base/npy.h"
#include "core/importers/onnx_tensor.h"

namespace bitloupe::importers {

Result<Array> readTensorFile(const std::string& path) {
    const Result<std::string> bytes = readFile(path);
    if (bytes.hasError()) {
        return bytes.error();
    }
    if (!path.ends_with(".pb")) {
        return parseNpy(bytes.value(), path);
    }
    onnx::TensorProto tensor;
    if (!tensor.ParseFromString(bytes.value())) {
        return Error{"this is not an ONNX tensor", path, "give a .npy file or a TensorProto .pb"};
    }
    const std::size_t slash = path.rfind('/');
    Result<Array> array =
        arrayOf(tensor, slash == std::string::npos ? std::string(".") : path.substr(0, slash));
    return array.hasError() ? Result<Array>(array.error().within(path)) : array;
}

}  // namespace bitloupe::importers
