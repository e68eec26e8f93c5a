#include "gateway/tls/wire.h"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>

namespace gateway::tls {
namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

int read_records(BIO* bio, char* target, std::size_t size, std::size_t* count) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  *count = std::min(size, wire.in.size());
  if (*count == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(target, wire.in.data(), *count);
  wire.in = wire.in.subspan(*count);
  return 1;
}

int write_records(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  *count = 0;
  if (wire.out->size() + size > wire.out_max) {
    BIO_set_retry_write(bio);
    return -1;
  }
  wire.out->insert(wire.out->end(), bytes, bytes + size);
  *count = size;
  return 1;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  // Flushing is the stream's business; nothing else is known here.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// The one table of functions, made once for the process and never changed.
struct Method {
  Method() : method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir wire")) {
    if (method == nullptr) return;
    BIO_meth_set_read_ex(method, read_records);
    BIO_meth_set_write_ex(method, write_records);
    BIO_meth_set_ctrl(method, control);
  }
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  ~Method() { BIO_meth_free(method); }
  BIO_METHOD* method;
};

}  // namespace

bio_st* make_bio(Wire& wire) {
  static const Method kMethod;
  if (kMethod.method == nullptr) return nullptr;
  BIO* bio = BIO_new(kMethod.method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace gateway::tls
