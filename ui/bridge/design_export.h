// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <memory>
#include <vector>

#include "core/exporters/exporter.h"
#include "ui/bridge/study_document.h"

namespace bitloupe::ui {

/// Hands a design of the shown study on: first what stands in the way of each kind, then the file.
/// Work is done on the study's background thread.
class DesignExport : public QObject {
    Q_OBJECT

public:
    explicit DesignExport(StudyDocument& document, QObject* parent = nullptr);

    /// Resolves the design; considered() follows unless another one is asked for meanwhile.
    void consider(std::int64_t design);
    [[nodiscard]] bool isReady() const { return m_resolved != nullptr; }
    /// One list of sentences for each of exporters::exportKinds(); empty while not ready.
    [[nodiscard]] const std::vector<std::vector<std::string>>& obstacles() const {
        return m_obstacles;
    }
    void write(const exporters::ExportKind& kind, const QString& path);

Q_SIGNALS:
    void considered();
    void written(const QString& path);
    void failed(const bitloupe::Error& error);

private:
    struct Resolved {
        std::shared_ptr<const network::Network> network;  ///< kept alive for `design`
        exporters::ResolvedDesign design;
        std::vector<std::vector<std::string>> obstacles;
    };

    StudyDocument& m_document;
    std::shared_ptr<const Resolved> m_resolved;
    std::vector<std::vector<std::string>> m_obstacles;
    int m_asked = 0;  ///< only the latest answer counts
};

}  // namespace bitloupe::ui
