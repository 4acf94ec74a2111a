// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/presets.h"

#include <filesystem>
#include <sstream>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/yaml_document.h"
#include "core/hardware/embedded_files.h"
#include "core/hardware/scalesim/physical.h"

namespace bitloupe::hardware {

namespace {

constexpr std::uint64_t kMaximumBytes = std::uint64_t{1} << 20U;

std::vector<std::string> namesOf(std::span<const EmbeddedFile> files) {
    std::vector<std::string> names;
    for (const EmbeddedFile& file : files) {
        names.emplace_back(file.name);
    }
    return names;
}

const EmbeddedFile* findFile(std::span<const EmbeddedFile> files, const std::string& name) {
    for (const EmbeddedFile& file : files) {
        if (file.name == name) {
            return &file;
        }
    }
    return nullptr;
}

Error unknownName(const std::string& what, const std::string& name,
                  const std::vector<std::string>& names) {
    return {"there is no " + what + " and no file of this name", name,
            "give a file or one of " + text::join(names, ", ")};
}

/// An integer under `key`, or what is there already.
void readInteger(const yaml::Value& root, const char* key, std::int64_t lowest,
                 std::int64_t highest, std::int64_t& target) {
    if (root[key].exists()) {
        target = root[key].integer(lowest, highest);
    }
}

void readNumber(const yaml::Value& root, const char* key, double& target) {
    if (root[key].exists()) {
        target = root[key].number();
    }
}

/// A word that `parse` understands.
template <typename T>
void readWord(const yaml::Value& value, Result<T> (*parse)(std::string_view), T& target) {
    const Result<T> parsed = parse(value.text());
    if (parsed.hasError()) {
        value.fail(parsed.error().what, parsed.error().remedy);
    } else {
        target = parsed.value();
    }
}

Result<bool> parseSharing(std::string_view word) {
    if (word == "shared" || word == "split") {
        return word == "shared";
    }
    return Error{"unknown sharing \"" + std::string(word) + "\"", "",
                 "use shared (one bandwidth for all) or split (the same for each operand)"};
}

Accelerator readFields(const yaml::Value& root) {
    constexpr std::int64_t kBytes = std::int64_t{1} << 40;
    Accelerator a;
    a.rows = root["rows"].integer(1, kMaximumArraySide);
    a.columns = root["columns"].integer(1, kMaximumArraySide);
    readWord(root["dataflow"], &parseDataflow, a.dataflow);
    if (root["element"].exists()) {
        readWord(root["element"], &parseProcessingElement, a.element);
    }
    readInteger(root, "ifmap_bytes", 2, kBytes, a.ifmapBytes);
    readInteger(root, "filter_bytes", 2, kBytes, a.filterBytes);
    readInteger(root, "ofmap_bytes", 2, kBytes, a.ofmapBytes);
    readNumber(root, "bandwidth", a.bandwidth);
    if (root["bandwidth_sharing"].exists()) {
        readWord(root["bandwidth_sharing"], &parseSharing, a.sharedBandwidth);
    }
    readInteger(root, "vector_lanes", 0, 1000000000, a.vectorLanes);
    readNumber(root, "clock_mhz", a.clockMhz);
    return a;
}

bool isScaleSim(const std::string& path) {
    return std::filesystem::path(path).extension() == ".cfg";
}

}  // namespace

Result<AcceleratorFile> parseAccelerator(std::string_view text, const std::string& source) {
    const Result<yaml::Document> document = yaml::Document::parse(text, source);
    if (document.hasError()) {
        return document.error();
    }
    const yaml::Value root = document.value().root();
    root.allow({"name", "description", "rows", "columns", "dataflow", "element", "ifmap_bytes",
                "filter_bytes", "ofmap_bytes", "bandwidth", "bandwidth_sharing", "vector_lanes",
                "clock_mhz"});
    AcceleratorFile file;
    file.name = root["name"].exists() ? root["name"].text() : std::string();
    file.description = root["description"].exists() ? root["description"].text() : std::string();
    file.accelerator = readFields(root);
    if (const Result<void> read = document.value().result(); read.hasError()) {
        return read.error();
    }
    if (const Result<void> checked = checkAccelerator(file.accelerator); checked.hasError()) {
        return checked.error().within(source);
    }
    return file;
}

Result<AcceleratorFile> readAccelerator(const std::string& path) {
    if (isScaleSim(path)) {
        const auto configuration = scalesim::readConfiguration(path);
        if (configuration.hasError()) {
            return configuration.error();
        }
        return AcceleratorFile{configuration.value().runName,
                               {},
                               scalesim::physicalAccelerator(configuration.value())};
    }
    const Result<std::string> text = readFile(path, kMaximumBytes);
    return text.hasError() ? Result<AcceleratorFile>(text.error())
                           : parseAccelerator(text.value(), path);
}

std::string acceleratorText(const AcceleratorFile& file) {
    const Accelerator& a = file.accelerator;
    std::ostringstream out;
    out << "name: " << yaml::scalar(file.name)
        << "\ndescription: " << yaml::scalar(file.description) << "\nrows: " << a.rows
        << "\ncolumns: " << a.columns << "\ndataflow: " << dataflowName(a.dataflow)
        << "\nelement: " << processingElementName(a.element) << "\nifmap_bytes: " << a.ifmapBytes
        << "\nfilter_bytes: " << a.filterBytes << "\nofmap_bytes: " << a.ofmapBytes
        << "\nbandwidth: " << text::number(a.bandwidth)
        << "\nbandwidth_sharing: " << (a.sharedBandwidth ? "shared" : "split")
        << "\nvector_lanes: " << a.vectorLanes << "\nclock_mhz: " << text::number(a.clockMhz)
        << '\n';
    return out.str();
}

Result<void> writeAccelerator(const AcceleratorFile& file, const std::string& path) {
    return writeFileAtomically(path, isScaleSim(path)
                                         ? scalesim::configurationText(scalesim::configurationOf(
                                               file.accelerator, file.name))
                                         : acceleratorText(file));
}

std::vector<std::string> presetNames() {
    return namesOf(embeddedAccelerators());
}

Result<AcceleratorFile> presetOrFile(const std::string& nameOrPath) {
    if (const EmbeddedFile* file = findFile(embeddedAccelerators(), nameOrPath)) {
        return parseAccelerator(file->text, nameOrPath);
    }
    std::error_code ignored;
    if (!std::filesystem::exists(nameOrPath, ignored)) {
        return unknownName("accelerator", nameOrPath, presetNames());
    }
    return readAccelerator(nameOrPath);
}

std::vector<std::string> energyTableNames() {
    return namesOf(embeddedEnergyTables());
}

Result<EnergyTable> energyTable(const std::string& nameOrPath) {
    if (const EmbeddedFile* file = findFile(embeddedEnergyTables(), nameOrPath)) {
        return EnergyTable::parse(file->text, nameOrPath);
    }
    std::error_code ignored;
    if (!std::filesystem::exists(nameOrPath, ignored)) {
        return unknownName("energy table", nameOrPath, energyTableNames());
    }
    return EnergyTable::read(nameOrPath);
}

}  // namespace bitloupe::hardware
