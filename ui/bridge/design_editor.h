// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "core/exploration/explorer.h"

namespace bitloupe::ui {

class StudyDocument;

/// A measured design with something changed by hand. Kept as formats and array, not as places in
/// the study's lists, so that it outlives an edit of those.
struct DesignDraft {
    std::int64_t base = 0;  ///< the design it began as
    exploration::Assignment assignment;
    hardware::Accelerator accelerator;
    friend bool operator==(const DesignDraft&, const DesignDraft&) = default;
};

/// Changes designs by hand: every step can be undone with the study's own edits, costs follow at
/// once, and the accuracy is measured in the background while nothing runs. A measured draft is a
/// new design of the study whose parent is the one it began as.
class DesignEditor : public QObject {
    Q_OBJECT

public:
    explicit DesignEditor(StudyDocument& document, QObject* parent = nullptr);
    ~DesignEditor() override;

    [[nodiscard]] const std::optional<DesignDraft>& draft() const { return m_draft; }
    /// The draft when it began as `design` and is none of the measured designs, else the design as
    /// it was measured; nothing for a design that the shown study does not have.
    [[nodiscard]] std::optional<DesignDraft> stateOf(std::int64_t design) const;

    /// Not while results are shown without what runs their network.
    [[nodiscard]] bool canEdit() const;
    /// One step, named for the undo menu. A format that the study does not offer is refused.
    void setFormat(std::int64_t design, std::size_t layer, exploration::Side side,
                   const quantization::Quantizer& format);
    void setAccelerator(std::int64_t design, const hardware::Accelerator& accelerator);

    /// Of the draft, in closed form. Only with a draft.
    [[nodiscard]] exploration::Costs costs() const;
    /// The metric that the sensitivities let expect: the base's, moved by the difference that each
    /// changed side made alone. Nothing where one of them was not measured.
    [[nodiscard]] std::optional<double> expectedMetric() const;
    /// The measured design that is the draft; 0: none.
    [[nodiscard]] std::int64_t known() const;

    /// Measure by itself, a moment after the last change.
    void setAutomatic(bool automatic);
    [[nodiscard]] bool isAutomatic() const { return m_automatic; }
    [[nodiscard]] bool canMeasure() const;
    [[nodiscard]] bool isMeasuring() const { return m_isMeasuring; }
    /// Measures the draft and keeps it in the results: measured() or failed().
    void measure();

Q_SIGNALS:
    void changed();  ///< the draft, or whether it is being measured
    /// A step, an undo or a redo led to this design, or to a draft that began as it: it should be
    /// seen.
    void concerns(std::int64_t design);
    void measured(std::int64_t base, std::int64_t design);
    void failed(const bitloupe::Error& error);

private:
    class Step;

    void push(const QString& name, DesignDraft next);
    void setDraft(std::optional<DesignDraft> draft);
    void follow();  ///< measures when it may and should

    StudyDocument& m_document;
    std::optional<DesignDraft> m_draft;
    bool m_automatic = true;
    bool m_isMeasuring = false;
    QTimer m_pause;
    std::stop_source m_stop;
    int m_asked = 0;  ///< only the latest answer counts
};

}  // namespace bitloupe::ui
