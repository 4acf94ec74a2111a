// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <optional>

#include "core/study/database.h"
#include "core/study/design_text.h"
#include "core/study/journal_rows.h"
#include "core/study/journal_schema.h"

namespace bitloupe::study {

namespace fs = std::filesystem;

namespace {

/// Keeps other writers away for as long as it lives; the kernel frees it however the program ends.
class WriterLock {
public:
    [[nodiscard]] static Result<std::unique_ptr<WriterLock>> take(const std::string& journal) {
        // A file of its own: closing a second descriptor of the database would drop SQLite's locks.
        const std::string path = journal + ".lock";
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0) {
            return Error{"the file of results cannot be written", journal,
                         "check its folder and the permissions"};
        }
        auto lock = std::unique_ptr<WriterLock>(new WriterLock(file));
        if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
            return Error{"another program is writing these results", journal,
                         "end it, or give another file for the results"};
        }
        return lock;
    }
    ~WriterLock() { ::close(m_file); }
    WriterLock(const WriterLock&) = delete;
    WriterLock& operator=(const WriterLock&) = delete;

private:
    explicit WriterLock(int file) : m_file(file) {}
    int m_file;
};

}  // namespace

class Journal::Impl {
public:
    Impl(Database opened, std::unique_ptr<WriterLock> lock)
        : database(std::move(opened)), writerLock(std::move(lock)) {}

    Database database;
    std::unique_ptr<WriterLock> writerLock;  // null: reading only
    std::optional<DesignText> designs;       // since load()
    mutable std::mutex mutex;

    /// Runs `work` in one transaction, under the mutex.
    template <typename Work>
    Result<void> write(const Work& work) {
        const std::lock_guard guard(mutex);
        if (writerLock == nullptr) {
            return Error{"these results were opened for reading only", database.path(), ""};
        }
        Transaction transaction(database);
        Result<void> step = transaction.begun();
        if (step.hasValue()) {
            step = work();
        }
        return step.hasError() ? step : transaction.commit();
    }

    Result<void> rememberLayers(const exploration::DesignSpace& space);
};

Result<void> Journal::Impl::rememberLayers(const exploration::DesignSpace& space) {
    const Result<std::int64_t> known = database.queryInteger("SELECT count(*) FROM layers");
    if (known.hasError()) {
        return known.error();
    }
    if (known.value() > 0) {
        return {};
    }
    return write([&]() -> Result<void> {
        Statement statement = database.prepare("INSERT INTO layers VALUES (?, ?)");
        for (std::size_t i = 0; i < space.layers().size(); ++i) {
            statement.bind(static_cast<std::int64_t>(i)).bind(space.layers()[i].layer).run();
        }
        return located(statement.result(), database);
    });
}

Journal::Journal(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path,
                                               const JournalHeader& header) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        return Error{"this is a folder, not a file of results", path, "name a file"};
    }
    if (const fs::path folder = fs::path(path).parent_path(); !folder.empty()) {
        fs::create_directories(folder, code);
    }
    Result<std::unique_ptr<WriterLock>> lock = WriterLock::take(path);
    if (lock.hasError()) {
        return lock.error();
    }
    Result<Database> database = Database::open(path, Database::Mode::ReadWrite);
    if (database.hasError()) {
        return database.error();
    }
    const Result<void> prepared = prepareForWriting(database.value(), header);
    if (prepared.hasError()) {
        return prepared.error();
    }
    return std::unique_ptr<Journal>(
        new Journal(std::make_unique<Impl>(std::move(database).value(), std::move(lock).value())));
}

Result<std::unique_ptr<Journal>> Journal::openReadOnly(const std::string& path) {
    std::error_code code;
    if (!fs::is_regular_file(path, code)) {
        return Error{"there is no such file of results", path, "check the path"};
    }
    Result<Database> database = Database::open(path, Database::Mode::ReadOnly);
    const bool readable =
        database.hasValue() && database.value().queryInteger("PRAGMA schema_version").hasValue();
    if (!readable && !fs::exists(path + "-wal", code)) {
        database = Database::open(path, Database::Mode::Immutable);
    }
    if (database.hasError()) {
        return database.error();
    }
    const Result<void> known = checkSchema(database.value());
    if (known.hasError()) {
        return known.error();
    }
    return std::unique_ptr<Journal>(
        new Journal(std::make_unique<Impl>(std::move(database).value(), nullptr)));
}

Result<JournalHeader> Journal::header() const {
    const std::lock_guard guard(m_impl->mutex);
    return readHeader(m_impl->database);
}

Result<exploration::KnownResults> Journal::load(const exploration::DesignSpace& space) {
    if (m_impl->writerLock != nullptr) {
        const Result<void> remembered = m_impl->rememberLayers(space);
        if (remembered.hasError()) {
            return remembered.error();
        }
    }
    const std::lock_guard guard(m_impl->mutex);
    m_impl->designs.emplace(space);
    return readResults(m_impl->database, *m_impl->designs);
}

Result<exploration::DesignSpace> Journal::spaceOfDesigns(std::string_view origin) const {
    const std::lock_guard guard(m_impl->mutex);
    return readSpace(m_impl->database, origin);
}

Result<void> Journal::append(std::vector<exploration::Evaluation>& evaluations) {
    std::int64_t first = 0;
    Result<void> written = m_impl->write([&]() -> Result<void> {
        if (!m_impl->designs.has_value()) {
            return Error{"results cannot be kept before the known ones were loaded",
                         m_impl->database.path(), ""};
        }
        const Result<std::int64_t> last =
            m_impl->database.queryInteger("SELECT coalesce(max(id), 0) FROM evaluations");
        if (last.hasError()) {
            return last.error();
        }
        first = last.value() + 1;
        return insertEvaluations(m_impl->database, *m_impl->designs, first, evaluations);
    });
    if (written.hasValue()) {
        for (exploration::Evaluation& evaluation : evaluations) {
            evaluation.id = first++;
        }
    }
    return written;
}

Result<void> Journal::appendSensitivity(std::span<const exploration::SensitivityCell> cells) {
    return m_impl->write([&] { return insertSensitivity(m_impl->database, cells); });
}

Result<void> Journal::setReference(const exploration::Measurement& floatNetwork) {
    return m_impl->write([&] { return insertReference(m_impl->database, floatNetwork); });
}

}  // namespace bitloupe::study
