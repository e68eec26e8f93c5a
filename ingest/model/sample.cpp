#include "ingest/model/sample.h"

namespace ingest::model {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "counter";
    case Kind::Gauge:
      return "gauge";
    case Kind::Timer:
      return "timer";
    case Kind::Set:
      return "set";
  }
  return "";
}

}  // namespace ingest::model
