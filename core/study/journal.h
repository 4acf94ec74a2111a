// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/exploration/explorer.h"

namespace bitloupe::study {

/// What identifies the study a journal belongs to.
struct JournalHeader {
    std::string studyYaml;
    std::string networkHash;
    std::string dataHash;
    std::string programVersion;
};

/// A study's results on disk: SQLite, one transaction per finished batch, schema version inside.
/// Others may read it while a run writes it. Nothing that append() returned for is ever lost, kill
/// -9 included.
class Journal : public exploration::EvaluationStore {
public:
    /// Opens or creates. Errors: not a journal, a newer schema, another network or data set
    /// (named).
    static Result<std::unique_ptr<Journal>> open(const std::string& path,
                                                 const JournalHeader& header);
    /// Opens an existing one for reading only.
    static Result<std::unique_ptr<Journal>> openReadOnly(const std::string& path);
    ~Journal() override;

    [[nodiscard]] Result<JournalHeader> header() const;
    /// Everything kept so far, in order. `space` turns stored designs back into genes.
    [[nodiscard]] Result<exploration::KnownResults> load(
        const exploration::DesignSpace& space) const;

    Result<void> append(std::vector<exploration::Evaluation>& evaluations) override;
    Result<void> appendSensitivity(std::span<const exploration::SensitivityCell> cells) override;
    Result<void> setReference(const exploration::Measurement& floatNetwork) override;

private:
    class Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bitloupe::study
