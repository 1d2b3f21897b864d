// GetIScsiSessionListA and GetIScsiSessionListW, as small as they can be: they report the sessions
// of the session table, the file that the environment variable ISCSIDSC_SESSION_TABLE names. Three
// things are wrong here. The kit's tutorial mends them, one by one.
#include <session_list.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

struct connection {
    iscsi_unique_id id;
    std::string initiator_address, target_address;
    uint16_t initiator_port, target_port;
    std::array<uint8_t, 2> cid;
};

struct session {
    iscsi_unique_id id;
    std::string initiator_name, target_node_name, target_name;
    std::array<uint8_t, 6> isid;
    std::array<uint8_t, 2> tsid;
    uint32_t connection_count;
    std::vector<connection> connections;
};

// ---- Reading the table. What can't be used is thrown as std::runtime_error.

[[noreturn]] void refuse()
{
    throw std::runtime_error("the session table can't be used");
}

// The whole file. One byte more is asked for than there should be: a file that grows is not used.
std::string read_file(const char *path)
{
    const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status = {};
    std::string text;
    ssize_t size = -1;
    if (file < 0)
        refuse();
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        text.resize(static_cast<size_t>(status.st_size) + 1);
        size = read(file, text.data(), text.size());
    }
    close(file);
    if (size < 0 || size != status.st_size)
        refuse();
    text.pop_back();
    if (text.find('\0') != std::string::npos)
        refuse();
    return text;
}

std::vector<std::string_view> split(std::string_view line)
{
    std::vector<std::string_view> fields;
    for (;;) {
        const size_t tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos)
            return fields;
        line.remove_prefix(tab + 1);
    }
}

// The whole field, as a number of this base.
template <typename Number> Number read_number(std::string_view field, int base = 10)
{
    Number number{};
    const auto [end, error] =
        std::from_chars(field.data(), field.data() + field.size(), number, base);
    if (error != std::errc() || end != field.data() + field.size())
        refuse();
    return number;
}

template <size_t Size> std::array<uint8_t, Size> read_hex(std::string_view field)
{
    std::array<uint8_t, Size> bytes;
    if (field.size() != 2 * Size)
        refuse();
    for (size_t i = 0; i < Size; i++)
        bytes[i] = read_number<uint8_t>(field.substr(2 * i, 2), 16);
    return bytes;
}

iscsi_unique_id read_id(std::string_view unique, std::string_view specific)
{
    return {read_number<uint64_t>(unique, 16), read_number<uint64_t>(specific, 16)};
}

session read_session(const std::vector<std::string_view> &fields)
{
    if (fields.size() != 9)
        refuse();
    return {read_id(fields[1], fields[2]),    std::string(fields[3]),
            std::string(fields[4]),           std::string(fields[5]),
            read_hex<6>(fields[6]),           read_hex<2>(fields[7]),
            read_number<uint32_t>(fields[8]), {}};
}

connection read_connection(const std::vector<std::string_view> &fields)
{
    if (fields.size() != 8)
        refuse();
    return {read_id(fields[1], fields[2]),    std::string(fields[3]),
            std::string(fields[5]),           read_number<uint16_t>(fields[4]),
            read_number<uint16_t>(fields[6]), read_hex<2>(fields[7])};
}

bool is_complete(const std::vector<session> &sessions)
{
    return sessions.empty() ||
           sessions.back().connections.size() == sessions.back().connection_count;
}

std::vector<session> read_table()
{
    const std::string text = read_file(std::getenv("ISCSIDSC_SESSION_TABLE"));
    std::vector<session> sessions;
    bool is_first = true;
    for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        const auto fields = split(std::string_view(text).substr(at, end - at));
        if (is_first &&
            (fields.size() != 3 || fields[0] != "iscsidsc-session-table" || fields[1] != "1"))
            refuse();
        is_first = false;
        if (fields[0] == "connection" && !sessions.empty())
            sessions.back().connections.push_back(read_connection(fields));
        else if (!is_complete(sessions) || fields[0] == "connection")
            refuse();
        else if (fields[0] == "session")
            sessions.push_back(read_session(fields));
        else if (fields[0] == "end" && fields.size() == 2)
            return sessions;
    }
    refuse();
}

// ---- Writing the list: all sessions, then all connections, then all strings

