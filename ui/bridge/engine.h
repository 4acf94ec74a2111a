// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStringList>
#include <memory>
#include <mutex>

#include "ui/bridge/backend.h"

namespace bitloupe::ui {

/// The module that runs networks, with LibTorch behind it. It is loaded when it is first needed,
/// which takes half a second, and stays until the program ends: objects it made live everywhere.
///
/// Program and module each have the code below the seam for themselves and share none of its
/// variables; what crosses are objects, whose types both know from the same headers.
class Engine {
public:
    /// Looked for in `folders`, in that order.
    explicit Engine(QStringList folders) : m_folders(std::move(folders)) {}

    /// Its backend. Any thread; the first call loads, others wait for it. Errors: the module or a
    /// library it needs is not there, or it belongs to another version of the program. Asked again,
    /// it is looked for again.
    [[nodiscard]] Result<const Backend*> load();

private:
    [[nodiscard]] Result<std::unique_ptr<const Backend>> find() const;

    QStringList m_folders;
    std::mutex m_mutex;
    std::unique_ptr<const Backend> m_backend;
};

/// Files as they are, and whatever needs LibTorch from the module once it is called for.
[[nodiscard]] Backend lateBackend(const std::shared_ptr<Engine>& engine);

/// What the module's one visible function is called and does: it fills in the backend when `build`
/// is its own, and says whether it was.
inline constexpr const char* kEngineFunction = "bitloupe_engine";
using EngineFunction = bool (*)(const char* build, Backend* backend);
/// Differs between builds whose objects must not meet.
[[nodiscard]] std::string engineBuild();

}  // namespace bitloupe::ui
