// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace bitloupe {

namespace fs = std::filesystem;

Result<std::string> readFile(const std::string& path, std::uint64_t maxBytes) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        return Error{"this is a folder, not a file", path, "name a file in it"};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file || !fs::is_regular_file(path, code)) {
        return Error{"the file cannot be opened", path, "check that it exists and may be read"};
    }
    const std::uintmax_t size = fs::file_size(path, code);
    if (!code && size > maxBytes) {
        return Error{"the file is larger than " + std::to_string(maxBytes) + " bytes", path,
                     "it is probably not the kind of file meant here"};
    }
    std::string content(static_cast<std::size_t>(code ? 0 : size), '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.gcount() != static_cast<std::streamsize>(content.size())) {
        return Error{"the file could not be read to its end", path, "check the disk it lies on"};
    }
    return content;
}

namespace {

Error writeError(const std::string& path) {
    return {std::string("the file cannot be written (") + std::strerror(errno) + ")", path,
            "check the folder, its permissions and the space left"};
}

/// Writes and syncs `content` to the open file; false with errno set on failure.
bool writeAll(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

Result<void> writeFileAtomically(const std::string& path, std::string_view content) {
    std::error_code code;
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty()) {
        fs::create_directories(folder, code);
    }
    const std::string temporary = path + ".part" + std::to_string(::getpid());
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        return writeError(path);
    }
    const bool written = writeAll(file, content);
    const bool closed = ::close(file) == 0;
    if (!written || !closed || std::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = writeError(path);
        fs::remove(temporary, code);
        return error;
    }
    return {};
}

}  // namespace bitloupe
