// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/exporter.h"

/// What can be written. How, and what stands in the way, is in exporter.cpp: whoever only lists the
/// kinds needs none of the libraries that write them.
namespace bitloupe::exporters {

const std::vector<ExportKind>& exportKinds() {
    static const std::vector<ExportKind> kKinds = {
        {"yaml", "Design file (YAML)", "bitloupe-cli evaluate --design", ".yaml",
         "bitloupe-cli evaluate MODEL --data DATA --design PATH"},
        {"onnx-qdq", "ONNX with QuantizeLinear and DequantizeLinear", "ONNX Runtime", ".onnx",
         "python -c \"import onnxruntime as o; print(o.InferenceSession('PATH').get_inputs())\""},
        {"qonnx", "QONNX with Quant nodes", "qonnx-exec, hls4ml, FINN", ".onnx", "qonnx-exec PATH"},
        {"encodings", "AIMET encodings 1.0.0", "AIMET, QAIRT", ".encodings",
         "qairt-quantizer --quantization_overrides PATH"},
        {"encodings-2", "AIMET encodings 2.0.0", "AIMET 2", ".encodings",
         "qairt-quantizer --quantization_overrides PATH"},
        {"hls4ml", "hls4ml project", "python convert.py (hls4ml)", "", "python PATH/convert.py"},
        {"qkeras", "QKeras quantizer map", "qkeras.utils.model_quantize", ".json",
         "python -c \"import json, qkeras.utils as q; q.model_quantize(model, "
         "json.load(open('PATH')), 8)\""},
        {"torchscript", "TorchScript with fake quantization", "torch.jit.load", ".pt",
         "python -c \"import torch; print(torch.jit.load('PATH').code)\""},
        {"safetensors", "Quantized tensors (safetensors)", "safetensors, PyTorch", ".safetensors",
         "python -c \"from safetensors.numpy import load_file; print(load_file('PATH').keys())\""},
        {"integers", "Raw integers with multipliers and shifts", "integer-only firmware", "",
         "less PATH/network.txt"},
        {"c-header", "C header with packed arrays", "a C compiler", ".h",
         "gcc -std=c99 -Wall -fsyntax-only -x c PATH"},
        {"verilog", "SystemVerilog of the processing elements", "Icarus Verilog, Verilator, Yosys",
         "",
         "cd PATH && for t in tb_*.sv; do iverilog -g2012 -o t processing_element.sv ${t#tb_} $t "
         "&& vvp t; done"},
        {"scalesim", "SCALE-Sim configuration and topology", "bitloupe-cli simulate, SCALE-Sim", "",
         "bitloupe-cli simulate --config PATH/scale.cfg --topology PATH/topology.csv --gemm "
         "--output-dir reports"},
    };
    return kKinds;
}

bool canCheckAgreement(const ExportKind& kind) {
    return kind.key == "onnx-qdq" || kind.key == "qonnx" || kind.key == "torchscript" ||
           kind.key == "integers" || kind.key == "hls4ml";
}

}  // namespace bitloupe::exporters
