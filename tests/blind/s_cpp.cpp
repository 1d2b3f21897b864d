// The same function written as another program: C++, one buffer image, strings before connections.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <vector>
namespace {
using Fields = std::vector<std::string>;
struct Error { uint32_t code; };
struct Connection { uint64_t a, b; std::string from, to; uint16_t fromPort, toPort; uint8_t cid[2]; };
struct Session { uint64_t a, b; std::string initiator, node; uint8_t isid[6], tsid[2]; std::vector<Connection> connections; };

uint64_t number(const std::string &s, int base, uint64_t max)
{
    if (s.empty() || s.find_first_not_of(base == 16 ? "0123456789abcdefABCDEF" : "0123456789") != std::string::npos || s.size() > 20)
        throw Error{13};
    uint64_t v = std::stoull(s, nullptr, base);
    if (v > max) throw Error{13};
    return v;
}
void bytes(const std::string &s, uint8_t *to, size_t n)
{
    if (s.size() != 2 * n) throw Error{13};
    for (size_t i = 0; i < n; i++) to[i] = (uint8_t)number(s.substr(2 * i, 2), 16, 255);
}
uint64_t identifier(const std::string &s)
{
    if (s.size() != 16) throw Error{13};
    return number(s, 16, UINT64_MAX);
}
Fields fields(const std::string &line)
{
    Fields f(1);
    for (char c : line) { if (c == '\t') f.emplace_back(); else f.back() += c; }
    return f;
}
// Decodes; throws where it isn't UTF-8.
std::u16string wide(const std::string &s)
{
    std::u16string out;
    for (size_t i = 0; i < s.size();) {
        unsigned char c = s[i];
        int n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
        if (!n || i + n > s.size() || !c) throw Error{13};
        uint32_t v = n == 1 ? c : c & (0xFF >> (n + 1));
        for (int k = 1; k < n; k++) { if ((s[i + k] & 0xC0) != 0x80) throw Error{13}; v = v << 6 | (s[i + k] & 0x3F); }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000)) throw Error{13};
        if (v > 0xFFFF) { out += (char16_t)(0xD800 + ((v - 0x10000) >> 10)); v = 0xDC00 + (v & 0x3FF); }
        out += (char16_t)v;
        i += n;
    }
    return out;
}
std::vector<Session> load()
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    struct stat st;
    if (!path || stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size > 64 << 20) throw Error{1062};
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Error{5};
    std::string all((size_t)st.st_size + 1, 0);
    in.read(&all[0], (std::streamsize)all.size());
    all.resize((size_t)in.gcount());
    if (all.size() != (size_t)st.st_size || all.empty() || all.back() != '\n') throw Error{13};
    wide(all);
    std::vector<Session> sessions;
    size_t due = 0; bool head = false, ended = false;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
        Fields f = fields(line);
        if (ended || line.empty()) throw Error{13};
        if (!head) {
            if (f.size() != 3 || f[0] != "iscsidsc-session-table" || f[1] != "1") throw Error{13};
            number(f[2], 10, UINT64_MAX);
            head = true;
        } else if (f[0] == "session") {
            if (f.size() != 9 || due || f[3].empty() || f[4].empty() || f[5].empty()) throw Error{13};
            Session s{identifier(f[1]), identifier(f[2]), f[3], f[4], {}, {}, {}};
            bytes(f[6], s.isid, 6); bytes(f[7], s.tsid, 2);
            due = number(f[8], 10, UINT32_MAX);
            sessions.push_back(std::move(s));
        } else if (f[0] == "connection") {
            if (f.size() != 8 || !due || f[3].empty() || f[5].empty()) throw Error{13};
            due--;
            Connection c{identifier(f[1]), identifier(f[2]), f[3], f[5], (uint16_t)number(f[4], 10, 65535), (uint16_t)number(f[6], 10, 65535), {}};
            bytes(f[7], c.cid, 2);
            sessions.back().connections.push_back(std::move(c));
        } else if (f[0] == "end") {
            if (f.size() != 2 || due || number(f[1], 10, UINT64_MAX) != sessions.size()) throw Error{13};
            ended = true;
        }
    }
    if (!ended) throw Error{13};
    return sessions;
}
class Image {
  public:
    Image(bool w, uintptr_t base) : w(w), base(base) {}
    std::string data;
    uint64_t text(const std::string &s)
    {
        uint64_t at = base + data.size();
        if (!w) data.append(s.c_str(), s.size() + 1);
        else { std::u16string u = wide(s); data.append((const char *)u.c_str(), 2 * (u.size() + 1)); }
        return at;
    }
    void align() { data.resize((data.size() + 7) & ~(size_t)7); }
    template <class T> void put(size_t at, T v) { memcpy(&data[at], &v, sizeof v); }
    bool w; uintptr_t base;
};
uint32_t list(bool w, uint32_t *size, uint32_t *count, void *info)
{
    if (!size || !count) return 87;
    try {
        std::vector<Session> sessions = load();
        Image im(w, (uintptr_t)info);
        im.data.resize(64 * sessions.size());
        for (size_t i = 0; i < sessions.size(); i++) {
            Session &s = sessions[i];
            size_t at = 64 * i;
            im.put(at, s.a); im.put(at + 8, s.b);
            uint64_t p = im.text(s.initiator); im.put(at + 16, p);
            p = im.text(s.node); im.put(at + 24, p); im.put(at + 32, p);
            memcpy(&im.data[at + 40], s.isid, 6); memcpy(&im.data[at + 46], s.tsid, 2);
            im.put(at + 48, (uint32_t)s.connections.size());
            std::vector<uint64_t> places;
            for (Connection &c : s.connections) { places.push_back(im.text(c.from)); places.push_back(im.text(c.to)); }
            if (s.connections.empty()) continue;
            im.align();
            size_t ca = im.data.size();
            im.put(at + 56, (uint64_t)(im.base + ca));
            im.data.resize(ca + 40 * s.connections.size());
            for (size_t j = 0; j < s.connections.size(); j++, ca += 40) {
                Connection &c = s.connections[j];
                im.put(ca, c.a); im.put(ca + 8, c.b); im.put(ca + 16, places[2 * j]); im.put(ca + 24, places[2 * j + 1]);
                im.put(ca + 32, c.fromPort); im.put(ca + 34, c.toPort); memcpy(&im.data[ca + 36], c.cid, 2);
            }
        }
        *count = (uint32_t)sessions.size();
        bool fits = im.data.size() <= *size && (info || im.data.empty());
        *size = (uint32_t)im.data.size();
        if (!fits) return 122;
        if (!im.data.empty()) memcpy(info, im.data.data(), im.data.size());
        return 0;
    } catch (const Error &e) { return e.code; } catch (const std::bad_alloc &) { return 8; }
}
} // namespace
extern "C" __attribute__((visibility("default"))) uint32_t GetIScsiSessionListA(uint32_t *s, uint32_t *c, void *i) { return list(false, s, c, i); }
extern "C" __attribute__((visibility("default"))) uint32_t GetIScsiSessionListW(uint32_t *s, uint32_t *c, void *i) { return list(true, s, c, i); }
