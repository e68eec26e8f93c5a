#include "gateway/tls/fault.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace gateway::tls {

Fault take_fault(const char* otherwise) {
  // The last is the outermost: the others led to it.
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  Fault fault{.sentence = reason == nullptr ? otherwise : reason};
  const int number = ERR_GET_REASON(code);
  fault.plain_http = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                     (number == SSL_R_HTTP_REQUEST || number == SSL_R_HTTPS_PROXY_REQUEST);
  return fault;
}

}  // namespace gateway::tls
