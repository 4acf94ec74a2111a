// SPDX-License-Identifier: Apache-2.0
#include "core/data/sample_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace bitloupe::data {

namespace {

Error noRoom(std::size_t size, int reason) {
    return {"the samples take " + std::to_string(size >> 20U) +
                " MiB, more than fit into memory, " + "and no file for them can be made (" +
                std::strerror(reason) + ")",
            sampleStoreFolder(), "give smaller splits, or set TMPDIR to a folder with room"};
}

/// An unnamed file of `size` bytes whose room is really there, or -1 with errno.
int makeFile(std::size_t size) {
    std::string path = sampleStoreFolder() + "/bitloupe-samples-XXXXXX";
    const int file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    unlink(path.c_str());
    // A file with holes would end the program where the disk is full.
    if (const int failure = posix_fallocate(file, 0, static_cast<off_t>(size)); failure != 0) {
        close(file);
        errno = failure;
        return -1;
    }
    return file;
}

}  // namespace

std::string sampleStoreFolder() {
    const char* chosen = std::getenv("TMPDIR");
    if (chosen != nullptr && *chosen != '\0') {
        return chosen;
    }
    std::error_code code;
    return std::filesystem::is_directory("/var/tmp", code) ? "/var/tmp" : "/tmp";
}

Result<SampleStore> SampleStore::make(ElementType type, Shape shape, bool onDisk) {
    SampleStore store;
    store.m_type = type;
    store.m_shape = std::move(shape);
    const std::size_t size =
        static_cast<std::size_t>(elementCount(store.m_shape)) * elementSize(type);
    if (!onDisk || size == 0) {
        const auto bytes = std::make_shared<std::vector<std::byte>>(size);
        store.m_bytes = *bytes;
        store.m_owner = bytes;
        return store;
    }
    const int file = makeFile(size);
    if (file < 0) {
        return noRoom(size, errno);
    }
    void* const place = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    const int reason = errno;
    close(file);
    if (place == MAP_FAILED) {
        return noRoom(size, reason);
    }
    store.m_owner = std::shared_ptr<void>(place, [size](void* start) { munmap(start, size); });
    store.m_bytes = {static_cast<std::byte*>(place), size};
    return store;
}

std::span<float> SampleStore::floats() {
    if (m_type != ElementType::Float32) {
        throw std::logic_error("a store of other samples was asked for floats");
    }
    return {reinterpret_cast<float*>(m_bytes.data()), m_bytes.size() / sizeof(float)};
}

Array SampleStore::array() const {
    return Array::sharing(m_type, m_shape, m_owner, m_bytes);
}

}  // namespace bitloupe::data
