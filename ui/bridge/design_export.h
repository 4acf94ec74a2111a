// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <atomic>
#include <memory>
#include <vector>

#include "core/exporters/agreement.h"
#include "core/exporters/exporter.h"
#include "ui/bridge/study_document.h"

namespace bitloupe::ui {

/// What was written, and what it is worth.
struct WrittenExport {
    QString path;
    quint64 bytes = 0;
    quint64 floatBytes = 0;                         ///< of the float network's tensors
    std::optional<exporters::Agreement> agreement;  ///< once the check is done
};

/// Hands a design of the shown study on: first what stands in the way of each kind, then the file,
/// then whether the file computes what was simulated. Work is done on the study's background
/// thread.
class DesignExport : public QObject {
    Q_OBJECT

public:
    explicit DesignExport(StudyDocument& document, QObject* parent = nullptr);
    ~DesignExport() override;

    /// Resolves the design; considered() follows unless another one is asked for meanwhile.
    void consider(std::int64_t design);
    [[nodiscard]] bool isReady() const { return m_prepared != nullptr; }
    /// One for each of exporters::exportKinds(); empty while not ready.
    [[nodiscard]] const std::vector<KindFit>& fits() const { return m_fits; }
    /// Writes and, where the kind holds a network, reads it back and compares: written(), then
    /// checking() as often as there is news, then checked().
    void write(const exporters::ExportKind& kind, const QString& path);
    void stopCheck();

Q_SIGNALS:
    void considered();
    void written(const bitloupe::ui::WrittenExport& result);
    void checking(double share);
    void checked(const bitloupe::ui::WrittenExport& result);
    void failed(const bitloupe::Error& error);

private:
    void check(const exporters::ExportKind& kind, const WrittenExport& result);

    StudyDocument& m_document;
    std::shared_ptr<const PreparedExport> m_prepared;
    std::vector<KindFit> m_fits;
    std::shared_ptr<std::atomic<bool>> m_stop;
    int m_asked = 0;  ///< only the latest answer counts
};

}  // namespace bitloupe::ui
