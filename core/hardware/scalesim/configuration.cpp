// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/configuration.h"

#include <sstream>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/hardware/scalesim/ini.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kMaximumKb = 1 << 20;  // 1 GB of words
constexpr std::int64_t kMaximumBandwidth = 1 << 20;
constexpr std::int64_t kMaximumBits = 256;

/// Reads integers one after another and keeps the first error.
class Fields {
public:
    explicit Fields(const IniFile& file) : m_file(file) {}

    void read(std::int64_t& target, const std::string& key, std::int64_t maximum,
              std::optional<std::int64_t> fallback = {}) {
        if (m_error.hasError()) {
            return;
        }
        const Result<std::int64_t> value = m_file.integer(key, 1, maximum, fallback);
        if (value.hasError()) {
            m_error = value.error();
        } else {
            target = value.value();
        }
    }
    [[nodiscard]] const Result<void>& state() const { return m_error; }

private:
    const IniFile& m_file;
    Result<void> m_error;
};

bool isTrue(const std::optional<std::string>& value) {
    return value.has_value() && (*value == "true" || *value == "True" || *value == "1" ||
                                 *value == "yes" || *value == "on" || *value == "TRUE");
}

/// v1 wrote the sizes without their unit: IfmapSramSz.
std::string sizeKey(const IniFile& file, const std::string& operand) {
    const std::string key = operand + "sramszkb";
    return file.find(key).has_value() || !file.find(operand + "sramsz").has_value()
               ? key
               : operand + "sramsz";
}

Result<void> readMode(const IniFile& file, Configuration& configuration) {
    const std::string mode = file.find("interfacebandwidth").value_or("CALC");
    if (mode != "CALC" && mode != "USER") {
        return Error{"InterfaceBandwidth is \"" + mode + "\"", file.where("interfacebandwidth"),
                     "write CALC or USER"};
    }
    configuration.mode = mode == "USER" ? InterfaceMode::User : InterfaceMode::Calc;
    return {};
}

Result<void> readDataflow(const IniFile& file, Configuration& configuration) {
    const std::optional<std::string> name = file.find("dataflow");
    if (!name.has_value()) {
        return Error{"the key dataflow is missing", file.where("dataflow"), "give os, ws or is"};
    }
    const Result<Dataflow> dataflow = parseDataflow(*name);
    if (dataflow.hasError()) {
        return dataflow.error().within(file.where("dataflow"));
    }
    configuration.array.dataflow = dataflow.value();
    return {};
}

/// The keys of our own.
Result<void> readPhysicalKeys(const IniFile& file, Configuration& configuration) {
    if (const auto shared = file.find("sharedbandwidth"); shared.has_value()) {
        configuration.array.sharedBandwidth = isTrue(shared);
    }
    if (const auto name = file.find("processingelement"); name.has_value()) {
        const Result<ProcessingElement> element = parseProcessingElement(*name);
        if (element.hasError()) {
            return element.error().within(file.where("processingelement"));
        }
        configuration.array.element = element.value();
    }
    if (const auto clock = file.find("clockmhz"); clock.has_value()) {
        configuration.array.clockMhz = text::parseNumber(*clock).value_or(0);
    }
    const Result<void> checked = checkAccelerator(configuration.array);
    return checked.hasError() ? checked.error().within(file.where("clockmhz")) : checked;
}

Result<void> readSparsity(const IniFile& file, Configuration& configuration) {
    configuration.sparsity = isTrue(file.find("sparsitysupport"));
    if (!configuration.sparsity) {
        return {};
    }
    if (isTrue(file.find("optimizedmapping"))) {
        return Error{"OptimizedMapping (row-wise sparsity at random) is not modelled",
                     file.where("optimizedmapping"), "switch it off: N:M layer by layer is"};
    }
    const std::string form = file.find("sparserep").value_or("");
    for (const SparseForm known : {SparseForm::Csr, SparseForm::Csc, SparseForm::EllpackBlock}) {
        if (form == sparseFormName(known)) {
            configuration.sparseForm = known;
            return {};
        }
    }
    return Error{"SparseRep is \"" + form + "\"", file.where("sparserep"),
                 "write csr, csc or ellpack_block"};
}

Result<void> refuseWhatIsNotModelled(const IniFile& file) {
    for (const char* key : {"ifmapcustomlayout", "filtercustomlayout", "useramulatortrace"}) {
        if (isTrue(file.find(key))) {
            return Error{std::string(key) + " is switched on, which is not modelled",
                         file.where(key), "switch it off"};
        }
    }
    return {};
}

}  // namespace

std::string_view sparseFormName(SparseForm form) {
    switch (form) {
        case SparseForm::Csr:
            return "csr";
        case SparseForm::Csc:
            return "csc";
        case SparseForm::EllpackBlock:
            return "ellpack_block";
    }
    return "";
}

