#pragma once
// CHECK: what must hold unless our own code is wrong. Prints file, line and condition, then aborts.
// Never on bytes from outside: those give a Result.

namespace ingest {

[[noreturn]] void check_failed(const char* file, int line, const char* condition);

}  // namespace ingest

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::ingest::check_failed(__FILE__, __LINE__, #condition))
#ifdef NDEBUG
#define DCHECK(condition) static_cast<void>(0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
