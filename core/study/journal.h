// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

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
/// Others may read it while a run writes it, but only one program at a time may write. Nothing that
/// append() returned for is ever lost, kill -9 included.
///
/// Designs are kept as text, one scheme per layer, so that a journal can be read without its study.
/// All functions may be called from any thread.
class Journal : public exploration::EvaluationStore {
public:
    /// Opens or creates. Errors: not a journal, a newer schema, another network or data set
    /// (named), a journal that another program writes.
    static Result<std::unique_ptr<Journal>> open(const std::string& path,
                                                 const JournalHeader& header);
    /// Opens an existing one for reading only.
    static Result<std::unique_ptr<Journal>> openReadOnly(const std::string& path);
    ~Journal() override;

    [[nodiscard]] Result<JournalHeader> header() const;
    /// Everything kept so far, in order. `space` turns stored designs into genes, and from now on
    /// also the genes that append() gets into text. Results that `space` does not hold (its lists
    /// were shortened since) stay in the file and are left out.
    [[nodiscard]] Result<exploration::KnownResults> load(const exploration::DesignSpace& space);
    /// The layers, formats and arrays of the designs kept so far: a space that holds all of them,
    /// for readers that have no study. A side that is float here and rounded there has `fp32`.
    /// With an `origin`: of the designs of that origin alone, and without layers when none has it.
    [[nodiscard]] Result<exploration::DesignSpace> spaceOfDesigns(
        std::string_view origin = {}) const;

    /// Error before load().
    Result<void> append(std::vector<exploration::Evaluation>& evaluations) override;
    Result<void> appendSensitivity(std::span<const exploration::SensitivityCell> cells) override;
    Result<void> setReference(const exploration::Measurement& floatNetwork) override;

private:
    class Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bitloupe::study
