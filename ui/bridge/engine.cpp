// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/engine.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibrary>

#include "core/base/version.h"
#include "ui/bridge/file_backend.h"

namespace bitloupe::ui {

namespace {

constexpr const char* kModule = "libbitloupe-engine.so";

/// Calls `function` of the engine's backend.
template <typename Answer, typename... Arguments>
void forward(Backend& backend, const std::shared_ptr<Engine>& engine,
             std::function<Result<Answer>(Arguments...)> Backend::*function) {
    backend.*function = [engine, function](Arguments... arguments) -> Result<Answer> {
        const Result<const Backend*> loaded = engine->load();
        return loaded.hasError()
                   ? Result<Answer>(loaded.error())
                   : (loaded.value()->*function)(std::forward<Arguments>(arguments)...);
    };
}

Result<std::unique_ptr<const Backend>> open(const QString& path) {
    QLibrary module(path);
    module.setLoadHints(QLibrary::PreventUnloadHint);
    if (!module.load()) {
        return Error{"networks cannot be run: " + module.errorString().toStdString(),
                     path.toStdString(),
                     "install the libraries that the program's package names, then try again; "
                     "results can be looked at without them"};
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what resolve() gives is this
    const auto make = reinterpret_cast<EngineFunction>(module.resolve(kEngineFunction));
    auto backend = std::make_unique<Backend>();
    if (make == nullptr || !make(engineBuild().c_str(), backend.get())) {
        return Error{"networks cannot be run: this file belongs to another build of the program",
                     path.toStdString(), "install the program once more"};
    }
    return std::unique_ptr<const Backend>(std::move(backend));
}

}  // namespace

Result<const Backend*> Engine::load() {
    const std::scoped_lock lock(m_mutex);
    if (!m_backend) {
        Result<std::unique_ptr<const Backend>> found = find();
        if (found.hasError()) {
            return found.error();
        }
        m_backend = std::move(found).value();
    }
    return m_backend.get();
}

Result<std::unique_ptr<const Backend>> Engine::find() const {
    for (const QString& folder : m_folders) {
        const QString path = QDir(folder).absoluteFilePath(QLatin1String(kModule));
        if (QFile::exists(path)) {
            return open(QDir::cleanPath(path));
        }
    }
    return Error{
        std::string("networks cannot be run: a part of the program is missing, ") + kModule,
        m_folders.isEmpty() ? "" : QDir::cleanPath(m_folders.constLast()).toStdString(),
        "install the program once more; results can be looked at without it"};
}

Backend lateBackend(const std::shared_ptr<Engine>& engine) {
    Backend backend = fileBackend();
    backend.loadEngine = [engine]() -> Result<void> {
        const Result<const Backend*> loaded = engine->load();
        return loaded.hasError() ? Result<void>(loaded.error()) : Result<void>();
    };
    forward(backend, engine, &Backend::loadNetwork);
    // Data too: libhdf5 may be called by one thread at a time, and the lock that sees to it is one
    // of the module's variables.
    forward(backend, engine, &Backend::describeData);
    forward(backend, engine, &Backend::loadData);
    forward(backend, engine, &Backend::openSession);
    forward(backend, engine, &Backend::fineTune);
    forward(backend, engine, &Backend::train);
    forward(backend, engine, &Backend::prepareExport);
    forward(backend, engine, &Backend::exportDesign);
    forward(backend, engine, &Backend::checkAgreement);
    forward(backend, engine, &Backend::evaluateIntegers);
    return backend;
}

std::string engineBuild() {
    return std::string(programVersion()) + ' ' + __VERSION__ + ' ' +
           std::to_string(sizeof(Backend)) + ' ' + std::to_string(sizeof(study::Session)) + ' ' +
           std::to_string(sizeof(exploration::Evaluation)) + ' ' +
           std::to_string(sizeof(network::Network)) + ' ' + std::to_string(sizeof(data::DataSet));
}

}  // namespace bitloupe::ui