Result<Configuration> parseConfiguration(std::string_view text, const std::string& source) {
    const Result<IniFile> ini = IniFile::parse(text, source);
    if (ini.hasError()) {
        return ini.error();
    }
    const IniFile& file = ini.value();
    Configuration configuration;
    configuration.runName = file.find("run_name").value_or("run");
    for (const Result<void>& step :
         {readMode(file, configuration), readDataflow(file, configuration),
          readPhysicalKeys(file, configuration), readSparsity(file, configuration),
          refuseWhatIsNotModelled(file)}) {
        if (step.hasError()) {
            return step.error();
        }
    }
    const bool user = configuration.mode == InterfaceMode::User;
    Fields fields(file);
    fields.read(configuration.array.rows, "arrayheight", kMaximumArraySide);
    fields.read(configuration.array.columns, "arraywidth", kMaximumArraySide);
    fields.read(configuration.ifmapKb, sizeKey(file, "ifmap"), kMaximumKb);
    fields.read(configuration.filterKb, sizeKey(file, "filter"), kMaximumKb);
    fields.read(configuration.ofmapKb, sizeKey(file, "ofmap"), kMaximumKb);
    fields.read(configuration.bandwidth, "bandwidth", kMaximumBandwidth,
                user ? std::nullopt : std::optional<std::int64_t>(10));
    fields.read(configuration.ifmapBankBandwidth, "ifmapsrambankbandwidth", kMaximumBandwidth, 0);
    fields.read(configuration.filterBankBandwidth, "filtersrambankbandwidth", kMaximumBandwidth, 0);
    fields.read(configuration.array.vectorLanes, "vectorlanes", kMaximumBandwidth, 0);
    fields.read(configuration.weightBits, "weightbits", kMaximumBits, 8);
    fields.read(configuration.activationBits, "activationbits", kMaximumBits, 8);
    fields.read(configuration.outputBits, "outputbits", kMaximumBits, 8);
    fields.read(configuration.accumulatorBits, "accumulatorbits", kMaximumBits, 32);
    if (fields.state().hasError()) {
        return fields.state().error();
    }
    return configuration;
}

Result<Configuration> readConfiguration(const std::string& path) {
    const Result<std::string> text = readFile(path, std::uint64_t{64} << 20U);
    if (text.hasError()) {
        return text.error();
    }
    return parseConfiguration(text.value(), path);
}

std::string configurationText(const Configuration& c) {
    const auto bank = [&](std::int64_t bandwidth) {
        return bandwidth > 0 ? bandwidth : c.bandwidth;
    };
    std::ostringstream text;
    text << "[general]\nrun_name = " << c.runName << "\n\n[architecture_presets]\n"
         << "ArrayHeight: " << c.array.rows << "\nArrayWidth: " << c.array.columns
         << "\nIfmapSramSzkB: " << c.ifmapKb << "\nFilterSramSzkB: " << c.filterKb
         << "\nOfmapSramSzkB: " << c.ofmapKb
         << "\nIfmapOffset: 0\nFilterOffset: 10000000\nOfmapOffset: 20000000\nBandwidth: "
         << c.bandwidth << "\nDataflow: " << dataflowName(c.array.dataflow)
         << "\nProcessingElement: " << processingElementName(c.array.element)
         << "\nSharedBandwidth: " << (c.array.sharedBandwidth ? "True" : "False")
         << (c.array.vectorLanes > 0 ? "\nVectorLanes: " + std::to_string(c.array.vectorLanes) : "")
         << "\nClockMhz: " << text::number(c.array.clockMhz) << "\nWeightBits: " << c.weightBits
         << "\nActivationBits: " << c.activationBits << "\nOutputBits: " << c.outputBits
         << "\nAccumulatorBits: " << c.accumulatorBits
         << "\nMemoryBanks: 1\nReadRequestBuffer: 512\nWriteRequestBuffer: 512\n\n"
         << "[layout]\nIfmapCustomLayout: False\nFilterCustomLayout: False\n"
         << "IfmapSRAMBankBandwidth: " << bank(c.ifmapBankBandwidth)
         << "\nIfmapSRAMBankNum: 1\nIfmapSRAMBankPort: 2\nFilterSRAMBankBandwidth: "
         << bank(c.filterBankBandwidth) << "\nFilterSRAMBankNum: 1\nFilterSRAMBankPort: 2\n\n"
         << "[sparsity]\nSparsitySupport: " << (c.sparsity ? "true" : "false")
         << "\nSparseRep: " << sparseFormName(c.sparseForm) << "\n"
         << "OptimizedMapping: false\nBlockSize: 8\nRandomNumberGeneratorSeed: 40\n\n"
         << "[run_presets]\nInterfaceBandwidth: "
         << (c.mode == InterfaceMode::User ? "USER" : "CALC") << "\nUseRamulatorTrace: False\n";
    return text.str();
}

}  // namespace bitloupe::hardware::scalesim
