// SPDX-License-Identifier: Apache-2.0
#include "core/study/examples.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/yaml_document.h"

namespace bitloupe::study {

namespace fs = std::filesystem;

namespace {

/// What a study of the user's own files says where their paths belong.
constexpr std::string_view kModelPlaceholder = "path/to/lenet5.onnx";
constexpr std::string_view kDataPlaceholder = "path/to/mnist";
constexpr const char* kArchitecture = "architecture:lenet5";

fs::path studyOf(const fs::path& examples, const std::string& name) {
    return examples / name / (name + ".yaml");
}

Result<fs::path> examplesFolder() {
    const Result<std::string> resources = resourcesFolder();
    return resources.hasError() ? Result<fs::path>(resources.error())
                                : Result<fs::path>(fs::path(resources.value()) / "examples");
}

Result<Example> readExample(const fs::path& studyFile) {
    const Result<yaml::Document> document = yaml::Document::read(studyFile.string());
    if (document.hasError()) {
        return document.error();
    }
    const yaml::Value root = document.value().root();
    Example example{.name = root["name"].text(), .note = root["note"].text(), .needsOwnFiles = {}};
    const yaml::Value model = root["network"]["model"];
    example.needsOwnFiles = model.isText() && model.text() == kModelPlaceholder;
    const Result<void> result = document.value().result();
    return result.hasError() ? Result<Example>(result.error()) : Result<Example>(example);
}

bool replace(std::string& text, std::string_view before, const std::string& after) {
    const std::size_t start = text.find(std::string(" ") + std::string(before));
    if (start == std::string::npos) {
        return false;
    }
    text.replace(start + 1, before.size(), after);
    return true;
}

std::string absolute(const std::string& path) {
    return yaml::scalar(fs::absolute(path).lexically_normal().string());
}

/// A state dict needs the architecture it belongs to; other files are networks by themselves.
std::string modelText(const std::string& model) {
    const std::string extension = fs::path(model).extension().string();
    return extension == ".pth" || extension == ".safetensors"
               ? std::string(kArchitecture) + "\n  weights: " + absolute(model)
               : absolute(model);
}

Result<std::string> fillIn(std::string study, const std::string& name, const ExampleFiles& files) {
    const bool filled =
        (files.model.empty() || replace(study, kModelPlaceholder, modelText(files.model))) &&
        (files.data.empty() || replace(study, kDataPlaceholder, absolute(files.data)));
    if (!filled) {
        return Error{"this example brings its own network and data", name,
                     "leave the files out, or choose an example that needs some"};
    }
    return study;
}

Result<void> copyFiles(const fs::path& from, const fs::path& to, const fs::path& except) {
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(from, code)) {
        if (!entry.is_regular_file(code) || entry.path() == except) {
            continue;
        }
        const Result<std::string> content = readFile(entry.path().string());
        if (content.hasError()) {
            return content.error();
        }
        Result<void> written =
            writeFileAtomically((to / entry.path().filename()).string(), content.value());
        if (written.hasError()) {
            return written;
        }
    }
    return {};
}

Result<fs::path> findExample(const std::string& name) {
    const Result<std::vector<Example>> examples = listExamples();
    if (examples.hasError()) {
        return examples.error();
    }
    std::vector<std::string> names;
    for (const Example& example : examples.value()) {
        names.push_back(example.name);
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near = text::nearest(name, names);
        return Error{"there is no example `" + name + "`", "",
                     near.empty() ? "choose one of " + text::join(names, ", ")
                                  : "did you mean `" + near + "`?"};
    }
    return studyOf(examplesFolder().value(), name);
}

}  // namespace

Result<std::string> resourcesFolder() {
    std::vector<std::string> candidates = {BITLOUPE_INSTALLED_RESOURCES, BITLOUPE_SOURCE_RESOURCES};
    std::error_code unknown;
    const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
    if (!unknown) {  // packages are moved to another prefix than they were configured for
        const fs::path shared = program.parent_path().parent_path() / "share" / "bitloupe";
        candidates.insert(candidates.begin(), shared.string());
    }
    if (const char* const given = std::getenv("BITLOUPE_RESOURCES"); given != nullptr) {
        candidates = {given};
    }
    std::error_code code;
    for (const std::string& candidate : candidates) {
        if (fs::is_directory(fs::path(candidate) / "examples", code)) {
            return candidate;
        }
    }
    return Error{"the files that ship with the program are not there",
                 text::join(candidates, " or "), "install it again, or set BITLOUPE_RESOURCES"};
}

Result<std::vector<Example>> listExamples() {
    const Result<fs::path> folder = examplesFolder();
    if (folder.hasError()) {
        return folder.error();
    }
    std::vector<Example> examples;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.value(), code)) {
        const std::string name = entry.path().filename().string();
        const fs::path study = studyOf(folder.value(), name);
        if (!fs::is_regular_file(study, code)) {
            continue;
        }
        Result<Example> example = readExample(study);
        if (example.hasError()) {
            return example.error();
        }
        examples.push_back(std::move(example).value());
    }
    std::sort(examples.begin(), examples.end(),
              [](const Example& a, const Example& b) { return a.name < b.name; });
    return examples;
}

Result<std::string> writeExample(const std::string& name, const std::string& folder,
                                 const ExampleFiles& files) {
    const Result<fs::path> source = findExample(name);
    if (source.hasError()) {
        return source.error();
    }
    const fs::path target = fs::path(folder) / (name + ".yaml");
    std::error_code code;
    if (fs::exists(target, code)) {
        return Error{"the study is there already", target.string(),
                     "open it, or give another folder"};
    }
    Result<std::string> study = readFile(source.value().string());
    if (study.hasValue()) {
        study = fillIn(std::move(study).value(), name, files);
    }
    if (study.hasError()) {
        return study.error();
    }
    Result<void> written = copyFiles(source.value().parent_path(), folder, source.value());
    if (written.hasValue()) {
        // Last, so that a study is never there without its files.
        written = writeFileAtomically(target.string(), study.value());
    }
    return written.hasError() ? Result<std::string>(written.error())
                              : Result<std::string>(target.string());
}

}  // namespace bitloupe::study