std::u16string to_utf16(const std::string &text)
{
    std::u16string wide;
    for (size_t i = 0; i < text.size();) {
        uint32_t value = static_cast<unsigned char>(text[i++]);
        if (value >= 0xC0)
            value &= value < 0xE0 ? 0x1F : value < 0xF0 ? 0x0F : 0x07;
        for (; i < text.size() && (text[i] & 0xC0) == 0x80; i++)
            value = value << 6 | (text[i] & 0x3F);
        if (value > 0xFFFF) {
            wide += static_cast<char16_t>(0xD800 + ((value - 0x10000) >> 10));
            value = 0xDC00 + (value & 0x3FF);
        }
        wide += static_cast<char16_t>(value);
    }
    return wide;
}

class list
{
  public:
    list(const std::vector<session> &sessions, bool is_wide, char *buffer)
        : is_wide_(is_wide), buffer_(buffer)
    {
        size_t count = 0;
        for (const session &from : sessions)
            count += from.connections.size();
        connections_ = sessions.size() * sizeof(iscsi_session_info_a);
        strings_ = connections_ + count * sizeof(iscsi_connection_info_a);
        for (const session &from : sessions)
            put_session(from);
    }
    size_t size() const
    {
        return strings_;
    }

  private:
    bool is_wide_;
    char *buffer_; // nullptr: the list is only measured
    size_t sessions_ = 0;
    size_t connections_;
    size_t strings_; // where the next of them goes, in bytes from the beginning

    // The buffer may be unaligned.
    void put(size_t &place, const void *bytes, size_t size)
    {
        if (buffer_ != nullptr)
            std::memcpy(buffer_ + place, bytes, size);
        place += size;
    }

    char *put_text(const std::string &text)
    {
        char *place = buffer_ == nullptr ? nullptr : buffer_ + strings_;
        if (is_wide_) {
            const std::u16string wide = to_utf16(text);
            put(strings_, wide.c_str(), (wide.size() + 1) * 2);
        } else {
            put(strings_, text.c_str(), text.size() + 1);
        }
        return place;
    }

    void put_connection(const connection &from)
    {
        iscsi_connection_info_a to = {};
        to.connection_id = from.id;
        to.initiator_address = put_text(from.initiator_address);
        to.target_address = put_text(from.target_address);
        to.initiator_socket = from.initiator_port;
        to.target_socket = from.target_port;
        std::copy(from.cid.begin(), from.cid.end(), to.cid);
        put(connections_, &to, sizeof to);
    }

    // The structures of A and W differ only in what their pointers point to.
    void put_session(const session &from)
    {
        iscsi_session_info_a to = {};
        to.session_id = from.id;
        to.initiator_name = put_text(from.initiator_name);
        to.target_node_name = put_text(from.target_node_name);
        to.target_name = put_text(from.target_name);
        std::copy(from.isid.begin(), from.isid.end(), to.isid);
        std::copy(from.tsid.begin(), from.tsid.end(), to.tsid);
        to.connection_count = from.connection_count;
        if (buffer_ != nullptr && !from.connections.empty())
            to.connections = reinterpret_cast<iscsi_connection_info_a *>(buffer_ + connections_);
        for (const connection &each : from.connections)
            put_connection(each);
        put(sessions_, &to, sizeof to);
    }
};

// ---- The functions. No exception may leave them: the caller may be written in C.

uint32_t answer(bool is_wide, uint32_t *buffer_size, uint32_t *session_count, void *session_info)
try {
    if (buffer_size == nullptr || session_count == nullptr)
        return LIST_INVALID_PARAMETER;
    const std::vector<session> sessions = read_table();
    auto required = static_cast<uint32_t>(list(sessions, is_wide, nullptr).size());
    char *buffer = static_cast<char *>(session_info);
    uint32_t status = LIST_SUCCESS;
    *session_count = static_cast<uint32_t>(sessions.size());
    if (required > *buffer_size) {
        status = LIST_INSUFFICIENT_BUFFER;
        required++; // one to spare
    } else {
        list(sessions, is_wide, buffer);
    }
    *buffer_size = required;
    return status;
} catch (const std::bad_alloc &) {
    return LIST_NOT_ENOUGH_MEMORY;
} catch (...) {
    return LIST_ISCSI_SERVICE_UNAVAILABLE;
}

} // namespace

uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *buffer_size,
                                                      uint32_t *session_count,
                                                      iscsi_session_info_a *session_info)
{
    return answer(false, buffer_size, session_count, session_info);
}

uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *buffer_size,
                                                      uint32_t *session_count,
                                                      iscsi_session_info_w *session_info)
{
    return answer(true, buffer_size, session_count, session_info);
}
